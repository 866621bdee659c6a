"""Explanations as LaTeX and worksheets: numbers that work out, text that cannot break the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from formats.wirings import random_network
from latex_judge import assert_compiles, words_of

from nnplay.core.config import TrainingConfig
from nnplay.core.explained import explain_edge, explain_neuron
from nnplay.core.explained_values import NeuronExplained
from nnplay.core.explaining import StepExplanation, explain_step
from nnplay.core.network import Network
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.core.samples import Samples
from nnplay.formats.explanation import calculation, latex, worksheet_html, worksheet_markdown

WILD = "a_b & 50% #{$x$}~^\\ δ₁ 神"


def step_of(optimizer: str, samples: int = 1, loss: str = "half_squared") -> StepExplanation:
    softmax = loss == "softmax_cross_entropy"
    network = Network.mlp([2, 3, 2], output_activation="softmax" if softmax else "tanh")
    random = np.random.default_rng(4)
    network = network.with_theta(random.normal(size=network.theta.size))
    x = random.normal(size=(samples, 2))
    data = Samples(x, classes=random.integers(0, 2, samples), class_count=2)
    return explain_step(network, data, TrainingConfig(loss=loss, optimizer=optimizer), scope="all")


@pytest.mark.parametrize("loss", ["half_squared", "mse", "softmax_cross_entropy"])
def test_formulas_of_one_sample_work_out(loss: str) -> None:
    step = step_of("sgd", loss=loss)
    for neuron in step.network.topology.ids.tolist():
        for line in calculation(step, explain_neuron(step, neuron), str):
            formula = line.formula.replace("·", "*").replace("−", "-")
            if re.fullmatch(r"[-+*/().\de ]+", formula):
                assert eval(formula) == pytest.approx(line.value, rel=2e-5, abs=2e-5), line


@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
@pytest.mark.parametrize("samples", [1, 5])
def test_latex_is_sound_whatever_neurons_are_called(
    optimizer: str, samples: int, tmp_path: Path
) -> None:
    step = step_of(optimizer, samples)
    topology = step.network.topology
    source, target = topology.edges[0].tolist()
    for name, seen in (
        ("neuron", explain_neuron(step, target)),
        ("edge", explain_edge(step, source, target)),
    ):
        text = latex(step, seen, lambda _: WILD, whole=True)
        assert r"\ifdefined\Umathchar 神\else ?\fi" in text
        bare = re.sub(r"\\[{}%&#$_]", "", text)
        assert bare.count("{") == bare.count("}")
        assert bare.count("$") % 2 == 0
        assert "%" not in bare
        assert "#" not in bare
        body = bare.split(r"\begin{align*}")[1].split(r"\end{align*}")[0]
        assert all(line.count("&") == 3 for line in body.strip().split("\\\\\n"))
        if optimizer in ("sgd", "adamw"):  # the others differ in the update's lines alone
            assert_compiles(text, tmp_path, name)


def pages(step: StepExplanation, name: Callable[[int], str]) -> tuple[str, list[NeuronExplained]]:
    """A document that explains every neuron and one connection."""
    topology = step.network.topology
    seen = [explain_neuron(step, neuron) for neuron in topology.ids.tolist()]
    bodies = [latex(step, neuron, name) for neuron in seen]
    if topology.edge_count:
        bodies.append(latex(step, explain_edge(step, *topology.edges[0].tolist()), name))
    before, _ = latex(step, seen[0], name, whole=True).split("\\begin{align*}")
    return before + "".join(bodies) + "\\end{document}\n", seen


def step_on(network: Network, scale: float = 1.0, loss: str = "half_squared") -> StepExplanation:
    random, topology = np.random.default_rng(5), network.topology
    x = random.normal(size=(1, len(topology.input_ids))) * scale
    data = Samples(x, values=random.normal(size=(1, len(topology.output_ids))))
    return explain_step(network, data, TrainingConfig(loss=loss), scope="all")


def test_latex_of_a_worked_example_prints_its_numbers(tmp_path: Path) -> None:
    """The example of many textbooks: two inputs, two neurons, two outputs, round weights."""
    network = Network.mlp([2, 2, 2], activation="sigmoid", output_activation="sigmoid")
    weights = [0.15, 0.25, 0.2, 0.3, 0.4, 0.5, 0.45, 0.55, 0.35, 0.35, 0.6, 0.6]
    network = network.with_theta(np.array(weights))
    data = Samples(np.array([[0.05, 0.1]]), values=np.array([[0.01, 0.99]]))
    step = explain_step(network, data, TrainingConfig(loss="half_squared"), scope="all")
    text, seen = pages(step, lambda i: f"h_{i}")
    assert_compiles(text, tmp_path, "worked")
    printed = words_of(tmp_path / "worked.pdf")
    if printed is None:
        return
    flat = "".join(printed).replace("−", "-")
    for neuron in seen:
        for line in calculation(step, neuron, str):
            if "e" not in f"{line.value:.6g}":
                assert f"{line.value:.6g}" in flat, line
    assert "strut" not in flat


@pytest.mark.parametrize("seed", [3, 7, 12, 15, 21])
def test_latex_of_any_wiring_compiles(seed: int, tmp_path: Path) -> None:
    step = step_on(random_network(seed))
    text, _ = pages(step, lambda i: f"h_{i}")
    assert_compiles(text, tmp_path, "wiring")


@pytest.mark.parametrize("size", [1e-6, 1e90])
def test_tiny_and_overflowing_numbers_fit_on_the_page(size: float, tmp_path: Path) -> None:
    network = Network.mlp([2, 3, 2], activation="square", output_activation="linear")
    network = network.with_theta(np.random.default_rng(0).normal(size=17) * size)
    text, _ = pages(step_on(network, scale=size), lambda _: WILD)
    assert not re.search(r"\de[-+]\d", text)
    assert ("inf" in text) == (size > 1)
    assert "inf " not in text.replace("\\infty", "")
    assert_compiles(text, tmp_path, "sizes")


def test_long_sums_go_on_in_the_next_line(tmp_path: Path) -> None:
    network = Network.mlp([12, 9, 1])
    random = np.random.default_rng(5)
    network = network.with_theta(random.normal(size=network.theta.size))
    data = Samples(random.normal(size=(1, 12)), values=random.normal(size=(1, 1)))
    step = explain_step(network, data, TrainingConfig(loss="mse"), scope="all")
    seen = explain_neuron(step, network.topology.hidden_ids[0], most=12)
    assert len(seen.incoming.terms) == 12
    text = latex(step, seen, lambda i: network.label_of(i), whole=True)
    rows = [row for row in text.split("align*}")[1].splitlines() if "&" in row]
    assert all(len(row.split("&&")[0]) < 110 for row in rows)
    long = "".join(r.split("&&")[0] for r in rows if r.strip().startswith(("z &", "&")))
    for term in seen.incoming.terms:
        assert f"{abs(term.product):.6g}" in long
    assert_compiles(text, tmp_path, "long")


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_worksheets_keep_answers_from_the_questions(optimizer: str) -> None:
    step = step_of(optimizer)
    seen = explain_neuron(step, step.network.topology.output_ids[0])
    text = worksheet_markdown(step, seen, str)
    questions, answers = text.split("## Answers")
    lines = calculation(step, seen, str)
    assert questions.count(" = ____________________") == len(lines)
    for line in lines:
        assert f"**{line.value:.6g}**" in answers
    assert f"{seen.a:.6g}" not in questions
    page = worksheet_html(step, seen, lambda _: "<b>&")
    assert "&lt;b&gt;&amp;" in page
    assert "<b>&<" not in page
