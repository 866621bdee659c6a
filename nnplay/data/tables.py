"""CSV files as tables of numbers and categories, and the choice of what to predict."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.data.csv_records import MAX_BYTES, Records, read_records, several
from nnplay.data.errors import DataError
from nnplay.data.recipe import Column, RawTable

__all__ = ["CsvTable", "choose_target", "default_features", "read_csv", "read_table"]

FloatArray = npt.NDArray[np.float64]

HOLES: Final = frozenset({"", "na", "n/a", "nan", "null", "?"})
TARGET_NAMES: Final = ("target", "label", "class", "species", "outcome", "y")
MAX_CLASSES: Final = 100
# More distinct whole numbers than this are an amount, fewer may be class numbers.
MAX_NUMBERED_CLASSES: Final = 20
MAX_CATEGORIES_OF_AN_INPUT: Final = 20
# Names of columns that number the rows, in lower case.
ROW_NAMES: Final = frozenset(
    {"id", "ids", "index", "idx", "row", "rowid", "row_id", "no", "no.", "nr", "nr.", "#", "number"}
)
# A column with at least this share of numbers is a column of numbers with faulty cells; one with
# fewer, but more than the other share, is taken as words, and that is said.
NUMERIC_SHARE: Final = 0.9
MIXED_SHARE: Final = 0.5

_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_THOUSANDS: Final = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?")


@dataclass(frozen=True, eq=False)
class CsvTable:
    """A table as it was read, before anybody said what to predict.

    Attributes:
        name: file name, for messages.
        columns: all columns without holes, ``n`` rows each.
        lines: ``int64[n]``, the line of the file each row began on.
        notes: sentences about everything that was left out or decided on the way.
        suggested_target: the column most likely to be predicted.
        is_incomplete: whether rows or columns of the file were left out.
    """

    name: str
    columns: tuple[Column, ...]
    lines: npt.NDArray[np.int64]
    notes: tuple[str, ...]
    suggested_target: str
    is_incomplete: bool = False

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of all columns in file order."""
        return tuple(column.name for column in self.columns)

    @property
    def row_count(self) -> int:
        """Number of rows."""
        return len(self.lines)


def read_csv(source: str | Path | bytes, name: str = "") -> CsvTable:
    """Read a CSV file.

    Rows with holes (empty, ``NA``, ``N/A``, ``NaN``, ``null``, ``?``) or with a value that is no
    finite number in a column of numbers are left out; :attr:`CsvTable.notes` lists them by line.
    The first line holds the column names unless every cell of it is a number. With a delimiter
    other than the comma, numbers may have a decimal comma.

    Args:
        source: a path, or the bytes of a file.
        name: name used in messages; by default the file's name.

    Raises:
        DataError: the file cannot be opened or holds no usable table.
    """
    if isinstance(source, bytes):
        data, name = source, name or "The file"
    else:
        path = Path(source)
        name = name or path.name
        data = _file_bytes(path, name)
    return _typed(read_records(data, name), name)


def _file_bytes(path: Path, name: str) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would never end
            raise DataError(f"{name} is not a file. Please choose a CSV file.")
        with path.open("rb") as file:
            # Room is made for what the file holds, not for what it might.
            return file.read(min(os.fstat(file.fileno()).st_size, MAX_BYTES) + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{name} could not be opened: {reason}.") from None


def read_table(source: str | Path, target: str | None = None) -> tuple[RawTable, tuple[str, ...]]:
    """Read a CSV file and choose its target in one go; returns the table and all notes."""
    table = read_csv(source)
    chosen = table.suggested_target if target is None else target
    notes = list(table.notes)
    if target is None:
        notes.append(f"The column “{chosen}” is predicted from the others.")
    return choose_target(table, chosen), tuple(notes)


# ---------------------------------------------------------------------- columns
def _typed(records: Records, name: str) -> CsvTable:
    notes = list(records.notes)
    width = len(records.rows[0])
    if width < 2:
        raise DataError(
            f"{name} has only one column (“{records.rows[0][0][:40]}”). A data set needs at least "
            "one input and something to predict. Columns are separated by commas, semicolons or "
            "tabs."
        )
    comma = records.delimiter != ","
    has_header = _has_header(records.rows, comma)
    rows = records.rows[1:] if has_header else records.rows
    lines = np.array(records.lines[1:] if has_header else records.lines, dtype=np.int64)
    if not rows:
        raise DataError(f"{name} has column names but no rows below them.")
    names, renamed = _column_names(records.rows[0] if has_header else [""] * width)
    notes += renamed
    if not has_header:
        notes.append("The first line holds numbers, so the columns are named column1, column2 …")
    usable = np.ones(len(rows), dtype=bool)
    columns = []
    for column_name, cells in zip(names, zip(*rows, strict=True), strict=True):
        column, good, note = _column(column_name, list(cells), comma, lines)
        notes += note
        if column is not None:
            columns.append(column)
            usable &= good
    if len(columns) < 2:
        raise DataError(f"{name} has fewer than two columns with values in them.")
    if not usable.any():
        raise DataError(
            f"Every row of {name} has a hole or a faulty value. Fill the holes, or delete the "
            "columns that are mostly empty."
        )
    if not usable.all():
        dropped = lines[~usable].tolist()
        were = (
            "row with holes or faulty values was"
            if len(dropped) == 1
            else ("rows with holes or faulty values were")
        )
        notes.append(f"{len(dropped)} {were} left out ({several(dropped)}).")
        columns = [_without_rows(column, usable) for column in columns]
        lines = lines[usable]
    kept = [c.name for c in columns]
    lowered = {n.lower(): n for n in reversed(kept)}
    suggested = next((lowered[n] for n in TARGET_NAMES if n in lowered), kept[-1])
    # What is said about the rows of the file is about rows that are not there any more.
    is_incomplete = bool(records.notes) or len(columns) < width or not usable.all()
    return CsvTable(name, tuple(columns), lines, tuple(notes), suggested, is_incomplete)


def _has_header(rows: list[list[str]], comma: bool) -> bool:
    first = rows[0]
    if any(not cell for cell in first) and len(rows) > 1 and all(rows[1]):
        return True
    named = [_number_texts([cell], comma)[1] is None and not _is_hole(cell) for cell in first]
    if not any(named):
        return False
    body = rows[1:1001]
    if not body:
        return True
    numeric = [
        _numeric_share([row[i] for row in body], comma) >= NUMERIC_SHARE for i in range(len(first))
    ]
    if not any(numeric):
        return True
    if any(is_name and is_numeric for is_name, is_numeric in zip(named, numeric, strict=True)):
        return True
    # Words above words: a class name stands in the column again, a column name does not.
    return not any(
        is_name and any(row[i] == first[i] for row in body) for i, is_name in enumerate(named)
    )


def _column_names(header: list[str]) -> tuple[list[str], list[str]]:
    names: list[str] = []
    notes = []
    for place, cell in enumerate(header):
        wanted = " ".join(cell.replace("`", "'").split())[:80] or f"column{place + 1}"
        unique, number = wanted, 2
        while unique in names or (unique != wanted and unique in header):
            unique, number = f"{wanted}_{number}", number + 1
        if unique != wanted:
            notes.append(f"Two columns are named “{wanted}”; column {place + 1} is now “{unique}”.")
        names.append(unique)
    return names, notes


def _is_hole(cell: str) -> bool:
    return cell.lower() in HOLES


def _number_texts(cells: list[str], comma: bool) -> tuple[list[str], FloatArray | None]:
    """The cells with decimal commas replaced, and their values if all are plain numbers."""
    if comma and any("," in cell for cell in cells):
        cells = [_with_dot(cell) for cell in cells]
    try:
        values = np.array(cells, dtype=np.str_).astype(np.float64)
    except ValueError:
        return cells, None
    if not np.isfinite(values).all() or any("_" in cell for cell in cells):
        return cells, None
    return cells, values


def _with_dot(cell: str) -> str:
    # In a column with decimal commas a dot can only separate thousands.
    if "." in cell:
        return cell.replace(".", "").replace(",", ".") if _THOUSANDS.fullmatch(cell) else cell + "?"
    return cell.replace(",", ".")


def _value(cell: str) -> float:
    return float(cell) if _NUMBER.fullmatch(cell) else np.nan


def _numeric_share(cells: list[str], comma: bool) -> float:
    present = [cell for cell in cells if not _is_hole(cell)]
    if not present:
        return 0.0
    texts, values = _number_texts(present, comma)
    if values is not None:
        return 1.0
    return sum(_NUMBER.fullmatch(text) is not None for text in texts) / len(present)


def _column(
    name: str, cells: list[str], comma: bool, lines: npt.NDArray[np.int64]
) -> tuple[Column | None, npt.NDArray[np.bool_], list[str]]:
    """The typed column, which of its rows are usable, and notes."""
    texts, values = _number_texts(cells, comma)
    if values is not None:
        return _frozen(name, values), np.ones(len(cells), dtype=bool), []
    holes = np.array([_is_hole(cell) for cell in cells])
    if holes.all():
        return None, ~holes, [f"The column “{name}” is empty and was left out."]
    present = [text for text, hole in zip(texts, holes, strict=True) if not hole]
    parsed = np.array([_value(text) for text in present])
    good = np.isfinite(parsed)
    # Infinities written out count as numbers gone wrong, not as words.
    wordless = good | np.array(
        [text.lower().lstrip("+-") in ("inf", "infinity") for text in present]
    )
    notes = []
    if wordless.mean() >= NUMERIC_SHARE:
        column = np.full(len(cells), np.nan)
        column[~holes] = np.where(good, parsed, np.nan)
        if not good.all():
            row = int(np.flatnonzero(~holes)[np.flatnonzero(~good)[0]])
            count = int((~good).sum())
            more = "" if count == 1 else f" and {count - 1} more like it"
            notes.append(
                f"Line {lines[row]}, column “{name}”: “{cells[row][:30]}” is not a finite "
                f"number{more}."
            )
        return _frozen(name, column), np.isfinite(column), notes
    if good.mean() > MIXED_SHARE:
        words_count = int((~good).sum())
        notes.append(
            f"The column “{name}” is taken as words, because {words_count} of its "
            f"{len(present)} values are no numbers."
        )
    words = [cell for cell, hole in zip(cells, holes, strict=True) if not hole]
    categories = tuple(sorted(set(words), key=_natural))
    index = {category: float(i) for i, category in enumerate(categories)}
    codes = np.array([np.nan if hole else index[c] for c, hole in zip(cells, holes, strict=True)])
    return _frozen(name, codes, categories), ~holes, notes


def _natural(text: str) -> tuple[tuple[int, float, str], ...]:
    """Sort key: numbers inside names by size, so that class_10 follows class_9."""
    return tuple(
        (0, float(part), "") if part.isascii() and part.isdigit() else (1, 0.0, part)
        for part in re.split(r"([0-9]+)", text)
        if part
    )


def _frozen(name: str, values: FloatArray, categories: tuple[str, ...] | None = None) -> Column:
    values.flags.writeable = False
    return Column(name, values, categories)


def _without_rows(column: Column, usable: npt.NDArray[np.bool_]) -> Column:
    values = column.values[usable]
    if column.categories is None:
        return _frozen(column.name, values)
    present = np.unique(values).astype(np.int64)
    renumbered = np.searchsorted(present, values.astype(np.int64)).astype(np.float64)
    return _frozen(column.name, renumbered, tuple(column.categories[i] for i in present))


# ---------------------------------------------------------------------- target
def choose_target(table: CsvTable, column: str, *, as_classes: bool | None = None) -> RawTable:
    """Say which column is to be predicted.

    Text columns are classes. A column of at most 20 different whole numbers, each standing in two
    rows on average or more, is taken as classes too; ``as_classes`` decides otherwise.

    Raises:
        DataError: there is no such column, or it cannot be predicted.
    """
    found = next((c for c in table.columns if c.name == column), None)
    if found is None:
        listed = ", ".join(table.column_names[:12])
        raise DataError(f"{table.name} has no column “{column}”. There are {listed}.")
    if found.categories is None and as_classes is None:
        as_classes = _looks_like_classes(found.values)
    if found.categories is None and not as_classes:
        return RawTable(table.columns, column)
    if found.categories is not None and as_classes is False:
        raise DataError(
            f"The column “{column}” holds words, so it can only be predicted as classes."
        )
    if found.categories is None:
        distinct, codes = np.unique(found.values, return_inverse=True)
        names = tuple(f"{value:.15g}" for value in distinct)
        found = _frozen(column, codes.astype(np.float64).reshape(-1), names)
    classes = found.categories or ()
    if len(classes) < 2:
        raise DataError(
            f"The column “{column}” has the same value in every row (“{classes[0]}”): there is "
            "nothing to tell apart. Please choose another column to predict."
        )
    if len(classes) > MAX_CLASSES:
        raise DataError(
            f"The column “{column}” has {len(classes)} different values, more than the "
            f"{MAX_CLASSES} classes that can be predicted. Please choose another column."
        )
    columns = tuple(found if c.name == column else c for c in table.columns)
    return RawTable(columns, column, classes)


def _looks_like_classes(values: FloatArray) -> bool:
    if not (values == np.floor(values)).all():
        return False
    distinct = np.unique(values).size
    return 2 <= distinct <= MAX_NUMBERED_CLASSES and values.size >= 2 * distinct


def default_features(table: RawTable) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Columns worth using as inputs, and a sentence for every column left out.

    Left out are constant columns, and columns that tell rows apart instead of describing them:
    text with more than 20 different words (names, codes, dates) and whole numbers, all different,
    in a column named like a row number.
    """
    features, numbering, notes = [], [], []
    for column in table.input_columns:
        if column.values.size > 1 and (column.values == column.values[0]).all():
            notes.append(f"The column “{column.name}” is the same in every row and is not used.")
        elif column.categories and len(column.categories) > MAX_CATEGORIES_OF_AN_INPUT:
            notes.append(
                f"The column “{column.name}” has {len(column.categories)} different words and is "
                "not used as an input."
            )
        elif _numbers_rows(column):
            numbering.append(column.name)
        else:
            features.append(column.name)
    if not features:
        return tuple(numbering), tuple(notes)
    notes += [
        f"The column “{name}” only numbers the rows and is not used as an input."
        for name in numbering
    ]
    return tuple(features), tuple(notes)


def _numbers_rows(column: Column) -> bool:
    if column.categories is not None or column.name.strip().lower() not in ROW_NAMES:
        return False
    values = column.values
    return bool((values == np.floor(values)).all()) and np.unique(values).size == values.size
