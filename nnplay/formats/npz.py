"""NumPy archives ``.npz``: one array per tensor, readable with ``numpy.load``."""

from __future__ import annotations

import numpy as np

from nnplay.core.network import Network
from nnplay.document import Document
from nnplay.formats import npy_member, tensors
from nnplay.formats.archive import read_members, write_members
from nnplay.formats.errors import FormatError
from nnplay.formats.record import AnyArray

__all__ = ["compared", "from_bytes", "read", "to_bytes"]

TEXTS = ("nnplay_json", "layers", "inputs")
"""Metadata arrays: UTF-8 text as bytes, ``bytes(archive["nnplay_json"]).decode()``."""


def to_bytes(document: Document, dtype: str = "float64") -> bytes:
    """The network as an ``.npz`` file; the same network always gives the same bytes."""
    arrays = tensors.tensors_of(document, dtype)
    for name, text in tensors.metadata_of(document).items():
        arrays[name] = np.frombuffer(text.encode(), dtype=np.uint8)
    return write_members({f"{name}.npy": npy_member.encode(a) for name, a in arrays.items()})


def from_bytes(
    data: bytes, activation: str | None = None, output_activation: str | None = None
) -> Document:
    """A document from an ``.npz`` file; raises :class:`FormatError`."""
    return read(data, activation, output_activation)[0]


def read(
    data: bytes, activation: str | None = None, output_activation: str | None = None
) -> tuple[Document, tuple[str, ...]]:
    """As :func:`from_bytes`, with sentences about how the file was understood."""
    arrays, texts = _read(data)
    document = tensors.document_of(arrays, texts, activation, output_activation)
    return document, () if "nnplay_json" in texts else tensors.layer_notes(arrays)


def compared(document: Document, data: bytes, again: Document) -> tuple[Network, Network]:
    """The network that should be in the arrays, and what other programs find there."""
    return tensors.compared(document, _read(data)[0])


def _read(data: bytes) -> tuple[dict[str, AnyArray], dict[str, str]]:
    arrays: dict[str, AnyArray] = {}
    texts: dict[str, str] = {}
    for name, content in read_members(data).items():
        if not name.endswith(".npy"):
            raise FormatError(f"“{name[:80]}” in the archive is no numpy array.")
        short = name.removesuffix(".npy")
        array = npy_member.decode(content, short)
        if short in TEXTS and array.dtype == np.uint8 and array.ndim == 1:
            try:
                texts[short] = array.tobytes().decode()
            except UnicodeDecodeError:
                raise FormatError(f"{short} is not UTF-8 text.") from None
        else:
            arrays[short] = array
    return arrays, texts
