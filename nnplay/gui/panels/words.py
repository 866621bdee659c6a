"""Words and numbers the panels share: names of neurons, counts, aligned numbers."""

from __future__ import annotations

import math

from nnplay.core.network import Network
from nnplay.core.plain_numbers import MINUS, plain_number, short_exponent
from nnplay.core.topology import Kind
from nnplay.picture.text import pretty_label

__all__ = [
    "MINUS",
    "aligned_number",
    "count",
    "layer_name",
    "neuron_label",
    "neuron_place",
    "plain_number",
    "short_exponent",
]


def aligned_number(value: float, decimals: int = 3, width: int = 7) -> str:
    """A number in a column of ``width`` characters, right-aligned, with a real minus sign.

    Large numbers lose decimals before they lose digits; numbers too small for the decimals are
    written with an exponent, because a gradient of 2·10⁻⁷ is not 0. NaN is a dash: no value.
    """
    if math.isnan(value):
        return "–".rjust(width)
    if math.isinf(value):
        return (MINUS if value < 0 else "").rjust(width - 1) + "∞"
    sign, size = (MINUS if value < 0 else ""), abs(value)
    room = width - 1
    if 0 < size < 0.5 * 10**-decimals:
        text = _short_exponent(size, room)
    else:
        text = f"{size:.{decimals}f}"
        if len(text) > room:
            whole = len(f"{size:.0f}")
            text = f"{size:.{max(0, min(decimals, room - whole - 1))}f}"
        if len(text) > room:
            text = _short_exponent(size, room)
    return (sign + text).rjust(width)


def _short_exponent(size: float, room: int) -> str:
    for digits in (2, 1, 0):
        mantissa, exponent = f"{size:.{digits}e}".split("e")
        text = f"{mantissa}e{int(exponent)}"
        if len(text) <= room:
            break
    return text.replace("-", MINUS)


def count(number: int, singular: str, plural: str | None = None) -> str:
    """A number with its noun: "1 neuron", "2 neurons", "1,200 epochs"."""
    word = singular if number == 1 else (plural or singular + "s")
    return f"{number:,} {word}"


def neuron_label(network: Network, neuron_id: int) -> str:
    """The label as people read it, or "neuron 7" when there is none."""
    return pretty_label(network.label_of(neuron_id)) or f"neuron {neuron_id}"


def layer_name(network: Network, level: int) -> str:
    """Name of a level: "Hidden 2" for the second level that holds hidden neurons."""
    levels = network.hidden_levels
    return f"Hidden {levels.index(level) + 1}" if level in levels else f"Level {level}"


def neuron_place(network: Network, neuron_id: int) -> str:
    """Where a neuron stands: "Input 2", "Hidden 1 · neuron 3", "Output"."""
    topology = network.topology
    kind = topology.kind_of(neuron_id)
    if kind == Kind.HIDDEN:
        level = topology.level_of(neuron_id)
        number = network.level_ids(level).index(neuron_id) + 1
        return f"{layer_name(network, level)} · neuron {number}"
    ids = topology.ids_of(kind)
    name = "Input" if kind == Kind.INPUT else "Output"
    return name if len(ids) == 1 else f"{name} {ids.index(neuron_id) + 1}"
