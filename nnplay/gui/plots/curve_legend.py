"""Names of curves with a piece of their line and their present value, for a card's header."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from nnplay.gui.panels.words import aligned_number
from nnplay.gui.theme import Theme
from nnplay.picture.palette import Palette

__all__ = ["CurveLegend", "curve_pen"]

SAMPLE: Final = 18.0
SPACE: Final = 14.0
VALUE_CHARACTERS: Final = 7


def curve_pen(palette: Palette, part: str) -> QPen:
    """How the curve of a part is drawn: ``train`` solid, ``test`` dashed, neither blue nor orange.

    Blue and orange mean the sign of a number everywhere else.
    """
    if part == "train":
        return QPen(QColor(palette.text), 2.0)
    pen = QPen(QColor(palette.secondary), 2.0)
    pen.setDashPattern([4.0, 2.5])
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


class CurveLegend(QWidget):
    """``── train 0.012   -- test 0.034``; drops the names where there is little room."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._values: dict[str, float] = {"train": float("nan"), "test": float("nan")}
        self._fonts = theme.ui_font(12), theme.mono_font(12)
        names, digits = (QFontMetricsF(font) for font in self._fonts)
        self._name_width = names.horizontalAdvance("train") + 4.0
        self._digits_width = digits.horizontalAdvance("0") * VALUE_CHARACTERS
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Loss now")
        self.setToolTip("Loss on the training and on the test part, as it is now")
        theme.changed.connect(self.update)

    def set_values(self, train: float, test: float) -> None:
        """Show present losses; NaN is a dash."""
        values = {"train": train, "test": test}
        # NaN is unlike itself, so that texts are compared.
        if self._texts(values) != self._texts(self._values):
            self._values = values
            train_text, test_text = self.texts
            self.setAccessibleDescription(f"train {train_text}, test {test_text}")
            self.update()

    @property
    def texts(self) -> tuple[str, str]:
        """The two values as written."""
        train, test = self._texts(self._values)
        return train.strip(), test.strip()

    def _texts(self, values: dict[str, float]) -> tuple[str, str]:
        return aligned_number(values["train"]), aligned_number(values["test"])

    def sizeHint(self) -> QSize:
        return QSize(round(self._entry_width(True) * 2 + SPACE), 22)

    def minimumSizeHint(self) -> QSize:
        return QSize(round(self._entry_width(False) * 2 + SPACE / 2), 22)

    def _entry_width(self, named: bool) -> float:
        return SAMPLE + 5.0 + self._digits_width + (self._name_width if named else 0.0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self._theme.palette
        named = self.width() >= self._entry_width(True) * 2 + SPACE - 1
        space = SPACE if named else SPACE / 2
        step = self._entry_width(named) + space
        x = self.width() - 2 * step + space
        middle = self.height() / 2
        for name, text in zip(("train", "test"), self._texts(self._values), strict=True):
            painter.setPen(curve_pen(palette, name))
            painter.drawLine(QLineF(x, middle, x + SAMPLE, middle))
            area = QRectF(x + SAMPLE + 5.0, 0, step - space - SAMPLE - 5.0, self.height())
            if named:
                painter.setFont(self._fonts[0])
                painter.setPen(QColor(palette.secondary))
                painter.drawText(
                    area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name
                )
            painter.setFont(self._fonts[1])
            painter.setPen(QColor(palette.text))
            painter.drawText(
                area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text
            )
            x += step
        painter.end()
