"""The proof that comes before "exported": the bytes are read again and compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nnplay.core.network import Network
from nnplay.document import Document
from nnplay.formats import registry
from nnplay.formats.document_record import same_document
from nnplay.formats.errors import FormatError

__all__ = ["ExportReport", "verify"]


@dataclass(frozen=True)
class ExportReport:
    """What was written and how well it was read back.

    Attributes:
        format: name of the format.
        byte_count: size of the file.
        largest_deviation: largest difference between a parameter and what the file holds for it;
            0.0 means bit for bit the same.
        path: where the file is; None while only bytes were made.
    """

    format: str
    byte_count: int
    largest_deviation: float
    path: Path | None = None

    def at(self, path: Path) -> ExportReport:
        """The same report for a file that now exists."""
        return replace(self, path=path)

    def __str__(self) -> str:
        agreement = (
            "every number bit for bit the same"
            if self.largest_deviation == 0
            else f"largest deviation {self.largest_deviation:.2g}"
        )
        return f"{self.path or 'The bytes'}: {self.byte_count} bytes, read back, {agreement}."


def verify(document: Document, data: bytes, format: str) -> ExportReport:  # noqa: A002
    """Read exported bytes again and compare them with the document.

    Raises:
        FormatError: they do not give the same document or network back.
    """
    row = registry.FORMATS[format]
    if row.carries == "document":
        again = registry.read(data, f"export{row.suffixes[0]}", format)
        if not same_document(again, document):
            raise FormatError("The export does not read back as the same document.")
        return ExportReport(format, len(data), 0.0)
    expected, stored = row.load_module().compared(document, data)
    if not registry.read(data, f"export{row.suffixes[0]}", format).network.same_as(
        document.network
    ):
        raise FormatError("The export does not read back as the same network.")
    return ExportReport(format, len(data), _deviation(expected, stored))


def _deviation(expected: Network, stored: Network) -> float:
    return float(np.abs(expected.theta - stored.theta).max(initial=0.0))
