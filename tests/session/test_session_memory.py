"""Undo memory is bounded, and no step is dropped."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from session.session_driver import Driver, same_document

from nnplay.document import Document
from nnplay.session import undo_memory
from nnplay.session.commands import DocumentChange
from nnplay.session.undo_memory import UndoMemory, arrays_of
from nnplay.setup import new_document

MakeDriver = Callable[..., Driver]


def in_memory(changes: list[DocumentChange]) -> int:
    arrays = {id(a): a for c in changes for d in (c.before, c.after) for a in arrays_of(d)}
    return sum(a.nbytes for a in arrays.values() if not undo_memory._is_mapped(a))


def trained_often(driver: Driver, times: int) -> list[Document]:
    documents = [driver.session.document]
    for _ in range(times):
        assert driver.session.step_batch()
        documents.append(driver.session.document)
    return documents


@pytest.fixture
def wide() -> Document:
    return new_document("circle", hidden=(60, 60), training={"optimizer": "adam"})[0]


def test_old_steps_go_to_a_file_and_come_back_exactly(
    make_driver: MakeDriver, wide: Document, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    limit = 2 * 2**20
    driver = make_driver(wide)
    session = driver.session
    memory = UndoMemory(tmp_path, limit)
    session.workspace._memory = memory
    copies = [
        (np.array(d.network.theta), {n: np.array(a) for n, a in d.state.optimizer_arrays.items()})
        for d in trained_often(driver, 60)
    ]
    size = wide.network.theta.nbytes
    assert 60 * 3 * size > 2 * limit  # or nothing would have had to move
    changes = session.workspace._changes
    assert in_memory(changes) <= limit + 4 * size
    assert list(tmp_path.glob("undo-*")) == []  # the file has no name
    end = session.document
    for index in reversed(range(60)):
        session.undo()
        theta, arrays = copies[index]
        assert np.array_equal(session.network.theta, theta)
        for name, values in arrays.items():
            assert np.array_equal(session.document.state.optimizer_arrays[name], values)
    session.undo_to(60)
    assert same_document(session.document, end)
    # What was read back can be trained, edited and saved like anything else.
    session.undo_to(3)
    assert session.step_batch()
    assert session.set_weight(0, 2, 0.5)
    assert session.save(tmp_path / "a.nnplay")


def test_a_full_disk_loses_no_step(
    make_driver: MakeDriver, wide: Document, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(*_: object) -> object:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(UndoMemory, "_write", full)
    driver = make_driver(wide)
    session = driver.session
    session.workspace._memory = UndoMemory(tmp_path, 2**20)
    documents = trained_often(driver, 30)
    for document in reversed(documents[:-1]):
        session.undo()
        assert same_document(session.document, document)
    assert driver.texts == []


def test_a_dragged_weight_keeps_two_numbers(make_driver: MakeDriver, wide: Document) -> None:
    driver = make_driver(wide)
    for _ in range(50):
        driver.session.set_weight(0, 2, float(np.random.default_rng(_).normal()))
    assert all(not isinstance(c, DocumentChange) for c in driver.session.workspace._changes)
