"""Surfaces and grids over any two columns, against the exported program run row by row."""

from collections.abc import Callable

import numpy as np
import pytest
from session.session_driver import Driver

from nnplay.data.recipe import Column, RawTable
from nnplay.document import Document
from nnplay.formats import python_function
from nnplay.session.map_columns import plane_of
from nnplay.session.plot_requests import NoAnswer, PlotWish, SampleActivations, SampleWish
from nnplay.session.surface_request import Surface, SurfaceWish
from nnplay.setup import new_document

MakeDriver = Callable[..., Driver]
COLUMNS = np.random.default_rng(3).normal([0, 1, 0, 2, 3], [1, 2, 1, 3, 4], (60, 5)).T
WORDS = ("red", "green", "blue")


def four_columns(*, with_words: bool = False) -> Document:
    """Four numeric columns on scales of their own, words between them if wanted; a number."""
    a, b, _, c, d = COLUMNS
    columns = [Column(name, values) for name, values in zip("abcd", (a, b, c, d), strict=True)]
    if with_words:
        columns.insert(2, Column("kind", np.arange(60) % 3, WORDS))
    table = RawTable((*columns, Column("y", 2.0 * a - c + 0.3 * b * d)), "y")
    return new_document("table", table=table, table_name="four.csv", hidden=(5, 3))[0]


def predictor(document: Document) -> Callable[[list[float]], list[float]]:
    """The program nnplay writes for others, which shares no code with what is tested."""
    names: dict[str, object] = {}
    exec(python_function.to_bytes(document).decode(), names)
    return names["predict"]


def answer_of(driver: Driver, wish: PlotWish) -> object:
    job = wish.job(driver.session)
    assert job is not None
    return job().value


def train(driver: Driver, epochs: int) -> None:
    assert driver.session.run_epochs(epochs)
    driver.until(lambda: not driver.session.is_running)


@pytest.mark.parametrize("columns", [(0, 2), (2, 0), (1, 3)])
def test_a_surface_over_any_columns_is_what_the_program_says_there(
    make_driver: MakeDriver, columns: tuple[int, int]
) -> None:
    driver = make_driver(four_columns())
    session = driver.session
    train(driver, 15)
    assert session.set_map_columns(*columns)
    session.probe_row(7)
    found = answer_of(driver, SurfaceWish(resolution=5))
    assert isinstance(found, Surface)
    held = [values[7] for values in (COLUMNS[0], COLUMNS[1], COLUMNS[3], COLUMNS[4])]
    assert (found.x[[0, -1]].tolist(), found.y[[0, -1]].tolist()) == tuple(
        list(session.prepared.domain[column]) for column in columns
    )
    predict = predictor(session.document)
    for j, y in enumerate(found.y.tolist()):
        for i, x in enumerate(found.x.tolist()):
            sample = [*held]
            sample[columns[0]], sample[columns[1]] = x, y
            assert found.values[j, i] == pytest.approx(predict(sample)[0], rel=1e-9)
    for row, (x, y, true, given) in zip(found.rows.tolist(), found.samples.tolist(), strict=True):
        sample = [COLUMNS[i][row] for i in (0, 1, 3, 4)]
        assert (x, y) == (sample[columns[0]], sample[columns[1]])
        assert true == pytest.approx(2 * sample[0] - sample[2] + 0.3 * sample[1] * sample[3])
        assert given == pytest.approx(predict(sample)[0], rel=1e-9)


def test_words_are_held_too_and_are_never_an_axis(make_driver: MakeDriver) -> None:
    driver = make_driver(four_columns(with_words=True))
    session = driver.session
    train(driver, 5)
    assert not session.set_map_columns(0, 2)
    assert session.set_map_columns(1, 4)
    a, c = 0.25, -1.5
    session.set_probe([a, 9.0, 1.0, c, 9.0])
    plane = plane_of(session)
    assert plane is not None
    assert plane.held_columns == (0, 2, 3)
    found = answer_of(driver, SurfaceWish(resolution=4))
    assert isinstance(found, Surface)
    predict = predictor(session.document)
    for i, j in np.ndindex(4, 4):
        sample = [a, found.x[i], "green", c, found.y[j]]
        assert found.values[j, i] == pytest.approx(predict(sample)[0], rel=1e-9)


def test_the_grid_of_a_hidden_layer_lies_over_the_chosen_columns(make_driver: MakeDriver) -> None:
    driver = make_driver(four_columns())
    session = driver.session
    train(driver, 5)
    # Without a choice the first two.
    assert plane_of(session).columns == (0, 1)
    session.set_map_columns(3, 1)
    session.set_probe([0.5, 9.0, 2.5, 9.0])
    found = answer_of(driver, SampleWish(level=-1, with_grid=True))
    assert isinstance(found, SampleActivations)
    assert found.plane.columns == (3, 1)
    # The output neuron says the prediction in units of its own: a straight line away from y.
    predict = predictor(session.document)
    lines, points = found.grid.shape[:2]
    (x0, x1), (y0, y1) = (session.prepared.domain[column] for column in (3, 1))
    said = [predict([0.5, y, 2.5, x])[0] for y in (y0, y1) for x in (x0, x1)]
    half = lines // 2
    corners = [
        found.grid[0, 0],
        found.grid[half - 1, 0],
        found.grid[0, points - 1],
        found.grid[half - 1, points - 1],
    ]
    restored = session.prepared.restore_target(np.array(corners, dtype=np.float64))[:, 0]
    assert sorted(restored) == pytest.approx(sorted(said), rel=1e-5)
    assert answer_of(driver, SampleWish(level=-1)).grid.size == 0


def test_what_is_held_follows_the_probe_and_other_data(make_driver: MakeDriver) -> None:
    driver = make_driver(four_columns())
    session = driver.session
    before = answer_of(driver, SurfaceWish())
    session.set_probe([0.0, 5.0, 0.0, 5.0])
    after = answer_of(driver, SurfaceWish())
    assert after.plane.held == (0.0, 0.0, 0.0, 5.0)
    assert np.abs(after.values - before.values).max() > 1e-3
    session.set_map_columns(2, 3)
    session.new_document(new_document("reg-plane")[0])
    assert plane_of(session).columns == (0, 1)
    assert plane_of(session).held_columns == ()
    session.new_document(new_document("iris")[0])
    found = answer_of(driver, SurfaceWish())
    assert isinstance(found, NoAnswer)
    assert "number to predict" in found.problem
