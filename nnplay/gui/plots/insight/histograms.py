"""How a quantity is spread in each layer: now as bars, or over epochs as a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, cast

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen, QPolygonF

from nnplay.core.layer_statistics import Histogram, LayerStatistics, Quantity, rebinned
from nnplay.core.topology import Topology
from nnplay.gui.panels.words import plain_number
from nnplay.gui.plots.header import text_toggle
from nnplay.gui.plots.insight.heat import amount_image
from nnplay.gui.plots.insight.page import Drawing, PlotPage, layer_title
from nnplay.gui.plots.readout import ReadoutLine
from nnplay.gui.theme import Theme
from nnplay.gui.widgets.controls import Choice
from nnplay.session.plot_requests import LayerWish, Stamped
from nnplay.session.session import Session

__all__ = ["HistogramsPage"]

MOST_MOMENTS: Final = 160
MOST_PANELS: Final = 8
BINS: Final = 40
TITLES: Final = (
    ("activation", "Activations"),
    ("pre_activation", "Weighted sums"),
    ("weight", "Weights"),
    ("gradient", "Gradients"),
)
Moment = tuple[float, LayerStatistics]


class _Histograms(Drawing):
    """A panel per layer."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__(session, theme, "Histograms of each layer")
        self._moments: Sequence[Moment] = ()
        self._over_time = False
        self._images: dict[int, tuple[QImage, float, float]] = {}

    def show_moments(self, moments: Sequence[Moment], *, over_time: bool) -> None:
        """The latest moment as bars, or all of them as a picture."""
        self._moments, self._over_time = moments, over_time
        self._images = {}
        if over_time:
            for place in range(self.panel_count):
                self._images[place] = self._image(place)
        now = moments[-1][1]
        words = [
            f"{layer_title(self._session.network, x.level)}: mean {plain_number(m, 3)}"
            for x, m in zip(now.layers, now.means.tolist(), strict=True)
        ]
        self.setAccessibleDescription(", ".join(words))
        self.update()

    @property
    def panel_count(self) -> int:
        """How many layers are shown."""
        return min(MOST_PANELS, len(self._moments[-1][1].layers)) if self._moments else 0

    def _image(self, place: int) -> tuple[QImage, float, float]:
        found = [moment[1].histograms[place] for moment in self._moments]
        low, high = min(h.low for h in found), max(h.high for h in found)
        columns = np.stack([rebinned(h, low, high, BINS) for h in found], axis=1)
        totals = columns.sum(axis=0)
        shares = columns / np.where(totals > 0.0, totals, 1.0)
        most = float(shares.max()) or 1.0
        return amount_image(self._theme.palette, np.sqrt(shares / most)[::-1]), low, high

    def panels(self) -> list[QRectF]:
        """Where each layer stands, its caption and numbers included."""
        count = self.panel_count
        if not count:
            return []
        room = QRectF(self.rect()).adjusted(2, 2, -4, -2)
        best = max(
            range(1, count + 1),
            key=lambda c: min(room.width() / c / 1.2, room.height() / math.ceil(count / c)),
        )
        lines = math.ceil(count / best)
        width, height = room.width() / best, room.height() / lines
        return [
            QRectF(
                room.left() + width * (i % best), room.top() + height * (i // best), width, height
            )
            for i in range(count)
        ]

    def plot_area(self, panel: QRectF) -> QRectF:
        """The part of a panel where bars or the picture are."""
        return panel.adjusted(8.0, 18.0, -8.0, -17.0)

    def draw(self, painter: QPainter) -> None:
        palette = self._theme.palette
        if not self._moments:
            return
        now = self._moments[-1][1]
        small = self._theme.ui_font(10)
        for place, panel in enumerate(self.panels()):
            area, layer = self.plot_area(panel), now.layers[place]
            painter.setFont(self._theme.ui_font(11))
            painter.setPen(QColor(palette.secondary))
            head = QRectF(area.left(), panel.top(), area.width(), 17)
            title = layer_title(self._session.network, layer.level)
            painter.drawText(
                head, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title
            )
            painter.setFont(small)
            painter.setPen(QColor(palette.tertiary_text))
            if self._over_time and place in self._images:
                image, low, high = self._images[place]
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
                painter.drawImage(area, image)
                ends = (self._moments[0][0], self._moments[-1][0])
                self._write_ends(painter, area, (f"epoch {ends[0]:,.0f}", f"{ends[1]:,.0f}"))
                right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                span = f"{plain_number(low, 2)} … {plain_number(high, 2)}"
                metrics = QFontMetricsF(painter.font())
                if metrics.horizontalAdvance(span) + 1.2 * metrics.horizontalAdvance(title) < (
                    head.width() - 8
                ):
                    painter.drawText(head, right, span)
            else:
                found = now.histograms[place]
                self._draw_bars(painter, area, found)
                texts = plain_number(found.low, 2), plain_number(found.high, 2)
                self._write_ends(painter, area, texts)
        if len(now.layers) > self.panel_count:
            painter.drawText(
                self.rect().adjusted(0, 0, -8, 0),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom,
                f"first {self.panel_count} of {len(now.layers)} layers",
            )

    def _write_ends(self, painter: QPainter, area: QRectF, texts: tuple[str, str]) -> None:
        height = QFontMetricsF(painter.font()).height()
        foot = QRectF(area.left(), area.bottom() + 1, area.width(), height)
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, texts[0])
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight, texts[1])

    def _draw_bars(self, painter: QPainter, area: QRectF, found: Histogram) -> None:
        palette = self._theme.palette
        most = float(found.counts.max()) or 1.0
        heights = found.counts / most * area.height()
        width = area.width() / len(heights)
        points = [area.bottomLeft()]
        for i, height in enumerate(heights.tolist()):
            left = area.left() + i * width
            points += [
                QPointF(left, area.bottom() - height),
                QPointF(left + width, area.bottom() - height),
            ]
        points.append(area.bottomRight())
        painter.setPen(Qt.PenStyle.NoPen)
        fill = QColor(palette.accent)
        fill.setAlphaF(0.75)
        painter.setBrush(fill)
        painter.drawPolygon(QPolygonF(points))
        painter.setPen(QPen(QColor(palette.border_strong), 1.0))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        if found.low < 0.0 < found.high:
            x = area.left() - found.low / (found.high - found.low) * area.width()
            pen = QPen(QColor(palette.tertiary), 1.0, Qt.PenStyle.DotLine)
            painter.setPen(pen)
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        painter.setPen(QColor(palette.tertiary_text))

    def read(self, place: QPointF) -> Sequence[ReadoutLine]:
        for index, panel in enumerate(self.panels()):
            area = self.plot_area(panel)
            if not area.contains(place):
                continue
            across = (place.x() - area.left()) / area.width()
            epoch, now = self._moments[-1]
            low, high, bins = 0.0, 0.0, BINS
            if self._over_time:
                moment = min(int(across * len(self._moments)), len(self._moments) - 1)
                epoch, now = self._moments[moment]
                _, low, high = self._images[index]
                bin_ = int((area.bottom() - place.y()) / area.height() * bins)
                counts: npt.NDArray[np.float64] = rebinned(now.histograms[index], low, high, bins)
            else:
                found = now.histograms[index]
                low, high, counts = found.low, found.high, found.counts
                bins = len(counts)
                bin_ = int(across * bins)
            bin_ = min(max(bin_, 0), bins - 1)
            step = (high - low) / bins
            start = low + bin_ * step
            total = float(counts.sum()) or 1.0
            return (
                ReadoutLine(layer_title(self._session.network, now.layers[index].level)),
                ReadoutLine("epoch", plain_number(epoch, 5)),
                ReadoutLine("from", plain_number(start, 3)),
                ReadoutLine("to", plain_number(start + step, 3)),
                ReadoutLine("share", f"{100 * counts[bin_] / total:.1f} %"),
                ReadoutLine("mean", plain_number(float(now.means[index]), 3)),
                ReadoutLine("deviation", plain_number(float(now.deviations[index]), 3)),
            )
        return ()


class HistogramsPage(PlotPage):
    """Choose a quantity; switch between now and over epochs (recorded as long as it is seen)."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__(session, theme, "Add a hidden neuron to see how its layer is spread.")
        self.quantity = Choice(TITLES, name="Quantity")
        self.quantity.chosen.connect(self._choose)
        self.over_time_button = text_toggle(
            "over epochs",
            "Over epochs: one column per moment, strong where many values are",
            self._turned,
        )
        self.add_control(self.quantity)
        self.add_control(self.over_time_button)
        self.drawing = _Histograms(session, theme)
        self.moments: list[Moment] = []
        self._topology: Topology | None = None
        self._wish = LayerWish()
        session.document_replaced.connect(self._restart)

    def wish(self) -> LayerWish:
        return self._wish

    def _choose(self, value: str) -> None:
        self._wish = LayerWish(quantity=cast(Quantity, value))
        self._restart()
        self.ask(again=True)

    def _restart(self) -> None:
        self.moments = []

    def _turned(self, _on: bool) -> None:
        self._refresher.request()

    def take(self, answer: Stamped) -> None:
        found = answer.value
        assert isinstance(found, LayerStatistics)  # noqa: S101
        if answer.network.topology is not self._topology:
            self._restart()
            self._topology = answer.network.topology
        while self.moments and self.moments[-1][0] >= answer.epoch:
            self.moments.pop()
        self.moments.append((answer.epoch, found))
        if len(self.moments) > MOST_MOMENTS:
            self.moments = [*self.moments[:-1:2], self.moments[-1]]
        self._refresher.request()

    def refresh(self) -> None:
        if not self.moments or not self.moments[-1][1].layers:
            self.say()
            return
        if self._session.network.topology is self._topology:
            self.drawing.show_moments(self.moments, over_time=self.over_time_button.isChecked())
            self.show_content(self.drawing)
