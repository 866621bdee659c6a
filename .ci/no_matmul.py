"""Refuse ``@`` and ``matmul`` in the engine: for small arrays numpy keeps the interpreter lock.

``ndarray.dot`` releases it, so that the window goes on painting while a network trains.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path


def offences(path: Path) -> list[str]:
    """Places in one file where a matrix product would hold the interpreter lock."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        operator = isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.MatMult)
        name = isinstance(node, ast.Attribute) and node.attr in ("matmul", "einsum")
        if operator or name:
            found.append(f"{path}:{node.lineno}: use ndarray.dot(…, out=…)")  # type: ignore[attr-defined]
    return found


def main(folders: list[str]) -> int:
    """Print all offences below the folders; 1 if there are any."""
    found = [o for f in folders for p in sorted(Path(f).rglob("*.py")) for o in offences(p)]
    print("\n".join(found) or "No matrix product holds the interpreter lock.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
