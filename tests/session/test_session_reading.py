"""Files read beside the window: tables and documents too large to wait for."""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from session.session_driver import Driver, same_document

from nnplay import library
from nnplay.core.training import Trainer
from nnplay.data.tables import choose_target, read_csv
from nnplay.session import reader, reading
from nnplay.session.reading import Order, Outcome, carry_out, packed, unpacked
from nnplay.setup import new_document

MakeDriver = Callable[..., Driver]

HEIGHTS = "height,age,class\n" + "".join(
    f"{150 + i},{20 + i % 7},{'tall' if i > 20 else 'small'}\n" for i in range(40)
)


@pytest.fixture
def heights(tmp_path: Path) -> Path:
    place = tmp_path / "heights.csv"
    place.write_text(HEIGHTS)
    return place


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file counts as large."""
    monkeypatch.setattr(reader, "LONGEST_WAIT", -1.0)


def endless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file whose reading takes until it is given up, as if the disk did not answer."""
    place = tmp_path / "endless.nnplay"
    place.write_bytes(b"")
    begun = reader._start

    def never(order: Order) -> object:
        process = begun(order)
        process.send_signal(signal.SIGSTOP)
        return process

    monkeypatch.setattr(reader, "_start", never)
    return place


def busy(driver: Driver) -> list[str]:
    return [arguments[0] for name, arguments in driver.heard if name == "busy_changed"]


def children() -> set[int]:
    """Processes of ours that read a file; other tests may have left helpers of joblib behind."""
    path = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    found = set()
    for child in path.read_text().split():
        try:
            words = Path(f"/proc/{child}/cmdline").read_bytes()
        except OSError:
            continue  # it has ended meanwhile
        if b"nnplay.session.reading" in words:
            found.add(int(child))
    return found


# ---------------------------------------------------------------------- tables
def test_a_table_becomes_the_data_as_one_step(driver: Driver, heights: Path) -> None:
    session, before = driver.session, driver.session.document
    assert session.open_table(heights)
    assert session.prepared.target_name == "class"
    assert session.prepared.output_keys == ("small", "tall")
    assert session.network.bindings[:2] == ("height", "age")
    assert (session.document.data.table_name, session.data_problem) == ("heights.csv", "")
    assert driver.steps == ["Open data heights.csv"]
    assert [notice.severity for notice in driver.notices] == ["info"]
    assert "“class” is predicted" in driver.texts[0]
    assert busy(driver) == []  # a small file needs no further process
    after = session.document
    assert session.start(1)
    driver.until(lambda: not session.is_running)
    session.undo()
    session.undo()
    assert same_document(session.document, before)
    session.redo()
    assert same_document(session.document, after)


@pytest.mark.parametrize(
    ("rows", "before", "chosen", "after"),
    [
        (40, "and-table", None, 70),  # a truth table keeps no row for testing, a table does
        (40, "circle", None, 70),
        (40, "circle", 80, 80),  # somebody's choice stays
        (6, "circle", 80, 100),  # too few rows to keep any
    ],
)
def test_a_table_keeps_rows_for_testing(
    driver: Driver, tmp_path: Path, rows: int, before: str, chosen: int | None, after: int
) -> None:
    session, place = driver.session, tmp_path / "rows.csv"
    place.write_text("a,b\n" + "".join(f"{i / 4},{i * i / 8}\n" for i in range(rows)))
    session.set_data(source=before)
    if chosen is not None:
        session.set_data(train_percent=chosen)
    assert session.open_table(place)
    assert session.document.data.train_percent == after
    assert len(session.prepared.test_rows) == rows - rows * after // 100
    session.set_data(source="spiral")
    assert session.document.data.train_percent == (80 if after == 80 else 50)


def test_a_large_table_is_read_beside_the_window(
    driver: Driver, heights: Path, beside: None
) -> None:
    session = driver.session
    driver.train_until_step(20)
    assert session.open_table(heights)
    assert session.busy == "Reading heights.csv …"
    assert session.document.data.source == "circle"
    driver.until(lambda: not session.busy)
    assert busy(driver) == ["Reading heights.csv …", ""]
    assert session.is_running  # training goes on, with the new data
    session.pause()
    assert driver.steps[1] == "Open data heights.csv"
    assert session.data_problem == ""
    expected = choose_target(read_csv(heights), "class")
    table = session.document.data.table
    assert (table.target, table.classes) == (expected.target, expected.classes)
    for column, wanted in zip(table.columns, expected.columns, strict=True):
        assert (column.name, column.categories) == (wanted.name, wanted.categories)
        assert np.array_equal(column.values, wanted.values)
        assert not column.values.flags.writeable
    assert "“class” is predicted" in driver.texts[0]
    assert children() == set()


def test_the_size_decides(tmp_path: Path) -> None:
    place = tmp_path / "a.csv"
    place.write_bytes(b"x" * 4_000_000)
    assert reader.estimated_seconds(Order("table", place)) == pytest.approx(1.0)
    assert reader.estimated_seconds(Order("document", tmp_path / "missing")) == 0
    twin, archive = tmp_path / "a.nnplay.json", tmp_path / "a.nnplay"
    for path in (twin, archive):
        path.write_bytes(b"x" * 2_000_000)
    assert reader.estimated_seconds(Order("document", archive)) < reader.LONGEST_WAIT
    assert reader.estimated_seconds(Order("document", twin)) > reader.LONGEST_WAIT


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize(
    ("contents", "word"),
    [
        (b"", "empty"),
        (b"only\n1\n2\n", "only one column"),
        (b"\x00\x01\x02\x03", "not a text file"),
        (b"a,b\n1,x\n2,x\n3,x\n", "to predict"),
        (None, "could not be opened"),
    ],
)
def test_a_broken_table_is_refused_kindly(
    driver: Driver,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    contents: bytes | None,
    word: str,
    large: bool,
) -> None:
    if large:
        monkeypatch.setattr(reader, "LONGEST_WAIT", -1.0)
    session, before = driver.session, driver.session.document
    place = tmp_path / "strange.csv"
    if contents is not None:
        place.write_bytes(contents)
    if word == "to predict":
        # Nothing else could be predicted either.
        place.write_bytes(b"a,b\n" + b"q,x\n" * 3)
    assert session.open_table(place) is large
    driver.until(lambda: not session.busy)
    assert session.document is before
    assert driver.steps == []
    assert [notice.severity for notice in driver.notices] == ["error"]
    assert word in driver.texts[0]


def test_a_column_that_can_be_predicted_is_found(driver: Driver, tmp_path: Path) -> None:
    place = tmp_path / "people.csv"
    rows = "".join(f"{i},{i * i % 17 + 0.5},name{i}\n" for i in range(150))
    place.write_text("x,y1,name\n" + rows)
    assert driver.session.open_table(place)
    assert driver.session.prepared.target_name == "y1"
    assert "“name” cannot be predicted; “y1” is" in driver.texts[0]
    assert "different words" in driver.texts[0]  # and is no input either


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize(
    ("cell", "extra", "severity", "words"),
    [
        ("0.5", "", "info", "predicted"),
        ("x", "", "warning", "1 row with holes or faulty values was left out (line 7)"),
        ("0.5", "id", "warning", "“id” only numbers the rows"),
    ],
)
def test_what_was_left_out_of_a_table_is_a_warning_nobody_misses(
    driver: Driver,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    large: bool,
    cell: str,
    extra: str,
    severity: str,
    words: str,
) -> None:
    if large:
        monkeypatch.setattr(reader, "LONGEST_WAIT", -1.0)
    place = tmp_path / "some.csv"
    rows = [f"{i},{cell if i == 5 else i / 8},{i % 2}\n" for i in range(40)]
    place.write_text(f"{extra or 'a'},b,t\n" + "".join(rows))
    assert driver.session.open_table(place)
    driver.until(lambda: bool(driver.notices))
    (notice,) = driver.notices
    assert words in notice.text
    assert (notice.severity, notice.is_important) == (severity, True)


def test_another_column_can_be_predicted_and_the_first_again(
    driver: Driver, tmp_path: Path
) -> None:
    place = tmp_path / "pets.csv"
    rows = "".join(f"{'cat' if i % 3 else 'dog'},{i / 4},{(i * 7) % 3 + 1}\n" for i in range(60))
    place.write_text("pet,weight,class\n" + rows)
    session = driver.session
    assert not session.set_target("class")  # the circle has no columns to choose from
    assert session.open_table(place)
    first, prepared = session.document, session.prepared
    assert prepared.output_keys == ("1", "2", "3")
    assert not session.set_target("class")  # it is already
    assert not session.set_target("colour")
    assert "no column “colour”" in driver.texts[-1]
    assert session.set_target("weight")
    assert driver.steps[-1] == "Predict weight"
    assert not session.prepared.is_classification
    assert session.training.loss == "mse"
    assert session.data_problem == ""
    # The class numbers are an input, and numbers again.
    assert session.document.data.table.column("class").categories is None
    assert session.document.data.table.column("class").values[:4].tolist() == [1, 2, 3, 1]
    assert session.set_target("pet")
    assert session.prepared.output_keys == ("cat", "dog")
    assert session.set_target("class")
    again = session.prepared
    assert again.output_keys == prepared.output_keys
    assert np.array_equal(again.raw, prepared.raw)
    assert np.array_equal(
        session.document.data.table.column("class").values, first.data.table.column("class").values
    )
    for _ in range(3):
        session.undo()
    assert same_document(session.document, first)


def test_hundreds_of_remarks_are_said_in_short(driver: Driver, tmp_path: Path) -> None:
    place = tmp_path / "messy.csv"
    names = [f"c{i}" for i in range(30)]
    lines = [",".join(["1"] * 30), ",".join(["2"] * 30)]
    place.write_text(
        ",".join([*names, "x", "y"])
        + "\n"
        + "".join(f"{a},{i},{i}\n" for i, a in enumerate(lines * 9))
    )
    table = read_csv(place)
    remarks = [f"Remark {i}." for i in range(40)]
    assert driver.session.load_table(choose_target(table, "y"), "messy.csv", remarks)
    assert "Remark 5." in driver.texts[0]
    assert "Remark 6." not in driver.texts[0]
    assert "more remarks like these." in driver.texts[0]


# ---------------------------------------------------------------------- documents
def test_large_documents_and_networks_too(
    driver: Driver, make_driver: MakeDriver, tmp_path: Path, beside: None
) -> None:
    document = new_document("iris", seed=4)[0]
    place = tmp_path / "iris.nnplay.json"
    library.save(document, place)
    library.export(document, tmp_path / "iris.npz")
    session = driver.session
    session.set_weight(0, 2, 0.5)  # somebody was asked about these changes before
    before = session.document
    assert session.import_file(tmp_path / "iris.npz")
    driver.until(lambda: not session.busy)
    assert driver.steps[-1] == "Import iris.npz"
    assert np.array_equal(session.network.theta, document.network.theta)
    session.undo()
    assert same_document(session.document, before)
    assert session.open_document(place)
    driver.until(lambda: not session.busy)
    assert same_document(session.document, document)
    assert (session.path, session.is_modified) == (place, False)
    assert session.settings.recent_files == (place,)
    assert not session.document.network.theta.flags.writeable


def test_work_done_while_a_document_is_read_is_not_thrown_away(
    driver: Driver, tmp_path: Path, beside: None
) -> None:
    document = new_document("iris")[0]
    place = tmp_path / "iris.nnplay"
    library.save(document, place)
    session = driver.session
    for work in (lambda: session.set_weight(0, 2, 0.5), session.step_batch):
        assert session.open_document(place)
        work()
        kept = session.document
        driver.until(lambda: not session.busy)
        assert session.document is kept
        notice = driver.notices[-1]
        assert "meanwhile you changed" in notice.text
    assert notice.action_text == "Open iris.nnplay"
    notice.action()
    assert same_document(session.document, document)
    assert session.path == place


def test_bare_weights_read_beside_the_window_ask_for_activations(
    driver: Driver, tmp_path: Path, beside: None
) -> None:
    place = tmp_path / "bare.npz"
    np.savez(place, **{"layers.0.weight": np.ones((1, 2)), "layers.0.bias": np.zeros(1)})
    session = driver.session
    session.import_file(place)
    driver.until(lambda: not session.busy)
    assert driver.count("activations_asked") == 1
    assert driver.notices == [], "a question is no fault"
    session.import_file(place, "relu", "tanh")
    driver.until(lambda: not session.busy)
    assert session.network.output_activations == ("tanh",)


# ---------------------------------------------------------------------- giving up
def test_reading_can_be_given_up(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, beside: None
) -> None:
    session, before = driver.session, driver.session.document
    session.cancel_busy()  # nothing to give up: nothing happens
    assert busy(driver) == []
    assert session.open_document(endless(tmp_path, monkeypatch))
    driver.spin(0.05)
    began = time.monotonic()
    session.cancel_busy()
    assert time.monotonic() - began < 0.3
    assert session.busy == ""
    assert busy(driver) == ["Reading endless.nnplay …", ""]
    driver.until(lambda: not children())
    driver.spin(0.02)
    assert session.document is before
    assert driver.texts == []


def test_another_wish_or_document_ends_the_reading(
    driver: Driver, heights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = driver.session
    monkeypatch.setattr(reader, "LONGEST_WAIT", -1.0)
    with monkeypatch.context() as patch:
        assert session.open_document(endless(tmp_path, patch))
    assert session.open_table(heights)
    driver.until(lambda: not session.busy)
    assert session.document.data.table_name == "heights.csv"
    with monkeypatch.context() as patch:
        assert session.open_document(endless(tmp_path, patch))
    other = new_document("xor")[0]
    session.new_document(other)
    assert session.busy == ""
    driver.until(lambda: not children())
    driver.spin(0.05)
    assert session.document is other


def test_a_reading_process_that_dies_is_told(
    driver: Driver, heights: Path, monkeypatch: pytest.MonkeyPatch, beside: None
) -> None:
    session, before = driver.session, driver.session.document
    begun = reader._start

    def dying(order: Order) -> object:
        process = begun(order)
        process.kill()
        return process

    monkeypatch.setattr(reader, "_start", dying)
    assert session.open_table(heights)
    driver.until(lambda: not session.busy)
    assert "ended early" in driver.texts[-1]
    assert session.document is before


def test_without_further_processes_the_window_waits(
    driver: Driver, heights: Path, monkeypatch: pytest.MonkeyPatch, beside: None
) -> None:
    def none_left(order: Order) -> object:
        raise OSError("Resource temporarily unavailable")

    monkeypatch.setattr(reader, "_start", none_left)
    assert driver.session.open_table(heights)
    assert driver.session.document.data.table_name == "heights.csv"


def test_a_fault_of_a_reader_is_a_sentence(
    driver: Driver, heights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(path: Path) -> object:
        raise TypeError("out of luck")

    monkeypatch.setattr(reading, "read_csv", broken)
    assert not driver.session.open_table(heights)
    assert "fault in nnplay (TypeError: out of luck)" in driver.texts[0]


def test_outcomes_travel_whole_or_not_at_all(heights: Path) -> None:
    outcome = carry_out(Order("table", heights))
    data = packed(outcome)
    assert unpacked(data).notes == outcome.notes
    for cut in (data[:-1], data + b"x", data[:20], b""):
        with pytest.raises(ValueError):
            unpacked(cut)
    error = unpacked(packed(Outcome(error="Alas.", asks_for_activations=True)))
    assert (error.error, error.asks_for_activations, error.table) == ("Alas.", True, None)


# ---------------------------------------------------------------------- leaving
def test_leaving_in_the_middle_of_everything_takes_less_than_a_second(
    make_driver: MakeDriver,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    beside: None,
) -> None:
    from nnplay.session.values import MapRequest

    driver = make_driver(new_document("spiral", hidden=(200, 200), sample_count=2000)[0])
    session = driver.session
    session.watch("map", MapRequest(resolution=100))
    driver.train_until_step(3)
    gate = session.paint_gate
    gate.clear()  # and while the window paints
    assert session.open_document(endless(tmp_path, monkeypatch))
    session.cancel_busy()
    assert session.open_document(endless(tmp_path, monkeypatch))
    driver.until(lambda: bool(session._evaluator._jobs) or "maps_arrived" in driver.names())
    began = time.monotonic()
    session.shutdown()
    assert time.monotonic() - began < 1.0
    assert [t.name for t in threading.enumerate() if t.name.startswith("nnplay")] == []
    assert children() == set()
    assert session.document.state.step >= 3
    driver.heard.clear()
    driver.spin(0.05)
    assert driver.heard == []  # nobody rings any more
    gate.set()


def test_a_huge_step_or_map_does_not_hold_the_window_back(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = driver.session
    driver.train_until_step(10)
    advance, wait = Trainer.advance, threading.Event()

    def slow(self: Trainer, *arguments: object) -> object:
        wait.wait(20)
        return advance(self, *arguments)

    monkeypatch.setattr(Trainer, "advance", slow)
    session._evaluator.submit("map", 1, lambda: wait.wait(20))
    driver.spin(0.05)
    seen = session.shown_step
    driver.heard.clear()
    began = time.monotonic()
    session.shutdown()
    assert time.monotonic() - began < 1.0
    # What was last shown is kept, and the threads let go say nothing more.
    assert session.document.state.step == session.shown_step == seen
    theta, heard = session.network.theta, len(driver.heard)
    wait.set()
    driver.until(lambda: not [t for t in threading.enumerate() if t.name.startswith("nnplay")])
    driver.spin(0.02)
    assert len(driver.heard) == heard
    assert session.network.theta is theta
