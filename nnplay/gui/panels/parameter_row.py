"""One weight or bias in a line: name, slider, number, lock, switch."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFontMetrics, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from nnplay.gui.theme import Theme
from nnplay.gui.widgets import NumberField, SignedSlider

__all__ = ["ParameterRow", "SourceLabel", "ToggleIcon", "reach_for"]

_REACHES: Final = (1.0, 2.0, 5.0)


def reach_for(largest: float, at_least: float = 2.0) -> float:
    """A round slider limit (2, 5, 10, 20 …) that holds the largest absolute value."""
    reach, factor = at_least, 1.0
    while reach < largest and factor < 1e9:
        for step in _REACHES:
            reach = max(at_least, step * factor)
            if reach >= largest:
                break
        factor *= 10
    return reach


class ToggleIcon(QToolButton):
    """A small two-state button with one drawing per state.

    Signals:
        switched(bool): pressed by hand.
    """

    switched = Signal(bool)

    def __init__(
        self,
        theme: Theme,
        icons: tuple[str, str],
        tips: tuple[str, str],
        parent: QWidget | None = None,
        *,
        on_role: str = "secondary",
        off_role: str = "tertiary",
    ) -> None:
        """Make a button; ``icons`` and ``tips`` are for the state off and on."""
        super().__init__(parent)
        self._theme, self._icons, self._tips = theme, icons, tips
        self._roles = (off_role, on_role)
        self.setCheckable(True)
        self.setProperty("role", "flag")
        self.setFixedSize(22, 26)
        self.setIconSize(QSize(15, 15))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(self.switched)
        self.toggled.connect(self._refresh)
        theme.changed.connect(self._refresh)
        self._refresh()

    def set_on(self, on: bool) -> None:
        """Show a state without a signal."""
        self.setChecked(on)

    def set_subject(self, subject: str) -> None:
        """What the button acts on, for screen readers."""
        self.setAccessibleName(f"{self._tips[1].split('.')[0]}: {subject}")

    def _refresh(self) -> None:
        on = self.isChecked()
        self.setIcon(self._theme.icon(self._icons[on], self._roles[on], 15))
        self.setToolTip(self._tips[on])


class SourceLabel(QLabel):
    """The name of a neuron; elided when long, points at the neuron and selects it.

    Signals:
        clicked(): it was clicked. hovered(bool): the pointer came or went.
    """

    clicked = Signal()
    hovered = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", "secondary")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._full = ""
        self.is_link = True

    def set_name(self, name: str) -> None:
        """Show a name."""
        if name != self._full:
            self._full = name
            self._elide()

    def name(self) -> str:
        """The whole name."""
        return self._full

    def _elide(self) -> None:
        room = max(8, self.width())
        text = QFontMetrics(self.font()).elidedText(self._full, Qt.TextElideMode.ElideMiddle, room)
        if text != self.text():
            self.setText(text)
        click = f"{self._full}\nClick to select it." if self.is_link else self._full
        self.setToolTip(click)

    def resizeEvent(self, event: object) -> None:
        self._elide()

    def enterEvent(self, event: QEnterEvent) -> None:
        if self.is_link:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.hovered.emit(True)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        if self.is_link:
            self.hovered.emit(False)
        super().leaveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.is_link and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()


class ParameterRow(QWidget):
    """Slider and field for one parameter, with a lock and (for weights) a switch.

    Signals:
        value_changed(float, int): new value by hand, and its gesture.
        held(), released(): the slider's knob was taken, let go.
        lock_changed(bool), enabled_changed(bool): the lock or the switch was pressed.
        name_clicked(), name_hovered(bool): the name was clicked, pointed at.
    """

    value_changed = Signal(float, int)
    held = Signal()
    released = Signal()
    lock_changed = Signal(bool)
    enabled_changed = Signal(bool)
    name_clicked = Signal()
    name_hovered = Signal(bool)

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, what: str = "weight"
    ) -> None:
        super().__init__(parent)
        self._what = what
        self.slot = -1
        self.source = -1
        self._shown_slot = -1
        self.name = SourceLabel(self)
        self.slider = SignedSlider(theme, self)
        self.field = NumberField(0.0, self)
        self.field.setFixedWidth(76)
        self.lock = ToggleIcon(
            theme,
            ("unlock", "lock"),
            (
                "Trained. Click to lock: training then leaves this number alone.",
                "Locked. Training leaves this number alone; click to unlock.",
            ),
            self,
            on_role="accent",
        )
        self.switch = ToggleIcon(
            theme,
            ("eye_off", "eye"),
            (
                "Off. It counts as 0 and keeps its weight; click to switch it on.",
                "On. Click to switch the connection off without losing its weight.",
            ),
            self,
            on_role="tertiary",
            off_role="warn",
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.name, 5)
        layout.addWidget(self.slider, 6)
        layout.addSpacing(4)
        layout.addWidget(self.field)
        layout.addWidget(self.lock)
        layout.addWidget(self.switch)
        self.slider.value_changed.connect(self._slid)
        self.slider.held.connect(self.held)
        self.slider.released.connect(self.released)
        self.field.value_changed.connect(self._typed)
        self.lock.switched.connect(self.lock_changed)
        self.switch.switched.connect(self.enabled_changed)
        self.name.clicked.connect(self.name_clicked)
        self.name.hovered.connect(self.name_hovered)
        if what == "bias":
            self.name.is_link = False
            self.switch.hide()
            keep = self.switch.sizePolicy()
            keep.setRetainSizeWhenHidden(True)
            self.switch.setSizePolicy(keep)

    def show_parameter(
        self, name: str, value: float, *, frozen: bool, enabled: bool = True, hint: str = ""
    ) -> None:
        """Show a parameter; what is being typed or dragged stays as it is."""
        if name != self.name.name():
            self.name.set_name(name)
            subject = "bias" if self._what == "bias" else f"weight from {name}"
            self.slider.setAccessibleName(f"Slider: {subject}")
            self.field.setAccessibleName(subject.capitalize())
            self.lock.set_subject(subject)
            self.switch.set_subject(subject)
        self.slider.set_value(value)
        # The number of another parameter may not stay just because the cursor is in the field.
        another = self.slot != self._shown_slot and not self.field.is_being_typed()
        self._shown_slot = self.slot
        self.field.set_value(value, force=another)
        self.field.set_hint(hint or "Type a number such as 0.5, 0,5 or 1/4.")
        self.lock.set_on(frozen)
        self.switch.set_on(enabled)
        self.slider.setEnabled(enabled)

    def set_reach(self, limit: float) -> None:
        """Largest value of the slider."""
        self.slider.set_limit(limit)

    def is_held(self) -> bool:
        """Whether the slider's knob is held."""
        return self.slider.is_held()

    def _slid(self, value: float, gesture: int) -> None:
        self.field.set_value(value, force=True)
        self.value_changed.emit(value, gesture)

    def _typed(self, value: float, gesture: int) -> None:
        self.slider.set_value(value)
        self.value_changed.emit(value, gesture)
