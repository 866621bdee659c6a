"""Large batches: summed in chunks, the same gradient, and steps that are given up leave no trace."""

from dataclasses import replace

import numpy as np
import pytest

from nnplay.core import large_batch
from nnplay.core.large_batch import samples_at_once
from nnplay.core.layout import layout_of
from nnplay.core.network import Network
from nnplay.core.training import Trainer
from nnplay.data.preparation import prepare
from nnplay.document import Document
from nnplay.examples import EXAMPLES
from nnplay.setup import new_document


def documents() -> dict[str, Document]:
    full = {"batch_size": 10_000}
    made = {example.name: example.build() for example in EXAMPLES}
    made = {
        name: replace(document, training=replace(document.training, batch_size=10_000))
        for name, document in made.items()
    }
    made["momentum with penalty"] = new_document(
        "spiral", seed=2, training=full | {"optimizer": "momentum", "l1": 0.01, "l2": 0.02}
    )[0]
    network = made["momentum with penalty"].network
    frozen = np.arange(network.theta.size) % 3 == 0
    made["locked and switched off"] = replace(
        made["momentum with penalty"],
        network=replace(network, frozen=frozen, enabled=np.arange(network.theta.size) % 5 != 0),
    )
    return made


def trainer_for(document: Document) -> Trainer:
    prepared = prepare(document.data, document.preparation, document.seed)
    train, test = prepared.train_and_test(document.network)
    return Trainer(
        document.network, (train, test), document.training, seed=document.seed, state=document.state
    )


def in_chunks_of(samples: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_batch, "_WORK_AT_ONCE", 1)
    monkeypatch.setattr(large_batch, "_FEWEST_SAMPLES", samples)


@pytest.mark.parametrize("name", documents())
@pytest.mark.parametrize("samples", [1, 7, 64])
def test_chunks_add_up_to_the_whole(
    name: str, samples: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = documents()[name]
    whole = trainer_for(document)
    in_chunks_of(samples, monkeypatch)
    chunked = trainer_for(document)
    for _ in range(5):
        assert chunked.step() == pytest.approx(whole.step(), rel=1e-9)
    np.testing.assert_allclose(chunked.theta, whole.theta, rtol=1e-7, atol=1e-9)
    assert not np.array_equal(chunked.theta, document.network.theta)


def test_steps_given_up_anywhere_leave_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    in_chunks_of(50, monkeypatch)
    monkeypatch.setattr("nnplay.core.evaluation._CHUNK", 50)
    document = new_document("spiral", seed=5, training={"batch_size": 130, "optimizer": "adam"})[0]
    straight, broken = trainer_for(document), trainer_for(document)
    records = straight.advance(40, None)
    seen, given_up, patience = [], 0, 0
    while broken.step_count < 40:
        left = [patience % 23]
        patience += 1

        def abandon(left: list[int] = left) -> bool:
            left[0] -= 1
            return left[0] < 0

        before = broken.step_count, broken.theta.tobytes(), broken.state.batch_in_epoch
        seen += broken.advance(1, None, abandon)
        if broken.step_count == before[0]:
            given_up += 1
            assert (broken.theta.tobytes(), broken.state.batch_in_epoch) == before[1:]
            assert broken.losses == []
    assert given_up > 20
    assert broken.theta.tobytes() == straight.theta.tobytes()
    assert seen == records
    state, other = broken.state, straight.state
    assert state.optimizer_step == other.optimizer_step
    for key, values in other.optimizer_arrays.items():
        assert state.optimizer_arrays[key].tobytes() == values.tobytes()


def test_links_that_die_in_a_step_given_up_are_alive_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nnplay.core.evaluation._CHUNK", 50)
    settings = {"batch_size": 50, "l1": 0.02, "l1_dead_links": True, "learning_rate": 0.1}
    document = new_document("spiral", seed=5, training=settings)[0]
    straight, broken = trainer_for(document), trainer_for(document)
    straight.advance(100, None)
    assert not straight.network.enabled.all()
    while broken.step_count < 100:
        # Given up while the losses after an epoch are looked at: all of its steps are done again.
        broken.advance(100 - broken.step_count, None, lambda: True)
        broken.finish_epoch()
    assert np.array_equal(broken.network.enabled, straight.network.enabled)
    assert broken.theta.tobytes() == straight.theta.tobytes()


def test_present_losses_can_be_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnplay.core.evaluation._CHUNK", 50)
    trainer = trainer_for(new_document("spiral")[0])
    assert trainer.present_losses(lambda: True) is None
    row, now = trainer.present_losses(lambda: False), trainer.evaluate()
    assert row is not None
    assert (row.epoch, row.loss_train, row.loss_test) == (0, now.loss_train, now.loss_test)


def test_ordinary_batches_are_taken_as_a_whole() -> None:
    for example in EXAMPLES:
        trainer = trainer_for(example.build())
        assert not trainer.takes_long, example.name
    wide = layout_of(Network.mlp([20, 256, 256, 1]))
    assert 64 <= samples_at_once(wide) < 256
