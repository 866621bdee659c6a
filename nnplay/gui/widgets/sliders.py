"""Sliders: one for signed numbers with zero in the middle, one for amounts."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractSlider,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QStyle,
    QStyleOptionSlider,
    QVBoxLayout,
    QWidget,
)

from nnplay.gui.theme import Theme
from nnplay.gui.widgets.gesture import Burst, new_gesture
from nnplay.gui.widgets.number_field import number_text
from nnplay.picture.fonts import mono_font
from nnplay.picture.palette import blend

__all__ = ["JumpSlider", "PlainSlider", "SignedSlider"]

_TICKS: Final = 1000
_KNOB: Final = 5.5


class SignedSlider(QAbstractSlider):
    """A number between −limit and +limit; the bar from zero shows its size and, by hue, its sign.

    Dragging far from the bar does not change the speed; Shift makes it ten times finer. A double
    click sets zero. While the knob is held, values from outside are not shown.

    Signals:
        value_changed(float, int): value by hand, and the gesture it belongs to.
        held(): the knob was taken. released(): it was let go.
    """

    value_changed = Signal(float, int)
    held = Signal()
    released = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, limit: float = 2.0) -> None:
        super().__init__(parent)
        self._theme = theme
        self._limit = limit
        self._number = 0.0
        self._gesture = 0
        self._burst = Burst()
        self._anchor: tuple[float, float] | None = None
        self._hovered = False
        self.setRange(-_TICKS, _TICKS)
        self.setSingleStep(_TICKS // 50)
        self.setPageStep(_TICKS // 5)
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.valueChanged.connect(self._moved_by_assistant)
        theme.changed.connect(self.update)

    # ------------------------------------------------------------------ value
    def number(self) -> float:
        """The value shown; it may lie beyond the limit, the knob then stands at the end."""
        return self._number

    def set_value(self, value: float) -> None:
        """Show another value without a signal; ignored while the knob is held by hand."""
        if self._anchor is None:
            self._show(value)

    def limit(self) -> float:
        """The largest value the slider reaches."""
        return self._limit

    def set_limit(self, limit: float) -> None:
        """Change the reach, for example so that all weights of a neuron share a scale."""
        if limit > 0 and math.isfinite(limit) and limit != self._limit:
            self._limit = limit
            self._show(self._number)

    def is_held(self) -> bool:
        """Whether the knob is held with the mouse."""
        return self._anchor is not None

    def _show(self, value: float) -> None:
        self._number = float(value)
        share = value / self._limit if math.isfinite(value) else 0.0
        with QSignalBlocker(self):
            self.setValue(round(_TICKS * min(1.0, max(-1.0, share))))
        self.update()

    def _change(self, value: float, gesture: int) -> None:
        value = min(self._limit, max(-self._limit, value))
        if value != self._number:
            self._show(value)
            self.value_changed.emit(value, gesture)

    def _moved_by_assistant(self, ticks: int) -> None:
        self._number = ticks / _TICKS * self._limit
        self.update()
        self.value_changed.emit(self._number, new_gesture())

    # ------------------------------------------------------------------ mouse and keys
    def _reach(self) -> float:
        return max(1.0, self.width() / 2 - _KNOB - 2)

    def _number_at(self, x: float) -> float:
        return (x - self.width() / 2) / self._reach() * self._limit

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._gesture = new_gesture()
        x = event.position().x()
        self._anchor = (x, self._number)
        self.held.emit()
        if abs(x - self._knob_x()) > _KNOB + 3:
            value = self._rounded(self._number_at(x))
            self._anchor = (x, value)
            self._change(value, self._gesture)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._anchor is None:
            return
        x, start = self._anchor
        scale = 0.1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
        moved = (event.position().x() - x) / self._reach() * self._limit * scale
        self._change(self._rounded(start + moved), self._gesture)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._anchor is not None and event.button() == Qt.MouseButton.LeftButton:
            self._let_go()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._change(0.0, new_gesture())

    def _let_go(self) -> None:
        if self._anchor is not None:
            self._anchor = None
            self.released.emit()
            self.update()

    def _rounded(self, value: float) -> float:
        # One pixel is the finest meaningful step: drop the digits below it.
        digits = max(0, 2 - math.floor(math.log10(self._limit)))
        return round(value, digits + 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        fine = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        step = self._limit / (500 if fine else 50)
        moves = {
            Qt.Key.Key_Left: -step,
            Qt.Key.Key_Down: -step,
            Qt.Key.Key_Right: step,
            Qt.Key.Key_Up: step,
            Qt.Key.Key_PageDown: -10 * step,
            Qt.Key.Key_PageUp: 10 * step,
        }
        key = Qt.Key(event.key())
        if key in moves:
            self._change(round(self._number + moves[key], 9), self._burst.next())
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            end = self._limit if key == Qt.Key.Key_End else -self._limit
            self._change(end, self._burst.next())
        else:
            event.ignore()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus() or not event.angleDelta().y():
            event.ignore()
            return
        step = math.copysign(self._limit / 50, event.angleDelta().y())
        self._change(round(self._number + step, 9), self._burst.next())
        event.accept()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._let_go()
        self._burst.end()
        super().focusOutEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hovered = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: object) -> None:
        self._hovered = False
        self.update()

    # ------------------------------------------------------------------ painting
    def sizeHint(self) -> QSize:
        return QSize(96, 22)

    def minimumSizeHint(self) -> QSize:
        return QSize(56, 20)

    def _knob_x(self) -> float:
        share = self._number / self._limit if math.isfinite(self._number) else 0.0
        return self.width() / 2 + self._reach() * min(1.0, max(-1.0, share))

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = self._theme.palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle, centre, knob = self.height() / 2, self.width() / 2, self._knob_x()
        groove = blend(palette.border, palette.border_strong, 0.5)
        painter.setBrush(QColor(groove))
        painter.drawRoundedRect(QRectF(2, middle - 2, self.width() - 4, 4), 2, 2)
        role = "positive" if self._number >= 0 else "negative"
        colour = palette.colour(role) if self.isEnabled() else palette.colour("border_strong")
        painter.setBrush(colour)
        left, right = min(centre, knob), max(centre, knob)
        painter.drawRoundedRect(QRectF(left, middle - 2, right - left, 4), 2, 2)
        painter.setBrush(palette.colour("tertiary"))
        painter.drawRect(QRectF(centre - 0.5, middle - 5, 1, 10))
        radius = _KNOB if self._hovered or self._anchor or self.hasFocus() else _KNOB - 1
        ring = "accent" if self.hasFocus() else "panel"
        painter.setPen(QPen(palette.colour(ring), 2))
        painter.drawEllipse(QPointF(knob, middle), radius + 1, radius + 1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(knob, middle), radius, radius)


class JumpSlider(QSlider):
    """A slider whose knob jumps to where it is clicked, and that lets a panel scroll past it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        style = self.style()
        handle = style.subControlRect(
            QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, self
        )
        if event.button() == Qt.MouseButton.LeftButton and not handle.contains(
            event.position().toPoint()
        ):
            room = self.width() - handle.width()
            x = round(event.position().x() - handle.width() / 2)
            self.setSliderDown(True)
            self.setSliderPosition(
                QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), x, room)
            )
            self.setSliderDown(False)
        super().mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class PlainSlider(QWidget):
    """A label, the value as text, and a slider over whole numbers below them.

    Signals:
        value_changed(int, int): value by hand, and the gesture it belongs to.
    """

    value_changed = Signal(int, int)

    def __init__(
        self,
        label: str,
        minimum: int,
        maximum: int,
        value: int | None = None,
        parent: QWidget | None = None,
        *,
        step: int = 1,
        value_text: Callable[[int], str] = str,
        snap: Callable[[int], int] | None = None,
    ) -> None:
        """Make a slider.

        Args:
            label: what the number is; also the accessible name.
            minimum: smallest number.
            maximum: largest number.
            value: number shown at first; the minimum when None.
            parent: Qt parent.
            step: numbers are multiples of it above the minimum.
            value_text: how a value is written, for example ``"50 %"``.
            snap: the number a hand gets for the place of the knob, such as the next round one.
        """
        super().__init__(parent)
        self._step = max(1, step)
        self._minimum = minimum
        self._value_text = value_text
        self._snap = snap
        self._gesture: int | None = None
        self._burst = Burst()
        self.slider = JumpSlider(self)
        self.slider.setRange(0, (maximum - minimum) // self._step)
        self.slider.setPageStep(max(1, self.slider.maximum() // 10))
        self.slider.setAccessibleName(label)
        self.label = QLabel(label, self)
        self.label.setProperty("role", "secondary")
        self.label.setBuddy(self.slider)
        self.value_label = QLabel(self)
        self.value_label.setFont(mono_font(12))
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.addWidget(self.label)
        top.addStretch(1)
        top.addWidget(self.value_label)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(top)
        layout.addWidget(self.slider)
        self.slider.sliderPressed.connect(self._pressed)
        self.slider.sliderReleased.connect(self._released)
        self.slider.valueChanged.connect(self._moved)
        self.set_value(minimum if value is None else value)

    def value(self) -> int:
        """The value shown."""
        return self._minimum + self.slider.value() * self._step

    def set_value(self, value: int) -> None:
        """Show another value without a signal; ignored while the knob is held by hand."""
        if self.slider.isSliderDown():
            return
        with QSignalBlocker(self.slider):
            self.slider.setValue(round((value - self._minimum) / self._step))
        self._show_text(value)

    def set_range(self, minimum: int, maximum: int) -> None:
        """Change the inclusive range, without a signal."""
        value = self.value()
        self._minimum = minimum
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, (maximum - minimum) // self._step)
        self.set_value(min(max(value, minimum), maximum))

    def _show_text(self, value: int) -> None:
        self.value_label.setText(self._value_text(value))

    def _pressed(self) -> None:
        self._gesture = new_gesture()

    def _released(self) -> None:
        self._gesture = None
        self.set_value(self._snapped())

    def _snapped(self) -> int:
        return self.value() if self._snap is None else self._snap(self.value())

    def _moved(self) -> None:
        value = self._snapped()
        self.set_value(value)
        self._show_text(value)
        gesture = self._gesture if self._gesture is not None else self._burst.next()
        self.value_changed.emit(value, gesture)


def percent_text(value: int) -> str:
    """``50 %``, the way the sliders write it."""
    return f"{number_text(value, 0)} %"
