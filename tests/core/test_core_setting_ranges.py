"""What a training setting may be, and the sentence when it is something else."""

import math
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from nnplay.core.checks import check_config, check_seed
from nnplay.core.config import TrainingConfig
from nnplay.core.errors import TrainingError
from nnplay.core.setting_ranges import CHOICES, MAX_COUNT, MAX_SEED, RANGES, problem

COUNTS = ("batch_size", "schedule_epochs", "warmup_epochs", "patience", "stop_epoch")


def with_settings(**settings: Any) -> TrainingConfig:
    return TrainingConfig(**settings)


def test_every_setting_has_its_range() -> None:
    check_config(TrainingConfig())
    for field in fields(TrainingConfig):
        if isinstance(field.default, str):
            assert field.name in CHOICES
        elif isinstance(field.default, float) or field.name in COUNTS:
            assert field.name in RANGES
            assert field.default in RANGES[field.name]
        else:
            assert isinstance(field.default, bool) or field.name in (
                "shuffle_seed",
                "class_weights",
            )
    assert len(CHOICES) + len(RANGES) == sum(
        isinstance(f.default, str | float) or f.name in COUNTS for f in fields(TrainingConfig)
    )


@pytest.mark.parametrize(
    ("low", "high", "names"),
    [
        ("above", None, ["learning_rate", "epsilon", "huber_delta"]),
        ("from", "below", ["momentum", "beta1", "beta2", "rms_decay", "label_smoothing"]),
        ("from", "to", ["dampening"]),
        (
            "from",
            None,
            [
                "weight_decay",
                "l1",
                "l2",
                "clip_norm",
                "clip_value",
                "max_norm",
                "min_improvement",
                "stop_seconds",
                "stop_loss",
            ],
        ),
    ],
)
def test_ranges_of_numbers(low: str, high: str | None, names: list[str]) -> None:
    least, most = 5e-324, 1.7976931348623157e308
    for name in names:
        good = [least, 0.5, *([0.0] if low == "from" else [])]
        bad: list[Any] = [-least, -1.0, -math.inf, math.inf, math.nan, "much", None, True]
        bad += [0.0] if low == "above" else []
        if high is None:
            good += [1.0, 1e9, most]
        else:
            good += [1 - 2**-53, *([1.0] if high == "to" else [])]
            bad += [1 + 2**-52, most, *([1.0] if high == "below" else [])]
        for value in good:
            check_config(with_settings(**{name: value}))
        for value in bad:
            found = problem(with_settings(**{name: value}))
            assert found is not None, (name, value)
            assert found.setting == name
            title = RANGES[name].title
            assert found.sentence == f"The {title} must be {found.expected}, not {value}."
            with pytest.raises(TrainingError) as caught:
                check_config(with_settings(**{name: value}))
            assert str(caught.value) == found.sentence


@pytest.mark.parametrize("name", COUNTS)
def test_ranges_of_whole_numbers(name: str) -> None:
    low = 0 if name in ("warmup_epochs", "stop_epoch") else 1
    for good in (low, 7, 7.0, np.int64(7), MAX_COUNT):
        check_config(with_settings(**{name: good}))
    for bad, words in (
        (low - 1, f"must be at least {low}, not {low - 1}."),
        (2.5, "must be a whole number, not 2.5."),
        (math.inf, "must be a whole number, not inf."),
        (math.nan, "must be a whole number, not nan."),
        ("ten", "must be a whole number, not ten."),
        (True, "must be a whole number, not True."),
        (MAX_COUNT + 1, "must be at most 2⁵³, not 9007199254740993."),
        (10**400, "must be at most 2⁵³"),
    ):
        with pytest.raises(TrainingError) as caught:
            check_config(with_settings(**{name: bad}))
        assert words in str(caught.value)


@pytest.mark.parametrize("name", list(CHOICES))
def test_names_that_do_not_exist_are_refused_with_those_that_do(name: str) -> None:
    title, names = CHOICES[name]
    for good in names:
        check_config(with_settings(**{name: good}))
    with pytest.raises(TrainingError) as caught:
        check_config(with_settings(**{name: "swish"}))
    assert str(caught.value) == (f"There is no {title} “swish”; choose one of {', '.join(names)}.")


def test_class_weights_are_above_0() -> None:
    check_config(with_settings(class_weights=(1, 2.5)))
    for bad in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(TrainingError, match="The weight of class 2 must be a number above 0"):
            check_config(with_settings(class_weights=(1.0, bad)))


def test_only_schedules_that_do_not_multiply_by_it_take_a_factor_of_0() -> None:
    for schedule in CHOICES["schedule"][1]:
        config = with_settings(schedule=schedule, schedule_factor=0.0)
        found = problem(config)
        if schedule in ("step", "exponential", "plateau"):
            assert found is not None
            assert found.sentence == (
                "The factor of the schedule must be a number above 0, not 0.0."
            )
        else:
            assert found is None
        check_config(with_settings(schedule=schedule, schedule_factor=1.0))
        for bad in (-0.1, 1.1, math.nan):
            assert problem(with_settings(schedule=schedule, schedule_factor=bad)) is not None


def test_seeds_are_whole_numbers_that_files_can_carry() -> None:
    for good in (0, 7, MAX_SEED):
        check_seed(good)
        check_config(with_settings(shuffle_seed=good))
    check_config(with_settings(shuffle_seed=None))
    for bad, words in ((-1, "0 or more"), (0.5, "whole"), ("a", "whole"), (2**64, "less than")):
        seed: Any = bad
        with pytest.raises(TrainingError, match=words):
            check_seed(seed)
        with pytest.raises(TrainingError, match=words):
            check_config(with_settings(shuffle_seed=seed))
    nothing: Any = None
    with pytest.raises(TrainingError, match="whole"):
        check_seed(nothing)


@pytest.mark.parametrize("value", [0.0, -3.5, 1e300])
def test_the_initial_value_is_any_finite_number(value: float) -> None:
    check_config(with_settings(initial_value=value))
    with pytest.raises(TrainingError, match="The initial value must be a finite number"):
        check_config(with_settings(initial_value=math.inf))
