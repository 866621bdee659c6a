"""A session with its signals written down, and ways to wait for its threads."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject

from nnplay.core.training import Trainer
from nnplay.data.preparation import prepare
from nnplay.document import Document
from nnplay.session.notices import Notice
from nnplay.session.session import Session

SIGNALS = [
    "document_replaced",
    "network_changed",
    "positions_changed",
    "selection_changed",
    "hovered_changed",
    "setup_changed",
    "data_changed",
    "frame_arrived",
    "probe_changed",
    "losses_changed",
    "history_changed",
    "maps_arrived",
    "map_columns_changed",
    "run_state_changed",
    "title_changed",
    "modified_changed",
    "activations_asked",
    "busy_changed",
]


class Driver(QObject):
    """Holds a session; everything it says is kept in order in ``heard``."""

    def __init__(self, folder: Path, document: Document | None = None) -> None:
        super().__init__()
        self.session = Session(document, state_folder=folder)
        self.heard: list[tuple[str, tuple[Any, ...]]] = []
        self.notices: list[Notice] = []
        for name in SIGNALS:
            getattr(self.session, name).connect(self._listener(name))
        self.session.notice_posted.connect(self.notices.append)

    def _listener(self, name: str) -> Callable[..., None]:
        return lambda *arguments: self.heard.append((name, arguments))

    @property
    def texts(self) -> list[str]:
        """Everything that was said to people."""
        return [notice.text for notice in self.notices]

    @property
    def steps(self) -> list[str]:
        """Texts of the undo stack, oldest first."""
        stack = self.session.undo_stack
        return [stack.text(i) for i in range(stack.count())]

    def names(self) -> list[str]:
        return [name for name, _ in self.heard]

    def count(self, name: str) -> int:
        return self.names().count(name)

    def spin(self, seconds: float) -> None:
        """Let the event loop run for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            QCoreApplication.processEvents()
            time.sleep(0.0005)

    def until(self, condition: Callable[[], bool], seconds: float = 20.0) -> None:
        """Let the event loop run until something is true."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "waited in vain"
            QCoreApplication.processEvents()
            time.sleep(0.0005)

    def train_until_step(self, step: int) -> None:
        if not self.session.is_running:
            assert self.session.start()
        self.until(lambda: self.session.shown_step >= step or not self.session.is_running)


def trainer_for(document: Document) -> Trainer:
    """What the command line would train for this document."""
    prepared = prepare(document.data, document.preparation, document.seed)
    train, test = prepared.train_and_test(document.network)
    return Trainer(
        document.network, (train, test), document.training, seed=document.seed, state=document.state
    )


def same_document(a: Document, b: Document) -> bool:
    """Bit-for-bit equality of everything a document holds (positions as shown are left out)."""
    return (
        a.network.same_as(b.network)
        and dict(a.positions) == dict(b.positions)
        and a.data == b.data
        and a.preparation == b.preparation
        and a.training == b.training
        and (a.seed, a.draw, a.title) == (b.seed, b.draw, b.title)
        and np.array_equal(a.initial, b.initial)
        and same_state(a, b)
        and a.history.same_as(b.history)
    )


def same_state(a: Document, b: Document) -> bool:
    x, y = a.state, b.state
    return (
        (x.step, x.epoch, x.batch_in_epoch, x.optimizer_step)
        == (y.step, y.epoch, y.batch_in_epoch, y.optimizer_step)
        and x.optimizer_arrays.keys() == y.optimizer_arrays.keys()
        and all(
            np.array_equal(x.optimizer_arrays[name], y.optimizer_arrays[name])
            for name in x.optimizer_arrays
        )
    )
