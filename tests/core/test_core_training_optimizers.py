"""Every optimiser inside the trainer: it learns, goes on, holds still where it must, and stops."""

from typing import Any

import numpy as np
import pytest

from nnplay.core.config import TrainingConfig
from nnplay.core.history import EpochRecord
from nnplay.core.initializers import draw_parameters
from nnplay.core.network import Network
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.core.samples import Samples
from nnplay.core.stopping import Stop, Stopper
from nnplay.core.training import Trainer

NAMES = list(OPTIMIZERS)


def circle(seed: int = 1) -> Samples:
    points = np.random.default_rng(seed).uniform(-5, 5, (200, 2))
    inside = (np.hypot(points[:, 0], points[:, 1]) < 2.5).astype(np.int64)
    return Samples(points, classes=inside, class_count=2)


def network(seed: int = 1) -> Network:
    made = Network.mlp([2, 4, 2, 1])
    return made.with_theta(draw_parameters(made, "playground", seed))


def config_of(name: str, **settings: Any) -> TrainingConfig:
    optimizer = OPTIMIZERS[name]
    return TrainingConfig(
        optimizer=name,
        learning_rate=optimizer.usual_rate,
        batch_size=200 if optimizer.needs_full_batch else 10,
        **settings,
    )


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("name", NAMES)
def test_its_usual_rate_learns_the_circle(name: str, precision: str) -> None:
    trainer = Trainer(network(), circle(), config_of(name, precision=precision), seed=1)
    before = trainer.evaluate().loss_train
    trainer.run(150)
    assert trainer.evaluate().loss_train < 0.1 < 0.3 < before


@pytest.mark.parametrize("name", NAMES)
def test_a_run_goes_on_from_its_state_with_the_same_numbers(name: str) -> None:
    config = config_of(name, schedule="one_cycle", schedule_epochs=30)
    whole = Trainer(network(), circle(), config, seed=1)
    first = Trainer(network(), circle(), config, seed=1)
    for _ in range(33):
        whole.step()
        first.step()
    second = Trainer(first.network, circle(), config, seed=1, state=first.state)
    for _ in range(40):
        assert whole.step() == second.step()
    assert np.array_equal(whole.theta, second.theta)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_frozen_in_the_middle_of_a_run_stays(name: str) -> None:
    trainer = Trainer(network(), circle(), config_of(name, weight_decay=0.5), seed=1)
    trainer.run(5)
    trainer.edit(lambda present: present.set_frozen([0, 3, 15], True))
    before = trainer.theta
    trainer.run(5)
    moved = trainer.theta != before
    assert not moved[[0, 3, 15]].any()
    assert moved.sum() == len(before) - 3


def test_early_stopping_returns_to_the_best_epoch() -> None:
    config = config_of("adam", early_stopping=True, patience=8)
    trainer = Trainer(network(), (circle(1), circle(2)), config, seed=1)
    stopper, stops = Stopper(config, has_test=True), list[Stop]()
    seen: list[EpochRecord] = []

    def on_epoch(record: EpochRecord) -> bool:
        seen.append(record)
        stop = stopper.look(record, lambda: (trainer.theta, trainer.state), 0.0)
        stops.extend([stop] if stop else [])
        return stop is not None

    trainer.run(2000, on_epoch=on_epoch)
    assert len(stops) == 1
    assert stops[0].best is not None
    theta, state = stops[0].best
    assert seen[-1].epoch == state.epoch + 8
    again = Trainer(
        network().with_theta(theta), (circle(1), circle(2)), config, seed=1, state=state
    )
    best = min(record.loss_test for record in seen)
    assert again.evaluate().loss_test == best
    assert seen[state.epoch - 1].loss_test == best
