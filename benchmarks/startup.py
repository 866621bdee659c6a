"""How soon the window is there, and how much memory it takes, beside a bare window.

``python -m benchmarks.startup`` starts fresh processes in turns: a window of PySide6 with nothing
in it, and nnplay. Times count from the start of the process; both run on Qt's offscreen platform,
so that no X server is measured. The first round only warms the caches of files and bytecode.

The window is *usable* when canvas, panels in sight and plots are there and painted; *complete* when
the panels behind tabs and pyqtgraph's chart, which waits for the first training, are made too.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from benchmarks.tables import Report

ROUNDS = 7
IDLE_SECONDS = 2.0
# What a bare window takes at most on the machine where the targets were made.
BARE_MS = 135.0

_BARE = """
import sys, time
start = float(sys.argv[1])
from PySide6.QtWidgets import QApplication, QMainWindow
class Window(QMainWindow):
    painted = 0.0
    def paintEvent(self, event):
        super().paintEvent(event)
        self.painted = self.painted or time.monotonic()
application = QApplication(["bare"])
window = Window()
window.resize(1280, 800)
window.show()
while not window.painted:
    application.processEvents()
first = usable = complete = window.painted - start
"""

_NNPLAY = """
import gc, os, sys, time
gc.disable()
start = float(sys.argv[1])
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
from nnplay.app import create_application, open_window
application = create_application(["nnplay"])
window = open_window()
window.resize(1280, 800)
window.show()
while not window.has_painted:
    application.processEvents()
first = time.monotonic() - start
while not (window.is_finished and window.views.has_plots):
    application.processEvents()
window.views.decision_map.repaint()
window.views.canvas.viewport().repaint()
usable = time.monotonic() - start
while not window.views.is_complete:
    application.processEvents()
window.views.loss_plot.chart.repaint()
complete = time.monotonic() - start
gc.freeze(); gc.enable()
"""

_END = """
end = time.monotonic() + float(sys.argv[2])
while time.monotonic() < end:
    application.processEvents()
    time.sleep(0.01)
with open("/proc/self/status") as file:
    rss = next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
print(first, usable, complete, rss / 1024)
"""


@dataclass(frozen=True)
class Start:
    """First paint, usable and complete window in ms, memory at rest in MB (medians)."""

    first_paint: float
    usable: float
    complete: float
    memory: float


def _run(program: str) -> tuple[float, ...]:
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **{k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"},
            "QT_QPA_PLATFORM": "offscreen",
            "QT_NO_GUI_THREADPOOL": "1",
            "XDG_CONFIG_HOME": folder,
        }
        arguments = [sys.executable, "-c", program + _END, str(time.monotonic()), str(IDLE_SECONDS)]
        result = subprocess.run(
            arguments, env=environment, capture_output=True, text=True, check=True
        )
    return tuple(map(float, result.stdout.split()))


def measure_startup() -> tuple[Start, Start]:
    """The bare window and nnplay, in turns."""
    rounds = [(_run(_BARE), _run(_NNPLAY)) for _ in range(ROUNDS + 1)][1:]
    bare, ours = (
        Start(
            *(
                statistics.median(one[which][i] for one in rounds) * (1000 if i < 3 else 1)
                for i in range(4)
            )
        )
        for which in (0, 1)
    )
    return bare, ours


def report_startup(report: Report) -> None:
    """Measure and print. Targets in ms grow with the time a bare window takes."""
    bare, ours = measure_startup()
    slower = max(1.0, bare.first_paint / BARE_MS)
    rows = []
    for name, theirs, value, target in (
        ("first painted window, ms", bare.first_paint, ours.first_paint, 250.0 * slower),
        ("usable window with plots, ms", bare.usable, ours.usable, 600.0 * slower),
        ("all panels and the chart, ms", bare.complete, ours.complete, None),
        ("memory at rest, MB", bare.memory, ours.memory, 160.0),
    ):
        goal = verdict = ""
        if target is not None:
            goal, verdict = f"≤ {target:.0f}", report.judge(name, value, target, most=True)
        rows.append((name, f"{theirs:.0f}", f"{value:.0f}", f"{value / theirs:.2f}", goal, verdict))
    report.table(
        f"Start-up, medians of {ROUNDS}",
        ("", "bare window", "nnplay", "ratio", "target here", "reached?"),
        rows,
    )
    print(
        f"\nThe targets are 250 and 600 ms where a bare window paints within {BARE_MS:g} ms; here it "
        f"took {bare.first_paint:.0f} ms."
    )


def main() -> None:
    report = Report()
    report_startup(report)
    report.close()


if __name__ == "__main__":
    main()
