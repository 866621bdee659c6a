"""The table of file formats, and how a file's format is found out."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from nnplay.document import Document
from nnplay.formats.errors import FormatError

__all__ = [
    "FORMATS",
    "GROUPS",
    "Format",
    "check_options",
    "format_of",
    "read",
    "read_with_notes",
    "write",
]


@dataclass(frozen=True)
class Format:
    """One row of the table.

    Attributes:
        name: name on the command line.
        title: name for people.
        suffixes: file name endings, the usual one first.
        module: the module with ``to_bytes(document)`` and ``from_bytes(data)``; formats that nnplay
            writes but does not read have ``prove(document, data, stop)`` instead.
        carries: what survives: "document" (everything) or "network".
        can_read: whether files of this format can be opened.
        can_write: whether files of this format can be made.
        number_types: what numbers may be written as (``float64``, ``float32``), the usual one
            first; empty where there is no choice.
        group: what it is for, one of :data:`GROUPS`.
        options: names of further keyword arguments that ``to_bytes`` takes.
        read_options: names of the keyword arguments that ``from_bytes`` takes.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    module: str
    carries: str
    can_read: bool = True
    can_write: bool = True
    number_types: tuple[str, ...] = ()
    group: str = "documents"
    options: tuple[str, ...] = ()
    read_options: tuple[str, ...] = ("activation", "output_activation")

    @property
    def option_names(self) -> tuple[str, ...]:
        """Everything that can be chosen when writing."""
        return (("dtype",) if self.number_types else ()) + self.options

    def load_module(self) -> Any:
        """The format's module, imported when it is needed."""
        return importlib.import_module(f"nnplay.formats.{self.module}")


GROUPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "documents": "Documents",
        "weights": "Weights",
        "models": "Models",
        "code": "Code",
        "figures": "Figures",
    }
)
"""What formats are for, by name, with titles for people."""

_64, _32 = ("float64", "float32"), ("float32", "float64")
_PREPARATION = ("include_preparation",)
_TABLE = (
    Format("nnplay", "nnplay document", (".nnplay",), "nnplay_zip", "document"),
    Format("json", "nnplay as text", (".nnplay.json", ".json"), "nnplay_json", "document"),
    Format("npz", "NumPy arrays", (".npz",), "npz", "network", True, True, _64, "weights"),
    Format(
        "safetensors",
        "safetensors",
        (".safetensors",),
        "safetensors_file",
        "network",
        number_types=_64,
        group="weights",
    ),
    Format(
        "csv",
        "Table of neurons and edges",
        (".csv",),
        "csv_network",
        "network",
        group="weights",
    ),
    Format(
        "torch",
        "PyTorch weights",
        (".pt", ".pth"),
        "torch_file",
        "network",
        can_write=False,
        group="weights",
    ),
    Format(
        "onnx",
        "ONNX model",
        (".onnx",),
        "onnx_file",
        "network",
        number_types=_32,
        group="models",
        options=(*_PREPARATION, "opset", "batch"),
        read_options=("beside",),
    ),
    Format(
        "pytorch",
        "PyTorch module",
        (".py",),
        "pytorch_module",
        "network",
        False,
        True,
        _32,
        "models",
        (*_PREPARATION, "weights"),
    ),
    Format(
        "python",
        "Python function",
        (".py",),
        "python_function",
        "network",
        can_read=False,
        group="code",
        options=_PREPARATION,
    ),
    Format(
        "c",
        "C header",
        (".h",),
        "c_header",
        "network",
        False,
        True,
        _32,
        "code",
        (*_PREPARATION, "prefix"),
    ),
    Format(
        "notebook",
        "Notebook",
        (".ipynb",),
        "notebook",
        "network",
        can_read=False,
        group="code",
    ),
    Format(
        "script",
        "Training program",
        (".py",),
        "training_script",
        "network",
        can_read=False,
        group="code",
    ),
)
FORMATS: Final[Mapping[str, Format]] = MappingProxyType({row.name: row for row in _TABLE})


def format_of(
    name: str, purpose: Literal["read", "write"] | None = None, others: Sequence[str] = ()
) -> Format:
    """The format that a file name ends with.

    Args:
        name: of the file.
        purpose: what the file is wanted for; only such endings are offered if there is none.
        others: endings to offer besides.

    Raises:
        FormatError: no format has this ending; the message lists those there are.
    """
    lower = name.lower()
    rows = [row for row in FORMATS.values() if lower.endswith(row.suffixes)]
    if len(rows) > 1:
        names = ", ".join(f"{row.name} ({row.title})" for row in rows)
        raise FormatError(f"This ending may mean several formats: {names}. Say which one.", name)
    if rows:
        return rows[0]
    fits = [
        row
        for row in FORMATS.values()
        if purpose is None or (row.can_read if purpose == "read" else row.can_write)
    ]
    known = ", ".join(dict.fromkeys([*(row.suffixes[0] for row in fits), *others]))
    raise FormatError(f"The name ends with none of {known}. Choose one of these endings.", name)


def _sniffed(data: bytes) -> Format | None:
    """The format that the first bytes give away, whatever the file is called."""
    if data[:4] == b"PK\x03\x04":
        from nnplay.formats.nnplay_zip import MIMETYPE

        if b"/data.pkl" in data[30:256]:
            return FORMATS["torch"]
        return FORMATS["nnplay" if data[30:58] == b"mimetype" + MIMETYPE else "npz"]
    if data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return FORMATS["json"]
    if data[8:9] == b"{" and data[4:8] == b"\0\0\0\0":
        return FORMATS["safetensors"]
    # The format version comes first in an ONNX file, then the producer, graph or operator set.
    if data[:1] == b"\x08" and data[1:2] < b"\x20" and data[2:3] in (b"\x12", b"\x3a", b"\x42"):
        return FORMATS["onnx"]
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
    if found is not None and not (
        found.name == "npz" and by_name in (FORMATS["nnplay"], FORMATS["torch"])
    ):
        return found
    if by_name is None:
        return format_of(name, "read")
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
        options: ``activation`` and ``output_activation`` for files of bare weights, ``beside`` for
            models whose weights lie in a second file (:data:`nnplay.formats.onnx_model.Beside`).

    Returns:
        A document; formats that carry only a network give one with default settings.

    Raises:
        FormatError: the message starts with the file's name.
    """
    return read_with_notes(data, name, format, **options)[0]


def read_with_notes(
    data: bytes,
    name: str,
    format: str | None = None,  # noqa: A002
    **options: Any,
) -> tuple[Document, tuple[str, ...]]:
    """As :func:`read`, with sentences about how the file was understood."""
    notes: tuple[str, ...] = ()
    try:
        if not data:
            raise FormatError("The file is empty.")
        row = _chosen(data, name, format)
        if not row.can_read:
            raise FormatError(
                f"This is a {row.title}, which nnplay writes but does not read. Open the document "
                "it was made from, or its weights."
            )
        given = {
            key: value
            for key, value in options.items()
            if value is not None and key in row.read_options and row.carries != "document"
        }
        module = row.load_module()
        document: Document
        if hasattr(module, "read"):
            document, notes = module.read(data, **given)
        else:
            document = module.from_bytes(data, **given)
    except FormatError as error:
        raise error.in_file(name) from None
    except MemoryError:
        raise FormatError("It does not fit into the memory of this computer.", name) from None
    return document, notes


def write(document: Document, format: str, **options: Any) -> bytes:  # noqa: A002
    """The document in a format, as bytes.

    Args:
        document: what to write.
        format: name in :data:`FORMATS`.
        options: those of the format (:attr:`Format.option_names`), for example
            ``dtype="float32"`` or ``include_preparation=False``; None stands for the usual.

    Raises:
        FormatError: the format cannot hold it.
    """
    if format not in FORMATS:
        raise FormatError(f"There is no format “{format}”; there are {', '.join(FORMATS)}.")
    if not FORMATS[format].can_write:
        raise FormatError(
            f"{FORMATS[format].title} can be read, but not written. Export as safetensors."
        )
    given = {key: value for key, value in options.items() if value is not None}
    check_options(format, given)
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


def check_options(format: str, options: Mapping[str, Any]) -> None:  # noqa: A002
    """Refuse options that a format does not have.

    Raises:
        FormatError: the message says which formats have it.
    """
    row = FORMATS[format]
    for name, value in options.items():
        if name not in row.option_names:
            having = [other.name for other in FORMATS.values() if name in other.option_names]
            what = name.replace("_", " ")
            if name == "dtype":
                raise FormatError(
                    f"The format {format} always has full precision. Only "
                    f"{' and '.join(having)} have a choice of number type."
                )
            raise FormatError(
                f"The format {format} has no option “{what}”. "
                + (f"It belongs to {', '.join(having)}." if having else "Leave it out.")
            )
        if name == "dtype" and value not in row.number_types:
            raise FormatError(
                f"There is no number type “{value}”; there are {', '.join(row.number_types)}."
            )
