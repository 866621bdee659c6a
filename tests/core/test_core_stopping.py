"""When training stops by itself, and what it returns to."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nnplay.core.config import TrainingConfig, TrainingState
from nnplay.core.history import EpochRecord
from nnplay.core.stopping import Best, Stop, Stopper


class Course:
    """Shows epochs to a stopper; weights and state tell the epoch they are of."""

    def __init__(self, has_test: bool = False, **settings: Any) -> None:
        self.config = TrainingConfig(**settings)
        self.stopper = Stopper(self.config, has_test)
        self.epoch, self.asked = 0, 0

    def state(self) -> Best:
        self.asked += 1
        return np.full(2, float(self.epoch)), TrainingState(epoch=self.epoch)

    def show(self, train: float, test: float = math.nan, seconds: float = 0.0) -> Stop | None:
        self.epoch += 1
        return self.stopper.look(EpochRecord(self.epoch, train, test), self.state, seconds)

    def first_stop(self, losses: Sequence[float]) -> Stop | None:
        for loss in losses:
            stop = self.show(loss)
            if stop is not None:
                return stop
        return None


def test_nothing_stops_unless_it_is_asked_to() -> None:
    course = Course()
    for loss in (1.0, 0.0, math.inf, 2.0) * 30:
        assert course.show(loss, loss, 1e9) is None
    assert course.asked == 0  # nothing was copied either
    assert course.stopper.before(10**9) is None


def test_it_stops_at_an_epoch_and_does_not_begin_behind_it() -> None:
    course = Course(stop_epoch=3)
    assert course.stopper.before(2) is None
    assert [course.show(1.0) is None for _ in range(3)] == [True, True, False]
    stop = Course(stop_epoch=1).show(1.0)
    assert stop is not None
    assert (stop.kind, stop.sentence) == ("epoch", "Stopped after epoch 1, as asked.")
    assert stop.best is None
    for done, words in (
        (3, "stands at epoch 3, where it is to stop; raise"),
        (5_000, "stands at epoch 5,000, and epoch 3 is where it is to stop; raise"),
    ):
        nothing = course.stopper.before(done)
        assert nothing is not None
        assert nothing.kind == "epoch"
        assert words in nothing.sentence


def test_it_stops_when_the_training_loss_is_small_enough() -> None:
    course = Course(has_test=True, stop_loss=0.01)
    assert course.show(0.02, 0.001) is None
    assert course.show(math.nan, 0.001) is None
    stop = course.show(0.01, 5.0)
    assert stop is not None
    assert stop.kind == "loss"
    assert stop.sentence == (
        "Stopped after epoch 3: the training loss of 0.01 is no larger than the 0.01 asked for."
    )


def test_it_stops_when_the_time_is_over() -> None:
    course = Course(stop_seconds=30.0)
    assert course.show(1.0, seconds=29.9) is None
    stop = course.show(1.0, seconds=30.0)
    assert stop is not None
    assert stop.kind == "seconds"
    assert stop.sentence == "Stopped after epoch 2: 30 seconds of training are over."


def test_it_stops_when_the_loss_no_longer_improves_and_gives_the_best_back() -> None:
    course = Course(early_stopping=True, patience=3)
    stop = course.first_stop([5.0, 4.0, 4.0, 4.5, 3.0, 3.1, 3.2, 3.0, 1.0])
    assert stop is not None
    assert course.epoch == 8
    assert stop.sentence == (
        "Stopped after epoch 8: the training loss has not improved for 3 epochs. "
        "The weights of epoch 5 are back."
    )
    assert stop.best is not None
    theta, state = stop.best
    assert theta.tolist() == [5.0, 5.0]
    assert state.epoch == 5
    assert course.asked == 3  # epochs 1, 2 and 5


def test_the_test_loss_is_watched_where_there_is_one() -> None:
    course = Course(has_test=True, early_stopping=True, patience=1)
    assert course.show(1.0, 1.0) is None
    assert course.show(9.0, 0.5) is None
    stop = course.show(0.1, 0.6)
    assert stop is not None
    assert "the test loss has not improved for 1 epoch. The weights of epoch 2" in stop.sentence


def test_improvements_that_are_too_small_do_not_count() -> None:
    course = Course(early_stopping=True, patience=2, min_improvement=0.5)
    stop = course.first_stop([3.0, 2.6, 2.5, 0.0])
    assert stop is not None
    assert course.epoch == 3
    assert "has not improved by more than 0.5 for 2 epochs" in stop.sentence
    slowly = Course(early_stopping=True, patience=2, min_improvement=0.5)
    assert slowly.first_stop([3.0, 2.6, 2.4, 2.0, 1.8]) is None  # 2.4 counts against 3.0


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_without_any_finite_loss_there_is_nothing_to_return_to(loss: float) -> None:
    course = Course(has_test=True, early_stopping=True, patience=2)
    assert course.show(1.0, loss) is None
    stop = course.show(1.0, loss)
    assert stop is not None
    assert stop.best is None
    assert stop.sentence.endswith("for 2 epochs.")


def test_patience_begins_anew_when_one_goes_on_after_a_stop() -> None:
    course = Course(early_stopping=True, patience=2)
    assert course.first_stop([1.0, 2.0, 2.0]) is not None
    assert course.first_stop([2.0, 1.9]) is None
    stop = course.first_stop([3.0, 3.0])
    assert stop is not None
    assert stop.best is not None
    assert stop.best[1].epoch == 5


def test_settings_may_change_during_a_run() -> None:
    course = Course(early_stopping=True, patience=5)
    course.first_stop([1.0, 2.0])
    course.stopper.set_config(replace(course.config, patience=2))
    stop = course.show(2.0)
    assert stop is not None
    assert stop.best is not None
    for change in ({"loss": "mse"}, {"huber_delta": 2.0}, {"label_smoothing": 0.1}):
        other = Course(early_stopping=True, patience=2)
        other.first_stop([1.0, 2.0])
        other.stopper.set_config(replace(other.config, **change))
        assert other.show(7.0) is None  # the best there is in the new measure
        assert other.asked == 2
    off = Course(early_stopping=True, patience=2)
    off.first_stop([1.0, 2.0])
    off.stopper.set_config(replace(off.config, early_stopping=False))
    assert off.first_stop([2.0] * 9) is None


def test_of_two_reasons_the_better_one_is_named() -> None:
    both = Course(early_stopping=True, patience=1, stop_epoch=2)
    stop = both.first_stop([1.0, 2.0])
    assert stop is not None
    assert stop.kind == "early"
    reached = Course(early_stopping=True, patience=1, stop_loss=2.0, stop_epoch=1)
    stop = reached.first_stop([1.0])
    assert stop is not None
    assert stop.kind == "loss"
