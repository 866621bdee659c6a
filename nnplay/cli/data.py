"""Which data a command is about: a data set of the catalogue or a CSV file."""

from __future__ import annotations

import argparse
from pathlib import Path

from nnplay.cli.arguments import Parser
from nnplay.data.catalogue import CATALOGUE
from nnplay.data.errors import DataError
from nnplay.data.recipe import RawTable
from nnplay.data.tables import choose_target, read_csv
from nnplay.document import Document
from nnplay.storage import read_file

__all__ = ["add_data_arguments", "chosen_data", "need_data"]

Notes = tuple[str, ...]


def add_data_arguments(parser: Parser, default: str | None) -> None:
    """Declare ``--data`` and ``--target``."""
    usual = f" (default: {default})" if default is not None else ""
    parser.add_argument(
        "--data",
        default=default,
        metavar="NAME|FILE.csv",
        help=f"one of {', '.join(CATALOGUE)}, or a CSV file{usual}",
    )
    parser.add_argument("--target", metavar="COLUMN", help="column to predict, for CSV files")


def chosen_data(arguments: argparse.Namespace) -> tuple[str, RawTable | None, str, Notes]:
    """Source, table with its target, name of the table, and sentences about how it was read.

    Raises:
        DataError: no such data, or a target that is none.
        StorageError: the file cannot be read.
    """
    data, target = arguments.data, arguments.target
    if data in CATALOGUE:
        if target not in (None, CATALOGUE[data].target):
            raise DataError(
                f"The data set {data} has a fixed target (“{CATALOGUE[data].target}”); --target is "
                "for CSV files."
            )
        return data, None, "", ()
    if not Path(data).exists() and "." not in Path(data).name and "/" not in data:
        raise DataError(
            f"There is no data set and no file “{data}”. The data sets are {', '.join(CATALOGUE)}."
        )
    table = read_csv(read_file(data), Path(data).name)
    notes = table.notes
    if target is None:
        target = table.suggested_target
        notes = (*notes, f"The column “{target}” is predicted from the others.")
    return "table", choose_target(table, target), Path(data).name, notes


def need_data(document: Document, path: str) -> None:
    """Say how to give data to a network that was imported without any.

    Raises:
        DataError: it has inputs, and none of them reads any data.
    """
    ties = document.network.outer_bindings[0]
    if not ties or any(tie is not None for tie in ties):
        return
    values = "one value" if len(ties) == 1 else f"{len(ties)} values"
    raise DataError(
        f"{path} holds a network that takes {values}, but no data yet. Give it some "
        f"(nnplay import {path} NEW.nnplay --data TABLE.csv --target COLUMN)."
    )
