"""Milliseconds the canvas needs for a full update: new numbers taken, everything painted again.

``python -m benchmarks.canvas`` prints a table. "training" is what a frame costs while a run is
under way, "at rest" what moving the pointer over a still network costs, "dragging" one step of a
neuron under the pointer.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.tables import Report

CASES = (
    ("default, 18 edges", (2, 4, 2, 1), 3.0),
    ("spiral with 7 features, 92 edges", (7, 8, 4, 1), None),
    ("curves at their limit, 300 edges", (10, 20, 5), None),
    ("digits, 2,368 edges", (64, 32, 10), 16.0),
    ("784-128-10, 101,632 edges", (784, 128, 10), None),
)
FRAMES = 40


def _median(step: Callable[[int], object], frames: int) -> float:
    times = []
    for index in range(frames + 3):
        start = time.perf_counter()
        step(index)
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times[3:])


def measure_canvas() -> list[tuple[str, float, float, float, float | None]]:
    """Rows of (case, training ms, at rest ms, dragging ms, target for training or None)."""
    from PySide6.QtWidgets import QApplication  # noqa: TID251

    from nnplay.core.network import Network
    from nnplay.document import Document
    from nnplay.gui.canvas.view import CanvasView
    from nnplay.gui.theme import Theme
    from nnplay.session.session import Session

    app = QApplication.instance() or QApplication([])
    theme = Theme("dark")
    theme.apply(app)  # type: ignore[arg-type]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, sizes, target in CASES:
            features = ["x1", "x2", *(f"x{i}" for i in range(3, sizes[0] + 1))]
            network = Network.mlp(sizes, input_bindings=features)
            rng = np.random.default_rng(1)
            thetas = rng.normal(0, 0.4, (8, network.topology.parameter_count))
            session = Session(Document(network.with_theta(thetas[0])), state_folder=Path(folder))
            view = CanvasView(session, theme)
            view.resize(1000, 640)
            view.show()
            app.processEvents()
            scene = view.network_scene
            count = network.topology.neuron_count
            values = rng.uniform(-1, 1, (8, count))
            maps = rng.uniform(-1, 1, (count, 32, 32)).astype(np.float32)
            if scene.with_maps:
                scene.set_maps(network.topology.ids.tolist(), maps)
            networks = [network.with_theta(theta) for theta in thetas]
            frames = FRAMES if network.topology.edge_count < 10_000 else 10

            def train(index: int) -> None:
                scene.weigh(networks[index % 8])  # noqa: B023
                scene.set_values(values[index % 8])  # noqa: B023
                view.viewport().repaint()  # noqa: B023

            def rest(index: int) -> None:
                ids = scene.network.topology.ids  # noqa: B023
                scene.set_hover(int(ids[index % len(ids)]), None)  # noqa: B023
                view.viewport().repaint()  # noqa: B023

            def drag(index: int) -> None:
                place = {0: (float(index), float(index))}
                scene.move_to({**session.positions, **place})  # noqa: B023
                view.viewport().repaint()  # noqa: B023

            scene.edges.set_busy(True)
            training = _median(train, frames)
            dragging = _median(drag, frames)
            scene.edges.set_busy(False)
            at_rest = _median(rest, frames)
            rows.append((name, training, at_rest, dragging, target))
            view.close()
            session.shutdown()
            view.deleteLater()
            app.processEvents()
    return rows


def report_canvas(report: Report) -> None:
    """Measure and print."""
    rows = []
    for name, training, at_rest, dragging, target in measure_canvas():
        goal, verdict = "", ""
        if target:
            goal = f"≤ {target:g}"
            verdict = report.judge(f"canvas, {name}: ms", training, target, most=True)
        rows.append((name, f"{training:.2f}", f"{at_rest:.2f}", f"{dragging:.2f}", goal, verdict))
    report.table(
        "Full update of the canvas, ms",
        ("network", "training", "at rest", "dragging", "target for training", "reached?"),
        rows,
    )


def main() -> None:
    report = Report()
    report_canvas(report)
    report.close()


if __name__ == "__main__":
    main()
