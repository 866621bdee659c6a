"""Compute the outputs for the rows of a CSV file ("-" reads standard input).

Columns are matched by name, otherwise taken in order. Values are raw, as in the document's own
data; predictions of numbers come back in the target's units.

  nnplay predict iris.nnplay flowers.csv --out species.csv
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nnplay.cli.arguments import Parser
from nnplay.cli.console import note
from nnplay.cli.inputs import RawInputs
from nnplay.core.network import Network
from nnplay.core.program import Program
from nnplay.data.csv_records import Records, read_records
from nnplay.data.errors import DataError
from nnplay.library import load
from nnplay.storage import read_file, write_file

__all__ = ["add_arguments", "run"]

CHUNK = 1024


def add_arguments(parser: Parser) -> None:
    """Declare the arguments."""
    parser.add_argument("document", metavar="DOC")
    parser.add_argument("rows", metavar="ROWS.csv")
    parser.add_argument("--out", metavar="OUT.csv", help="default: standard output")


def run(arguments: argparse.Namespace) -> int:
    """Predict all rows."""
    document = load(arguments.document)
    inputs = RawInputs(document)
    name = Path(arguments.rows).name if arguments.rows != "-" else "standard input"
    content = sys.stdin.buffer.read() if arguments.rows == "-" else read_file(arguments.rows)
    records = read_records(content, name)
    if records.notes:  # a row left out would shift all predictions below it
        raise DataError(f"{name}: {records.notes[0]} Mend the file first.")
    columns, rows, lines = _columns(records, inputs, name)
    matrix = inputs.matrix(columns, rows, [f"{name}, line {line}" for line in lines])
    network = document.network
    outputs = inputs.in_target_units(_outputs(network, matrix))
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([network.label_of(i) for i in network.topology.output_ids])
    writer.writerows(outputs.tolist())
    if arguments.out is None:
        sys.stdout.write(buffer.getvalue())
    else:
        write_file(arguments.out, buffer.getvalue().encode())
        note(f"{len(rows)} row{'s' if len(rows) != 1 else ''} written to {arguments.out}.")
    return 0


def _outputs(network: Network, inputs: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """``float64[m, outputs]``, computed in chunks so that memory stays small."""
    program = Program(network, CHUNK)
    chunks = [
        np.array(program.forward(inputs[start : start + CHUNK]), dtype=np.float64)
        for start in range(0, len(inputs), CHUNK)
    ]
    return np.concatenate(chunks) if chunks else np.empty((0, len(network.topology.output_ids)))


def _columns(
    records: Records, inputs: RawInputs, file: str
) -> tuple[tuple[str, ...], list[list[str]], list[int]]:
    """Names and cells of the wanted columns, and the line of every row."""
    header = records.rows[0]
    known = tuple(name for name in inputs.names if name in header)
    if known and set(inputs.needed) <= set(known):
        places = [header.index(name) for name in known]
        return known, [[row[i] for i in places] for row in records.rows[1:]], records.lines[1:]
    if known:
        missing = ", ".join(name for name in inputs.needed if name not in header)
        raise DataError(f"{file} has columns named {', '.join(known)}, but none named {missing}.")
    names = inputs.chosen(len(header))
    if names is None:
        raise DataError(
            f"{file} has {len(header)} column{'s' if len(header) != 1 else ''}, but "
            f"{len(inputs.names)} are needed: {', '.join(inputs.names)}."
        )
    has_header = not any(_is_number(cell) for cell in header)
    note(
        f"No column of {file} is named like an input, so the first {len(names)} are taken in "
        f"order as {', '.join(names)}."
        + ("" if has_header else " The first line holds numbers and counts as a row.")
    )
    start = 1 if has_header else 0
    return names, [row[: len(names)] for row in records.rows[start:]], records.lines[start:]


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", ".").replace("−", "-"))
    except ValueError:
        return False
    return True
