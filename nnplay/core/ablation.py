"""What the network would lose without each neuron or connection; the network itself is not touched.

A neuron that always says 0 is a neuron whose outgoing weights are 0, so that one compiled program
serves all trials: only its parameters change from one to the next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from nnplay.core.checks import check_network
from nnplay.core.config import LossChoice, loss_settings
from nnplay.core.evaluation import Evaluator
from nnplay.core.health import even_rows
from nnplay.core.network import Network
from nnplay.core.parts import make_part
from nnplay.core.program import Program
from nnplay.core.samples import Samples
from nnplay.core.targets import accuracy
from nnplay.core.topology import Kind

__all__ = ["Ablation", "Without", "ablate", "part_of"]

IntArray = npt.NDArray[np.int64]
Subject = Literal["neurons", "edges"]

MOST_SAMPLES: Final = 4096
# Multiplications of one kind of trial in all, about 20 s of work; more trials use fewer samples.
_BUDGET: Final = 3e10
_FEWEST_SAMPLES: Final = 256


@dataclass(frozen=True)
class Without:
    """The network without one thing.

    Attributes:
        neuron: id of the neuron left out, or None.
        slot: slot of the connection left out, or None.
        loss: mean loss without it.
        accuracy: share of right classes without it, or None.
        change: how much larger the loss is than with it; negative where it is better without.
    """

    neuron: int | None
    slot: int | None
    loss: float
    accuracy: float | None
    change: float


@dataclass(frozen=True)
class Ablation:
    """All trials of one kind.

    Attributes:
        subject: ``neurons`` or ``edges``.
        trials: those that matter least first; ties in the network's order.
        loss, accuracy: of the whole network over the same samples.
        samples: number of samples. total: number there are.
    """

    subject: Subject
    trials: tuple[Without, ...]
    loss: float
    accuracy: float | None
    samples: int
    total: int


def part_of(samples: Samples, rows: IntArray) -> Samples:
    """Some of the samples."""
    return Samples(
        samples.inputs[rows],
        None if samples.values is None else samples.values[rows],
        None if samples.classes is None else samples.classes[rows],
        samples.class_count,
    )


def ablate(
    network: Network,
    samples: Samples,
    loss: LossChoice,
    subject: Subject = "neurons",
    *,
    look_around: Callable[[], None] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Ablation:
    """Leave out one thing after the other: inputs and hidden neurons, or connections.

    Only what is switched on is tried. Outputs are not left out: their samples could not be judged.

    Args:
        network: with the parameters it has now.
        samples: what the loss is computed over; of many some are taken, evenly spread, the fewer
            the more there is to try.
        loss: the loss.
        subject: what is left out.
        look_around: called between trials and chunks of samples; may raise to give it all up.
        on_progress: called with the number of trials done and of all.

    Raises :class:`nnplay.core.errors.TrainingError` when network, samples and loss do not go
    together.
    """
    settings = loss_settings(loss)
    check_network(network, settings.name)
    groups = _groups(network, subject)
    edges = max(1, network.topology.edge_count)
    limit = int(_BUDGET / (edges * max(1, len(groups))))
    rows = even_rows(len(samples), min(MOST_SAMPLES, max(_FEWEST_SAMPLES, limit)))
    chosen = part_of(samples, rows)
    program = Program(network, 1)
    part = make_part(chosen, network, program.layout, settings, program.dtype)
    evaluator = Evaluator(program, part, settings)

    def judge() -> tuple[float, float | None]:
        with np.errstate(all="ignore"):
            value = evaluator.loss(look_around)
            if chosen.classes is None:
                return value, None
            share = accuracy(evaluator.outputs(), chosen, network, settings.name)
        return value, share

    whole, share = judge()
    trials: list[Without] = []
    for neuron, slot, slots in groups:
        if look_around is not None:
            look_around()
        theta = network.theta.copy()
        theta[slots] = 0.0
        program.set_parameters(theta)
        value, right = judge()
        trials.append(Without(neuron, slot, value, right, value - whole))
        if on_progress is not None:
            on_progress(len(trials), len(groups))
    trials.sort(key=_importance)
    return Ablation(subject, tuple(trials), whole, share, int(rows.size), len(samples))


def _importance(trial: Without) -> float:
    return trial.change if np.isfinite(trial.change) else np.inf


def _groups(network: Network, subject: Subject) -> list[tuple[int | None, int | None, IntArray]]:
    topology = network.topology
    if subject == "edges":
        on = network.neuron_enabled[topology.edge_rows].all(axis=1)
        slots = np.flatnonzero(network.enabled[: topology.edge_count] & on)
        return [(None, slot, np.array([slot])) for slot in slots.tolist()]
    rows = np.flatnonzero((topology.kinds != Kind.OUTPUT) & network.neuron_enabled)
    return [(int(topology.ids[row]), None, topology.outgoing_slots[row]) for row in rows.tolist()]
