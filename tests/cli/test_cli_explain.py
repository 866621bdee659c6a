"""``explain``: the contract, the worked example, and gradients judged by finite differences."""

import importlib.util
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nnplay.assets import resource_path
from nnplay.core import reference
from nnplay.core.network import Network
from nnplay.data.preparation import prepare
from nnplay.document import Document
from nnplay.library import load, save

WORKED = resource_path("examples/single-neuron.nnplay.json")


def test_the_worked_example(nnplay):
    """x = (0.5, 0.6), w = (0.1, 0.2), b = 0.3, ReLU; the target is 1.

    z = 0.5·0.1 + 0.6·0.2 + 0.3 = 0.47 = a, E = ½(0.47 − 1)², δ = 0.47 − 1 = −0.53,
    dE/dw = δ·x = (−0.265, −0.318), dE/db = −0.53.
    """
    found = nnplay("explain", WORKED, "--input", "0.5,0.6", "--target", 1, "--json").json
    assert list(found) == ["loss", "neurons", "edges", "biases"]
    assert found["loss"] == pytest.approx(0.5 * 0.53**2, rel=1e-15)
    first, second, output = found["neurons"]
    assert first == {
        "id": 0,
        "label": "x1",
        "kind": "input",
        "z": None,
        "a": 0.5,
        "derivative": None,
        "delta": None,
    }
    assert (second["id"], second["label"], second["a"]) == (1, "x2", 0.6)
    assert (output["id"], output["label"], output["kind"]) == (2, "y", "output")
    assert output["z"] == output["a"] == 0.47
    assert output["derivative"] == 1.0
    assert output["delta"] == pytest.approx(-0.53, rel=1e-15)
    assert [(e["source"], e["target"], e["weight"]) for e in found["edges"]] == [
        (0, 2, 0.1),
        (1, 2, 0.2),
    ]
    assert [e["gradient"] for e in found["edges"]] == pytest.approx([-0.265, -0.318], rel=1e-15)
    (bias,) = found["biases"]
    assert list(bias) == ["neuron", "bias", "gradient"]
    assert (bias["neuron"], bias["bias"]) == (2, 0.3)
    assert bias["gradient"] == pytest.approx(-0.53, rel=1e-15)


def test_without_a_target_there_are_no_gradients(nnplay):
    found = nnplay("explain", WORKED, "--input", "0.5,0.6", "--json").json
    assert found["loss"] is None
    assert found["neurons"][2]["z"] == 0.47
    assert found["neurons"][2]["delta"] is None
    assert {edge["gradient"] for edge in found["edges"]} == {None}
    assert found["biases"][0]["gradient"] is None


def test_for_people(nnplay):
    said = nnplay("explain", WORKED, "--input", "0.5,0.6", "--target", 1).out
    lines = [line.split() for line in said.splitlines()]
    assert ["y", "0.47", "0.47", "1", "−0.53"] in lines
    assert ["x1", "→", "y", "0.1", "−0.265"] in lines
    assert ["bias", "of", "y", "0.3", "−0.53"] in lines
    assert ["loss", "(half_squared):", "0.14045"] in lines


@pytest.mark.parametrize("text", ["0.5,0.6", "1/2,3/5", "0,5;0,6", " 0.5 , 0.6 "])
def test_numbers_as_people_write_them(nnplay, text):
    assert nnplay("explain", WORKED, "--input", text, "--json").json["neurons"][2]["z"] == 0.47


@pytest.mark.parametrize("text", ["-0.5,0.6", "−0.5,0.6", "-.5,0.6", "-1/2,0.6"])
def test_a_list_may_begin_with_a_minus(nnplay, text):
    found = nnplay("explain", WORKED, "--input", text, "--target", "-1", "--json").json
    assert found["neurons"][0]["a"] == -0.5
    assert found["neurons"][2]["z"] == pytest.approx(0.37)
    assert found["neurons"][2]["delta"] == pytest.approx(1.37)


# ------------------------------------------------------------------ gradients
def slopes(network: Network, x, y, loss: str):
    """dE/dθ by central differences of the evaluator that takes one neuron after another."""
    result = []
    for slot, value in enumerate(network.theta):
        losses = []
        step = 1e-6 * max(1.0, abs(value))
        for sign in (1, -1):
            theta = np.array(network.theta)
            theta[slot] += sign * step
            values = reference.evaluate(network, [x], theta=theta)
            losses.append(float(reference.loss_value(network, values, [y], loss)))
        result.append((losses[0] - losses[1]) / (2 * step))
    return result


def gradients(found):
    return [row["gradient"] for row in found["edges"] + found["biases"]]


def scaled_inputs(document, raw):
    data = prepare(document.data, document.preparation, document.seed)
    return data.input_matrix(document.network, [raw])[0]


CASES = {
    "spiral": (
        ("--data", "spiral", "--features", "x1,x2,x1^2,sin(x2)", "--layers", "4,5,3,1"),
        "-0.5,0.6",
        "-1",
        [-1.0],
    ),
    "circle, cross-entropy": (
        ("--data", "circle", "--output-activation", "sigmoid", "--loss", "binary_cross_entropy"),
        "1,-2",
        "+1",
        [1.0],
    ),
    "iris, softmax": (
        ("--data", "iris"),
        "5.1,3.5,1.4,0.2",
        "versicolor",
        [0.0, 1.0, 0.0],
    ),
    "iris, squared": (
        ("--data", "iris", "--output-activation", "tanh", "--loss", "mse"),
        "5.1,3.5,1.4,0.2",
        "virginica",
        [-1.0, -1.0, 1.0],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_gradients_equal_finite_differences(nnplay, name):
    options, raw, target, encoded = CASES[name]
    nnplay("new", "d.nnplay", *options, "--seed", 3)
    nnplay("train", "d.nnplay", "--epochs", 2, "--out", "d.nnplay")
    found = nnplay("explain", "d.nnplay", "--input", raw, "--target", target, "--json").json
    document = load("d.nnplay")
    x = scaled_inputs(document, [float(cell) for cell in raw.split(",")])
    expected = slopes(document.network, x, encoded, document.training.loss)
    assert gradients(found) == pytest.approx(expected, rel=1e-6, abs=1e-8)
    assert max(map(abs, expected)) > 1e-4
    values = reference.evaluate(document.network, [x])
    for row, neuron in enumerate(found["neurons"]):
        assert neuron["a"] == pytest.approx(values.a[row, 0], rel=1e-13)
        is_input = neuron["kind"] == "input"
        assert neuron["z"] == (None if is_input else pytest.approx(values.z[row, 0], rel=1e-13))
        by_softmax = document.network.activations[row] == "softmax"
        assert (neuron["derivative"] is None) == (is_input or by_softmax)
    loss = float(reference.loss_value(document.network, values, [encoded], document.training.loss))
    assert found["loss"] == pytest.approx(loss, rel=1e-13)


def test_numbers_are_raw_and_targets_in_their_own_units(nnplay):
    """Diabetes: both inputs and target are scaled for the network, not for people."""
    nnplay("new", "d.nnplay", "--data", "diabetes", "--seed", 1)
    document = load("d.nnplay")
    data = prepare(document.data, document.preparation, document.seed)
    row = 5
    raw = ",".join(map(repr, data.raw[row].tolist()))
    unit = float(data.target_scaling.deviations[0])
    target = float(data.target_scaling.means[0]) + 2 * unit
    found = nnplay("explain", "d.nnplay", "--input", raw, "--target", target, "--json").json
    inputs = [neuron["a"] for neuron in found["neurons"] if neuron["kind"] == "input"]
    assert inputs == pytest.approx(data.inputs[row].tolist(), rel=1e-12)
    assert unit > 10  # a target taken for a scaled one would be far off
    expected = slopes(document.network, data.inputs[row], [2.0], document.training.loss)
    assert gradients(found) == pytest.approx(expected, rel=1e-5, abs=1e-8)


# ------------------------------------------------------------------ PyTorch
WEIGHTS = [[[0.1, 0.2], [-0.3, 0.4], [0.5, -0.6]], [[0.7, -0.8, 0.9]]]
BIASES = [[0.3, -0.1, 0.2], [-0.2]]
# Printed by torch_figures() below with PyTorch 2.13: the loss, then all weights, then all biases.
TORCH_LOSS = 0.6001575287134421
TORCH_GRADIENT = [
    *(-0.12761757242148097, -0.15314108690577716, 0.18049187448603402),
    *(0.2165902493832408, -0.20143760996762425, -0.2417251319611491),
    *(-0.19774831284469216, 0.004512597687958118, -0.04050542731953329),
    *(-0.25523514484296195, 0.36098374897206803, -0.4028752199352485, -0.4512748106878256),
]


def torch_figures():
    """Binary cross-entropy of a sigmoid above three tanh, for x = (0.5, 0.6) and target 1."""
    import torch

    weights = [torch.tensor(w, dtype=torch.float64, requires_grad=True) for w in WEIGHTS]
    biases = [torch.tensor(b, dtype=torch.float64, requires_grad=True) for b in BIASES]
    x = torch.tensor([0.5, 0.6], dtype=torch.float64)
    z = weights[1] @ torch.tanh(weights[0] @ x + biases[0]) + biases[1]
    one = torch.ones(1, dtype=torch.float64)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(z, one)
    loss.backward()
    gradient = [v for t in (*weights, *biases) for v in t.grad.reshape(-1).tolist()]
    return loss.item(), gradient


def test_gradients_equal_those_of_torch(nnplay):
    network = Network.mlp([2, 3, 1], activation="tanh", output_activation="sigmoid")
    numbers = [*np.array(WEIGHTS[0]).flat, *np.array(WEIGHTS[1]).flat, *BIASES[0], *BIASES[1]]
    document = Document(network.with_theta(np.array(numbers)))
    save(
        replace(document, training=replace(document.training, loss="binary_cross_entropy")),
        "d.nnplay",
    )
    found = nnplay("explain", "d.nnplay", "--input", "0.5,0.6", "--target", 1, "--json").json
    assert found["loss"] == pytest.approx(TORCH_LOSS, rel=1e-13)
    assert gradients(found) == pytest.approx(TORCH_GRADIENT, rel=1e-13)
    if importlib.util.find_spec("torch") is not None:
        loss, gradient = torch_figures()
        assert found["loss"] == pytest.approx(loss, rel=1e-13)
        assert gradients(found) == pytest.approx(gradient, rel=1e-13)


# ------------------------------------------------------------------ what cannot be explained
@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--input", "0.5"), "--input has 1 value, but 2 are needed: x1, x2."),
        (("--input", "0.5,0.6,0.7"), "--input has 3 values, but 2 are needed: x1, x2."),
        (("--input", "0.5,abc"), "Column “x2”"),
        (("--input", "0.5,"), "The column “x2” is empty."),
        (("--input", "1,2", "--target", "1,2"), "--target needs 1 number, not “1,2”."),
        (("--input", "1,2", "--target", "much"), "“much”"),
        (("--input", "1,1e999"), "Column “x2”"),
    ],
)
def test_bad_values_are_named(nnplay, options, says):
    assert says in nnplay("explain", WORKED, *options, code=1).complaint


def test_an_unknown_class_is_answered_with_those_there_are(nnplay):
    nnplay("new", "iris.nnplay", "--data", "iris")
    said = nnplay("explain", "iris.nnplay", "--input", "1,2,3,4", "--target", "rose", code=1)
    assert said.complaint == (
        "“rose” is no class of these data. There are setosa, versicolor, virginica."
    )


def test_a_column_that_no_input_reads_may_be_left_out(nnplay):
    nnplay("new", "d.nnplay", "--data", "iris", "--features", "petal_width,sepal_length^2")
    whole = nnplay("explain", "d.nnplay", "--input", "5,3,1,0.2", "--json").json
    short = nnplay("explain", "d.nnplay", "--input", "5,0.2", "--json").json
    assert whole == short
    assert whole["neurons"][0]["a"] != 0.2  # raw values are scaled


def test_a_network_without_data_takes_values_as_they_are(nnplay):
    save(Document(Network.mlp([3, 1])), "bare.nnplay")
    ended = nnplay("explain", "bare.nnplay", "--input", "1,2,3", "--json")
    assert [neuron["a"] for neuron in ended.json["neurons"][:3]] == [1.0, 2.0, 3.0]
    assert ended.notes[0].startswith("Values go to the input neurons as they are")
    assert math.isfinite(ended.json["neurons"][3]["z"])


def test_switched_off_parts_explain_themselves(nnplay):
    network = Network.mlp([2, 2, 1], activation="tanh").with_theta(np.linspace(0.1, 0.9, 9))
    network = replace(network.set_enabled([0], False), neuron_enabled=np.arange(5) != 3)
    save(Document(network), "off.nnplay")
    found = nnplay("explain", "off.nnplay", "--input", "1,1", "--target", 0, "--json").json
    assert (found["neurons"][3]["a"], found["neurons"][3]["derivative"]) == (0.0, 0.0)
    by_pair = {(e["source"], e["target"]): e for e in found["edges"]}
    assert by_pair[0, 2]["gradient"] == 0.0
    assert by_pair[0, 2]["weight"] == 0.1  # kept, though it does not count
    assert found["neurons"][2]["z"] == pytest.approx(network.theta[1] + network.theta[6])


def test_the_document_may_be_either_kind_of_file(nnplay, folder):
    save(load(WORKED), "worked.nnplay")
    options = ("--input", "0.5,0.6", "--target", 1, "--json")
    assert nnplay("explain", "worked.nnplay", *options).json == (
        nnplay("explain", Path(WORKED), *options).json
    )
