"""The training program as a Jupyter notebook (nbformat 4)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nnplay.document import Document
from nnplay.formats import strict_json
from nnplay.formats.errors import FormatError
from nnplay.formats.training_script import cells_of, prove_code
from nnplay.formats.verification import Proof

if TYPE_CHECKING:
    import threading

__all__ = ["prove", "to_bytes"]


def to_bytes(document: Document) -> bytes:
    """A notebook that trains the network again with PyTorch; see :mod:`training_script`.

    Raises:
        FormatError: the data do not fit the network.
    """
    cells: list[dict[str, Any]] = []
    for number, cell in enumerate(cells_of(document), 1):
        entry: dict[str, Any] = {
            "cell_type": cell.kind,
            "id": f"cell-{number}",
            "metadata": {},
            "source": cell.text.splitlines(keepends=True),
        }
        if cell.kind == "code":
            entry |= {"execution_count": None, "outputs": []}
        cells.append(entry)
    notebook = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, ensure_ascii=False, indent=1).encode() + b"\n"


def prove(document: Document, data: bytes, *, stop: threading.Event | None = None) -> Proof:
    """Compile the cells of a notebook; running them would train the network again.

    Raises:
        FormatError: they are not sound.
    """
    notebook = strict_json.parse(data)
    sources = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    if not sources:
        raise FormatError("The notebook is empty.")
    return prove_code("\n".join(sources))
