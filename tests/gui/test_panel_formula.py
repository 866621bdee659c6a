"""The formula in the inspector says what the network does: against the per-neuron oracle."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.network import Network
from nnplay.core.reference import evaluate
from nnplay.core.topology import Kind, Topology
from nnplay.gui.panels.formula import MOST_TERMS, Formula, formula_of, strongest_slots
from nnplay.gui.panels.formula_layout import layout_formula
from nnplay.gui.panels.words import aligned_number, count, neuron_place, plain_number

NAMES = [name for name, activation in ACTIVATIONS.items() if not activation.is_group]


@st.composite
def random_networks(draw: st.DrawFn) -> Network:
    """Any DAG with connections switched off here and there, softmax groups among them."""
    inputs, hidden, outputs = (
        draw(st.integers(1, 4)),
        draw(st.integers(0, 5)),
        draw(st.integers(1, 3)),
    )
    total = inputs + hidden + outputs
    kinds = [Kind.INPUT] * inputs + [Kind.HIDDEN] * hidden + [Kind.OUTPUT] * outputs
    pairs = [
        (s, t)
        for t in range(inputs, total)
        for s in range(min(t, inputs + hidden))
        if draw(st.booleans())
    ]
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    names = ["linear"] * inputs + [draw(st.sampled_from(NAMES)) for _ in range(hidden)]
    if outputs > 1 and draw(st.booleans()):
        names += ["softmax"] * outputs
    else:
        names += [draw(st.sampled_from(NAMES)) for _ in range(outputs)]
    topology = Topology(range(total), kinds, pairs)
    parameters = topology.parameter_count
    return Network.build(
        topology,
        theta=random.normal(size=parameters),
        activations=names,
        enabled=random.random(parameters) > 0.2,
    )


def formula_at(network: Network, x: np.ndarray, neuron_id: int) -> Formula:
    values = evaluate(network, x[None])
    z, a = values.z[:, 0], values.a[:, 0]
    delta = np.full(z.size, np.nan)
    return formula_of(network, z, a, delta, neuron_id)


@given(random_networks(), st.integers(0, 10**6))
def test_terms_bias_and_result_are_the_networks_own(network: Network, seed: int) -> None:
    x = np.random.default_rng(seed).normal(size=len(network.topology.input_ids))
    values = evaluate(network, x[None])
    for neuron_id in (*network.topology.hidden_ids, *network.topology.output_ids):
        formula = formula_at(network, x, neuron_id)
        row = network.topology.row(neuron_id)
        total = sum(term.value for term in formula.terms) + formula.more_sum + formula.bias
        assert total == pytest.approx(values.z[row, 0], abs=1e-12)
        assert formula.z == values.z[row, 0]
        assert formula.a == values.a[row, 0]
        for term in formula.terms:
            edge = network.edge(term.source, neuron_id)
            assert (term.weight, term.enabled) == (edge.weight, edge.enabled)
            assert term.activation == values.a[network.topology.row(term.source), 0]
        if formula.activation == "softmax":
            assert sum(member.a for member in formula.group) == pytest.approx(1.0)
            powers = {m.neuron: math.exp(m.z) for m in formula.group}
            assert powers[neuron_id] / sum(powers.values()) == pytest.approx(formula.a)


@given(random_networks(), st.integers(20, 80))
def test_lines_are_aligned_and_say_the_same_numbers(network: Network, columns: int) -> None:
    x = np.linspace(-2, 2, len(network.topology.input_ids))
    for neuron_id in network.topology.output_ids:
        formula = formula_at(network, x, neuron_id)
        rows = layout_formula(formula, columns)
        ends = {len(row.text.rstrip()) for row in rows if row.pieces[-1].column > 0}
        assert len(ends) == 1, "the last column does not line up"
        assert len(rows) == len(layout_formula(formula, 36))
        for row, term in zip(rows[1:], formula.terms, strict=False):
            assert row.source == term.source
            numbers = [p.text for p in row.pieces if p.text.strip()[-1:].isdigit()][-3:]
            shown = [float(n.replace("−", "-").replace("∞", "inf")) for n in numbers]
            assert shown == pytest.approx([term.weight, term.activation, term.value], abs=6e-4)
        for row in rows:
            for before, after in zip(row.pieces, row.pieces[1:], strict=False):
                assert before.column + len(before.text) <= after.column, row.text


def test_the_worked_example_adds_up_by_hand() -> None:
    network = Network.mlp([2, 1], output_activation="linear").with_theta([0.1, 0.2, 0.3])
    formula = formula_at(network, np.array([0.5, 0.6]), 2)
    lines = [row.text.rstrip() for row in layout_formula(formula, 36)]
    assert [line.split() for line in lines[:6]] == [
        ["weight", "value", "term"],
        ["x₁", "0.100", "·", "0.500", "=", "0.050"],
        ["x₂", "0.200", "·", "0.600", "=", "0.120"],
        ["bias", "0.300"],
        ["z", "=", "sum", "0.470"],
        ["a", "=", "z", "0.470"],
    ]
    roles = [row.pieces[-1].role for row in layout_formula(formula, 36)[1:6]]
    assert roles == ["positive_text"] * 5
    assert all(p.bold for p in layout_formula(formula, 36)[4].pieces)


def test_a_thousand_terms_become_a_few_lines_and_one_sum() -> None:
    random = np.random.default_rng(3)
    network = Network.mlp([784, 2]).with_theta(random.normal(size=2 * 784 + 2))
    x = random.normal(size=784)
    formula = formula_at(network, x, 784)
    assert len(formula.terms) == MOST_TERMS
    assert formula.more_count == 784 - MOST_TERMS
    listed = {term.source for term in formula.terms}
    sizes = np.abs(network.theta[:784] * x)
    assert listed == set(np.argsort(-sizes)[:MOST_TERMS].tolist())
    total = sum(t.value for t in formula.terms) + formula.more_sum + formula.bias
    assert total == pytest.approx(formula.z)
    assert strongest_slots(network, np.append(x, [0, 0]), 784) == tuple(
        sorted(term.slot for term in formula.terms)
    )


def test_a_switched_off_connection_adds_nothing_and_is_pale() -> None:
    network = Network.mlp([2, 1], output_activation="linear").with_theta([5.0, 2.0, 0.0])
    network = network.set_enabled([0], False)
    formula = formula_at(network, np.array([1.0, 1.0]), 2)
    assert [term.value for term in formula.terms] == [0.0, 2.0]
    assert formula.z == 2.0
    assert {p.role for p in layout_formula(formula, 36)[1].pieces} == {"tertiary_text"}
    assert "(switched off)" in formula.as_text("z")


def test_large_exponents_of_softmax_do_not_overflow() -> None:
    network = Network.mlp([1, 2], output_activation="softmax")
    network = network.with_theta([900.0, -900.0, 0.0, 0.0])
    rows = layout_formula(formula_at(network, np.array([1.0]), 1), 36)
    text = "\n".join(row.text for row in rows)
    assert "e^(z−m)" in text
    assert "∞" not in text


@given(
    st.floats(-1e300, 1e300) | st.just(math.inf) | st.just(-math.inf),
    st.integers(0, 6),
    st.integers(7, 14),
)
def test_numbers_keep_their_column(value: float, decimals: int, width: int) -> None:
    text = aligned_number(value, decimals, width)
    assert len(text) == width
    if math.isinf(value):
        assert text.strip() in ("∞", "−∞")
        return
    back = float(text.replace("−", "-"))
    assert back == pytest.approx(value, rel=0.34, abs=0.5 * 10**-decimals)
    assert (back != 0) == (value != 0) or abs(value) < 1e-99


def test_words() -> None:
    assert aligned_number(math.nan).strip() == "–"
    assert aligned_number(-0.25) == " −0.250"
    assert aligned_number(2.5e-7).strip() == "2.5e−7"
    assert plain_number(-0.25) == "−0.25"
    assert [count(n, "class", "classes") for n in (0, 1, 1200)] == [
        "0 classes",
        "1 class",
        "1,200 classes",
    ]
    network = Network.mlp([2, 3, 3, 1])
    assert [neuron_place(network, i) for i in (1, 3, 7, 8)] == [
        "Input 2",
        "Hidden 1 · neuron 2",
        "Hidden 2 · neuron 3",
        "Output",
    ]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("z", [-800.0, 800.0])
def test_far_sums_have_a_slope_without_a_warning(name: str, z: float) -> None:
    network = Network.mlp([1, 1], output_activation=name)
    formula = formula_of(network, np.array([0.0, z]), np.array([0.0, 1.0]), np.array([0.0, 0.0]), 1)
    assert math.isfinite(formula.derivative)
