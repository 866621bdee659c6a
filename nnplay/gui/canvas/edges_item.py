"""The one item that paints all edges and knows which of them is under the pointer.

Few edges are lines. Very many, or those of a network that is far away, are heat maps between the
layers; then only the edges of what is selected or under the pointer are lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from nnplay.core.network import Network
from nnplay.gui.canvas.still_edges import StillEdges
from nnplay.picture.edges import EdgePicture
from nnplay.picture.geometry import EdgeLines
from nnplay.picture.numbers import number_places, paint_weights
from nnplay.picture.palette import Palette
from nnplay.picture.strength import DRAWN_LIMIT, SMALLEST_SCALE
from nnplay.picture.weight_maps import WeightMaps, shows_maps

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["EdgesItem"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
# Above this many straight lines smooth edges cost more than a frame while numbers change.
ALWAYS_SMOOTH = 1000
# A finished layer of so many lines is kept as a picture while nothing about it changes.
WORTH_CACHING = 300
# Choosing the strongest of very many edges takes a while; every so many frames is enough.
FRAMES_BETWEEN_CHOICES = 30
MOST_NUMBERS = 80
NONE: IntArray = np.empty(0, dtype=np.int64)


class EdgesItem(QGraphicsItem):
    """All edges of a network, below its neurons."""

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self.setZValue(0)
        self.palette = palette
        self.picture: EdgePicture | None = None
        self.shows_numbers = False
        self.downwards = False
        self.weakest_share = 0.0
        self.is_hasty = False  # the view is zooming: smooth lines follow when it stands still
        self.zoom = 1.0
        self._maps: WeightMaps | None = None
        self._positions: FloatArray = np.empty((0, 2))
        self._halves: FloatArray | None = None
        self._number_places: FloatArray | None = None
        self._bounds = QRectF()
        self._is_busy = False
        self._frames = 0
        self._still = StillEdges()
        self._taken: IntArray = NONE
        self._least = SMALLEST_SCALE

    # ------------------------------------------------------------------ what is shown
    def place(
        self, network: Network, positions: FloatArray, halves: FloatArray | None = None
    ) -> None:
        """Take wiring and places of neurons, ``positions`` is ``float64[N, 2]`` in row order.

        ``halves`` is half the size of every neuron where they are not all tiles.
        """
        self.prepareGeometryChange()
        lines = EdgeLines(network.topology, positions, downwards=self.downwards, halves=halves)
        picture = self.picture
        if picture is not None and picture.network.topology is network.topology:
            self._note_moved(positions)
            picture.place(lines)
            if picture.network is not network:
                picture.weigh(network)
                self._forget_numbers()
        else:
            self._still.end()
            self._maps = None
            self.picture = EdgePicture(
                lines,
                network,
                weakest_share=self.weakest_share,
                only_chosen=shows_maps(len(lines), self.zoom),
                least=self._least,
            )
        self._positions, self._halves = positions, halves
        self._number_places = None
        if self._maps is not None:
            self._place_maps(self._maps)
        self._choose_drawing(anew=self.picture is not picture)
        self._measure()
        self.update()

    def _note_moved(self, positions: FloatArray) -> None:
        if self._is_busy and len(positions) == len(self._positions):
            self._still.note_moved(self._positions, positions)
        else:
            self._still.end()

    def _measure(self) -> None:
        assert self.picture is not None  # noqa: S101
        x0, y0, x1, y1 = self.picture.lines.bounds()
        self._bounds = QRectF(x0, y0, x1 - x0, y1 - y0).adjusted(-8, -8, 8, 8)
        if self._maps is not None:
            self._bounds = self._bounds.united(self._maps.bounds())

    def weigh(self, network: Network) -> None:
        """Take new numbers of the same wiring; while busy the scene has them painted."""
        if self.picture is None:
            return
        self.picture.weigh(network)
        self._forget_numbers()
        if network.topology.edge_count > DRAWN_LIMIT or self.weakest_share > 0.0:
            self._frames += 1
            often = network.topology.edge_count <= DRAWN_LIMIT
            if often or self._frames % FRAMES_BETWEEN_CHOICES == 0 or not self._is_busy:
                self.picture.choose_drawn()
        if not self._is_busy:
            self.update()

    def set_least(self, least: float = SMALLEST_SCALE) -> None:
        """The smallest number that can be drawn at full strength; smaller for other numbers
        than weights, which are then written with more digits.
        """
        self._least = least
        if self.picture is not None:
            self.picture.least = least

    def _forget_numbers(self) -> None:
        self._still.forget()
        if self._maps is not None:
            self._maps.forget()

    def set_chosen(self, neuron_ids: Iterable[int], edges: Iterable[tuple[int, int]]) -> None:
        """Draw the edges of these neurons and these edges at full strength; edges get a halo."""
        if self.picture is None:
            return
        topology = self.picture.network.topology
        slots = [NONE]
        for neuron_id in neuron_ids:
            if neuron_id in topology:
                row = topology.row(neuron_id)
                slots += [topology.incoming_slots[row], topology.outgoing_slots[row]]
        haloed = [topology.edge_slot(s, t) for s, t in edges if topology.has_edge(s, t)]
        self.picture.haloed = np.array(sorted(haloed), dtype=np.int64)
        self.picture.chosen = np.unique(np.concatenate([*slots, self.picture.haloed]))
        self._redraw()

    def set_hovered(self, slot: int | None) -> None:
        """Mark the edge under the pointer."""
        if self.picture is not None and self.picture.hovered != slot:
            self.picture.hovered = slot
            if self.picture.only_chosen:
                self.picture.choose_drawn()
            self._still.forget()
            self.update()

    def set_own(self, row: int | None) -> None:
        """Show all edges of the neuron under the pointer where not all edges are drawn."""
        picture = self.picture
        if picture is None:
            return
        slots = NONE
        if row is not None and (self.shows_maps or self.hidden_count):
            topology = picture.network.topology
            slots = np.union1d(topology.incoming_slots[row], topology.outgoing_slots[row])
        if slots.size or picture.own.size:
            picture.own = slots
            self._redraw()

    def set_weakest_share(self, share: float) -> None:
        """Leave out a share (0 … 1) of all edges, those with the smallest weights."""
        self.weakest_share = share
        if self.picture is not None:
            self.picture.weakest_share = share
            self._forget_numbers()
            self._redraw()

    def _redraw(self) -> None:
        assert self.picture is not None  # noqa: S101
        self.picture.choose_drawn()
        self._number_places = None
        self._still.forget()
        self._choose_cache()
        self.update()

    @property
    def is_busy(self) -> bool:
        """Whether numbers or places change all the time."""
        return self._is_busy

    def set_busy(self, is_busy: bool) -> None:
        """Say whether numbers or places change all the time, so that speed matters most."""
        if is_busy != self._is_busy:
            self._is_busy = is_busy
            self._still.end()
            if self.picture is not None and not is_busy:
                self.picture.choose_drawn()
            self._choose_cache()
            self.update()

    def set_palette(self, palette: Palette) -> None:
        """Repaint in other colours."""
        self.palette = palette
        self._forget_numbers()
        self.update()

    def set_shows_numbers(self, shows: bool) -> None:
        """Write the weights on the edges, as long as there are not too many."""
        self.shows_numbers = shows
        self.update()

    def set_taken(self, slots: IntArray) -> None:
        """Leave the weights of some edges out: something else is written there."""
        if not np.array_equal(slots, self._taken):
            self._taken = slots
            self.update()

    def places_for(self, slots: IntArray) -> FloatArray:
        """Where numbers of edges go, ``float64[len(slots), 2]``: where their weights stand."""
        if self.picture is None:
            return np.empty((0, 2))
        drawn = self.picture.drawn
        if drawn.size <= MOST_NUMBERS and np.isin(slots, drawn).all():
            if self._number_places is None:
                self._number_places = number_places(self.picture.lines, self._positions, drawn)
            order = np.argsort(drawn)
            return self._number_places[order[np.searchsorted(drawn[order], slots)]]
        return number_places(self.picture.lines, self._positions, slots)

    def set_scale(self, scale: float) -> None:
        """The view's zoom: from far away heat maps take the place of lines."""
        if scale != self.zoom:
            self.zoom = scale
            self._choose_drawing()

    def set_hasty(self, is_hasty: bool) -> None:
        """Say whether the view is zooming at this moment."""
        if is_hasty != self.is_hasty:
            self.is_hasty = is_hasty
            self._choose_cache()
            if self.picture is not None and self.picture.drawn.size > ALWAYS_SMOOTH:
                self.update()

    # ------------------------------------------------------------------ how it is drawn
    @property
    def shows_maps(self) -> bool:
        """Whether weights are shown as heat maps instead of lines."""
        return self.picture is not None and self.picture.only_chosen

    def _choose_drawing(self, anew: bool = False) -> None:
        picture = self.picture
        if picture is None:
            return
        wanted = shows_maps(len(picture.lines), self.zoom)
        if wanted and self._maps is None:
            self.prepareGeometryChange()
            self._maps = WeightMaps(picture.network)
            self._place_maps(self._maps)
            self._measure()
        if wanted != picture.only_chosen:
            picture.only_chosen = wanted
            anew = True
        if anew:
            self._redraw()
        else:
            self._choose_cache()

    def _place_maps(self, maps: WeightMaps) -> None:
        maps.place(self._positions, self._halves, downwards=self.downwards)

    def _choose_cache(self) -> None:
        # The cached picture pays off at rest, when only neurons and cards change above it.
        many = self.picture is not None and (
            self.picture.drawn.size > WORTH_CACHING or self.picture.only_chosen
        )
        mode = (
            QGraphicsItem.CacheMode.DeviceCoordinateCache
            if many and not self._is_busy and not self.is_hasty
            else QGraphicsItem.CacheMode.NoCache
        )
        if self.cacheMode() != mode:
            self.setCacheMode(mode)

    # ------------------------------------------------------------------ asking
    def hit(self, x: float, y: float, reach: float) -> int | None:
        """Slot of the edge at a point of the scene, ``reach`` in scene pixels.

        On a heat map it is the strongest edge of the cell.
        """
        picture = self.picture
        if picture is None:
            return None
        if picture.only_chosen and self._maps is not None:
            slot = self._maps.slot_at(picture.network.theta, x, y)
            if slot is not None:
                return slot
        return picture.hit(x, y, reach)

    @property
    def hidden_count(self) -> int:
        """Number of edges left out, because they are weak or because there are too many to see."""
        picture = self.picture
        if picture is None:
            return 0
        if picture.only_chosen:
            return self.weak_count
        return len(picture.lines) - int(picture.drawn.size)

    @property
    def weak_count(self) -> int:
        """Number of edges hidden because a share of the weakest is."""
        picture = self.picture
        if picture is None or picture.weakest <= 0.0:
            return 0
        return int((np.abs(picture.network.theta[: len(picture.lines)]) < picture.weakest).sum())

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
        if picture.only_chosen and self._maps is not None:
            self._maps.paint(painter, self.palette, picture.network, picture.scale, picture.weakest)
        smooth = picture.drawn.size <= ALWAYS_SMOOTH or not (self._is_busy or self.is_hasty)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, smooth)
        if picture.drawn.size > WORTH_CACHING:
            self._still.paint(painter, picture, self.palette)
        else:
            picture.paint(painter, self.palette)
        if self.shows_numbers and picture.drawn.size <= MOST_NUMBERS:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            if self._number_places is None:
                self._number_places = number_places(picture.lines, self._positions, picture.drawn)
            free = ~np.isin(picture.drawn, self._taken)
            paint_weights(
                painter,
                self.palette,
                picture.network,
                picture.drawn[free],
                self._number_places[free],
                fine=self._least < SMALLEST_SCALE,
            )
