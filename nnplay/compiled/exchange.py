"""Between the trainer's vectors and those of the engine, which have an order of their own."""

from __future__ import annotations

from numba import njit

from nnplay.compiled import book as b
from nnplay.compiled.functions import OPTIONS
from nnplay.compiled.vectors import floats, integers

__all__ = ["deliver", "fetch"]


@njit(**OPTIONS)
def _fetch_one(book, source, target):
    slots, old, new = integers(book[b.SLOTS]), floats(source), floats(target)
    for i in range(book[b.SIZE]):
        new[i] = old[slots[i]]


@njit(**OPTIONS)
def fetch(book, whole):
    """Read the trainer's parameters, and if ``whole`` the optimiser's arrays too."""
    _fetch_one(book, book[b.PARAMETERS], book[b.P])
    for array in range(book[b.ARRAYS] if whole else 0):
        _fetch_one(book, book[b.ARRAY + array], book[b.MEMORY + array])


@njit(**OPTIONS)
def _copy_back(book, source, target):
    slots, new, old = integers(book[b.SLOTS]), floats(source), floats(target)
    for i in range(book[b.SIZE]):
        old[slots[i]] = new[i]


@njit(**OPTIONS)
def deliver(book):
    """Write everything back."""
    _copy_back(book, book[b.P], book[b.PARAMETERS])
    for array in range(book[b.ARRAYS]):
        _copy_back(book, book[b.MEMORY + array], book[b.ARRAY + array])
