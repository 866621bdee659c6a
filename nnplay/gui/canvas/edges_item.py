"""The one item that paints all edges and knows which of them is under the pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from nnplay.core.network import Network
from nnplay.picture.edges import EdgePicture
from nnplay.picture.geometry import EdgeLines
from nnplay.picture.numbers import number_places, paint_weights
from nnplay.picture.palette import Palette
from nnplay.picture.strength import DRAWN_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["EdgesItem"]

FloatArray = npt.NDArray[np.float64]
# Above this many straight lines smooth edges cost more than a frame while numbers change.
ALWAYS_SMOOTH = 1000
# A finished layer of so many lines is kept as a picture while nothing about it changes.
WORTH_CACHING = 300
# Choosing the strongest of very many edges takes a while; every so many frames is enough.
FRAMES_BETWEEN_CHOICES = 30
MOST_NUMBERS = 80


class EdgesItem(QGraphicsItem):
    """All edges of a network, below its neurons."""

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self.setZValue(0)
        self.palette = palette
        self.picture: EdgePicture | None = None
        self.shows_numbers = False
        self.downwards = False
        self._positions: FloatArray = np.empty((0, 2))
        self._number_places: FloatArray | None = None
        self._bounds = QRectF()
        self._is_busy = False
        self._frames = 0

    # ------------------------------------------------------------------ what is shown
    def place(self, network: Network, positions: FloatArray) -> None:
        """Take wiring and places of neurons, ``positions`` is ``float64[N, 2]`` in row order."""
        self.prepareGeometryChange()
        self._positions = positions
        old = self.picture
        self.picture = EdgePicture(
            EdgeLines(network.topology, positions, downwards=self.downwards), network
        )
        if old is not None and old.network.topology is network.topology:
            self.picture.chosen, self.picture.haloed = old.chosen, old.haloed
            self.picture.hovered = old.hovered
            self.picture.choose_drawn()
        self._number_places = None
        x0, y0, x1, y1 = self.picture.lines.bounds()
        self._bounds = QRectF(x0, y0, x1 - x0, y1 - y0).adjusted(-8, -8, 8, 8)
        self._choose_cache()
        self.update()

    def weigh(self, network: Network) -> None:
        """Take new numbers of the same wiring; while busy the scene has them painted."""
        if self.picture is None:
            return
        self.picture.weigh(network)
        if network.topology.edge_count > DRAWN_LIMIT:
            self._frames += 1
            if self._frames % FRAMES_BETWEEN_CHOICES == 0 or not self._is_busy:
                self.picture.choose_drawn()
        if not self._is_busy:
            self.update()

    def set_chosen(self, neuron_ids: Iterable[int], edges: Iterable[tuple[int, int]]) -> None:
        """Draw the edges of these neurons and these edges at full strength; edges get a halo."""
        if self.picture is None:
            return
        topology = self.picture.network.topology
        slots: set[int] = set()
        for neuron_id in neuron_ids:
            if neuron_id in topology:
                row = topology.row(neuron_id)
                slots.update(topology.incoming_slots[row].tolist())
                slots.update(topology.outgoing_slots[row].tolist())
        haloed = [topology.edge_slot(s, t) for s, t in edges if topology.has_edge(s, t)]
        self.picture.haloed = np.array(sorted(haloed), dtype=np.int64)
        self.picture.chosen = np.array(sorted(slots.union(haloed)), dtype=np.int64)
        self.picture.choose_drawn()
        self.update()

    def set_hovered(self, slot: int | None) -> None:
        """Mark the edge under the pointer."""
        if self.picture is not None and self.picture.hovered != slot:
            self.picture.hovered = slot
            self.update()

    @property
    def is_busy(self) -> bool:
        """Whether numbers or places change all the time."""
        return self._is_busy

    def set_busy(self, is_busy: bool) -> None:
        """Say whether numbers or places change all the time, so that speed matters most."""
        if is_busy != self._is_busy:
            self._is_busy = is_busy
            if self.picture is not None and not is_busy:
                self.picture.choose_drawn()
            self._choose_cache()
            self.update()

    def set_palette(self, palette: Palette) -> None:
        """Repaint in other colours."""
        self.palette = palette
        self.update()

    def set_shows_numbers(self, shows: bool) -> None:
        """Write the weights on the edges, as long as there are not too many."""
        self.shows_numbers = shows
        self.update()

    def _choose_cache(self) -> None:
        # The cached picture pays off at rest, when only neurons and cards change above it.
        many = self.picture is not None and self.picture.drawn.size > WORTH_CACHING
        mode = (
            QGraphicsItem.CacheMode.DeviceCoordinateCache
            if many and not self._is_busy
            else QGraphicsItem.CacheMode.NoCache
        )
        if self.cacheMode() != mode:
            self.setCacheMode(mode)

    # ------------------------------------------------------------------ asking
    def hit(self, x: float, y: float, reach: float) -> int | None:
        """Slot of the edge at a point of the scene, ``reach`` in scene pixels."""
        return None if self.picture is None else self.picture.hit(x, y, reach)

    @property
    def hidden_count(self) -> int:
        """Number of edges left out because there are too many to see."""
        if self.picture is None:
            return 0
        return len(self.picture.lines) - int(self.picture.drawn.size)

    # ------------------------------------------------------------------ Qt
    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        picture = self.picture
        if picture is None or not len(picture.lines):
            return
        smooth = picture.drawn.size <= ALWAYS_SMOOTH or not self._is_busy
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, smooth)
        picture.paint(painter, self.palette)
        if self.shows_numbers and picture.drawn.size <= MOST_NUMBERS:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            if self._number_places is None:
                self._number_places = number_places(picture.lines, self._positions, picture.drawn)
            paint_weights(
                painter, self.palette, picture.network, picture.drawn, self._number_places
            )
