"""Say what is in a document, or in any other file of a network that nnplay reads.

Bare weights do not say which activations go with them; their layers are counted all the same.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import Final

from nnplay.cli.arguments import Parser
from nnplay.cli.console import print_json, say
from nnplay.core.topology import Kind
from nnplay.data.recipe import DataRecipe
from nnplay.document import Document
from nnplay.formats.errors import ActivationsUnknownError
from nnplay.library import import_with_notes

__all__ = ["add_arguments", "run"]

DOCUMENTS: Final = (".nnplay", ".json")


def add_arguments(parser: Parser) -> None:
    """Declare the arguments."""
    parser.add_argument("document", metavar="DOC")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Print the facts."""
    activations = "as in the file"
    try:
        document, notes = import_with_notes(arguments.document)
    except ActivationsUnknownError:
        document, notes = import_with_notes(
            arguments.document, activation="linear", output_activation="linear"
        )
        activations = "unknown"
    network = document.network
    topology = network.topology
    # A bare network is tied to nothing, whatever data a new document would begin with; one with two
    # inputs is shown on those, which are in a document of it, but not in the file of another program.
    is_tied = any(network.bindings)
    is_borrowed = document.preparation.keeps_raw and document.data == DataRecipe()
    if is_borrowed and not arguments.document.lower().endswith(DOCUMENTS):
        is_tied = False
    names = Counter(
        name
        for name, kind in zip(network.activations, topology.kinds, strict=True)
        if kind != Kind.INPUT
    )
    facts = {
        "inputs": len(topology.input_ids),
        "outputs": len(topology.output_ids),
        "neurons": topology.neuron_count,
        "edges": topology.edge_count,
        "parameters": topology.parameter_count,
        "levels": int(topology.levels.max(initial=-1)) + 1,
        "activations": dict(sorted(names.items())) if activations != "unknown" else None,
        "data": document.data.source if is_tied else None,
        "seed": document.seed,
    }
    if arguments.json:
        print_json({**facts, "notes": list(notes)} if notes else facts)
        return 0
    bare = document.title == Document.title and not is_tied
    say(f"{Path(arguments.document).stem if bare else document.title} ({arguments.document})")
    listed = ", ".join(f"{count} {name}" for name, count in sorted(names.items()))
    facts["activations"] = "unknown" if activations == "unknown" else listed
    if not is_tied:
        facts["data"] = "none yet"
    elif is_borrowed:
        facts["data"] = f"{document.data.source} (until others are chosen)"
    elif document.data.table_name:
        facts["data"] = f"{document.data.source} ({document.data.table_name})"
    facts["loss"] = document.training.loss
    facts["optimizer"] = document.training.optimizer
    facts["trained"] = f"{document.state.epoch} epochs"
    for name, value in facts.items():
        say(f"{name + ':':<13}{value}")
    for sentence in notes:
        say(sentence)
    return 0
