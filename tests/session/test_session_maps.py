"""Grids are kept between maps, and only as long as they are the right ones."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from session.session_driver import Driver

from nnplay.core.program import Program
from nnplay.data.preparation import prepare
from nnplay.data.recipe import Column, RawTable
from nnplay.document import Document
from nnplay.library import load
from nnplay.session.evaluation import Programs, decision_map
from nnplay.session.values import MapRequest, MapResult
from nnplay.setup import new_document

MakeDriver = Callable[..., Driver]


@pytest.fixture
def circle():
    document, _ = new_document("circle", features=("x1", "x2"))
    return document, prepare(document.data, document.preparation, document.seed)


def test_a_grid_is_made_once_while_weights_change(circle) -> None:
    document, data = circle
    programs, request = Programs(), MapRequest(20)
    network = document.network
    grid = programs.grid(network, data, request)
    moved = network.with_theta(network.theta * 2.0)
    assert programs.grid(moved, data, request) is grid
    shown = decision_map(moved, data, request, programs)
    fresh = decision_map(moved, data, request, Programs())
    np.testing.assert_array_equal(shown.values, fresh.values)


def test_other_wishes_get_other_grids(circle) -> None:
    document, data = circle
    network = document.network
    first, second = network.topology.input_ids
    crossed = network.set_binding(first, "x2").set_binding(second, "x1")
    scaled = prepare(
        document.data, replace(document.preparation, scale_inputs="standard"), document.seed
    )
    programs = Programs()
    for net, prepared, request in (
        (network, data, MapRequest(20)),
        (crossed, data, MapRequest(20)),
        (network, scaled, MapRequest(20)),
        (network, data, MapRequest(20, None, 1, 0)),
        (network, data, MapRequest(30)),
        (network, data, MapRequest(20)),
    ):
        shown = decision_map(net, prepared, request, programs)
        fresh = decision_map(net, prepared, request, Programs())
        np.testing.assert_array_equal(shown.values, fresh.values)


def test_chosen_neurons_come_in_the_order_asked_for(circle) -> None:
    document, data = circle
    network = document.network
    every = decision_map(network, data, MapRequest(10), Programs())
    ids = network.topology.ids.tolist()
    some = decision_map(network, data, MapRequest(10, (ids[3], ids[0])), Programs())
    np.testing.assert_array_equal(some.values, every.values[[3, 0]])
    assert every.neurons == tuple(ids)


# ---------------------------------------------------------------------- chosen columns
@pytest.mark.parametrize(("name", "columns"), [("iris", (2, 3)), ("wine", (12, 0))])
def test_a_plane_of_two_columns_holds_the_others(name: str, columns: tuple[int, int]) -> None:
    document, _ = new_document(name)
    data = prepare(document.data, document.preparation, document.seed)
    size, held = 7, tuple(data.raw[5].tolist())
    shown = decision_map(
        document.network, data, MapRequest(size, None, *columns, held=held), Programs()
    )
    (x0, x1), (y0, y1) = data.domain[columns[0]], data.domain[columns[1]]
    assert shown.domain == (x0, x1, y0, y1)
    for row, column in ((0, 0), (2, 5), (6, 1)):
        raw = list(held)
        raw[columns[0]] = x0 + (column + 0.5) * (x1 - x0) / size
        raw[columns[1]] = y1 - (row + 0.5) * (y1 - y0) / size
        program = Program(document.network, 1)
        program.forward(data.input_matrix(document.network, [raw]))
        expected = program.activations_compact()[:, 0]
        np.testing.assert_allclose(shown.values[:, row, column], expected, atol=2e-6)


def test_a_grid_belongs_to_the_values_that_are_held() -> None:
    document, _ = new_document("iris")
    data = prepare(document.data, document.preparation, document.seed)
    programs, network = Programs(), document.network
    one, other = (MapRequest(5, None, 0, 1, tuple(data.raw[row].tolist())) for row in (0, 90))
    first = programs.grid(network, data, one)
    assert not np.array_equal(programs.grid(network, data, other), first)
    assert programs.grid(network, data, one) is first


def mixed_document() -> Document:
    """Numbers, words, numbers; a number to predict."""
    rng = np.random.default_rng(0)
    numbers = [Column(name, rng.normal(size=60)) for name in ("a", "c", "target")]
    words = Column("b", rng.integers(0, 2, 60).astype(float), ("left", "right"))
    table = RawTable((numbers[0], words, numbers[1], numbers[2]), "target")
    return new_document("table", table=table, table_name="mixed.csv", hidden=(3,))[0]


def test_two_columns_are_a_plane_by_themselves(make_driver: MakeDriver) -> None:
    session = make_driver(new_document("circle")[0]).session
    assert session.map_columns == (0, 1)
    assert session.set_map_columns(None)
    assert session.map_columns == (0, 1)


def test_more_columns_have_no_maps_until_two_are_chosen(make_driver: MakeDriver) -> None:
    driver = make_driver(new_document("iris")[0])
    session = driver.session
    got: list[MapResult] = []
    session.maps_arrived.connect(lambda _, result: got.append(result))
    session.watch("map", MapRequest(6))
    driver.spin(0.1)
    assert session.map_columns is None
    assert got == []
    driver.heard.clear()
    assert session.set_map_columns(3, 2)
    assert session.map_columns == (3, 2)
    assert driver.count("map_columns_changed") == 1
    driver.until(lambda: bool(got))
    assert got[-1].domain == (*session.prepared.domain[3], *session.prepared.domain[2])
    assert session.undo_stack.count() == 0
    got.clear()
    assert session.set_map_columns(None)
    session.probe_row(80)
    driver.spin(0.1)
    assert got == []


def test_maps_follow_what_the_probe_holds_and_nothing_else(make_driver: MakeDriver) -> None:
    driver = make_driver(new_document("iris")[0])
    session = driver.session
    got: list[MapResult] = []
    session.maps_arrived.connect(lambda _, result: got.append(result))
    session.watch("map", MapRequest(6))
    session.set_map_columns(0, 1)
    driver.until(lambda: bool(got))
    driver.spin(0.1)
    before = got[-1].values
    got.clear()
    raw = list(session.probe.raw)
    session.set_probe([raw[0] + 0.5, raw[1] - 0.25, *raw[2:]])
    driver.spin(0.15)
    assert got == []  # the same plane
    session.set_probe([raw[0], raw[1], raw[2] + 2.0, raw[3]])
    driver.until(lambda: bool(got))
    driver.spin(0.1)
    assert not np.array_equal(got[-1].values, before)
    request = MapRequest(6, None, 0, 1, session.probe.raw)
    expected = decision_map(session.network, session.prepared, request, Programs())
    np.testing.assert_array_equal(got[-1].values, expected.values)


def test_a_large_map_follows_the_probe_to_its_last_place(make_driver: MakeDriver) -> None:
    driver = make_driver(new_document("wine")[0])
    session = driver.session
    got: list[MapResult] = []
    session.maps_arrived.connect(lambda _, result: got.append(result))
    session.watch("map", MapRequest(120))
    session.set_map_columns(0, 1)
    for row in range(30):
        session.probe_row(row)
        driver.spin(0.002)
    driver.spin(0.4)
    request = MapRequest(120, None, 0, 1, session.probe.raw)
    expected = decision_map(session.network, session.prepared, request, Programs())
    np.testing.assert_array_equal(got[-1].values, expected.values)
    assert len(got) < 30


def test_words_are_no_axis_but_can_be_held(make_driver: MakeDriver) -> None:
    driver = make_driver(mixed_document())
    session = driver.session
    got: list[MapResult] = []
    session.maps_arrived.connect(lambda _, result: got.append(result))
    session.watch("map", MapRequest(5))
    for x, y in ((0, 1), (1, 2), (0, 0), (0, 7), (-1, 0)):
        assert not session.set_map_columns(x, y)
        assert session.map_columns is None
    assert session.set_map_columns(0, 2)
    driver.until(lambda: bool(got))
    driver.spin(0.1)
    left = got[-1].values
    raw = list(session.probe.raw)
    session.set_probe([raw[0], 1.0 - raw[1], raw[2]])
    driver.spin(0.2)
    assert not np.array_equal(got[-1].values, left)


def test_other_data_switch_maps_off_and_undo_brings_them_back(make_driver: MakeDriver) -> None:
    driver = make_driver(new_document("iris")[0])
    session = driver.session
    session.watch("map", MapRequest(5))
    session.set_map_columns(2, 3)
    assert session.edit("Wine", lambda _: new_document("wine")[0])
    assert session.map_columns is None
    session.undo()
    assert session.map_columns == (2, 3)
    session.redo()
    assert session.map_columns is None


def test_the_choice_is_saved_and_nonsense_in_a_file_is_no_choice(
    make_driver: MakeDriver, tmp_path: Path
) -> None:
    session = make_driver(new_document("iris")[0]).session
    session.set_map_columns(3, 1)
    assert session.save(tmp_path / "iris.nnplay")
    saved = load(tmp_path / "iris.nnplay")
    assert make_driver(saved).session.map_columns == (3, 1)
    for nonsense in ([], 7, "ab", ["x"], [1, 2], ["petal length", "petal length"], [None, {}]):
        document = replace(saved, view={**saved.view, "map_columns": nonsense})
        assert make_driver(document).session.map_columns is None
