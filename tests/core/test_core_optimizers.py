"""Every optimiser against PyTorch's, with the same gradients on both sides."""

import importlib.util
import json
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnplay.core.config import TrainingConfig
from nnplay.core.optimizers import OPTIMIZERS

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
FIGURES = json.loads((REFERENCE / "torch_optimizer_figures.json").read_text())
sys.path.insert(0, str(REFERENCE))
import torch_optimizer_oracle as oracle  # noqa: E402

sys.path.remove(str(REFERENCE))
IS_WEIGHT = np.arange(oracle.PARAMETERS) < oracle.WEIGHTS
VARIANTS = list(enumerate(oracle.VARIANTS))


class Run:
    """An optimiser at work on a gradient function."""

    def __init__(
        self,
        name: str,
        settings: dict[str, float],
        mask: Any = None,
        dtype: Any = np.float64,
        arrays: dict[str, Any] | None = None,
        theta: Any = None,
    ) -> None:
        self.optimizer, self.settings = OPTIMIZERS[name], settings
        self.theta = (oracle.start() if theta is None else theta).astype(dtype)
        self.gradient = np.empty_like(self.theta)
        self.arrays = arrays or {n: np.zeros_like(self.theta) for n in self.optimizer.array_names}
        self.mask = mask if mask is None else mask.astype(dtype)
        config = TrainingConfig(optimizer=name, **settings)
        self.update = self.optimizer.bind(
            config, self.theta, self.gradient, self.arrays, self.mask, is_weight=IS_WEIGHT
        )

    def step(self, gradient: Any, number: int) -> None:
        rate = oracle.rate_at(self.settings, number)
        self.gradient[:] = gradient(self.theta)
        if self.optimizer.scales_linearly:  # then rate and mask are the trainer's business
            self.gradient *= rate
            self.gradient *= 1.0 if self.mask is None else self.mask
        self.update(number + 1, rate)


def run(name: str, settings: dict[str, float], objective: str, **options: Any) -> list[Any]:
    """Parameters after steps 1, 2, 20 and 200."""
    job, gradient, found = Run(name, settings, **options), oracle.OBJECTIVES[objective](), []
    for number in range(oracle.STEPS):
        job.step(gradient, number)
        if number + 1 in (1, 2, 20, 200):
            found.append(job.theta.copy())
    return found


def relative(found: Any, expected: Any) -> float:
    found, expected = np.asarray(found), np.asarray(expected)
    return float(np.abs(found - expected).max() / max(1.0, float(np.abs(expected).max())))


@pytest.mark.parametrize("objective", list(oracle.OBJECTIVES))
@pytest.mark.parametrize(("number", "variant"), VARIANTS)
def test_two_hundred_steps_equal_recorded_torch_figures(
    number: int, variant: tuple[str, dict[str, float]], objective: str
) -> None:
    found, expected = run(*variant, objective), FIGURES["optimizers"][number][objective]
    assert len(found) == 4
    for parameters, theirs in zip(found, expected, strict=True):
        assert relative(parameters, theirs) < 1e-12
    assert relative(found[-1], oracle.start()) > 0.01


@pytest.mark.parametrize("objective", list(oracle.OBJECTIVES))
def test_two_hundred_steps_equal_torch_live(objective: str) -> None:
    if importlib.util.find_spec("torch") is None:
        return  # the recorded figures above were compared
    import torch

    for variant in oracle.VARIANTS:
        expected = oracle.run(torch, *variant, objective)
        assert relative(run(*variant, objective), expected) < 1e-12, variant


def test_every_optimizer_and_every_setting_of_it_has_been_compared() -> None:
    assert {name for name, _ in oracle.VARIANTS} == set(OPTIMIZERS)
    for name, optimizer in OPTIMIZERS.items():
        read = {key for other, settings in oracle.VARIANTS if other == name for key in settings}
        assert set(optimizer.settings) == read - {"learning_rate"}


@pytest.mark.parametrize("objective", list(oracle.OBJECTIVES))
@pytest.mark.parametrize(("number", "variant"), VARIANTS)
def test_single_precision_is_near_and_stays_single(
    number: int, variant: tuple[str, dict[str, float]], objective: str
) -> None:
    found = run(*variant, objective, dtype=np.float32)
    assert all(parameters.dtype == np.float32 for parameters in found)
    assert relative(found[2], FIGURES["optimizers"][number][objective][2]) < 2e-3


@pytest.mark.parametrize("objective", list(oracle.OBJECTIVES))
@pytest.mark.parametrize(("number", "variant"), VARIANTS)
def test_masked_parameters_never_move(
    number: int, variant: tuple[str, dict[str, float]], objective: str
) -> None:
    mask = np.arange(oracle.PARAMETERS) % 3 != 1
    for parameters in run(*variant, objective, mask=mask):
        assert np.array_equal(parameters[~mask], oracle.start()[~mask])
        assert (parameters[mask] != oracle.start()[mask]).all()
    # Also those that were frozen in the middle of a run, when the memory still pushes them.
    first = Run(*variant)
    gradient = oracle.OBJECTIVES[objective]()
    for step in range(30):
        first.step(gradient, step)
    held = first.theta.copy()
    second = Run(*variant, mask=mask, arrays=first.arrays, theta=held)
    for step in range(30, 60):
        second.step(gradient, step)
    assert np.array_equal(second.theta[~mask], held[~mask])
    assert not np.array_equal(second.theta, held)


@pytest.mark.parametrize(("number", "variant"), VARIANTS)
def test_arrays_and_number_are_the_whole_memory(
    number: int, variant: tuple[str, dict[str, float]]
) -> None:
    """Going back is putting numbers back; going on elsewhere is taking them along."""
    gradient, job = oracle.network_gradient(), Run(*variant)
    for step in range(25):
        job.step(gradient, step)
    theta, arrays = job.theta.copy(), {name: a.copy() for name, a in job.arrays.items()}
    for step in range(25, 50):
        job.step(gradient, step)
    end = job.theta.copy()
    other = Run(*variant, theta=theta, arrays={name: a.copy() for name, a in arrays.items()})
    job.theta[:] = theta
    for name, values in arrays.items():
        job.arrays[name][:] = values
    for again in (job, other):
        for step in range(25, 50):
            again.step(gradient, step)
        assert np.array_equal(again.theta, end)


def test_weights_decay_without_gradients_and_biases_do_not() -> None:
    job = Run("adamw", {"learning_rate": 0.5, "weight_decay": 0.1})
    job.step(np.zeros_like, 0)
    assert np.allclose(job.theta[IS_WEIGHT], oracle.start()[IS_WEIGHT] * 0.95, rtol=1e-15)
    assert np.array_equal(job.theta[~IS_WEIGHT], oracle.start()[~IS_WEIGHT])


@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_numbers_that_are_none_do_not_hide(name: str) -> None:
    job = Run(name, {"learning_rate": 0.1})
    job.step(oracle.random_gradient(), 0)
    with np.errstate(all="ignore"):
        job.step(lambda theta: np.full_like(theta, np.nan), 1)
    assert np.isnan(job.theta).all()


def test_lbfgs_rests_where_nothing_is_left_to_gain() -> None:
    job = Run("lbfgs", {"learning_rate": 1.0})
    job.step(lambda theta: np.full_like(theta, 1e-7), 0)
    assert np.array_equal(job.theta, oracle.start())
    assert not any(values.any() for values in job.arrays.values())
    job.step(lambda theta: np.full_like(theta, 1e-6), 0)  # its slope is below 1e-9
    assert np.array_equal(job.theta, oracle.start())
    job.step(lambda theta: np.full_like(theta, 1e-2), 0)
    assert not np.array_equal(job.theta, oracle.start())


def test_lbfgs_finds_the_minimum_of_a_bowl_in_few_steps() -> None:
    curvature = np.linspace(1.0, 5.0, oracle.PARAMETERS)
    job = Run("lbfgs", {"learning_rate": 1.0})
    optimizer = OPTIMIZERS["lbfgs"]
    update = optimizer.bind(TrainingConfig(), job.theta, job.gradient, job.arrays, None)
    for number in range(1, 31):
        job.gradient[:] = curvature * (job.theta - 2.0)
        update(number, 1.0)
    assert np.abs(job.theta - 2.0).max() < 1e-5


def test_rprop_starts_parameters_that_join_later_like_all_others() -> None:
    job = Run("rprop", {"learning_rate": 0.01})
    gradient = oracle.network_gradient()
    for step in range(10):
        job.step(gradient, step)
    for values in job.arrays.values():
        values[3] = 0.0
    before = job.theta[3]
    job.step(gradient, 0)
    assert abs(job.theta[3] - before) == pytest.approx(0.01)


@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_the_table_says_what_people_need(name: str) -> None:
    optimizer = OPTIMIZERS[name]
    assert optimizer.name == name
    assert set(optimizer.settings) <= {field.name for field in fields(TrainingConfig)}
    assert optimizer.sentence.endswith(".")
    assert optimizer.source
    assert optimizer.usual_rate > 0
    assert len(set(optimizer.array_names)) == len(optimizer.array_names)
    assert optimizer.needs_full_batch == (name in ("rprop", "lbfgs"))
    # Settings that are not named change nothing.
    others = {
        field.name: getattr(TrainingConfig(), field.name) * 0.5
        for field in fields(TrainingConfig)
        if isinstance(field.default, float) and field.name not in optimizer.settings
    }
    config = TrainingConfig()
    ends = []
    for changed in (config, replace(config, **others)):
        theta, values = oracle.start(), oracle.network_gradient()
        gradient = np.empty_like(theta)
        arrays = {n: np.zeros_like(theta) for n in optimizer.array_names}
        update = optimizer.bind(changed, theta, gradient, arrays, None, is_weight=IS_WEIGHT)
        for number in range(1, 6):
            gradient[:] = values(theta)
            update(number, 0.1)
        ends.append(theta)
    assert np.array_equal(*ends)
