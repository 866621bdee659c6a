"""Refuse ``@``, ``matmul`` and their kin in the engine: with small arrays they keep the lock.

``ndarray.dot`` releases the interpreter's lock, so that the window goes on painting while a network
trains.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

# numpy's functions that end in matmul or hold the lock in other ways.
NAMES = frozenset({"matmul", "__matmul__", "einsum", "tensordot", "vecdot", "matvec", "vecmat"})


def offences(path: Path) -> list[str]:
    """Places in one file where a matrix product would hold the interpreter lock."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.BinOp | ast.AugAssign):
            guilty = isinstance(node.op, ast.MatMult)
        elif isinstance(node, ast.Attribute):
            guilty = node.attr in NAMES
        elif isinstance(node, ast.ImportFrom):
            guilty = any(alias.name in NAMES for alias in node.names)
        else:
            continue
        if guilty:
            found.append(f"{path}:{node.lineno}: use ndarray.dot(…, out=…)")
    return found


def main(folders: list[str]) -> int:
    """Print all offences below the folders; 1 if there are any or nothing was looked at."""
    paths = [path for folder in folders for path in sorted(Path(folder).rglob("*.py"))]
    if not paths:
        print("There is no Python file to look at.")
        return 1
    found = [offence for path in paths for offence in offences(path)]
    print("\n".join(found) or "No matrix product holds the interpreter lock.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
