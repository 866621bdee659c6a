"""Losses, class weights, label smoothing and encoded targets against PyTorch and formulas."""

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from core.random_networks import Case, cases
from hypothesis import given
from hypothesis import strategies as st

from nnplay.core import reference
from nnplay.core.activations import ACTIVATIONS
from nnplay.core.errors import TrainingError
from nnplay.core.losses import LOSSES
from nnplay.core.network import Network
from nnplay.core.samples import Samples
from nnplay.core.targets import (
    accuracy,
    class_codes,
    encode_targets,
    predicted_classes,
    sample_weights,
)
from nnplay.core.topology import Kind

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
FIGURES = json.loads((REFERENCE / "torch_figures.json").read_text())


def mean(
    loss: str, z: Any, a: Any, y: Any, weights: Any = None, delta: float = 1.0
) -> tuple[float, Any]:
    """Mean loss and its gradient; all arrays ``[samples, outputs]``."""
    z, a, y = (np.ascontiguousarray(np.asarray(v, dtype=np.float64).T) for v in (z, a, y))
    gradient = np.full_like(a, 7.0)
    evaluate = LOSSES[loss].bind(z, a, gradient, delta)
    total = evaluate(y) if weights is None else evaluate(y, weights)
    outputs, samples = a.shape
    size = float(samples if weights is None else weights.sum())
    divisor = LOSSES[loss].divisor(outputs, 1) * size
    return total / divisor, gradient.T / divisor


def outputs_of(loss: str, z: Any) -> Any:
    name = LOSSES[loss].output_activation or "linear"
    a = np.empty_like(z.T)
    ACTIVATIONS[name].function(np.ascontiguousarray(z.T), a)
    return a.T


# ---------------------------------------------------------------- each loss by its formula
def test_mae() -> None:
    value, gradient = mean("mae", [[0.0, 0.0]], [[1.0, -2.0]], [[0.5, 1.0]])
    assert value == (0.5 + 3.0) / 2
    assert gradient.tolist() == [[0.5, -0.5]]
    assert mean("mae", [[0.0]], [[2.0]], [[2.0]])[1].tolist() == [[0.0]]


@pytest.mark.parametrize(
    ("distance", "delta", "value", "slope"),
    [
        (0.5, 1.0, 0.125, 0.5),
        (1.0, 1.0, 0.5, 1.0),
        (-3.0, 1.0, 2.5, -1.0),
        (3.0, 2.0, 4.0, 2.0),
        (0.25, 0.1, 0.1 * (0.25 - 0.05), 0.1),
    ],
)
def test_huber(distance: float, delta: float, value: float, slope: float) -> None:
    found, gradient = mean("huber", [[0.0]], [[4.0 + distance]], [[4.0]], delta=delta)
    assert found == pytest.approx(value, rel=1e-14)
    assert gradient[0, 0] == pytest.approx(slope, rel=1e-14)


def test_huber_turns_at_one_unless_told_otherwise() -> None:
    a, y = np.array([[5.0]]), np.array([[2.0]])
    gradient = np.empty_like(a)
    assert LOSSES["huber"].bind(a, a, gradient)(y) == 2.5
    assert gradient[0, 0] == 1.0


def test_hinge() -> None:
    a = [[0.3, -2.0], [1.0, 0.25], [-1.0, 4.0]]
    y = [[1.0, -1.0], [1.0, -1.0], [1.0, 1.0]]
    value, gradient = mean("hinge", a, a, y)
    assert value == pytest.approx((0.7 + 0.0 + 0.0 + 1.25 + 2.0 + 0.0) / 6, rel=1e-14)
    # Where y·a is exactly 1 the gradient is 0.
    assert (gradient * 6).tolist() == [[-1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]


@pytest.mark.parametrize("loss", list(LOSSES))
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_not_a_number_is_not_hidden(loss: str, dtype: Any) -> None:
    z = np.array([[np.nan, 0.5], [0.25, 0.5]], dtype=dtype)
    y = np.array([[1.0, 1.0], [0.0, 0.0]], dtype=dtype)
    gradient = np.empty_like(z)
    with np.errstate(all="ignore"):
        assert np.isnan(LOSSES[loss].bind(z, z, gradient)(y))


# ---------------------------------------------------------------- weights
@pytest.mark.parametrize("loss", [n for n in LOSSES if not LOSSES[n].weights_in_targets])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_whole_weights_count_samples_several_times(loss: str, dtype: Any) -> None:
    random = np.random.default_rng(4)
    z = random.normal(size=(5, 3)) * 2
    y = np.where(random.random((5, 3)) < 0.5, -1.0 if loss == "hinge" else 0.0, 1.0)
    times = np.array([1, 3, 2, 1, 4])
    a = outputs_of(loss, z)
    blocks = [np.ascontiguousarray(v.T.astype(dtype)) for v in (z, a, y)]
    gradient = np.empty_like(blocks[0])
    total = LOSSES[loss].bind(blocks[0], blocks[1], gradient)(blocks[2], times.astype(float))
    value, repeated = mean(loss, *(np.repeat(v, times, axis=0) for v in (z, a, y)))
    divisor = LOSSES[loss].divisor(3, 11)
    close = 1e-14 if dtype == np.float64 else 1e-5
    assert gradient.dtype == dtype
    assert total / divisor == pytest.approx(value, rel=close)
    first = np.concatenate([[0], np.cumsum(times)[:-1]])
    expected = repeated[first] * times[:, None] * divisor
    assert np.allclose(gradient.T, expected, rtol=close, atol=close)


def network_for(job: dict[str, Any]) -> tuple[Network, Samples]:
    outputs = len(job["z"][0])
    name = LOSSES[job["loss"]].output_activation
    assert name is not None
    samples = Samples(
        np.zeros((5, 1)), classes=np.array(job["classes"]), class_count=max(2, outputs)
    )
    return Network.mlp([1, outputs], output_activation=name), samples


def assert_weighted(job: dict[str, Any], expected: dict[str, Any]) -> None:
    network, samples = network_for(job)
    y = encode_targets(
        samples,
        network,
        job["loss"],
        label_smoothing=job["smoothing"],
        class_weights=job["class_weights"],
    )
    weights = sample_weights(samples, job["loss"], job["class_weights"])
    assert (weights is None) == (not job["class_weights"])
    z = np.array(job["z"])
    a = outputs_of(job["loss"], z)
    value, gradient = mean(job["loss"], z, a, y, weights)
    assert value == pytest.approx(expected["loss"], rel=1e-13)
    assert np.abs(gradient - expected["gradient"]).max() < 1e-14
    values = reference.ReferenceValues(
        np.concatenate([np.zeros((1, 5)), z.T]), np.concatenate([np.zeros((1, 5)), a.T])
    )
    again = reference.loss_value(network, values, y, job["loss"], weights=weights)
    assert again == pytest.approx(expected["loss"], rel=1e-13)


@pytest.mark.parametrize(
    "job",
    FIGURES["weighted"],
    ids=lambda j: f"{j['loss']} {j['smoothing']} {j['class_weights']}",
)
def test_class_weights_and_smoothing_equal_recorded_torch_figures(job: dict[str, Any]) -> None:
    assert_weighted(job, job["expected"])


@given(
    st.sampled_from(["softmax_cross_entropy", "binary_cross_entropy"]),
    st.floats(0.0, 0.95),
    st.lists(st.floats(0.01, 100.0), min_size=4, max_size=4),
    st.integers(0, 2**32 - 1),
)
def test_class_weights_and_smoothing_equal_torch_live(
    loss: str, smoothing: float, weights: list[float], seed: int
) -> None:
    """Compares with PyTorch where it is installed, else with a recorded figure once more."""
    if importlib.util.find_spec("torch") is None:
        assert_weighted(FIGURES["weighted"][0], FIGURES["weighted"][0]["expected"])
        return
    sys.path.insert(0, str(REFERENCE))
    try:
        import torch
        import torch_oracle
    finally:
        sys.path.remove(str(REFERENCE))
    random = np.random.default_rng(seed)
    outputs = 4 if loss == "softmax_cross_entropy" else 1
    job = {
        "loss": loss,
        "z": (random.normal(size=(5, outputs)) * 3).tolist(),
        "classes": random.integers(0, max(2, outputs), 5).tolist(),
        "smoothing": smoothing,
        "class_weights": weights[: max(2, outputs)],
    }
    assert_weighted(job, torch_oracle.weighted_loss(torch, job))


def test_weights_of_classes_are_not_counted_twice_for_softmax() -> None:
    z = np.random.default_rng(1).normal(size=(4, 3))
    y = np.eye(3)[[0, 1, 2, 1]] * [2.0, 0.5, 7.0]
    a = outputs_of("softmax_cross_entropy", z)
    weights = np.array([2.0, 0.5, 7.0, 0.5])
    with_weights, gradient = mean("softmax_cross_entropy", z, a, y, weights)
    without, plain = mean("softmax_cross_entropy", z, a, y)
    assert with_weights * weights.sum() == pytest.approx(without * 4, rel=1e-14)
    assert np.allclose(gradient * weights.sum(), plain * 4, rtol=1e-14)


@given(cases(samples=5), st.floats(0.05, 3.0))
def test_weighted_gradients_equal_complex_steps(case: Case, delta: float) -> None:
    """At the outputs, by their biases, which no other output listens to."""
    network, loss = case.network, case.loss
    outputs = np.flatnonzero(network.topology.kinds == Kind.OUTPUT)
    if not network.neuron_enabled[outputs].all():
        return
    weights = np.array([0.5, 2.0, 1.0, 3.0, 0.25])
    values = reference.evaluate(network, case.x)
    z, a = values.z[outputs].T, values.a[outputs].T
    value, gradient = mean(loss, z, a, case.y, weights, delta)
    expected = reference.loss_value(network, values, case.y, loss, delta=delta, weights=weights)
    assert value == pytest.approx(expected, rel=1e-12, abs=1e-13)
    for column, row in enumerate(outputs.tolist()):
        for sample in range(5):
            nudged = reference.ReferenceValues(values.z + 0j, values.a + 0j)
            field = nudged.z if LOSSES[loss].wants_logits else nudged.a
            field[row, sample] += 1e-200j
            step = reference.loss_value(network, nudged, case.y, loss, delta=delta, weights=weights)
            assert gradient[sample, column] == pytest.approx(
                step.imag / 1e-200, rel=1e-12, abs=1e-12
            )


# ---------------------------------------------------------------- targets
def classes(*values: int, count: int = 2) -> Samples:
    return Samples(np.zeros((len(values), 2)), classes=np.array(values), class_count=count)


def numbers(*rows: list[float]) -> Samples:
    return Samples(np.zeros((len(rows), 2)), values=np.array(rows, dtype=float))


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_hinge_codes_are_plus_and_minus_one_for_every_activation(activation: str) -> None:
    pair = Network.mlp([2, 2], output_activation=activation)
    assert encode_targets(classes(0, 1), pair, "hinge").tolist() == [[1, -1], [-1, 1]]
    outputs = np.array([[-0.2, -0.1], [0.4, 0.3]])
    assert predicted_classes(outputs, pair, "hinge").tolist() == [1, 0]
    single = Network.mlp([2, 1], output_activation=activation)
    assert encode_targets(classes(0, 1), single, "hinge").tolist() == [[-1], [1]]
    outputs = np.array([[0.1], [-0.1], [0.0]])
    assert predicted_classes(outputs, single, "hinge").tolist() == [1, 0, 0]
    assert accuracy(outputs, classes(1, 0, 1), single, "hinge") == 2 / 3


def test_smoothed_labels() -> None:
    single = Network.mlp([2, 1], output_activation="sigmoid")
    y = encode_targets(classes(0, 1), single, "binary_cross_entropy", label_smoothing=0.2)
    assert y[:, 0].tolist() == pytest.approx([0.1, 0.9], rel=1e-15)
    several = Network.mlp([2, 4], output_activation="sigmoid")
    y = encode_targets(classes(2, count=4), several, "binary_cross_entropy", label_smoothing=0.2)
    assert y[0].tolist() == pytest.approx([0.05, 0.05, 0.85, 0.05], rel=1e-15)
    tanh = Network.mlp([2, 1])
    for loss in ("half_squared", "mse", "mae", "huber", "hinge"):
        y = encode_targets(classes(0, 1), tanh, loss, label_smoothing=0.2)
        assert y[:, 0].tolist() == [-1, 1]
    values = numbers([0.25], [1.0])
    same = encode_targets(values, single, "binary_cross_entropy", label_smoothing=0.5)
    assert same is values.values


@pytest.mark.parametrize("loss", list(LOSSES))
def test_sample_weights(loss: str) -> None:
    weights = sample_weights(classes(0, 2, 2, 1, count=3), loss, (0.5, 1.0, 4.0))
    assert weights is not None
    assert weights.tolist() == [0.5, 4.0, 4.0, 1.0]
    assert sample_weights(classes(0, 1), loss, ()) is None
    assert sample_weights(numbers([1.0]), loss, (1.0, 2.0)) is None


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ((1.0, 2.0), "There are 2 class weights, but the data have 3 classes"),
        ((1.0,), "There is 1 class weight, but the data have 3 classes"),
        ((1.0, 0.0, 2.0), "above 0"),
        ((1.0, -1.0, 2.0), "above 0"),
        ((1.0, float("nan"), 2.0), "above 0"),
    ],
)
def test_weights_that_do_not_fit_are_refused(weights: tuple[float, ...], words: str) -> None:
    samples = classes(0, 1, 2, count=3)
    network = Network.mlp([2, 3], output_activation="softmax")
    with pytest.raises(TrainingError, match=words):
        sample_weights(samples, "mse", weights)
    with pytest.raises(TrainingError, match=words):
        encode_targets(samples, network, "softmax_cross_entropy", class_weights=weights)


@pytest.mark.parametrize(
    ("loss", "rows", "words"),
    [
        ("hinge", ([1.0], [-1.0], [0.0]), "−1 or 1, but row 3 has 0; use"),
        ("binary_cross_entropy", ([1.0], [-1.0], [0.0]), "between 0 and 1, but row 2 has −1; use"),
        ("binary_cross_entropy", ([0.5], [1.5]), "row 2 has 1.5"),
        ("softmax_cross_entropy", ([0.5, 0.5], [2.0, -1.0]), "row 2 has 2, −1"),
        ("softmax_cross_entropy", ([0.5, 0.5], [0.2, 0.2]), "add up to 1.* row 2 has 0.2, 0.2"),
    ],
)
def test_targets_outside_a_loss_are_refused_with_their_row(
    loss: str, rows: tuple[list[float], ...], words: str
) -> None:
    name = LOSSES[loss].output_activation or "linear"
    network = Network.mlp([2, len(rows[0])], output_activation=name)
    with pytest.raises(TrainingError, match=words):
        encode_targets(numbers(*rows), network, loss)
    good = numbers(*rows[:1])
    assert encode_targets(good, network, loss) is good.values


@pytest.mark.parametrize(
    ("activation", "loss", "codes"),
    [
        ("sigmoid", "mse", (0.0, 1.0)),
        ("sigmoid", "hinge", (-1.0, 1.0)),
        ("tanh", "mae", (-1.0, 1.0)),
        ("softsign", "huber", (-1.0, 1.0)),
        ("cos", "mse", (-1.0, 1.0)),
        ("gaussian", "mse", (0.0, 1.0)),
        ("elu", "mse", (0.0, 1.0)),
        ("sigmoid", "binary_cross_entropy", (0.0, 1.0)),
    ],
)
def test_codes_of_classes(activation: str, loss: str, codes: tuple[float, float]) -> None:
    off, on = class_codes([activation] * 2, loss)
    assert off.tolist() == [codes[0]] * 2
    assert on.tolist() == [codes[1]] * 2
