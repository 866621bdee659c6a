"""Which neurons are sick, on what data show: dead, saturated, constant, duplicate, cut off, out of reach.

One pass forward and backward over the training data (at most :data:`MOST_SAMPLES` rows, chosen evenly)
gives the figures; :mod:`nnplay.core.ailments` holds what they are compared with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.ailments import (
    AILMENTS,
    CONSTANT_SPREAD,
    DUPLICATE_SINE,
    END_SHARE,
    EXPLODING_RATIO,
    NEARLY_DEAD_SHARE,
    QUIET_ACTIVATION,
    SATURATED_SHARE,
    VANISHING_RATIO,
    Finding,
)
from nnplay.core.checks import check_network
from nnplay.core.config import LossChoice, loss_settings
from nnplay.core.errors import TrainingError
from nnplay.core.network import Network
from nnplay.core.plain_numbers import plain_number, short_exponent
from nnplay.core.program import Program
from nnplay.core.samples import Samples
from nnplay.core.targets import encode_targets, sample_weights
from nnplay.core.topology import Kind, capitalise

__all__ = ["MOST_SAMPLES", "HealthReport", "even_rows", "examine"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
Rows = list[int]

MOST_SAMPLES: Final = 4096
_CHUNK: Final = 512
# Looking for duplicates among many neurons is a product of all with all.
_MOST_COMPARED: Final = 1024
_COMPARED_SAMPLES: Final = 512
_SQUASHING: Final = ("sigmoid", "hard_sigmoid", "tanh", "hard_tanh", "softsign")
_ONE_SIDED: Final = ("relu", "gelu", "gelu_tanh", "silu", "mish", "gaussian")


@dataclass(frozen=True, eq=False)
class HealthReport:
    """What the data say about every neuron; N neurons in row order.

    Attributes:
        findings: the worst first.
        mean, spread: ``float64[N]``, mean and standard deviation of each activation over the samples.
        delta: ``float64[N]``, ∂L/∂z of the mean loss, summed over the samples (∂L/∂b); NaN for
            inputs and without targets.
        delta_size: ``float64[N]``, root mean square over the samples of each sample's own ∂L/∂z;
            NaN likewise.
        gradient: ``float64[P]``, ∂L/∂parameter of the mean loss without penalty; NaN without targets.
        loss: that mean loss, None without targets.
        samples: number of samples looked at. total: number there are.
    """

    findings: tuple[Finding, ...]
    mean: FloatArray
    spread: FloatArray
    delta: FloatArray
    delta_size: FloatArray
    gradient: FloatArray
    loss: float | None
    samples: int
    total: int

    def of(self, neuron_id: int) -> tuple[Finding, ...]:
        """What was found about one neuron."""
        return tuple(found for found in self.findings if neuron_id in found.neurons)


@dataclass(eq=False)
class _Figures:
    """Sums over the samples, filled chunk by chunk; ``[N]`` each."""

    total: FloatArray
    squares: FloatArray
    low: FloatArray
    high: FloatArray
    active: FloatArray
    at_low: FloatArray
    at_high: FloatArray
    finite: BoolArray
    delta_squares: FloatArray
    gradient: FloatArray
    loss: float = 0.0
    compared: FloatArray | None = None


def even_rows(count: int, limit: int) -> IntArray:
    """Up to ``limit`` of the numbers 0 … count − 1, evenly spread."""
    if count <= limit:
        return np.arange(count)
    return np.arange(limit) * count // limit


def examine(
    network: Network,
    samples: Samples,
    loss: LossChoice,
    look_around: Callable[[], None] | None = None,
    max_samples: int = MOST_SAMPLES,
) -> HealthReport:
    """Examine a network on its training samples.

    Args:
        network: with the parameters it has now.
        samples: the training samples; of many, ``max_samples`` are taken, evenly spread.
        loss: for δ and gradients. Where targets and loss do not go together these are left out.
        look_around: called between chunks of samples; may raise to give it up.
        max_samples: how many samples to look at, at most.
    """
    rows = even_rows(len(samples), max_samples)
    n = network.topology.neuron_count
    on = network.neuron_enabled
    findings: list[Finding] = []
    if not n or not rows.size or samples.inputs.shape[1] != len(network.topology.input_ids):
        findings += _reach_findings(network)
        return _report(network, findings, None, 0, len(samples), has_targets=False)
    figures, has_targets = _figures(network, samples, rows, loss, look_around)
    count = int(rows.size)
    wrong = ~figures.finite & on
    findings += _not_finite(network, wrong)
    findings += _reach_findings(network)
    reached = _reach(network)
    judged = on & ~wrong & reached & (network.topology.kinds != Kind.INPUT)
    findings += _neuron_findings(network, figures, judged, count)
    if has_targets and not wrong.any():
        findings += _level_findings(network, np.sqrt(figures.delta_squares / count), judged)
    findings.sort(key=lambda found: -found.rank)
    return _report(network, findings, figures, count, len(samples), has_targets=has_targets)


def _report(
    network: Network,
    findings: list[Finding],
    figures: _Figures | None,
    count: int,
    total: int,
    *,
    has_targets: bool,
) -> HealthReport:
    topology = network.topology
    nothing = np.full(topology.neuron_count, np.nan)
    gradient = np.full(topology.parameter_count, np.nan)
    if figures is None:
        arrays = (nothing, nothing, nothing, nothing, gradient)
        return HealthReport(tuple(findings), *arrays, None, count, total)
    with np.errstate(all="ignore"):
        mean = figures.total / count
        spread = np.sqrt(np.maximum(figures.squares / count - mean * mean, 0.0))
    delta, size, loss = nothing.copy(), nothing, None
    if has_targets:
        gradient, loss = figures.gradient, figures.loss
        is_input = topology.kinds == Kind.INPUT
        delta[~is_input] = gradient[topology.bias_slots[~is_input]]
        size = np.sqrt(figures.delta_squares / count)
        size[is_input] = np.nan
    for array in (mean, spread, delta, size, gradient):
        array.flags.writeable = False
    return HealthReport(tuple(findings), mean, spread, delta, size, gradient, loss, count, total)


# ---------------------------------------------------------------------- one pass over the data
def _figures(
    network: Network,
    samples: Samples,
    rows: IntArray,
    loss: LossChoice,
    look_around: Callable[[], None] | None,
) -> tuple[_Figures, bool]:
    n, p = network.topology.neuron_count, network.topology.parameter_count
    settings = loss_settings(loss)
    try:
        targets: FloatArray | None = encode_targets(
            samples,
            network,
            settings.name,
            label_smoothing=settings.label_smoothing,
            class_weights=settings.class_weights,
        )
        weights = sample_weights(samples, settings.name, settings.class_weights)
        check_network(network, settings.name)
    except TrainingError:
        targets = weights = None
    zeros = [np.zeros(n) for _ in range(6)]
    figures = _Figures(
        zeros[0],
        zeros[1],
        np.full(n, np.inf),
        np.full(n, -np.inf),
        zeros[2],
        zeros[3],
        zeros[4],
        np.ones(n, dtype=bool),
        zeros[5],
        np.zeros(p),
    )
    quiet, low_end, high_end = _limits(network)
    one_sided, squashing = _members(network, _ONE_SIDED), _members(network, _SQUASHING)
    program = Program(network, min(_CHUNK, rows.size))
    compared = _compared(network)
    kept: list[FloatArray] = []
    divisor = float(rows.size if weights is None else weights[rows].sum())
    with np.errstate(all="ignore"):
        for start in range(0, rows.size, _CHUNK):
            if start and look_around is not None:
                look_around()
            part = rows[start : start + _CHUNK]
            x = samples.inputs[part]
            if targets is None:
                program.forward(x)
            else:
                shares = None if weights is None else weights[part]
                value = program.backward(x, targets[part], settings, shares)
                size = float(part.size if shares is None else shares.sum())
                figures.loss += value * size / divisor
                figures.gradient += program.gradient * (size / divisor)
                delta = program.deltas_compact()
                figures.delta_squares += _squares(delta) * size * size
            a = program.activations_compact()
            figures.total += a.sum(axis=1)
            figures.squares += _squares(a)
            np.minimum(figures.low, a.min(axis=1), out=figures.low)
            np.maximum(figures.high, a.max(axis=1), out=figures.high)
            if one_sided.size:
                figures.active[one_sided] += _count(np.abs(a[one_sided]) > quiet[one_sided])
            if squashing.size:
                figures.at_low[squashing] += _count(a[squashing] <= low_end[squashing])
                figures.at_high[squashing] += _count(a[squashing] >= high_end[squashing])
            if compared.size:
                kept.append(a[compared])
    figures.finite = np.isfinite(figures.low) & np.isfinite(figures.high)
    if compared.size:
        every = np.concatenate(kept, axis=1)
        figures.compared = every[:, even_rows(every.shape[1], _COMPARED_SAMPLES)]
    return figures, targets is not None


def _squares(values: FloatArray) -> FloatArray:
    return np.asarray((values * values).sum(axis=1))


def _count(is_so: BoolArray) -> IntArray:
    return np.asarray(np.count_nonzero(is_so, axis=1), dtype=np.int64)


def _members(network: Network, names: tuple[str, ...]) -> IntArray:
    """Rows of the neurons, inputs aside, with one of some activations."""
    chosen = np.array([name in names for name in network.activations], dtype=bool)
    return np.flatnonzero(chosen & (network.topology.kinds != Kind.INPUT))


def _limits(network: Network) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Per neuron ``[N, 1]``: sizes counted as active, and where its two ends begin."""
    n = network.topology.neuron_count
    quiet, low, high = np.zeros((n, 1)), np.full((n, 1), -np.inf), np.full((n, 1), np.inf)
    names = np.array(network.activations)
    for name in set(network.activations) & set(ACTIVATIONS):
        members = names == name
        if name in _ONE_SIDED and name != "relu":
            quiet[members] = QUIET_ACTIVATION
        if name in _SQUASHING:
            bottom, top = ACTIVATIONS[name].range
            low[members] = bottom + END_SHARE * (top - bottom)
            high[members] = top - END_SHARE * (top - bottom)
    return quiet, low, high


def _compared(network: Network) -> IntArray:
    """Rows of the neurons among which duplicates are sought."""
    rows = np.flatnonzero((network.topology.kinds == Kind.HIDDEN) & network.neuron_enabled)
    return rows if rows.size <= _MOST_COMPARED else rows[:0]


# ---------------------------------------------------------------------- what the figures mean
def _named(network: Network, row: int) -> str:
    return capitalise(network.name_of(int(network.topology.ids[row])))


def _ids(network: Network, rows: Rows) -> tuple[int, ...]:
    return tuple(int(network.topology.ids[row]) for row in rows)


def _not_finite(network: Network, wrong: BoolArray) -> list[Finding]:
    rows: Rows = np.flatnonzero(wrong).tolist()
    if not rows:
        return []
    first = min(rows, key=lambda row: int(network.topology.levels[row]))
    others = f" and {len(rows) - 1:,} more give" if len(rows) > 1 else " gives"
    sentence = f"{_named(network, first)}{others} a number that is not finite for some sample."
    return [Finding(AILMENTS["not_finite"], _ids(network, rows), {"neurons": len(rows)}, sentence)]


def _neuron_findings(
    network: Network, figures: _Figures, judged: BoolArray, count: int
) -> list[Finding]:
    findings = []
    one_sided = np.array([name in _ONE_SIDED for name in network.activations], dtype=bool)
    squashing = np.array([name in _SQUASHING for name in network.activations], dtype=bool)
    hidden = network.topology.kinds == Kind.HIDDEN
    size = np.maximum(np.abs(figures.low), np.abs(figures.high))
    active = figures.active / count
    dead = judged & one_sided & (figures.active == 0) & (hidden | (size == 0.0))
    nearly = judged & one_sided & hidden & ~dead & (active < NEARLY_DEAD_SHARE)
    with np.errstate(invalid="ignore"):
        spread = figures.high - figures.low
    constant = judged & ~dead & (count > 1) & (spread <= CONSTANT_SPREAD * size)
    low, high = figures.at_low / count, figures.at_high / count
    # Outputs are meant to be at the ends where targets are.
    saturated = judged & squashing & hidden & ~constant & (low + high > SATURATED_SHARE)
    for row in np.flatnonzero(dead).tolist():
        findings.append(
            Finding(
                AILMENTS["dead"],
                _ids(network, [row]),
                {"active": 0.0, "highest": float(figures.high[row])},
                f"{_named(network, row)} is never active on any of {count:,} samples, so that no "
                "gradient flows through it and training cannot bring it back.",
            )
        )
    for row in np.flatnonzero(nearly).tolist():
        findings.append(
            Finding(
                AILMENTS["nearly_dead"],
                _ids(network, [row]),
                {"active": float(active[row])},
                f"{_named(network, row)} is active on {int(figures.active[row]):,} of {count:,} "
                f"samples only ({active[row]:.1%}), so that it learns from next to nothing.",
            )
        )
    for row in np.flatnonzero(constant).tolist():
        findings.append(
            Finding(
                AILMENTS["constant"],
                _ids(network, [row]),
                {"activation": float(figures.high[row])},
                f"{_named(network, row)} says {_short(float(figures.high[row]))} whatever the sample "
                "is, as a bias does.",
            )
        )
    for row in np.flatnonzero(saturated).tolist():
        share = float(low[row] + high[row])
        both = min(low[row], high[row]) > 1.0 - SATURATED_SHARE
        where = "one end or the other" if both else "one end"
        findings.append(
            Finding(
                AILMENTS["saturated"],
                _ids(network, [row]),
                {"at_ends": share, "low": float(low[row]), "high": float(high[row])},
                f"{_named(network, row)} stands at {where} of its range on {_percent(share)} of the "
                "samples, where its slope is nearly 0 and it hardly learns.",
            )
        )
    silent = dead | constant
    return findings + _duplicates(network, figures, judged & ~silent)


def _duplicates(network: Network, figures: _Figures, judged: BoolArray) -> list[Finding]:
    """Groups of neurons whose activations are multiples of one another."""
    rows, values = _compared(network), figures.compared
    if values is None:
        return []
    kept = judged[rows]
    rows, values = rows[kept], values[kept]
    if rows.size < 2 or values.shape[1] < 2:
        return []
    with np.errstate(all="ignore"):
        unit = values / np.abs(values).max(axis=1, keepdims=True)
        unit /= np.sqrt(_squares(unit))[:, None]
    cosines = unit.dot(unit.T)
    # Close to 1 a cosine says nothing fine: the distance of the two directions does.
    near = np.triu(np.abs(cosines) > 1.0 - 1e-6, 1)
    findings, taken = [], set()
    for i in np.flatnonzero(near.any(axis=1)).tolist():
        if i in taken:
            continue
        group = [i]
        for j in np.flatnonzero(near[i]).tolist():
            sign = 1.0 if cosines[i, j] > 0 else -1.0
            distance = float(np.sqrt(((unit[i] - sign * unit[j]) ** 2).sum()))
            if j not in taken and distance <= DUPLICATE_SINE:
                group.append(j)
        if len(group) < 2:
            continue
        taken.update(group)
        members: Rows = [int(rows[k]) for k in group]
        first, other = members[0], members[1]
        largest = int(np.abs(values[group[0]]).argmax())
        factor = float(values[group[1], largest] / values[group[0], largest])
        more = f", and {len(members) - 2:,} more do likewise" if len(members) > 2 else ""
        findings.append(
            Finding(
                AILMENTS["duplicate"],
                _ids(network, members),
                {"neurons": len(members), "factor": factor},
                f"{_named(network, other)} says {_short(factor)} times what "
                f"{network.name_of(int(network.topology.ids[first]))} says on every sample{more}: "
                "together they can do no more than one.",
            )
        )
    return findings


def _level_findings(network: Network, sizes: FloatArray, judged: BoolArray) -> list[Finding]:
    """Levels whose δ is far smaller or larger than the outputs' own."""
    topology = network.topology
    outputs = judged & (topology.kinds == Kind.OUTPUT)
    hidden = judged & (topology.kinds == Kind.HIDDEN)
    at_outputs = _root_mean_square(sizes[outputs])
    if not np.isfinite(at_outputs) or at_outputs <= 0.0:
        return []
    findings = []
    for level in np.unique(topology.levels[hidden]).tolist():
        members = hidden & (topology.levels == level)
        size = _root_mean_square(sizes[members])
        ratio = size / at_outputs
        if VANISHING_RATIO <= ratio <= EXPLODING_RATIO:
            continue
        kind = "vanishing" if ratio < VANISHING_RATIO else "exploding"
        rows: Rows = np.flatnonzero(members).tolist()
        if ratio == 0.0:
            continue  # nothing passes: the neurons behind it are dead or cut off, and say so
        times = 1.0 / ratio if ratio < 1.0 else ratio
        smaller = "smaller" if ratio < 1.0 else "larger"
        what = "learns next to nothing" if ratio < 1.0 else "jumps while the outputs hardly move"
        who = (
            _named(network, rows[0]) if len(rows) == 1 else f"Level {level} ({len(rows):,} neurons)"
        )
        findings.append(
            Finding(
                AILMENTS[kind],
                _ids(network, rows),
                {"ratio": ratio, "level": level, "delta": size},
                f"{who} gets a δ {_times(times)} times {smaller} than the outputs' own, so "
                f"that it {what}.",
            )
        )
    return findings


# ---------------------------------------------------------------------- who is connected to whom
def _spread(reached: BoolArray, sources: IntArray, targets: IntArray) -> BoolArray:
    """Everything that can be walked to along edges from what is reached already."""
    reached = reached.copy()
    while True:
        before = int(reached.sum())
        reached[targets[reached[sources]]] = True
        if int(reached.sum()) == before:
            return reached


def _live_edges(network: Network) -> tuple[IntArray, IntArray]:
    topology = network.topology
    rows = topology.edge_rows[network.enabled[: topology.edge_count]].astype(np.int64)
    on = network.neuron_enabled
    rows = rows[on[rows[:, 0]] & on[rows[:, 1]]]
    return rows[:, 0], rows[:, 1]


def _reach(network: Network) -> BoolArray:
    """``bool[N]``: reached from an input that is switched on."""
    sources, targets = _live_edges(network)
    start = (network.topology.kinds == Kind.INPUT) & network.neuron_enabled
    return _spread(start, sources, targets)


def _reach_findings(network: Network) -> list[Finding]:
    topology, on = network.topology, network.neuron_enabled
    if not topology.neuron_count:
        return []
    sources, targets = _live_edges(network)
    is_input = topology.kinds == Kind.INPUT
    fed = _reach(network)
    heard = _spread((topology.kinds == Kind.OUTPUT) & on, targets, sources)
    findings = []
    for row in np.flatnonzero(on & ~is_input & ~fed).tolist():
        findings.append(
            Finding(
                AILMENTS["unreachable"],
                _ids(network, [row]),
                {},
                f"No connection leads from an input to {network.name_of(int(topology.ids[row]))}, so "
                "that it cannot depend on the data.",
            )
        )
    for row in np.flatnonzero(on & ~is_input & fed & ~heard).tolist():
        findings.append(
            Finding(
                AILMENTS["unheard"],
                _ids(network, [row]),
                {},
                f"No connection leads from {network.name_of(int(topology.ids[row]))} to an output, "
                "so that nothing it says is heard.",
            )
        )
    for row in np.flatnonzero(on & is_input & ~heard).tolist():
        findings.append(
            Finding(
                AILMENTS["unused_input"],
                _ids(network, [row]),
                {},
                f"The input {network.name_of(int(topology.ids[row]))} leads to no output, so that "
                "the network cannot use it.",
            )
        )
    return findings


def _root_mean_square(values: FloatArray) -> float:
    return float(np.sqrt(np.mean(values * values))) if values.size else float("nan")


def _short(value: float) -> str:
    return plain_number(value + 0.0, 3)


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.9995 else f"{share:.1%}"


def _times(value: float) -> str:
    return f"{value:,.0f}" if value < 1e6 else short_exponent(f"{value:.0e}")
