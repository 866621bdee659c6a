"""The update of one step, number by number, by the very parts that train."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.core.engine import Plan
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.core.regularizers import DeadLinks, MaxNorm, NormClip, ValueClip, penalty_gradient_adder
from nnplay.core.sample_pass import SamplePass

__all__ = ["Update", "update_of"]

Array = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]

# Parameters times samples up to which the loss after the step is worth passes of its own.
_CHEAP: Final = 20_000_000


@dataclass(frozen=True, eq=False)
class Update:
    """What the optimiser makes of a gradient; vectors are ``float64[P]`` in compact order.

    Attributes:
        rate: the learning rate of this step, by settings and schedule.
        number: the optimiser's number of this update, 1 for its first.
        penalty: what the l2 and l1 penalties add to the gradient.
        movable: ``bool[P]``, false for frozen and disabled parameters, whose gradient becomes 0.
        gradient: what the optimiser gets: with penalty, frozen ones 0, clipped.
        clip_factor: what clipping the whole gradient's length multiplied by, 1 if nothing.
        value_clipped: ``bool[P]``, where a single derivative was cut off.
        before, after: the parameters (disabled ones 0).
        moved: the parameters behind the optimiser's update alone, before dead links and max-norm.
        memory_before, memory_after: the optimiser's arrays by name.
        predicted: gradient · change, what the loss would change by if it were a plane.
        actual: what it does change by on the same samples; None where that takes long.
        focus_predicted, focus_actual: the same if only the parameters asked for changed.
    """

    rate: float
    number: int
    penalty: FloatArray
    movable: npt.NDArray[np.bool_]
    gradient: FloatArray
    clip_factor: float
    value_clipped: npt.NDArray[np.bool_]
    before: FloatArray
    moved: FloatArray
    after: FloatArray
    memory_before: Mapping[str, FloatArray]
    memory_after: Mapping[str, FloatArray]
    predicted: float
    actual: float | None
    focus_predicted: float
    focus_actual: float | None


@dataclass(frozen=True, eq=False)
class _Stages:
    """Padded vectors on the way from a gradient to new parameters."""

    penalty: Array
    given: Array
    clip_factor: float
    value_clipped: npt.NDArray[np.bool_]
    before: Array
    moved: Array
    after: Array
    memory: Mapping[str, Array]


def update_of(
    plan: Plan, samples: SamplePass, rate: float, number: int, focus: tuple[int, ...]
) -> Update:
    """What the step would do with the gradient that ``samples`` holds; nothing of the plan changes.

    Args:
        plan: parameters, memory and settings.
        samples: behind its pass at the plan's parameters.
        rate: learning rate of the step.
        number: the optimiser's number of the update.
        focus: slots whose own share in the change of the loss is wanted.
    """
    positions, raw = plan.layout.positions, samples.gradient.copy()
    with np.errstate(all="ignore"):
        stages = _stages(plan, raw, rate, number)
        change = stages.after - stages.before
        chosen = positions[np.array(focus, dtype=np.int64)]
        actual = focus_actual = None
        if plan.layout.size * len(plan.train_in_order) <= _CHEAP:
            here = samples.program.parameters
            loss = samples.run()
            np.copyto(here, stages.after)
            actual = samples.run() - loss
            np.copyto(here, stages.before)
            here[chosen] = stages.after[chosen]
            focus_actual = samples.run() - loss if chosen.size else 0.0
            np.copyto(here, stages.before)
        predicted = float(raw.dot(change))
        focus_predicted = float(raw[chosen].dot(change[chosen]))
    return Update(
        rate=rate,
        number=number,
        penalty=stages.penalty[positions],
        movable=plan.movable[positions],
        gradient=stages.given[positions],
        clip_factor=stages.clip_factor,
        value_clipped=stages.value_clipped[positions],
        before=stages.before[positions],
        moved=stages.moved[positions],
        after=stages.after[positions],
        memory_before={name: values[positions] for name, values in plan.memory.items()},
        memory_after={name: values[positions] for name, values in stages.memory.items()},
        predicted=predicted,
        actual=actual,
        focus_predicted=focus_predicted,
        focus_actual=focus_actual,
    )


def _stages(plan: Plan, raw: Array, rate: float, number: int) -> _Stages:
    """Penalties, frozen parameters, clipping, optimiser, dead links, max-norm: the order of
    :mod:`nnplay.core.engine`.
    """
    config, layout = plan.config, plan.layout
    optimizer = OPTIMIZERS[config.optimizer]
    parameters = plan.parameters.copy()
    memory = {name: values.copy() for name, values in plan.memory.items()}
    gradient, penalty = raw.copy(), np.zeros_like(raw)
    l1 = 0.0 if config.l1_dead_links else config.l1
    for vector in (gradient, penalty):
        for function, arguments in penalty_gradient_adder(
            parameters, vector, layout.is_weight, l1, config.l2
        ):
            function(*arguments)
    mask = None
    if config.l1_dead_links or not plan.movable.all():
        mask = plan.movable.astype(np.float64)
        np.multiply(gradient, mask, gradient)
    unclipped = gradient.copy()
    if config.clip_value:
        ValueClip(config.clip_value)(gradient)
    value_clipped = gradient != unclipped
    unclipped = gradient.copy()
    if config.clip_norm:
        NormClip(config.clip_norm)(gradient)
    largest = int(np.abs(unclipped).argmax()) if gradient.size else 0
    factor = 1.0
    if gradient.size and unclipped[largest]:
        factor = float(gradient[largest] / unclipped[largest])
    given, before = gradient.copy(), parameters.copy()
    update = optimizer.bind(config, parameters, gradient, memory, mask, is_weight=layout.is_weight)
    if optimizer.scales_linearly:
        np.multiply(gradient, rate, gradient)
    update(number, rate)
    moved = parameters.copy()
    if config.l1_dead_links and config.l1 and mask is not None:
        dead = np.zeros(layout.size, dtype=bool)
        links = DeadLinks(parameters, mask, layout.is_weight, dead, config.l1)
        links.look()
        links(rate)
    if config.max_norm:
        MaxNorm(layout, parameters, mask, config.max_norm)()
    return _Stages(penalty, given, factor, value_clipped, before, moved, parameters, memory)
