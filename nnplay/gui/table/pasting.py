"""A block of cells written over a table: the shape is checked, then every cell, then all is set."""

from __future__ import annotations

from collections.abc import Sequence

from nnplay.gui.panels.words import count
from nnplay.gui.table.blocks import BlockError, read_block
from nnplay.gui.table.model import TableModel
from nnplay.session.cells import CellValues

__all__ = ["pasted"]


def pasted(
    table: TableModel,
    text: str,
    rows: Sequence[int],
    columns: Sequence[int],
    current: tuple[int, int] | None,
) -> tuple[CellValues, int]:
    """What a block sets, and how many cells it changes.

    A block of one cell fills all selected cells. A block goes over a selection of its own shape,
    or from a single cell to the right and down. Where whole rows are selected it begins in the
    current column. A cell that cannot be changed may be in the block if it says what is there.

    Args:
        table: what is pasted into.
        text: the block as it is on the clipboard.
        rows: selected rows of the table, ascending.
        columns: columns with a selected cell, ascending.
        current: row and column of the current cell.

    Raises:
        BlockError: with a sentence that names row and column; then nothing may be set.
    """
    block = read_block(text)
    if not rows or not columns:
        raise BlockError("Select the cells to paste over first.")
    places, titles = _target(table, len(block), len(block[0]), rows, columns, current)
    is_fill = len(block) == 1 and len(block[0]) == 1
    values, changed = CellValues(), 0
    for number, place in enumerate(places):
        for across, column_place in enumerate(titles):
            column = table.COLUMNS[column_place]
            cell = block[0][0] if is_fill else block[number][across]
            if not table.can_edit(place, column):
                if is_fill and len(places) * len(titles) > 1:
                    continue
                if cell == table.copy_text(place, column):
                    continue
                raise _at(table, number, place, column.title, "this cell cannot be changed.")
            if cell == table.copy_text(place, column):
                continue
            try:
                table.change(values, int(table.order[place]), column, cell)
            except BlockError as error:
                raise _at(table, number, place, column.title, str(error)) from None
            changed += 1
    return values, changed


def _target(
    table: TableModel,
    height: int,
    width: int,
    rows: Sequence[int],
    columns: Sequence[int],
    current: tuple[int, int] | None,
) -> tuple[list[int], list[int]]:
    """Rows and columns of the table that the block goes to."""
    all_columns = len(table.COLUMNS)
    whole_rows = len(columns) == all_columns and width < all_columns
    start = columns[0]
    if whole_rows and current is not None:
        start = current[1]
    places, titles = list(rows), list(columns)
    if whole_rows or len(columns) == 1:
        titles = list(range(start, start + width))
    if len(rows) == 1:
        places = list(range(rows[0], rows[0] + height))
    if places[-1] >= table.rowCount() or titles[-1] >= all_columns:
        room = (
            f"{count(table.rowCount() - rows[0], 'row')} and {count(all_columns - start, 'column')}"
        )
        raise BlockError(
            f"The block has {_shape(height, width)}, but from here there is room for {room}. "
            "Nothing was pasted."
        )
    is_fill = height == 1 and width == 1
    if not is_fill and (len(places), len(titles)) != (height, width):
        raise BlockError(
            f"The block has {_shape(height, width)}, but {_shape(len(places), len(titles))} are "
            "selected. Nothing was pasted."
        )
    return places, titles


def _at(table: TableModel, number: int, place: int, title: str, sentence: str) -> BlockError:
    name = table.row_name(int(table.order[place]))
    return BlockError(f"Row {number + 1} ({name}), column {title}: {sentence} Nothing was pasted.")


def _shape(height: int, width: int) -> str:
    return f"{count(height, 'row')} and {count(width, 'column')}"
