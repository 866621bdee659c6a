"""What changes numbers on the canvas itself: wheel, small field, and the card that tells about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtGui import QWheelEvent

from nnplay.gui.canvas.scene import Hit
from nnplay.gui.canvas.value_drag import ValueWheel
from nnplay.gui.canvas.value_field import ValueField
from nnplay.gui.canvas.what_if import WhatIf

if TYPE_CHECKING:
    from nnplay.gui.canvas.view import CanvasView

__all__ = ["ValueTools"]


class ValueTools:
    """Kept by the canvas; anything that moves what is shown ends what is under way."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self.what_if = WhatIf(view.session, view.theme, view)
        self.wheel = ValueWheel(view.session, self.what_if, view)
        self.field = ValueField(view.session, view)
        view.view_moved.connect(self.field.close_up)
        view.presenter.moved.connect(self.field.close_up)
        view.presenter.replaced.connect(self.give_up)
        view.presenter.rebuilt.connect(self._rebuilt)

    def turn_wheel(self, event: QWheelEvent, hit: Hit) -> bool:
        """Let the wheel change the value at the pointer; False if it means something else there."""
        if not self.wheel.means(hit, event.modifiers()):
            self.wheel.end()
            return False
        self._view.hovering.card.hide()
        self.wheel.turn(event, hit, event.position().toPoint())
        return True

    def type_at(self, hit: Hit, point: QPoint) -> bool:
        """Open the field for the edge or bias at a point of the window; False without one."""
        if hit.edge is None and not hit.on_bias:
            return False
        self.wheel.end()
        self._view.hovering.enter(Hit())
        return self.field.open(hit, point)

    def pointer_pressed(self) -> None:
        """A click elsewhere ends a burst of the wheel and takes what is typed."""
        self.wheel.end()

    def escape(self) -> bool:
        """Take back what the wheel is doing; False if it does nothing."""
        if not self.wheel.is_turning:
            return False
        self.wheel.cancel()
        return True

    def give_up(self) -> None:
        """Another document is shown."""
        self.wheel.end()
        self.field.close_up()

    def _rebuilt(self, other_wiring: bool) -> None:
        if other_wiring:
            self.give_up()
