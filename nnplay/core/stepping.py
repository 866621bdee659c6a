"""One sample followed by hand: every product, sum and derivative as a step of its own.

The numbers are those of the engine (:func:`nnplay.core.trace.explain`, the loss table) and of the
parameters a real step led to. Products and running sums are there to be followed; each ends in the
engine's own number.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nnplay.core.config import LossChoice, loss_settings
from nnplay.core.layout import layout_of
from nnplay.core.losses import LOSSES
from nnplay.core.network import Network
from nnplay.core.parts import make_part
from nnplay.core.samples import Samples
from nnplay.core.step_plan import GRAINS, NOTHING, Does, Grain, Phase, StepPlan
from nnplay.core.topology import Kind
from nnplay.core.trace import Trace, explain

__all__ = ["plan_steps"]

FloatArray = npt.NDArray[np.float64]


class _Writer:
    """Collects steps."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, int, int, float, float]] = []
        self.phases: list[int] = []
        self.ends: list[int] = []
        self.phase = Phase.FORWARD

    def add(
        self, does: Does, row: int, slot: int, value: float, running: float = float("nan")
    ) -> None:
        self.lines.append((int(does), row, slot, value, running))
        self.phases.append(int(self.phase))
        self.ends.append(0)

    def end(self, grain: Grain) -> None:
        """What was added last ends a neuron, layer or phase."""
        if self.ends:
            self.ends[-1] = max(self.ends[-1], GRAINS.index(grain))


def plan_steps(
    network: Network,
    sample: Samples,
    loss: LossChoice = "half_squared",
    after: FloatArray | None = None,
    rate: float = float("nan"),
) -> StepPlan:
    """Plan the steps of one sample.

    Args:
        network: the network.
        sample: one sample; without values and classes there are only forward steps.
        loss: the loss, or the training settings.
        after: ``float64[P]``, the parameters after the update, if that is to be followed too.
        rate: the learning rate it was made with.

    Raises :class:`nnplay.core.errors.TrainingError` when these do not go together.
    """
    settings = loss_settings(loss)
    targets = None
    if sample.values is not None or sample.classes is not None:
        part = make_part(sample, network, layout_of(network), settings, np.float64)
        targets = part.targets[:, 0]
        if LOSSES[settings.name].weights_in_targets and part.weights is not None:
            targets = targets / part.weights[0]  # one sample's weight divides itself out
    trace = explain(network, sample.inputs[0], targets, settings)
    own, shares = np.zeros(network.topology.neuron_count), np.empty(0)
    if targets is not None:
        own, shares = _loss_numbers(network, trace, targets, loss)
    writer = _Writer()
    _write_forward(writer, network, trace)
    by_z = LOSSES[settings.name].wants_logits
    if targets is not None:
        _write_loss(writer, network, trace, shares)
        _write_backward(writer, network, trace, own, by_z)
        if after is not None:
            _write_update(writer, network, after)
    columns = list(zip(*writer.lines, strict=True)) or [()] * 5
    does, rows, slots = (np.array(column, dtype=np.int64) for column in columns[:3])
    values, running = (np.array(column, dtype=np.float64) for column in columns[3:])
    return StepPlan(
        network=network,
        trace=trace,
        loss_name=settings.name,
        targets=np.empty(0) if targets is None else targets,
        own=own,
        by_z=by_z,
        after=np.empty(0) if after is None or targets is None else after,
        rate=rate,
        does=does,
        rows=rows,
        slots=slots,
        values=values,
        running=running,
        ends=np.array(writer.ends, dtype=np.int64),
        phases=np.array(writer.phases, dtype=np.int64),
    )


def _loss_numbers(
    network: Network, trace: Trace, targets: FloatArray, choice: LossChoice
) -> tuple[FloatArray, FloatArray]:
    """The loss's own derivatives ``[N]`` and each output's share of the loss ``[outputs]``."""
    settings = loss_settings(choice)
    loss, rows = LOSSES[settings.name], np.flatnonzero(network.topology.kinds == Kind.OUTPUT)
    divisor = loss.divisor(max(1, rows.size), 1)
    takes_part = np.ones(rows.size, dtype=bool)
    if loss.wants_logits:
        takes_part = network.neuron_enabled[rows]
    chosen, y = rows[takes_part], targets[takes_part]
    z, a = trace.z[chosen, None], trace.a[chosen, None]
    gradient = np.zeros((chosen.size, 1))
    own, shares = np.zeros(network.topology.neuron_count), np.zeros(rows.size)
    if not chosen.size:
        return own, shares
    with np.errstate(all="ignore"):
        loss.bind(z, a, gradient, settings.huber_delta)(y[:, None])
        own[chosen] = gradient[:, 0] / divisor
        for place, k in enumerate(np.flatnonzero(takes_part).tolist()):
            # All losses are sums over outputs; softmax needs its whole group, with one target.
            among = slice(None) if loss.weights_in_targets else slice(place, place + 1)
            one = np.zeros(chosen.size)
            one[place] = y[place]
            evaluate = loss.bind(z[among], a[among], np.zeros_like(z[among]), settings.huber_delta)
            shares[k] = evaluate(one[among, None]) / divisor
    return own, shares


def _layers(network: Network) -> list[list[int]]:
    """Rows of all neurons but the inputs, stage by stage in order of evaluation."""
    stages: dict[int, list[int]] = {}
    inner = np.flatnonzero(network.topology.kinds != Kind.INPUT)
    for row in inner.tolist():
        stages.setdefault(int(network.stages[row]), []).append(row)
    return [stages[number] for number in sorted(stages)]


def _incoming(network: Network, row: int) -> list[int]:
    slots = network.topology.incoming_slots[row]
    return [slot for slot in slots.tolist() if network.enabled[slot]]


def _write_forward(writer: _Writer, network: Network, trace: Trace) -> None:
    topology, theta = network.topology, network.theta
    for layer in _layers(network):
        group = NOTHING
        for row in layer:
            if not network.neuron_enabled[row]:
                writer.add(Does.OFF, row, NOTHING, 0.0)
                writer.end("neuron")
                continue
            total = 0.0
            for slot in _incoming(network, row):
                product = float(theta[slot] * trace.a[topology.edge_rows[slot, 0]])
                total += product
                writer.add(Does.TERM, row, slot, product, total)
            bias = int(topology.bias_slots[row])
            value = float(theta[bias]) if network.enabled[bias] else 0.0
            writer.add(Does.BIAS, row, bias, value, float(trace.z[row]))
            if network.activations[row] == "softmax":
                group = row
            else:
                writer.add(Does.ACTIVATION, row, NOTHING, float(trace.a[row]))
            writer.end("neuron")
        if group != NOTHING:
            writer.add(Does.SOFTMAX, group, NOTHING, float(trace.a[group]))
            writer.end("neuron")
        writer.end("layer")
    writer.end("phase")


def _write_loss(writer: _Writer, network: Network, trace: Trace, shares: FloatArray) -> None:
    writer.phase = Phase.LOSS
    rows = np.flatnonzero(network.topology.kinds == Kind.OUTPUT).tolist()
    total = 0.0
    for row, share in zip(rows, shares.tolist(), strict=True):
        total += share
        writer.add(Does.LOSS_SHARE, row, NOTHING, share, total)
        writer.end("neuron")
    assert trace.loss is not None  # noqa: S101 - there is a target
    writer.add(Does.LOSS_SUM, NOTHING, NOTHING, trace.loss, trace.loss)
    writer.end("phase")


def _write_backward(
    writer: _Writer, network: Network, trace: Trace, own: FloatArray, by_z: bool
) -> None:
    writer.phase = Phase.BACKWARD
    for layer in reversed(_layers(network)):
        members = []
        for row in layer:
            if not network.neuron_enabled[row]:
                writer.add(Does.OFF_DELTA, row, NOTHING, 0.0)
                writer.end("neuron")
                continue
            _write_chain(writer, network, trace, own, by_z, row)
            if network.activations[row] == "softmax":
                members.append(row)
                continue
            writer.add(Does.DELTA, row, NOTHING, float(trace.delta[row]))
            _write_gradients(writer, network, trace, row)
            writer.end("neuron")
        if members:
            writer.add(Does.SOFTMAX_DELTA, members[-1], NOTHING, float(trace.delta[members[-1]]))
            writer.end("neuron")
            for row in members:
                _write_gradients(writer, network, trace, row)
                writer.end("neuron")
        writer.end("layer")
    writer.end("phase")


def _write_chain(
    writer: _Writer, network: Network, trace: Trace, own: FloatArray, by_z: bool, row: int
) -> None:
    topology = network.topology
    total = 0.0
    if topology.kinds[row] == Kind.OUTPUT and not by_z:
        total = float(own[row])
        writer.add(Does.OWN, row, NOTHING, total, total)
    for slot in topology.outgoing_slots[row].tolist():
        if network.enabled[slot]:
            share = float(network.theta[slot] * trace.delta[topology.edge_rows[slot, 1]])
            total += share
            writer.add(Does.CHAIN, row, slot, share, total)


def _write_gradients(writer: _Writer, network: Network, trace: Trace, row: int) -> None:
    for slot in _incoming(network, row):
        writer.add(Does.GRADIENT, row, slot, float(trace.edge_gradient[slot]))
    bias = int(network.topology.bias_slots[row])
    writer.add(Does.BIAS_GRADIENT, row, bias, float(trace.bias_gradient[row]))


def _write_update(writer: _Writer, network: Network, after: FloatArray) -> None:
    writer.phase = Phase.UPDATE
    for layer in _layers(network):
        for row in layer:
            bias = int(network.topology.bias_slots[row])
            slots = [*_incoming(network, row), *([bias] if network.enabled[bias] else [])]
            for slot in slots:
                change = float(after[slot] - network.theta[slot])
                writer.add(Does.UPDATE, row, slot, change, float(after[slot]))
            writer.end("neuron")
        writer.end("layer")
    writer.end("phase")
