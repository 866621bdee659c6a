"""Accuracy, R² and gradient norms over epochs: every point against a trainer run by hand."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gui.plot_driver import PlotBench, sine_document
from pytestqt.qtbot import QtBot
from sklearn.metrics import r2_score

from nnplay import compiled
from nnplay.core.layer_statistics import gradient_of
from nnplay.core.program import Program
from nnplay.core.topology import Kind
from nnplay.core.training import Trainer, evaluate
from nnplay.document import Document
from nnplay.gui.plots.insight.panel import MorePlots
from nnplay.headless import trainer_of
from nnplay.session import epoch_series, epoch_snapshots
from nnplay.setup import new_document

Open = Callable[..., tuple[PlotBench[Any], Any]]
Oracle = Callable[[Trainer], list[float]]


@pytest.fixture
def opened(qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    made: list[PlotBench[Any]] = []

    def open_page(
        name: str, document: Document | None = None, backend: str = "numpy"
    ) -> tuple[PlotBench[Any], Any]:
        if backend == "compiled":
            assert compiled.wait_until_ready() == "ready"
        bench: PlotBench[Any] = PlotBench(qtbot, tmp_path / "state", MorePlots, document)
        made.append(bench)
        bench.session.backends.set_wish(backend)
        bench.plot.show_plot(name)
        return bench, bench.plot.page

    yield open_page
    for bench in made:
        bench.close()


# ---------------------------------------------------------------------- oracles
def accuracies(trainer: Trainer) -> list[float]:
    """The engine's own judgement, over all samples."""
    train, test = trainer.samples
    found = evaluate(trainer.network, train, test, trainer.config)
    return [found.accuracy_train, found.accuracy_test]


def norms(trainer: Trainer) -> list[float]:
    """By levels of target neurons, written down once more."""
    network = trainer.network
    topology = network.topology
    gradient = gradient_of(network, trainer.samples[0], trainer.config)
    squares: dict[int, float] = {}
    own = np.full(topology.neuron_count, np.nan)
    for row in range(topology.neuron_count):
        if topology.kinds[row] == Kind.INPUT:
            continue
        slots = [*topology.incoming_slots[row].tolist(), int(topology.bias_slots[row])]
        total = float(np.sum(gradient[slots] ** 2))
        level = 99 if topology.kinds[row] == Kind.OUTPUT else int(topology.levels[row])
        squares[level] = squares.get(level, 0.0) + total
        own[row] = total**0.5
    return [*(squares[level] ** 0.5 for level in sorted(squares)), *own.tolist()]


def r_squared(trainer: Trainer) -> list[float]:
    found = []
    for part in trainer.samples:
        outputs = Program(trainer.network, len(part)).forward(part.inputs)
        found.append(r2_score(part.values[:, 0], np.asarray(outputs)[:, 0]))
    return found


ORACLES: dict[str, Oracle] = {"metrics": accuracies, "gradients": norms}


def by_hand(
    document: Document, epochs: int, oracle: Oracle, backend: str = "numpy"
) -> dict[float, list[float]]:
    """What there is at every epoch from where a document stands on."""
    trainer = trainer_of(document, backend)
    found = {float(trainer.epoch): oracle(trainer)}
    for _ in range(epochs):
        trainer.finish_epoch()
        found[float(trainer.epoch)] = oracle(trainer)
    return found


def until(bench: PlotBench[Any], page: Any, *epochs: float) -> None:
    """Wait until the curve has just these epochs."""
    bench.qtbot.waitUntil(lambda: page.curve()[0].tolist() == list(epochs), timeout=15000)


def settled(bench: PlotBench[Any], page: Any) -> None:
    """Wait until everything that was noted is measured."""
    bench.qtbot.waitUntil(
        lambda: (
            not bench.session.is_running
            and not page.series.has_waiting
            and page.curve()[0].size > 0
            and page.now is not None
            and page._now.network is bench.session.network
        ),
        timeout=15000,
    )


def agree(page: Any, wanted: dict[float, list[float]], rtol: float = 1e-9) -> None:
    """Every point of the curve stands where it should."""
    epochs, rows, _ = page.curve()
    assert len(epochs) > 0
    assert set(epochs.tolist()) <= wanted.keys()
    for epoch, row in zip(epochs.tolist(), rows.tolist(), strict=True):
        np.testing.assert_allclose(row, wanted[epoch], rtol=rtol, err_msg=f"epoch {epoch}")


# ---------------------------------------------------------------------- every epoch
@pytest.mark.parametrize("backend", ["numpy", "compiled"])
@pytest.mark.parametrize("name", ["metrics", "gradients"])
def test_every_epoch_is_that_of_a_trainer_run_by_hand(
    opened: Open, name: str, backend: str
) -> None:
    bench, page = opened(name, new_document("spiral", layers=[2, 6, 4, 1])[0], backend)
    document = bench.session.document
    bench.train(40)
    until(bench, page, *range(41))
    assert bench.session.document.state.backend == backend
    agree(page, by_hand(document, 40, ORACLES[name], backend))
    page.flush()
    assert page.chart.epochs.tolist() == list(range(41))


@pytest.mark.parametrize("backend", ["numpy", "compiled"])
def test_500_epochs_at_once_are_exact_wherever_there_is_a_point(opened: Open, backend: str) -> None:
    bench, page = opened("gradients", None, backend)
    document = bench.session.document
    bench.train(500)
    settled(bench, page)
    epochs = page.curve()[0]
    assert epochs[0] == 0.0
    assert epochs[-1] == 500.0
    # The first 256 one by one, the others every second time, unless the machine had no time.
    assert 16 < len(epochs) <= 257 + 122
    assert page.curve()[2].size == 0
    agree(page, by_hand(document, 500, norms, backend))


def test_r_squared_is_exact_at_every_epoch(opened: Open) -> None:
    bench, page = opened("metrics", sine_document())
    document = bench.session.document
    bench.train(12)
    until(bench, page, *range(13))
    agree(page, by_hand(document, 12, r_squared))
    page.flush()
    assert page.caption.text().startswith("R²")


def test_early_stopping_ends_the_curve_where_training_ended(opened: Open) -> None:
    document = new_document("circle", training={"stop_epoch": 9})[0]
    bench, page = opened("metrics", document)
    assert bench.session.start()
    until(bench, page, *range(10))
    agree(page, by_hand(document, 9, accuracies))


# ---------------------------------------------------------------------- undo and other courses
def test_undo_takes_points_away_and_redo_brings_them_back(opened: Open) -> None:
    bench, page = opened("gradients")
    session = bench.session
    wanted = by_hand(session.document, 30, norms)
    bench.train(20)
    until(bench, page, *range(21))
    bench.train(10)
    until(bench, page, *range(31))
    session.undo()
    until(bench, page, *range(21))
    agree(page, wanted)
    session.redo()
    until(bench, page, *range(31))
    agree(page, wanted)


def test_another_course_never_mixes_with_the_one_undone(opened: Open) -> None:
    bench, page = opened("gradients")
    session = bench.session
    wanted = by_hand(session.document, 20, norms)
    bench.train(20)
    until(bench, page, *range(21))
    session.undo()
    bench.train(8)
    middle = session.document
    assert session.set_training(learning_rate=0.2)
    bench.train(9)
    until(bench, page, *range(18))
    other = by_hand(replace(middle, training=replace(middle.training, learning_rate=0.2)), 9, norms)
    agree(page, {**wanted, **other})
    assert other[17.0] != pytest.approx(wanted[17.0], rel=1e-3)


@pytest.mark.parametrize("name", ["metrics", "gradients"])
def test_a_reset_begins_anew(opened: Open, name: str) -> None:
    bench, page = opened(name)
    session, document = bench.session, bench.session.document
    bench.train(12)
    until(bench, page, *range(13))
    assert session.reset()
    until(bench, page, 0.0)
    bench.train(4)
    until(bench, page, *range(5))
    agree(page, by_hand(document, 12, ORACLES[name]))
    session.draw_new_weights()
    until(bench, page, 0.0)
    bench.qtbot.waitUntil(lambda: page._now.network is session.network)
    agree(page, by_hand(session.document, 0, ORACLES[name]))


@pytest.mark.parametrize("name", ["metrics", "gradients"])
def test_other_data_leave_nothing_of_what_was_measured_before(opened: Open, name: str) -> None:
    bench, page = opened(name)
    session = bench.session
    bench.train(10)
    until(bench, page, *range(11))
    assert session.set_data(noise=30)
    until(bench, page, 10.0)
    document = session.document
    bench.train(6)
    until(bench, page, *range(10, 17))
    agree(page, by_hand(document, 6, ORACLES[name]))


def test_data_changed_in_the_middle_of_a_run(opened: Open) -> None:
    bench, page = opened("metrics")
    session = bench.session
    session.start()
    bench.qtbot.waitUntil(lambda: session.shown_epoch > 20)
    assert session.set_data(noise=40)
    bench.qtbot.waitUntil(lambda: session.undo_stack.count() > 0)
    changed = session.document
    assert changed.data.noise == 40
    from_epoch = changed.state.epoch
    bench.qtbot.waitUntil(lambda: session.shown_epoch > from_epoch + 30)
    session.pause()
    settled(bench, page)
    epochs = page.curve()[0]
    assert epochs[0] >= from_epoch
    wanted = by_hand(changed, session.shown_epoch - from_epoch, accuracies)
    # It stands somewhere within an epoch.
    trainer = trainer_of(changed)
    while trainer.step_count < session.shown_step:
        trainer.step()
    wanted[float(epochs[-1])] = accuracies(trainer)
    assert len(epochs) > 30
    agree(page, wanted)


def test_another_wiring_begins_new_norms_but_accuracy_goes_on(opened: Open) -> None:
    bench, page = opened("gradients")
    session = bench.session
    bench.train(6)
    until(bench, page, *range(7))
    session.add_to_level(1)
    until(bench, page, 6.0)
    agree(page, by_hand(session.document, 0, norms))
    session.undo()
    until(bench, page, *range(7))
    bench.plot.show_plot("metrics")
    accuracy = bench.plot.page
    settled(bench, accuracy)
    bench.train(3)
    settled(bench, accuracy)
    before = accuracy.curve()[0].tolist()
    assert before[-4:] == [6.0, 7.0, 8.0, 9.0]
    session.add_to_level(1)
    settled(bench, accuracy)
    assert accuracy.curve()[0].tolist() == before
    assert accuracy.now.tolist() == accuracies(trainer_of(session.document))


# ---------------------------------------------------------------------- single steps
def test_single_steps_stand_at_their_share_of_an_epoch(opened: Open) -> None:
    bench, page = opened("gradients")
    session = bench.session
    bench.train(2)
    until(bench, page, 0.0, 1.0, 2.0)
    trainer = trainer_of(session.document)
    batches = trainer.batches_per_epoch
    wanted = {float(i): norms_ for i, norms_ in by_hand_start(bench).items()}
    for step in range(1, batches + 2):
        trainer.step()
        assert session.step_batch()
        wanted[2.0 + step / batches] = norms(trainer)
        bench.qtbot.waitUntil(lambda: page._now.network is session.network)
    assert list(wanted) == pytest.approx(page.curve()[0].tolist())
    for row, epoch in zip(page.curve()[1].tolist(), wanted, strict=True):
        np.testing.assert_allclose(row, wanted[epoch], rtol=1e-9)
    for _ in range(batches + 1):
        session.undo()
    until(bench, page, 0.0, 1.0, 2.0)


def by_hand_start(bench: PlotBench[Any]) -> dict[float, list[float]]:
    """The first two epochs of the document as it was before training."""
    document = bench.session.document
    start = replace(
        document,
        network=document.network.with_theta(document.initial),
        state=type(document.state)(),
    )
    return by_hand(start, 2, norms)


# ---------------------------------------------------------------------- being seen
def test_what_was_not_seen_is_a_gap(opened: Open) -> None:
    bench, page = opened("metrics")
    document = bench.session.document
    bench.train(5)
    until(bench, page, *range(6))
    bench.plot.show_plot("weights")
    assert not bench.session._runner.epoch_watch.is_on
    bench.train(20)
    bench.plot.show_plot("metrics")
    until(bench, page, *range(6), 25.0)
    assert page.curve()[2].tolist() == [5.0]
    bench.train(5)
    until(bench, page, *range(6), *range(25, 31))
    page.flush()
    assert page.chart.gaps.tolist() == [5.0]
    agree(page, by_hand(document, 30, accuracies))
    for _ in range(2):
        bench.session.undo()
    bench.train(25)
    until(bench, page, *range(31))
    assert page.curve()[2].size == 0


def test_the_training_thread_notes_nothing_while_nobody_looks(opened: Open) -> None:
    bench, _ = opened("weights")
    frames: list[Any] = []
    bench.session.frame_arrived.connect(frames.append)
    bench.train(10)
    assert frames
    assert not any(frame.snapshots for frame in frames)
    bench.plot.show_plot("metrics")
    bench.train(10)
    noted = [s.record.epoch for frame in frames for s in frame.snapshots]
    assert noted == list(range(11, 21))


# ---------------------------------------------------------------------- bounds
def test_a_long_run_is_noted_at_even_epochs_and_at_its_end(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(epoch_snapshots, "FINE", 16)
    monkeypatch.setattr(epoch_snapshots, "FREE_SECONDS", 1000.0)
    bench, page = opened("metrics")
    document = bench.session.document
    bench.train(75)
    settled(bench, page)
    wanted = [*range(17), *range(18, 33, 2), *range(36, 65, 4), 72, 75]
    assert page.curve()[0].tolist() == wanted
    agree(page, by_hand(document, 75, accuracies))


def test_noting_takes_little_of_the_training_threads_time(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(epoch_snapshots, "FREE_SECONDS", 0.0)
    monkeypatch.setattr(epoch_snapshots, "SHARE", 0.0)
    bench, page = opened("metrics")
    document = bench.session.document
    bench.train(50)
    settled(bench, page)
    # The first one, before there is any time to compare with, and the last.
    assert page.curve()[0].tolist() == [0.0, 50.0]
    agree(page, by_hand(document, 50, accuracies))


def test_points_and_what_waits_stay_bounded(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(epoch_series, "MOST_WAITING", 30)
    bench, page = opened("gradients")
    document = bench.session.document
    page.series._most = 40
    for _ in range(4):
        bench.train(50)
    settled(bench, page)
    epochs = page.curve()[0]
    assert len(page.series) <= 80
    assert epochs[0] == 0.0
    assert epochs[-1] == 200.0
    assert len(epochs) <= 43
    agree(page, by_hand(document, 200, norms))
    for _ in range(4):
        bench.session.undo()
        page.curve()
    assert len(page.series) <= 80
