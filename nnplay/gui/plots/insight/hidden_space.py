"""Where a layer puts the samples: two of its neurons, or the plane it spreads over most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from nnplay.core.distinct import distinct
from nnplay.core.projections import Projection, principal_plane
from nnplay.data.preparation import PreparedData
from nnplay.gui.panels.words import neuron_label, plain_number
from nnplay.gui.plots.header import text_toggle
from nnplay.gui.plots.insight.page import Drawing, layer_items
from nnplay.gui.plots.insight.plane_page import PlanePage, held_words
from nnplay.gui.plots.map_points import colour_keys, point_colour
from nnplay.gui.plots.plane import PlaneFrame, paint_axes
from nnplay.gui.plots.readout import ReadoutLine
from nnplay.gui.theme import Theme
from nnplay.gui.widgets.controls import Choice
from nnplay.picture.text import pretty_label
from nnplay.session.map_columns import Plane
from nnplay.session.plot_requests import SampleActivations, SampleWish, Stamped
from nnplay.session.session import Session

__all__ = ["HiddenSpacePage"]

FloatArray = npt.NDArray[np.float64]

MOST_SAMPLES: Final = 600
REACH: Final = 10.0
COMPONENTS: Final = (("pc0", "PC 1"), ("pc1", "PC 2"))
"""Principal components of the layer's activations."""


class _Space(Drawing):
    """A cloud of samples and the bent grid of the inputs."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__(session, theme, "Samples as the layer sees them")
        self.places: FloatArray = np.empty((0, 2))
        self.rows: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.grid: FloatArray = np.empty((0, 0, 2))
        self._names = ("", "")
        self._domain = (-1.0, 1.0, -1.0, 1.0)

    def show_space(
        self,
        places: FloatArray,
        rows: npt.NDArray[np.int64],
        grid: FloatArray,
        names: tuple[str, str],
    ) -> None:
        """Other places."""
        self.places, self.rows, self.grid = places, rows, grid
        every = np.concatenate([places, grid.reshape(-1, 2)])
        every = every[np.isfinite(every).all(axis=1)]
        if names != self._names:
            self._domain = (0.0, 0.0, 0.0, 0.0)
        self._names = names
        if len(every):
            (x0, y0), (x1, y1) = every.min(axis=0).tolist(), every.max(axis=0).tolist()
            self._domain = (
                *_calm((x0, x1), (self._domain[0], self._domain[1])),
                *_calm((y0, y1), (self._domain[2], self._domain[3])),
            )
        self.update()

    @property
    def frame(self) -> PlaneFrame:
        """Where the plane is."""
        return PlaneFrame(QRectF(self.rect()).adjusted(48, 6, -10, -24), self._domain)

    def draw(self, painter: QPainter) -> None:
        prepared, palette = self._session.prepared, self._theme.palette
        if prepared is None or not len(self.places):
            return
        frame = self.frame
        painter.setPen(QPen(QColor(palette.border), 1.0))
        painter.setBrush(QColor(palette.card))
        painter.drawRect(frame.rect)
        paint_axes(painter, self._theme, frame, self._names, 44.0)
        painter.save()
        painter.setClipRect(frame.rect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = QColor(palette.tertiary)
        line.setAlphaF(0.7)
        painter.setPen(QPen(line, 0.0))
        for points in self.grid:
            pixels = frame.pixels(points[np.isfinite(points).all(axis=1)])
            painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in pixels.tolist()]))
        pixels = frame.pixels(np.nan_to_num(self.places, nan=1e9, posinf=1e9, neginf=-1e9))
        keys = colour_keys(prepared, self.rows)
        size = 6.0 if len(self.rows) < 250 else 4.5
        for key in distinct(keys):
            pen = QPen(point_colour(palette, prepared, int(key)), size)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            chosen = pixels[keys == key]
            painter.drawPoints(QPolygonF([QPointF(x, y) for x, y in chosen.tolist()]))
        hit = np.flatnonzero(self.rows == self._session.probe.row)
        if hit.size:
            painter.setPen(QPen(QColor(palette.accent), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(*pixels[int(hit[0])].tolist()), 6.0, 6.0)
        painter.restore()

    def read(self, place: QPointF) -> Sequence[ReadoutLine]:
        index = self._nearest(place)
        prepared = self._session.prepared
        if index is None or prepared is None:
            return ()
        row = int(self.rows[index])
        lines = [
            ReadoutLine(name, plain_number(float(value), 3))
            for name, value in zip(self._names, self.places[index], strict=True)
        ]
        if prepared.classes is not None and prepared.class_index is not None:
            lines.append(ReadoutLine("class", prepared.classes[int(prepared.class_index[row])]))
        return (ReadoutLine("row", f"{row + 1:,}"), *lines)

    def _nearest(self, place: QPointF) -> int | None:
        if not np.isfinite(self.places).all():
            return None
        return self.frame.nearest(self.places, place, REACH)

    def click(self, place: QPointF) -> None:
        index = self._nearest(place)
        if index is not None:
            self._session.probe_row(int(self.rows[index]))

    def stepped(self, across: int, down: int) -> bool:
        if not len(self.rows):
            return False
        hit = np.flatnonzero(self.rows == self._session.probe.row)
        index = (int(hit[0]) if hit.size else 0) + (across or down)
        self._session.probe_row(int(self.rows[index % len(self.rows)]))
        return True


class HiddenSpacePage(PlanePage):
    """Choose a layer and what stands along x and y; it moves while the network trains."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__(
            session,
            theme,
            "Add a hidden neuron: its layer's view of the samples appears here.",
            "map",
        )
        self._answer: Stamped | None = None
        self._projection: Projection | None = None
        self._wish: SampleWish | None = None
        self._listed: tuple[object, ...] = ()
        self.layer = Choice(name="Layer")
        self.x_axis = Choice(name="Along x")
        self.y_axis = Choice(name="Along y")
        for choice, letters in ((self.layer, 6), (self.x_axis, 5), (self.y_axis, 5)):
            choice.setMinimumContentsLength(letters)
            choice.setSizeAdjustPolicy(
                Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            self.add_control(choice)
        for choice, axis in ((self.x_axis, "x"), (self.y_axis, "y")):
            choice.setToolTip(f"Along {axis}: a neuron, or a principal component (PC) of the layer")
        self.grid_button = text_toggle(
            "grid", "Grid: how the layer bends a plane of the inputs", self._set_grid
        )
        self.grid_button.setChecked(True)
        self.add_control(self.grid_button)
        self.layer.chosen.connect(self._layer_chosen)
        self.x_axis.chosen.connect(self._refresher.request)
        self.y_axis.chosen.connect(self._refresher.request)
        self.drawing = _Space(session, theme)
        session.network_changed.connect(self._list_layers)
        session.document_replaced.connect(self._list_layers)
        self.follow_probe(self.drawing)
        self._list_layers()

    def wish(self) -> SampleWish | None:
        return self._wish

    def uses_plane(self) -> bool:
        return self._wish is not None and self._wish.with_grid

    def _wished(self, level: int) -> SampleWish:
        with_grid = self.grid_button.isChecked()
        return SampleWish(level=level, with_grid=with_grid, most=MOST_SAMPLES)

    def _set_grid(self, _on: bool) -> None:
        if self._wish is not None and self._wish.level is not None:
            self._wish = self._wished(self._wish.level)
        self.offer_columns()
        self.ask(again=True)

    def _list_layers(self, *_: object) -> None:
        network = self._session.network
        listed = (network.topology, network.labels)
        if self._listed and all(a is b for a, b in zip(listed, self._listed, strict=True)):
            return
        self._listed = listed
        items = layer_items(network)
        before = self.layer.value()
        self.layer.set_items(items)
        values = [value for value, _ in items]
        if before not in values:
            hidden = [value for value in values if value != "-1"]
            # The last hidden layer is what the outputs see.
            self.layer.set_value((hidden or values or [""])[-1])
        self._layer_chosen()

    def _layer_chosen(self, *_: object) -> None:
        level = self.layer.value()
        self._projection = self._answer = None
        self._wish = None
        if level:
            self._wish = self._wished(int(level))
            network = self._session.network
            ids = [
                int(i)
                for value, rows in _members(self._session)
                if value == level
                for i in network.topology.ids[rows].tolist()
            ]
            neurons = [(str(i), neuron_label(network, i)) for i in ids]
            usual = [v for v, _ in (neurons if len(neurons) == 2 else COMPONENTS)]
            for place, choice in enumerate((self.x_axis, self.y_axis)):
                choice.set_items([*COMPONENTS, *neurons])
                choice.set_value(usual[place])
        self.offer_columns()
        self.ask(again=True)

    def take(self, answer: Stamped) -> None:
        self._answer = answer
        self._refresher.request()

    def refresh(self) -> None:
        answer, network = self._answer, self._session.network
        if answer is None or answer.network.topology is not network.topology:
            self.say()
            return
        found = answer.value
        assert isinstance(found, SampleActivations)  # noqa: S101
        points = found.values.T.astype(np.float64)
        grid = found.grid.astype(np.float64)
        chosen = (self.x_axis.value(), self.y_axis.value())
        words = []
        if any(value.startswith("pc") for value in chosen):
            self._projection = principal_plane(points, self._projection)
            total = 100 * float(self._projection.shares.sum())
            words.append(f"{total:.0f} % of the spread")
        neurons = network.topology.ids[found.neurons].tolist()
        columns, bent, names = [], [], []
        for value in chosen:
            if value.startswith("pc") and self._projection is not None:
                axis = self._projection.axes[int(value[2:])]
                columns.append((points - self._projection.centre).dot(axis))
                bent.append((grid - self._projection.centre).dot(axis))
                names.append(dict(COMPONENTS)[value])
            else:
                place = neurons.index(int(value)) if int(value) in neurons else 0
                columns.append(points[:, place])
                bent.append(grid[:, :, place])
                names.append(neuron_label(network, neurons[place]))
        prepared = self._session.prepared
        if prepared is not None and found.plane is not None:
            words += self._grid_words(prepared, found.plane)
        self.caption.setText(" · ".join(words))
        self.drawing.show_space(
            np.stack(columns, axis=1), found.rows, np.stack(bent, axis=2), (names[0], names[1])
        )
        self.show_content(self.drawing)

    def _grid_words(self, prepared: PreparedData, plane: Plane) -> list[str]:
        """What the grid lies over, where that is not plain."""
        held = held_words(prepared, plane)
        if not held:
            return []
        x, y = (pretty_label(prepared.raw_names[column]) for column in plane.columns)
        return [f"grid over {x} and {y}, {held}"]


def _members(session: Session) -> list[tuple[str, npt.NDArray[np.int64]]]:
    from nnplay.core.layer_statistics import layers_of

    return [(str(x.level), x.rows) for x in layers_of(session.network)]


def _calm(needed: tuple[float, float], before: tuple[float, float]) -> tuple[float, float]:
    """Borders around what is needed that follow late, so that the picture does not tremble."""
    low, high = needed
    span = max(high - low, 1e-6)
    fits = (
        before[0] < before[1]
        and before[0] <= low
        and high <= before[1]
        and span > 0.6 * (before[1] - before[0])
    )
    return before if fits else (low - 0.1 * span, high + 0.1 * span)
