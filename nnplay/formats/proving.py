"""What an exported program must compute: inputs to try, and the outputs of the network for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.network import Network
from nnplay.core.plain_numbers import plain_number
from nnplay.core.program import Program
from nnplay.formats.errors import FormatError
from nnplay.formats.groups import Plan

__all__ = ["SAMPLES", "Trial", "deviation_of", "includes_preparation", "trial_of"]

FloatArray = npt.NDArray[np.float64]

SAMPLES: Final = 64
SLACK: Final = 16.0
"""Rounding of every step of a program may do so much more than rounding of its numbers alone."""


@dataclass(frozen=True, eq=False)
class Trial:
    """Inputs for an exported program, and what must come out.

    Attributes:
        inputs: ``float64[64, columns]``: raw columns, or what the input neurons receive.
        outputs: ``float64[64, outputs]``, in units of the target where it is prepared.
        blur: ``float64[64, outputs]``: how much the outputs change when numbers and inputs are
            rounded as the program rounds them. Large only where a network magnifies rounding.
    """

    inputs: FloatArray
    outputs: FloatArray
    blur: FloatArray


def includes_preparation(plan: Plan, wish: bool | None) -> bool:
    """Whether an export takes raw columns: as wished, or where there is any preparation.

    Raises:
        FormatError: it is wished, but the data do not fit the network.
    """
    if not plan.input_rows.size or not plan.output_rows.size:
        raise FormatError("An export needs at least one input and one output. Add what is missing.")
    if wish and plan.input_stage is None:
        raise FormatError(
            "The preparation of the data cannot go along, because the data do not fit the network. "
            "Choose data that fit, or leave the preparation out."
        )
    return plan.has_preparation if wish is None else wish


def trial_of(plan: Plan, with_preparation: bool, dtype: str = "float64") -> Trial:
    """64 inputs: samples of the data, a little moved, or random numbers; always the same."""
    random = np.random.default_rng(0)
    network = plan.network
    rounding = 2.0**-24 if dtype == "float32" else 2.0**-52
    prepared, numeric = plan.prepared, None
    if with_preparation and prepared is not None and plan.input_stage is not None:
        raw = np.array(prepared.raw[random.integers(0, len(prepared.raw), SAMPLES)])
        if dtype == "float32":
            raw = raw.astype(np.float32).astype(np.float64)
        inputs, given = raw, prepared.input_matrix(network, raw)
        numeric = np.array(prepared.raw_numeric, dtype=np.bool_)
    else:
        inputs = given = random.normal(size=(SAMPLES, plan.input_rows.size))
        if dtype == "float32":
            inputs = given = inputs.astype(np.float32).astype(np.float64)
    after = plan.output_stage if with_preparation else None
    mean, deviation = (after.mean, after.deviation) if after is not None else (0.0, 1.0)
    exact = _outputs(network, given) * deviation + mean
    blur = np.zeros_like(exact)
    with np.errstate(all="ignore"):
        for _ in range(2):
            theta = network.theta * (1 + random.uniform(-1, 1, network.theta.size) * rounding)
            near = inputs * (1 + random.uniform(-1, 1, inputs.shape) * rounding)
            if prepared is not None and numeric is not None:
                near = prepared.input_matrix(network, np.where(numeric, near, inputs))
            other = _outputs(network.with_theta(theta), near) * deviation + mean
            change = np.abs(other - exact)
            blur = np.maximum(blur, np.where(np.isfinite(change), change, np.inf))
    return Trial(inputs, exact, blur)


def _outputs(network: Network, inputs: FloatArray) -> FloatArray:
    with np.errstate(all="ignore"):
        return np.array(Program(network, SAMPLES).forward(inputs), dtype=np.float64)


def deviation_of(trial: Trial, found: FloatArray, tolerance: float, judge: str) -> float:
    """Largest difference to what must come out, relative to outputs larger than 1.

    Differences that rounding explains, because the network magnifies it, are allowed.

    Raises:
        FormatError: the program computes something else.
    """
    if found.shape != trial.outputs.shape:
        raise FormatError(f"Run with {judge}, the export gives another number of outputs.")
    exact = trial.outputs
    with np.errstate(all="ignore"):
        scale = np.maximum(1.0, np.abs(exact))
        difference = np.abs(found - exact)
        allowed = tolerance * scale + SLACK * trial.blur
        same = (found == exact) | ~np.isfinite(exact) | (difference <= allowed)
        relative = np.where(np.isfinite(difference) & np.isfinite(exact), difference / scale, 0.0)
    if not same.all():
        worst = float(np.max(np.where(same, 0.0, np.nan_to_num(difference / scale, nan=np.inf))))
        raise FormatError(
            f"Run with {judge}, the export gives other outputs than the network (by {plain_number(worst, 2)}). "
            "Nothing was written; please report this."
        )
    return float(relative.max(initial=0.0))
