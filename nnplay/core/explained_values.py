"""What an explained neuron, connection or parameter is: plain numbers, ready to be written out."""

from __future__ import annotations

from dataclasses import dataclass

from nnplay.core.topology import Kind

__all__ = [
    "EdgeExplained",
    "LossTerm",
    "Member",
    "NeuronExplained",
    "ParameterExplained",
    "Sum",
    "Term",
]


@dataclass(frozen=True)
class Term:
    """A product in a sum: weight times what comes along the connection.

    Attributes:
        slot: the connection's.
        neuron: id of the neuron at its other end.
        weight: the connection's weight.
        value: the other end's activation, or its δ.
        product: what it adds: the product, 0 if the connection is switched off.
        enabled: whether the connection is on.
    """

    slot: int
    neuron: int
    weight: float
    value: float
    product: float
    enabled: bool


@dataclass(frozen=True)
class Sum:
    """Some terms one by one, and the others together."""

    terms: tuple[Term, ...]
    more_count: int
    more_sum: float
    total: float


@dataclass(frozen=True)
class Member:
    """One neuron of a softmax group: its numbers, and its share in the δ asked for.

    ``slope`` is ∂a of this member by z of the neuron explained, ``by_a`` is ∂L/∂a of this member.
    """

    neuron: int
    z: float
    a: float
    slope: float
    by_a: float


@dataclass(frozen=True)
class LossTerm:
    """What the loss itself says of an output.

    Attributes:
        loss: name in the loss table.
        by_z: whether it is a derivative by z (cross-entropies) or by a.
        a, y: activation and target.
        value: the derivative.
        outputs: number of outputs an averaged loss is divided by; 1 for the others.
    """

    loss: str
    by_z: bool
    a: float
    y: float
    value: float
    outputs: int


@dataclass(frozen=True)
class ParameterExplained:
    """One parameter in one step; NaN without targets.

    Attributes:
        slot: its slot.
        source: id of the neuron its connection comes from, or -1 for a bias.
        target: id of the neuron it belongs to.
        before: its value.
        carried: activation it is multiplied with: 1 for a bias.
        delta: δ of its target.
        gradient: ∂L/∂w.
        penalty: what l2 and l1 add.
        movable: whether training may change it.
        clip_factor, value_clipped: what clipping did.
        given: what the optimiser gets.
        memory: the optimiser's memory before and after, by name.
        moved: behind the optimiser's update.
        after: behind dead links and max-norm.
    """

    slot: int
    source: int
    target: int
    before: float
    carried: float
    delta: float
    gradient: float
    penalty: float
    movable: bool
    clip_factor: float
    value_clipped: bool
    given: float
    memory: dict[str, tuple[float, float]]
    moved: float
    after: float

    @property
    def change(self) -> float:
        """Δw of the whole step."""
        return self.after - self.before


@dataclass(frozen=True)
class NeuronExplained:
    """One neuron in one step.

    Attributes:
        neuron: its id.
        kind: input, hidden or output.
        activation: name of its activation function; empty for an input.
        enabled: False if it is switched off.
        incoming: terms weight · activation (empty for an input).
        bias: a number, or None for an input.
        z, a, slope: as in :class:`nnplay.core.explaining.Averages`.
        group: members of its softmax group, else empty.
        outgoing: terms weight · δ of what it feeds: their sum is ∂L/∂a without the loss's own part.
        loss: the loss's own part, for outputs with a target.
        by_a: ∂L/∂a: sum of the outgoing terms and the loss's own part by a.
        delta: ∂L/∂z.
        parameters: its bias and listed weights, in the order of ``incoming``; the bias last.
        more_parameters: number of weights that are not listed.
    """

    neuron: int
    kind: Kind
    activation: str
    enabled: bool
    incoming: Sum
    bias: float | None
    z: float
    a: float
    slope: float
    group: tuple[Member, ...]
    outgoing: Sum
    loss: LossTerm | None
    by_a: float
    delta: float
    parameters: tuple[ParameterExplained, ...]
    more_parameters: int


@dataclass(frozen=True)
class EdgeExplained:
    """One connection in one step: what it carries forward, and its weight's update."""

    source: int
    target: int
    weight: float
    enabled: bool
    a: float
    product: float
    share: float
    delta: float
    parameter: ParameterExplained
