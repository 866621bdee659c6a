"""Show every number behind one prediction: z, a, f'(z), δ of every neuron, every gradient.

Values are raw, as in the document's own data. With --target, gradients are those of the
document's loss for this one sample.

  nnplay explain single-neuron.nnplay.json --input 0.5,0.6 --target 1
"""

from __future__ import annotations

import argparse
from typing import Any

from nnplay.cli.arguments import Parser
from nnplay.cli.console import finite, print_json, print_table, say
from nnplay.cli.inputs import RawInputs
from nnplay.core.network import Network
from nnplay.core.plain_numbers import plain_number
from nnplay.core.topology import Kind
from nnplay.core.trace import Trace, explain
from nnplay.library import load

__all__ = ["add_arguments", "explanation", "run"]


def add_arguments(parser: Parser) -> None:
    """Declare the arguments."""
    parser.add_argument("document", metavar="DOC")
    parser.add_argument(
        "--input", required=True, metavar="V,V,…", help="one value per column, for example -0.5,0.6"
    )
    parser.add_argument(
        "--target", metavar="T", help="a class by name, a number, or one number per output"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Explain one sample."""
    document = load(arguments.document)
    inputs = RawInputs(document)
    x = inputs.one(arguments.input)
    target = None if arguments.target is None else inputs.target(arguments.target)
    trace = explain(document.network, x, target, document.training)
    if arguments.json:
        print_json(explanation(document.network, trace))
    else:
        _print(explanation(document.network, trace), document.training.loss)
    return 0


def explanation(network: Network, trace: Trace) -> dict[str, Any]:
    """The trace as plain JSON values; None where a number does not exist."""
    topology = network.topology
    return {
        "loss": finite(trace.loss),
        "neurons": [
            {
                "id": neuron.id,
                "label": neuron.label,
                "kind": Kind(neuron.kind).name.lower(),
                "z": finite(trace.z[row]),
                "a": finite(trace.a[row]),
                "derivative": finite(trace.derivative[row]),
                "delta": finite(trace.delta[row]),
            }
            for row, neuron in enumerate(network.neurons)
        ],
        "edges": [
            {
                "source": edge.source,
                "target": edge.target,
                "weight": edge.weight,
                "gradient": finite(trace.edge_gradient[edge.slot]),
            }
            for edge in network.edges
        ],
        "biases": [
            {
                "neuron": int(topology.ids[row]),
                "bias": float(network.theta[slot]),
                "gradient": finite(trace.bias_gradient[row]),
            }
            for row, slot in enumerate(topology.bias_slots)
            if slot >= 0
        ],
    }


def _print(values: dict[str, Any], loss: str) -> None:
    names = {n["id"]: n["label"] or f"neuron {n['id']}" for n in values["neurons"]}
    print_table(
        ["neuron", "z", "a", "f'(z)", "δ"],
        [
            [names[n["id"]], *(_number(n[key]) for key in ("z", "a", "derivative", "delta"))]
            for n in values["neurons"]
        ],
    )
    say("")
    print_table(
        ["connection", "weight", "gradient"],
        [
            [
                f"{names[edge['source']]} → {names[edge['target']]}",
                _number(edge["weight"]),
                _number(edge["gradient"]),
            ]
            for edge in values["edges"]
        ]
        + [
            [f"bias of {names[b['neuron']]}", _number(b["bias"]), _number(b["gradient"])]
            for b in values["biases"]
        ],
    )
    if values["loss"] is not None:
        say(f"\nloss ({loss}): {_number(values['loss'])}")


def _number(value: float | None) -> str:
    return "·" if value is None else plain_number(value, 10)
