"""Arrays as ``.npy`` bytes: written the same way every time, read without trusting the header."""

from __future__ import annotations

import ast
import io
import math
import struct
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.formats.errors import FormatError
from nnplay.formats.record import MAX_ELEMENTS

__all__ = ["decode", "encode"]

MAGIC: Final = b"\x93NUMPY"
MAX_HEADER: Final = 10_000
ALLOWED: Final = ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "b1")


def encode(array: npt.NDArray[Any]) -> bytes:
    """The array as an ``.npy`` file (version 1.0, C order, little endian)."""
    plain = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).reshape(array.shape)
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, plain, version=(1, 0), allow_pickle=False)
    return buffer.getvalue()


def decode(data: bytes, name: str) -> npt.NDArray[Any]:
    """The array in an ``.npy`` file, read-only; never unpickles, never allocates on trust.

    Raises:
        FormatError: broken header, Python objects inside, or a shape that does not match the
            number of bytes that follow.
    """
    header, start = _header(data, name)
    if not isinstance(header, dict) or header.keys() != {"descr", "fortran_order", "shape"}:
        raise FormatError(f"{name} has a broken header.")
    shape, order = header["shape"], header["fortran_order"]
    dtype = _dtype(header["descr"], name)
    if (
        not isinstance(shape, tuple)
        or len(shape) > 8
        or any(type(size) is not int or size < 0 for size in shape)
        or not isinstance(order, bool)
    ):
        raise FormatError(f"{name} has a broken header.")
    count = math.prod(shape)
    if count > MAX_ELEMENTS:
        raise FormatError(
            f"{name} claims {min(count, 10**300):.3g} numbers; {MAX_ELEMENTS} are allowed."
        )
    if len(data) - start != count * dtype.itemsize:
        raise FormatError(
            f"{name} should hold {count * dtype.itemsize} bytes of numbers, but it holds "
            f"{len(data) - start}. It is cut off or damaged."
        )
    array = np.frombuffer(data, dtype=dtype, count=count, offset=start)
    if dtype.kind == "b" and array.view(np.uint8).max(initial=0) > 1:
        raise FormatError(f"{name} holds truth values that are neither true nor false.")
    return array.reshape(shape, order="F" if order else "C")


def _header(data: bytes, name: str) -> tuple[object, int]:
    try:
        if data[:6] != MAGIC:
            raise FormatError(f"{name} is not a numpy array file.")
        if data[6] == 1:
            (length,), start = struct.unpack_from("<H", data, 8), 10
        else:
            (length,), start = struct.unpack_from("<I", data, 8), 12
        if data[6] not in (1, 2, 3) or not 0 < length <= MAX_HEADER or start + length > len(data):
            raise FormatError(f"{name} has a broken header.")
        text = data[start : start + length].decode("utf-8" if data[6] == 3 else "latin-1")
        return ast.literal_eval(text.strip()), start + length
    except FormatError:
        raise
    except (ValueError, SyntaxError, TypeError, IndexError, struct.error):
        raise FormatError(f"{name} has a broken header.") from None
    except (RecursionError, MemoryError):
        raise FormatError(f"{name} has a header beyond all bounds.") from None


def _dtype(description: object, name: str) -> np.dtype[Any]:
    text = description if isinstance(description, str) else ""
    if text[:1] not in "<>|=" or text[1:] not in ALLOWED:
        if text[1:2] == "O":
            raise FormatError(
                f"{name} holds Python objects; opening them could run a program. Save plain "
                "numbers instead."
            )
        raise FormatError(f"{name} holds values that are not plain numbers.")
    return np.dtype(text)
