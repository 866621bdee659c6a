"""Names of curves with a piece of their line and their present value, for a card's header."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from nnplay.gui.panels.words import aligned_number
from nnplay.gui.theme import Theme
from nnplay.picture.palette import Palette

__all__ = ["CurveLegend", "curve_pen"]

SAMPLE: Final = 18.0
SPACE: Final = 10.0
GAP: Final = 4.0


@dataclass(frozen=True)
class _Form:
    """What the legend shows.

    Attributes:
        parts: names with their values.
        characters: room for a value.
        has_lines: whether each name has a piece of its line.
    """

    parts: tuple[str, ...] = ("train", "test")
    characters: int = 6
    has_lines: bool = True


FORMS: Final = (
    _Form(),
    _Form(characters=5),
    _Form(characters=5, has_lines=False),
    _Form(characters=4, has_lines=False),
    _Form(("train",), 5, has_lines=False),
    _Form(("train",), 4, has_lines=False),
)
"""From the widest to the narrowest: the names stay longest."""


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
    """``── train 0.012   -- test 0.034``; drops lines, digits and ``test`` before any name."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._values: dict[str, float] = {"train": float("nan"), "test": float("nan")}
        self._fonts = theme.ui_font(12), theme.mono_font(12)
        names, digits = (QFontMetricsF(font) for font in self._fonts)
        self._names = {part: names.horizontalAdvance(part) for part in ("train", "test")}
        self._digit = digits.horizontalAdvance("0")
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
        return QSize(math.ceil(self._form_width(FORMS[0])), 22)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 22)

    def _form_width(self, form: _Form) -> float:
        """Width of a form, whatever its numbers are."""
        digits = self._digit * form.characters + GAP
        samples = SAMPLE + GAP if form.has_lines else 0.0
        widths = [samples + self._names[part] + digits for part in form.parts]
        return sum(widths) + SPACE * (len(widths) - 1)

    @property
    def form(self) -> _Form | None:
        """What is shown at the present width; None where nothing fits."""
        fitting = (form for form in FORMS if self._form_width(form) <= self.width())
        return next(fitting, None)

    @property
    def shown_words(self) -> str:
        """What is written at the present width."""
        form = self.form
        if form is None:
            return ""
        texts = (f"{part} {self._text(part, form).strip()}" for part in form.parts)
        return "  ".join(texts)

    def _text(self, part: str, form: _Form) -> str:
        # A loss has no sign, so that no room is kept for one.
        text = aligned_number(self._values[part], min(3, form.characters - 2), form.characters + 1)
        return text.removeprefix(" ")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self._theme.palette
        form = self.form
        parts = () if form is None else form.parts
        x = self.width() - (0.0 if form is None else self._form_width(form))
        middle = self.height() / 2
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for part in parts:
            assert form is not None  # noqa: S101
            if form.has_lines:
                painter.setPen(curve_pen(palette, part))
                painter.drawLine(QLineF(x, middle, x + SAMPLE, middle))
                x += SAMPLE + GAP
            width = self._names[part] + GAP + self._digit * form.characters
            area = QRectF(x, 0, width, self.height())
            painter.setFont(self._fonts[0])
            painter.setPen(QColor(palette.secondary))
            painter.drawText(area, left, part)
            painter.setFont(self._fonts[1])
            painter.setPen(QColor(palette.text))
            painter.drawText(area, right, self._text(part, form))
            x += width + SPACE
        painter.end()
