"""The shipped examples: files equal what the code builds, and each really learns."""

import json

import numpy as np
import pytest

from nnplay.assets import resource_folder
from nnplay.core.topology import Kind
from nnplay.core.trace import explain
from nnplay.core.training import Trainer
from nnplay.data.preparation import prepare
from nnplay.examples import EXAMPLES, example_bytes, example_path
from nnplay.formats import nnplay_json

BY_NAME = {example.name: example for example in EXAMPLES}


def trained(name: str, epochs: int):
    document = nnplay_json.from_bytes(example_path(name).read_bytes())
    prepared = prepare(document.data, document.preparation, document.seed)
    train, test = prepared.train_and_test(document.network)
    trainer = Trainer(document.network, (train, test), document.training, seed=document.seed)
    trainer.run(epochs)
    return trainer.evaluate()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.name)
def test_the_file_is_what_the_code_builds(example):
    assert example_path(example.name).read_bytes() == example_bytes(example), (
        "run: python -m nnplay.examples"
    )


def test_there_is_no_file_without_an_entry():
    files = {path.name for path in (resource_folder() / "examples").iterdir()}
    assert files == {f"{example.name}.nnplay.json" for example in EXAMPLES}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.name)
def test_an_example_is_described_and_fresh(example):
    document = nnplay_json.from_bytes(example_path(example.name).read_bytes())
    assert document.title == example.title
    assert example.description.endswith(".")
    assert len(example.description) <= 80
    assert document.state.step == 0
    assert len(document.history) == 0
    assert np.array_equal(document.initial, document.network.theta)
    json.loads(example_path(example.name).read_text())


def test_the_single_neuron_is_the_worked_example():
    document = BY_NAME["single-neuron"].build()
    assert document.view["probe"] == [0.5, 0.6]
    assert [(e.source, e.target, e.weight) for e in document.network.edges] == [
        (0, 2, 0.1),
        (1, 2, 0.2),
    ]
    assert document.network.neuron(2).bias == 0.3
    prepared = prepare(document.data, document.preparation, document.seed)
    inputs = prepared.input_matrix(document.network, document.view["probe"])
    trace = explain(document.network, inputs[0], None, document.training.loss)
    assert trace.z[2] == pytest.approx(0.47, abs=1e-15)
    assert trace.a[2] == pytest.approx(0.47, abs=1e-15)
    assert prepared.has_plane


def test_the_skip_connections_really_skip():
    network = BY_NAME["skip-connections"].build().network
    assert not network.topology.is_layered
    levels = network.topology.levels[network.topology.edge_rows]
    assert (levels[:, 1] - levels[:, 0]).max() >= 3
    hidden = network.topology.kinds == Kind.HIDDEN
    assert len(set(np.array(network.activations)[hidden])) >= 3
    # Missing connections: a full network of these levels would have more.
    assert network.topology.edge_count == 16


@pytest.mark.parametrize(
    ("name", "epochs", "loss", "accuracy"),
    [
        ("single-neuron", 300, 1e-6, None),
        ("and-gate", 300, 0.15, 1.0),
        ("xor", 300, 0.05, 1.0),
        ("circle", 300, 0.05, 0.98),
        ("spiral", 1000, 0.2, 0.9),
        ("iris", 100, 0.3, 0.9),
        ("digits", 15, 0.3, 0.9),
        ("skip-connections", 300, 0.05, 0.98),
    ],
)
def test_an_example_learns(name: str, epochs: int, loss: float, accuracy: float | None):
    result = trained(name, epochs)
    whole = name in ("single-neuron", "and-gate", "xor")  # nothing kept for testing
    assert (result.loss_train if whole else result.loss_test) < loss
    reached = result.accuracy_train if whole else result.accuracy_test
    assert reached is None if accuracy is None else reached >= accuracy
