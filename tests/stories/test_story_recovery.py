"""After a crash: what the next start offers, and what becomes of it."""

import os
import shutil
import time
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog  # noqa: TID251
from stories.conftest import OpenWindow
from stories.person import Person

from nnplay import library
from nnplay.gui.dialogs.recovery import RecoveryDialog, changes_words
from nnplay.session import recovery as recovery_module
from nnplay.session.orphans import find_orphans
from nnplay.session.recovery import COPY_NAME
from nnplay.setup import new_document


def copies(person: Person) -> Path:
    return person.session.settings.state_folder / "recovery"


def crash(person: Person, folder: Path) -> None:
    """Leave behind what a killed process would: its copies, with locks nobody holds."""
    assert person.session.secure(10.0)
    for home in copies(person).iterdir():
        target = folder / "state" / "recovery" / f"{home.name}-{person.session.title}"
        target.mkdir(parents=True)
        shutil.copy2(home / COPY_NAME, target / COPY_NAME)


@pytest.fixture
def after(tmp_path: Path) -> Path:
    """The settings folder of the next start."""
    return tmp_path / "after"


def answer(person: Person, name: str, seen: list[str] | None = None) -> None:
    def act(dialog: QDialog) -> None:
        assert isinstance(dialog, RecoveryDialog)
        if seen is not None:
            seen.extend(row.words.text() for row in dialog.rows)
        person.press(getattr(dialog, name))
        if name == "delete":  # the second press means it
            person.press(dialog.delete)

    person.with_dialog(act, RecoveryDialog)
    person.window.desk.offer_recovery(person.window)
    person.check_dialogs()


def test_work_that_was_never_saved_comes_back(
    person: Person, open_window: OpenWindow, after: Path
) -> None:
    session = person.session
    session.set_label(2, "precious")
    session.run_epochs(3)
    person.until(lambda: not session.is_running)
    crash(person, after)
    second = open_window(folder=after)
    seen: list[str] = []
    answer(second, "recover", seen)
    assert "Today" in seen[0]
    assert "2 changes" in seen[0]
    assert "3 epochs trained" in seen[0]
    assert "never saved" in seen[0]
    assert "precious" in second.session.network.labels
    assert second.session.shown_epoch == session.shown_epoch
    assert second.session.is_modified
    assert second.window.isWindowModified()
    assert second.session.path is None
    assert "recovery" not in second.session.document.extra


def test_recovered_work_points_at_its_file_which_stays_until_it_is_saved(
    person: Person, open_window: OpenWindow, after: Path, tmp_path: Path
) -> None:
    place = tmp_path / "mine.nnplay"
    assert person.session.save(place)
    person.session.set_label(2, "precious")
    crash(person, after)
    person.session.shutdown()  # the killed process holds no lock
    before = place.read_bytes()
    second = open_window(folder=after)
    answer(second, "recover")
    assert second.session.path == place
    assert second.window.windowTitle().startswith("mine.nnplay")
    assert second.session.is_modified
    assert place.read_bytes() == before
    second.window.files.save()
    assert not second.session.is_modified
    assert "precious" in library.load(place).network.labels
    assert "recovery" not in library.load(place).extra
    second.until(lambda: not list(copies(second).glob(f"*/{COPY_NAME}")))
    assert find_orphans(copies(second)) == []


def test_a_crash_after_recovering_loses_nothing_either(
    person: Person, open_window: OpenWindow, after: Path
) -> None:
    person.session.set_label(2, "precious")
    crash(person, after)
    second = open_window(folder=after)
    answer(second, "recover")
    # No copy of its own can be there yet: the one it came from still is.
    assert len(list(copies(second).glob(f"*/{COPY_NAME}"))) == 1
    assert find_orphans(copies(second)) == []  # but it is in use
    second.session.set_label(3, "and more")
    assert second.session.secure(10.0)
    (copy,) = copies(second).glob(f"*/{COPY_NAME}")
    labels = library.load(copy).network.labels
    assert "precious" in labels
    assert "and more" in labels


def test_later_offers_it_again_and_delete_does_not(
    person: Person, open_window: OpenWindow, after: Path
) -> None:
    person.session.set_label(2, "precious")
    crash(person, after)
    second = open_window(folder=after)
    for _ in range(2):
        answer(second, "later")
        assert not second.session.is_modified
    answer(second, "delete")
    assert list(copies(second).iterdir()) == []
    second.window.desk.offer_recovery(second.window)  # nothing is asked any more


def test_several_documents_open_in_windows_of_their_own(
    person: Person, open_window: OpenWindow, after: Path
) -> None:
    for name in ("one", "two", "three"):
        person.session.new_document(new_document("xor")[0] if name == "two" else new_document()[0])
        person.session.set_label(2, name)
        assert person.session.secure(10.0)
        (copy,) = copies(person).glob(f"*/{COPY_NAME}")
        target = after / "state" / "recovery" / f"window-{name}"
        target.mkdir(parents=True)
        shutil.copy2(copy, target / COPY_NAME)
    second = open_window(folder=after)
    desk = second.window.desk

    def act(dialog: QDialog) -> None:
        assert isinstance(dialog, RecoveryDialog)
        (row,) = (r for r in dialog.rows if "two" in r.orphan.document.network.labels)
        row.tick.setChecked(False)
        person.press(dialog.recover)

    second.with_dialog(act, RecoveryDialog)
    before = desk.windows
    desk.offer_recovery(second.window)
    second.check_dialogs()
    new = [window for window in desk.windows if window not in before]
    try:
        assert len(new) == 1
        shown = {label for w in (second.window, *new) for label in w.session.network.labels}
        assert {"one", "three"} <= shown
        assert "two" not in shown
        (left,) = find_orphans(copies(second))
        assert "two" in left.document.network.labels
        left.leave()
    finally:
        for window in new:
            window.session.shutdown()
            window.hide()
            window.deleteLater()


def test_a_damaged_copy_is_said_and_takes_nothing_along(
    person: Person, open_window: OpenWindow, after: Path
) -> None:
    person.session.set_label(2, "precious")
    crash(person, after)
    broken = after / "state" / "recovery" / "window-broken"
    broken.mkdir()
    (broken / COPY_NAME).write_bytes(b"PK\x03\x04 half")
    second = open_window(folder=after)
    seen: list[str] = []
    answer(second, "recover", seen)
    assert any("damaged" in words for words in seen)
    assert "precious" in second.session.network.labels


def test_closing_well_leaves_nothing_to_recover(
    person: Person, open_window: OpenWindow, tmp_path: Path
) -> None:
    folder = tmp_path / "own"
    second = open_window(folder=folder)
    second.session.set_label(2, "given up")
    assert second.session.secure(10.0)
    assert list(copies(second).glob(f"*/{COPY_NAME}"))
    second.session.shutdown()
    assert list(copies(second).iterdir()) == []


def test_undoing_everything_leaves_nothing_to_recover(person: Person) -> None:
    person.session.set_label(2, "a slip")
    assert person.session.secure(10.0)
    person.session.undo()
    person.until(lambda: not list(copies(person).glob(f"*/{COPY_NAME}")))


def test_a_full_disk_is_said_once_and_tried_again(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = person.session
    real = os.fsync
    full = True

    def fsync(handle: int) -> None:
        if full:
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(recovery_module, "RETRY_DELAY", 0.05)
    monkeypatch.setattr(recovery_module, "EDIT_DELAY", 0.05)
    monkeypatch.setattr("nnplay.storage.os.fsync", fsync)
    notices = []
    session.notice_posted.connect(lambda notice: notices.append(notice.text))
    session.set_label(2, "precious")
    person.until(lambda: len(notices) == 1)
    assert "disk is full" in notices[0]
    person.qtbot.wait(300)
    assert len(notices) == 1
    assert not list(copies(person).glob("*/*nnplay*"))
    full = False
    person.until(lambda: bool(list(copies(person).glob(f"*/{COPY_NAME}"))))
    (copy,) = copies(person).glob(f"*/{COPY_NAME}")
    assert "precious" in library.load(copy).network.labels


def test_a_window_that_stands_still_does_not_keep_work_from_being_safe(person: Person) -> None:
    person.session.set_label(2, "precious")
    until = time.monotonic() + 8.0
    while not list(copies(person).glob(f"*/{COPY_NAME}")):  # no events are handled meanwhile
        assert time.monotonic() < until
        time.sleep(0.02)


def test_words_for_what_changed(person: Person, open_window: OpenWindow, after: Path) -> None:
    person.session.step_batch()
    crash(person, after)
    (orphan,) = find_orphans(after / "state" / "recovery")
    assert "1 change, 1 step trained, never saved" in changes_words(orphan)
    orphan.leave()
