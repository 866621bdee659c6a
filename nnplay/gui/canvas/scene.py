"""The scene: a network's neurons and edges as items, kept in step with the network shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QRectF, QTimer
from PySide6.QtWidgets import QGraphicsItem

from nnplay.core.ailments import Severity
from nnplay.core.network import Network
from nnplay.gui.canvas.neuron_item import NeuronItem
from nnplay.gui.canvas.neuron_numbers import NeuronNumbers
from nnplay.gui.canvas.placed_scene import Hit, PlacedScene
from nnplay.picture.arrange import arrange, position_array
from nnplay.picture.looks import make_looks, map_scales, set_biases, set_maps, set_values
from nnplay.picture.neurons import NeuronLook, NeuronPainter, Welcome
from nnplay.picture.palette import Palette
from nnplay.picture.scales import ValueScale, scale_for

__all__ = ["Hit", "NetworkScene"]

Position = tuple[float, float]
# Pixels around the network for what is drawn across its outline.
AROUND = 4
# Milliseconds that new maps wait for new numbers, to be painted together.
MAPS_WAIT = 30
# Beside outputs and above neurons, for the numbers of a calculation by hand.
LOSS_ROOM = 116
ABOVE = 12
# More tiles than this are kept as pictures while nothing about them changes.
MANY_TILES = 60


class NetworkScene(PlacedScene):
    """Shows one network. It is told what to show and changes nothing by itself."""

    def __init__(self, palette: Palette, parent: QObject | None = None) -> None:
        super().__init__(palette, parent)
        self.neuron_painter = NeuronPainter(palette)
        self.with_maps = False
        self.map_scales: dict[int, ValueScale] = {}
        self._maps: dict[int, npt.NDArray[np.floating]] = {}
        self._hovered: int | None = None
        self._chosen: frozenset[int] = frozenset()
        self._looks: list[NeuronLook] = []  # of the tiles
        self._tiles_cached = False
        self._is_counting = False  # numbers change all the time
        self._map_timer = QTimer(self)
        self._map_timer.setSingleShot(True)
        self._map_timer.setInterval(MAPS_WAIT)
        self._map_timer.timeout.connect(self._repaint_numbers)
        self._content = QRectF()  # what is painted, empty while it is not known
        self._all_ports = False
        self._values: npt.NDArray[np.floating] | None = None
        self._stepped: npt.NDArray[np.floating] | None = None  # known while calculated by hand
        self.neuron_numbers: NeuronNumbers | None = None
        self._edge_numbers: npt.NDArray[np.float64] | None = None

    # ------------------------------------------------------------------ what is shown
    def show_network(
        self, network: Network, known: Mapping[int, Position], *, with_maps: bool
    ) -> None:
        """Show a network; items of surviving neurons stay, with the numbers they had.

        Args:
            network: the network.
            known: positions by id; neurons without one are placed automatically.
            with_maps: whether neurons show response maps.
        """
        self.network, self.with_maps = network, with_maps
        if self._hovered is not None and self._hovered not in network.topology:
            self._hovered = None
        if not with_maps:
            self._maps.clear()
            self.map_scales.clear()
        self._maps = {i: values for i, values in self._maps.items() if i in network.topology}
        self._place(arrange(network, known, downwards=self.downwards))
        self.edges.downwards = self.downwards
        self._follow_tiles()
        self.edges.place(self._drawn_network(), self.places, self.grids.halves)
        self._show_pictures()
        self.update()

    def _follow_tiles(self) -> None:
        """An item for every neuron outside of grids; those that stay keep their looks."""
        network = self.network
        self._tiles = np.flatnonzero(~self.grids.members).tolist()
        ids = network.topology.ids[self._tiles].tolist()
        for neuron_id in self.neuron_items.keys() - set(ids):
            self.removeItem(self.neuron_items.pop(neuron_id))
        looks = make_looks(
            network,
            self.places,
            with_maps=self.with_maps,
            rows=self._tiles,
            downwards=self.downwards,
        )
        fed = {row for one in self.grids.incoming for row in one.rows.tolist()}
        for look, neuron_id, row in zip(looks, ids, self._tiles, strict=True):
            item = self.neuron_items.get(neuron_id)
            if item is None:
                item = self.neuron_items[neuron_id] = NeuronItem(self, neuron_id, look)
                look.selected = neuron_id in self._chosen
                if self._tiles_cached:
                    item.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
                self.addItem(item)
            else:
                item.take(look, keeps_image=self.with_maps or row in fed)
            item.look.shows_port = item.look.shows_port or self._all_ports
            item.setPos(*self.positions[neuron_id])
        self._looks = [self.neuron_items[i].look for i in ids]
        self._cache_tiles(not self.edges.is_busy)

    def set_hasty(self, is_hasty: bool) -> None:
        """Say whether the view is zooming: pictures in another size would be of no use then."""
        self.edges.set_hasty(is_hasty)
        self._cache_tiles(not is_hasty and not self._is_counting)

    def _cache_tiles(self, cached: bool) -> None:
        """Keep every tile as a picture while its numbers stay, if there are many."""
        cached = cached and not self.edges.is_hasty and len(self.neuron_items) > MANY_TILES
        if cached != self._tiles_cached:
            self._tiles_cached = cached
            modes = QGraphicsItem.CacheMode
            mode = modes.DeviceCoordinateCache if cached else modes.NoCache
            for item in self.neuron_items.values():
                item.setCacheMode(mode)

    def move_to(self, known: Mapping[int, Position]) -> None:
        """Put neurons at other places, for example while they are dragged."""
        members = self.grids.members
        self._place(arrange(self.network, known, downwards=self.downwards))
        if not np.array_equal(members, self.grids.members):  # folded or unfolded
            self._follow_tiles()
            self._show_values()
            self._show_pictures()
        for neuron_id, item in self.neuron_items.items():
            item.setPos(*self.positions[neuron_id])
        if not self._is_counting:
            self._cache_tiles(True)
        self._is_counting = False  # until the next numbers come
        self.edges.place(self.network, self.places, self.grids.halves)

    def _place(self, positions: dict[int, Position]) -> None:
        self.positions = positions
        self._content = QRectF()
        self.places = position_array(self.network, positions)
        self.grids.follow(self.network, self.places)

    def weigh(self, network: Network) -> None:
        """Take new parameters of the same wiring."""
        self.network = network
        self.edges.weigh(self._drawn_network())
        set_biases(self._looks, network, self._tiles)
        self._show_pictures()
        self._repaint_numbers()

    def _show_pictures(self) -> None:
        """Neurons fed by a grid show their weights from it."""
        if self.with_maps or not self.grids.incoming:
            return
        pictures = self.grids.pictures(
            self.network, self.palette_of_roles, is_busy=self.edges.is_busy
        )
        for row, image in pictures:
            self.neuron_items[int(self.network.topology.ids[row])].look.image = image

    def set_values(self, values: npt.NDArray[np.floating] | None) -> None:
        """Take the probe's activations in row order."""
        if values is not None and len(values) != len(self.places):
            return  # numbers of another network; its own are on their way
        self._values = values
        self._show_values()

    def set_edge_numbers(self, values: npt.NDArray[np.float64] | None) -> None:
        """Draw other numbers than the weights, ``float64[E]``; None draws the weights.

        While numbers change all the time they are drawn with the next ones.
        """
        changes_kind = (values is None) != (self._edge_numbers is None)
        self._edge_numbers = values
        self.edges.set_least(*(() if values is None else (1e-300,)))
        if changes_kind or not self.edges.is_busy:
            self.weigh(self.network)

    def _drawn_network(self) -> Network:
        """The network as its edges are drawn: with other numbers in the place of its weights."""
        values, count = self._edge_numbers, self.network.topology.edge_count
        if values is None or len(values) != count:
            return self.network
        return replace(self.network, theta=np.concatenate([values, self.network.theta[count:]]))

    def set_neuron_numbers(self, numbers: NeuronNumbers | None) -> None:
        """Show other numbers than the probe's activations; None shows these."""
        self.neuron_numbers = numbers
        self._show_values()

    def set_badges(self, badges: Mapping[int, Severity]) -> None:
        """Mark the health of neurons, by id; those that are not named are well."""
        for neuron_id, item in self.neuron_items.items():
            badge = badges.get(neuron_id)
            if item.look.badge != badge:
                item.look.badge = badge
                item.update()

    def set_stepped(self, values: npt.NDArray[np.floating] | None) -> None:
        """Show what is known of a calculation by hand (NaN: not yet) instead of the probe's values.

        None shows the probe again.
        """
        if (values is None) != (self._stepped is None):
            self._content = QRectF()
        self._stepped = values
        self._show_values()

    def _show_values(self) -> None:
        values, stepped = self._values, self._stepped
        if stepped is not None and len(stepped) == len(self.places):
            values = stepped
        else:
            stepped = None
        if values is not None and len(values) != len(self.places):
            return
        other = self.neuron_numbers if stepped is None else None
        if other is not None and len(other.values) == len(self.places):
            other.show(self._looks, self.network, self._tiles)
            self.grids.set_values(self.network, other.values)
            self._repaint_numbers()
            return
        for look in self._looks:
            look.text, look.band = "", None
        for look, row in zip(self._looks, self._tiles, strict=True):
            look.is_known = None if stepped is None else bool(stepped[row] == stepped[row])
        scales: Sequence[ValueScale] | None = None
        if self.with_maps and stepped is None:
            scales = [self.scale_of(i) for i in self.network.topology.ids[self._tiles].tolist()]
        set_values(self._looks, self.network, values, scales, self._tiles)
        self.grids.set_values(self.network, values)
        self._repaint_numbers()

    def set_maps(self, neuron_ids: Sequence[int], values: npt.NDArray[np.floating]) -> None:
        """Take response maps ``[k, rows, columns]`` of some neurons."""
        if not self.with_maps:
            return
        for index, neuron_id in enumerate(neuron_ids):
            if neuron_id in self.neuron_items:
                self._maps[neuron_id] = values[index]
        self._paint_maps()

    def _paint_maps(self) -> None:
        topology = self.network.topology
        by_row = {topology.row(i): values for i, values in self._maps.items()}
        scales = map_scales(self.network, by_row)
        self.map_scales = {int(topology.ids[row]): scale for row, scale in scales.items()}
        tiles = {row: i for i, row in enumerate(self._tiles)}
        set_maps(
            self._looks,
            {tiles[row]: values for row, values in by_row.items()},
            {tiles[row]: scale for row, scale in scales.items()},
            self.palette_of_roles,
        )
        self._touch_tiles()
        if self.edges.is_busy:
            self._map_timer.start()  # the next numbers are on their way and are painted with them
        else:
            self.update()

    def content_rect(self) -> QRectF:
        """Everything painted, with room for the loss while somebody calculates by hand."""
        content = super().content_rect()
        return content if self._stepped is None else content.adjusted(0, -ABOVE, LOSS_ROOM, 0)

    def _repaint_numbers(self) -> None:
        """Show other numbers of neurons and edges that stand where they are.

        Sixty times a second only the network itself is painted: not the ground beside it, nor the
        strips and names that float there, unless they lie above it.
        """
        self._map_timer.stop()
        self._is_counting = self.edges.is_busy
        self._cache_tiles(not self._is_counting)
        self._touch_tiles()
        if not self.edges.is_busy:
            self.update()
            return
        if self._content.isNull():
            self._content = self.content_rect().united(self.edges.boundingRect())
        for view in self.views():
            seen = view.mapFromScene(self._content).boundingRect()
            view.viewport().update(seen.adjusted(-AROUND, -AROUND, AROUND, AROUND))

    def scale_of(self, neuron_id: int) -> ValueScale:
        """Colour scale of a neuron with a map."""
        known = self.map_scales.get(neuron_id)
        return known or scale_for(self.network.activation_of(neuron_id), 1.0)

    def _touch_tiles(self) -> None:
        """Tiles look different now: those kept as pictures are painted anew."""
        if self._tiles_cached:
            for item in self.neuron_items.values():
                item.update()

    def set_palette(self, palette: Palette) -> None:
        """Repaint everything in other colours."""
        self.palette_of_roles = palette
        self.neuron_painter = NeuronPainter(palette)
        self.edges.set_palette(palette)
        self._show_pictures()
        self._paint_maps()

    # ------------------------------------------------------------------ states
    def set_selection(self, neurons: Iterable[int], edges: Iterable[tuple[int, int]]) -> None:
        """Mark what is selected."""
        chosen = self._chosen = frozenset(neurons)
        for neuron_id, item in self.neuron_items.items():
            if item.look.selected != (neuron_id in chosen):
                item.look.selected = neuron_id in chosen
                item.setZValue(1.5 if item.look.selected else 1)
                item.update()
        topology = self.network.topology
        self.grids.set_selection([topology.row(i) for i in chosen if i in topology])
        self.edges.set_chosen(chosen, edges)
        self.update()

    def set_hover(self, neuron: int | None, edge: tuple[int, int] | None) -> None:
        """Mark what is under the pointer; a hovered neuron shows its port."""
        slot = None
        if edge is not None and self.network.topology.has_edge(*edge):
            slot = self.network.topology.edge_slot(*edge)
        self.edges.set_hovered(slot)
        if neuron == self._hovered:
            return
        for neuron_id in (self._hovered, neuron):
            item = self.neuron_items.get(neuron_id) if neuron_id is not None else None
            if item is not None:
                item.look.hovered = neuron_id == neuron
                item.look.shows_port = self._all_ports or neuron_id == neuron
                item.update()
        self._hovered = neuron
        known = neuron is not None and neuron in self.network.topology
        row = self.network.topology.row(neuron) if known and neuron is not None else None
        self.grids.set_hovered(row)
        self.edges.set_own(row)
        self.update()

    def show_all_ports(self, shows: bool) -> None:
        """Show every neuron's port, for the tool that connects."""
        self._all_ports = shows
        for neuron_id, item in self.neuron_items.items():
            item.look.shows_port = shows or neuron_id == self._hovered
        self._touch_tiles()
        self.update()

    def set_welcome(self, neuron: int | None, welcome: Welcome) -> None:
        """Say whether a neuron would take the connection being drawn; None clears all."""
        for neuron_id, item in self.neuron_items.items():
            item.look.welcome = welcome if neuron_id == neuron else Welcome.UNASKED
        row = None if neuron is None else self.network.topology.row(neuron)
        self.grids.set_welcome(row, welcome is not Welcome.NO)
        self._touch_tiles()
        self.update()
