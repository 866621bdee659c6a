"""Predicted numbers: over the inputs where they can be drawn, beside the true ones otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from nnplay.gui.panels.words import plain_number
from nnplay.gui.plots.curve_view import CurveView
from nnplay.gui.plots.insight.page import Drawing
from nnplay.gui.plots.insight.plane_page import PlanePage, held_words
from nnplay.gui.plots.insight.surface import SurfaceDrawing
from nnplay.gui.plots.plane import PlaneFrame, paint_axes
from nnplay.gui.plots.readout import ReadoutLine
from nnplay.gui.plots.scales import round_up
from nnplay.gui.theme import Theme
from nnplay.gui.widgets.controls import Choice
from nnplay.session.map_columns import mappable_columns
from nnplay.session.plot_requests import AnswersWish, PlotWish, Predictions, Stamped
from nnplay.session.session import Session
from nnplay.session.surface_request import Surface, SurfaceWish

__all__ = ["RegressionPage"]

FloatArray = npt.NDArray[np.float64]

MOST_DRAWN: Final = 1000
REACH: Final = 10.0
CLASSES: Final = "The target is a class; the confusion matrix shows how it is answered."
VIEWS: Final = {"scatter": "Predicted and true", "residuals": "Residuals"}


class _Cloud(Drawing):
    """Predictions over true values, or what is left over predictions."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__(session, theme, "Predictions and true values")
        self._rows: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.places: FloatArray = np.empty((0, 2))
        self._residuals = False
        self._domain = (0.0, 1.0, 0.0, 1.0)

    def show_answers(self, found: Predictions, *, residuals: bool) -> None:
        """Other predictions."""
        some = slice(0, len(found.rows), max(1, -(-len(found.rows) // MOST_DRAWN)))
        wanted, given = found.wanted[some].astype(np.float64), found.given[some]
        self._rows, self._residuals = found.rows[some], residuals
        low, high = float(wanted.min()), float(wanted.max())
        span = (high - low) or 1.0
        ends = (low - 0.06 * span, high + 0.06 * span)
        if residuals:
            self.places = np.stack([wanted, wanted - given], axis=1)
            sizes = np.abs(self.places[:, 1][np.isfinite(self.places[:, 1])])
            reach = round_up(1.05 * float(sizes.max())) if sizes.size and sizes.max() > 0 else 1.0
            self._domain = (*ends, -reach, reach)
        else:
            self.places = np.stack([wanted, given], axis=1)
            self._domain = (*ends, *ends)
        self.update()

    @property
    def frame(self) -> PlaneFrame:
        """Where the plane is."""
        return PlaneFrame(QRectF(self.rect()).adjusted(50, 6, -10, -24), self._domain)

    def pixels(self) -> FloatArray:
        """Where the samples stand; those beyond the borders on them."""
        x0, x1, y0, y1 = self._domain
        sound = np.nan_to_num(self.places, nan=y0, posinf=y1, neginf=y0)
        return self.frame.pixels(np.clip(sound, (x0, y0), (x1, y1)))

    def draw(self, painter: QPainter) -> None:
        if not len(self.places):
            return
        palette, frame = self._theme.palette, self.frame
        painter.setPen(QPen(QColor(palette.border), 1.0))
        painter.setBrush(QColor(palette.card))
        painter.drawRect(frame.rect)
        names = ("target", "residual" if self._residuals else "predicted")
        paint_axes(painter, self._theme, frame, names, 46.0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(palette.tertiary), 1.0, Qt.PenStyle.DashLine))
        x0, x1, y0, y1 = self._domain
        start, end = ((x0, 0.0), (x1, 0.0)) if self._residuals else ((x0, y0), (x1, y1))
        painter.drawLine(frame.to_pixel(*start), frame.to_pixel(*end))
        dot = QColor(palette.text)
        dot.setAlphaF(0.55)
        pen = QPen(dot, 4.0)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        pixels = self.pixels()
        painter.drawPoints(QPolygonF([QPointF(x, y) for x, y in pixels.tolist()]))
        hit = np.flatnonzero(self._rows == self._session.probe.row)
        if hit.size:
            painter.setPen(QPen(QColor(palette.accent), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(*pixels[int(hit[0])].tolist()), 6.0, 6.0)

    def _nearest(self, place: QPointF) -> int | None:
        if not len(self.places):
            return None
        away = np.hypot(*(self.pixels() - (place.x(), place.y())).T)
        index = int(away.argmin())
        return index if away[index] <= REACH else None

    def read(self, place: QPointF) -> Sequence[ReadoutLine]:
        index = self._nearest(place)
        if index is None:
            return ()
        wanted, other = self.places[index].tolist()
        return (
            ReadoutLine("row", f"{int(self._rows[index]) + 1:,}"),
            ReadoutLine("target", plain_number(wanted, 4)),
            ReadoutLine("residual" if self._residuals else "predicted", plain_number(other, 4)),
        )

    def click(self, place: QPointF) -> None:
        index = self._nearest(place)
        if index is not None:
            self._session.probe_row(int(self._rows[index]))

    def stepped(self, across: int, down: int) -> bool:
        if not len(self._rows):
            return False
        order = np.argsort(self.places[:, 0], kind="stable")
        hit = np.flatnonzero(self._rows[order] == self._session.probe.row)
        index = (int(hit[0]) if hit.size else 0) + (across or -down)
        index = min(max(index, 0), len(order) - 1)
        self._session.probe_row(int(self._rows[order[index]]))
        return True


class RegressionPage(PlanePage):
    """A surface over two columns or a curve over one; predicted and true values; residuals."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__(session, theme, "There are no data to predict yet.")
        self.view = Choice(name="View")
        self.view.setMinimumContentsLength(8)
        self.view.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.view.chosen.connect(self._view_chosen)
        self.add_control(self.view)
        self.part = Choice((("train", "train"), ("test", "test")), name="Part of the data")
        self.part.chosen.connect(self._view_chosen)
        self.add_control(self.part)
        self.surface = SurfaceDrawing(session, theme)
        self.cloud = _Cloud(session, theme)
        self._curve: CurveView | None = None
        self._answer: Stamped | None = None
        self._wish: PlotWish | None = None
        session.data_changed.connect(self._list_views)
        session.document_replaced.connect(self._list_views)
        self.follow_probe(self.cloud)
        self.follow_probe(self.surface)
        self._list_views()

    def wish(self) -> PlotWish | None:
        return self._wish

    def uses_plane(self) -> bool:
        return isinstance(self._wish, SurfaceWish)

    def _list_views(self) -> None:
        prepared = self._session.prepared
        views = dict(VIEWS)
        if prepared is not None and prepared.has_plane:
            views = {"surface": "Surface", **views}
        elif prepared is not None and prepared.raw_numeric == (True,):
            views = {"curve": "Curve", **views}
        elif len(mappable_columns(prepared)) > 1:
            views = {**views, "surface": "Surface"}
        before = self.view.value()
        self.view.set_items(list(views.items()))
        if before not in views:
            self.view.set_value(next(iter(views)))
        self._view_chosen()

    def _view_chosen(self, *_: object) -> None:
        prepared, part = self._session.prepared, self.part.value()
        chosen = self.view.value()
        self._answer = self._wish = None
        is_number = prepared is not None and prepared.classes is None
        if is_number and chosen != "curve":
            kind = SurfaceWish if chosen == "surface" else AnswersWish
            self._wish = kind(part="test" if part == "test" else "train")
        self.offer_columns()
        self.ask(again=True)
        self._refresher.request()

    def take(self, answer: Stamped) -> None:
        self._answer = answer
        self._refresher.request()

    def refresh(self) -> None:
        prepared = self._session.prepared
        self.caption.setText("")
        if prepared is None or prepared.classes is not None:
            self.say("" if prepared is None else CLASSES)
            return
        if self.view.value() == "curve":
            if self._curve is None:
                self._curve = CurveView(self._session, self._theme)
                self._curve.take_data()
            self.show_content(self._curve)
            return
        value = None if self._answer is None else self._answer.value
        if isinstance(value, Surface):
            # A surface takes long to paint: four pictures a second are enough while it moves.
            self._refresher.set_interval(250 if self._session.is_running else 120)
            held = held_words(prepared, value.plane)
            self._caption(value.samples[:, 2] - value.samples[:, 3], held)
            self.surface.show_surface(value)
            self.show_content(self.surface)
        elif isinstance(value, Predictions) and value.wanted.dtype.kind == "f" and len(value.rows):
            self._caption(np.subtract(value.wanted, value.given, dtype=np.float64))
            self.cloud.show_answers(value, residuals=self.view.value() == "residuals")
            self.show_content(self.cloud)
        else:
            self.say()

    def _caption(self, residuals: FloatArray, held: str = "") -> None:
        size = float(np.sqrt(np.mean(residuals**2))) if residuals.size else float("nan")
        words = f"off by {plain_number(size, 3)} (root mean square)"
        self.caption.setText(f"{words} · {held}" if held else words)
