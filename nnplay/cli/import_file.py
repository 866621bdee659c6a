"""Make a document of another program's network.

Reads .onnx, .npz, .safetensors, .csv, .json, .nnplay and, where PyTorch is installed, .pt and .pth.
Files of bare weights do not say which activations go with them; say it with --activation and
--output-activation. With --data the network is tied to data at once, ready to be trained:

  nnplay import model.onnx flowers.nnplay --data flowers.csv --target kind
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from nnplay.cli.arguments import Parser, name_from
from nnplay.cli.console import say
from nnplay.cli.data import add_data_arguments, chosen_data
from nnplay.core.activations import ACTIVATIONS
from nnplay.data.recipe import DataRecipe
from nnplay.document import Document
from nnplay.formats.registry import FORMATS
from nnplay.library import import_with_notes, save
from nnplay.setup import change_data, usual_train_percent

__all__ = ["add_arguments", "run"]


def add_arguments(parser: Parser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("out", metavar="OUT", help="the document to make")
    names = [name for name, row in FORMATS.items() if row.can_read]
    parser.add_argument(
        "--format",
        type=name_from(names, "format"),
        metavar="NAME",
        help=f"one of {', '.join(names)} (default: by contents and name)",
    )
    activation = name_from(ACTIVATIONS, "activation")
    parser.add_argument("--activation", type=activation, metavar="NAME", help="hidden neurons")
    parser.add_argument("--output-activation", type=activation, metavar="NAME", help="outputs")
    add_data_arguments(parser, None)


def run(arguments: argparse.Namespace) -> int:
    """Import and save."""
    document, notes = import_with_notes(
        arguments.file,
        arguments.format,
        activation=arguments.activation,
        output_activation=arguments.output_activation,
    )
    if document.title == Document.title:  # what the window would call it
        document = replace(document, title=Path(arguments.file).stem)
    if arguments.data is not None:
        document, notes = _tied(document, arguments, notes)
    save(document, arguments.out)
    topology = document.network.topology
    say(f"{arguments.out}: {topology.neuron_count} neurons, {topology.edge_count} connections.")
    for note in notes:
        say(note)
    return 0


def _tied(
    document: Document, arguments: argparse.Namespace, notes: tuple[str, ...]
) -> tuple[Document, tuple[str, ...]]:
    """The document with other data, and what there is to say about it."""
    source, table, table_name, read = chosen_data(arguments)
    percent = usual_train_percent(source, table)
    recipe = DataRecipe(source, train_percent=percent, table=table, table_name=table_name)
    tied, _, said = change_data(document, recipe)
    return tied, (*notes, *read, *said)
