"""Blocks of cells as text: what a spreadsheet puts on the clipboard, and what we give it."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["BlockError", "block_text", "number_from", "read_block"]


class BlockError(ValueError):
    """A block that cannot be used; the text says where and why, as a sentence for people."""


def read_block(text: str) -> list[list[str]]:
    """The cells of a block, row by row, all rows of the same length.

    Cells are parted by tabs, or by semicolons where there is no tab; a comma is a decimal comma.

    Raises:
        BlockError: if there is nothing in it, or rows differ in length.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    while lines and not lines[-1].strip(" "):
        lines.pop()
    if not lines:
        raise BlockError("There is nothing to paste: the clipboard holds no text.")
    sign = "\t" if any("\t" in line for line in lines) else ";"
    rows = [[cell.strip() for cell in line.split(sign)] for line in lines]
    for number, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            raise BlockError(
                f"Row {number} of the block has {len(row)} {_cells(len(row))}, but row 1 has "
                f"{len(rows[0])}. Nothing was pasted."
            )
    return rows


def number_from(cell: str) -> float:
    """The number in a cell: ``0.5``, ``0,5``, ``−2``, ``1e-3``; raises ValueError for others."""
    text = cell.replace("−", "-").replace(",", ".").replace("\u00a0", "")
    value = float(text)
    if "_" in text or not math.isfinite(value):
        raise ValueError(text)  # Python's own spellings, not a spreadsheet's
    return value


def block_text(rows: Sequence[Sequence[str]]) -> str:
    """Cells as spreadsheets take them: tabs between columns, a line break between rows."""
    return "\n".join("\t".join(_plain(cell) for cell in row) for row in rows)


def _plain(cell: str) -> str:
    return cell.replace("\t", " ").replace("\n", " ")


def _cells(count: int) -> str:
    return "cell" if count == 1 else "cells"
