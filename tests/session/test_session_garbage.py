"""Sessions nobody needs any more end without taking the process along."""

import gc
import subprocess
import sys
import weakref

import pytest

from nnplay.data.errors import DataError
from nnplay.data.recipe import DataRecipe, Preparation
from nnplay.session.data_keeper import DataKeeper

PROGRAM = """
import gc, sys, tempfile
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QUndoCommand
from nnplay.session.session import Session
from nnplay.session.undo_stack import UndoStack

application = QCoreApplication([])
gc.disable()


class Command(QUndoCommand):
    pass


class Owner(QObject):
    pass


def circle_of_commands():
    commands = [Command(str(number)) for number in range(20)]  # older: taken apart first
    owner = Owner()
    owner.stack = UndoStack(owner)
    owner.itself = owner
    for command in commands:
        command.owner = owner
        owner.stack.push(command)


for _ in range(50):
    circle_of_commands()
    gc.collect()

with tempfile.TemporaryDirectory() as folder:
    for number in range(20):
        session = Session(state_folder=Path(folder))
        for edit in range(5):
            session.set_bias(session.network.topology.hidden_ids[0], float(edit + 1))
        session.undo()
        assert session.undo_stack.count() == 5
        if number % 2:
            session.shutdown()
        del session
        gc.collect()
print("alive")
"""


def test_commands_and_their_stack_are_collected_in_any_order() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", PROGRAM],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() == "alive"


class Asker:
    """Whoever wants data."""


def test_data_that_do_not_fit_hold_nobody():
    """The refusal is remembered; with its traceback it held the closed window, too."""
    keeper, recipe = DataKeeper(), DataRecipe("circle")
    preparation = Preparation(("x1", "nonsense"))

    def ask():
        asker = Asker()
        with pytest.raises(DataError, match="nonsense"):
            keeper.prepare(recipe, preparation, 0)
        return weakref.ref(asker)

    asked = ask()
    gc.collect()
    assert asked() is None
    with pytest.raises(DataError, match="nonsense"):
        keeper.prepare(recipe, preparation, 0)
