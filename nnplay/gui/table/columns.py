"""What the two tables show: one row per column, with whole columns as arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.gui.panels.words import neuron_label
from nnplay.picture.layers import activation_title
from nnplay.session.values import Probe

__all__ = ["EDGE_COLUMNS", "NEURON_COLUMNS", "Column", "Snapshot", "natural_ranks"]

Array = npt.NDArray[np.generic]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Sort = Literal["words", "number", "count", "switch"]

KIND_NAMES: Final = {Kind.INPUT: "Input", Kind.HIDDEN: "Hidden", Kind.OUTPUT: "Output"}


class Snapshot:
    """The network and the probe as they are at one moment. GUI thread.

    Arrays are made when they are first asked for, so that a table shows 100,000 connections
    without an object for each.
    """

    def __init__(self, network: Network, probe: Probe | None) -> None:
        self.network = network
        self._probe = probe

    def at_probe(self, what: Literal["pre_activations", "activations"]) -> FloatArray:
        """``float64[N]``: a value of every neuron at the probe; NaN where there is none."""
        count = self.network.topology.neuron_count
        values = None if self._probe is None else getattr(self._probe, what)
        if values is None or len(values) != count:
            return np.full(count, np.nan)
        return np.asarray(values, dtype=np.float64)

    def by_bias(self, values: Array, missing: float) -> FloatArray:
        """Values by slot as ``float64[N]``, one per neuron; ``missing`` for inputs."""
        slots = self.network.topology.bias_slots
        result = np.full(slots.size, missing)
        has = slots >= 0
        result[has] = values[slots[has]]
        return result


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        key: how code calls it.
        title: its header.
        tip: one sentence about it.
        sort: what its cells are: words, numbers, counts or switches.
        values: the whole column. Words come as codes (see ``words``); switches as 0 and 1, NaN for
            a cell without one.
        words: for columns of words, the word of a code.
        names: what a filter may call it, in small letters; the first is shown in hints.
        editable: whether cells can be changed.
        live: whether training changes it.
        width: pixels at first.
    """

    key: str
    title: str
    tip: str
    sort: Sort
    values: Callable[[Snapshot], Array]
    names: tuple[str, ...]
    words: Callable[[Snapshot, int], str] | None = None
    editable: bool = False
    live: bool = False
    width: int = 84


def natural_ranks(words: list[str]) -> IntArray:
    """``int64[n]``: the rank of each word, with numbers in words by size (h2 before h10)."""
    keys = [_natural(word) for word in words]
    order = sorted(range(len(words)), key=keys.__getitem__)
    ranks = np.empty(len(words), dtype=np.int64)
    ranks[order] = np.arange(len(words))
    return ranks


def _natural(word: str) -> tuple[tuple[int, int, str], ...]:
    parts: list[tuple[int, int, str]] = []
    digits = letters = ""
    for letter in word.casefold() + "\0":
        if letter.isdecimal():
            if letters:
                parts.append((1, 0, letters))
                letters = ""
            digits += letter
        else:
            if digits:
                parts.append((0, int(digits), ""))
                digits = ""
            letters += letter
    return (*parts, (1, 0, letters))


# ---------------------------------------------------------------------- neurons
def _rows(shown: Snapshot) -> IntArray:
    return np.arange(shown.network.topology.neuron_count)


def _name(shown: Snapshot, row: int) -> str:
    return neuron_label(shown.network, int(shown.network.topology.ids[row]))


def _kind(shown: Snapshot, code: int) -> str:
    return KIND_NAMES[Kind(code)]


def _activation(shown: Snapshot, row: int) -> str:
    if shown.network.topology.kinds[row] == Kind.INPUT:
        return ""
    return activation_title(shown.network.activations[row])


def _dropout(shown: Snapshot) -> FloatArray:
    hidden = shown.network.topology.kinds == Kind.HIDDEN
    return np.where(hidden, shown.network.dropout, np.nan)


def _ends(shown: Snapshot, end: int) -> IntArray:
    topology = shown.network.topology
    return np.bincount(topology.edge_rows[:, end], minlength=topology.neuron_count)


NEURON_COLUMNS: Final = (
    Column(
        "name",
        "Name",
        "Name of the neuron.",
        "words",
        _rows,
        ("name",),
        words=_name,
        editable=True,
        width=96,
    ),
    Column(
        "kind",
        "Kind",
        "Input, hidden or output.",
        "words",
        lambda s: s.network.topology.kinds.astype(np.int64),
        ("kind",),
        words=_kind,
        width=66,
    ),
    Column(
        "level",
        "Level",
        "Longest way from the inputs, in connections.",
        "count",
        lambda s: s.network.topology.levels,
        ("level",),
        width=56,
    ),
    Column(
        "activation",
        "Activation",
        "The function that makes a of z.",
        "words",
        _rows,
        ("activation", "function"),
        words=_activation,
        editable=True,
        width=104,
    ),
    Column(
        "bias",
        "Bias",
        "Added to the weighted sum; inputs have none.",
        "number",
        lambda s: s.by_bias(s.network.theta, np.nan),
        ("bias", "b"),
        editable=True,
        live=True,
    ),
    Column(
        "locked",
        "Locked",
        "A locked bias is left alone by training.",
        "switch",
        lambda s: s.by_bias(s.network.frozen.astype(float), np.nan),
        ("locked", "lock", "frozen"),
        editable=True,
        width=66,
    ),
    Column(
        "on",
        "On",
        "A neuron that is off gives 0 and keeps its weights.",
        "switch",
        lambda s: s.network.neuron_enabled.astype(float),
        ("on", "enabled"),
        editable=True,
        live=True,
        width=46,
    ),
    Column(
        "dropout",
        "Dropout",
        "Share of training steps in which the neuron is silent; for hidden neurons.",
        "number",
        _dropout,
        ("dropout",),
        editable=True,
        width=76,
    ),
    Column(
        "z",
        "z",
        "Pre-activation at the probe: the weighted sum and the bias.",
        "number",
        lambda s: s.at_probe("pre_activations"),
        ("z",),
        live=True,
    ),
    Column(
        "a",
        "a",
        "Activation at the probe.",
        "number",
        lambda s: s.at_probe("activations"),
        ("a",),
        live=True,
    ),
    Column(
        "incoming",
        "In",
        "Number of incoming connections.",
        "count",
        lambda s: _ends(s, 1),
        ("in", "incoming"),
        width=52,
    ),
    Column(
        "outgoing",
        "Out",
        "Number of outgoing connections.",
        "count",
        lambda s: _ends(s, 0),
        ("out", "outgoing"),
        width=52,
    ),
)


# ---------------------------------------------------------------------- connections
def _weights(shown: Snapshot) -> FloatArray:
    return shown.network.theta[: shown.network.topology.edge_count]


def _contributions(shown: Snapshot) -> FloatArray:
    """w·a of every connection at the probe; one that is off contributes 0."""
    sources = shown.network.topology.edge_rows[:, 0]
    on = shown.network.enabled[: sources.size]
    return np.where(on, _weights(shown) * shown.at_probe("activations")[sources], 0.0)


def _edge_flags(shown: Snapshot, flags: npt.NDArray[np.bool_]) -> FloatArray:
    return flags[: shown.network.topology.edge_count].astype(float)


EDGE_COLUMNS: Final = (
    Column(
        "from",
        "From",
        "The neuron whose activation is passed on.",
        "words",
        lambda s: s.network.topology.edge_rows[:, 0],
        ("from", "source"),
        words=_name,
        width=112,
    ),
    Column(
        "to",
        "To",
        "The neuron that receives it.",
        "words",
        lambda s: s.network.topology.edge_rows[:, 1],
        ("to", "target"),
        words=_name,
        width=112,
    ),
    Column(
        "weight",
        "Weight",
        "What the activation is multiplied with.",
        "number",
        _weights,
        ("w", "weight"),
        editable=True,
        live=True,
        width=96,
    ),
    Column(
        "locked",
        "Locked",
        "A locked weight is left alone by training.",
        "switch",
        lambda s: _edge_flags(s, s.network.frozen),
        ("locked", "lock", "frozen"),
        editable=True,
        width=66,
    ),
    Column(
        "on",
        "On",
        "A connection that is off counts as 0 and keeps its weight.",
        "switch",
        lambda s: _edge_flags(s, s.network.enabled),
        ("on", "enabled"),
        editable=True,
        live=True,
        width=46,
    ),
    Column(
        "contribution",
        "w·a",
        "What the connection adds to z of its target at the probe.",
        "number",
        _contributions,
        ("w·a", "wa", "contribution"),
        live=True,
        width=96,
    ),
)
