"""Networks of well-known shapes, built for the data at hand, and single ones that bring their own.

Sources: residual connections are those of He et al. 2016; wide-and-deep networks those of Cheng et
al. 2016; the 8-3-8 encoder is an experiment of Rumelhart, Hinton and Williams 1986; exclusive or
from two threshold neurons goes back to Minsky and Papert 1969.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.config import TrainingState
from nnplay.core.history import History
from nnplay.core.initializers import INITIALIZERS, draw_parameters
from nnplay.core.topology import Kind, TopologyError
from nnplay.data.binding import rebind
from nnplay.data.preparation import PreparedData
from nnplay.data.recipe import Column, RawTable
from nnplay.document import Document
from nnplay.setup import MAX_EDGES, new_document, weight_source

__all__ = [
    "TEMPLATES",
    "MlpShape",
    "Template",
    "layered_document",
    "templated_document",
    "with_ends_of",
]

Pairs = list[tuple[int, int]]


@dataclass(frozen=True)
class MlpShape:
    """What a multi-layer perceptron is made of.

    Attributes:
        hidden: neurons in each hidden layer; may be empty.
        activations: one for each hidden layer.
        output_activation: of the outputs; None keeps what they have.
        initializer: draws the weights; None keeps the document's.
        keep_weights: whether neurons and connections that are in both networks keep their numbers.
    """

    hidden: tuple[int, ...] = (8,)
    activations: tuple[str, ...] = ("tanh",)
    output_activation: str | None = None
    initializer: str | None = None
    keep_weights: bool = False


@dataclass(frozen=True)
class Template:
    """One well-known shape.

    Attributes:
        name: key for programs.
        title: name for people.
        sentence: what it is good for, in one sentence.
        build: makes a document from the present one and settings; raises TopologyError or
            DataError with a sentence for people.
        brings_data: whether it comes with data of its own.
        settings: names and usual values of what can be chosen.
    """

    name: str
    title: str
    sentence: str
    build: Callable[[Document, Mapping[str, Any]], Document]
    brings_data: bool = False
    settings: Mapping[str, Any] = ()  # type: ignore[assignment]


def templated_document(document: Document, name: str, settings: Mapping[str, Any]) -> Document:
    """The document with the network of a template.

    Raises:
        TopologyError: there is no such template or setting, or it cannot be built.
        DataError: its data cannot be had.
    """
    template = TEMPLATES.get(name)
    if template is None:
        raise TopologyError(f"There is no template “{name}”. There are {', '.join(TEMPLATES)}.")
    usual = dict(template.settings)
    for key in settings:
        if key not in usual:
            raise TopologyError(
                f"The template {template.title} has no setting “{key}”"
                + (f"; it has {', '.join(usual)}." if usual else ".")
            )
    chosen = {**usual, **settings}
    for key in ("width", "depth", "narrow"):
        if key in chosen and not (isinstance(chosen[key], int) and 1 <= chosen[key] <= 1000):
            raise TopologyError(f"The {key} must be a whole number from 1 to 1000.")
    if "activation" in chosen:
        _check_activation(chosen["activation"])
    return template.build(document, chosen)


def layered_document(document: Document, shape: MlpShape) -> Document:
    """The document with a fully connected layered network between its inputs and outputs.

    Inputs and outputs stay as they are. With ``keep_weights`` the neurons of hidden layer k that
    both networks have, and connections among neurons of both, keep their numbers and training goes
    on; without, it starts anew from fresh weights.

    Raises:
        TopologyError: the sizes, activations or initialiser cannot be.
    """
    if len(shape.hidden) != len(shape.activations):
        raise TopologyError("Every hidden layer needs an activation.")
    for name in (*shape.activations, *filter(None, [shape.output_activation])):
        _check_activation(name)
    inputs, outputs = _ends(document)
    sizes = [len(inputs), *shape.hidden, len(outputs)]
    if any(size < 1 for size in sizes):
        raise TopologyError("Every layer needs at least one neuron.")
    edges = sum(a * b for a, b in itertools.pairwise(sizes))
    if edges > MAX_EDGES:
        raise TopologyError(
            f"These layers have {edges:,} connections; at most {MAX_EDGES:,} can be handled. "
            "Please make them smaller."
        )
    document = _with_initializer(document, shape.initializer)
    before = document.network
    layers: list[list[int]] = []
    next_id = int(before.topology.ids.max()) + 1
    levels = before.hidden_levels
    for number, size in enumerate(shape.hidden):
        old: Sequence[int] = ()
        if shape.keep_weights and number < len(levels):
            old = before.level_ids(levels[number])[:size]
        new = range(next_id, next_id + size - len(old))
        next_id += len(new)
        layers.append([*old, *new])
    pairs: Pairs = []
    for sources, targets in itertools.pairwise([inputs, *layers, outputs]):
        pairs += [(s, t) for t in targets for s in sources]
    activations = {
        i: name for layer, name in zip(layers, shape.activations, strict=True) for i in layer
    }
    if shape.output_activation is not None:
        activations |= dict.fromkeys(outputs, shape.output_activation)
    return _rewired(document, layers, pairs, activations, keep_weights=shape.keep_weights)


def with_ends_of(document: Document, prepared: PreparedData | None) -> Document:
    """The document with exactly the inputs and outputs its data ask for.

    Without data it stays as it is. Inputs that a person has deleted come back.
    """
    if prepared is None:
        return document
    network = rebind(document.network, None, prepared, weight_source(document))
    return document if network is document.network else document.with_network(network)


# ------------------------------------------------------------------ what all builders share
def _check_activation(name: object) -> None:
    if name not in ACTIVATIONS:
        raise TopologyError(
            f"There is no activation “{name}”; choose one of {', '.join(ACTIVATIONS)}."
        )


def _ends(document: Document) -> tuple[list[int], list[int]]:
    topology = document.network.topology
    inputs, outputs = list(topology.input_ids), list(topology.output_ids)
    if not inputs or not outputs:
        raise TopologyError(
            "The network needs an input and an output first; choose data, or fit the network to "
            "them."
        )
    return inputs, outputs


def _with_initializer(document: Document, name: str | None) -> Document:
    if name is None or name == document.training.initializer:
        return document
    if name not in INITIALIZERS:
        raise TopologyError(
            f"There is no initialiser “{name}”; choose one of {', '.join(INITIALIZERS)}."
        )
    return replace(document, training=replace(document.training, initializer=name))


def _rewired(
    document: Document,
    layers: Sequence[Sequence[int]],
    pairs: Pairs,
    activations: Mapping[int, str],
    *,
    keep_weights: bool = False,
    fixed: Mapping[tuple[int, int], float] | None = None,
) -> Document:
    """The document with other hidden neurons between its inputs and outputs.

    Args:
        document: inputs and outputs are taken from it.
        layers: ids of the hidden neurons, layer by layer; known ids keep what they have.
        pairs: all connections.
        activations: of hidden neurons, and of outputs where they change.
        keep_weights: whether connections of both networks keep their weights.
        fixed: weights that are not drawn.
    """
    before = document.network
    inputs, outputs = _ends(document)
    hidden = [i for layer in layers for i in layer]
    labels = {i: f"h{number}" for number, i in enumerate(hidden, start=1)}
    labels = {i: label for i, label in labels.items() if i not in before.topology}
    taken = {before.label_of(i) for i in [*inputs, *hidden, *outputs] if i in before.topology}
    free = (f"h{number}" for number in itertools.count(1) if f"h{number}" not in taken)
    labels = {i: next(free) for i in labels}
    ids = [*inputs, *hidden, *outputs]
    kinds = [Kind.INPUT] * len(inputs) + [Kind.HIDDEN] * len(hidden) + [Kind.OUTPUT] * len(outputs)
    network = before.rewired(ids, kinds, pairs, activations=activations, labels=labels, fill=np.nan)
    training = document.training
    drawn = draw_parameters(
        network, training.initializer, document.seed, document.draw, value=training.initial_value
    )
    theta = np.array(network.theta)
    if not keep_weights:
        theta[:] = np.nan
    theta = np.where(np.isnan(theta), drawn, theta)
    for (source, target), weight in (fixed or {}).items():
        theta[network.topology.edge_slot(source, target)] = weight
    network = network.with_theta(theta)
    if keep_weights:
        return replace(document.with_network(network), positions={})
    count = network.topology.parameter_count
    plain = replace(network, frozen=np.zeros(count, dtype=bool), enabled=np.ones(count, dtype=bool))
    return replace(
        document,
        network=plain,
        initial=plain.theta,
        positions={},
        state=TrainingState(),
        history=History(),
    )


def _fresh_layers(document: Document, sizes: Sequence[int]) -> list[list[int]]:
    start = int(document.network.topology.ids.max()) + 1
    layers = []
    for size in sizes:
        layers.append(list(range(start, start + size)))
        start += size
    return layers


def _all_pairs(layers: Sequence[Sequence[int]]) -> Pairs:
    return [
        (s, t) for sources, targets in itertools.pairwise(layers) for t in targets for s in sources
    ]


# ------------------------------------------------------------------ shapes for any data
def _mlp(document: Document, settings: Mapping[str, Any]) -> Document:
    depth, width = settings["depth"], settings["width"]
    shape = MlpShape((width,) * depth, (settings["activation"],) * depth)
    return layered_document(document, shape)


def _residual(document: Document, settings: Mapping[str, Any]) -> Document:
    """Layers of equal width; every second one gets what stood two layers before it as it was."""
    depth, width = 2 * settings["depth"] + 1, settings["width"]
    inputs, outputs = _ends(document)
    layers = _fresh_layers(document, [width] * depth)
    skips = [
        pair
        for start in range(0, depth - 2, 2)
        for pair in zip(layers[start], layers[start + 2], strict=True)
    ]
    pairs = _all_pairs([inputs, *layers, outputs]) + skips
    activations = {i: settings["activation"] for layer in layers for i in layer}
    return _rewired(document, layers, pairs, activations, fixed=dict.fromkeys(skips, 1.0))


def _bottleneck(document: Document, settings: Mapping[str, Any]) -> Document:
    sizes = (settings["width"], settings["narrow"], settings["width"])
    return layered_document(document, MlpShape(sizes, (settings["activation"],) * 3))


def _wide_and_deep(document: Document, settings: Mapping[str, Any]) -> Document:
    inputs, outputs = _ends(document)
    layers = _fresh_layers(document, [settings["width"]] * settings["depth"])
    pairs = _all_pairs([inputs, *layers, outputs]) + [(s, t) for t in outputs for s in inputs]
    activations = {i: settings["activation"] for layer in layers for i in layer}
    return _rewired(document, layers, pairs, activations)


# ------------------------------------------------------------------ networks with their own data
def _own(document: Document, fresh: Document) -> Document:
    """A fresh document in place of the present one, which stays behind in the undo history."""
    view = {name: value for name, value in document.view.items() if name == "direction"}
    return replace(fresh, seed=document.seed, view=view)


def _autoencoder(document: Document, settings: Mapping[str, Any]) -> Document:
    """Eight patterns with a single 1 have to come out again behind three neurons."""
    count = 8
    columns = []
    for number in range(count):
        values = np.zeros(count)
        values[number] = 1.0
        values.flags.writeable = False
        columns.append(Column(f"in {number + 1}", values))
    target = np.arange(count, dtype=np.float64)
    target.flags.writeable = False
    classes = tuple(f"out {number + 1}" for number in range(count))
    columns.append(Column("out", target, classes))
    table = RawTable(tuple(columns), "out", classes)
    made, _ = new_document(
        "table",
        hidden=(settings["narrow"],),
        activation=settings["activation"],
        seed=document.seed,
        table=table,
        table_name="eight patterns",
        train_percent=100,
        scale_inputs="none",
        training={"batch_size": 8, "learning_rate": 0.05},
        title="Autoencoder",
    )
    return _own(document, made)


def _xor(document: Document, settings: Mapping[str, Any]) -> Document:
    """One hidden neuron says “one or both”, the other “both”; the output takes the difference."""
    made, _ = new_document("xor-table", hidden=(2,), activation="step", seed=document.seed)
    x1, x2, either, both, y = made.network.topology.ids.tolist()
    network = made.network.set_activation([y], "sigmoid")
    for source, target, weight in (
        (x1, either, 1.0),
        (x2, either, 1.0),
        (x1, both, 1.0),
        (x2, both, 1.0),
        (either, y, 20.0),
        (both, y, -20.0),
    ):
        network = network.set_weight(source, target, weight)
    for neuron, bias in ((either, -0.5), (both, -1.5), (y, -10.0)):
        network = network.set_bias(neuron, bias)
    network = network.set_label(either, "or").set_label(both, "and")
    made = replace(made, network=network, initial=network.theta, title="XOR by hand")
    return _own(document, made)


TEMPLATES: Final[Mapping[str, Template]] = {
    template.name: template
    for template in (
        Template(
            "mlp",
            "Multi-layer perceptron",
            "Every neuron of a layer feeds every neuron of the next: the usual start.",
            _mlp,
            settings={"depth": 2, "width": 6, "activation": "tanh"},
        ),
        Template(
            "residual",
            "Residual network",
            "Every second layer also gets what stood two layers before, so deep networks learn.",
            _residual,
            settings={"depth": 2, "width": 4, "activation": "relu"},
        ),
        Template(
            "bottleneck",
            "Bottleneck",
            "A narrow layer in the middle forces the network to keep only what matters.",
            _bottleneck,
            settings={"width": 8, "narrow": 2, "activation": "tanh"},
        ),
        Template(
            "wide_and_deep",
            "Wide and deep",
            "Inputs feed the outputs directly and through layers: simple rules and fine detail.",
            _wide_and_deep,
            settings={"depth": 2, "width": 5, "activation": "relu"},
        ),
        Template(
            "autoencoder",
            "Autoencoder",
            "Eight patterns squeeze through three neurons and come out again; brings its data.",
            _autoencoder,
            brings_data=True,
            settings={"narrow": 3, "activation": "sigmoid"},
        ),
        Template(
            "xor",
            "XOR by hand",
            "Exact weights that compute exclusive or without any training; brings its data.",
            _xor,
            brings_data=True,
            settings={},
        ),
    )
}
