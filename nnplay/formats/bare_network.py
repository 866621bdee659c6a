"""Networks from arrays of other programs: weights without labels, settings or data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.config import TrainingConfig
from nnplay.core.network import Network
from nnplay.core.targets import default_loss
from nnplay.core.topology import Kind, Topology, TopologyError
from nnplay.data.recipe import Preparation
from nnplay.document import Document
from nnplay.formats import batch_norms
from nnplay.formats.errors import ActivationsUnknownError, FormatError
from nnplay.formats.record import AnyArray, take_array

__all__ = ["document_around", "find_layers", "from_edges", "from_layers", "need_activations"]

STEM: Final = re.compile(r"(.*?)\.?(weight|bias)")
FloatArray = npt.NDArray[np.float64]
Layer = tuple[FloatArray, FloatArray]


def document_around(
    network: Network,
    positions: Mapping[int, tuple[float, float]] | None = None,
    *,
    bindings_known: bool = False,
) -> Document:
    """A document for a network that came without settings: the loss fits its outputs.

    A network with two inputs and one output is tied to the classic data on the plane, so that it
    can be seen at work at once, unless the file said what its neurons are tied to. Nothing tells
    how its values were prepared, so it is taken to want them as they are.
    """
    outputs = network.topology.output_ids
    loss = "half_squared"
    kinds = set(network.output_activations)
    if len(kinds) == 1:
        loss = default_loss(kinds.pop(), max(2, len(outputs)))
    if loss == "softmax_cross_entropy" and len(outputs) < 2:
        loss = "half_squared"
    inputs = network.topology.input_ids
    untied = all(binding is None for binding in network.bindings)
    if not bindings_known and untied and len(inputs) == 2 and len(outputs) == 1:
        for neuron_id, key in zip((*inputs, *outputs), ("x1", "x2", "+1"), strict=True):
            network = network.set_binding(neuron_id, key)
    return Document(
        network,
        positions or {},
        preparation=Preparation(keeps_raw=True),
        training=replace(TrainingConfig(), loss=loss),
    )


# ------------------------------------------------------------------ layers
def find_layers(tensors: Mapping[str, AnyArray]) -> list[tuple[str, Layer]]:
    """Matrices and biases of a layered network with the names of the layers, in forward order.

    Understands ``layers.0.weight``, ``0.weight``, ``net.2.weight``, ``fc1.weight`` … as PyTorch
    names them; a layer without bias gets zeros. Batch normalisations are folded into the layer
    right beside them.

    Raises:
        FormatError: a tensor is no matrix, sizes of neighbouring layers do not match, or it is not
            known where a batch normalisation belongs.
    """
    stems: dict[str, dict[str, AnyArray]] = {}
    for name, tensor in tensors.items():
        match = STEM.fullmatch(name)
        if match and match[1] not in ("edges", "neurons"):
            stems.setdefault(match[1], {})[match[2]] = tensor
    owners = batch_norms.owners(tensors)
    layers: list[tuple[str, Layer]] = []
    for stem in sorted(stems.keys() - owners.keys(), key=_natural):
        parts = stems[stem]
        if "weight" not in parts:
            raise FormatError(f"{stem}.bias has no {stem}.weight beside it.")
        dimensions = parts["weight"].ndim
        if dimensions != 2:
            raise FormatError(
                f"{stem}.weight has {dimensions} dimension{'' if dimensions == 1 else 's'}. nnplay "
                "opens fully connected networks; their weights are matrices (outputs × inputs)."
            )
        weight = take_array(parts, "weight", np.float64, (None, None))
        bias = np.zeros(len(weight))
        if "bias" in parts:
            try:
                bias = take_array(parts, "bias", np.float64, (len(weight),))
            except FormatError as error:
                raise FormatError(f"{stem}.{error.reason}") from None
        for norm in (norm for norm, owner in owners.items() if owner == stem):
            behind = _natural(norm) > _natural(stem)
            weight, bias = batch_norms.fold(tensors, norm, weight, bias, behind)
        if layers and layers[-1][1][0].shape[0] != weight.shape[1]:
            before = layers[-1]
            raise FormatError(
                f"{stem}.weight takes {weight.shape[1]} inputs, but {before[0]}.weight gives "
                f"{before[1][0].shape[0]} outputs."
            )
        layers.append((stem, (weight, bias)))
    return layers


def _natural(text: str) -> list[tuple[int, int, str]]:
    return [
        (1, int(part), "") if part.isascii() and part.isdigit() else (0, 0, part)
        for part in re.split(r"([0-9]{1,9})", text)
    ]


def from_layers(
    layers: Sequence[tuple[str, Layer]], activation: str | None, output_activation: str | None
) -> Network:
    """A layered network from matrices (out, in) and biases; every entry becomes a connection.

    Raises:
        ActivationsUnknownError: an activation that is needed was not given.
        FormatError: a layer without neurons.
    """
    sizes = [layers[0][1][0].shape[1], *(len(bias) for _, (_, bias) in layers)]
    _need_activations(len(sizes) > 2, activation, output_activation)
    try:
        network = Network.mlp(
            sizes,
            activation=activation or "linear",
            output_activation=output_activation or "linear",
        )
    except TopologyError as error:
        raise FormatError(str(error)) from None
    return network.with_theta(
        np.concatenate(
            [weight.reshape(-1) for _, (weight, _) in layers] + [bias for _, (_, bias) in layers]
        )
    )


def _need_activations(
    has_hidden: bool, activation: str | None, output_activation: str | None
) -> None:
    for given in (activation, output_activation):
        if given is not None and given not in ACTIVATIONS:
            raise FormatError(
                f"There is no activation “{given}”; there are {', '.join(ACTIVATIONS)}."
            )
    need_activations(has_hidden and activation is None, output_activation is None)


def need_activations(hidden: bool, output: bool) -> None:
    """Ask for the activations of hidden neurons and of outputs, as far as they are missing.

    Raises:
        ActivationsUnknownError: if any are.
    """
    missing = []
    if hidden:
        missing.append("--activation tanh")
    if output:
        missing.append("--output-activation linear")
    if missing:
        raise ActivationsUnknownError(
            "The file holds weights but does not say which activations go with them. Say it, for "
            f"example {' '.join(missing)}."
        )


# ------------------------------------------------------------------ edges
def from_edges(
    tensors: Mapping[str, AnyArray], activation: str | None, output_activation: str | None
) -> Network:
    """A network from ``edges.*`` and ``neurons.*``.

    Without ``neurons.kind``, neurons that nothing feeds are inputs and those that feed nothing are
    outputs.

    Raises:
        ActivationsUnknownError: an activation that is needed was not given.
        FormatError: an array is missing or unsound, or no feed-forward network has these edges.
    """
    source = take_array(tensors, "edges.source", np.int64, (None,))
    target = take_array(tensors, "edges.target", np.int64, source.shape)
    weight = take_array(tensors, "edges.weight", np.float64, source.shape)
    ids = take_array(tensors, "neurons.id", np.int64, (None,))
    bias = take_array(tensors, "neurons.bias", np.float64, ids.shape)
    if "neurons.kind" in tensors:
        kinds = take_array(tensors, "neurons.kind", np.int64, ids.shape)
        if kinds.size and (kinds.min() < Kind.INPUT or kinds.max() > Kind.OUTPUT):
            raise FormatError("neurons.kind must be 0 (input), 1 (hidden) or 2 (output).")
    else:
        kinds = np.full(ids.shape, int(Kind.HIDDEN))
        kinds[~np.isin(ids, source)] = int(Kind.OUTPUT)
        kinds[~np.isin(ids, target)] = int(Kind.INPUT)
    _need_activations(bool((kinds == Kind.HIDDEN).any()), activation, output_activation)
    names = {
        Kind.INPUT: "linear",
        Kind.HIDDEN: activation or "linear",
        Kind.OUTPUT: output_activation or "linear",
    }
    try:
        topology = Topology(ids, kinds, np.stack([source, target], axis=1))
        return Network.build(
            topology,
            theta=np.concatenate([weight, bias[kinds != Kind.INPUT]]),
            activations=[names[Kind(int(kind))] for kind in kinds],
        )
    except TopologyError as error:
        raise FormatError(f"The network cannot exist: {error}") from None
