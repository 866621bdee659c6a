"""Validate a document and compare its gradients with independent differentiation.

Exit code 1 if the file is unsound, the document cannot be trained, or the gradients disagree.
"""

from __future__ import annotations

import argparse

import numpy as np

from nnplay.cli.arguments import Parser
from nnplay.cli.console import finite, note, print_json, say
from nnplay.core.diagnostics import check_gradients
from nnplay.core.plain_numbers import plain_number
from nnplay.core.samples import Samples
from nnplay.data.errors import DataError
from nnplay.data.preparation import prepare
from nnplay.document import Document
from nnplay.library import load

__all__ = ["add_arguments", "run"]

STANDIN_SAMPLES = 16


def add_arguments(parser: Parser) -> None:
    """Declare the arguments."""
    parser.add_argument("document", metavar="DOC")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Check file, data and gradients."""
    document = load(arguments.document)  # validates everything it reads
    topology = document.network.topology
    samples = _samples(document)
    result = check_gradients(document.network, samples, document.training)
    if arguments.json:
        print_json(
            {
                "passed": result.passed,
                "parameters": result.checked,
                "samples": result.samples,
                "worst_relative_error": finite(result.worst_relative_error),
                "worst_parameter": result.name,
            }
        )
    else:
        say(f"file:      sound, {topology.neuron_count} neurons, {topology.edge_count} connections")
        say(f"samples:   {len(samples)}")
        at = f" at {result.name}" if result.name else ""
        say(
            f"gradients: {'agree' if result.passed else 'DISAGREE'}, {result.checked} parameters on "
            f"{result.samples} samples, worst relative error {plain_number(result.worst_relative_error, 2)}{at}"
        )
    return 0 if result.passed else 1


def _samples(document: Document) -> Samples:
    network = document.network
    try:
        data = prepare(document.data, document.preparation, document.seed)
        return data.samples(network)
    except DataError as error:
        if not network.topology.output_ids:
            raise
        note(f"{error} The gradients are checked on random numbers instead.")
    random = np.random.default_rng(0)
    inputs = random.normal(size=(STANDIN_SAMPLES, len(network.topology.input_ids)))
    outputs = len(network.topology.output_ids)
    if document.training.loss == "softmax_cross_entropy":
        classes = np.arange(STANDIN_SAMPLES) % outputs
        return Samples(inputs, classes=classes, class_count=outputs)
    return Samples(inputs, values=random.random((STANDIN_SAMPLES, outputs)))
