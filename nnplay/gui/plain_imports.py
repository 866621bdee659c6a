"""Imports without PySide's look into the source of every module.

PySide can switch names to snake case for one module at a time (``from __feature__ import …``). To know
which modules that may concern, it reads the source of each one that is imported, numpy's and the standard
library's too, and Python keeps the lines. At the start of the window that is 700 files: a seventh of the
time and 20 MB, for a switch nobody here uses. Of modules known here the answer is known without reading.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Final

__all__ = ["know_who_uses_pyside"]

_QUESTION: Final = "_mod_uses_pyside"
_USERS: Final = frozenset({"nnplay", "pyqtgraph"})
_OTHERS: Final = sys.stdlib_module_names | {
    "joblib",
    "llvmlite",
    "numba",
    "numpy",
    "onnx",
    "pandas",
    "platformdirs",
    "safetensors",
    "scipy",
    "sklearn",
}


def know_who_uses_pyside() -> bool:
    """Answer PySide's question by a module's name where that is enough.

    To be called once PySide is loaded, on the thread that imports; a second call changes nothing.
    Modules of strangers are still read. Does nothing where PySide has no such question.

    Returns:
        Whether names are asked from now on.
    """
    features = sys.modules.get("shibokensupport.feature")
    ask = getattr(features, _QUESTION, None)
    if not callable(ask):
        return False
    if not isinstance(ask, _Answer):
        setattr(features, _QUESTION, _Answer(ask))
    return True


class _Answer:
    """Whether a module may use PySide, so that its names must be as written there."""

    def __init__(self, ask: Callable[[ModuleType], bool]) -> None:
        self._ask = ask

    def __call__(self, module: ModuleType) -> bool:
        package = str(module.__name__).partition(".")[0]
        if package in _USERS:
            return True
        # The main program is a stranger, whoever wrote it.
        if package in _OTHERS and package != "__main__":
            return False
        return self._ask(module)
