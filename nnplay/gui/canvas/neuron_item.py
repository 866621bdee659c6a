"""One neuron on the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from nnplay.picture.geometry import HALF
from nnplay.picture.neurons import LabelPlace, NeuronLook

if TYPE_CHECKING:
    from nnplay.gui.canvas.scene import NetworkScene

__all__ = ["NeuronItem"]

TIGHT = QRectF(-HALF - 20, -HALF - 20, 2 * HALF + 40, 2 * HALF + 40)
TALL = TIGHT.adjusted(-6, -10, 10, 10)
WIDE = TIGHT.adjusted(-250, 0, 250, 0)


class NeuronItem(QGraphicsItem):
    """Stands at its neuron's centre and paints its look; what it looks like is the scene's job."""

    def __init__(self, scene: NetworkScene, neuron_id: int, look: NeuronLook) -> None:
        super().__init__()
        self.setZValue(1)
        self.neuron_id = neuron_id
        self.look = look
        self._scene = scene

    def take(self, look: NeuronLook, *, keeps_image: bool) -> None:
        """Take what an edit changes in the look of the same neuron; numbers and states stay."""
        old = self.look
        look.value, look.place = old.value, old.place
        look.share, look.starts_at_low = old.share, old.starts_at_low
        look.image = old.image if keeps_image else None
        look.selected, look.hovered, look.shows_port = old.selected, old.hovered, old.shows_port
        look.welcome, look.is_known = old.welcome, old.is_known
        look.badge, look.text, look.band = old.badge, old.text, old.band
        if look == old:
            return
        if look.label_place is not old.label_place or look.downwards != old.downwards:
            self.prepareGeometryChange()
        self.look = look
        self.update()

    def boundingRect(self) -> QRectF:
        if self.look.label_place in (LabelPlace.LEFT, LabelPlace.RIGHT):
            return WIDE
        return TALL if self.look.downwards else TIGHT

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        self._scene.neuron_painter.paint(painter, self.look, painter.worldTransform().m11())
