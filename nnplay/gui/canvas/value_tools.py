"""What changes numbers on the canvas itself: wheel, small field, and the card that tells about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF
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

    def type_at(self, hit: Hit, point: QPoint | None = None) -> bool:
        """Open the field for an edge or a bias at a point of the window; False without one.

        Without a point it opens in the middle of the edge, or at the bias.
        """
        place = self._place_of(hit)
        if place is None:
            return False
        self.wheel.end()
        self._view.hovering.enter(Hit())
        return self.field.open(hit, point or self._view.navigation.to_window(place).toPoint())

    def _place_of(self, hit: Hit) -> QPointF | None:
        scene = self._view.network_scene
        topology, picture = scene.network.topology, scene.edges.picture
        if hit.edge is not None and picture is not None and topology.has_edge(*hit.edge):
            return QPointF(*picture.lines.point_on(topology.edge_slot(*hit.edge), 0.5))
        if hit.neuron is None or not hit.on_bias or hit.neuron not in scene.positions:
            return None
        has_bias = topology.bias_slots[topology.row(hit.neuron)] >= 0
        return scene.bias_of(hit.neuron) if has_bias else None

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
