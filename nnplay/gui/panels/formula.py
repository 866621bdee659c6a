"""The calculation of one neuron for the probed sample, as values that a view can lay out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.network import Network
from nnplay.gui.panels.words import aligned_number, neuron_label

__all__ = ["MOST_TERMS", "Formula", "GroupMember", "Term", "formula_of", "strongest_slots"]

FloatArray = npt.NDArray[np.float64]

# More lines than this and nobody reads them; the rest is summed up in one line.
MOST_TERMS: Final = 12


@dataclass(frozen=True)
class Term:
    """One line: a weight times the activation it carries."""

    source: int
    slot: int
    label: str
    weight: float
    activation: float
    enabled: bool

    @property
    def value(self) -> float:
        """What the line adds to z: nothing when the connection is switched off."""
        return self.weight * self.activation if self.enabled else 0.0


@dataclass(frozen=True)
class GroupMember:
    """One output of a softmax group."""

    neuron: int
    label: str
    z: float
    a: float


@dataclass(frozen=True)
class Formula:
    """z = Σ weight · activation + bias, and what the activation function makes of z.

    Attributes:
        terms: the lines shown, in edge order.
        more_count, more_sum: how many further terms there are and what they add up to.
        bias, z, a: the neuron's numbers for the probed sample.
        activation: name of the activation function.
        derivative: f'(z), NaN for softmax, whose derivative is a matrix.
        delta: derivative of the sample's loss by z, NaN without a target.
        group: all members of the softmax group (the neuron among them), else empty.
        neuron: whose calculation this is.
        enabled: False when the neuron is switched off and therefore outputs 0.
    """

    neuron: int
    terms: tuple[Term, ...]
    more_count: int
    more_sum: float
    bias: float
    z: float
    a: float
    activation: str
    derivative: float = math.nan
    delta: float = math.nan
    group: tuple[GroupMember, ...] = ()
    enabled: bool = True

    def as_text(self, activation_text: str) -> str:
        """The whole calculation as plain text, aligned, for the clipboard and screen readers."""
        width = max([len(term.label) for term in self.terms] + [4])
        lines = [
            f"{term.label:<{width}} {aligned_number(term.weight, 6, 12)} · "
            f"{aligned_number(term.activation, 6, 12)} = {aligned_number(term.value, 6, 12)}"
            + ("" if term.enabled else "  (switched off)")
            for term in self.terms
        ]
        gap = width + 1 + 12 + 3 + 12 + 3
        if self.more_count:
            label = f"{self.more_count} more terms"
            lines.append(f"{label:<{gap}}{aligned_number(self.more_sum, 6, 12)}")
        lines.append(f"{'bias':<{gap}}{aligned_number(self.bias, 6, 12)}")
        lines.append(f"{'z':<{gap}}{aligned_number(self.z, 6, 12)}")
        lines.append(f"{'a = ' + activation_text:<{gap}}{aligned_number(self.a, 6, 12)}")
        lines.append(f"{'f′(z)':<{gap}}{aligned_number(self.derivative, 6, 12)}")
        lines.append(f"{'δ = ∂loss/∂z':<{gap}}{aligned_number(self.delta, 6, 12)}")
        return "\n".join(lines)


def strongest_slots(
    network: Network, activations: FloatArray, neuron_id: int, most: int = MOST_TERMS
) -> tuple[int, ...]:
    """Slots of the terms that matter most for this sample, in edge order."""
    topology = network.topology
    slots = topology.incoming_slots[topology.row(neuron_id)]
    if len(slots) > most:
        sources = topology.edge_rows[slots, 0]
        sizes = np.abs(network.effective_weights[slots] * activations[sources])
        chosen = np.argsort(-np.nan_to_num(sizes), kind="stable")[:most]
        slots = np.sort(slots[chosen])
    return tuple(int(slot) for slot in slots)


def formula_of(
    network: Network,
    pre_activations: FloatArray,
    activations: FloatArray,
    delta: FloatArray,
    neuron_id: int,
    shown: Sequence[int] | None = None,
) -> Formula:
    """The calculation of a hidden or output neuron.

    Args:
        network: the network as it is now.
        pre_activations: ``float64[N]``, z of every neuron for the sample.
        activations: ``float64[N]``, a of every neuron.
        delta: ``float64[N]``, derivative of the sample's loss by each z.
        neuron_id: a neuron that is not an input.
        shown: slots of the terms to list one by one; None takes the strongest.
    """
    topology = network.topology
    row = topology.row(neuron_id)
    if shown is None:
        shown = strongest_slots(network, activations, neuron_id)
    terms = tuple(
        Term(
            source=int(topology.edges[slot, 0]),
            slot=slot,
            label=neuron_label(network, int(topology.edges[slot, 0])),
            weight=float(network.theta[slot]),
            activation=float(activations[topology.edge_rows[slot, 0]]),
            enabled=bool(network.enabled[slot]),
        )
        for slot in shown
    )
    rest = np.setdiff1d(topology.incoming_slots[row], np.array(shown, dtype=np.int64))
    more_sum = float(
        np.sum(network.effective_weights[rest] * activations[topology.edge_rows[rest, 0]])
    )
    bias_slot = int(topology.bias_slots[row])
    activation = network.activations[row]
    group: tuple[GroupMember, ...] = ()
    if activation == "softmax":
        members = [r for r, name in enumerate(network.activations) if name == "softmax"]
        group = tuple(
            GroupMember(
                int(topology.ids[r]),
                neuron_label(network, int(topology.ids[r])),
                float(pre_activations[r]),
                float(activations[r]),
            )
            for r in members
        )
    return Formula(
        neuron=neuron_id,
        terms=terms,
        more_count=len(rest),
        more_sum=more_sum,
        bias=float(network.theta[bias_slot]) if network.enabled[bias_slot] else 0.0,
        z=float(pre_activations[row]),
        a=float(activations[row]),
        activation=activation,
        derivative=_derivative(activation, float(pre_activations[row]), float(activations[row])),
        delta=float(delta[row]),
        group=group,
        enabled=bool(network.neuron_enabled[row]),
    )


def _derivative(activation: str, z: float, a: float) -> float:
    known = ACTIVATIONS.get(activation)
    if known is None or known.is_group or not math.isfinite(z):
        return math.nan
    out = np.empty((1, 1))
    with np.errstate(all="ignore"):  # a far z may overflow on the way to the right answer
        known.derivative(np.array([[z]]), np.array([[a]]), out)
    return float(out[0, 0])
