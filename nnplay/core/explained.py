"""The part of an explained step that one neuron or one connection has: terms, sums, its update."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from nnplay.core.explained_values import (
    EdgeExplained,
    LossTerm,
    Member,
    NeuronExplained,
    ParameterExplained,
    Sum,
    Term,
)
from nnplay.core.explaining import StepExplanation
from nnplay.core.losses import LOSSES
from nnplay.core.topology import Kind

__all__ = [
    "MOST_TERMS",
    "EdgeExplained",
    "LossTerm",
    "Member",
    "NeuronExplained",
    "Order",
    "ParameterExplained",
    "Sum",
    "Term",
    "explain_edge",
    "explain_neuron",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Order = Literal["size", "place"]

MOST_TERMS: Final = 8
"""Terms listed one by one unless more are asked for; the rest is one line."""


def explain_neuron(
    step: StepExplanation, neuron_id: int, *, order: Order = "size", most: int = MOST_TERMS
) -> NeuronExplained:
    """One neuron's part of a step.

    Args:
        step: the step.
        neuron_id: a neuron of its network.
        order: terms by their size, the largest first, or in the network's order.
        most: number of terms to list; always the largest ones.

    Raises ``KeyError`` for a neuron that does not exist.
    """
    network, numbers = step.network, step.averages
    topology = network.topology
    row = topology.row(neuron_id)
    kind = Kind(topology.kinds[row])
    incoming = topology.incoming_slots[row]
    outgoing = topology.outgoing_slots[row]
    in_sum = _sum(step, incoming, topology.edge_rows[incoming, 0], numbers.a, order, most)
    out_sum = _sum(step, outgoing, topology.edge_rows[outgoing, 1], numbers.delta, order, most)
    bias_slot = int(topology.bias_slots[row])
    bias = None
    if bias_slot >= 0:
        bias = float(network.theta[bias_slot]) if network.enabled[bias_slot] else 0.0
        incoming_total = float(in_sum.total + bias)
        in_sum = Sum(in_sum.terms, in_sum.more_count, in_sum.more_sum, incoming_total)
    loss = _loss_term(step, row) if kind == Kind.OUTPUT else None
    by_a = out_sum.total + (loss.value if loss is not None and not loss.by_z else 0.0)
    if numbers.loss is None:
        by_a = math.nan
    activation = "" if kind == Kind.INPUT else network.activations[row]
    group: tuple[Member, ...] = ()
    if activation == "softmax" and network.neuron_enabled[row]:
        group = _group(step, row)
    parameters = [_parameter(step, term.slot) for term in in_sum.terms]
    if bias_slot >= 0:
        parameters.append(_parameter(step, bias_slot))
    return NeuronExplained(
        neuron=neuron_id,
        kind=kind,
        activation=activation,
        enabled=bool(network.neuron_enabled[row]),
        incoming=in_sum,
        bias=bias,
        z=float(numbers.z[row]),
        a=float(numbers.a[row]),
        slope=float(numbers.slope[row]),
        group=group,
        outgoing=out_sum,
        loss=loss,
        by_a=by_a,
        delta=float(numbers.delta[row]),
        parameters=tuple(parameters),
        more_parameters=in_sum.more_count,
    )


def explain_edge(step: StepExplanation, source: int, target: int) -> EdgeExplained:
    """One connection's part of a step; raises ``KeyError`` if it does not exist."""
    network, numbers = step.network, step.averages
    topology = network.topology
    if not topology.has_edge(source, target):
        raise KeyError((source, target))
    slot = topology.edge_slot(source, target)
    from_row, to_row = topology.row(source), topology.row(target)
    weight, enabled = float(network.theta[slot]), bool(network.enabled[slot])
    a = float(numbers.a[from_row])
    product = weight * a if enabled else 0.0
    slots = topology.incoming_slots[to_row]
    sizes = np.abs(network.effective_weights[slots] * numbers.a[topology.edge_rows[slots, 0]])
    bias_slot = int(topology.bias_slots[to_row])
    total = float(sizes.sum()) + (
        abs(float(network.theta[bias_slot])) if network.enabled[bias_slot] else 0.0
    )
    return EdgeExplained(
        source=source,
        target=target,
        weight=weight,
        enabled=enabled,
        a=a,
        product=product,
        share=abs(product) / total if total > 0 else 0.0,
        delta=float(numbers.delta[to_row]),
        parameter=_parameter(step, slot),
    )


def _sum(
    step: StepExplanation,
    slots: IntArray,
    rows: Iterable[int] | IntArray,
    values: FloatArray,
    order: Order,
    most: int,
) -> Sum:
    network, topology = step.network, step.network.topology
    rows = np.asarray(rows, dtype=np.int64)
    carried = values[rows]
    with np.errstate(all="ignore"):
        products = np.where(network.enabled[slots], network.theta[slots] * carried, 0.0)
    by_size = np.argsort(-np.abs(np.nan_to_num(products)), kind="stable")
    listed = by_size[:most] if len(slots) > most + 1 else by_size
    rest = by_size[len(listed) :]
    with np.errstate(invalid="ignore"):  # of a network that has blown up: ∞ − ∞
        more_sum, total = float(products[rest].sum()), float(products.sum())
    if order == "place":
        listed = np.sort(listed)
    return Sum(
        tuple(
            Term(
                slot=int(slots[i]),
                neuron=int(topology.ids[rows[i]]),
                weight=float(network.theta[slots[i]]),
                value=float(carried[i]),
                product=float(products[i]),
                enabled=bool(network.enabled[slots[i]]),
            )
            for i in listed.tolist()
        ),
        len(rest),
        more_sum,
        total,
    )


def _loss_term(step: StepExplanation, row: int) -> LossTerm | None:
    numbers, topology = step.averages, step.network.topology
    if numbers.loss is None:
        return None
    loss = LOSSES[step.config.loss]
    ids = topology.output_ids
    place = list(ids).index(int(topology.ids[row]))
    return LossTerm(
        loss=loss.name,
        by_z=loss.wants_logits,
        a=float(numbers.a[row]),
        y=float(numbers.targets[place]),
        value=float(numbers.own[place]),
        outputs=len(ids) if loss.mean_over_outputs else 1,
    )


def _group(step: StepExplanation, row: int) -> tuple[Member, ...]:
    network, numbers = step.network, step.averages
    topology = network.topology
    own = float(numbers.a[row])
    members = []
    for other, name in enumerate(network.activations):
        if name != "softmax" or not network.neuron_enabled[other]:
            continue
        slots = topology.outgoing_slots[other]
        flown = network.effective_weights[slots] * numbers.delta[topology.edge_rows[slots, 1]]
        by_a = float(flown.sum())
        loss = _loss_term(step, other) if topology.kinds[other] == Kind.OUTPUT else None
        if loss is not None and not loss.by_z:
            by_a += loss.value
        a = float(numbers.a[other])
        slope = a * ((1.0 if other == row else 0.0) - own)
        members.append(Member(int(topology.ids[other]), float(numbers.z[other]), a, slope, by_a))
    return tuple(members)


def _parameter(step: StepExplanation, slot: int) -> ParameterExplained:
    network, numbers, update = step.network, step.averages, step.update
    topology = network.topology
    is_edge = slot < topology.edge_count
    if is_edge:
        source, target = (int(i) for i in topology.edges[slot])
        to_row = topology.row(target)
        carried = float(numbers.a[topology.edge_rows[slot, 0]])
    else:
        to_row = int(np.flatnonzero(topology.bias_slots == slot)[0])
        source, target, carried = -1, int(topology.ids[to_row]), 1.0
    nan = math.nan
    if update is None:
        movable = bool(network.enabled[slot] and not network.frozen[slot])
        before = float(network.theta[slot]) if network.enabled[slot] else 0.0
        return ParameterExplained(
            slot, source, target, before, carried, nan, nan, nan, movable, 1.0, False, nan, {}, nan, nan
        )  # fmt: skip
    return ParameterExplained(
        slot=slot,
        source=source,
        target=target,
        before=float(update.before[slot]),
        carried=carried,
        delta=float(numbers.delta[to_row]),
        gradient=float(numbers.gradient[slot]),
        penalty=float(update.penalty[slot]),
        movable=bool(update.movable[slot]),
        clip_factor=update.clip_factor,
        value_clipped=bool(update.value_clipped[slot]),
        given=float(update.gradient[slot]),
        memory={
            name: (float(values[slot]), float(update.memory_after[name][slot]))
            for name, values in update.memory_before.items()
        },
        moved=float(update.moved[slot]),
        after=float(update.after[slot]),
    )
