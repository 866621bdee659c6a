"""The proof that comes before "exported": the bytes are read again and compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nnplay.core.network import Network
from nnplay.core.plain_numbers import plain_number
from nnplay.core.program import Program
from nnplay.document import Document
from nnplay.formats import registry
from nnplay.formats.document_record import same_document
from nnplay.formats.errors import FormatError

if TYPE_CHECKING:
    import threading

__all__ = ["ExportReport", "Proof", "verify"]

SAMPLES: Final = 64
FLOAT32_STEP: Final = 2.0**-24
FLOAT32_TINY: Final = 2.0**-149


@dataclass(frozen=True)
class Proof:
    """How an exported program was tried.

    Attributes:
        judge: what ran it, for people; empty where it could not be run here.
        deviation: largest difference between its outputs and the network's for 64 inputs, relative
            to outputs larger than 1.
        remark: a sentence about what could not be tried and why; may be empty.
    """

    judge: str
    deviation: float = 0.0
    remark: str = ""


@dataclass(frozen=True)
class ExportReport:
    """What was written and how well it was read back.

    Attributes:
        format: name of the format.
        byte_count: size of the file.
        largest_deviation: largest difference between a parameter and what the file holds for it;
            0.0 means bit for bit the same.
        output_deviation: largest difference between the outputs of the network and of what was
            read back, for 64 random inputs.
        path: where the file is; None while only bytes were made.
        proof: how an exported program was tried; None where the file was read back instead.
    """

    format: str
    byte_count: int
    largest_deviation: float
    output_deviation: float
    path: Path | None = None
    proof: Proof | None = None

    def at(self, path: Path) -> ExportReport:
        """The same report for a file that now exists."""
        return replace(self, path=path)

    def __str__(self) -> str:
        if self.proof is not None:
            tried = (
                f"run with {self.proof.judge}, outputs agree to {plain_number(self.output_deviation, 2)} for "
                f"{SAMPLES} inputs."
                if self.proof.judge
                else "not run."
            )
            remark = f" {self.proof.remark}" if self.proof.remark else ""
            return f"{self.path or 'The bytes'}: {self.byte_count} bytes, {tried}{remark}"
        agreement = (
            "every number bit for bit the same"
            if self.largest_deviation == 0
            else f"largest deviation {plain_number(self.largest_deviation, 2)} (outputs: "
            f"{plain_number(self.output_deviation, 2)})"
        )
        return f"{self.path or 'The bytes'}: {self.byte_count} bytes, read back, {agreement}."


def verify(
    document: Document,
    data: bytes,
    format: str,  # noqa: A002
    *,
    stop: threading.Event | None = None,
    **options: Any,
) -> ExportReport:
    """Read exported bytes again, or run them, and compare with the document.

    Args:
        document: what was exported.
        data: the bytes.
        format: name of the format.
        stop: set to give up.
        options: those that the bytes were written with.

    Raises:
        FormatError: they do not give the same document or network back, or other outputs.
    """
    row = registry.FORMATS[format]
    module = row.load_module()
    if hasattr(module, "prove"):
        given = {key: value for key, value in options.items() if value is not None}
        proof: Proof = module.prove(document, data, stop=stop, **given)
        return ExportReport(format, len(data), 0.0, proof.deviation, proof=proof)
    again: Document = module.from_bytes(data)
    if row.carries == "document":
        if not same_document(again, document):
            raise FormatError("The export does not read back as the same document.")
        return ExportReport(format, len(data), 0.0, 0.0)
    expected, stored = module.compared(document, data, again)
    if not again.network.same_as(document.network):
        raise FormatError("The export does not read back as the same network.")
    deviation = np.abs(expected.theta - stored.theta)
    if (deviation > np.abs(expected.theta) * FLOAT32_STEP + FLOAT32_TINY).any():
        raise FormatError("The export holds other numbers than the network.")
    return ExportReport(
        format, len(data), float(deviation.max(initial=0.0)), _output_deviation(expected, stored)
    )


def _output_deviation(expected: Network, stored: Network) -> float:
    """Largest difference between the outputs of both networks for some random inputs."""
    inputs = np.random.default_rng(0).normal(size=(SAMPLES, len(expected.topology.input_ids)))
    first = np.array(Program(expected, SAMPLES).forward(inputs))
    second = np.array(Program(stored, SAMPLES).forward(inputs))
    same = (first == second) | (np.isnan(first) & np.isnan(second))
    with np.errstate(invalid="ignore", over="ignore"):
        return float(np.where(same, 0.0, np.abs(first - second)).max(initial=0.0))
