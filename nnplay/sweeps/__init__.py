"""Sweeps: one network trained with several settings and seeds, side by side in other processes.

::

    from nnplay.sweeps import Sweep, run_sweep

    sweep = Sweep(document, {"learning_rate": [0.01, 0.03, 0.1]}, seeds=5, epochs=100)
    result = run_sweep(sweep, jobs=2)
    print(result.summary().sentence)
    best = result.best.document

The work is handed out by joblib, so that ``joblib.parallel_config`` decides where it is done: in
processes of this machine (loky, the default), in threads, or on a cluster (Dask, Ray).

Names are loaded when they are first used: worker processes need only a few of them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nnplay.sweeps.plan import Sweep, SweepRun
    from nnplay.sweeps.results import SweepResult, SweepRow
    from nnplay.sweeps.running import SweepProgress, run_sweep
    from nnplay.sweeps.summary import Summary

__all__ = ["Summary", "Sweep", "SweepProgress", "SweepResult", "SweepRow", "SweepRun", "run_sweep"]

_PLACES = {
    "Sweep": "plan",
    "SweepRun": "plan",
    "SweepResult": "results",
    "SweepRow": "results",
    "SweepProgress": "running",
    "run_sweep": "running",
    "Summary": "summary",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = value
    return value
