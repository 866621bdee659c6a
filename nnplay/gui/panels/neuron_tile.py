"""A large picture of one neuron, live: its response map, or its value as number and fill."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPointF, QSize
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from nnplay.core.topology import Kind
from nnplay.gui.panels.words import plain_number
from nnplay.gui.theme import Theme
from nnplay.picture.geometry import NEURON_SIZE
from nnplay.picture.maps import map_image
from nnplay.picture.neurons import NeuronLook, NeuronPainter
from nnplay.picture.scales import largest_size, scale_for
from nnplay.session.session import Session
from nnplay.session.values import MapRequest, MapResult

__all__ = ["NeuronTile"]

_SIDE: Final = 64
_MARGIN: Final = 2
_WATCH_KEY: Final = "inspector"
_RESOLUTION: Final = 64


class NeuronTile(QWidget):
    """The neuron as the canvas draws it, but larger. It asks for its map only while visible."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._neuron = -1
        self._map: MapResult | None = None
        self._look = NeuronLook()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedSize(_SIDE + 2 * _MARGIN, _SIDE + 2 * _MARGIN)
        session.maps_arrived.connect(self._map_arrived)
        session.data_changed.connect(self._ask)
        session.map_columns_changed.connect(self._ask)
        theme.changed.connect(self._repaint_map)

    def sizeHint(self) -> QSize:
        return QSize(_SIDE + 2 * _MARGIN, _SIDE + 2 * _MARGIN)

    def set_neuron(self, neuron_id: int) -> None:
        """Show another neuron."""
        if neuron_id != self._neuron:
            self._neuron = neuron_id
            self._map = None
            self._look.image = None
            self._ask()
        self.refresh()

    def has_map(self) -> bool:
        """Whether a response map is shown (else a value tile)."""
        return self._look.image is not None

    def refresh(self) -> None:
        """Take the present value and bias."""
        network = self._session.network
        topology = network.topology
        if self._neuron not in topology:
            return
        row = topology.row(self._neuron)
        values = self._session.probe.activations
        if len(values) != topology.neuron_count:
            return
        value = float(values[row])
        is_input = topology.kinds[row] == Kind.INPUT
        name = network.activations[row]
        # As on the canvas: unbounded neurons are compared with the largest in their level.
        peers = values[topology.levels == topology.levels[row]]
        scale = scale_for(name, largest_size(peers), bool(is_input))
        look = self._look
        look.enabled = bool(network.neuron_enabled[row])
        look.place = scale.place_one(value)
        look.share = scale.share(value) if value == value else 0.5
        look.starts_at_low = scale.low >= 0.0
        # The map speaks for itself, and the number stands in the formula below it.
        look.value = None if look.image is not None else value
        self.setAccessibleName(f"Value for the probed sample: {plain_number(value, 4)}")
        self.update()

    # ------------------------------------------------------------------ the map
    def _ask(self) -> None:
        session = self._session
        possible = session.map_columns is not None and self._neuron >= 0
        if possible and self.isVisible():
            session.watch(_WATCH_KEY, MapRequest(_RESOLUTION, (self._neuron,)))
        else:
            session.watch(_WATCH_KEY, None)
        if not possible and self._look.image is not None:
            self._map = None
            self._look.image = None
            self.refresh()

    def _map_arrived(self, key: object, result: MapResult) -> None:
        if key == _WATCH_KEY and result.neurons == (self._neuron,):
            self._map = result
            self._repaint_map()

    def _repaint_map(self) -> None:
        network = self._session.network
        if self._map is not None and self._neuron in network.topology:
            row = network.topology.row(self._neuron)
            values = self._map.values[0]
            is_input = bool(network.topology.kinds[row] == Kind.INPUT)
            scale = scale_for(network.activations[row], largest_size(values), is_input)
            self._look.image = map_image(values, scale, self._theme.palette)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._session.watch(_WATCH_KEY, None)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.translate(QPointF(self.width() / 2, self.height() / 2))
        scale = _SIDE / NEURON_SIZE
        painter.scale(scale, scale)
        NeuronPainter(self._theme.palette).paint(painter, self._look)
        painter.end()
