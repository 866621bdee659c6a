"""safetensors files: a JSON header with names, types, shapes and offsets, then plain numbers.

The layout is the published one. It is written here and not by the ``safetensors`` package because
that orders the metadata differently from run to run; the package reads every export as a check.
On top of its rules, repeated keys and numbers that are not finite are refused.
"""

from __future__ import annotations

import json
import math
import struct
from typing import Any, Final

import numpy as np

from nnplay.core.network import Network
from nnplay.document import Document
from nnplay.formats import strict_json, tensors
from nnplay.formats.errors import FormatError
from nnplay.formats.fields import Fields
from nnplay.formats.record import MAX_ELEMENTS, AnyArray

__all__ = ["compared", "from_bytes", "read", "read_tensors", "to_bytes"]

DTYPES: Final = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "|i1",
    "U8": "|u1",
    "BOOL": "|b1",
}
CODES: Final = {np.dtype(text): code for code, text in DTYPES.items()}
MAX_HEADER: Final = 100_000_000
MAX_TENSORS: Final = 10_000
METADATA: Final = "__metadata__"


def to_bytes(document: Document, dtype: str = "float64") -> bytes:
    """The network as a safetensors file; the same network always gives the same bytes."""
    header: dict[str, Any] = {METADATA: tensors.metadata_of(document)}
    chunks, offset = [], 0
    # The widest numbers first, so that each tensor is aligned to its own size.
    arrays = sorted(
        tensors.tensors_of(document, dtype).items(), key=lambda item: -item[1].dtype.itemsize
    )
    for name, array in arrays:
        chunk = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes()
        header[name] = {
            "dtype": CODES[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + len(chunk)],
        }
        chunks.append(chunk)
        offset += len(chunk)
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    if len(text) > MAX_HEADER:
        raise FormatError("The network is too large for the header of a safetensors file.")
    return struct.pack("<Q", len(text)) + text + b"".join(chunks)


def from_bytes(
    data: bytes, activation: str | None = None, output_activation: str | None = None
) -> Document:
    """A document from a safetensors file; raises :class:`FormatError`."""
    return read(data, activation, output_activation)[0]


def read(
    data: bytes, activation: str | None = None, output_activation: str | None = None
) -> tuple[Document, tuple[str, ...]]:
    """As :func:`from_bytes`, with sentences about how the file was understood."""
    arrays, texts = read_tensors(data)
    document = tensors.document_of(arrays, texts, activation, output_activation)
    return document, () if "nnplay_json" in texts else tensors.layer_notes(arrays)


def compared(document: Document, data: bytes, again: Document) -> tuple[Network, Network]:
    """The network that should be in the file, and what other programs find there.

    The ``safetensors`` package reads the file, too, and must find the same numbers.

    Raises:
        FormatError: it does not.
    """
    import safetensors.numpy

    arrays = read_tensors(data)[0]
    others = safetensors.numpy.load(data)
    if arrays.keys() != others.keys() or any(
        not np.array_equal(array, others[name]) for name, array in arrays.items()
    ):
        raise FormatError("The safetensors package reads other numbers than were written.")
    return tensors.compared(document, arrays)


def read_tensors(data: bytes) -> tuple[dict[str, AnyArray], dict[str, str]]:
    """Tensors and metadata by name, all checked; raises :class:`FormatError`."""
    if len(data) < 8:
        raise FormatError("The file is too short for a safetensors file.")
    (length,) = struct.unpack_from("<Q", data)
    start = 8 + length
    if length > MAX_HEADER or start > len(data):
        raise FormatError("This is not a safetensors file, or it is cut off.")
    header = Fields(strict_json.parse(data[8:start]), "")
    texts = _metadata(header)
    names = [name for name in header.values if name != METADATA]
    if len(names) > MAX_TENSORS:
        raise FormatError(f"The file holds more than {MAX_TENSORS} tensors.")
    arrays: dict[str, AnyArray] = {}
    places = []
    for name in names:
        array, first, last = _tensor(Fields(header.values[name], name), data, start)
        arrays[name] = array
        places.append((first, last))
    end = 0
    for first, last in sorted(places):
        if first != end:
            raise FormatError("The tensors of the file overlap or leave holes; it is damaged.")
        end = last
    if end != len(data) - start:
        raise FormatError("The file is longer than its header says; it is damaged.")
    return arrays, texts


def _metadata(header: Fields) -> dict[str, str]:
    section = header.section(METADATA)
    return {key: section.text(key) for key in section.values}


def _tensor(fields: Fields, data: bytes, start: int) -> tuple[AnyArray, int, int]:
    name = fields.place
    code = fields.text("dtype")
    if code not in DTYPES:
        raise FormatError(
            f"{name} holds {code[:20]} numbers, which numpy does not have. Save it as F32 or F64."
        )
    dtype = np.dtype(DTYPES[code])
    shape = fields.items("shape", limit=8)
    offsets = fields.items("data_offsets", limit=2)
    if len(offsets) != 2 or any(
        type(value) is not int or value < 0 for value in (*shape, *offsets)
    ):
        raise FormatError(f"{name} has a broken shape or place.")
    count = math.prod(shape)
    first, last = offsets
    if count > MAX_ELEMENTS:
        raise FormatError(
            f"{name} claims {min(count, 10**300):.3g} numbers; {MAX_ELEMENTS} are allowed."
        )
    if last - first != count * dtype.itemsize or start + last > len(data):
        raise FormatError(f"{name} does not fit into the file; it is cut off or damaged.")
    array = np.frombuffer(data, dtype=dtype, count=count, offset=start + first)
    if dtype.kind == "f" and not np.isfinite(array).all():
        raise FormatError(f"{name} holds a number that is not finite.")
    if dtype.kind == "b" and array.view(np.uint8).max(initial=0) > 1:
        raise FormatError(f"{name} holds truth values that are neither true nor false.")
    return array.reshape(shape), first, last
