"""Finding commands by a few typed letters."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnplay.gui.commands.catalogue import Command
from nnplay.gui.commands.fuzzy import match
from nnplay.gui.commands.model import CommandsModel
from nnplay.session.settings import Settings

letters = st.text("abcdefg  -", min_size=1, max_size=24)


@given(letters, st.data())
def test_letters_in_order_are_always_found(text: str, data: st.DataObject) -> None:
    places = sorted(data.draw(st.sets(st.integers(0, len(text) - 1), min_size=1)))
    query = "".join(text[place] for place in places)
    found = match(query, text)
    assert found is not None
    typed = [letter for letter in query if letter != " "]
    if " " not in query:
        assert [text[place] for place in found.places] == typed


@given(letters, letters)
def test_what_is_found_holds_the_letters(query: str, text: str) -> None:
    found = match(query, text)
    if found is None:
        return
    assert all(text.casefold().count(letter) for letter in query.casefold() if letter != " ")
    assert list(found.places) == sorted(set(found.places))


@pytest.mark.parametrize(
    ("query", "better", "worse"),
    [
        ("tan", "Set activation: tanh", "Table of neurons and connections"),
        ("nn", "New network", "Tool: Connect neurons"),
        ("undo", "Undo", "Ground or sound"),
        ("zi", "Zoom in", "Resize it"),
        ("weights reset", "Reset weights", "Whether it is reset: a gate"),
        ("save", "Save", "Save as"),
    ],
)
def test_the_likelier_one_scores_more(query: str, better: str, worse: str) -> None:
    first, second = match(query, better), match(query, worse)
    assert first is not None
    assert second is None or first.score > second.score


def test_capitals_and_turkish_letters_are_no_trouble() -> None:
    found = match("i", "İstanbul")
    assert found is None or all(0 <= place < 8 for place in found.places)
    assert match("NEW", "new network") is not None
    assert match("xyz", "new network") is None


def test_rubbish_in_the_settings_is_no_trouble(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    for text in ("", "{", '{"a": 1}', "[1, null]", "3"):
        settings.set_text("commands_recent", text)
        assert CommandsModel([], list, settings).rowCount() == 0


def test_a_word_for_all_neurons_finds_commands_first(tmp_path: Path) -> None:
    tool = Command("tool:neuron", "Tool: Add a neuron", "", "", print)
    neurons = [Command(f"neuron:{i}", f"Go to neuron h{i}", "", "", print) for i in range(9)]
    model = CommandsModel([tool], lambda: neurons, Settings(tmp_path))
    model.search("neur")
    assert model.found[0].command is tool
    model.search("neuron h3")
    assert model.found[0].command is neurons[3]
