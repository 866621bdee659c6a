"""The application around the windows: its start, its end, and what nobody foresaw."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot
from stories.conftest import OpenWindow
from stories.person import Person

from nnplay import app as application_module
from nnplay.examples import example_path
from nnplay.failures import LOG_NAME, Failures


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
    process = start(QT_QPA_PLATFORM="offscreen", XDG_CONFIG_HOME=str(tmp_path))
    settings = tmp_path / "nnplay" / "nnplay.ini"
    deadline = time.monotonic() + 40
    # The settings are written when the window closes: until then interrupts are sent again.
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(2.5)
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
def failures(person: Person, tmp_path: Path) -> Failures:
    result = Failures(tmp_path / "log", person.window)
    result.add_window(person.window)
    return result


def test_an_exception_is_told_kept_and_work_goes_on(
    person: Person, failures: Failures, tmp_path: Path
) -> None:
    before = sys.excepthook
    failures.install()
    try:
        assert sys.excepthook is not before
        try:
            raise ZeroDivisionError("a number was divided by nothing")
        except ZeroDivisionError as error:
            sys.excepthook(type(error), error, error.__traceback__)
    finally:
        failures.remove()
    assert sys.excepthook is before
    toast = person.window.views.toast
    assert toast.isVisible()
    assert "a number was divided by nothing" in toast.text()
    assert "Traceback" not in toast.text()
    person.press(toast._button)
    assert "Traceback" in QGuiApplication.clipboard().text()
    assert "ZeroDivisionError" in (tmp_path / "log" / LOG_NAME).read_text()
    assert person.session.start(1)
    person.until(lambda: not person.session.is_running)


def test_an_exception_of_another_thread_is_told_too(person: Person, failures: Failures) -> None:
    failures.install()
    try:
        thread = threading.Thread(target=lambda: [].pop())
        thread.start()
        thread.join()
    finally:
        failures.remove()
    person.until(lambda: person.window.views.toast.isVisible())
    assert "pop from empty list" in person.window.views.toast.text()


def test_an_unwritable_log_does_not_hide_the_failure(person: Person, tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("not a folder")
    failures = Failures(taken, person.window)
    failures.add_window(person.window)
    failures._on_exception(ValueError, ValueError("odd"), None)
    QTimer.singleShot(0, lambda: None)
    assert "odd" in person.window.views.toast.text()
