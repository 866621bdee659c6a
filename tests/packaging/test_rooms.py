"""The rules between the rooms hold, and the tools that watch them can fail."""

import os
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


def test_the_window_starts_without_reading_sources() -> None:
    """PySide would look into each module for its name, and Python would keep all those lines."""
    result = python(
        "import nnplay.app, nnplay.gui.views, linecache; print([name for name in linecache.cache "
        "if any(word in name for word in ('numpy', 'nnplay', 'dataclasses')) "
        "and not name.endswith('plain_imports.py')])"
    )
    assert result.stdout.strip() == "[]", result.stdout[:2000] + result.stderr


def test_names_switched_in_a_program_around_the_window_stay_as_they_are_in_the_window(
    tmp_path: Path,
) -> None:
    """A program that opens our window and writes its own names in snake case."""
    (tmp_path / "camel_friend.py").write_text(
        "from PySide6.QtCore import QObject\n"
        "def name(): thing = QObject(); thing.setObjectName('friend'); return thing.objectName()\n"
    )
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\n"
        "import nnplay.app\n"
        "from PySide6.QtCore import QObject\n"
        "from __feature__ import snake_case\n"
        "import camel_friend\n"
        "application = nnplay.app.create_application(['program'])\n"
        "thing = QObject(); thing.set_object_name('snake')\n"
        "window = nnplay.app.open_window()\n"
        "window.views.finish()\n"
        "print(thing.object_name(), camel_friend.name(), window.window_title())\n"
    )
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    result = subprocess.run(
        [sys.executable, str(program)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**environment, "XDG_CONFIG_HOME": str(tmp_path)},
        timeout=60,
    )
    assert result.stdout.startswith("snake friend "), result.stdout + result.stderr
    assert "nnplay" in result.stdout
