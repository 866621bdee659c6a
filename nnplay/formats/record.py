"""The plain form of a document, between the value in memory and the bytes of a file.

A record has a *head* of plain JSON values and a few numpy *arrays* by name. The ``.nnplay`` archive
stores the head as ``document.json`` and each array as a member; the text twin weaves the arrays
into the head. Both readers fill a record first, check all of it, and build the document last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.formats.errors import FormatError
from nnplay.formats.fields import Fields

__all__ = ["FORMAT_NAME", "MAJOR", "MAX_ELEMENTS", "MINOR", "Record", "check_version", "take_array"]

FORMAT_NAME: Final = "nnplay"
MAJOR: Final = 1
MINOR: Final = 1
MAX_ELEMENTS: Final = 50_000_000

AnyArray = npt.NDArray[Any]


@dataclass
class Record:
    """A document as plain values.

    Attributes:
        head: JSON values; see docs/formats.md for the keys.
        arrays: ``params/edges`` int32[E, 2], ``params/theta`` float64[P] and, where they say more
            than their defaults, ``params/initial``, ``params/frozen``, ``params/enabled``,
            ``history/…``, ``optimizer/…`` and ``data/table``.
    """

    head: dict[str, Any]
    arrays: dict[str, AnyArray] = field(default_factory=dict)


def check_version(head: Fields) -> dict[str, Any]:
    """Check the ``format`` section and return what has to be kept of it.

    Raises:
        FormatError: another program's file, or one of a newer major version.
    """
    section = head.section("format")
    if section.get("name", None) != FORMAT_NAME:
        raise FormatError(
            "This file was not written by nnplay. Networks of other programs are read as .onnx, "
            ".safetensors, .npz or .pt; a table of data is opened with “Open data table” in the "
            "File menu, or with nnplay new --data."
        )
    major = section.integer("major", low=1)
    minor = section.integer("minor", 0)
    if major > MAJOR:
        raise FormatError(
            f"The file was written by a newer nnplay (format {major}.{minor}; this one reads "
            f"{MAJOR}). Install the newer nnplay, or save the file there as an older format."
        )
    kept = section.rest()
    if minor > MINOR:
        kept["minor"] = minor
    return kept


def take_array(
    arrays: Mapping[str, AnyArray],
    name: str,
    dtype: npt.DTypeLike,
    shape: tuple[int | None, ...],
    *,
    finite: bool = True,
) -> AnyArray:
    """One array with the expected kind of numbers and shape (None: any length), read-only.

    Raises:
        FormatError: it is missing or not as expected.
    """
    if name not in arrays:
        raise FormatError(f"{name} is missing.")
    array = arrays[name]
    wanted = np.dtype(dtype)
    if array.ndim != len(shape) or any(
        want is not None and have != want for have, want in zip(array.shape, shape, strict=True)
    ):
        expected = " × ".join("any" if want is None else str(want) for want in shape)
        found = " × ".join(map(str, array.shape)) or "a single number"
        raise FormatError(f"{name} must have the size {expected}, but it is {found}.")
    if not np.can_cast(array.dtype, wanted, "safe"):
        raise FormatError(f"{name} must hold {wanted} numbers, but it holds {array.dtype}.")
    result = np.array(array, dtype=wanted)
    if finite and wanted.kind == "f" and not np.isfinite(result).all():
        place = int(np.flatnonzero(~np.isfinite(result.reshape(-1)))[0])
        raise FormatError(f"{name}: entry {place} is not a finite number.")
    result.flags.writeable = False
    return result
