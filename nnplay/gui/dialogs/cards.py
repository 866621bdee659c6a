"""Cards to choose from: painted buttons, and a grid through which arrow keys walk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QWidget

from nnplay.gui.theme import Theme

__all__ = ["ButtonGrid", "CardButton"]

RADIUS: Final = 9.0
_ARROWS: Final = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class CardButton(QAbstractButton):
    """A painted button in a frame that shows whether it is hovered, focused, pressed or chosen."""

    def __init__(
        self, theme: Theme, title: str, description: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.theme = theme
        self.description = description
        self.setText(title)
        self.setAccessibleName(title)
        self.setAccessibleDescription(description)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self.paint_ground(painter)
        self.paint_content(painter)
        self.paint_frame(painter)
        painter.end()

    def paint_ground(self, painter: QPainter) -> None:
        """The surface of the card."""
        palette = self.theme.palette
        role = "hover" if self.underMouse() and not self.isDown() else "card"
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.colour(role))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS, RADIUS)

    def paint_content(self, painter: QPainter) -> None:
        """What the card shows."""

    def paint_frame(self, painter: QPainter) -> None:
        """The outline: accent when chosen, a thicker one when the keyboard is here."""
        palette = self.theme.palette
        pen = QPen(palette.colour("border"), 1.0)
        if self.hasFocus():
            pen = QPen(palette.colour("accent"), 2.0)
        elif self.isChecked():
            pen = QPen(palette.colour("accent"), 1.5)
        elif self.underMouse():
            pen = QPen(palette.colour("border_strong"), 1.0)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        if self.hasFocus() and self.isChecked():
            halo = QColor(palette.accent)
            halo.setAlphaF(0.35)
            painter.setPen(QPen(halo, 1.5))
            box = QRectF(self.rect()).adjusted(3, 3, -3, -3)
            painter.drawRoundedRect(box, RADIUS - 2, RADIUS - 2)


class ButtonGrid(QWidget):
    """Buttons in columns of equal width. The Tab key stops here once, arrow keys go on."""

    def __init__(self, columns: int, parent: QWidget | None = None, *, spacing: int = 12) -> None:
        super().__init__(parent)
        self._columns = columns
        self._buttons: list[QAbstractButton] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(spacing)
        for column in range(columns):
            self._grid.setColumnStretch(column, 1)

    @property
    def buttons(self) -> Sequence[QAbstractButton]:
        """All buttons in reading order."""
        return tuple(self._buttons)

    def add(self, button: QAbstractButton, line: int | None = None) -> None:
        """Put a button at the end, or at the start of a given line of the grid."""
        place = len(self._buttons)
        self._buttons.append(button)
        row, column = divmod(place, self._columns) if line is None else (line, 0)
        self._grid.addWidget(button, row, column)
        button.installEventFilter(self)
        is_first = place == 0
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus if is_first else Qt.FocusPolicy.ClickFocus)

    def set_entry(self, entry: QAbstractButton) -> None:
        """Let the Tab key stop at this button."""
        for button in self._buttons:
            is_entry = button is entry
            button.setFocusPolicy(
                Qt.FocusPolicy.StrongFocus if is_entry else Qt.FocusPolicy.ClickFocus
            )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(watched, QAbstractButton) and watched in self._buttons:
            if event.type() == QEvent.Type.FocusIn:
                self.set_entry(watched)
            elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
                return self._walk(watched, event)
        return super().eventFilter(watched, event)

    def _walk(self, button: QAbstractButton, event: QKeyEvent) -> bool:
        place, last = self._buttons.index(button), len(self._buttons) - 1
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Home:
            place = 0
        elif key == Qt.Key.Key_End:
            place = last
        elif key in _ARROWS:
            right, down = _ARROWS[key]
            place += right + down * self._columns
        else:
            return False
        if 0 <= place <= last:
            self._buttons[place].setFocus(Qt.FocusReason.OtherFocusReason)
            self.arrived(self._buttons[place])
        return True

    def arrived(self, button: QAbstractButton) -> None:
        """The arrow keys came to a button; grids where walking chooses override this."""
