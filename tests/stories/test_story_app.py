"""The application around the windows: its start, its end, and what nobody foresaw."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRunnable, QThreadPool, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QWidget  # noqa: TID251
from pytestqt.qtbot import QtBot
from stories.conftest import OpenWindow
from stories.person import Person

from nnplay import app as application_module
from nnplay import library
from nnplay.examples import example_path
from nnplay.failures import CRASH_LOG, LARGEST_LOG, LOG_NAME, Failures
from nnplay.gui.dialogs.failure import FailureDialog


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    variables = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    variables.pop("QT_QPA_PLATFORM", None)
    return subprocess.Popen(
        [sys.executable, "-m", "nnplay", *arguments],
        env=variables | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_without_a_screen_one_sentence_says_so() -> None:
    process = start()
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert output == ""
    assert errors.count("\n") == 1
    assert "no screen" in errors
    assert "--help" in errors


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_closes_the_window_and_ends_well(tmp_path: Path, number: int) -> None:
    folders = {"XDG_CONFIG_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    process = start(QT_QPA_PLATFORM="offscreen", **folders)
    settings = tmp_path / "nnplay" / "nnplay.ini"
    deadline = time.monotonic() + 40
    alive = tmp_path / "state" / "nnplay" / CRASH_LOG  # made when the window stands
    while not alive.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(number)
    _, errors = process.communicate(timeout=20)
    assert settings.exists()
    assert process.returncode == 0
    assert "Traceback" not in errors


def test_a_file_named_at_the_start_is_opened(open_window: OpenWindow, qtbot: QtBot) -> None:
    window = open_window().window
    second = application_module.open_window(state_folder=Path(window._settings.folder))
    second.open_at_start(example_path("xor"))
    try:
        second.show()
        qtbot.waitUntil(lambda: second.is_finished, timeout=10_000)
        assert second.session.prepared.sample_count == 4
        assert "xor" in second.windowTitle().lower()
    finally:
        second.session.shutdown()
        second.hide()
        second.deleteLater()


# ---------------------------------------------------------------------- what nobody foresaw
@pytest.fixture
def failures(person: Person, tmp_path: Path) -> Iterator[Failures]:
    result = Failures(tmp_path / "log", person.window.desk)
    result.install()
    yield result
    result.remove()


def dialogs() -> list[FailureDialog]:
    top = QApplication.topLevelWidgets()
    return [w for w in top if isinstance(w, FailureDialog) and w.isVisible()]


def told(person: Person) -> FailureDialog:
    person.until(lambda: len(dialogs()) == 1)
    return dialogs()[0]


def raise_in_a_thread(message: str = "odd") -> None:
    def work() -> None:
        raise LookupError(message)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_an_exception_is_told_kept_and_work_goes_on(
    person: Person, failures: Failures, tmp_path: Path
) -> None:
    try:
        raise ZeroDivisionError("a number was divided by nothing")
    except ZeroDivisionError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    dialog = told(person)
    assert "a number was divided by nothing" in dialog.summary.text()
    assert "Traceback" not in dialog.summary.text() + dialog.sentence.text()
    assert not dialog.isModal()
    person.press(dialog.copy)
    assert "Traceback" in QGuiApplication.clipboard().text()
    assert "PySide6" in QGuiApplication.clipboard().text()
    assert "ZeroDivisionError" in (tmp_path / "log" / LOG_NAME).read_text()
    person.press(dialog.go_on)
    assert not dialogs()
    assert person.session.start(1)
    person.until(lambda: not person.session.is_running)


def test_unsaved_work_is_on_the_disk_before_the_dialog_is_there(
    person: Person, failures: Failures
) -> None:
    assert person.session.set_label(2, "precious")
    copies = person.session.settings.state_folder / "recovery"
    assert not list(copies.glob("*/document.nnplay"))  # the two seconds are not over
    try:
        raise ValueError("odd")
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    (copy,) = copies.glob("*/document.nnplay")
    assert "precious" in library.load(copy).network.labels
    assert "a copy" in told(person).sentence.text()
    told(person).accept()


def test_exceptions_of_threads_pools_slots_and_painting_are_told(
    person: Person, failures: Failures
) -> None:
    class Job(QRunnable):
        def run(self) -> None:
            raise OverflowError("from the pool")

    class Painter(QWidget):
        def paintEvent(self, event: object) -> None:
            raise ArithmeticError("while painting")

    def slot() -> None:
        raise AttributeError("in a slot")

    details = []
    failures.caught.connect(lambda summary, *_: details.append(summary))
    raise_in_a_thread("in a thread")
    pool = QThreadPool()
    pool.start(Job())
    pool.waitForDone()
    timer = QTimer(person.window)
    timer.timeout.connect(slot)
    timer.start(1)
    painter = Painter(person.window)
    painter.resize(40, 40)
    painter.show()
    person.until(lambda: len(details) == 4)
    for _ in range(20):
        painter.update()
        person.qtbot.wait(5)
    timer.stop()
    painter.deleteLater()
    assert {text.split(": ")[-1] for text in details} == {
        "in a thread",
        "from the pool",
        "in a slot",
        "while painting",
    }
    dialog = told(person)  # one, though there were hundreds of faults
    assert "3 more faults" in dialog.more.text()
    assert dialog.text.toPlainText().count("Traceback") == 4
    log = (failures._folder / LOG_NAME).read_text()
    assert log.count("Traceback") == 4
    dialog.accept()
    assert person.session.set_label(2, "goes on")


def test_a_fault_while_a_dialog_is_open_can_be_answered(person: Person, failures: Failures) -> None:
    def act(dialog: QDialog) -> None:
        raise_in_a_thread()
        failure = told(person)
        assert failure.parent() is dialog
        person.press(failure.go_on)
        assert not failure.isVisible()
        dialog.reject()

    person.with_dialog(act)
    person.window.show_about()
    person.check_dialogs()


def test_the_log_stays_small(person: Person, tmp_path: Path) -> None:
    folder = tmp_path / "log"
    folder.mkdir()
    (folder / LOG_NAME).write_text("x" * (LARGEST_LOG + 1))
    failures = Failures(folder, person.window.desk)
    failures._on_exception(ValueError, ValueError("odd"), None)
    assert (folder / LOG_NAME).stat().st_size < 1000
    assert (folder / f"{LOG_NAME}.old").stat().st_size > LARGEST_LOG
    told(person).accept()


def test_an_unwritable_log_does_not_hide_the_failure(person: Person, tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("not a folder")
    failures = Failures(taken, person.window.desk)
    failures._on_exception(ValueError, ValueError("odd"), None)
    failures.watch_for_crashes()
    assert "odd" in told(person).summary.text()
    told(person).accept()


def test_a_crash_of_the_process_leaves_its_place_behind(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from PySide6.QtCore import QObject\n"
        "from nnplay.failures import Failures\n"
        "Failures(Path(sys.argv[1]), QObject()).watch_for_crashes()\n"
        "os.kill(os.getpid(), signal.SIGSEGV)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGSEGV
    assert "Segmentation fault" in (tmp_path / CRASH_LOG).read_text()


def test_the_skeleton_is_painted_before_anything_slow_is_loaded(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from nnplay import app\n"
        "application = app.create_application(['nnplay'])\n"
        "window = app.open_window(state_folder=Path(sys.argv[1]))\n"
        "window.show()\n"
        "while not window.has_painted: application.processEvents()\n"
        "print([name for name in ('numpy', 'nnplay.session.session') if name in sys.modules])\n"
        "sys.stdout.flush(); import os; os._exit(0)"
    )
    variables = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "[]\n", done.stdout + done.stderr
