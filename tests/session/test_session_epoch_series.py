"""What waits to be measured: in which order, and how much of it."""

import numpy as np
import pytest

from nnplay.core.history import History
from nnplay.core.training import Trainer, TrainingError
from nnplay.headless import trainer_of
from nnplay.session import epoch_series, epoch_snapshots
from nnplay.session.epoch_series import EpochSeries
from nnplay.session.epoch_snapshots import EpochSnapshot, EpochWatch, SnapshotTaker
from nnplay.setup import new_document


@pytest.fixture
def noted() -> tuple[Trainer, tuple[EpochSnapshot, ...]]:
    """A trainer after 32 epochs, and a snapshot of each."""
    trainer = trainer_of(new_document("circle")[0])
    watch = EpochWatch()
    watch.set("me", on=True)
    taker = SnapshotTaker(watch)
    row = trainer.present_losses()
    assert row is not None
    taker.look(row, trainer)
    trainer.run(32, lambda record: taker.look(record, trainer))
    return trainer, taker.collect()


def curve_of(snapshots: tuple[EpochSnapshot, ...]) -> History:
    return History().append_many(snapshot.record for snapshot in snapshots)


def test_the_curve_is_coarse_at_first_and_finer_where_it_begins(noted) -> None:
    _, snapshots = noted
    series, order = EpochSeries(), []
    series.add(snapshots)

    def measure(snapshot: EpochSnapshot) -> np.ndarray:
        order.append(snapshot.record.epoch)
        return np.array([float(snapshot.record.epoch)])

    series.work(measure, 60.0, lambda: None)
    assert order[:9] == [0, 32, 16, 8, 24, 4, 12, 20, 28]
    assert sorted(order) == list(range(33))
    first_finer = order.index(17)
    assert set(order[:first_finer]) == {*range(17), *range(18, 33, 2)}
    assert not series.has_waiting


def test_of_too_many_the_finest_are_left_out(noted, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer, snapshots = noted
    monkeypatch.setattr(epoch_series, "MOST_WAITING", 20)
    series = EpochSeries()
    series.add(snapshots)
    series.work(lambda s: np.array([s.record.loss_train]), 60.0, lambda: None)
    assert series.gather(trainer.samples[0])
    points = series.on(curve_of(snapshots))
    epochs = {point.epoch for point in points}
    assert epochs >= {0, 8, 16, 24, 32}
    assert len(epochs) <= 20


def test_what_cannot_be_measured_leaves_no_point(noted) -> None:
    trainer, snapshots = noted
    series = EpochSeries()
    series.add(snapshots)

    def measure(snapshot: EpochSnapshot) -> np.ndarray:
        if snapshot.record.epoch == 8:
            raise TrainingError("No.")
        return np.zeros(1)

    series.work(measure, 60.0, lambda: None)
    series.gather(trainer.samples[0])
    epochs = [point.epoch for point in series.on(curve_of(snapshots))]
    assert epochs == [i for i in range(33) if i != 8]


def test_what_is_being_measured_while_all_is_forgotten_is_forgotten_too(noted) -> None:
    trainer, snapshots = noted
    series = EpochSeries()
    series.add(snapshots[:1])

    def measure(_: EpochSnapshot) -> np.ndarray:
        series.clear()
        return np.zeros(1)

    series.work(measure, 60.0, lambda: None)
    assert not series.gather(trainer.samples[0])
    assert series.on(curve_of(snapshots)) == []


def test_points_of_another_course_stay_out_of_sight(noted) -> None:
    trainer, snapshots = noted
    series = EpochSeries()
    series.add(snapshots)
    series.work(lambda _: np.zeros(1), 60.0, lambda: None)
    series.gather(trainer.samples[0])
    whole = curve_of(snapshots)
    assert len(series.on(whole)) == 33
    assert [p.epoch for p in series.on(whole.cut(3))] == [0, 1, 2, 3]
    other = whole.cut(3).append(4.0, 0.5, 0.5)
    assert [p.epoch for p in series.on(other)] == [0, 1, 2, 3]
    assert len(series.on(whole)) == 33


def test_training_that_begins_anew_is_noted_from_its_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(epoch_snapshots, "FINE", 4)
    monkeypatch.setattr(epoch_snapshots, "FEWEST", 4)
    monkeypatch.setattr(epoch_snapshots, "FREE_SECONDS", 1000.0)
    watch = EpochWatch()
    watch.set("me", on=True)
    taker = SnapshotTaker(watch)
    start = trainer_of(new_document("circle")[0])
    for epochs in (40, 6):
        trainer = Trainer(start.network, start.samples, start.config)
        trainer.run(epochs, lambda record, at=trainer: taker.look(record, at))
        taker.finish(trainer)
    found = [snapshot.record.epoch for snapshot in taker.collect()]
    assert found == [1, 2, 3, 4, 5, 6, 8, 12, 16, 24, 32, 40, 1, 2, 3, 4, 5, 6]
    # Other data: nothing noted before is shown any more.
    other = Trainer(trainer.network, start.samples[1], start.config, state=trainer.state)
    other.run(5, lambda record: taker.look(record, other))
    assert [snapshot.record.epoch for snapshot in taker.collect()] == [7, 8, 9, 10, 11]
