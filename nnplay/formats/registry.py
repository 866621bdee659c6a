"""The table of file formats, and how a file's format is found out."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from nnplay.document import Document
from nnplay.formats.errors import FormatError

__all__ = ["FORMATS", "Format", "format_of", "read", "write"]


@dataclass(frozen=True)
class Format:
    """One row of the table.

    Attributes:
        name: name on the command line.
        title: name for people.
        suffixes: file name endings, the usual one first.
        module: the module with ``to_bytes(document)`` and ``from_bytes(data)``.
        carries: what survives: "document" (everything) or "network".
        can_read: whether files of this format can be opened.
        can_write: whether files of this format can be made.
        number_types: what numbers may be written as (``float64``, ``float32``); empty where there
            is no choice.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    module: str
    carries: str
    can_read: bool = True
    can_write: bool = True
    number_types: tuple[str, ...] = ()

    def load_module(self) -> Any:
        """The format's module, imported when it is needed."""
        return importlib.import_module(f"nnplay.formats.{self.module}")


_NUMBER_TYPES = ("float64", "float32")
_TABLE = (
    Format("nnplay", "nnplay document", (".nnplay",), "nnplay_zip", "document"),
    Format("json", "nnplay as text", (".nnplay.json", ".json"), "nnplay_json", "document"),
    Format("npz", "NumPy arrays", (".npz",), "npz", "network", number_types=_NUMBER_TYPES),
    Format(
        "safetensors",
        "safetensors",
        (".safetensors",),
        "safetensors_file",
        "network",
        number_types=_NUMBER_TYPES,
    ),
    Format("csv", "Table of neurons and edges", (".csv",), "csv_network", "network"),
)
FORMATS: Final[Mapping[str, Format]] = MappingProxyType({row.name: row for row in _TABLE})


def format_of(name: str) -> Format:
    """The format that a file name ends with.

    Raises:
        FormatError: no format has this ending; the message lists those there are.
    """
    lower = name.lower()
    for row in FORMATS.values():
        if lower.endswith(row.suffixes):
            return row
    known = ", ".join(row.suffixes[0] for row in FORMATS.values())
    raise FormatError(f"The name ends with none of {known}. Choose one of these endings.", name)


def _sniffed(data: bytes) -> Format | None:
    """The format that the first bytes give away, whatever the file is called."""
    if data[:4] == b"PK\x03\x04":
        from nnplay.formats.nnplay_zip import MIMETYPE

        return FORMATS["nnplay" if data[30:58] == b"mimetype" + MIMETYPE else "npz"]
    if data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return FORMATS["json"]
    if data[8:9] == b"{" and data[4:8] == b"\0\0\0\0":
        return FORMATS["safetensors"]
    if data.lstrip(b"\xef\xbb\xbf")[:6] == b"record":
        return FORMATS["csv"]
    return None


def _chosen(data: bytes, name: str, format: str | None) -> Format:  # noqa: A002
    if format is not None:
        if format not in FORMATS:
            raise FormatError(f"There is no format “{format}”; there are {', '.join(FORMATS)}.")
        return FORMATS[format]
    try:
        by_name = format_of(name)
    except FormatError:
        by_name = None
    found = _sniffed(data)
    # A document that was packed again may not start like one; then its name decides.
    if found is not None and not (found.name == "npz" and by_name is FORMATS["nnplay"]):
        return found
    if by_name is None:
        return format_of(name)
    return by_name


def read(
    data: bytes,
    name: str,
    format: str | None = None,  # noqa: A002 - the word users know
    **options: Any,
) -> Document:
    """Open the contents of a file, whatever format it has.

    Args:
        data: the file's bytes.
        name: its name, for messages and to tell the format.
        format: name of the format when the file name does not tell it.
        options: ``activation`` and ``output_activation`` for files of bare weights.

    Returns:
        A document; formats that carry only a network give one with default settings.

    Raises:
        FormatError: the message starts with the file's name.
    """
    try:
        if not data:
            raise FormatError("The file is empty.")
        row = _chosen(data, name, format)
        given = {key: value for key, value in options.items() if value is not None}
        if row.carries == "document":
            given = {}
        document: Document = row.load_module().from_bytes(data, **given)
    except FormatError as error:
        raise error.in_file(name) from None
    except MemoryError:
        raise FormatError("It does not fit into the memory of this computer.", name) from None
    return document


def write(document: Document, format: str, **options: Any) -> bytes:  # noqa: A002
    """The document in a format, as bytes.

    Args:
        document: what to write.
        format: name in :data:`FORMATS`.
        options: ``dtype="float32"`` for npz and safetensors.

    Raises:
        FormatError: the format cannot hold it.
    """
    if format not in FORMATS:
        raise FormatError(f"There is no format “{format}”; there are {', '.join(FORMATS)}.")
    given = {key: value for key, value in options.items() if value is not None}
    if "dtype" in given and not FORMATS[format].number_types:
        with_choice = [row.name for row in FORMATS.values() if row.number_types]
        raise FormatError(
            f"The format {format} always has full precision. Only {' and '.join(with_choice)} have "
            "a choice of number type."
        )
    try:
        data: bytes = FORMATS[format].load_module().to_bytes(document, **given)
    except FormatError:
        raise
    except UnicodeEncodeError:
        raise FormatError("A name or label holds half a character. Type it again.") from None
    except (ValueError, TypeError) as error:
        # Values that a program put in; whatever comes out of a file or the window was checked.
        raise FormatError(f"The document holds a value that no file can hold ({error}).") from error
    return data
