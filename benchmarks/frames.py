"""How evenly the window paints while the default network trains flat out.

``python -m benchmarks.frames`` opens the real window offscreen, starts training without a limit
and notes when the canvas has been painted. An interval is the time between two paints, so both
the work of all views and the Python lock shared with the training thread are in it.
"""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np

SECONDS = 12.0
WARM_UP = 2.0


@dataclass(frozen=True)
class Frames:
    """Intervals between two paints of the canvas in ms, and what training did meanwhile."""

    p50: float
    p95: float
    p99: float
    largest: float
    count: int
    epochs_per_second: float


def measure_frames(seconds: float = SECONDS) -> Frames:
    """Train the default network in the default window and watch the canvas."""
    from PySide6.QtCore import QEvent, QObject

    from nnplay.app import create_application, open_window

    application = create_application(["benchmark"])
    with tempfile.TemporaryDirectory() as folder:
        window = open_window(state_folder=Path(folder))
        window.resize(1280, 800)
        window.show()
        while not (window.is_finished and window.views.is_complete):
            application.processEvents()
        paints: list[float] = []

        class Watch(QObject):
            def eventFilter(self, watched: QObject, event: QEvent) -> bool:
                if event.type() == QEvent.Type.Paint:
                    paints.append(time.perf_counter())
                return False

        watch = Watch()
        window.views.canvas.viewport().installEventFilter(watch)
        session = window.session
        session.start()
        _spin(application, WARM_UP)
        paints.clear()
        epoch, begin = session.shown_epoch, time.perf_counter()
        _spin(application, seconds)
        speed = (session.shown_epoch - epoch) / (time.perf_counter() - begin)
        session.pause()
        session.shutdown()
        window.hide()
        window.deleteLater()
        application.processEvents()
    intervals = 1000 * np.diff(paints)
    p50, p95, p99 = np.percentile(intervals, [50, 95, 99])
    return Frames(p50, p95, p99, float(intervals.max()), len(intervals), speed)


def _spin(application: object, seconds: float) -> None:
    from PySide6.QtCore import QEventLoop, QTimer

    # A real event loop, as in the application: polling would hide the wake-ups.
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def main() -> None:
    frames = measure_frames()
    print(f"frames of the canvas while training flat out ({frames.count} intervals)")
    print(
        f"  p50 {frames.p50:.1f} ms   p95 {frames.p95:.1f} ms   p99 {frames.p99:.1f} ms "
        f"(target 20 ms)   largest {frames.largest:.1f} ms   {frames.epochs_per_second:,.0f} epochs/s"
    )


if __name__ == "__main__":
    main()
