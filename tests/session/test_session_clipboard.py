"""Copy, cut, paste and duplicate; what comes from the clipboard is checked like a file."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from session.session_driver import Driver, same_document

from nnplay.core import reference
from nnplay.core.excerpt import excerpt_of
from nnplay.core.network import Network
from nnplay.document import Document
from nnplay.formats.errors import FormatError
from nnplay.formats.selection_text import excerpt_from_text, excerpt_to_text
from nnplay.setup import new_document

MakeDriver = Callable[..., Driver]
X = np.random.default_rng(4).normal(size=(20, 2))


def activations(network: Network, ids: tuple[int, ...]) -> np.ndarray:
    rows = [network.topology.row(i) for i in ids]
    return reference.evaluate(network, X).a[rows]


def test_a_copy_is_pasted_where_the_pointer_is(driver: Driver) -> None:
    session = driver.session
    session.set_dropout([2], 0.25)
    session.set_frozen([0], True)
    session.set_enabled([1], False)
    session.set_label(2, "edge  detector")
    session.select([2, 3])
    text = session.copy_selection()
    record = json.loads(text)
    assert (record["nnplay"], record["version"]) == ("selection", 1)
    assert [neuron["label"] for neuron in record["neurons"]] == ["edge detector", "h2"]
    before = session.document
    new = session.paste(text, 500.0, -300.0)
    assert len(new) == 2
    assert session.selection.neurons == set(new)
    assert driver.steps[-1] == "Paste 2 neurons"
    assert np.array_equal(activations(session.network, (2, 3)), activations(session.network, new))
    old_places, places = (np.array([session.positions[i] for i in ids]) for ids in ((2, 3), new))
    assert places.mean(axis=0).tolist() == [500.0, -300.0]
    assert np.array_equal(np.diff(places, axis=0), np.diff(old_places, axis=0))
    network = session.network
    assert network.neuron(new[0]).dropout == 0.25
    assert network.edge(0, new[0]).frozen
    assert not network.edge(1, new[0]).enabled
    assert network.label_of(new[0]) not in ("edge detector", "h2")
    after = session.document
    session.undo()
    assert same_document(session.document, before)
    session.redo()
    assert same_document(session.document, after)


def test_cut_and_paste_brings_everything_back(driver: Driver) -> None:
    session = driver.session
    start = activations(session.network, (8,))
    session.select([6, 7])
    text = session.cut_selection()
    assert driver.steps == ["Cut 2 neurons"]
    assert not session.selection
    assert session.network.topology.neuron_count == 7
    session.paste(text, 0.0, 0.0)
    np.testing.assert_allclose(activations(session.network, (8,)), start, rtol=1e-12)
    assert sorted(session.network.labels) == sorted(new_document("circle")[0].network.labels)


def test_an_output_comes_back_as_what_it_was(driver: Driver) -> None:
    session = driver.session
    binding = session.network.outer_bindings
    session.select([8])
    text = session.cut_selection()
    assert session.data_problem
    assert session.paste(text, 0.0, 0.0)
    assert session.network.outer_bindings == binding
    assert not session.data_problem
    assert session.paste(text, 0.0, 0.0)
    assert len(session.network.topology.output_ids) == 1
    assert "became a hidden neuron" in driver.texts[-1]
    assert not session.data_problem
    assert session.start(1)


def test_inputs_read_what_the_data_have(make_driver: MakeDriver) -> None:
    first, second = make_driver(), make_driver(new_document("iris")[0])
    first.session.select([0, 2])
    text = first.session.copy_selection()
    new = second.session.paste(text, 0.0, 0.0)
    assert len(new) == 2
    network = second.session.network
    assert network.neuron(new[0]).binding not in ("x1",)
    first.session.paste(text, 0.0, 0.0)
    assert first.session.network.outer_bindings[0] == ("x1", "x2", "x1")
    assert not first.session.data_problem


def test_a_duplicate_stands_beside_and_hears_the_same(driver: Driver) -> None:
    session = driver.session
    session.select([4])
    (new,) = session.duplicate_selection()
    assert driver.steps == ["Duplicate a neuron"]
    x, y = session.positions[4]
    assert session.positions[new] == (x + 40, y + 40)
    assert np.array_equal(activations(session.network, (4,)), activations(session.network, (new,)))
    assert {t for t, _ in session.network.topology.outgoing(new)} == {6, 7}


def test_nothing_selected_is_said(driver: Driver) -> None:
    session = driver.session
    assert session.copy_selection() == session.cut_selection() == ""
    assert session.duplicate_selection() == ()
    assert len(driver.texts) == 3
    assert not driver.steps
    assert session.paste("{}", float("nan"), 0.0) == ()


def test_pasting_while_it_trains(driver: Driver) -> None:
    session = driver.session
    driver.train_until_step(30)
    session.select([2, 3])
    text = session.copy_selection()
    assert len(session.paste(text, 0, 0)) == 2
    step = session.shown_step
    assert session.is_running
    driver.train_until_step(step + 20)
    assert len(session.duplicate_selection()) == 2
    assert session.is_running
    assert session.cut_selection()
    assert session.is_running
    session.pause()
    assert not driver.texts


def test_a_large_selection_goes_through(make_driver: MakeDriver) -> None:
    network = Network.mlp([400, 250, 2])
    network = network.with_theta(np.random.default_rng(0).normal(size=network.theta.size))
    text = excerpt_to_text(excerpt_of(network, network.topology.ids.tolist()), {})
    excerpt, _ = excerpt_from_text(text)
    assert len(excerpt.inner.ends) == 100_500
    assert np.array_equal(excerpt.inner.weights, network.theta[:100_500])


# ---------------------------------------------------------------------- what is not welcome
def good() -> dict[str, Any]:
    network = Network.mlp([2, 2, 1])
    places = {i: (float(i), 0.0) for i in range(5)}
    record: dict[str, Any] = json.loads(excerpt_to_text(excerpt_of(network, [2, 3]), places))
    return record


def with_change(*path: Any) -> str:
    """The good record with one value replaced (the last of ``path``)."""
    record: Any = good()
    here = record
    for key in path[:-2]:
        here = here[key]
    here[path[-2]] = path[-1]
    return json.dumps(record)


HOSTILE = [
    "",
    "hello",
    "1\t2\n3\t4",
    "[]",
    "null",
    "{",
    "{}",
    '{"nnplay": "selection"}',
    '{"nnplay": "selection", "version": 1}',
    '{"nnplay": "document", "version": 1, "neurons": []}',
    '{"a": ' + "[" * 500 + "]" * 500 + "}",
    "{" + " " * 17 * 2**20 + "}",
    "{\ud800}",
    '{"nnplay": "selection", "nnplay": "selection"}',
    '{"nnplay": "selection", "version": 1, "neurons": [], "x": NaN}',
    '{"nnplay": "selection", "version": 1, "neurons": [], "x": 1e999}',
    '{"nnplay": "selection", "version": 1, "neurons": [], "x": ' + "9" * 5000 + "}",
    with_change("version", 2),
    with_change("version", True),
    with_change("neurons", {}),
    with_change("neurons", []),
    with_change("neurons", [None]),
    with_change("neurons", 0, "id", -1),
    with_change("neurons", 0, "id", 2**31),
    with_change("neurons", 0, "id", 3),
    with_change("neurons", 0, "kind", "god"),
    with_change("neurons", 0, "activation", "softmax"),
    with_change("neurons", 0, "activation", "nonsense"),
    with_change("neurons", 0, "bias", "1"),
    with_change("neurons", 0, "bias", 10**400),
    with_change("neurons", 0, "label", "x" * 81),
    with_change("neurons", 0, "label", "\ud800"),
    with_change("neurons", 0, "label", 3),
    with_change("neurons", 0, "dropout", 1.0),
    with_change("neurons", 0, "enabled", 1),
    with_change("neurons", 0, "position", [1]),
    with_change("neurons", 0, "position", [1e300, 0]),
    with_change("neurons", 0, "position", "here"),
    with_change("edges", {}),
    with_change("edges", 0, [0]),
    with_change("edges", 0, [0, 2, None]),
    with_change("edges", 0, [0, 2, 1.0, "gold"]),
    with_change("edges", 0, [0, 2, 1.0, []]),
    with_change("edges", 0, [True, 2, 1.0]),
    with_change("edges", 0, [2**63, 2, 1.0]),
    with_change("edges", 0, [2, 2, 1.0]),
    with_change("edges", 0, [0, 1, 1.0]),
    with_change("edges", [[2, 3, 1.0], [3, 2, 1.0]]),
    with_change("edges", [[2, 3, 1.0], [2, 3, 1.0]]),
    with_change("outside", [0]),
    with_change("outside", 0, "id", "0"),
    with_change("outside", 0, "label", None) + "x",
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_what_is_unsound_is_refused_with_a_sentence(driver: Driver, number: int) -> None:
    session = driver.session
    before = session.document
    assert session.paste(HOSTILE[number], 0.0, 0.0) == ()
    assert session.document is before
    assert len(driver.texts) == 1
    assert driver.texts[0].endswith(".")
    assert len(driver.texts[0]) < 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
PLACES = st.sampled_from(
    [
        ("version",),
        ("neurons",),
        ("neurons", 0),
        ("edges",),
        ("edges", 1),
        ("outside",),
        ("outside", 0),
        *(("neurons", 1, key) for key in ("id", "kind", "label", "activation", "bias", "position")),
        *(("neurons", 1, key) for key in ("binding", "dropout", "enabled", "bias_frozen")),
        *(("edges", 2, place) for place in (0, 1, 2)),
    ]
)


@given(st.lists(st.tuples(PLACES, JSON), min_size=1, max_size=3))
def test_no_record_does_more_than_be_refused(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    record: Any = good()
    for path, value in changes:
        here = record
        try:
            for key in path[:-1]:
                here = here[key]
            here[path[-1]] = value
        except (TypeError, KeyError, IndexError):
            continue
    try:
        excerpt, places = excerpt_from_text(json.dumps(record))
    except FormatError:
        return
    assert all(np.isfinite(place).all() for place in places.values())
    assert np.isfinite(excerpt.inner.weights).all()
    assert np.isfinite(excerpt.outer.weights).all()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(cut=st.integers(0, 600), byte=st.integers(0, 255))
def test_damaged_text_never_raises(driver: Driver, cut: int, byte: int) -> None:
    text = json.dumps(good())
    session = driver.session
    session.undo_to(0)
    for damaged in (text[:cut], text[:cut] + chr(byte) + text[cut + 1 :]):
        session.paste(damaged, 0.0, 0.0)
    assert np.isfinite(session.network.theta).all()


def test_documents_without_data_take_everything(make_driver: MakeDriver) -> None:
    driver = make_driver(Document(Network.mlp([3, 1])))
    session = driver.session
    session.select([0, 1, 2, 3])
    assert len(session.paste(session.copy_selection(), 0, 0)) == 4
