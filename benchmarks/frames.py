"""How evenly the window paints while the default network trains flat out, and what it costs.

``python -m benchmarks.frames`` opens the real window offscreen, starts training without a limit
and notes when the canvas has been painted. An interval is the time between two paints, so both
the work of all views and the Python lock shared with the training thread are in it. The trainer's
speed is compared with the same trainer alone in this process, before and after, by the clock.

For comparison the same window paints by a timer, with nothing trained.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np

from benchmarks.contenders import compiled_backend
from benchmarks.tables import Report

__all__ = ["Frames", "PaintedWindow", "measure_frames", "opened_window", "report_frames"]

SECONDS: Final = 8.0
WARM_UP: Final = 2.0
ALONE_SECONDS: Final = 2.0
P99_TARGET: Final = 20.0
SHARE_TARGETS: Final = {"numpy": 0.75, "compiled": 0.92}


@dataclass(frozen=True)
class Frames:
    """Intervals between two paints of the canvas in ms, and what training did meanwhile.

    ``share`` is the trainer's speed as a share of its speed alone; NaN without training.
    """

    p50: float
    p95: float
    p99: float
    largest: float
    count: int
    epochs_per_second: float
    share: float


class PaintedWindow:
    """The window, and the times at which its canvas was painted."""

    def __init__(self, application: Any, window: Any) -> None:
        from PySide6.QtCore import QEvent, QObject

        self.window, self.application = window, application
        self.paints: list[float] = []
        paints = self.paints

        class Watch(QObject):
            def eventFilter(self, watched: QObject, event: QEvent) -> bool:
                if event.type() == QEvent.Type.Paint:
                    paints.append(time.perf_counter())
                return False

        self._watch = Watch()
        window.views.canvas.viewport().installEventFilter(self._watch)

    def spin(self, seconds: float) -> None:
        """Let the window live for a while."""
        from PySide6.QtCore import QEventLoop, QTimer

        # A real event loop, as in the application: polling would hide the wake-ups.
        loop = QEventLoop()
        QTimer.singleShot(round(1000 * seconds), loop.quit)
        loop.exec()


@contextmanager
def opened_window() -> Iterator[PaintedWindow]:
    """The application's window with the default document and layout; closed in the end."""
    from nnplay.app import create_application, open_window

    application = create_application(["benchmark"])
    with tempfile.TemporaryDirectory() as folder:
        window = open_window(state_folder=Path(folder))
        window.resize(1280, 800)
        window.show()
        while not (window.is_finished and window.views.is_complete):
            application.processEvents()
        yield PaintedWindow(application, window)
        window.session.shutdown()
        window.hide()
        window.deleteLater()
        application.processEvents()


def _alone(document: Any, name: str, seconds: float) -> float:
    """Epochs per second of the trainer with nothing beside it."""
    from nnplay.headless import trainer_of

    trainer = trainer_of(document, name)
    trainer.run(5)
    begun, start = trainer.epoch, time.perf_counter()
    end = start + seconds
    while time.perf_counter() < end:
        trainer.run(20)
    return (trainer.epoch - begun) / (time.perf_counter() - start)


def measure_frames(name: str = "numpy", seconds: float = SECONDS) -> Frames:
    """Train the default network in the default window and watch the canvas.

    Args:
        name: ``numpy`` or ``compiled``; raises ``ValueError`` if the window trains on another.
        seconds: how long to watch.
    """
    with opened_window() as shown:
        session = shown.window.session
        document = session.document
        before = _alone(document, name, ALONE_SECONDS)
        session.backends.set_wish(name)
        session.start()
        shown.spin(WARM_UP)
        shown.paints.clear()
        epoch, begin = session.shown_epoch, time.perf_counter()
        shown.spin(seconds)
        speed = (session.shown_epoch - epoch) / (time.perf_counter() - begin)
        trained_by = session.run_state.backend
        session.pause()
        if trained_by != name:
            raise ValueError(f"The window trained on “{trained_by}”, not on {name}.")
        alone = (before + _alone(document, name, ALONE_SECONDS)) / 2
        return _frames(shown.paints, speed, speed / alone)


def measure_idle_frames(seconds: float = SECONDS / 2) -> Frames:
    """The same window painted by a timer, 60 times a second, with nothing trained."""
    from PySide6.QtCore import Qt, QTimer

    with opened_window() as shown:
        timer = QTimer()
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(shown.window.views.canvas.viewport().update)
        timer.start(16)
        shown.spin(WARM_UP / 2)
        shown.paints.clear()
        shown.spin(seconds)
        timer.stop()
        return _frames(shown.paints, 0.0, float("nan"))


def _frames(paints: list[float], speed: float, share: float) -> Frames:
    intervals = 1000 * np.diff(paints)
    p50, p95, p99 = np.percentile(intervals, [50, 95, 99])
    return Frames(p50, p95, p99, float(intervals.max()), len(intervals), speed, share)


def report_frames(report: Report, *, quick: bool = False) -> None:
    """Measure with every backend there is, and print."""
    seconds = 3.0 if quick else SECONDS
    rows = []
    idle = measure_idle_frames(seconds / 2)
    rows.append(("none, painted by a timer", *_numbers(idle), "", "", "", ""))
    absent = compiled_backend()[1]
    for name in ("numpy", *(() if absent else ("compiled",))):
        found = measure_frames(name, seconds)
        target = SHARE_TARGETS[name]
        rows.append(
            (
                name,
                *_numbers(found),
                report.judge(f"frames, {name}: p99 in ms", found.p99, P99_TARGET, most=True),
                f"{found.epochs_per_second:,.0f}",
                f"{100 * found.share:.0f} % (≥ {100 * target:.0f} %)",
                report.judge(f"trainer in the window, {name}: share", found.share, target),
            )
        )
    report.table(
        "Frames of the canvas while the default network trains flat out, ms",
        ("trainer", "p50", "p95", "p99", "largest", f"p99 < {P99_TARGET:g}?", "epochs/s",
         "share of its speed alone", "reached?"),
        rows,
    )  # fmt: skip
    if absent:
        print(f"\nThe compiled backend took no part: {absent}")


def _numbers(frames: Frames) -> tuple[str, ...]:
    return tuple(f"{value:.1f}" for value in (frames.p50, frames.p95, frames.p99, frames.largest))


def main() -> None:
    report = Report()
    report_frames(report)
    report.close()


if __name__ == "__main__":
    main()
