"""Make a document of another program's network.

Reads .onnx, .npz, .safetensors, .csv, .json and .nnplay. Files of bare weights do not say which
activations go with them; say it with --activation and --output-activation.
"""

from __future__ import annotations

import argparse

from nnplay.cli.arguments import Parser, name_from
from nnplay.cli.console import say
from nnplay.core.activations import ACTIVATIONS
from nnplay.formats.registry import FORMATS
from nnplay.library import import_with_notes, save

__all__ = ["add_arguments", "run"]


def add_arguments(parser: Parser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("out", metavar="OUT", help="the document to make")
    parser.add_argument(
        "--format",
        type=name_from([name for name, row in FORMATS.items() if row.can_read], "format"),
        metavar="NAME",
        help=f"one of {', '.join(FORMATS)} (default: by contents and name)",
    )
    activation = name_from(ACTIVATIONS, "activation")
    parser.add_argument("--activation", type=activation, metavar="NAME", help="hidden neurons")
    parser.add_argument("--output-activation", type=activation, metavar="NAME", help="outputs")


def run(arguments: argparse.Namespace) -> int:
    """Import and save."""
    document, notes = import_with_notes(
        arguments.file,
        arguments.format,
        activation=arguments.activation,
        output_activation=arguments.output_activation,
    )
    save(document, arguments.out)
    topology = document.network.topology
    say(f"{arguments.out}: {topology.neuron_count} neurons, {topology.edge_count} connections.")
    for note in notes:
        say(note)
    return 0
