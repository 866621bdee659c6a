"""The loss over a plane of parameters, as colours and contour lines, with the path of training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QProgressBar, QPushButton

from nnplay.core.landscape import Landscape, Plane, path_plane, random_plane, weight_plane
from nnplay.core.network import Network
from nnplay.core.topology import Topology
from nnplay.gui.panels.words import plain_number
from nnplay.gui.plots.contours import contour_segments
from nnplay.gui.plots.insight.heat import amount_image
from nnplay.gui.plots.insight.page import Drawing, PlotPage
from nnplay.gui.plots.insight.weights import parameter_name, selected_slots
from nnplay.gui.plots.plane import PlaneFrame, paint_axes
from nnplay.gui.plots.readout import ReadoutLine
from nnplay.gui.theme import Theme
from nnplay.gui.widgets.controls import Choice
from nnplay.picture.edges import draw_lines
from nnplay.session.session import Session

__all__ = ["LandscapePage"]

FloatArray = npt.NDArray[np.float64]

RESOLUTION: Final = 41
LEVELS: Final = 11
HINT: Final = "Choose a plane and compute: the loss around the present weights appears here."
PLANES: Final = (
    ("path", "Path of training"),
    ("random", "Random directions"),
    ("weights", "Two weights"),
)


class _Picture(Drawing):
    """Dark is low; the ring is where the network is now."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__(session, theme, "Loss landscape")
        self.found: Landscape | None = None
        self._names = ("", "")
        self._image: QImage | None = None
        self._heights: FloatArray = np.empty((0, 0))
        self._contours: list[FloatArray] = []
        self.path: FloatArray = np.empty((0, 2))
        self._inverse: FloatArray = np.empty((0, 0))
        theme.changed.connect(self._paint_image)

    def show_landscape(self, found: Landscape, names: tuple[str, str]) -> None:
        """Another landscape."""
        self.found, self._names = found, names
        self._inverse = np.asarray(np.linalg.pinv(found.plane.directions.T), np.float64)
        losses = found.losses
        positive = losses[np.isfinite(losses) & (losses > 0.0)]
        least = float(positive.min()) if positive.size else 1e-12
        with np.errstate(all="ignore"):
            heights = np.log10(np.maximum(losses, 0.1 * least))
        self._heights = np.asarray(heights, dtype=np.float64)
        self._heights[~np.isfinite(losses)] = np.nan
        finite = self._heights[np.isfinite(self._heights)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        levels = np.linspace(low, high, LEVELS + 2)[1:-1].tolist()
        self._contours = [contour_segments(self._heights, level) for level in levels]
        self._paint_image()

    def _paint_image(self) -> None:
        if not self._heights.size:
            return
        finite = self._heights[np.isfinite(self._heights)]
        low = float(finite.min()) if finite.size else 0.0
        span = (float(finite.max()) - low if finite.size else 0.0) or 1.0
        shares = 1.0 - (self._heights[::-1] - low) / span
        self._image = amount_image(self._theme.palette, 0.04 + 0.72 * shares)
        self.update()

    def set_path(self, thetas: npt.NDArray[np.floating]) -> None:
        """Parameters passed, ``[k, P]``, the last of them the present ones."""
        if self.found is not None:
            offsets = np.asarray(thetas, dtype=np.float64) - self.found.plane.origin
            self.path = offsets.dot(self._inverse.T)
            self.update()

    @property
    def frame(self) -> PlaneFrame:
        """Where the plane is."""
        domain = (-1.0, 1.0, -1.0, 1.0)
        if self.found is not None:
            domain = (*self.found.plane.x_range, *self.found.plane.y_range)
        return PlaneFrame(QRectF(self.rect()).adjusted(52, 6, -10, -24), domain)

    def draw(self, painter: QPainter) -> None:
        if self.found is None or self._image is None:
            return
        palette, frame = self._theme.palette, self.frame
        rect, n = frame.rect, len(self.found.x)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        # Values stand at grid points: the outer half pixels lie beyond the borders.
        painter.save()
        painter.setClipRect(rect)
        cell_x, cell_y = rect.width() / (n - 1), rect.height() / (n - 1)
        painter.drawImage(
            rect.adjusted(-cell_x / 2, -cell_y / 2, cell_x / 2, cell_y / 2), self._image
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = QColor(palette.text)
        line.setAlphaF(0.35)
        painter.setPen(QPen(line, 1.0))
        for segments in self._contours:
            if len(segments):
                ends = np.ascontiguousarray(segments * (cell_x, -cell_y, cell_x, -cell_y))
                ends += (rect.left(), rect.bottom(), rect.left(), rect.bottom())
                draw_lines(painter, ends, len(ends))
        self._draw_path(painter, frame)
        painter.restore()
        painter.setPen(QPen(QColor(palette.border), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect)
        paint_axes(painter, self._theme, frame, self._names, 48.0)

    def _draw_path(self, painter: QPainter, frame: PlaneFrame) -> None:
        if not len(self.path):
            return
        palette = self._theme.palette
        pixels = np.clip(frame.pixels(self.path), -1e4, 1e4).tolist()
        points = QPolygonF([QPointF(x, y) for x, y in pixels])
        painter.setPen(QPen(QColor(palette.panel), 4.0))
        painter.drawPolyline(points)
        painter.setPen(QPen(QColor(palette.text), 1.8))
        painter.drawPolyline(points)
        painter.setPen(QPen(QColor(palette.panel), 1.5))
        painter.setBrush(QColor(palette.text))
        painter.drawEllipse(QPointF(*pixels[0]), 3.5, 3.5)
        painter.setBrush(QColor(palette.warn))
        painter.drawEllipse(QPointF(*pixels[-1]), 5.5, 5.5)

    def read(self, place: QPointF) -> Sequence[ReadoutLine]:
        frame, found = self.frame, self.found
        if found is None or not frame.rect.contains(place):
            return ()
        x, y = frame.to_data(place)
        column = int(np.abs(found.x - x).argmin())
        row = int(np.abs(found.y - y).argmin())
        return (
            ReadoutLine(self._names[0], plain_number(float(found.x[column]), 3)),
            ReadoutLine(self._names[1], plain_number(float(found.y[row]), 3)),
            ReadoutLine("loss", plain_number(float(found.losses[row, column]), 4)),
        )


class LandscapePage(PlotPage):
    """Computed on demand, beside the window, with a way to give it up."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__(session, theme, HINT, "map")
        self.kind = Choice(PLANES, name="Plane")
        self.kind.setMinimumContentsLength(9)
        self.kind.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.compute = QPushButton("Compute")
        self.compute.setAccessibleName("Compute the loss landscape")
        self.compute.clicked.connect(self._compute_or_cancel)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(64, 6)
        self.progress.setAccessibleName("Rows of the landscape that are done")
        self.progress.hide()
        for widget in (self.kind, self.compute, self.progress):
            self.add_control(widget)
        self.drawing = _Picture(session, theme)
        self.trail = session.parameter_trail
        self._draws = 0
        self._topology: Topology | None = None
        self._names = ("", "")
        self._scan = session.landscape_scan
        self._scan.advanced.connect(self._progressed)
        self._scan.found.connect(self._found)
        self._scan.failed.connect(self._failed)
        for signal in (session.frame_arrived, session.network_changed, session.run_state_changed):
            signal.connect(self._refresher.request)
        session.document_replaced.connect(self._forget)
        session.data_changed.connect(self._forget)

    # ------------------------------------------------------------------ computing
    def _compute_or_cancel(self) -> None:
        if self._scan.is_running:
            self._scan.cancel()
            return
        make = self._maker()
        if make is None:
            return
        self._topology = self._session.network.topology
        self.progress.setRange(0, RESOLUTION)
        self.progress.setValue(0)
        self.progress.show()
        self.compute.setText("Cancel")
        self._scan.start(make, RESOLUTION)

    def _maker(self) -> Callable[[Network], Plane] | None:
        network, kind = self._session.network, self.kind.value()
        if kind == "path":
            thetas = self.trail.thetas
            self._names = ("α", "β")
            return lambda n: path_plane(n, thetas)
        if kind == "random":
            # Every press draws other directions.
            self._draws += 1
            seed = self._draws
            self._names = ("α", "β")
            return lambda n: random_plane(n, seed)
        slots = selected_slots(self._session)[:2]
        if len(slots) < 2:
            if network.theta.size < 2:
                self.say("This network has fewer than two weights and biases.")
                return None
            largest = np.argsort(-np.abs(network.theta[: network.topology.edge_count]))
            slots = [*slots, *(s for s in largest.tolist() if s not in slots)][:2]
        if len(slots) < 2:
            self.say("Select two connections or biases to look along them.")
            return None
        first, second = slots
        self._names = (
            f"Δ {parameter_name(network, first)}",
            f"Δ {parameter_name(network, second)}",
        )
        return lambda n: weight_plane(n, first, second)

    def _progressed(self, done: int, _of: int) -> None:
        self.progress.setValue(done)

    def _ended(self) -> None:
        self.progress.hide()
        self.compute.setText("Compute")

    def _found(self, found: Landscape) -> None:
        self._ended()
        if self._topology is not self._session.network.topology:
            return
        self.drawing.show_landscape(found, self._names)
        finite = found.losses[np.isfinite(found.losses)]
        if finite.size:
            low, high = plain_number(float(finite.min()), 3), plain_number(float(finite.max()), 3)
            self.caption.setText(f"loss {low} (strong) … {high} (faint)")
        self.refresh()

    def _failed(self, sentence: str) -> None:
        self._ended()
        if sentence and self.drawing.found is None:
            self.say(sentence)
        elif sentence:
            self.caption.setText(sentence)

    def _forget(self) -> None:
        self._scan.cancel()
        self._topology = None
        self.drawing.found = None
        self.caption.setText("")
        self._refresher.request()

    # ------------------------------------------------------------------ showing
    def refresh(self) -> None:
        network = self._session.network
        if self.drawing.found is None or network.topology is not self._topology:
            if self.drawing.found is not None:
                self.drawing.found = None
                self.say()
            elif self.empty.sentence() == HINT:
                self.say()
            return
        thetas = self.trail.thetas
        if thetas.shape[1] != network.theta.size:
            thetas = np.empty((0, network.theta.size), dtype=np.float32)
        self.drawing.set_path(np.concatenate([thetas.astype(np.float64), network.theta[None]]))
        self.show_content(self.drawing)
