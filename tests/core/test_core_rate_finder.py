"""The search for a learning rate: what it suggests trains well, and it touches nothing else."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nnplay.core.config import TrainingConfig
from nnplay.core.initializers import draw_parameters
from nnplay.core.network import Network
from nnplay.core.rate_finder import find_rate
from nnplay.core.samples import Samples
from nnplay.core.training import Trainer, TrainingError


def circle(seed: int) -> Samples:
    points = np.random.default_rng(seed).uniform(-5, 5, (200, 2))
    inside = (np.hypot(points[:, 0], points[:, 1]) < 2.5).astype(np.int64)
    return Samples(points, classes=inside, class_count=2)


def network(seed: int, sizes: tuple[int, ...] = (2, 4, 2, 1), **options: Any) -> Network:
    made = Network.mlp(list(sizes), **options)
    return made.with_theta(draw_parameters(made, "playground", seed))


class Scripted:
    """Stands for a trainer whose loss is a function of the rate and the number of the step."""

    def __init__(self, loss: Any) -> None:
        self.loss, self.rates = loss, []  # type: ignore[var-annotated]

    def step(self, rate: float | None = None) -> float:
        self.rates.append(rate)
        return float(self.loss(rate))


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "rmsprop", "adagrad"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_suggestion_trains_well_on_the_circle(optimizer: str, seed: int) -> None:
    start, data = network(seed), circle(seed)
    config = TrainingConfig(optimizer=optimizer, learning_rate=1e9)  # its own rate is not used
    curve = find_rate(lambda: Trainer(start, data, config, seed=seed))
    assert curve.suggestion is not None
    ends = {}
    for rate in (curve.suggestion, curve.suggestion / 300.0):
        trainer = Trainer(start, data, replace(config, learning_rate=rate), seed=seed)
        trainer.run(60)
        ends[rate] = trainer.evaluate().loss_train
    assert ends[curve.suggestion] < 0.13 < 0.25 < ends[curve.suggestion / 300.0]
    assert f"{curve.suggestion:.2g}" in curve.sentence


def test_it_is_the_same_search_every_time_and_changes_no_network() -> None:
    start, data = network(1), circle(1)
    before = start.theta.copy()
    mine = Trainer(start, data, TrainingConfig(), seed=1)
    mine.run(2)
    theta = mine.theta.copy()
    points: list[tuple[float, float, float]] = []
    first = find_rate(
        lambda: Trainer(start, data, TrainingConfig(), seed=1),
        on_point=lambda *point: points.append(point),
    )
    second = find_rate(lambda: Trainer(start, data, TrainingConfig(), seed=1))
    assert first.suggestion == second.suggestion
    assert np.array_equal(first.losses, second.losses)
    assert np.array_equal(start.theta, before)
    assert np.array_equal(mine.theta, theta)
    shown = np.array(points)
    assert np.array_equal(shown, np.stack([first.rates, first.losses, first.smoothed], axis=1))
    assert first.rates[0] == pytest.approx(1e-6)
    assert first.rates[-1] == pytest.approx(10.0)
    assert len(first.rates) == 100
    assert first.diverged_at is None  # outputs of tanh are bounded
    # Losses are those before each step: the first is that of the untrained network.
    again = Trainer(start, data, TrainingConfig(), seed=1)
    assert first.losses[0] == again.step(1e-6)
    assert first.losses[1] == again.step(float(first.rates[1]))


def test_rates_that_diverge_are_left_out() -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(200, 2)) * 3.0
    data = Samples(x, values=x.sum(axis=1, keepdims=True))
    start = network(0, (2, 1), output_activation="linear")
    config = TrainingConfig(loss="mse")
    curve = find_rate(
        lambda: Trainer(start, data, config, seed=0), lowest=1e-4, highest=1e8, steps=200
    )
    assert curve.diverged_at is not None
    assert curve.diverged_at < 100
    assert curve.rates[-1] < curve.diverged_at
    for values in (curve.rates, curve.losses, curve.smoothed):
        assert np.isfinite(values).all()
    assert curve.smoothed[-1] <= 4 * curve.smoothed.min()
    assert curve.suggestion is not None
    assert curve.suggestion * 3 <= curve.diverged_at
    assert curve.sentence.endswith("the loss grew beyond bounds.")
    trainer = Trainer(start, data, replace(config, learning_rate=curve.suggestion), seed=0)
    trainer.run(20)
    assert trainer.evaluate().loss_train < 1e-3


@pytest.mark.parametrize("end", [math.nan, math.inf, 1e3])
def test_a_loss_that_is_no_number_or_far_too_large_ends_the_search(end: float) -> None:
    trainer = Scripted(lambda rate: end if rate > 0.1 else 1.0 - rate)
    curve = find_rate(lambda: trainer, lowest=1e-3, highest=1.0, steps=61)
    assert curve.diverged_at == trainer.rates[-1]
    assert curve.diverged_at == pytest.approx(0.1, rel=0.15)
    assert curve.rates.tolist() == trainer.rates[:-1]


def test_the_steepest_fall_is_found_well_below_the_minimum() -> None:
    """A loss that falls from 1 to 0.2 around a rate of 0.01 and rises from 1 on."""

    def loss(rate: float) -> float:
        fall = 1.0 / (1.0 + (rate / 0.01) ** 2)
        return 0.2 + 0.8 * fall + (0.1 * math.log10(rate) if rate > 1.0 else 0.0)

    curve = find_rate(lambda: Scripted(loss), steps=400)
    assert curve.suggestion is not None
    assert 0.008 < curve.suggestion < 0.02
    lowest = curve.rates[curve.smoothed.argmin()]
    assert curve.suggestion <= lowest / 3


@pytest.mark.parametrize("loss", [lambda rate: 1.0, lambda rate: 1.0 + rate, lambda rate: 0.0])
def test_where_no_rate_helps_nothing_is_suggested(loss: Any) -> None:
    curve = find_rate(lambda: Scripted(loss))
    assert curve.suggestion is None
    assert curve.sentence.startswith("No learning rate in this range")
    with_few = find_rate(lambda: Scripted(lambda rate: -math.log(rate)), steps=5)
    assert with_few.suggestion is None


def test_a_small_but_steady_fall_gives_a_rate_and_jumping_losses_do_not() -> None:
    # Networks of the playground begin so: the loss falls by some 4 % before rates are too large.
    def small(rate: float) -> float:
        return 0.5 - 0.02 / (1.0 + (0.03 / rate) ** 2) + (0.1 * rate if rate > 0.5 else 0.0)

    suggestion = find_rate(lambda: Scripted(small), steps=200).suggestion
    assert suggestion is not None
    assert 0.003 < suggestion < 0.3
    jumps = np.random.default_rng(4)
    still = find_rate(lambda: Scripted(lambda rate: 0.5 + 0.02 * jumps.normal()), steps=200)
    assert 0.02 < np.ptp(still.smoothed) / still.smoothed.max() < 0.1
    assert still.suggestion is None


def test_it_can_be_given_up_between_any_two_steps() -> None:
    class Enough(Exception):  # noqa: N818
        pass

    trainer = Scripted(lambda rate: 1.0)

    def look_around() -> None:
        if len(trainer.rates) == 7:
            raise Enough

    with pytest.raises(Enough):
        find_rate(lambda: trainer, look_around=look_around)
    assert len(trainer.rates) == 7


@pytest.mark.parametrize(
    "wrong",
    [{"lowest": 0.0}, {"lowest": 10.0}, {"highest": math.inf}, {"lowest": math.nan}, {"steps": 1}],
)
def test_rates_that_are_none_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        find_rate(lambda: Scripted(lambda rate: 1.0), **wrong)


def test_what_cannot_be_trained_is_refused_as_by_the_trainer() -> None:
    with pytest.raises(TrainingError):
        find_rate(lambda: Trainer(network(0), circle(0), TrainingConfig(loss="nothing")))
