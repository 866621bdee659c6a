"""Making layered networks and using templates, by mouse and keyboard."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from gui.dialog_driver import hidden_sizes, press, type_text
from gui.panel_driver import Bench
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from nnplay.gui.dialogs.mlp import MlpDialog, read_sizes
from nnplay.gui.dialogs.templates import TemplatesDialog
from nnplay.templates import TEMPLATES

Mlp = Bench[MlpDialog]
Shapes = Bench[TemplatesDialog]
KEY = Qt.Key


@pytest.fixture
def mlp(qtbot: QtBot, tmp_path: Path) -> Iterator[Mlp]:
    made = Bench(qtbot, tmp_path, MlpDialog, size=(940, 580))
    yield made
    made.close()


@pytest.fixture
def shapes(qtbot: QtBot, tmp_path: Path) -> Iterator[Shapes]:
    made = Bench(qtbot, tmp_path, TemplatesDialog, size=(900, 700))
    yield made
    made.close()


# ------------------------------------------------------------------ sizes as people type them
@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("2, 8, 8, 1", (2, 8, 8, 1)),
        ("2-8-1", (2, 8, 1)),
        (" 2 8 1 ", (2, 8, 1)),
        ("2;1", (2, 1)),
        ("2 – 4 – 1", (2, 4, 1)),
        ("2,8,", (2, 8)),
    ],
)
def test_sizes_are_read_as_people_write_them(text: str, sizes: tuple[int, ...]) -> None:
    assert read_sizes(text) == sizes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "at least two"),
        ("8", "at least two"),
        ("2, y, 1", "“y” is no number"),
        ("2, 0, 1", "1 to 2,048"),
        ("2, 99999, 1", "1 to 2,048"),
        ("2, 1.5, 1", "“1.5”"),
        (", ".join(["2"] * 20), "At most 12 hidden layers"),
        ("2, ²", "“²”"),
    ],
)
def test_what_is_no_list_of_sizes_is_said(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        read_sizes(text)


# ------------------------------------------------------------------ the dialog
def test_it_begins_with_the_present_layers(mlp: Mlp) -> None:
    assert mlp.panel.sizes.text() == "2, 4, 2, 1"
    assert [row.size_of_layer for row in mlp.panel.rows] == [4, 2]
    assert mlp.panel.summary.text() == "2 – 4 – 2 – 1, 25 parameters"
    assert mlp.panel.sizes.hasFocus()


def test_typed_sizes_are_made_with_return_and_one_undo(mlp: Mlp) -> None:
    before = mlp.network
    type_text("2, 8, 5, 8, 1")
    assert [row.size_of_layer for row in mlp.panel.rows] == [8, 5, 8]
    mlp.qtbot.waitUntil(lambda: mlp.panel.summary.text().startswith("2 – 8 – 5 – 8 – 1"))
    assert mlp.network is before  # only a preview so far
    press(KEY.Key_Return)
    assert mlp.panel.result() == MlpDialog.DialogCode.Accepted
    assert hidden_sizes(mlp.network) == [8, 5, 8]
    assert mlp.undo_count == 1
    mlp.session.undo()
    assert mlp.network.same_as(before)


def test_steps_activations_and_layers_by_mouse(mlp: Mlp) -> None:
    dialog = mlp.panel
    mlp.click(dialog.rows[0].more)
    mlp.click(dialog.rows[1].fewer)
    assert dialog.sizes.text() == "2, 5, 1, 1"
    assert not dialog.rows[1].fewer.isEnabled()
    mlp.click(dialog.add_layer)
    assert dialog.sizes.text() == "2, 5, 1, 1, 1"
    mlp.choose(dialog.rows[2].activation, "ReLU")
    mlp.click(dialog.rows[1].gone)
    assert dialog.sizes.text() == "2, 5, 1, 1"
    assert [row.name.text() for row in dialog.rows] == ["Hidden 1", "Hidden 2"]
    mlp.choose(dialog.initializer, "He normal")
    mlp.click(dialog.make_button)
    levels = [mlp.network.level_ids(level) for level in (1, 2)]
    assert [mlp.network.activation_of(ids[0]) for ids in levels] == ["tanh", "relu"]
    assert mlp.session.training.initializer == "he_normal"


def test_weights_of_neurons_that_stay_are_kept_on_request(mlp: Mlp) -> None:
    slot = mlp.network.edge_slot(0, 2)
    weight = float(mlp.network.theta[slot])
    mlp.click(mlp.panel.rows[0].more)
    mlp.panel.keep.click()
    mlp.click(mlp.panel.make_button)
    assert float(mlp.network.theta[mlp.network.edge_slot(0, 2)]) == weight
    assert hidden_sizes(mlp.network) == [5, 2]


@pytest.mark.parametrize(
    ("text", "words"),
    [("3, 4, 1", "2 inputs, not 3"), ("2, 4, 2", "1 output, not 2"), ("2, four, 1", "“four”")],
)
def test_sizes_that_cannot_be_are_said_and_nothing_is_made(mlp: Mlp, text: str, words: str) -> None:
    before = mlp.network
    type_text(text)
    assert words in mlp.panel.size_note.text()
    press(KEY.Key_Return)
    assert mlp.panel.isVisible()
    assert mlp.panel.sizes.hasFocus()
    assert mlp.network is before
    press((KEY.Key_A, Qt.KeyboardModifier.ControlModifier))
    type_text("2, 3, 1")
    assert not mlp.panel.size_note.text()
    press(KEY.Key_Return)
    assert hidden_sizes(mlp.network) == [3]


def test_outputs_that_do_not_suit_the_loss_are_said_in_the_dialog(
    qtbot: QtBot, tmp_path: Path
) -> None:
    from nnplay.setup import new_document

    document, _ = new_document("iris")
    bench = Bench(qtbot, tmp_path, MlpDialog, document, size=(940, 580))
    bench.choose(bench.panel.output, "tanh")
    bench.click(bench.panel.make_button)
    assert bench.panel.isVisible()
    assert "needs outputs with softmax" in bench.panel.problem.text()
    bench.close()


def test_escape_changes_nothing(mlp: Mlp) -> None:
    before = mlp.session.document
    type_text("2, 9, 1")
    press(KEY.Key_Escape)
    assert mlp.session.document is before


# ------------------------------------------------------------------ templates
def test_every_template_has_a_card_with_a_picture_and_a_sentence(shapes: Shapes) -> None:
    cards = shapes.panel.cards
    assert list(cards) == list(TEMPLATES)
    assert all(card.description.endswith(".") for card in cards.values())
    shapes.qtbot.waitUntil(lambda: all(card.is_painted for card in cards.values()))


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_click_on_a_card_and_the_button_use_it(shapes: Shapes, name: str) -> None:
    before = shapes.session.document
    shapes.click(shapes.panel.cards[name])
    assert shapes.panel.chosen == name
    shapes.click(shapes.panel.use_button)
    assert shapes.panel.result() == TemplatesDialog.DialogCode.Accepted
    assert shapes.session.document is not before
    assert shapes.undo_count == 1


def test_arrows_choose_and_return_uses(shapes: Shapes) -> None:
    assert shapes.panel.cards["mlp"].hasFocus()
    press(KEY.Key_Right)
    assert shapes.panel.chosen == "residual"
    press(KEY.Key_Down)
    assert shapes.panel.chosen == "autoencoder"
    press(KEY.Key_Return)
    assert shapes.session.document.title == "Autoencoder"


def test_settings_belong_to_their_template(shapes: Shapes) -> None:
    dialog = shapes.panel
    assert not dialog.fields["narrow"].isEnabled()
    shapes.type_into(dialog.fields["width"], "3", finish=False)
    shapes.type_into(dialog.fields["depth"], "4", finish=False)
    shapes.choose(dialog.activation, "ReLU")
    shapes.click(dialog.cards["xor"])
    assert not any(field.isEnabled() for field in dialog.fields.values())
    shapes.click(dialog.cards["mlp"])
    assert dialog.fields["width"].text() == "3"
    shapes.click(dialog.use_button)
    assert hidden_sizes(shapes.network) == [3, 3, 3, 3]
    assert shapes.network.activation_of(shapes.network.level_ids(1)[0]) == "relu"


def test_a_setting_that_cannot_be_is_said(shapes: Shapes) -> None:
    dialog = shapes.panel
    shapes.type_into(dialog.fields["width"], "0", finish=False)
    assert "at least 1" in dialog.problem.text()
    shapes.click(dialog.use_button)
    assert dialog.isVisible()
    assert dialog.fields["width"].hasFocus()
    assert shapes.undo_count == 0
