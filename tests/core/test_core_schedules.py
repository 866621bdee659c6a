"""Every schedule against PyTorch's, step by step."""

import importlib.util
import itertools
import json
import math
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnplay.core.config import TrainingConfig
from nnplay.core.schedules import SCHEDULES, plateau_update, rate_factor, rates

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
FIGURES = json.loads((REFERENCE / "torch_optimizer_figures.json").read_text())
sys.path.insert(0, str(REFERENCE))
import torch_optimizer_oracle as oracle  # noqa: E402

sys.path.remove(str(REFERENCE))
EACH = oracle.STEPS_PER_EPOCH


def config_of(name: str, settings: dict[str, Any]) -> TrainingConfig:
    return TrainingConfig(schedule=name, learning_rate=oracle.RATE, **settings)


def course(config: TrainingConfig, epochs: int, each: int = EACH) -> list[float]:
    """The rate of every step over some epochs, with the oracle's losses at their ends."""
    counters: dict[str, float] = {}
    found: list[float] = []
    for epoch in range(epochs):
        found += rates(config, epoch, 0, each, each, counters).tolist()
        if epoch < len(oracle.LOSSES):
            counters = plateau_update(config, counters, oracle.LOSSES[epoch])
    return found


@pytest.mark.parametrize(("number", "variant"), list(enumerate(oracle.SCHEDULES)))
def test_schedules_equal_recorded_torch_figures(
    number: int, variant: tuple[str, dict[str, Any]]
) -> None:
    expected = FIGURES["schedules"][number]
    found = course(config_of(*variant), len(expected) // EACH)
    assert found == pytest.approx(expected, rel=1e-12)
    assert len(set(found)) > 1


def test_schedules_equal_torch_live() -> None:
    if importlib.util.find_spec("torch") is None:
        return  # the recorded figures above were compared
    import torch

    for variant in oracle.SCHEDULES:
        expected = oracle.scheduled(torch, *variant)
        found = course(config_of(*variant), len(expected) // EACH)
        assert found == pytest.approx(expected, rel=1e-12), variant
    assert FIGURES["warm_up"] == pytest.approx(oracle.warmed_up(torch, 6), rel=1e-14)


def test_every_schedule_has_been_compared() -> None:
    assert {name for name, _ in oracle.SCHEDULES} | {"constant"} == set(SCHEDULES)
    assert course(config_of("constant", {}), 4) == [oracle.RATE] * 4 * EACH


def test_warm_up_rises_as_in_torch_and_ends() -> None:
    found = course(config_of("constant", {"warmup_epochs": 2}), 3)
    assert found == pytest.approx(FIGURES["warm_up"], rel=1e-14)
    assert found[6:] == [oracle.RATE] * 3


@pytest.mark.parametrize("variant", oracle.SCHEDULES)
def test_warm_up_shifts_the_schedule_behind_it(variant: tuple[str, dict[str, Any]]) -> None:
    config = config_of(*variant)
    if config.schedule == "plateau":  # it follows losses, not epochs
        warm = replace(config, warmup_epochs=3)
        kept = {"plateau_factor": 0.25}
        assert rates(warm, 3, 0, 3, EACH, kept).tolist() == [oracle.RATE * 0.25] * 3
        assert rates(warm, 0, 0, 1, EACH, kept)[0] == pytest.approx(oracle.RATE * 0.25 / 9)
        return
    alone, shifted = course(config, 10), course(replace(config, warmup_epochs=3), 13)
    assert shifted[3 * EACH :] == alone
    rising = [alone[0] * (step + 1) / 9 for step in range(9)]
    assert shifted[: 3 * EACH] == pytest.approx(rising, rel=1e-14)


def test_cosine_and_one_cycle_stay_at_their_ends() -> None:
    cosine = course(config_of("cosine", {"schedule_epochs": 4, "schedule_factor": 0.1}), 9)
    assert cosine[4 * EACH :] == [oracle.RATE * 0.1] * 5 * EACH
    cycle = course(config_of("one_cycle", {"schedule_epochs": 4}), 9)
    assert cycle[4 * EACH :] == pytest.approx([oracle.RATE / 250_000] * 5 * EACH, rel=1e-12)
    assert cycle[4 * EACH - 1] == pytest.approx(oracle.RATE / 250_000, rel=1e-9)


@pytest.mark.parametrize(("epochs", "each"), list(itertools.product([1, 2, 10], [1, 2, 5])))
def test_short_cycles_are_finite_and_never_above_the_rate(epochs: int, each: int) -> None:
    found = np.array(course(config_of("one_cycle", {"schedule_epochs": epochs}), epochs, each))
    assert np.isfinite(found).all()
    assert (found > 0).all()
    assert found.max() <= oracle.RATE * (1 + 1e-12)


@pytest.mark.parametrize("name", list(SCHEDULES))
@pytest.mark.parametrize("warmup", [0, 3])
def test_rates_do_not_depend_on_how_steps_are_grouped(name: str, warmup: int) -> None:
    config = TrainingConfig(
        schedule=name, schedule_epochs=7, learning_rate=0.3, warmup_epochs=warmup
    )
    counters = {"plateau_factor": 0.125}
    for epoch in range(9):
        whole = rates(config, epoch, 0, 37, 37, counters)
        parts = [rates(config, epoch, k, min(5, 37 - k), 37, counters) for k in range(0, 37, 5)]
        assert np.array_equal(whole, np.concatenate(parts))
        single = [0.3 * rate_factor(config, epoch, k, 37, counters) for k in range(37)]
        assert np.array_equal(whole, single)
        assert whole.dtype == np.float64
        whole *= 2.0  # whoever got them may write into them
        assert np.array_equal(whole, 2.0 * np.concatenate(parts))
        assert np.array_equal(rates(config, epoch, 0, 37, 37, counters) * 2.0, whole)


def test_plateau_remembers_finite_numbers_only_and_leaves_others_alone() -> None:
    config = config_of("plateau", {"schedule_epochs": 1, "schedule_factor": 0.5})
    counters: dict[str, float] = {"other": 3.0}
    for loss, bad, factor in (
        (math.inf, 1, 1.0),
        (math.nan, 0, 0.5),  # two bad epochs are more than one
        (1.0, 0, 0.5),
        (0.9999, 1, 0.5),  # better, but by less than 0.01 %
        (math.nan, 0, 0.25),
        (0.5, 0, 0.25),
    ):
        before = dict(counters)
        after = plateau_update(config, counters, loss)
        assert counters == before
        counters = after
        assert (counters["plateau_bad"], counters["plateau_factor"]) == (bad, factor)
        assert all(math.isfinite(value) for value in counters.values())
    assert counters["plateau_best"] == 0.5
    assert counters["other"] == 3.0
    assert plateau_update(replace(config, schedule="step"), {"a": 1.0}, 0.1) == {"a": 1.0}


def test_plateau_leaves_rates_alone_that_are_almost_zero() -> None:
    config = TrainingConfig(
        schedule="plateau", schedule_epochs=1, schedule_factor=0.1, learning_rate=1e-8
    )
    counters: dict[str, float] = {}
    for _ in range(6):
        counters = plateau_update(config, counters, 1.0)
    assert counters["plateau_factor"] == 1.0


@pytest.mark.parametrize("name", list(SCHEDULES))
def test_the_table_says_what_people_need(name: str) -> None:
    schedule = SCHEDULES[name]
    assert schedule.name == name
    assert schedule.title
    assert schedule.formula
    assert schedule.source
    assert schedule.sentence.endswith(".")
    assert set(schedule.settings) <= {field.name for field in fields(TrainingConfig)}
    reads_factor = "schedule_factor" in schedule.settings
    first = course(TrainingConfig(schedule=name, schedule_epochs=2, schedule_factor=0.5), 12)
    other = course(TrainingConfig(schedule=name, schedule_epochs=2, schedule_factor=0.25), 12)
    assert (first != other) == reads_factor
