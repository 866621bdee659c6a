"""From a network and its numbers to the looks of its neurons."""

from __future__ import annotations

import os.path
import re
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.picture.geometry import PITCH
from nnplay.picture.maps import map_images
from nnplay.picture.neurons import LabelPlace, NeuronLook
from nnplay.picture.palette import Palette
from nnplay.picture.scales import ValueScale, fixed_scale, largest_size, scale_for
from nnplay.picture.strength import SMALLEST_SCALE
from nnplay.picture.text import pretty_label

__all__ = ["label_places", "make_looks", "map_scales", "set_biases", "set_maps", "set_values"]

FloatArray = npt.NDArray[np.float64]
_AUTOMATIC = re.compile(r"h\d+")
# Words up to the last separator, or up to a number.
_FIRST_WORD = re.compile(r".*[^\W\d_]{2,}(?:[\s_.:-]+|(?=\d))")
LEAST_ALIKE = 3
# Where a label has little room.
SMALL_PLACES = (LabelPlace.INSIDE, LabelPlace.BELOW)


def label_places(
    network: Network, positions: FloatArray, with_maps: bool, *, downwards: bool = False
) -> list[LabelPlace]:
    """Where each neuron's name goes, in row order.

    Inputs are named on their left and outputs on their right while nothing stands there
    (``downwards`` above inputs and under outputs); in
    blocks and inside the network names go into value tiles, and below response maps unless they
    are automatic ones such as h3.
    """
    kinds = network.topology.kinds
    before, after = LabelPlace.LEFT, LabelPlace.RIGHT
    if downwards:
        before, after, positions = LabelPlace.ABOVE, LabelPlace.UNDER, positions[:, ::-1]
    has_room = {kind: _has_room_beside(positions, kinds == kind) for kind in Kind}
    places = []
    for row, kind in enumerate(kinds.tolist()):
        label = network.labels[row]
        if kind != Kind.HIDDEN and has_room[Kind(kind)]:
            places.append(before if kind == Kind.INPUT else after)
            continue
        if not with_maps:
            places.append(LabelPlace.INSIDE)
        elif label and not _AUTOMATIC.fullmatch(label):
            places.append(LabelPlace.BELOW)
        else:
            places.append(LabelPlace.NONE)
    return places


def _has_room_beside(positions: FloatArray, members: npt.NDArray[np.bool_]) -> bool:
    """Whether no two of the neurons stand side by side, as they do in a block."""
    places = positions[members]
    if len(places) > 200:
        return False
    across = np.abs(places[:, None, :] - places[None, :, :])
    beside = (across[:, :, 0] > 1.0) & (across[:, :, 0] < 2 * PITCH)
    return not (beside & (across[:, :, 1] < PITCH / 2)).any()


def make_looks(
    network: Network,
    positions: FloatArray,
    *,
    with_maps: bool,
    rows: Sequence[int] | None = None,
    downwards: bool = False,
) -> list[NeuronLook]:
    """Looks of all neurons in row order (or of ``rows`` only), still without values and maps."""
    places = label_places(network, positions, with_maps, downwards=downwards)
    if rows is None:
        rows = range(len(places))
    looks = [
        NeuronLook(
            label=pretty_label(network.labels[row]),
            label_place=places[row],
            enabled=bool(network.neuron_enabled[row]),
            downwards=downwards,
        )
        for row in rows
    ]
    kinds = network.topology.kinds
    for kind in (Kind.INPUT, Kind.OUTPUT):
        small = [
            look
            for row, look in zip(rows, looks, strict=True)
            if kinds[row] == kind and look.label_place in SMALL_PLACES
        ]
        for look, text in zip(small, _distinguishing([one.label for one in small]), strict=True):
            look.label = text
    set_biases(looks, network, rows)
    return looks


def _distinguishing(labels: list[str]) -> list[str]:
    """Labels without a word they all begin with: ``pixel_0_3`` among others alike is ``0_3``."""
    if len(labels) < LEAST_ALIKE:
        return labels
    shared = len(os.path.commonprefix(labels))
    # The character after it may be the number that ends the word.
    word = _FIRST_WORD.match(labels[0], 0, shared + 1)
    if word is None or word.end() > shared:
        return labels
    rest = [label[word.end() :] for label in labels]
    return rest if all(rest) else labels


def set_biases(
    looks: Sequence[NeuronLook], network: Network, rows: Sequence[int] | None = None
) -> None:
    """Take the biases of a network; their dots are as strong as their share of the largest.

    ``looks`` are those of all neurons, or of ``rows``.
    """
    topology = network.topology
    biases = network.theta[topology.edge_count :]
    scale = max(largest_size(biases), SMALLEST_SCALE)
    slots = topology.bias_slots if rows is None else topology.bias_slots[list(rows)]
    for look, slot in zip(looks, slots.tolist(), strict=True):
        if slot < 0:
            look.bias = None
            continue
        look.bias = float(network.theta[slot])
        look.bias_strength = min(1.0, abs(look.bias) / scale) if look.bias == look.bias else 1.0
        look.bias_frozen = bool(network.frozen[slot])


def set_values(
    looks: Sequence[NeuronLook],
    network: Network,
    values: npt.NDArray[np.floating] | None,
    scales: Sequence[ValueScale] | None = None,
    rows: Sequence[int] | None = None,
) -> None:
    """Take activations in row order (None: there are none); ``looks`` are all, or of ``rows``.

    Without ``scales`` neurons of unbounded activations are compared with the largest value in
    their level, so that a layer reads like a bar chart.
    """
    if values is None or len(values) != network.topology.neuron_count:
        for look in looks:
            look.value, look.place = None, 0.0
        return
    if scales is None:
        scales = level_scales(network, values, rows)
    if rows is not None:
        values = values[list(rows)]
    for look, value, scale in zip(looks, values.tolist(), scales, strict=True):
        look.value = value
        look.place = scale.place_one(value)
        look.share = scale.share(value) if value == value else 0.5
        look.starts_at_low = scale.low >= 0.0


def level_scales(
    network: Network, values: npt.NDArray[np.floating], rows: Sequence[int] | None = None
) -> list[ValueScale]:
    """Scale of every neuron (or of ``rows``) when only one value of each is known."""
    topology = network.topology
    sizes = np.nan_to_num(np.abs(values), nan=0.0, posinf=0.0)
    inputs = topology.kinds == Kind.INPUT
    bounded = {name for name in set(network.activations) if fixed_scale(name) is not None}
    free = np.ones(len(inputs), dtype=bool)
    if bounded:
        free = inputs | np.array([name not in bounded for name in network.activations], dtype=bool)
    largest = np.ones(int(topology.levels.max()) + 1 if len(values) else 1)
    np.maximum.at(largest, topology.levels[free], sizes[free])
    known: dict[tuple[str, int, bool], ValueScale] = {}
    scales = []
    for row in range(len(values)) if rows is None else rows:
        key = network.activations[row], int(topology.levels[row]), bool(inputs[row])
        if key not in known:
            known[key] = scale_for(key[0], float(largest[key[1]]), is_input=key[2])
        scales.append(known[key])
    return scales


def map_scales(
    network: Network, maps: Mapping[int, npt.NDArray[np.floating]]
) -> dict[int, ValueScale]:
    """Scale of every neuron with a map, by row."""
    kinds = network.topology.kinds
    scales = {}
    for row, values in maps.items():
        name, is_input = network.activations[row], bool(kinds[row] == Kind.INPUT)
        scale = None if is_input else fixed_scale(name)
        scales[row] = scale or scale_for(name, largest_size(values), is_input=is_input)
    return scales


def set_maps(
    looks: Sequence[NeuronLook],
    maps: Mapping[int, npt.NDArray[np.floating]],
    scales: Mapping[int, ValueScale],
    palette: Palette,
) -> None:
    """Turn response maps (by row) into the neurons' images."""
    alike: dict[tuple[int, ...], list[int]] = {}
    for row, values in maps.items():
        alike.setdefault(values.shape, []).append(row)
    for rows in alike.values():
        stacked = np.stack([maps[row] for row in rows])
        images = map_images(stacked, [scales[row] for row in rows], palette)
        for row, image in zip(rows, images, strict=True):
            looks[row].image = image
