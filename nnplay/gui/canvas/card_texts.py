"""What the card at the pointer says about a neuron or a connection: formulas with numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from nnplay.core.topology import Kind
from nnplay.gui.canvas.hover_card import CardText
from nnplay.gui.panels.words import neuron_label, short_exponent
from nnplay.picture.layers import activation_title

if TYPE_CHECKING:
    from nnplay.core.network import Network
    from nnplay.session.session import Session

__all__ = ["edge_text", "neuron_text", "number"]

FloatArray = npt.NDArray[np.float64]
Row = tuple[str, str, float]
# With more incoming connections the card would hide what it is about.
MOST_TERMS: Final = 4


def number(value: float) -> str:
    """Five significant digits: enough to follow a calculation, with a true minus sign."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    value += 0.0  # no minus in front of nothing
    return short_exponent(f"{value:.4f}" if size == 0 or 1e-3 <= size < 1e4 else f"{value:.3e}")


def _of(values: FloatArray | None, session: Session, neuron_id: int) -> float:
    if values is None or len(values) != session.network.topology.neuron_count:
        return math.nan
    return float(values[session.network.topology.row(neuron_id)])


def neuron_text(session: Session, neuron_id: int) -> CardText:
    """Terms, bias, weighted sum and activation of a neuron for the probe."""
    network, probe = session.network, session.probe
    neuron = network.neuron(neuron_id)
    title = neuron_label(network, neuron_id)
    a = _of(probe.activations, session, neuron_id)
    if neuron.kind == Kind.INPUT:
        return CardText(f"{title} · input", (("value", number(a), a),))
    title = f"{title} · {activation_title(neuron.activation)}"
    z = _of(probe.pre_activations, session, neuron_id)
    bias = neuron.bias or 0.0
    rows = [
        *_terms(network, probe.activations, neuron_id),
        ("+ bias", number(bias), bias),
        ("= weighted sum z", number(z), z),
        ("activation a", number(a), a),
    ]
    note = ""
    if not neuron.enabled:
        note = "Switched off: it always says 0."
    elif not network.topology.incoming(neuron_id):
        note = "Nothing feeds it yet: drag from another neuron's handle to here."
    return CardText(title, tuple(rows), note or _health_note(session, neuron_id))


def _health_note(session: Session, neuron_id: int) -> str:
    """What is known to be wrong with a neuron, in the words of the health panel."""
    if session.health is None:
        return ""
    return " ".join(f"{f.ailment.title}: {f.sentence}" for f in session.health.of(neuron_id))


def _terms(network: Network, activations: FloatArray | None, neuron_id: int) -> list[Row]:
    """Weight · activation = term, where there are few of them."""
    topology = network.topology
    slots = topology.incoming_slots[topology.row(neuron_id)]
    slots = slots[network.enabled[slots]]
    if activations is None or len(activations) != topology.neuron_count or slots.size > MOST_TERMS:
        return []
    sources = topology.edge_rows[slots, 0]
    weights, values = network.theta[slots], activations[sources]
    terms = weights * values
    return [
        (
            neuron_label(network, int(topology.ids[source])),
            f"{number(float(weight))} · {number(float(value))} = {number(float(term))}",
            float(term),
        )
        for source, weight, value, term in zip(sources, weights, values, terms, strict=True)
    ]


def edge_text(session: Session, source: int, target: int) -> CardText:
    """Weight of a connection, what it contributes for the probe, and how the loss depends on it."""
    network, probe = session.network, session.probe
    edge = network.edge(source, target)
    title = f"{neuron_label(network, source)} → {neuron_label(network, target)}"
    a = _of(probe.activations, session, source)
    weight = edge.weight
    product = a * weight if edge.enabled else 0.0
    rows: list[Row] = [
        ("weight w", number(weight), weight),
        ("activation a", number(a), a),
        ("w · a", f"{number(weight)} · {number(a)} = {number(product)}", product),
    ]
    delta = _of(probe.delta, session, target)
    if not edge.enabled:
        rows[-1] = ("w · a", number(0.0), 0.0)
    elif math.isfinite(delta) and math.isfinite(a):
        gradient = delta * a
        rows.append(("gradient of the loss", number(gradient), gradient))
    notes = []
    if not edge.enabled:
        notes.append("Switched off: it counts as 0.")
    if edge.frozen:
        notes.append("Locked: training leaves it alone.")
    if (source, target) in session.selection.edges:
        notes.append("Drag it up or down, or scroll, to change it; double-click to type.")
    else:
        notes.append("Click it, then drag or scroll to change it; double-click to type.")
    return CardText(title, tuple(rows), " ".join(notes))
