"""What each view beside the canvas costs while the network trains flat out.

``python -m benchmarks.views [PART OF A NAME …]`` opens the real window offscreen in its default layout,
and trains without a limit. One view after the other is brought to the front, and hidden and shown in
turn: in both states everything else stays as it is. Training with the view is compared with training
without it, turn by turn, and an interval between two paints of the canvas is noted as in
:mod:`benchmarks.frames`.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np

from benchmarks.contenders import compiled_backend
from benchmarks.frames import PaintedWindow, opened_window
from benchmarks.tables import Report

__all__ = ["VIEWS", "Cost", "View", "measure_views", "report_views"]

SECONDS: Final = 0.8
SETTLE: Final = 0.3
WARM_UP: Final = 1.5
ROUNDS: Final = 7
FEWER_ROUNDS: Final = 3
"""Beside all the other benchmarks."""
QUICK: Final = 0.15
SHARE_TARGET: Final = 0.8
P99_TARGET: Final = 20.0

Show = Callable[[bool], object]


@dataclass(frozen=True)
class View:
    """A view, how it is brought to the front, and how it is hidden and shown again.

    Attributes:
        name: what people call it.
        open: brings it to the front of a window; returns what shows (True) and hides it (False).
        document: name of the set-up it is seen with.
    """

    name: str
    open: Callable[[Any], Show]
    document: str = "circle"


@dataclass(frozen=True)
class Cost:
    """What was measured about a view.

    Attributes:
        view: its name.
        shares: steps per second with it as a share of those without, one per round.
        busy_shares: the same per second of processor time of this process: other programs disturb it
            less, but it does not see who waits, and counts what a second core does meanwhile.
        extra: processor time of the window's thread for a frame, in ms more than without.
        p99_with, p99_without: of the intervals between two paints of the canvas, in ms.
        steps: per second, with it.
    """

    view: str
    shares: list[float]
    busy_shares: list[float]
    extra: float
    p99_with: float
    p99_without: float
    steps: float

    @property
    def share(self) -> float:
        """The median share."""
        return statistics.median(self.shares)


# ---------------------------------------------------------------------- the views
def _hiding(widget: Any) -> Show:
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)  # its card keeps its size
    widget.setSizePolicy(policy)
    return widget.setVisible


def _panel(
    card: str, attribute: str, *, selects: str = "", page: str = ""
) -> Callable[[Any], Show]:
    def bring(window: Any) -> Show:
        bench, session = window.workbench, window.session
        for group in (bench.left, bench.right, bench.curves):
            if bench.cards[card] in group.cards:
                group.show_card(group.cards.index(bench.cards[card]))
        topology = session.network.topology
        edges = [tuple(topology.edges[0].tolist())] if selects == "connection" else []
        session.select(topology.hidden_ids[:1] if selects == "neuron" else (), edges)
        view = getattr(window.views, attribute)
        if page:
            view.show_page(page)
        for group in (bench.left, bench.right, bench.curves):
            if bench.cards[card] in group.cards:
                group.show_card(group.cards.index(bench.cards[card]))
        return _hiding(view)

    return bring


def _plot(name: str, *, selects: bool = False) -> Callable[[Any], Show]:
    def bring(window: Any) -> Show:
        session = window.session
        session.select(session.network.topology.hidden_ids[:2] if selects else ())
        window.show_plot(name)
        if name == "histograms":
            window.views.more_plots.page.over_time_button.setChecked(True)
        elif name == "landscape":
            window.views.more_plots.page.compute.click()
        return _hiding(window.views.more_plots)

    return bring


def _map(window: Any) -> Show:
    return _hiding(window.views.decision_map)


def _table(place: int) -> Callable[[Any], Show]:
    def bring(window: Any) -> Show:
        window.workbench.show_table(True)
        window.views.table_view.show_table(place)
        return _hiding(window.views.table_view)

    return bring


def _looks(*, edges: str = "weights", neurons: str = "activation") -> Callable[[Any], Show]:
    def bring(window: Any) -> Show:
        def show(on: bool) -> None:
            window.views.show_edges(edges if on else "weights")
            window.views.show_neurons(neurons if on else "activation")

        return show

    return bring


VIEWS: Final[tuple[View, ...]] = (
    View("loss", _panel("loss", "loss_plot")),
    View("activations", _panel("activations", "activation_plot")),
    View("decision map", _map),
    View("answers of a table", _map, "iris"),
    *(
        View(f"plot: {title}", _plot(name, selects=name == "weights"), document)
        for name, title, document in (
            ("metrics", "accuracy", "circle"),
            ("gradients", "gradient norms", "circle"),
            ("histograms", "histograms over time", "circle"),
            ("data_heat", "activations of all data", "circle"),
            ("weights", "weight history", "circle"),
            ("hidden_space", "hidden space", "circle"),
            ("confusion", "confusion matrix", "circle"),
            ("landscape", "loss landscape", "circle"),
            ("metrics", "R²", "reg-plane"),
            ("regression", "regression surface", "reg-plane"),
        )
    ),
    View("inspector, nothing selected", _panel("inspector", "inspector")),
    View("inspector, a neuron", _panel("inspector", "inspector", selects="neuron")),
    View("inspector, a connection", _panel("inspector", "inspector", selects="connection")),
    View("explain, a neuron", _panel("explain", "explain", selects="neuron")),
    View("explain, a connection", _panel("explain", "explain", selects="connection")),
    View("training", _panel("training", "training")),
    View("data", _panel("data", "data")),
    View("features", _panel("features", "features")),
    View("layers", _panel("layers", "layers")),
    View("history", _panel("history", "history")),
    *(
        View(f"health: {name}", _panel("health", "health", page=name))
        for name in ("findings", "ablation", "probe", "batch")
    ),
    View("table of neurons", _table(0)),
    View("table of connections", _table(1)),
    View("canvas: gradients in connections", _looks(edges="gradients")),
    View("canvas: updates in connections", _looks(edges="updates")),
    View("canvas: mean activations", _looks(neurons="mean")),
    View("canvas: deltas", _looks(neurons="delta")),
)


# ---------------------------------------------------------------------- measuring
def measure_views(
    backend: str, views: Sequence[View] = VIEWS, rounds: int = ROUNDS, haste: float = 1.0
) -> Iterator[Cost]:
    """Measure some views in one window, one after the other.

    Args:
        backend: ``numpy`` or ``compiled``.
        views: which.
        rounds: turns with and without each view.
        haste: below 1 all turns are so much shorter.
    """
    from nnplay.setup import new_document

    with opened_window() as shown:
        window, session = shown.window, shown.window.session
        session.backends.set_wish(backend)
        for view in views:
            session.pause()
            session.new_document(new_document(view.document)[0])
            show = view.open(window)
            session.start()
            shown.spin(haste * WARM_UP)
            cost = _cost(shown, view.name, show, rounds, haste)
            trained_by = session.live_document.state.backend
            if trained_by != backend:
                raise ValueError(f"The window trained on “{trained_by}”, not on {backend}.")
            yield cost
            show(not view.name.startswith("canvas"))  # as the window was before
            window.workbench.show_table(False)
        session.pause()


def _cost(shown: PaintedWindow, name: str, show: Show, rounds: int, haste: float) -> Cost:
    session = shown.window.session
    speeds: dict[bool, list[float]] = {True: [], False: []}
    busy_speeds: dict[bool, list[float]] = {True: [], False: []}
    costs: dict[bool, list[float]] = {True: [], False: []}
    intervals: dict[bool, list[float]] = {True: [], False: []}
    for number in range(rounds):
        # Who goes first changes, so that a machine that grows slower favours nobody.
        for is_on in (False, True) if number % 2 else (True, False):
            show(is_on)
            shown.spin(haste * SETTLE)
            shown.paints.clear()
            step, begin, busy = session.shown_step, time.perf_counter(), time.process_time()
            own = time.thread_time()
            shown.spin(haste * SECONDS)
            costs[is_on].append(1000.0 * (time.thread_time() - own) / max(1, len(shown.paints)))
            steps = session.shown_step - step
            speeds[is_on].append(steps / (time.perf_counter() - begin))
            busy_speeds[is_on].append(steps / (time.process_time() - busy))
            intervals[is_on] += (1000.0 * np.diff(shown.paints)).tolist()
    shares, busy_shares = (
        [a / b for a, b in zip(found[True], found[False], strict=True)]
        for found in (speeds, busy_speeds)
    )
    p99 = {
        is_on: float(np.percentile(found, 99)) if found else float("nan")
        for is_on, found in intervals.items()
    }
    extra = statistics.median(costs[True]) - statistics.median(costs[False])
    return Cost(
        name, shares, busy_shares, extra, p99[True], p99[False], statistics.median(speeds[True])
    )


# ---------------------------------------------------------------------- reporting
def report_views(
    report: Report,
    *,
    quick: bool = False,
    rounds: int = FEWER_ROUNDS,
    parts: Sequence[str] = (),
    backends: Sequence[str] = (),
) -> None:
    """Measure and print; with the backend the window would choose if nothing is said.

    Args:
        report: where to.
        quick: a single round of short turns, which only shows that everything runs.
        rounds: turns with and without each view.
        parts: only views with one of these in their names.
        backends: ``numpy``, ``compiled`` or both.
    """
    absent = compiled_backend()[1]
    views = [v for v in VIEWS if not parts or any(part in v.name for part in parts)]
    rounds, haste = (1, QUICK) if quick else (rounds, 1.0)
    for backend in backends or ("numpy" if absent else "compiled",):
        title = f"Views beside the canvas while the default network trains flat out, {backend}"
        costs = measure_views(backend, views, rounds, haste)
        report.table(
            f"{title} (load {_load()})",
            ("view", "steps/s", "speed with it", f"≥ {100 * SHARE_TARGET:.0f} %?",
             "by processor time", "window, ms a frame", "p99, ms", "without it", f"p99 < {P99_TARGET:g}?"),
            (_row(report, backend, cost) for cost in costs),
        )  # fmt: skip
        print(f"\nLoad {_load()} at the end.")


def _row(report: Report, backend: str, cost: Cost) -> tuple[str, ...]:
    low, high = 100 * min(cost.shares), 100 * max(cost.shares)
    what = f"{cost.view}, {backend}"
    return (
        cost.view,
        f"{cost.steps:,.0f}",
        f"{100 * cost.share:.0f} % ({low:.0f}–{high:.0f})",
        report.judge(f"{what}: share of the speed without it", cost.share, SHARE_TARGET),
        f"{100 * statistics.median(cost.busy_shares):.0f} %",
        f"{cost.extra:+.1f}",
        f"{cost.p99_with:.1f}",
        f"{cost.p99_without:.1f}",
        report.judge(f"{what}: p99 in ms", cost.p99_with, P99_TARGET, most=True),
    )


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def main() -> None:
    report = Report()
    absent = compiled_backend()[1]
    both = ("numpy",) if absent else ("compiled", "numpy")
    chosen = [name for name in both if name in sys.argv[1:]]
    parts = [part for part in sys.argv[1:] if part not in both]
    report_views(report, rounds=ROUNDS, parts=parts, backends=chosen or both)
    report.close()


if __name__ == "__main__":
    main()
