"""What the export dialog says: what formats are for, and how an export went."""

from __future__ import annotations

from typing import Final

from nnplay.core.network import Network
from nnplay.formats.registry import FORMATS
from nnplay.formats.verification import ExportReport
from nnplay.gui.panels.words import count, plain_number

__all__ = ["PURPOSES", "WITH_PRECISION", "outcome", "purpose_of", "size_text"]

PURPOSES: Final = {
    "nnplay": "Everything in one small file: network, data, settings, curves. To go on in nnplay.",
    "json": "The same document as readable text, every digit kept. To compare versions.",
    "npz": "Weights and biases for NumPy; nnplay reads the whole network back from it.",
    "safetensors": "Weights and biases for PyTorch and others, with the network described inside.",
    "csv": "One row for each neuron and connection. For spreadsheets and your own scripts.",
}
WITH_PRECISION: Final = frozenset({"npz", "safetensors"})
SAMPLES: Final = 64


def purpose_of(name: str) -> str:
    """One sentence about a format; formats without one say what they carry."""
    carries = "The whole document." if FORMATS[name].carries == "document" else "The network."
    return PURPOSES.get(name, carries)


def size_text(byte_count: int) -> str:
    """``812 bytes``, ``12.3 kB``, ``4.1 MB``."""
    if byte_count < 1000:
        return count(byte_count, "byte")
    if byte_count < 1_000_000:
        return f"{byte_count / 1000:,.1f} kB"
    return f"{byte_count / 1_000_000:,.1f} MB"


def outcome(report: ExportReport, network: Network) -> str:
    """How an export went, in words.

    Args:
        report: what the export says about itself.
        network: the network that was exported.
    """
    parameters = count(len(network.theta), "parameter")
    if FORMATS[report.format].carries == "document":
        return (
            f"Written and read back: the same document in every part, with {parameters} "
            "bit for bit the same."
        )
    if report.largest_deviation == 0:
        numbers = f"{parameters}, bit for bit the same"
    else:
        numbers = (
            f"{parameters}, rounded to 32 bits "
            f"(largest deviation {plain_number(report.largest_deviation, 2)})"
        )
    deviation = report.output_deviation
    agreement = f"to {plain_number(deviation, 2)}" if deviation else "exactly"
    return (
        f"Written and read back: {numbers}; outputs agree on {SAMPLES} random inputs {agreement}."
    )
