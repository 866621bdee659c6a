"""The examples of the welcome screen: how each is built, and where its file lies.

The files under ``resources/examples`` are written by ``python -m nnplay.examples`` from the
functions below; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from nnplay.assets import resource_folder, resource_path
from nnplay.core.config import TrainingConfig
from nnplay.core.initializers import draw_parameters
from nnplay.core.network import Network
from nnplay.core.topology import Kind, Topology
from nnplay.data.recipe import Column, DataRecipe, Preparation, RawTable
from nnplay.document import Document
from nnplay.setup import new_document

__all__ = ["EXAMPLES", "Example", "example_path"]

SEVEN_FEATURES: Final = ("x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)")


@dataclass(frozen=True)
class Example:
    """One entry of the welcome screen.

    Attributes:
        name: short name, also of the file.
        title: name for people, also the document's title.
        description: one sentence for people.
        build: makes the document.
    """

    name: str
    title: str
    description: str
    build: Callable[[], Document]

    @property
    def file(self) -> str:
        """Resource name, for :func:`nnplay.assets.resource_path`."""
        return f"examples/{self.name}.nnplay.json"


def _column(name: str, *values: float) -> Column:
    array = np.array(values)
    array.flags.writeable = False
    return Column(name, array)


def single_neuron() -> Document:
    """Two inputs and one ReLU neuron: z = a = 0.1·0.5 + 0.2·0.6 + 0.3 = 0.47; its target is 1."""
    table = RawTable((_column("x1", 0.5), _column("x2", 0.6), _column("y", 1.0)), "y")
    network = Network.mlp(
        [2, 1], output_activation="relu", input_bindings=("x1", "x2"), output_bindings=("y",)
    )
    network = network.set_weight(0, 2, 0.1).set_weight(1, 2, 0.2).set_bias(2, 0.3)
    return Document(
        network,
        data=DataRecipe("table", train_percent=100, table=table, table_name="one row"),
        preparation=Preparation(("x1", "x2")),
        training=TrainingConfig(batch_size=1),
        view={"probe": [0.5, 0.6]},
    )


def and_gate() -> Document:
    """One sigmoid neuron learns the logical and."""
    return _new("and-table", probe=(1.0, 1.0))


def xor() -> Document:
    """Two hidden neurons, the fewest that can learn exclusive or."""
    return _new("xor-table", probe=(0.0, 1.0))


def circle() -> Document:
    """The standard start: a disc inside a ring, two hidden layers."""
    return _new("circle", probe=(1.0, 1.0))


def spiral() -> Document:
    """Two arms and all seven features of the standard playground."""
    return _new("spiral", features=SEVEN_FEATURES, hidden=(8, 4), probe=(2.0, 2.0))


def iris() -> Document:
    """Four measurements, three kinds of flower, softmax outputs."""
    return _new("iris")


def digits() -> Document:
    """64 pixels, ten classes."""
    return _new("digits")


def skip_connections() -> Document:
    """A hand-drawn network: connections that skip levels, others that are missing."""
    names = ("x1", "x2", "a", "b", "c", "d", "e", "y")
    ids = {name: i for i, name in enumerate(names)}
    wiring = "x1-a x2-a x1-b x2-b x2-c a-c b-c a-d x1-d c-e d-e b-e c-y e-y a-y x1-y"
    edges = [[ids[end] for end in pair.split("-")] for pair in wiring.split()]
    kinds = [Kind.INPUT] * 2 + [Kind.HIDDEN] * 5 + [Kind.OUTPUT]
    document = _new("moons", hidden=(), probe=(0.5, 0.0))
    network = Network.build(
        Topology(list(ids.values()), kinds, edges),
        activations=("linear", "linear", "tanh", "relu", "tanh", "tanh", "leaky_relu", "tanh"),
        labels=names,
        bindings=("x1", "x2", None, None, None, None, None, "+1"),
    )
    network = network.with_theta(
        draw_parameters(network, document.training.initializer, document.seed)
    )
    return replace(document, network=network, initial=network.theta)


def _new(
    data: str,
    *,
    features: tuple[str, ...] | None = None,
    hidden: tuple[int, ...] | None = None,
    probe: tuple[float, float] | None = None,
    seed: int = 0,
) -> Document:
    document, _ = new_document(data, features=features, hidden=hidden, seed=seed)
    return document if probe is None else replace(document, view={"probe": list(probe)})


EXAMPLES: Final = (
    Example(
        "single-neuron",
        "A single neuron",
        "Two inputs, one ReLU neuron: every number can be checked by hand.",
        single_neuron,
    ),
    Example("and-gate", "AND gate", "One neuron learns the logical AND from four rows.", and_gate),
    Example("xor", "XOR", "Two hidden neurons learn what no single neuron can.", xor),
    Example("circle", "Circle", "A disc inside a ring, with two small hidden layers.", circle),
    Example(
        "spiral",
        "Spiral with seven features",
        "Squares, a product and sines help to unwind two arms.",
        spiral,
    ),
    Example("iris", "Iris flowers", "Three kinds of iris, told apart by four measurements.", iris),
    Example("digits", "Handwritten digits", "64 pixels in, ten digits out.", digits),
    Example(
        "skip-connections",
        "Skip connections",
        "A network drawn by hand: some connections jump ahead, others are missing.",
        skip_connections,
    ),
)


def example_path(name: str) -> Path:
    """Path of an example's file; raises KeyError for an unknown name."""
    example = {example.name: example for example in EXAMPLES}[name]
    return resource_path(example.file)


def example_bytes(example: Example) -> bytes:
    """The content of an example's file."""
    from nnplay.formats import nnplay_json

    return nnplay_json.to_bytes(replace(example.build(), title=example.title))


def main() -> None:
    """Write all example files into ``resources/examples``."""
    from nnplay.storage import write_file

    for example in EXAMPLES:
        path = resource_folder() / example.file
        path.parent.mkdir(exist_ok=True)
        write_file(path, example_bytes(example))


if __name__ == "__main__":
    main()
