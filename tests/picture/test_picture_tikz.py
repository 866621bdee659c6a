"""Figures for LaTeX are sound text, and compile where there is a LaTeX."""

import re
from dataclasses import replace

import numpy as np
import pytest
from formats.wirings import random_document
from latex_judge import assert_compiles

import nnplay
from nnplay.core.activations import ACTIVATIONS
from nnplay.core.network import Network
from nnplay.document import Document
from nnplay.picture.options import PictureOptions
from nnplay.picture.render import picture_bytes

NASTY = ("a_b", "50 %", "\\input{/etc/passwd}", "x^2", "{", "}$", "#~&", "−1", "\n", '"<|>"')
FOREIGN = (
    "größe",
    "α₁",
    "x²",
    "神経回路",
    "Ω",
    "∂L/∂w",
    "naïve",
    "ħ",
    "😀",
    "µm",
    "x̂",
    "a--b",
    "€",
)


def named(labels):
    network = Network.mlp([len(labels), 2])
    for neuron, label in zip(network.topology.input_ids, labels, strict=True):
        network = network.set_label(neuron, label)
    return Document(network)


def every_activation():
    names = [name for name in ACTIVATIONS if name != "softmax"]
    network = Network.mlp([2, len(names), 3], output_activation="softmax")
    for neuron, name in zip(network.topology.hidden_ids, names, strict=True):
        network = network.set_activation([neuron], name)
    sizes = np.geomspace(1e-9, 1e9, network.theta.size)
    return Document(network.with_theta(sizes), view={"direction": "down"})


def documents():
    document, _ = nnplay.new_document("circle", hidden=[3])
    network = document.network.set_enabled([0], False).set_neurons_enabled([3], False)
    yield replace(document, network=network)
    strange = named(NASTY)
    yield strange
    yield replace(strange, view={"direction": "down"})
    yield named(FOREIGN)
    yield every_activation()
    for seed in (3, 7, 12):  # connections over several layers, parts switched off
        yield random_document(seed)


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
        assert not re.search(r"\de[-+]\d", text)
        if numbers:
            assert_compiles(text, tmp_path, str(number))


@pytest.mark.parametrize("sizes", [[2, 60, 1], [1] * 180])
def test_large_figures_fit_into_what_tex_can_measure(tmp_path, sizes):
    text = picture_bytes(Document(Network.mlp(sizes)), "tex").decode()
    places = re.findall(r"at \((-?[\d.]+), (-?[\d.]+)\)", text)
    assert max(abs(float(x)) for place in places for x in place) < 310
    assert_compiles(text, tmp_path, "large")


def test_connections_over_layers_go_around_what_is_between():
    """A straight line would run behind the neuron in the middle and seem to end there."""
    network = Network.mlp([1, 1, 1]).connect(0, 2, 1.0)
    text = picture_bytes(Document(network, {0: (0, 0), 1: (200, 80), 2: (400, 0)}), "tex").decode()
    assert re.search(r"\(n0\) \.\. controls .* \.\. \(n2\);", text)
    crowd = picture_bytes(Document(Network.mlp([20, 20, 1])), "tex").decode()
    assert "controls" not in crowd
    assert "(n0) -- (n20);" in crowd


def test_numbers_stand_apart():
    document = nnplay.new_document("circle", hidden=[4, 3])[0]
    text = picture_bytes(document, "tex", PictureOptions(weights=True)).decode()
    found = re.findall(r"\\node\[number\] at \((.*), (.*)\) \{\$(.*)\$\};", text)
    network = document.network
    assert [float(number) for _, _, number in found] == [
        float(f"{weight:.3g}") for weight in network.theta[: network.topology.edge_count]
    ]
    places = np.array([(float(x), float(y)) for x, y, _ in found])
    gaps = np.abs(places[:, None] - places[None])
    close = (gaps < (0.5, 0.2)).all(axis=2) & ~np.eye(len(places), dtype=bool)
    assert not close.any()


def test_names_do_not_lie_on_neurons(tmp_path):
    """Inputs in two columns: a name left of the second one would cover the first."""
    text = picture_bytes(named(FOREIGN), "tex").decode()
    columns = set(re.findall(r"\\node\[input.* at \((.*?),", text))
    assert len(columns) == 2
    for line in text.splitlines():
        if line.strip().startswith("\\node[input, label"):
            assert ("left:" in line) == ("at (0.000" in line), line


def test_the_figure_alone_goes_into_a_paper(tmp_path):
    """As the first lines of it say: the tikzpicture needs nothing but TikZ."""
    text = picture_bytes(named(NASTY + FOREIGN), "tex", PictureOptions(weights=True)).decode()
    figure = text[text.index("\\begin{tikzpicture}") : text.index("\\end{document}")]
    paper = "\\documentclass{article}\\usepackage{tikz}\\begin{document}\n"
    assert_compiles(f"{paper}{figure}\\end{{document}}\n", tmp_path, "paper")


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
