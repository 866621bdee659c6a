"""Make a document: data, a layered network with fresh weights, and settings that fit.

What you do not say is chosen to suit the data, and said on stderr.

  nnplay new spiral.nnplay --data spiral --layers 2,8,8,1 --activation tanh --seed 7
  nnplay new houses.nnplay --data houses.csv --target price
"""

from __future__ import annotations

import argparse
from typing import Any

from nnplay.cli.arguments import Parser, name_from, positive_number, seed, sizes, whole_number
from nnplay.cli.console import note, say
from nnplay.cli.data import add_data_arguments, chosen_data
from nnplay.core.activations import ACTIVATIONS
from nnplay.core.initializers import INITIALIZERS
from nnplay.core.losses import LOSSES
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.data.features import split_features
from nnplay.formats.errors import FormatError
from nnplay.formats.registry import format_of
from nnplay.library import save
from nnplay.setup import new_document

__all__ = ["add_arguments", "run"]


def add_arguments(parser: Parser) -> None:
    """Declare the arguments."""
    parser.add_argument("out", metavar="OUT", help="the document to make: .nnplay or .nnplay.json")
    add_data_arguments(parser, "circle")
    parser.add_argument(
        "--layers", type=sizes, metavar="N,N,…", help="neurons per layer, inputs and outputs too"
    )
    parser.add_argument(
        "--features", metavar="F,F,…", help="inputs as formulas: x1,x2,x1^2,x1*x2,sin(x1)"
    )
    activation = name_from(ACTIVATIONS, "activation")
    parser.add_argument("--activation", type=activation, metavar="NAME", help="hidden neurons")
    parser.add_argument("--output-activation", type=activation, metavar="NAME", help="outputs")
    parser.add_argument("--loss", type=name_from(LOSSES, "loss"), metavar="NAME")
    parser.add_argument("--optimizer", type=name_from(OPTIMIZERS, "optimiser"), metavar="NAME")
    parser.add_argument("--lr", type=positive_number, metavar="RATE", help="learning rate")
    parser.add_argument("--batch", type=whole_number(1), metavar="N", help="samples per step")
    parser.add_argument(
        "--initializer", type=name_from(INITIALIZERS, "initialiser"), metavar="NAME"
    )
    parser.add_argument("--noise", type=whole_number(0, 50), default=0, metavar="PERCENT")
    parser.add_argument("--samples", type=whole_number(1, 1_000_000), metavar="N")
    parser.add_argument(
        "--train-percent", type=whole_number(1, 100), metavar="PERCENT", help="share for training"
    )
    parser.add_argument("--seed", type=seed, default=0, metavar="N", help="default: 0")


def run(arguments: argparse.Namespace) -> int:
    """Make and save the document."""
    if format_of(arguments.out).carries != "document":  # before any work is done
        raise FormatError("A document is saved as .nnplay or .nnplay.json.", arguments.out)
    source, table, table_name, notes = chosen_data(arguments)
    given: dict[str, Any] = {"data": source, "table": table, "table_name": table_name}
    if arguments.features is not None:
        given["features"] = split_features(arguments.features)
    training = {
        "optimizer": arguments.optimizer,
        "learning_rate": arguments.lr,
        "batch_size": arguments.batch,
        "initializer": arguments.initializer,
    }
    document, more = new_document(
        **given,
        layers=arguments.layers,
        activation=arguments.activation,
        output_activation=arguments.output_activation,
        loss=arguments.loss,
        seed=arguments.seed,
        noise=arguments.noise,
        sample_count=arguments.samples,
        train_percent=arguments.train_percent,
        training={name: value for name, value in training.items() if value is not None},
    )
    save(document, arguments.out)
    for sentence in (*notes, *more):
        note(sentence)
    topology = document.network.topology
    say(
        f"{arguments.out}: {topology.neuron_count} neurons, {topology.edge_count} connections, "
        f"{document.data.source}."
    )
    return 0
