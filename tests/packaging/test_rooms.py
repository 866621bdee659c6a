"""The rules between the rooms hold, and the tools that watch them can fail."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)


@pytest.mark.parametrize(
    "module",
    [
        "nnplay",
        "nnplay.core.training",
        "nnplay.core.trace",
        "nnplay.core.diagnostics",
        "nnplay.data.preparation",
        "nnplay.library",
        "nnplay.cli",
    ],
)
def test_these_rooms_load_without_qt(module: str) -> None:
    result = python(
        f"import {module}, sys; print([m for m in sys.modules if m.startswith(('PySide6', 'shiboken'))])"
    )
    assert result.stdout.strip() == "[]", result.stdout + result.stderr


@pytest.mark.parametrize("module", ["nnplay.session.session"])
def test_the_session_loads_without_widgets_and_plots(module: str) -> None:
    result = python(
        f"import {module}, sys; print([m for m in sys.modules "
        "if m in ('PySide6.QtWidgets', 'pyqtgraph')])"
    )
    assert result.stdout.strip() == "[]", result.stdout + result.stderr


def test_the_window_module_does_not_load_slow_libraries() -> None:
    result = python(
        "import nnplay.app, sys; print([m for m in ('pyqtgraph', 'pandas', 'safetensors') "
        "if m in sys.modules])"
    )
    assert result.stdout.strip() == "[]", result.stdout + result.stderr
