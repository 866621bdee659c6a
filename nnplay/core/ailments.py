"""The one table of what can be wrong with a neuron: names, thresholds, and the usual cures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["AILMENTS", "SEVERITIES", "Ailment", "Finding", "Severity"]

Severity = Literal["error", "warning", "note"]
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "note")

NEARLY_DEAD_SHARE: Final = 0.01
"""A one-sided neuron active on fewer of the samples is nearly dead."""
QUIET_ACTIVATION: Final = 1e-3
"""Smooth one-sided activations (GELU, SiLU, Mish, Gaussian) below this size count as not active."""
END_SHARE: Final = 0.01
"""The last share of a bounded range that counts as its end."""
SATURATED_SHARE: Final = 0.95
"""A hidden neuron at the ends of its range on more of the samples is saturated."""
CONSTANT_SPREAD: Final = 1e-6
"""Largest minus smallest activation, relative to their size, below which it is constant."""
DUPLICATE_SINE: Final = 1e-6
"""Angle (in radians) between two neurons' activations over the samples below which they are one."""
VANISHING_RATIO: Final = 1e-3
"""δ of a level relative to the outputs' own, root mean square: below this it vanishes."""
EXPLODING_RATIO: Final = 1e3
"""… and above this it explodes."""


@dataclass(frozen=True)
class Ailment:
    """One thing that can be wrong.

    Attributes:
        name: key in :data:`AILMENTS`.
        title: name for people.
        severity: how bad it is.
        threshold: where it begins, for people.
        cures: what usually helps, a sentence.
    """

    name: str
    title: str
    severity: Severity
    threshold: str
    cures: str


@dataclass(frozen=True)
class Finding:
    """Something wrong with some neurons.

    Attributes:
        ailment: what it is.
        neurons: ids of those concerned.
        numbers: the figures behind it, by name.
        sentence: what was found and why it matters.
    """

    ailment: Ailment
    neurons: tuple[int, ...]
    numbers: Mapping[str, float]
    sentence: str

    @property
    def kind(self) -> str:
        """Name of the ailment."""
        return self.ailment.name

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return self.ailment.severity

    @property
    def rank(self) -> int:
        """Larger is worse."""
        return len(SEVERITIES) - SEVERITIES.index(self.ailment.severity)


AILMENTS: Final[dict[str, Ailment]] = {
    one.name: one
    for one in (
        Ailment(
            "not_finite",
            "Not finite",
            "error",
            "an activation that is infinite or no number",
            "Reset the weights, and train with a smaller learning rate or with clipped gradients.",
        ),
        Ailment(
            "dead",
            "Dead",
            "error",
            "ReLU: never above 0; its smooth relatives: never above 0.001 in size",
            "Raise its bias, draw its weights anew, lower the learning rate, or use leaky ReLU.",
        ),
        Ailment(
            "nearly_dead",
            "Nearly dead",
            "warning",
            f"active on less than {NEARLY_DEAD_SHARE:.0%} of the samples",
            "Raise its bias, scale the inputs, or use leaky ReLU.",
        ),
        Ailment(
            "constant",
            "Constant",
            "warning",
            "largest and smallest activation differ by less than a millionth of their size",
            "Draw its weights anew, or remove it: the biases behind it can do the same.",
        ),
        Ailment(
            "saturated",
            "Saturated",
            "warning",
            f"within {END_SHARE:.0%} of the ends of its range on more than {SATURATED_SHARE:.0%} "
            "of the samples (hidden neurons)",
            "Scale the inputs, make its weights smaller, add an L2 penalty, or use ReLU.",
        ),
        Ailment(
            "duplicate",
            "Duplicate",
            "note",
            "activations over the data that are a multiple of another neuron's, to a millionth",
            "Draw the weights of one of them anew, or remove one and add its outgoing weights to "
            "the other's.",
        ),
        Ailment(
            "vanishing",
            "Vanishing δ",
            "warning",
            "a level's δ is less than a thousandth of the outputs' (root mean square)",
            "Use ReLU, He or Glorot initial weights, fewer levels, or connections that skip levels.",
        ),
        Ailment(
            "exploding",
            "Exploding δ",
            "error",
            "a level's δ is more than a thousand times the outputs' (root mean square)",
            "Make the weights smaller, clip the gradients, or lower the learning rate.",
        ),
        Ailment(
            "unreachable",
            "Unreachable",
            "error",
            "no path of switched-on connections from any input",
            "Connect it to an input or to a neuron before it, or remove it.",
        ),
        Ailment(
            "unheard",
            "Unheard",
            "warning",
            "no path of switched-on connections to any output",
            "Connect it to an output or to a neuron behind it, or remove it.",
        ),
        Ailment(
            "unused_input",
            "Unused input",
            "note",
            "no path of switched-on connections to any output",
            "Connect it, or remove its feature.",
        ),
    )
}
