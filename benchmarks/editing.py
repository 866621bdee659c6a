"""Milliseconds from a verb to the end of its announcement: what an edit of structure costs.

``python -m benchmarks.editing`` prints a table. Measured is the model part: the network, optimiser
memory and initial weights that follow it, positions, the undo step, the probe, and the signals,
with nobody listening; painting is measured by :mod:`benchmarks.canvas`. A document has 500 rows of
data and has been trained with Adam. Times are those of the thread that edits (losses and maps are
computed beside it), so that other programs lengthen them less.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.tables import Report

if TYPE_CHECKING:
    from nnplay.document import Document
    from nnplay.session.session import Session

__all__ = ["measure_editing", "report_editing"]

NETWORKS: Final = ((2, 4, 2, 1), (64, 32, 10), (784, 128, 10))
# One frame of 60 a second.
TARGET: Final = 1000 / 60
ROUNDS: Final = 12
ROWS: Final = 500
# Seconds in which what runs beside the edit before comes to rest.
REST: Final = 0.05


def _document(sizes: Sequence[int]) -> Document:
    """A classifier that has been trained with Adam."""
    from nnplay.core.config import TrainingState
    from nnplay.data.recipe import Column, RawTable
    from nnplay.setup import new_document

    rng = np.random.default_rng(1)
    classes = tuple(f"class {letter}" for letter in "ABCDEFGHIJ"[: max(2, sizes[-1])])
    columns = [Column(f"p{i}", rng.uniform(0, 1, ROWS)) for i in range(sizes[0])]
    answers = Column("answer", (np.arange(ROWS) % len(classes)).astype(float), classes)
    table = RawTable((*columns, answers), "answer", classes)
    document, _ = new_document(
        "table", layers=sizes, table=table, scale_inputs="none", training={"optimizer": "adam"}
    )
    count = document.network.topology.parameter_count
    memory = {name: rng.uniform(0, 1, count) for name in ("m", "v")}
    state = TrainingState(step=100, epoch=5, optimizer_arrays=memory, optimizer_step=100)
    return replace(document, state=state, initial=document.network.theta + 0.5)


def _verbs(session: Session) -> list[tuple[str, Callable[[], object]]]:
    """Names of edits, and the edits; one after the other they all find something to do."""
    from nnplay.core.topology import Kind

    def topology_ids() -> tuple[int, int]:
        """The first input and the latest hidden neuron."""
        return session.network.topology.input_ids[0], session.network.topology.hidden_ids[-1]

    def some_edge() -> tuple[int, int]:
        source, target = session.network.topology.edges[5].tolist()
        return source, target

    def paste() -> object:
        session.select([session.network.topology.hidden_ids[0]])
        return session.duplicate_selection()

    return [
        ("add a neuron", lambda: session.add_neuron(Kind.HIDDEN, 40.0, 40.0)),
        ("connect", lambda: session.connect(*topology_ids())),
        ("add to a layer", lambda: session.add_to_level(1)),
        ("duplicate", paste),
        ("remove a neuron", lambda: session.remove([session.network.topology.hidden_ids[0]])),
        ("remove an edge", lambda: session.remove((), [some_edge()])),
        ("undo", session.undo),
    ]


def measure_editing(*, quick: bool = False) -> list[tuple[str, int, dict[str, float]]]:
    """For every network its name, its number of edges, and median milliseconds of every edit."""
    from PySide6.QtCore import QCoreApplication

    from nnplay.session.session import Session

    app = QCoreApplication.instance() or QCoreApplication([])
    rows = []
    for sizes in NETWORKS:
        with tempfile.TemporaryDirectory() as folder:
            session = Session(_document(sizes), state_folder=Path(folder))
            edges = session.network.topology.edge_count
            times: dict[str, list[float]] = {}
            for _ in range(3 if quick else ROUNDS):
                for name, verb in _verbs(session):
                    time.sleep(REST)
                    app.processEvents()
                    start, step = time.thread_time(), session.undo_stack.index()
                    verb()
                    times.setdefault(name, []).append((time.thread_time() - start) * 1e3)
                    assert session.undo_stack.index() != step, name
                session.undo_to(0)
            session.shutdown()
        title = "-".join(map(str, sizes))
        rows.append((title, edges, {name: statistics.median(t[1:]) for name, t in times.items()}))
    return rows


def report_editing(report: Report, *, quick: bool = False) -> None:
    """Measure and print."""
    rows = []
    names: list[str] = []
    for title, edges, times in measure_editing(quick=quick):
        names = list(times)
        worst = max(times, key=lambda name: times[name])
        subject = f"editing {title}, {worst}: ms"
        verdict = report.judge(subject, times[worst], TARGET, most=True)
        figures = [f"{value:.2f}" for value in times.values()]
        rows.append((f"{title}, {edges:,} edges", *figures, f"≤ {TARGET:.1f}", verdict))
    columns = ("network", *names, "target for each", "reached?")
    report.table("Edits of structure, ms", columns, rows)


def main() -> None:
    report = Report()
    report_editing(report)
    report.close()


if __name__ == "__main__":
    main()
