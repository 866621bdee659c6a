"""All measurements of ``make bench``, one after the other; ``--quick`` takes less than a minute.

Quick runs leave out start-up and canvas, and their times say little.
"""

from __future__ import annotations

import os
import platform
import sys
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from benchmarks import (  # noqa: E402 - see above
    canvas,
    editing,
    engine,
    frames,
    maps,
    snapshots,
    startup,
    views,
)
from benchmarks.tables import Report  # noqa: E402


def main() -> int:
    quick = "--quick" in sys.argv[1:]
    begin = time.monotonic()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"# Benchmarks\n\nPython {platform.python_version()}, {cores} cores, load {load:.1f}.")
    if load > 0.7:
        print("Other programs are busy: times below are too long; ratios hold better.")
    report = Report()
    # Windows first: what libraries leave in memory would slow their garbage collection.
    if not quick:
        startup.report_startup(report)
    frames.report_frames(report, quick=quick)
    views.report_views(report, quick=quick)
    if not quick:
        canvas.report_canvas(report)
    editing.report_editing(report, quick=quick)
    maps.measure_maps(report, quick=quick)
    snapshots.measure_snapshots(report, quick=quick)
    engine.measure_engine(report, quick=quick)
    report.close()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"\n{time.monotonic() - begin:.0f} s, load {load:.1f} at the end.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
