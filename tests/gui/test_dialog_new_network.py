"""The dialog for a new network: choices, what suits them, mistakes, a live picture."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.dialog_driver import focus_name, hidden_sizes, press, type_text
from gui.panel_driver import Bench
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from nnplay.core.activations import ACTIVATIONS
from nnplay.data.catalogue import CATALOGUE
from nnplay.data.recipe import Column, RawTable
from nnplay.formats.document_record import same_document
from nnplay.gui.dialogs.layer_sizes import MOST_LAYERS, MOST_NEURONS
from nnplay.gui.dialogs.new_network import NewNetworkDialog
from nnplay.setup import new_document

New = Bench[NewNetworkDialog]
KEY = Qt.Key
SIZE = (980, 580)


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[New]:
    made = Bench(qtbot, tmp_path, NewNetworkDialog, size=SIZE)
    yield made
    made.close()


def settle(bench: New) -> None:
    """Wait until the picture has followed the fields."""
    bench.qtbot.waitUntil(lambda: not bench.panel._timer.isActive())


def accepted(bench: New) -> bool:
    return bench.panel.result() == NewNetworkDialog.DialogCode.Accepted


def type_size(bench: New, index: int, text: str) -> None:
    field = bench.panel.layers.fields[index]
    if text.isascii():
        bench.type_into(field, text, finish=False)
        return
    # The test's keyboard has Latin letters only; other ones come from the clipboard.
    QGuiApplication.clipboard().setText(text)
    bench.type_into(field, "", finish=False)
    press((KEY.Key_V, Qt.KeyboardModifier.ControlModifier))


def layer_texts(bench: New) -> list[str]:
    return [field.text() for field in bench.panel.layers.fields]


def test_it_begins_with_the_present_data_and_what_suits_them(bench: New) -> None:
    assert bench.panel.data.value() == "circle"
    assert layer_texts(bench) == ["4", "2"]
    assert bench.panel.activation.value() == "tanh"
    assert bench.panel.summary.text() == "2 – 4 – 2 – 1, 25 parameters"
    document, notes = new_document("circle")
    assert bench.panel.notes.text() == " ".join(notes)
    assert focus_name() == "Circle"
    press(KEY.Key_Return)
    assert accepted(bench), "Return on the chosen tile has nothing to choose: it creates"
    assert same_document(bench.panel.document, document)


@pytest.mark.parametrize(
    "name", ["spiral", "reg-gauss", "xor-table", "and-table", "iris", "digits"]
)
def test_a_data_set_brings_what_suits_it(bench: New, name: str) -> None:
    bench.click(bench.panel.data.tile(name))
    info = CATALOGUE[name]
    assert layer_texts(bench) == [str(size) for size in info.default_hidden_sizes]
    assert bench.panel.layers.none.isVisible() == (not info.default_hidden_sizes)
    assert bench.panel.data.title.text() == info.title
    assert bench.panel.activation.value() == info.default_activation
    settle(bench)
    bench.click(bench.panel.create_button)
    assert accepted(bench)
    assert same_document(bench.panel.document, new_document(name)[0])


def test_by_keyboard_only(bench: New) -> None:
    press(KEY.Key_Right, KEY.Key_Right, KEY.Key_Right, KEY.Key_Return)
    assert bench.panel.data.value() == "spiral"
    press(KEY.Key_Tab, KEY.Key_Tab)
    assert focus_name() == "Neurons in hidden layer 1"
    type_text("5")
    press(KEY.Key_Tab, KEY.Key_Up, KEY.Key_Up, KEY.Key_PageUp, KEY.Key_Down)
    press(KEY.Key_Tab, KEY.Key_Tab)
    assert focus_name() == "Add a layer"
    press(KEY.Key_Return)
    assert layer_texts(bench) == ["5", "17", "17"]
    press(KEY.Key_Tab)
    assert focus_name() == "Activation of hidden neurons"
    press(KEY.Key_S)
    press(KEY.Key_Tab)
    assert focus_name() == "Seed"
    type_text("7")
    press(KEY.Key_Return)
    assert accepted(bench)
    made = bench.panel.document
    assert hidden_sizes(made.network) == [5, 17, 17]
    assert made.seed == 7
    expected = new_document("spiral", hidden=(5, 17, 17), activation="sigmoid", seed=7)[0]
    assert same_document(made, expected)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0", "at least one neuron"),
        ("-3", "at least one neuron"),
        ("−3", "at least one neuron"),
        ("1/4", "“1/4” is no number of neurons"),
        ("2.5", "“2.5” is no number of neurons"),
        ("2,5", "“2,5” is no number of neurons"),
        ("vier", "“vier” is no number of neurons"),
        ("٣", "“٣” is no number of neurons"),
        ("9999", f"at most {MOST_NEURONS} neurons"),
        ("999999999999", f"at most {MOST_NEURONS} neurons"),
        ("", "Write how many neurons"),
        (" ", "Write how many neurons"),
    ],
)
def test_a_text_that_is_no_size_gets_a_sentence(bench: New, text: str, words: str) -> None:
    field = bench.panel.layers.fields[1]
    type_size(bench, 1, text)
    if not text:
        press(KEY.Key_Backspace)
    note = bench.panel.layers.note
    assert note.isVisible()
    assert words in note.text()
    assert note.heightForWidth(note.width()) <= note.height(), "one line, so that nothing moves"
    assert field.property("invalid")
    assert not bench.panel.layers.fields[0].property("invalid")
    settle(bench)
    assert bench.panel.summary.text() == ""
    assert "you will see" in bench.panel.preview.sentence
    bench.click(bench.panel.create_button)
    assert bench.panel.isVisible()
    assert field.hasFocus(), "the field that needs another look"
    with pytest.raises(RuntimeError):
        bench.panel.document.title
    type_text("3")
    assert not note.isVisible()
    assert not field.property("invalid")
    press(KEY.Key_Return)
    assert accepted(bench)
    assert hidden_sizes(bench.panel.document.network) == [4, 3]


def test_stepping_from_a_useless_text_and_at_the_ends(bench: New) -> None:
    field = bench.panel.layers.fields[0]
    type_size(bench, 0, "abc")
    press(KEY.Key_Up)
    assert field.text() == "5"
    for _ in range(6):
        press(KEY.Key_Down)
    assert field.text() == "1"
    type_size(bench, 0, str(MOST_NEURONS - 1))
    press(KEY.Key_PageUp)
    assert field.text() == str(MOST_NEURONS)


def test_layers_come_and_go(bench: New) -> None:
    layers = bench.panel.layers
    for _ in range(3):
        bench.click(layers.fewer)
    assert layer_texts(bench) == []
    assert layers.none.isVisible()
    assert not layers.fewer.isEnabled()
    settle(bench)
    assert bench.panel.summary.text() == "2 – 1, 3 parameters"
    bench.click(layers.more)
    assert layer_texts(bench) == ["4"]
    type_size(bench, 0, "9")
    for _ in range(MOST_LAYERS + 2):
        bench.click(layers.more)
    assert layer_texts(bench) == ["9"] * MOST_LAYERS
    assert not layers.more.isEnabled()
    assert str(MOST_LAYERS) in layers.more.toolTip()
    right = max(widget.geometry().right() for widget in (*layers.fields, layers.more))
    assert right <= layers.width(), "the row fits"
    bench.click(bench.panel.create_button)
    assert hidden_sizes(bench.panel.document.network) == [9] * MOST_LAYERS


def test_what_was_chosen_by_hand_stays_with_other_data(bench: New) -> None:
    type_size(bench, 0, "7")
    bench.choose(bench.panel.activation, "ReLU")
    bench.click(bench.panel.data.tile("digits"))
    assert layer_texts(bench) == ["7", "2"]
    assert bench.panel.activation.value() == "relu"
    settle(bench)
    assert "Hidden neurons" not in bench.panel.notes.text(), "said only of what was chosen for you"
    bench.click(bench.panel.create_button)
    made = bench.panel.document
    assert hidden_sizes(made.network) == [7, 2]
    assert made.network.activation_of(made.network.level_ids(1)[0]) == "relu"


def test_softmax_is_not_for_hidden_neurons(bench: New) -> None:
    offered = {bench.panel.activation.itemData(i) for i in range(bench.panel.activation.count())}
    assert offered - {None} == {name for name, a in ACTIVATIONS.items() if not a.is_group}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Write a whole number"),
        ("x", "“x” is no whole"),
        ("-1", "0 or more"),
        ("4294967296", "at most"),
    ],
)
def test_a_seed_that_cannot_be(bench: New, text: str, words: str) -> None:
    bench.type_into(bench.panel.seed, text, finish=False)
    if not text:
        press(KEY.Key_Backspace)
    assert words in bench.panel.seed_note.text()
    press(KEY.Key_Return)
    assert bench.panel.isVisible()
    assert bench.panel.seed.hasFocus()
    type_text("11")
    assert not bench.panel.seed_note.isVisible()
    press(KEY.Key_Return)
    assert bench.panel.document.seed == 11


def test_the_dice_draw_other_weights_in_the_picture(bench: New) -> None:
    before = bench.panel.preview.grab().toImage()
    bench.click(bench.panel.dice)
    settle(bench)
    assert bench.panel.seed.text() != "0"
    assert bench.panel.preview.grab().toImage() != before


def test_the_picture_follows_and_gives_up_on_huge_networks(bench: New) -> None:
    small = bench.panel.preview.grab().toImage()
    type_size(bench, 0, "8")
    settle(bench)
    assert bench.panel.summary.text() == "2 – 8 – 2 – 1, 45 parameters"
    assert bench.panel.preview.grab().toImage() != small
    type_size(bench, 0, "256")
    type_size(bench, 1, "256")
    settle(bench)
    assert bench.panel.preview.sentence.startswith("66,304 connections")
    bench.theme.set_mode("light")
    bench.click(bench.panel.create_button)
    assert bench.panel.document.network.topology.edge_count == 66_304


def test_cancelling(bench: New) -> None:
    before = bench.session.document
    type_size(bench, 0, "8")
    press(KEY.Key_Escape)
    assert not bench.panel.isVisible()
    assert not accepted(bench)
    assert bench.session.document is before


def test_a_table_of_ones_own(qtbot: QtBot, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    columns = []
    for name in ("width", "height", "price"):
        values = rng.normal(size=40)
        values.flags.writeable = False
        columns.append(Column(name, values))
    table = RawTable(tuple(columns), "price")
    document = new_document(table=table, table_name="houses.csv")[0]
    bench = Bench(qtbot, tmp_path, NewNetworkDialog, document, SIZE)
    try:
        assert bench.panel.data.value() == "table"
        assert bench.panel.data.title.text() == "houses.csv"
        bench.click(bench.panel.data.tile("circle"))
        bench.click(bench.panel.data.tile("table"))
        bench.click(bench.panel.create_button)
        made = bench.panel.document
        assert made.data.table is table
        assert made.title == "houses"
        assert hidden_sizes(made.network) == [8]
    finally:
        bench.close()
