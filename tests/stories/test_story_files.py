"""One file and two windows, other programs, a backup: nobody overwrites anybody's work."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QDialog  # noqa: TID251
from shiboken6 import isValid
from stories.person import Person, button

from nnplay import library
from nnplay.gui.dialogs.file_questions import ChoiceDialog
from nnplay.gui.dialogs.unsaved import UnsavedDialog
from nnplay.gui.main_window import MainWindow
from nnplay.session.locking import lock_path
from nnplay.setup import new_document
from nnplay.storage import backup_path

HOLD = """
import sys, time
from pathlib import Path
from nnplay.session.locking import DocumentLock
lock = DocumentLock()
assert lock.take(Path(sys.argv[1])) is None
print("held", flush=True)
time.sleep(120)
"""

LET_IT_BE = """
import sys
from PySide6.QtCore import QTimer
from nnplay import app
application = app.create_application(["nnplay"])

def look():
    dialog = application.activeModalWidget()
    if dialog is not None:
        print("asked", flush=True)
        dialog.buttons["cancel"].click()
        timer.stop()

timer = QTimer()
timer.timeout.connect(look)
timer.start(50)
sys.exit(app.run([sys.argv[1]]))
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    path = tmp_path / "mine.nnplay"
    library.save(new_document("circle")[0], path)
    return path


@pytest.fixture
def holder(place: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the file open."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(place)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def choose(person: Person, name: str) -> None:
    def act(dialog: QDialog) -> None:
        assert isinstance(dialog, ChoiceDialog)
        person.press(dialog.buttons[name])

    person.with_dialog(act, ChoiceDialog)


def other_program_writes(place: Path, title: str = "by another program") -> bytes:
    time.sleep(0.02)
    library.save(new_document("spiral", title=title)[0], place)
    return place.read_bytes()


# ---------------------------------------------------------------------- a second window or process
def test_a_document_in_use_opens_as_a_copy(
    person: Person, place: Path, holder: subprocess.Popen[str]
) -> None:
    choose(person, "copy")
    assert person.window.files.open_path(place)
    person.check_dialogs()
    assert person.session.path is None
    assert person.session.title == "Copy of mine"
    assert not person.session.is_read_only


def test_a_document_in_use_opens_read_only(
    person: Person, place: Path, holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    before = place.read_bytes()
    choose(person, "read_only")
    assert person.window.files.open_path(place)
    person.check_dialogs()
    session = person.session
    assert session.path == place
    assert "read-only" in person.window.windowTitle()
    session.set_label(2, "mine")
    assert not session.save()
    other = tmp_path / "other.nnplay"
    person.with_file_dialog(other)
    assert person.window.files.save()  # asks for another name
    person.check_dialogs()
    assert "mine" in library.load(other).network.labels
    assert place.read_bytes() == before
    assert not session.is_read_only
    assert not session.save(place)  # nor may it be saved over what somebody has open
    assert place.read_bytes() == before


def test_a_document_in_use_can_be_left_alone(
    person: Person, place: Path, holder: subprocess.Popen[str]
) -> None:
    before = person.session.document
    choose(person, "cancel")
    assert not person.window.files.open_path(place)
    person.check_dialogs()
    assert person.session.document is before


def test_a_window_for_a_document_that_is_left_alone_goes_again(
    person: Person, place: Path, holder: subprocess.Popen[str]
) -> None:
    before = person.session.document
    desk = person.window.desk
    choose(person, "cancel")
    other = desk.open(path=place)
    person.until(lambda: desk.windows == [person.window])
    person.check_dialogs()
    assert person.session.document is before
    assert not isValid(other) or not other.isVisible()
    assert lock_path(place).exists()  # it is still whose it was


def test_a_program_started_for_a_document_that_is_left_alone_ends(
    place: Path, holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    places = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("CONFIG", "DATA", "STATE")}
    answer = subprocess.run(
        [sys.executable, "-c", LET_IT_BE, str(place)],
        env={**os.environ, **places},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout == "asked\n"
    assert "Traceback" not in answer.stderr


def test_the_lock_of_a_dead_process_is_taken_over(
    person: Person, place: Path, holder: subprocess.Popen[str]
) -> None:
    holder.kill()
    holder.wait()
    assert lock_path(place).exists()
    assert person.window.files.open_path(place)
    assert not person.session.is_read_only
    assert str(os.getpid()) in lock_path(place).read_text()
    person.session.new_document(new_document()[0])
    assert not lock_path(place).exists()


def test_a_folder_that_cannot_be_written_is_no_hindrance(person: Person, tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    place = folder / "a.nnplay"
    library.save(new_document()[0], place)
    (lock_path(place)).mkdir()  # nobody can make this lock, not even root
    assert person.window.files.open_path(place)
    assert person.session.path == place
    assert not person.session.is_read_only


# ---------------------------------------------------------------------- windows of one process
@pytest.fixture
def closing(person: Person) -> Iterator[None]:
    yield
    for window in person.window.desk.windows:
        if window is not person.window:
            if window.is_finished:
                window.session.shutdown()
            window.hide()
            window.deleteLater()


def test_the_window_that_has_a_file_comes_to_the_front(
    person: Person, place: Path, closing: None
) -> None:
    assert person.window.files.open_path(place)
    desk = person.window.desk
    other = desk.open()
    person.until(lambda: other.is_finished and other.views.is_complete)
    other.activateWindow()
    person.until(other.isActiveWindow)
    assert other.files.open_path(place)
    person.until(person.window.isActiveWindow)
    assert other.session.path is None
    assert desk.open(path=place) is person.window
    assert len(desk.windows) == 2


def test_windows_have_documents_of_their_own_and_are_listed(
    person: Person, place: Path, closing: None
) -> None:
    person.choose_from_menu("File", "New window")
    desk = person.window.desk
    (other,) = (w for w in desk.windows if w is not person.window)
    person.until(lambda: other.is_finished and other.views.is_complete)
    assert other.session is not person.session
    assert other.files.open_path(place)
    person.session.set_label(2, "only here")
    assert "only here" not in other.session.network.labels
    assert not other.session.is_modified
    person.window.menus._fill_windows()
    entries = [a for a in person.window.menus._windows.actions() if a.isCheckable()]
    assert [a.isChecked() for a in entries] == [True, False]
    assert entries[1].text() == "mine.nnplay"
    entries[1].trigger()
    person.until(other.isActiveWindow)


def test_quitting_asks_every_window(person: Person, closing: None) -> None:
    other = person.window.desk.open()
    person.until(lambda: other.is_finished and other.views.is_complete)
    for window in (person.window, other):
        window.session.set_label(2, "unsaved")
    asked: list[MainWindow] = []

    def act(dialog: QDialog) -> None:
        asked.append(dialog.parent())  # type: ignore[arg-type]
        assert isinstance(dialog, UnsavedDialog)
        person.press(dialog.dont_save)
        if len(asked) == 1:
            person.with_dialog(act, UnsavedDialog)

    person.with_dialog(act, UnsavedDialog)
    person.window.quit()
    person.check_dialogs()
    assert set(asked) == {person.window, other}
    assert not person.window.desk.windows


def test_windows_come_and_go_without_a_trace(person: Person) -> None:
    desk = person.window.desk
    for _ in range(4):
        other = desk.open()
        person.until(lambda: other.is_finished)  # noqa: B023
        other.close()
        person.qtbot.wait(30)
    assert desk.windows == [person.window]
    assert desk._own == []


def test_dropped_files_open_the_first_here_and_the_others_beside(
    person: Person, place: Path, tmp_path: Path, closing: None
) -> None:
    second = tmp_path / "second.nnplay"
    library.save(new_document("xor")[0], second)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in (place, second)])
    actions = Qt.DropAction.CopyAction
    event = QDropEvent(
        QPointF(5, 5), actions, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    person.window.dropEvent(event)
    assert person.session.path == place
    (other,) = (w for w in person.window.desk.windows if w is not person.window)
    person.until(lambda: other.is_finished and other.session.path == second)


# ---------------------------------------------------------------------- other programs
def test_reloading_is_a_step_that_undo_takes_back(person: Person, place: Path) -> None:
    files, session = person.window.files, person.session
    assert files.open_path(place)
    session.set_label(2, "mine")
    before = session.document
    files.look_outside()
    assert not person.window.views.toast.isVisible()
    other_program_writes(place)
    files.look_outside()
    toast = person.window.views.toast
    assert "another program" in toast.text()
    choose(person, "reload")
    person.press(toast._button)
    person.check_dialogs()
    assert session.document.title == "by another program"
    assert not session.is_modified
    files.look_outside()
    session.undo()
    assert session.document is before
    assert session.is_modified


def test_a_window_that_comes_to_the_front_notices(
    person: Person, place: Path, closing: None
) -> None:
    assert person.window.files.open_path(place)
    other = person.window.desk.open()
    person.until(lambda: other.is_finished and other.views.is_complete)
    other.activateWindow()
    person.until(other.isActiveWindow)
    other_program_writes(place)
    assert not person.window.views.toast.isVisible()
    person.window.activateWindow()
    person.until(person.window.views.toast.isVisible)
    assert "mine.nnplay was changed by another program" in person.window.views.toast.text()


def test_touching_a_file_is_no_change(person: Person, place: Path) -> None:
    assert person.window.files.open_path(place)
    os.utime(place, (1, 1))
    person.window.files.look_outside()
    assert not person.window.views.toast.isVisible()
    assert not person.session.is_changed_outside


def test_a_change_that_keeps_time_and_size_is_noticed_before_overwriting(
    person: Person, place: Path
) -> None:
    assert person.window.files.open_path(place)
    person.session.set_label(2, "mine")
    found = place.stat()
    data = bytearray(place.read_bytes())
    data[-1] ^= 1
    place.write_bytes(data)
    os.utime(place, ns=(found.st_atime_ns, found.st_mtime_ns))
    assert not person.session.save()
    assert place.read_bytes() == data


@pytest.mark.parametrize("answer", ["overwrite", "save_as", "cancel"])
def test_saving_over_what_another_program_wrote_asks(
    person: Person, place: Path, tmp_path: Path, answer: str
) -> None:
    assert person.window.files.open_path(place)
    person.session.set_label(2, "mine")
    theirs = other_program_writes(place)
    choose(person, answer)
    if answer == "save_as":
        person.with_dialog(lambda dialog: dialog.reject())
    saved = person.window.files.save()
    person.check_dialogs()
    assert saved is (answer == "overwrite")
    if saved:
        assert "mine" in library.load(place).network.labels
        assert backup_path(place).read_bytes() == theirs  # nothing of theirs is lost either
    else:
        assert place.read_bytes() == theirs
        assert person.session.is_modified


def test_keeping_mine_asks_no_more(person: Person, place: Path) -> None:
    assert person.window.files.open_path(place)
    person.session.set_label(2, "mine")
    other_program_writes(place)
    person.window.files.look_outside()
    choose(person, "keep")
    person.press(person.window.views.toast._button)
    person.check_dialogs()
    assert person.window.files.save()
    assert "mine" in library.load(place).network.labels


def test_a_file_that_has_gone_is_saved_again(person: Person, place: Path) -> None:
    assert person.window.files.open_path(place)
    person.session.set_label(2, "mine")
    place.unlink()
    person.window.files.look_outside()
    assert person.window.files.save()
    assert "mine" in library.load(place).network.labels


# ---------------------------------------------------------------------- the backup
def test_the_backup_comes_back_as_a_step(person: Person, place: Path) -> None:
    files, session = person.window.files, person.session
    files.open_backup()
    assert "never saved" in person.window.views.toast.text()
    assert files.open_path(place)
    first = session.network.labels
    session.set_label(2, "second version")
    assert files.save()
    person.choose_from_menu("File", "Open backup")
    assert session.network.labels == first
    assert session.is_modified
    assert session.path == place
    session.undo()
    assert "second version" in session.network.labels


def test_a_damaged_file_offers_its_backup(person: Person, place: Path) -> None:
    files, session = person.window.files, person.session
    assert files.open_path(place)
    session.set_label(2, "second version")
    assert files.save()
    session.new_document(new_document()[0])
    place.write_bytes(place.read_bytes()[:1000])
    assert not files.open_path(place)
    toast = person.window.views.toast
    assert "damaged" in toast.text()
    assert "A backup of " in toast.text()
    person.press(button(toast, "Open the backup"))
    assert session.path == place
    assert session.is_modified
    assert "second version" not in session.network.labels
    assert files.save()
    assert library.load(place).network.labels == session.network.labels
