"""The import dialog: what was read is shown before it takes the place of the present network."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.dialog_driver import press
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from safetensors.numpy import save_file

import nnplay
from nnplay.core.network import Network
from nnplay.document import Document
from nnplay.gui.dialogs.import_report import ImportDialog, facts_of
from nnplay.gui.theme import Theme
from nnplay.session.session import Session


@pytest.fixture
def session(tmp_path: Path, qapp: object) -> Iterator[Session]:
    made = Session(state_folder=tmp_path / "state")
    yield made
    made.shutdown()


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "weights.safetensors"
    save_file({"fc1.weight": np.ones((4, 3)), "fc2.weight": np.ones((2, 4))}, path)
    return path


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("way", ["mouse", "return", "escape", "cancel"])
def test_only_a_yes_replaces_the_network(
    qtbot: QtBot, session: Session, weights: Path, mode: str, way: str
) -> None:
    before = session.document
    seen: list[ImportDialog] = []

    def confirm(document: Document, notes: tuple[str, ...]) -> bool:
        dialog = ImportDialog(Theme(mode), weights, document, notes)
        qtbot.addWidget(dialog)
        seen.append(dialog)
        dialog.show()
        qtbot.waitExposed(dialog)
        dialog.activateWindow()
        qtbot.waitUntil(dialog.isActiveWindow)
        assert session.document is before, "nothing is replaced while asking"
        if way in ("mouse", "cancel"):
            button = dialog.ok if way == "mouse" else dialog.cancel
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        else:
            press(Qt.Key.Key_Return if way == "return" else Qt.Key.Key_Escape)
        assert not dialog.isVisible()
        return dialog.result() == int(dialog.DialogCode.Accepted)

    done = session.import_file(weights, "relu", "linear", confirm=confirm)
    (dialog,) = seen
    sentences = [words.text() for words in dialog.sentences]
    assert sentences[0] == "Layers in this order: fc1 (3 → 4), fc2 (4 → 2)."
    assert dialog.facts.text().startswith("3 inputs, 4 hidden neurons, 2 outputs; 20 connections")
    assert not dialog.preview.isHidden()
    assert not dialog.preview.sentence, "a picture, no excuse"
    assert dialog.preview.height() >= 300
    if way in ("mouse", "return"):
        assert done
        assert session.network.topology.neuron_count == 9
        session.undo_stack.undo()
        assert session.network.same_as(before.network)
    else:
        assert not done
        assert session.document is before
        assert session.undo_stack.count() == 0


def test_a_large_network_is_not_drawn(qtbot: QtBot) -> None:
    document = Document(Network.mlp([100, 300, 10]))
    dialog = ImportDialog(Theme("dark"), Path("large.onnx"), document, ())
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.preview.isVisible()
    assert not dialog.notes.isVisible()
    assert dialog.size().height() < 400


def test_facts_count_in_words() -> None:
    document, _ = nnplay.new_document("circle", hidden=[1])
    assert facts_of(document.network) == (
        "2 inputs, 1 hidden neuron, 1 output; 3 connections; tanh."
    )


def test_very_many_remarks_are_cut(qtbot: QtBot) -> None:
    document = Document(Network.mlp([1, 1]))
    notes = tuple(f"Node {i} was folded <b>away</b>." for i in range(30))
    dialog = ImportDialog(Theme("light"), Path("m.onnx"), document, notes)
    qtbot.addWidget(dialog)
    assert len(dialog.sentences) == 9
    assert dialog.sentences[-1].text() == "And 22 more remarks."
    assert dialog.sentences[0].textFormat() == Qt.TextFormat.PlainText
