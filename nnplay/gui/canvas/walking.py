"""Going from neuron to neuron and along connections with the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from nnplay.core.network import Network
from nnplay.gui.panels.words import count, neuron_label, neuron_place, plain_number
from nnplay.gui.theme import Theme
from nnplay.gui.widgets.announce import announce
from nnplay.picture.geometry import HALF
from nnplay.picture.layers import activation_title

if TYPE_CHECKING:
    from nnplay.gui.canvas.view import CanvasView

__all__ = ["Walker", "edge_words", "neuron_words"]

EdgeKey = tuple[int, int]
IntArray = npt.NDArray[np.int64]
_ROOM: Final = 7.0


class FocusMark(QGraphicsItem):
    """A dashed ring around what the keyboard is on."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._reach = HALF + _ROOM
        self.setZValue(4)
        self.hide()

    def surround(self, place: QPointF, reach: float) -> None:
        """Stand around a place of the scene."""
        self.prepareGeometryChange()
        self._reach = reach
        self.setPos(place)
        self.show()

    def boundingRect(self) -> QRectF:
        reach = self._reach + 3
        return QRectF(-reach, -reach, 2 * reach, 2 * reach)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        pen = QPen(QColor(self._theme.palette.text), 1.6)
        pen.setDashPattern([2.5, 2.5])
        painter.setPen(pen)
        reach = self._reach
        painter.drawRoundedRect(QRectF(-reach, -reach, 2 * reach, 2 * reach), 13, 13)


class Walker(QObject):
    """Moves the keyboard's place on the canvas; what it is on is selected and said aloud."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self._is_walking = False
        self._anchor: int | None = None
        self.spoken = ""
        """What was said last."""
        self.mark = FocusMark(view.theme)
        view.network_scene.addItem(self.mark)
        view.session.selection_changed.connect(self._selection_changed)
        view.presenter.moved.connect(self._follow)
        view.presenter.rebuilt.connect(self._rebuilt)
        view.presenter.replaced.connect(self.hide)

    # ------------------------------------------------------------------ in reading order
    def tab(self, forward: bool) -> bool:
        """On to the next neuron or connection in reading order; False at either end."""
        edge = self._edge()
        if edge is not None:
            return self._tab_edges(edge, forward)
        ids = self._reading_order()
        if not ids:
            return False
        neuron = self._neuron()
        place = 0 if forward else len(ids) - 1
        if neuron in ids:
            place = ids.index(neuron) + (1 if forward else -1)
            if not 0 <= place < len(ids):
                return False
        self._go_to_neuron(ids[place])
        return True

    def _tab_edges(self, edge: EdgeKey, forward: bool) -> bool:
        topology = self._network.topology
        rank = np.empty(topology.neuron_count, dtype=np.int64)
        rank[topology.rows(self._reading_order())] = np.arange(rank.size)
        ends = rank[topology.edge_rows]
        order = np.lexsort((ends[:, 1], ends[:, 0]))
        slot = topology.edge_slot(*edge)
        place = int(np.flatnonzero(order == slot)[0]) + (1 if forward else -1)
        if not 0 <= place < order.size:
            return False
        source, target = topology.edges[order[place]].tolist()
        self._go_to_edge((source, target), source)
        return True

    def _reading_order(self) -> list[int]:
        """Ids by level, then by place along the level."""
        topology, places = self._network.topology, self._view.network_scene.places
        along, across = (0, 1) if self._view.session.runs_downwards else (1, 0)
        order = np.lexsort((places[:, across], places[:, along], topology.levels))
        return [int(i) for i in topology.ids[order].tolist()]

    # ------------------------------------------------------------------ along the picture
    def step(self, across: float, down: float) -> bool:
        """On to the nearest neuron that way; from a connection to one of its ends."""
        if self._edge() is not None:
            return self.step_from_edge(across, down)
        neuron = self._neuron()
        if neuron is None:
            return self.tab(True)
        scene = self._view.network_scene
        here = np.array(scene.positions[neuron])
        way = scene.places - here
        ahead = way[:, 0] * across + way[:, 1] * down
        aside = np.abs(way[:, 0] * down) + np.abs(way[:, 1] * across)
        cost = np.where(ahead > 1.0, ahead + 2.0 * aside, np.inf)
        # What lies more aside than ahead is another direction, unless there is nothing else.
        straight = np.where(aside <= ahead, cost, np.inf)
        best = straight if np.isfinite(straight).any() else cost
        row = int(np.argmin(best))
        if np.isfinite(best[row]):
            self._go_to_neuron(int(self._network.topology.ids[row]))
        return True

    def step_onto_edge(self, across: float, down: float) -> bool:
        """From a neuron onto one of its connections; from a connection on to the next."""
        edge = self._edge()
        if edge is not None:
            return self.step_from_edge(across, down)
        neuron = self._neuron()
        if neuron is None:
            return self.tab(True)
        with_flow, _ = self._flow(across, down)
        edges = self._edges_of(neuron, outgoing=with_flow >= 0)
        if not edges and with_flow == 0:
            edges = self._edges_of(neuron, outgoing=False)
        if edges:
            self._go_to_edge(edges[0], neuron)
        return True

    def step_from_edge(self, across: float, down: float) -> bool:
        """Along the flow to an end of the connection, across it to its neighbour.

        False if no single connection is selected.
        """
        edge = self._edge()
        if edge is None:
            return False
        with_flow, beside = self._flow(across, down)
        if with_flow:
            self._go_to_neuron(edge[1] if with_flow > 0 else edge[0])
            return True
        anchor = self._anchor if self._anchor in edge else edge[0]
        siblings = self._edges_of(anchor, outgoing=anchor == edge[0])
        place = siblings.index(edge) + (1 if beside > 0 else -1)
        if 0 <= place < len(siblings):
            self._go_to_edge(siblings[place], anchor)
        return True

    def _flow(self, across: float, down: float) -> tuple[float, float]:
        """A direction as (along the network's flow, across it)."""
        return (down, across) if self._view.session.runs_downwards else (across, down)

    def _edges_of(self, neuron_id: int, *, outgoing: bool) -> list[EdgeKey]:
        """A neuron's connections one way, in the order of the places they lead to."""
        topology = self._network.topology
        positions = self._view.network_scene.positions
        along = 0 if self._view.session.runs_downwards else 1
        if outgoing:
            edges = [(neuron_id, target) for target, _ in topology.outgoing(neuron_id)]
            return sorted(edges, key=lambda edge: positions[edge[1]][along])
        edges = [(source, neuron_id) for source, _ in topology.incoming(neuron_id)]
        return sorted(edges, key=lambda edge: positions[edge[0]][along])

    # ------------------------------------------------------------------ going there
    @property
    def _network(self) -> Network:
        return self._view.network_scene.network

    def _neuron(self) -> int | None:
        selection = self._view.session.selection
        if len(selection.neurons) != 1 or selection.edges:
            return None
        neuron = next(iter(selection.neurons))
        return neuron if neuron in self._view.network_scene.positions else None

    def _edge(self) -> EdgeKey | None:
        selection = self._view.session.selection
        if len(selection.edges) != 1 or selection.neurons:
            return None
        edge = next(iter(selection.edges))
        return edge if self._network.topology.has_edge(*edge) else None

    def place(self) -> QPointF | None:
        """Where in the scene the one selected neuron or connection is."""
        neuron, edge = self._neuron(), self._edge()
        if neuron is not None:
            return QPointF(*self._view.network_scene.positions[neuron])
        if edge is not None:
            picture = self._view.network_scene.edges.picture
            if picture is not None:
                return QPointF(
                    *picture.lines.point_on(self._network.topology.edge_slot(*edge), 0.5)
                )
            (x0, y0), (x1, y1) = (self._view.network_scene.positions[end] for end in edge)
            return QPointF((x0 + x1) / 2, (y0 + y1) / 2)
        return None

    def go_to_neuron(self, neuron_id: int) -> None:
        """Select a neuron, bring it into sight and say what it is."""
        if neuron_id in self._view.network_scene.positions:
            self._go_to_neuron(neuron_id)

    def _go_to_neuron(self, neuron_id: int) -> None:
        self._anchor = neuron_id
        self._select({neuron_id}, (), neuron_words(self._network, neuron_id))

    def _go_to_edge(self, edge: EdgeKey, anchor: int) -> None:
        self._anchor = anchor
        self._select((), {edge}, edge_words(self._network, edge))

    def _select(
        self, neurons: set[int] | tuple[()], edges: set[EdgeKey] | tuple[()], words: str
    ) -> None:
        self._is_walking = True
        self._view.session.select(neurons, edges)
        self._is_walking = False
        self._follow(show=True)
        place = self.place()
        if place is not None:
            self._view.reveal(place)
        self.spoken = words
        announce(self._view, words)

    # ------------------------------------------------------------------ the ring
    def hide(self) -> None:
        """The keyboard is elsewhere."""
        self.mark.hide()

    def _follow(self, show: bool = False) -> None:
        place = self.place()
        if place is None:
            self.mark.hide()
        elif show or self.mark.isVisible():
            self.mark.surround(place, HALF + _ROOM if self._neuron() is not None else 13.0)

    def _rebuilt(self, other_wiring: bool) -> None:
        self._follow()

    def _selection_changed(self) -> None:
        if not self._is_walking:
            self.mark.hide()  # a pointer or another view has chosen


def neuron_words(network: Network, neuron_id: int) -> str:
    """A neuron in words, for people who hear the canvas."""
    neuron = network.neuron(neuron_id)
    parts = [neuron_label(network, neuron_id), neuron_place(network, neuron_id)]
    if neuron.bias is not None:
        parts.append(activation_title(neuron.activation))
        parts.append(f"bias {plain_number(neuron.bias, 3)}")
    if not neuron.enabled:
        parts.append("switched off")
    topology = network.topology
    parts.append(f"{count(len(topology.incoming(neuron_id)), 'connection')} in")
    parts.append(f"{len(topology.outgoing(neuron_id)):,} out")
    return ", ".join(parts)


def edge_words(network: Network, edge: EdgeKey) -> str:
    """A connection in words."""
    found = network.edge(*edge)
    parts = [
        f"Connection from {neuron_label(network, found.source)} "
        f"to {neuron_label(network, found.target)}",
        f"weight {plain_number(found.weight, 3)}",
    ]
    if found.frozen:
        parts.append("locked")
    if not found.enabled:
        parts.append("switched off")
    return ", ".join(parts)
