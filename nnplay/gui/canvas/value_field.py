"""A small field at a connection or a bias, to type its value where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

from nnplay.gui.canvas.scene import Hit
from nnplay.gui.panels.words import neuron_label
from nnplay.gui.widgets import NumberField

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["ValueField"]

WIDTH: Final = 92


class ValueField(NumberField):
    """Return takes what is typed, Esc leaves everything as it was, a click elsewhere takes it.

    Fractions and a decimal comma are understood, as in every field for numbers.
    """

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(0.0, window, decimals=4)
        self._session, self._window = session, window
        self._hit = Hit()
        self._topology = session.network.topology
        self.setObjectName("value_field")
        self.setFixedWidth(WIDTH)
        self.hide()
        self.value_changed.connect(self._take_value)

    def open(self, hit: Hit, point: QPoint) -> bool:
        """Show the value of an edge or a bias around a point of the window; False without one."""
        network = self._session.network
        if hit.edge is not None:
            source, target = (neuron_label(network, i) for i in hit.edge)
            words = f"Weight from {source} to {target}"
            value = network.edge(*hit.edge).weight
        elif hit.neuron is not None and hit.on_bias:
            words = f"Bias of {neuron_label(network, hit.neuron)}"
            value = network.neuron(hit.neuron).bias or 0.0
        else:
            return False
        self._hit, self._topology = hit, network.topology
        self.setAccessibleName(words)
        self.set_hint(f"{words}: a number such as 0.5, 0,5 or 1/4. Return takes it, Esc does not.")
        self.set_value(value, force=True)
        self.adjustSize()
        room = self._window.rect().adjusted(4, 4, -4, -4)
        x = min(max(room.left(), point.x() - self.width() // 2), room.right() - self.width())
        y = min(max(room.top(), point.y() - self.height() // 2), room.bottom() - self.height())
        self.move(x, y)
        self.raise_()
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.selectAll()
        return True

    def close_up(self) -> None:
        """Go away without taking anything."""
        if not self.isVisible():
            return
        self.set_value(self.value(), force=True)
        if self.hasFocus():
            self._window.setFocus()  # first: a hidden field would pass the keyboard on, as Tab does
        self.hide()

    def _take_value(self, value: float, gesture: int) -> None:
        if self._session.network.topology is not self._topology:
            return
        hit = self._hit
        if hit.edge is not None:
            self._session.set_weight(*hit.edge, value)
        elif hit.neuron is not None:
            self._session.set_bias(hit.neuron, value)

    # ------------------------------------------------------------------ Qt
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            event.accept()
            self.close_up()
            return
        super().keyPressEvent(event)
        is_return = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_return and not self.property("invalid"):
            self.close_up()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.hide()
