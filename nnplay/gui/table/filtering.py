"""What the filter field understands: ``w > 0,5 locked h1``; every term must hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.gui.table.columns import Column, Snapshot

__all__ = ["FilterError", "filter_rows"]

Mask = npt.NDArray[np.bool_]

_SIGNS: Final[dict[str, Callable[..., Mask]]] = {
    "<": np.less,
    "<=": np.less_equal,
    "≤": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "≥": np.greater_equal,
    "=": np.equal,
    "==": np.equal,
    "!=": np.not_equal,
    "≠": np.not_equal,
    "<>": np.not_equal,
}
# A comparison, possibly with spaces around its sign, or a word.
_TERM: Final = re.compile(
    r"""(?P<column>\|?[^\s<>=!≤≥≠|"]+\|?)\s*(?P<sign><=|>=|!=|<>|==|≤|≥|≠|<|>|=)\s*"""
    r"""(?P<value>"[^"]*"|[^\s<>=!≤≥≠]*)|"(?P<quoted>[^"]*)"|(?P<word>\S+)"""
)
_YES: Final = {"yes", "on", "true", "1"}
_NO: Final = {"no", "off", "false", "0"}


class FilterError(ValueError):
    """A filter that cannot be understood; the text says why, as a sentence for people."""


def filter_rows(text: str, columns: Sequence[Column], shown: Snapshot) -> Mask | None:
    """``bool[rows]``: which rows fit all terms of a filter; None for an empty one.

    Raises:
        FilterError: with a sentence, if a term cannot be understood.
    """
    mask: Mask | None = None
    for match in _TERM.finditer(text):
        if match["column"]:
            found = _comparison(match["column"], match["sign"], match["value"], columns, shown)
        elif match["quoted"] is not None:
            found = _named(match["quoted"], columns, shown)
        elif match["word"].casefold() == "and":
            continue
        else:
            found = _word(match["word"], columns, shown)
        mask = found if mask is None else mask & found
    return mask


def _word(word: str, columns: Sequence[Column], shown: Snapshot) -> Mask:
    if word[0] in "<>=!≤≥≠|":
        raise FilterError(f"Write a column in front of “{word}”: {_example(columns)}.")
    small = word.casefold()
    if small == "off":
        return _switch(_column("on", columns), False, shown)
    if small == "unlocked":
        return _switch(_column("locked", columns), False, shown)
    for column in columns:
        if column.sort == "switch" and small in column.names:
            return _switch(column, True, shown)
    return _named(word, columns, shown)


def _named(word: str, columns: Sequence[Column], shown: Snapshot) -> Mask:
    """Rows with the word in any of their words."""
    masks = [_holds(column, word, shown) for column in columns if column.sort == "words"]
    return np.asarray(np.logical_or.reduce(masks), dtype=np.bool_)


def _comparison(
    name: str, sign: str, value: str, columns: Sequence[Column], shown: Snapshot
) -> Mask:
    absolute = name.startswith("|") and name.endswith("|") and len(name) > 2
    column = _column(name[1:-1] if absolute else name, columns)
    value = value.strip('"')
    if not value:
        raise FilterError(f"Write a value behind “{name} {sign}”: {_example(columns)}.")
    if column.sort == "words":
        if sign in ("=", "=="):
            return _holds(column, value, shown, whole=True)
        if sign in ("!=", "≠", "<>"):
            return ~_holds(column, value, shown, whole=True)
        raise FilterError(f"“{column.title}” holds words; use = or ≠ with it.")
    if column.sort == "switch":
        small = value.casefold()
        if small not in _YES | _NO or sign not in ("=", "==", "!=", "≠", "<>"):
            raise FilterError(f"“{column.title}” is yes or no: {column.names[0]} = yes.")
        return _switch(column, (small in _YES) == (sign in ("=", "==")), shown)
    try:
        number = float(value.replace(",", ".").replace("−", "-"))
    except ValueError:
        raise FilterError(
            f"“{value}” is no number; write for example {column.names[0]} {sign} 0.5."
        ) from None
    values = column.values(shown).astype(np.float64)
    if absolute:
        values = np.abs(values)
    fits = _SIGNS[sign](values, number)
    return np.asarray(fits & ~np.isnan(values), dtype=np.bool_)


def _column(name: str, columns: Sequence[Column]) -> Column:
    small = name.strip("|").casefold()
    for column in columns:
        if small in column.names or small == column.title.casefold():
            return column
    known = ", ".join(column.names[0] for column in columns)
    raise FilterError(f"There is no column “{name.strip('|')}” here. There are: {known}.")


def _switch(column: Column, on: bool, shown: Snapshot) -> Mask:
    return np.asarray(column.values(shown) == float(on), dtype=np.bool_)


def _holds(column: Column, word: str, shown: Snapshot, *, whole: bool = False) -> Mask:
    """Rows whose word holds, or is, ``word``; judged once per code, not once per row."""
    assert column.words is not None  # noqa: S101 - only columns of words come here
    codes = column.values(shown).astype(np.int64)
    fits = np.zeros(int(codes.max(initial=-1)) + 1, dtype=np.bool_)
    wanted = word.casefold()
    network = shown.network
    for code in np.unique(codes).tolist():
        forms = {column.words(shown, code).casefold()}
        if column.key in ("name", "from", "to"):
            forms.add(network.labels[code].casefold())  # x1, as it is typed, for x₁
        fits[code] = wanted in forms if whole else any(wanted in form for form in forms)
    return fits[codes]


def _example(columns: Sequence[Column]) -> str:
    name = "w" if any(column.key == "weight" for column in columns) else "bias"
    return f"{name} > 0.5"
