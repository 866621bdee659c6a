"""Takes the pictures of the README from the real window: ``python docs/make_images.py``."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from nnplay.app import create_application, open_window
from nnplay.examples import example_path
from nnplay.gui.main_window import MainWindow
from nnplay.library import load

FOLDER = Path(__file__).resolve().parent / "images"
SIZE = (1440, 860)


def take(name: str, example: str, theme: str, prepare: Callable[[MainWindow], None]) -> None:
    """Open an example, do something with it, and keep what the window shows."""
    application = create_application(["nnplay"])
    with tempfile.TemporaryDirectory() as folder:
        window = open_window(load(example_path(example)), state_folder=Path(folder))
        window.theme.set_mode(theme)
        window.resize(*SIZE)
        window.show()
        while not (window.is_finished and window.views.is_complete):
            application.processEvents()
        _wait(0.5)
        prepare(window)
        _wait(1.5)
        window.grab().save(str(FOLDER / f"{name}.png"))
        window.session.shutdown()
        window.hide()
        window.deleteLater()
        application.processEvents()


def _wait(seconds: float) -> None:
    application = create_application([])
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        application.processEvents()
        time.sleep(0.005)


def _train_spiral(window: MainWindow) -> None:
    session = window.session
    session.set_training(optimizer="adam", learning_rate=0.01)
    session.start(600)
    while session.is_running:
        _wait(0.05)
    # Going on: the picture shows a window at work.
    session.start()
    _wait(1.0)
    session.select({session.network.topology.hidden_ids[2]})


def _select_neuron(window: MainWindow) -> None:
    window.session.select({window.session.network.topology.output_ids[0]})


def main() -> None:
    """Take all pictures again."""
    FOLDER.mkdir(exist_ok=True)
    take("window-dark", "spiral", "dark", _train_spiral)
    take("window-light", "single-neuron", "light", _select_neuron)


if __name__ == "__main__":
    main()
