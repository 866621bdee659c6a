"""Figures for LaTeX are sound text, and compile where there is a LaTeX."""

import re
from dataclasses import replace

import pytest
from latex_judge import assert_compiles

import nnplay
from nnplay.core.network import Network
from nnplay.document import Document
from nnplay.picture.options import PictureOptions
from nnplay.picture.render import picture_bytes

NASTY = ("a_b", "50 %", "\\input{/etc/passwd}", "x^2", "{", "}$", "#~&", "−1", "\n", '"<|>"')


def documents():
    document, _ = nnplay.new_document("circle", hidden=[3])
    network = document.network.set_enabled([0], False).set_neurons_enabled([3], False)
    yield replace(document, network=network)
    strange = Network.mlp([len(NASTY), 2])
    for neuron, label in zip(strange.topology.input_ids, NASTY, strict=True):
        strange = strange.set_label(neuron, label)
    yield Document(strange)
    yield Document(strange, view={"direction": "down"})


def checked(text):
    """A small parser: braces and environments are balanced, every edge ends at a node."""
    assert text.isprintable() or "\n" in text
    depth = 0
    for place, sign in enumerate(text):
        if sign in "{}" and text[place - 1] != "\\":
            depth += 1 if sign == "{" else -1
            assert depth >= 0
    assert depth == 0
    begun, ended = re.findall(r"\\begin\{(\w+)\}", text), re.findall(r"\\end\{(\w+)\}", text)
    assert sorted(begun) == sorted(ended)
    nodes = set(re.findall(r"\((n\d+)\) at", text))
    ends = set(re.findall(r"\((n\d+)\)(?: --|;)", text))
    assert ends <= nodes
    # Only our own commands: names of neurons have become harmless.
    assert "input{/etc" not in text.replace("\\textbackslash{}input\\{", "")
    return nodes


@pytest.mark.parametrize("numbers", [True, False])
def test_figures_are_sound(tmp_path, numbers):
    for number, document in enumerate(documents()):
        options = PictureOptions(weights=numbers, biases=numbers)
        text = picture_bytes(document, "tex", options).decode()
        assert len(checked(text)) == document.network.topology.neuron_count
        assert text == picture_bytes(document, "tex", options).decode()
        assert text.count("\\draw[") == document.network.topology.edge_count
        assert ("node[number" in text) == numbers
        assert_compiles(text, tmp_path, str(number))


def test_the_parser_notices_mistakes():
    text = picture_bytes(next(documents()), "tex").decode()
    for wrong in (text + "{", text.replace("(n5);", "(n99);"), text + "\\begin{scope}"):
        with pytest.raises(AssertionError):
            checked(wrong)


def test_only_the_chosen_neurons_are_drawn():
    document = next(documents())
    text = picture_bytes(document, "tex", PictureOptions(neurons=frozenset({0, 3}))).decode()
    assert checked(text) == {"n0", "n3"}
    assert text.count("\\draw[") == 1
