"""Opening, saving, exporting, importing, and what the window remembers."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from session.session_driver import Driver, same_document

from nnplay import library
from nnplay.session.settings import Settings
from nnplay.setup import new_document

MakeDriver = Callable[..., Driver]
MODELS = Path(__file__).parent.parent / "formats" / "models"


def test_save_and_open(driver: Driver, make_driver: MakeDriver, tmp_path: Path) -> None:
    session = driver.session
    assert session.path is None
    assert not session.save()
    assert "name" in driver.texts[0]
    session.step_batch()
    session.set_probe((1.0, 2.0))
    session.set_view("map", {"neuron": 8})
    place = tmp_path / "mine.nnplay"
    assert session.save(place)
    assert (session.path, session.title, session.is_modified) == (place, "mine.nnplay", False)
    assert driver.count("title_changed") == 1
    session.set_weight(0, 2, 0.5)
    assert session.is_modified
    assert session.save()
    other = make_driver().session
    assert other.open_document(place)
    assert same_document(other.document, session.document)
    assert other.probe.raw == (1.0, 2.0)
    assert other.view["map"] == {"neuron": 8}
    assert not other.is_modified
    assert other.settings.recent_files == (place,)


def test_a_file_that_cannot_be_opened_changes_nothing(driver: Driver, tmp_path: Path) -> None:
    session = driver.session
    session.set_weight(0, 2, 0.5)
    before = session.document
    broken = tmp_path / "broken.nnplay"
    broken.write_bytes(b"PK\x03\x04 nonsense")
    assert not session.open_document(broken)
    assert not session.open_document(tmp_path / "missing.nnplay")
    assert not session.import_file(tmp_path / "missing.npz")
    assert not session.open_document(tmp_path)
    assert session.document is before
    assert session.is_modified
    assert len(driver.texts) == 4
    assert "broken.nnplay" in driver.texts[0]
    assert {notice.severity for notice in driver.notices} == {"error"}


def test_a_folder_that_cannot_be_written_keeps_the_document_modified(
    driver: Driver, tmp_path: Path
) -> None:
    session = driver.session
    session.set_weight(0, 2, 0.5)
    assert not session.save(tmp_path / "nowhere" / "a.nnplay")
    assert not session.save(tmp_path / "a.txt")
    assert session.is_modified
    assert session.path is None
    assert len(driver.texts) == 2
    assert session.export(tmp_path / "nowhere" / "a.npz") is None


def test_export_while_training(driver: Driver, tmp_path: Path) -> None:
    session = driver.session
    driver.train_until_step(50)
    report = session.export(tmp_path / "a.npz")
    assert session.is_running
    assert report.largest_deviation == 0
    with np.load(tmp_path / "a.npz") as arrays:
        assert np.isfinite(arrays["layers.0.weight"]).all()
    assert np.array_equal(library.load(tmp_path / "a.npz").network.theta, session.network.theta)


def test_import_is_one_undoable_step(driver: Driver, tmp_path: Path) -> None:
    session = driver.session
    other = new_document("iris", seed=4)[0]
    library.export(other, tmp_path / "iris.npz")
    before = session.document
    driver.train_until_step(20)
    assert session.import_file(tmp_path / "iris.npz")
    assert np.array_equal(session.network.theta, other.network.theta)
    assert driver.steps[-1] == "Import iris.npz"
    assert session.title == "iris"
    assert driver.notices[-1].severity == "info"
    assert driver.texts[-1].startswith("iris.npz was imported: ")
    assert f" {other.network.topology.parameter_count} parameters." in driver.texts[-1]
    session.undo()
    session.undo()
    assert same_document(session.document, before)


def test_bare_weights_ask_for_their_activations(driver: Driver, tmp_path: Path) -> None:
    session = driver.session
    place = tmp_path / "bare.npz"
    np.savez(
        place,
        **{
            "layers.0.weight": np.ones((3, 2)),
            "layers.0.bias": np.zeros(3),
            "layers.1.weight": np.ones((1, 3)),
            "layers.1.bias": np.zeros(1),
        },
    )
    assert not session.import_file(place)
    assert not session.open_document(place)
    asked = [arguments[0] for name, arguments in driver.heard if name == "activations_asked"]
    assert asked == [place, place]
    assert driver.notices == [], "a question is no fault"
    assert session.import_file(place, "relu", "linear")
    assert session.network.output_activations == ("linear",)


def test_a_file_of_another_program_opens_under_its_own_name_and_is_explained(
    driver: Driver, tmp_path: Path
) -> None:
    session = driver.session
    model = MODELS / "sklearn_scaled.onnx"
    assert session.open_document(model)
    assert session.title == "sklearn_scaled"
    assert session.path is None, "saving must not write over the model"
    assert not session.is_modified
    notice = driver.notices[-1]
    assert notice.severity == "info"
    assert notice.text == (
        "sklearn_scaled.onnx was opened as a new document: 9 neurons and 25 parameters."
    )
    assert "Scaler" in notice.detail
    # A document under an unusual ending keeps the name it has.
    named = replace(new_document("moons")[0], title="Half moons")
    library.save(named, tmp_path / "x.nnplay.json")
    (tmp_path / "x.nnplay.json").rename(tmp_path / "y.json")
    assert session.open_document(tmp_path / "y.json")
    assert session.title == "Half moons"


def test_settings_are_remembered(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    assert settings.recent_files == ()
    files = []
    for number in range(12):
        files.append(tmp_path / f"{number}, with comma.nnplay")
        files[-1].touch()
        settings.add_recent(files[-1])
    settings.add_recent(files[5])
    settings.set_bytes("main", b"\x00\x01\xff")
    settings.set_text("theme", "dark, or not")
    settings.set_flag("tour", True)
    settings.flush()
    again = Settings(tmp_path)
    assert again.recent_files[0] == files[5]
    assert len(again.recent_files) == 10
    assert again.last_folder == tmp_path
    assert again.bytes_of("main") == b"\x00\x01\xff"
    assert again.bytes_of("other") == b""
    assert again.text("theme") == "dark, or not"
    assert again.flag("tour")
    assert not again.flag("other")
    files[5].unlink()
    assert files[5] not in again.recent_files
    again.clear_recent()
    again.add_recent(files[0])  # a list of one
    again.flush()
    assert Settings(tmp_path).recent_files == (files[0],)
