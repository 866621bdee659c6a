"""From the bytes of a CSV file to rows of text cells: encoding, delimiter, quotes, ragged rows."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from typing import Final

from nnplay.data.errors import DataError

__all__ = ["MAX_BYTES", "Records", "read_records", "several"]

MAX_BYTES: Final = 200_000_000
MAX_CELLS: Final = 5_000_000
MAX_COLUMNS: Final = 10_000
# Python's own limit for a cell is a setting of the whole process, so this one is kept here.
MAX_CELL: Final = 100_000
SAMPLE_LINES: Final = 200
# Ties go to the first: a decimal comma makes a semicolon file look uniform in commas too.
DELIMITERS: Final = ("\t", ";", "|", ",", " ")


@dataclass(frozen=True)
class Records:
    """Rows of equal width.

    Attributes:
        rows: text cells, stripped of surrounding blanks; the first row may be a header.
        lines: number of the line each row begins on, counted from 1.
        delimiter: what separates cells.
        notes: sentences about rows that were left out.
    """

    rows: list[list[str]]
    lines: list[int]
    delimiter: str
    notes: tuple[str, ...]


def several(lines: list[int], shown: int = 5) -> str:
    """``line 3``, ``lines 3, 7 and 9`` or ``lines 1, 2, 3, 4, 5 and 12 more``."""
    if len(lines) == 1:
        return f"line {lines[0]}"
    if len(lines) <= shown:
        return f"lines {', '.join(map(str, lines[:-1]))} and {lines[-1]}"
    return f"lines {', '.join(map(str, lines[:shown]))} and {len(lines) - shown} more"


def read_records(data: bytes, name: str) -> Records:
    """Cut the bytes of a CSV file into rows of equal width.

    UTF-8 (with or without a byte order mark), UTF-16 with a mark, otherwise Windows-1252. The
    delimiter is the one of tab ; | , and space with the most uniform number of cells. Rows with
    another number of cells are left out and said.

    Raises:
        DataError: there is no table in the file.
    """
    if len(data) > MAX_BYTES:
        raise DataError(
            f"{name} is too large: tables up to {MAX_BYTES // 1_000_000} MB can "
            "be opened. Please make a smaller file with fewer rows."
        )
    text = _decoded(data, name)
    delimiter, text, skipped = _delimiter(text)
    rows, lines = _parsed(text, delimiter, name, skipped)
    if not rows:
        raise DataError(f"{name} is empty. A table needs a line of column names and rows below it.")
    return _even(rows, lines, delimiter, name)


def _decoded(data: bytes, name: str) -> str:
    marked = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise DataError(
        f"{name} is not a text file. Please save the table as CSV (comma separated values) first."
    )


def _delimiter(text: str) -> tuple[str, str, int]:
    """Delimiter, the text without a leading ``sep=`` line, and the number of lines cut off."""
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip("\r")) == 5:
        return first.strip("\r")[4], rest, 1
    best, best_score = ",", 0.0
    head = io.StringIO(text, newline="")
    sample = "".join(line for line, _ in zip(head, range(SAMPLE_LINES), strict=False))
    for delimiter in DELIMITERS:
        reader = csv.reader(
            io.StringIO(sample, newline=""), delimiter=delimiter, skipinitialspace=True
        )
        try:
            widths = [len(row) for row in reader if any(cell.strip() for cell in row)]
        except csv.Error:
            continue
        if not widths:
            continue
        width, frequency = Counter(widths).most_common(1)[0]
        score = frequency / len(widths) if width > 1 else 0.0
        if score > best_score:
            best, best_score = delimiter, score
    return best, text, 0


def _parsed(
    text: str, delimiter: str, name: str, skipped: int
) -> tuple[list[list[str]], list[int]]:
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=delimiter != "\t"
    )
    rows: list[list[str]] = []
    lines: list[int] = []
    begin, cells = 1, 0
    try:
        for row in reader:
            if max(map(len, row), default=0) > MAX_CELL:
                raise csv.Error(f"a cell has more than {MAX_CELL:,} letters")
            stripped = [cell.strip() for cell in row]
            if any(stripped):
                rows.append(stripped)
                lines.append(begin + skipped)
                cells += len(stripped)
                if cells > MAX_CELLS:
                    raise DataError(
                        f"{name} has more than {MAX_CELLS:,} cells. Please make a smaller file "
                        "with fewer rows or columns."
                    )
            begin = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"{name} cannot be read at line {begin + skipped}: {error}. Most often a quotation "
            "mark was opened there and never closed."
        ) from None
    return rows, lines


def _even(rows: list[list[str]], lines: list[int], delimiter: str, name: str) -> Records:
    widths = Counter(len(row) for row in rows)
    # The first line counts most: it names the columns.
    width = len(rows[0])
    if widths[width] * 2 < len(rows):
        width = widths.most_common(1)[0][0]
    if width > MAX_COLUMNS:
        raise DataError(f"{name} has {width:,} columns; at most {MAX_COLUMNS:,} can be read.")
    kept: list[list[str]] = []
    kept_lines: list[int] = []
    bad: list[int] = []
    bad_width = 0
    for row, line in zip(rows, lines, strict=True):
        if len(row) > width and not any(row[width:]):
            row = row[:width]  # a delimiter too many at the line's end
        if len(row) == width:
            kept.append(row)
            kept_lines.append(line)
        else:
            bad_width = bad_width or len(row)
            bad.append(line)
    if len(kept) * 2 < len(rows) or len(kept) < 1:
        raise DataError(
            f"{name} is no even table: line {lines[0]} has {len(rows[0])} cells, but {several(bad)} "
            f"differ (line {bad[0]} has {bad_width}). Every row needs the same number of cells."
        )
    notes: tuple[str, ...] = ()
    if bad:
        cells = f"{bad_width} cell{'' if bad_width == 1 else 's'} instead of {width}"
        if len(bad) == 1:
            notes = (f"Line {bad[0]} was left out: it has {cells}.",)
        else:
            notes = (f"L{several(bad)[1:]} were left out: the first of them has {cells}.",)
    return Records(kept, kept_lines, delimiter, notes)
