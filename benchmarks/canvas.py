"""Frames of the canvas, against one graphics item for every edge, in one interleaved run.

``python -m benchmarks.canvas`` prints tables. A frame takes new numbers (or places, or another
view) and paints the whole viewport. The rival is a plain ``QGraphicsView`` with a
``QGraphicsLineItem`` for every edge and a ``QGraphicsRectItem`` for every neuron: the usual way to
draw a graph with Qt. Both take turns frame by frame. Times are processor time of this process,
so that other programs disturb them less.
"""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.tables import Report

__all__ = ["measure_canvas", "report_canvas"]

CASES: Final = (
    ("2-4-2-1", (2, 4, 2, 1)),
    ("7-8×6-1", (7, 8, 8, 8, 8, 8, 8, 1)),
    ("64-32-10", (64, 32, 10)),
    ("784-128-10", (784, 128, 10)),
)
JOBS: Final = ("all edges change", "drag one neuron", "pan", "zoom")
SIXTY: Final = 1000 / 60
THIRTY: Final = 1000 / 30
FRAMES: Final = 60
# The rival takes seconds for each of these; few frames say enough.
FRAMES_OF_MANY: Final = 24
RIVAL_FRAMES_OF_MANY: Final = 1
OPENING_TARGET: Final = 1000.0
EDITS: Final = 12

Step = Callable[[int], None]


@dataclass(frozen=True)
class Found:
    """Milliseconds of single frames: ours and the rival's."""

    case: str
    job: str
    ours: list[float]
    rival: list[float]


def network_of(sizes: tuple[int, ...]) -> Any:
    """The network of a case; 64 and 784 inputs are pixels."""
    from nnplay.core.network import Network

    side = round(sizes[0] ** 0.5)
    names = [f"x{i + 1}" for i in range(sizes[0])]
    if side > 2 and side * side == sizes[0]:
        names = [f"pixel_{i // side}_{i % side}" for i in range(sizes[0])]
    return Network.mlp(sizes, input_bindings=names)


def _values_of(network: Any) -> tuple[list[Any], Any]:
    rng = np.random.default_rng(1)
    thetas = rng.normal(0, 0.4, (8, network.topology.parameter_count))
    values = rng.uniform(-1, 1, (8, network.topology.neuron_count))
    return [network.with_theta(theta) for theta in thetas], values


class Ours:
    """The application's canvas."""

    def __init__(self, networks: list[Any], values: Any, folder: Path, theme: Any) -> None:
        from nnplay.document import Document
        from nnplay.gui.canvas.view import CanvasView
        from nnplay.session.session import Session

        self.networks, self.values = networks, values
        self.session = Session(Document(networks[0]), state_folder=folder)
        self.view = CanvasView(self.session, theme)
        self.view.resize(1000, 640)
        self.view.show()
        self.scene = self.view.network_scene
        count = networks[0].topology.neuron_count
        if self.scene.with_maps:
            maps = np.random.default_rng(2).uniform(-1, 1, (count, 32, 32)).astype(np.float32)
            self.scene.set_maps(networks[0].topology.ids.tolist(), maps)
        self.grabbed = int(networks[0].topology.hidden_ids[0])
        self.places = dict(self.session.positions)

    def jobs(self) -> dict[str, Step]:
        """One frame of every job."""
        view, scene = self.view, self.scene

        def change(index: int) -> None:
            scene.edges.set_busy(True)
            scene.weigh(self.networks[index % 8])
            scene.set_values(self.values[index % 8])
            view.viewport().repaint()

        def drag(index: int) -> None:
            scene.edges.set_busy(True)
            x, y = self.places[self.grabbed]
            scene.move_to({**self.places, self.grabbed: (x + index % 40, y + index % 30)})
            view.viewport().repaint()

        def pan(index: int) -> None:
            view.scroll_by(7.0 if index % 40 < 20 else -7.0, 3.0 if index % 20 < 10 else -3.0)
            view.viewport().repaint()

        def zoom(index: int) -> None:
            view.zoom_by(1.1 if index % 12 < 6 else 1 / 1.1)
            view.viewport().repaint()

        return dict(zip(JOBS, (change, drag, pan, zoom), strict=True))

    def rest(self) -> None:
        """Between two jobs: nothing changes, everything is in sight."""
        self.scene.edges.set_busy(False)
        self.scene.move_to(self.places)
        self.view.fit()
        self.scene.set_hasty(False)  # as a moment later
        self.view.viewport().repaint()

    def close(self) -> None:
        """Let go of everything."""
        self.view.hide()
        self.session.shutdown()
        self.view.deleteLater()


class OneItemPerEdge:
    """A plain graphics view with an item for every edge and every neuron."""

    def __init__(self, networks: list[Any], places: Any) -> None:
        from PySide6.QtCore import QRectF, Qt
        from PySide6.QtGui import QColor, QPainter, QPen
        from PySide6.QtWidgets import (  # noqa: TID251
            QGraphicsLineItem,
            QGraphicsRectItem,
            QGraphicsScene,
            QGraphicsView,
        )

        self.networks, self.places = networks, places
        low, high = places.min(axis=0) - 40, places.max(axis=0) + 40
        self.scene = QGraphicsScene(*low.tolist(), *(high - low).tolist())
        self.scene.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.view = QGraphicsView(self.scene)
        self.view.resize(1000, 640)
        # In its favour: so many smooth lines would take it many seconds.
        smooth = networks[0].topology.edge_count <= 20_000
        self.view.setRenderHint(QPainter.RenderHint.Antialiasing, smooth)
        for policy in (
            self.view.setHorizontalScrollBarPolicy,
            self.view.setVerticalScrollBarPolicy,
        ):
            policy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.pens = [
            [QPen(QColor(hue), 0.8 + 4.2 * step / 23) for step in range(24)]
            for hue in ("#FF9548", "#4C9AFF")
        ]
        self.rows = networks[0].topology.edge_rows.tolist()
        self.edges = []
        for source, target in self.rows:
            item = QGraphicsLineItem(*places[source], *places[target])
            self.scene.addItem(item)
            self.edges.append(item)
        for x, y in places.tolist():
            self.scene.addItem(QGraphicsRectItem(QRectF(x - 23, y - 23, 46, 46)))
        self._weigh(networks[0])
        self.grabbed = int(networks[0].topology.row(networks[0].topology.hidden_ids[0]))
        self.view.show()
        self.rest()

    def _weigh(self, network: Any) -> None:
        weights = network.theta[: len(self.edges)]
        steps = np.minimum(23, np.abs(weights) / max(np.abs(weights).max(), 1e-9) * 24).astype(int)
        signs = (weights >= 0).astype(int)
        for item, sign, step in zip(self.edges, signs.tolist(), steps.tolist(), strict=True):
            item.setPen(self.pens[sign][step])

    def jobs(self) -> dict[str, Step]:
        """One frame of every job."""
        view = self.view

        def change(index: int) -> None:
            self._weigh(self.networks[index % 8])
            view.viewport().repaint()

        def drag(index: int) -> None:
            moved = self.places.copy()
            moved[self.grabbed] += (index % 40, index % 30)
            for item, (source, target) in zip(self.edges, self.rows, strict=True):
                if self.grabbed in (source, target):
                    item.setLine(*moved[source], *moved[target])
            view.viewport().repaint()

        def pan(index: int) -> None:
            bar = view.horizontalScrollBar()
            bar.setValue(bar.value() + (7 if index % 40 < 20 else -7))
            view.viewport().repaint()

        def zoom(index: int) -> None:
            factor = 1.1 if index % 12 < 6 else 1 / 1.1
            view.scale(factor, factor)
            view.viewport().repaint()

        return dict(zip(JOBS, (change, drag, pan, zoom), strict=True))

    def rest(self) -> None:
        """Everything in sight."""
        from PySide6.QtCore import Qt

        self.view.fitInView(self.scene.sceneRect(), Qt.AspectRatioMode.KeepAspectRatio)

    def close(self) -> None:
        """Let go of everything."""
        self.view.hide()
        self.view.deleteLater()


def _turn(step: Step, index: int) -> float:
    start = time.process_time()
    step(index)
    return (time.process_time() - start) * 1e3


def measure_canvas(cases: tuple[tuple[str, tuple[int, ...]], ...] = CASES) -> list[Found]:
    """Frames of every case and job."""
    from PySide6.QtWidgets import QApplication  # noqa: TID251

    from nnplay.gui.theme import Theme

    app = QApplication.instance() or QApplication([])
    theme = Theme("dark")
    theme.apply(app)  # type: ignore[arg-type]
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for case, sizes in cases:
            networks, values = _values_of(network_of(sizes))
            many = networks[0].topology.edge_count > 20_000
            ours = Ours(networks, values, Path(folder), theme)
            rival = OneItemPerEdge(networks, ours.scene.places.copy())
            app.processEvents()
            gc.collect()
            for job in JOBS:
                ours.rest()
                rival.rest()
                our_step, rival_step = ours.jobs()[job], rival.jobs()[job]
                our_step(0)
                frames = FRAMES_OF_MANY if many else FRAMES
                rival_frames = RIVAL_FRAMES_OF_MANY if many else FRAMES
                our_times, rival_times = [], []
                for index in range(frames):
                    our_times.append(_turn(our_step, index + 1))
                    if index < rival_frames:
                        rival_times.append(_turn(rival_step, index + 1))
                results.append(Found(case, job, our_times, rival_times))
            ours.close()
            rival.close()
            app.processEvents()
    return results


def measure_opening() -> dict[str, float]:
    """Milliseconds from a 784-128-10 file to its painted canvas, step by step."""
    from PySide6.QtWidgets import QApplication  # noqa: TID251

    from nnplay.document import Document
    from nnplay.gui.canvas.view import CanvasView
    from nnplay.gui.theme import Theme
    from nnplay.library import load, save
    from nnplay.session.session import Session

    app = QApplication.instance() or QApplication([])
    theme = Theme("dark")
    theme.apply(app)  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "large.nnplay")
        save(Document(_values_of(network_of((784, 128, 10)))[0][0]), path)
        session = Session(state_folder=Path(folder))
        view = CanvasView(session, theme)
        view.resize(1000, 640)
        view.show()
        app.processEvents()
        start = time.process_time()
        document = load(path)
        read = time.process_time()
        session.new_document(document)
        shown = time.process_time()
        view.viewport().repaint()
        painted = time.process_time()
        edits = []
        for _ in range(EDITS):
            begin = time.process_time()
            session.add_to_level(1)
            view.viewport().repaint()
            edits.append((time.process_time() - begin) * 1e3)
        view.hide()
        session.shutdown()
        view.deleteLater()
        app.processEvents()
    return {
        "read": (read - start) * 1e3,
        "shown": (shown - read) * 1e3,
        "painted": (painted - shown) * 1e3,
        "all": (painted - start) * 1e3,
        "edit": float(np.median(edits)),
    }


def _target(case: str, job: str) -> float:
    if case == "784-128-10":
        return THIRTY
    return SIXTY if job == JOBS[0] else THIRTY


def report_canvas(report: Report) -> None:
    """Measure and print."""
    rows = []
    for found in measure_canvas():
        p50, p95, p99 = np.percentile(found.ours, [50, 95, 99])
        rival = np.percentile(found.rival, [50, 95, 99])
        target = _target(found.case, found.job)
        what = f"canvas, {found.case}, {found.job}: p95 in ms"
        rows.append(
            (
                f"{found.case}, {found.job}",
                *(f"{value:.1f}" for value in (p50, p95, p99)),
                f"≤ {target:.1f}",
                report.judge(what, float(p95), target, most=True),
                *(f"{value:.1f}" for value in rival),
                f"{rival[0] / p50:.1f}×",
            )
        )
    report.table(
        "Frames of the canvas, ms of processor time; against one graphics item per edge",
        ("network and job", "p50", "p95", "p99", "target for p95", "reached?",
         "items: p50", "p95", "p99", "ratio of p50"),
        rows,
    )  # fmt: skip
    opening = measure_opening()
    verdict = report.judge("opening 784-128-10: ms", opening["all"], OPENING_TARGET, most=True)
    report.table(
        "Opening 784-128-10 (101,632 edges), ms",
        ("step", "ms", "target", "reached?"),
        (
            ("read the file", f"{opening['read']:.0f}", "", ""),
            ("session and canvas take it", f"{opening['shown']:.0f}", "", ""),
            ("first paint", f"{opening['painted']:.0f}", "", ""),
            ("all", f"{opening['all']:.0f}", f"≤ {OPENING_TARGET:.0f}", verdict),
            ("add a neuron to the layer of 128, painted", f"{opening['edit']:.0f}", "", ""),
        ),
    )


def main() -> None:
    report = Report()
    report_canvas(report)
    report.close()


if __name__ == "__main__":
    main()
