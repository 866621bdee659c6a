"""Whole training runs against PyTorch's optimisers and scikit-learn's perceptron.

Recorded figures are always compared; where the library is installed it also judges live.
"""

import importlib.util
import itertools
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnplay.core.config import TrainingConfig
from nnplay.core.network import Network
from nnplay.core.samples import Samples
from nnplay.core.topology import Topology
from nnplay.core.training import Trainer

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
TORCH = json.loads((REFERENCE / "torch_figures.json").read_text())
SKLEARN = json.loads((REFERENCE / "sklearn_figures.json").read_text())


@pytest.fixture
def oracles() -> Iterator[None]:
    """Makes the oracle modules beside the figures importable."""
    sys.path.insert(0, str(REFERENCE))
    yield
    sys.path.remove(str(REFERENCE))


def relative(found: Any, expected: Any) -> float:
    found, expected = np.asarray(found), np.asarray(expected)
    return float(np.abs(found - expected).max() / max(1.0, float(np.abs(expected).max())))


def train_as_torch(job: dict[str, Any]) -> tuple[list[float], Any]:
    network = Network.build(
        Topology(job["ids"], job["kinds"], job["edges"]),
        theta=job["theta"],
        activations=job["activations"],
    )
    config = TrainingConfig(loss=job["loss"], shuffle=False, **job["settings"])
    samples = Samples(np.array(job["x"]), values=np.array(job["y"]))
    trainer = Trainer(network, samples, config, seed=0)
    losses = [trainer.step() for _ in range(job["steps"])]
    return losses, trainer.theta


@pytest.mark.parametrize("job", TORCH["training"], ids=lambda job: str(job["name"]))
def test_two_hundred_steps_equal_recorded_torch_figures(job: dict[str, Any]) -> None:
    losses, theta = train_as_torch(job)
    assert relative(losses, job["expected_losses"]) < 1e-12
    assert relative(theta, job["expected_theta"]) < 1e-12
    assert relative(theta, job["theta"]) > 0.01  # it did learn something


@pytest.mark.usefixtures("oracles")
def test_two_hundred_steps_equal_torch_live() -> None:
    if importlib.util.find_spec("torch") is None:
        return  # the recorded figures above were compared; the summary names what was absent
    import torch
    import torch_oracle

    for job in TORCH["training"]:
        expected_losses, expected = torch_oracle.train(torch, job)
        losses, theta = train_as_torch(job)
        assert relative(losses, expected_losses) < 1e-12, job["name"]
        assert relative(theta, expected) < 1e-12, job["name"]


def train_as_sklearn(job: dict[str, Any], start: list[Any]) -> list[Any]:
    classes = job["classes"]
    outputs = classes if classes > 2 else 1
    sizes = [3, *job["hidden"], outputs]
    output_activation, loss = {
        0: ("linear", "half_squared"),
        2: ("sigmoid", "binary_cross_entropy"),
        3: ("softmax", "softmax_cross_entropy"),
    }[classes]
    network = Network.mlp(sizes, activation=job["activation"], output_activation=output_activation)
    # An MLP's edges are rows of (out, in) matrices; scikit-learn keeps (in, out).
    weights = [np.array(w).T.reshape(-1) for w, _ in start]
    biases = [np.array(b) for _, b in start]
    network = network.with_theta(np.concatenate(weights + biases))
    samples = (
        Samples(np.array(job["x"]), classes=np.array(job["y"]), class_count=classes)
        if classes
        else Samples(np.array(job["x"]), values=np.array(job["y"])[:, None])
    )
    config = TrainingConfig(
        loss=loss,
        optimizer="momentum" if job["momentum"] else "sgd",
        momentum=job["momentum"],
        learning_rate=job["learning_rate"],
        batch_size=job["batch_size"],
        l2=job["alpha"] / job["batch_size"],  # scikit-learn divides alpha by the batch
        shuffle=False,
    )
    trainer = Trainer(network, samples, config, seed=0)
    trainer.run(job["epochs"])
    assert trainer.step_count == 60
    theta, layers, place = trainer.theta, [], 0
    for before, after in itertools.pairwise(sizes):
        layers.append([theta[place : place + before * after].reshape(after, before).T])
        place += before * after
    for layer, after in zip(layers, sizes[1:], strict=True):
        layer.append(theta[place : place + after])
        place += after
    return layers


def assert_layers_equal(found: list[Any], expected: list[Any]) -> None:
    for (weights, biases), (expected_weights, expected_biases) in zip(found, expected, strict=True):
        assert relative(weights, expected_weights) < 1e-12
        assert relative(biases, expected_biases) < 1e-12


@pytest.mark.parametrize("job", SKLEARN["training"], ids=lambda job: f"{job['classes']} classes")
def test_sixty_steps_equal_recorded_sklearn_figures(job: dict[str, Any]) -> None:
    assert_layers_equal(train_as_sklearn(job, job["start"]), job["end"])


@pytest.mark.usefixtures("oracles")
def test_sixty_steps_equal_sklearn_live() -> None:
    if importlib.util.find_spec("sklearn") is None:
        return  # the recorded figures above were compared; the summary names what was absent
    import sklearn.neural_network
    import sklearn_oracle

    for job in SKLEARN["training"]:
        start, end = sklearn_oracle.train(sklearn.neural_network, job)
        assert_layers_equal(train_as_sklearn(job, start), end)
