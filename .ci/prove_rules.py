"""Prove that the import rules can fail: plant one violation of each in a copy of the package.

A contract that names the wrong module stays green for ever. Run by ``make check``.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent

# file to spoil, the line planted, the tool that must object
PLANTS = [
    ("core/network.py", "import PySide6.QtCore", "lint-imports"),
    ("core/network.py", "import threading", "lint-imports"),
    ("core/training.py", "from nnplay.data import recipe", "lint-imports"),
    ("core/training.py", "import nnplay.compiled", "lint-imports"),
    ("compiled/tables.py", "from nnplay.session import session", "lint-imports"),
    ("compiled/engine.py", "import numba", "lint-imports"),
    ("session/session.py", "import llvmlite", "lint-imports"),
    ("data/preparation.py", "import PySide6.QtCore", "lint-imports"),
    ("formats/registry.py", "from nnplay.session import session", "lint-imports"),
    ("formats/registry.py", "import pickle", "lint-imports"),
    ("picture/edges.py", "from nnplay.session import session", "lint-imports"),
    ("session/session.py", "from nnplay.gui import theme", "lint-imports"),
    ("session/session.py", "import pyqtgraph", "lint-imports"),
    ("gui/theme.py", "from nnplay import storage", "lint-imports"),
    ("gui/theme.py", "import threading", "lint-imports"),
    ("library.py", "from nnplay.session import session", "lint-imports"),
    ("session/session.py", "import PySide6.QtWidgets", "ruff"),
    ("picture/edges.py", "from PySide6 import QtWidgets", "ruff"),
    ("core/program.py", "PLANTED = ACTIVATIONS @ ACTIVATIONS", "matmul"),
]


def complaint(tool: str, folder: Path) -> str:
    """Output of a tool that found something, or an empty string."""
    if tool == "lint-imports":
        command = [str(BIN / "lint-imports"), "--no-cache"]
    elif tool == "ruff":
        command = [str(BIN / "ruff"), "check", "--no-cache", "--select", "TID251", "nnplay"]
    else:
        command = [sys.executable, str(ROOT / ".ci/no_matmul.py"), str(folder / "nnplay/core")]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return result.stdout + result.stderr if result.returncode else ""


def main() -> int:
    """Return 1 if a planted violation went unnoticed, or if the clean copy has one."""
    failures = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(
            ROOT / "nnplay", folder / "nnplay", ignore=shutil.ignore_patterns("__pycache__")
        )
        shutil.copy(ROOT / "pyproject.toml", folder)
        for tool in sorted({tool for _, _, tool in PLANTS}):
            if said := complaint(tool, folder):
                failures.append(f"{tool} objects to the clean copy:\n{said}")
        for file, line, tool in PLANTS:
            path = folder / "nnplay" / file
            clean = path.read_text(encoding="utf-8")
            path.write_text(clean + f"\n{line}\n", encoding="utf-8")
            if not complaint(tool, folder):
                failures.append(f"{tool} did not notice {line!r} in {file}")
            path.write_text(clean, encoding="utf-8")
    for failure in failures:
        print(failure)
    print(f"{len(PLANTS) - len(failures)} of {len(PLANTS)} planted violations were noticed.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
