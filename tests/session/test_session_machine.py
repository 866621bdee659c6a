"""Random verbs in random order, runs included: undo all is the start, redo all is the end."""

import hashlib
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from PySide6.QtCore import QCoreApplication
from session.session_driver import Driver, same_document

from nnplay.core.topology import Kind
from nnplay.document import Document
from nnplay.setup import new_document

STARTS = (
    new_document("circle")[0],
    new_document("iris", hidden=(3,))[0],
    new_document("reg-plane", hidden=(3, 2), training={"optimizer": "adam"})[0],
)
NUMBERS = st.floats(-3, 3, allow_nan=False)
PLACES = st.floats(-500, 500, allow_nan=False)


def fingerprint(document: Document) -> bytes:
    """Everything in a document, copied: an array changed in place would give itself away."""
    network, state, history = document.network, document.state, document.history
    arrays = [
        network.topology.ids,
        network.topology.edges,
        network.theta,
        network.frozen,
        network.enabled,
        document.initial,
        history.epochs,
        history.train,
        history.test,
        *(state.optimizer_arrays[name] for name in sorted(state.optimizer_arrays)),
    ]
    table = document.data.table
    if table is not None:
        arrays += [column.values for column in table.columns]
    words = (
        *(network.labels, network.activations, network.bindings),
        *(state.step, state.epoch, state.batch_in_epoch, state.optimizer_step),
        *(sorted(document.positions.items()), document.preparation, document.training),
        *(document.seed, document.draw, document.title),
        *(document.data.source, document.data.noise, document.data.sample_count),
        *(document.data.train_percent, document.data.table_name),
    )
    digest = hashlib.sha256(repr(words).encode())
    for array in arrays:
        digest.update(f"{array.dtype}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.digest()


class Person(RuleBasedStateMachine):
    """Someone who presses everything, also while it trains."""

    @initialize(start=st.sampled_from(STARTS))
    def begin(self, start: Document) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.driver = Driver(Path(self.folder.name), start)
        self.session = self.driver.session
        self.start = self.session.document
        self.gesture = self.session.begin_gesture()
        # Steps of the stack, each with the fingerprint of the document it led to.
        self.seen: dict[object, bytes] = {None: fingerprint(self.start)}
        self.drags = False

    @property
    def step_shown(self) -> object:
        """The step that led to the present document; None at the beginning."""
        index = self.session.undo_stack.index()
        return self.session.workspace._changes[index - 1] if index else None

    def dragging(self, drag: bool) -> int | None:
        self.drags |= drag
        return self.gesture if drag else None

    def compare(self) -> None:
        """A place that was seen before looks as it did then, bit for bit."""
        now = fingerprint(self.session.document)
        assert self.seen.setdefault(self.step_shown, now) == now

    def teardown(self) -> None:
        if not hasattr(self, "driver"):
            return
        session = self.session
        session.pause()
        last = session.undo_stack.count()
        session.undo_to(last)
        end = session.document
        self.compare()
        for _ in range(last):
            session.undo()
            self.compare()
        assert session.undo_stack.index() == 0
        assert same_document(session.document, self.start)
        for _ in range(last):
            session.redo()
            self.compare()
        assert same_document(session.document, end)
        session.shutdown()
        self.folder.cleanup()

    def some(self, ids: tuple[int, ...], which: int) -> int:
        return ids[which % len(ids)] if ids else 0

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(self.session.network.topology.ids.tolist())

    # ------------------------------------------------------------------ training
    @rule(epochs=st.sampled_from([None, 1, 3]))
    def start_training(self, epochs: int | None) -> None:
        self.session.start(epochs)
        self.driver.spin(0.003)

    @rule()
    def wait(self) -> None:
        self.driver.spin(0.003)

    @rule()
    def toggle(self) -> None:
        self.session.toggle()

    @rule()
    def step(self) -> None:
        self.session.step_batch()

    # ------------------------------------------------------------------ numbers
    @rule(which=st.integers(0, 99), value=NUMBERS, drag=st.booleans())
    def set_parameter(self, which: int, value: float, drag: bool) -> None:
        count = self.session.network.topology.parameter_count
        if count:
            slot = which % count
            self.session.set_parameters({slot: value}, self.dragging(drag))
            assert self.session.network.theta[slot] == value

    @rule(
        which=st.integers(0, 99),
        values=st.lists(NUMBERS, min_size=2, max_size=4),
        between=st.sampled_from(["nothing", "undo", "save", "step", "start", "rename"]),
    )
    def long_drag(self, which: int, values: list[float], between: str) -> None:
        """One gesture, and in the middle of it something else."""
        session = self.session
        slot = which % max(1, session.network.topology.parameter_count)
        self.new_gesture()
        for number, value in enumerate(values):
            if not session.network.topology.parameter_count:
                return
            session.set_parameters({slot: value}, self.dragging(True))
            assert session.network.theta[slot] == value
            if number == 0 and between != "nothing":
                self.places_seen_before_look_the_same()
                if between == "rename":
                    self.rename(0, f"name {value}")
                elif between == "start":
                    self.start_training(None)
                else:
                    getattr(self, between)()
                self.places_seen_before_look_the_same()

    @rule()
    def new_gesture(self) -> None:
        self.gesture = self.session.begin_gesture()

    @rule(which=st.integers(0, 99), held=st.booleans())
    def hold(self, which: int, held: bool) -> None:
        slot = which % 30
        (self.session.hold_slot if held else self.session.release_slot)(slot)

    # ------------------------------------------------------------------ structure
    @rule(kind=st.sampled_from(list(Kind)), x=PLACES, y=PLACES)
    def add_neuron(self, kind: Kind, x: float, y: float) -> None:
        new = self.session.add_neuron(kind, x, y)
        assert self.session.positions[new] == (x, y)

    @rule(a=st.integers(0, 99), b=st.integers(0, 99))
    def connect(self, a: int, b: int) -> None:
        self.session.connect(self.some(self.ids, a), self.some(self.ids, b))

    @rule(a=st.integers(0, 99))
    def remove_neuron(self, a: int) -> None:
        if self.ids:
            self.session.remove([self.some(self.ids, a)])

    @rule(a=st.integers(0, 99))
    def remove_edge(self, a: int) -> None:
        edges = self.session.network.topology.edges.tolist()
        if edges:
            self.session.remove(edges=[tuple(edges[a % len(edges)])])

    @rule(level=st.integers(0, 3), size=st.integers(0, 2))
    def layers(self, level: int, size: int) -> None:
        session = self.session
        if session.network.topology.neuron_count < 25:
            session.insert_layer(level, size)
            session.add_to_level(level)

    @rule(level=st.integers(0, 3))
    def fewer_layers(self, level: int) -> None:
        self.session.remove_from_level(level)
        self.session.remove_level(level)

    @rule(
        a=st.integers(0, 99),
        name=st.sampled_from(["relu", "tanh", "sigmoid", "softmax", "wobble"]),
    )
    def activation(self, a: int, name: str) -> None:
        self.session.set_activation([self.some(self.ids, a)], name)

    @rule(a=st.integers(0, 99), on=st.booleans(), lock=st.booleans())
    def flag(self, a: int, on: bool, lock: bool) -> None:
        (self.session.set_frozen if lock else self.session.set_enabled)([a % 20], on)

    # ------------------------------------------------------------------ names, places, set-up
    @rule(a=st.integers(0, 99), text=st.text(max_size=5))
    def rename(self, a: int, text: str) -> None:
        self.session.set_label(self.some(self.ids, a), text)

    @rule(a=st.integers(0, 99), x=PLACES, y=PLACES, drag=st.booleans())
    def move(self, a: int, x: float, y: float, drag: bool) -> None:
        self.session.move_neurons({self.some(self.ids, a): (x, y)}, self.dragging(drag))

    @rule()
    def arrange(self) -> None:
        self.session.arrange()

    @rule(
        changes=st.sampled_from(
            [
                {"learning_rate": 0.01},
                {"learning_rate": 0.1},
                {"optimizer": "adam"},
                {"optimizer": "momentum"},
                {"batch_size": 3},
                {"batch_size": 50},
                {"loss": "mse"},
                {"loss": "softmax_cross_entropy"},
                {"learning_rate": -1.0},
                {"l2": 0.01},
            ]
        ),
        drag=st.booleans(),
    )
    def training(self, changes: dict[str, object], drag: bool) -> None:
        self.session.set_training(self.dragging(drag), **changes)

    @rule(
        changes=st.sampled_from(
            [
                {"noise": 10},
                {"noise": 20},
                {"train_percent": 70},
                {"sample_count": 60},
                {"source": "xor"},
                {"source": "iris"},
                {"source": "reg-plane"},
                {"source": "xor-table"},
                {"noise": 99},
            ]
        ),
        drag=st.booleans(),
    )
    def data(self, changes: dict[str, object], drag: bool) -> None:
        self.session.set_data(self.dragging(drag), **changes)

    @rule(features=st.sampled_from([("x1",), ("x1", "x2"), ("x1", "x2", "x1^2"), ("nope",)]))
    def features(self, features: tuple[str, ...]) -> None:
        self.session.set_features(features)

    @rule(seed=st.integers(0, 3))
    def seed(self, seed: int) -> None:
        self.session.set_seed(seed)

    @rule()
    def reset(self) -> None:
        self.session.reset()

    @rule()
    def draw(self) -> None:
        self.session.draw_new_weights()

    # ------------------------------------------------------------------ undo, files, looking
    @rule()
    def undo(self) -> None:
        self.session.undo()
        assert not self.session.is_running

    @rule()
    def redo(self) -> None:
        self.session.redo()
        assert not self.session.is_running

    @rule(place=st.integers(0, 50))
    def undo_to(self, place: int) -> None:
        self.session.undo_to(place % (self.session.undo_stack.count() + 1))

    @rule()
    def save(self) -> None:
        was_running = self.session.is_running
        assert self.session.save(Path(self.folder.name) / "a.nnplay")
        # Going on, unless the last epoch asked for was just done.
        assert self.session.is_running <= was_running

    @rule(a=st.integers(0, 99))
    def look(self, a: int) -> None:
        self.session.select(self.ids[:3], [])
        self.session.probe_row(a)

    @rule()
    def open_table(self) -> None:
        place = Path(self.folder.name) / "table.csv"
        place.write_text("a,b,y\n" + "".join(f"{i},{i * i % 7},{i % 3}\n" for i in range(30)))
        assert self.session.open_table(place)
        assert self.session.document.data.table_name == "table.csv"

    # ------------------------------------------------------------------ what is always true
    @invariant()
    def places_seen_before_look_the_same(self) -> None:
        if not hasattr(self, "session"):
            return
        if self.drags and self.step_shown is not None:  # a gesture's step may have grown
            self.seen[self.step_shown] = fingerprint(self.session.document)
        else:
            self.compare()
        self.drags = False

    @invariant()
    def shown_is_consistent(self) -> None:
        if not hasattr(self, "session"):
            return
        session, network = self.session, self.session.network
        assert network.topology is session.document.network.topology
        assert network.labels == session.document.network.labels
        assert set(session.positions) == set(self.ids)
        assert np.isfinite(network.theta).all()
        assert session.document.initial.size == network.theta.size
        assert session.probe.activations.size == network.topology.neuron_count
        assert (session.shown_step > session.document.state.step) <= session.is_modified
        if not session.is_running:
            assert session.network is session.document.network
            assert session.shown_step == session.document.state.step
        assert not [n for n in self.driver.notices if "fault" in n.text], self.driver.texts


def machine(examples: int, steps: int, *, repeatable: bool) -> None:
    run_state_machine_as_test(
        Person,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=repeatable,
            database=None,
        ),
    )


def test_random_verbs(qapp: QCoreApplication) -> None:
    machine(40, 40, repeatable=True)


@pytest.mark.soak
def test_random_verbs_for_long(qapp: QCoreApplication) -> None:
    machine(2000, 60, repeatable=False)
