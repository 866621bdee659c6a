"""Opening, saving, importing and exporting by file name, for window, command line and Python."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nnplay.document import Document
from nnplay.formats import registry
from nnplay.formats.document_record import same_document
from nnplay.formats.errors import FormatError
from nnplay.formats.verification import ExportReport, verify
from nnplay.storage import StorageError, backup_path, read_file, write_file

if TYPE_CHECKING:
    import threading

__all__ = [
    "ExportReport",
    "export",
    "import_network",
    "import_with_notes",
    "load",
    "load_backup",
    "read_thumbnail",
    "save",
]

MAX_THUMBNAIL: Final = 2**20

PathLike = str | os.PathLike[str]


def load(path: PathLike) -> Document:
    """Open a document (``.nnplay`` or ``.nnplay.json``) or any other readable network file.

    Raises:
        StorageError: the file cannot be read.
        FormatError: its contents are not what they should be.
    """
    place = Path(path)
    return registry.read(read_file(place), place.name, beside=_reader_beside(place))


def save(
    document: Document,
    path: PathLike,
    *,
    thumbnail: bytes = b"",
    keep_backup: bool = False,
) -> None:
    """Save a document; a name that ends with ``.json`` gives the text twin.

    The bytes are read back and compared before they replace the file.

    Args:
        document: what to save.
        path: where to.
        thumbnail: a small PNG picture for file managers and lists, kept inside ``.nnplay`` only.
        keep_backup: keep what the file held before as ``name~`` beside it.

    Raises:
        StorageError: the file cannot be written; the old one is untouched.
        FormatError: the name does not end like a document's, or the document cannot be saved.
    """
    place = Path(path)
    row = registry.format_of(place.name)
    if row.carries != "document":
        raise FormatError(
            "A document is saved as .nnplay or .nnplay.json; use export for other formats.",
            place.name,
        )
    try:
        data = registry.write(document, row.name)
        if thumbnail and row.name == "nnplay":
            data = row.load_module().with_thumbnail(data, thumbnail)
        if not same_document(registry.read(data, place.name, row.name), document):
            raise FormatError("The saved bytes do not read back as this document.")
    except FormatError as error:
        raise error.in_file(place.name) from None
    write_file(place, data, keep_backup=keep_backup)


def load_backup(path: PathLike) -> Document:
    """The version before the latest one of a document, see :func:`nnplay.storage.backup_path`.

    Raises:
        StorageError: there is none, or it cannot be read.
        FormatError: it is damaged too.
    """
    place = Path(path)
    return registry.read(read_file(backup_path(place)), place.name)


def read_thumbnail(path: PathLike) -> bytes:
    """The picture inside a ``.nnplay`` document as the bytes of a PNG; empty if there is none."""
    import zipfile

    try:
        if not Path(path).is_file():
            return b""
        with zipfile.ZipFile(path) as archive:
            info = archive.getinfo("thumbnail.png")
            is_stored = info.compress_type == zipfile.ZIP_STORED
            if not is_stored or max(info.file_size, info.compress_size) > MAX_THUMBNAIL:
                return b""
            data = archive.read(info)
    except (OSError, ValueError, KeyError, RuntimeError, EOFError, MemoryError, zipfile.BadZipFile):
        return b""  # a list without a picture is still a list
    return data if data.startswith(b"\x89PNG\r\n\x1a\n") else b""


def export(
    document: Document,
    path: PathLike,
    format: str | None = None,  # noqa: A002 - the word users know
    *,
    stop: threading.Event | None = None,
    **options: Any,
) -> ExportReport:
    """Write a document in another format, and read the file again or run it, and compare.

    Args:
        document: what to export.
        path: where to; its ending chooses the format unless ``format`` does.
        format: a name in :data:`nnplay.formats.registry.FORMATS`.
        stop: set by another thread to give up before anything is written.
        options: those of the format, for example ``dtype="float32"`` for npz and safetensors or
            ``include_preparation=False`` for code; None stands for the usual.

    Raises:
        StorageError: the file cannot be written; what stood there before is untouched.
        FormatError: unknown format, or the file does not reproduce the network.
    """
    place = Path(path)
    name = format or registry.format_of(place.name, "write").name
    try:
        data = registry.write(document, name, **options)
        # Before anything is overwritten.
        report = verify(document, data, name, stop=stop, **options)
        beside = None
        if options.get("weights") == "beside":
            beside = registry.write(document, "safetensors", dtype=options.get("dtype"))
    except FormatError as error:
        raise error.in_file(place.name) from None
    if beside is not None:
        write_file(place.with_suffix(".safetensors"), beside)
    write_file(place, data)
    if read_file(place, len(data) + 1) != data:
        raise StorageError(f"{place} does not hold what was written to it. Check the disk.")
    return report.at(place)


def import_network(
    path: PathLike,
    format: str | None = None,  # noqa: A002
    *,
    activation: str | None = None,
    output_activation: str | None = None,
) -> Document:
    """Open a network file of any readable format as a document.

    Args:
        path: the file.
        format: its format when the name does not tell.
        activation: activation of hidden neurons, for files of bare weights that do not say it.
        output_activation: the same for outputs.

    Raises:
        StorageError: the file cannot be read.
        FormatError: its contents cannot be understood
            (:class:`~nnplay.formats.errors.ActivationsUnknownError`: say the activations).
    """
    return import_with_notes(
        path, format, activation=activation, output_activation=output_activation
    )[0]


def import_with_notes(
    path: PathLike,
    format: str | None = None,  # noqa: A002
    *,
    activation: str | None = None,
    output_activation: str | None = None,
) -> tuple[Document, tuple[str, ...]]:
    """As :func:`import_network`, with sentences about how the file was understood."""
    place = Path(path)
    return registry.read_with_notes(
        read_file(place),
        place.name,
        format,
        activation=activation,
        output_activation=output_activation,
        beside=_reader_beside(place),
    )


def _reader_beside(place: Path) -> Callable[[str], bytes]:
    """Reads a second file of a model: a plain name in the same folder, regular, and no link."""

    def read(name: str) -> bytes:
        second = place.parent / name
        if second.name != name or second.is_symlink():
            raise FormatError(
                f"Its second file “{name[:60]}” is a link or lies elsewhere, and is not read. Save "
                "the model as a single file."
            )
        try:
            return read_file(second)
        except StorageError as error:
            raise FormatError(
                f"The model needs a second file. {error} Put it beside the model, or save the "
                "model as a single file."
            ) from None

    return read
