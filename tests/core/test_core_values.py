"""The tables and values around the engine: targets, initialisers, histories, penalties, traces."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from core.random_networks import Case, cases
from hypothesis import given
from hypothesis import strategies as st

import nnplay.core
from nnplay.core import reference
from nnplay.core.activations import ACTIVATIONS
from nnplay.core.config import TrainingConfig
from nnplay.core.history import EpochRecord, History
from nnplay.core.initializers import INITIALIZERS, draw_parameters, draw_weight, initial_bias
from nnplay.core.losses import LOSSES
from nnplay.core.network import Network
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.core.program import Program
from nnplay.core.regularizers import penalty
from nnplay.core.samples import Samples
from nnplay.core.targets import (
    accuracy,
    default_loss,
    encode_targets,
    pairing_problem,
    predicted_classes,
)
from nnplay.core.topology import Kind, Topology
from nnplay.core.trace import explain
from nnplay.core.training import Trainer, TrainingError


# ---------------------------------------------------------------- tables
def test_tables_hold_the_names_that_files_and_command_line_use() -> None:
    assert " ".join(ACTIVATIONS) == (
        "linear relu leaky_relu elu selu gelu gelu_tanh silu mish sigmoid hard_sigmoid tanh "
        "hard_tanh softplus softsign sin cos gaussian abs square step softmax"
    )
    assert " ".join(LOSSES) == (
        "half_squared mse mae huber binary_cross_entropy softmax_cross_entropy hinge"
    )
    assert list(OPTIMIZERS) == [
        "sgd",
        "momentum",
        "nesterov",
        "adagrad",
        "rmsprop",
        "adam",
        "adamw",
        "rprop",
        "lbfgs",
    ]
    assert list(INITIALIZERS) == [
        "playground",
        "glorot_uniform",
        "glorot_normal",
        "he_uniform",
        "he_normal",
        "lecun_uniform",
        "lecun_normal",
        "orthogonal",
        "torch_linear",
        "uniform",
        "zeros",
        "constant",
    ]
    for table in (ACTIVATIONS, LOSSES, OPTIMIZERS, INITIALIZERS):
        for name, entry in table.items():
            assert entry.name == name
            assert entry.title
            assert entry.formula


@pytest.mark.parametrize("name", [n for n in ACTIVATIONS if n != "softmax"])
def test_activations_stay_in_their_range_and_keep_nan(name: str) -> None:
    z = np.array([[-1e300, -50.0, -1.0, -0.0, 0.0, 1.0, 50.0, 1e300]])
    out = np.empty_like(z)
    with np.errstate(all="ignore"):
        ACTIVATIONS[name].function(z, out)
        low, high = ACTIVATIONS[name].range
        assert ((out >= low) & (out <= high)).all()
        ACTIVATIONS[name].function(np.full((1, 8), np.nan), out)
        assert np.isnan(out).all()


ROOT = Path(__file__).resolve().parents[2]


def no_matmul(folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(ROOT / ".ci/no_matmul.py"), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_no_matmul_in_core() -> None:
    """The matmul operator keeps the interpreter's lock while it works: the window would freeze."""
    result = no_matmul(Path(nnplay.core.__file__).parent)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    "line",
    [
        "c = a @ b",
        "a @= b",
        "c = np.matmul(a, b)",
        "c = a.__matmul__(b)",
        "from numpy import matmul",
        "c = np.einsum('ij,jk', a, b)",
        "c = np.tensordot(a, b)",
    ],
)
def test_every_matmul_would_be_found(tmp_path: Path, line: str) -> None:
    (tmp_path / "clean.py").write_text("c = a.dot(b)\n# a @ b\n")
    assert no_matmul(tmp_path).returncode == 0
    (tmp_path / "spoilt.py").write_text(f"d = 1\n{line}\n")
    result = no_matmul(tmp_path)
    assert result.returncode == 1
    assert "spoilt.py:2:" in result.stdout


# ---------------------------------------------------------------- targets
def classes(*values: int, count: int = 2) -> Samples:
    return Samples(np.zeros((len(values), 2)), classes=np.array(values), class_count=count)


@pytest.mark.parametrize(
    ("activation", "loss", "codes"),
    [
        ("tanh", "half_squared", [-1, 1]),
        ("linear", "mse", [-1, 1]),
        ("sigmoid", "half_squared", [0, 1]),
        ("sigmoid", "binary_cross_entropy", [0, 1]),
        ("relu", "half_squared", [0, 1]),
        ("leaky_relu", "half_squared", [0, 1]),
    ],
)
def test_two_classes_for_one_output(activation: str, loss: str, codes: list[int]) -> None:
    network = Network.mlp([2, 1], output_activation=activation)
    assert encode_targets(classes(0, 1, 1), network, loss)[:, 0].tolist() == [*codes, codes[1]]
    middle = sum(codes) / 2
    outputs = np.array([[middle - 0.01], [middle + 0.01]])
    assert predicted_classes(outputs, network, loss).tolist() == [0, 1]
    assert accuracy(outputs, classes(0, 0), network, loss) == 0.5


def test_several_classes_are_one_hot_in_the_outputs_own_code() -> None:
    soft = Network.mlp([2, 3], output_activation="softmax")
    assert encode_targets(classes(2, 0, count=3), soft, "softmax_cross_entropy").tolist() == [
        [0, 0, 1],
        [1, 0, 0],
    ]
    signed = Network.mlp([2, 3], output_activation="tanh")
    assert encode_targets(classes(1, count=3), signed, "mse").tolist() == [[-1, 1, -1]]
    mixed = signed.set_activation([4], "sigmoid")
    assert encode_targets(classes(0, count=3), mixed, "mse").tolist() == [[1, -1, 0]]
    # -0.1 of a tanh is 0.45 of its way up, 0.4 of a sigmoid is 0.4 of its way.
    assert predicted_classes(np.array([[-0.1, -0.9, 0.4]]), mixed, "mse").tolist() == [0]
    assert predicted_classes(np.array([[0.2, 0.5, 0.3]]), soft, "mse").tolist() == [1]


def test_numbers_are_used_as_they_are_and_have_no_accuracy() -> None:
    network = Network.mlp([1, 2], output_activation="linear")
    samples = Samples(np.zeros((2, 1)), values=np.array([[1.5, -2.0], [0.0, 7.0]]))
    assert encode_targets(samples, network, "mse") is samples.values
    assert accuracy(np.zeros((2, 2)), samples, network, "mse") is None


def test_numbers_of_classes_and_outputs_must_agree() -> None:
    with pytest.raises(TrainingError, match="3 classes, but the network has a single output"):
        encode_targets(classes(0, count=3), Network.mlp([2, 1]), "mse")
    with pytest.raises(TrainingError, match="or a single one"):
        encode_targets(classes(0, count=2), Network.mlp([2, 3]), "mse")


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
@pytest.mark.parametrize("loss", list(LOSSES))
@pytest.mark.parametrize("outputs", [1, 2])
def test_every_pairing_problem_is_mended_by_its_own_advice(
    activation: str, loss: str, outputs: int
) -> None:
    network = Network.mlp([2, outputs], output_activation=activation)
    problem = pairing_problem(network, loss)
    allowed = LOSSES[loss].output_activation in (None, activation)
    assert (problem is None) == (allowed and not (loss.startswith("softmax") and outputs == 1))
    if problem is None:
        return
    assert pairing_problem(network, problem.loss) is None
    if problem.output_activation is not None and (outputs > 1 or "binary" in loss):
        mended = network.set_activation(network.topology.output_ids, problem.output_activation)
        assert pairing_problem(mended, loss) is None


def test_mixed_outputs_are_told_apart() -> None:
    network = Network.mlp([2, 2], output_activation="sigmoid")
    mixed = network.set_activation([3], "tanh")
    problem = pairing_problem(mixed, "binary_cross_entropy")
    assert problem is not None
    assert (problem.loss, problem.output_activation) == ("half_squared", "sigmoid")


@pytest.mark.parametrize(
    ("activation", "count", "loss"),
    [
        ("sigmoid", 2, "binary_cross_entropy"),
        ("sigmoid", 0, "half_squared"),
        ("softmax", 3, "softmax_cross_entropy"),
        ("tanh", 2, "half_squared"),
        ("linear", None, "half_squared"),
    ],
)
def test_default_losses(activation: str, count: int | None, loss: str) -> None:
    assert default_loss(activation, count) == loss


# ---------------------------------------------------------------- initialisers
WIDE = Network.mlp([60, 40, 20])


@pytest.mark.parametrize(
    ("name", "spread", "bound", "bias"),
    [
        ("playground", lambda i, o: 1 / 12**0.5, lambda i, o: 0.5, 0.1),
        ("uniform", lambda i, o: 1 / 12**0.5, lambda i, o: 0.5, 0.0),
        ("glorot_uniform", lambda i, o: (2 / (i + o)) ** 0.5, lambda i, o: (6 / (i + o)) ** 0.5, 0),
        ("glorot_normal", lambda i, o: (2 / (i + o)) ** 0.5, None, 0.0),
        ("he_uniform", lambda i, o: (2 / i) ** 0.5, lambda i, o: (6 / i) ** 0.5, 0.0),
        ("he_normal", lambda i, o: (2 / i) ** 0.5, None, 0.0),
        ("zeros", lambda i, o: 0.0, lambda i, o: 0.0, 0.0),
    ],
)
def test_initialisers_have_their_spread(name: str, spread: Any, bound: Any, bias: float) -> None:
    theta = draw_parameters(WIDE, name, 3)
    assert (theta[WIDE.topology.edge_count :] == bias).all()
    assert initial_bias(name) == bias
    for start, fan_in, fan_out in ((0, 60, 40), (2400, 40, 20)):
        weights = theta[start : start + fan_in * fan_out]
        assert abs(weights.std() - spread(fan_in, fan_out)) <= 0.06 * spread(fan_in, fan_out)
        assert abs(weights.mean()) <= 0.1 * spread(fan_in, fan_out)
        if bound is not None:
            largest = np.abs(weights).max()
            assert 0.98 * bound(fan_in, fan_out) <= largest <= bound(fan_in, fan_out)


def test_draws_depend_on_seed_and_number_only() -> None:
    first = draw_parameters(WIDE, "playground", 3, 0)
    assert np.array_equal(first, draw_parameters(WIDE.with_theta(first), "playground", 3, 0))
    assert not np.array_equal(first, draw_parameters(WIDE, "playground", 3, 1))
    assert not np.array_equal(first, draw_parameters(WIDE, "playground", 4, 0))
    with pytest.raises(TrainingError, match="no initialiser"):
        draw_parameters(WIDE, "lecun", 0)


def test_new_connections_get_weights_that_do_not_depend_on_the_order_of_edits() -> None:
    network = Network.mlp([2, 3, 1])
    weights = [draw_weight(network, s, t, "playground", 1) for s in (0, 1) for t in (5, 99)]
    assert len(set(weights)) == 4
    assert all(abs(w) <= 0.5 for w in weights)
    grown = network.connect(0, 5)
    assert draw_weight(grown, 1, 5, "playground", 1) == weights[2]
    assert draw_weight(network, 0, 5, "zeros", 1) == 0.0
    assert np.isfinite(draw_weight(network, 77, 99, "he_normal", 1))


@pytest.mark.parametrize("name", [n for n in INITIALIZERS if n not in ("zeros", "constant")])
def test_new_connections_get_independent_weights(name: str) -> None:
    network = Network.build(Topology([0], [0]))
    sources, targets = np.arange(150), np.arange(1000, 1040)
    weights = np.array([[draw_weight(network, s, t, name, 3) for s in sources] for t in targets])
    assert np.unique(weights).size == weights.size
    # Neither neighbours in a row nor in a column have anything to do with each other.
    for first, second in ((weights[:, 1:], weights[:, :-1]), (weights[1:], weights[:-1])):
        assert abs(np.corrcoef(first.reshape(-1), second.reshape(-1))[0, 1]) < 0.05
    asked_alone = draw_weight(network, 149, 1039, name, 3)
    assert asked_alone == weights[-1, -1]
    assert draw_weight(network, 149, 1039, name, 3, draw=1) != asked_alone


@pytest.mark.parametrize("name", ["he_uniform", "glorot_uniform"])
def test_a_new_connection_counts_itself_among_its_neighbours(name: str) -> None:
    network = Network.mlp([4, 3, 2])
    drawn = draw_weight(network, 4, 8, "uniform", 1) * 2.0  # from −1 to 1
    incoming, outgoing = 3 + 1, 2 + 1
    fans = incoming if name == "he_uniform" else incoming + outgoing
    expected = drawn * np.sqrt(6.0 / fans)
    assert draw_weight(network, 4, 8, name, 1) == pytest.approx(expected, rel=1e-14)


# ---------------------------------------------------------------- history
def records(*epochs: int) -> list[EpochRecord]:
    return [EpochRecord(e, 1 / (e + 1), float("nan")) for e in epochs]


def test_histories_grow_and_are_cut() -> None:
    history = History().append(0, 0.7, 0.8).append_many(records(1, 2, 3))
    assert len(history) == 4
    assert history.train.tolist() == [0.7, 1 / 2, 1 / 3, 1 / 4]
    assert np.isnan(history.test[1:]).all()
    assert history.cut(2).epochs.tolist() == [0, 1, 2]
    assert history.cut(99) is history
    assert len(history.cut(-1)) == 0
    assert history.append_many([]) is history
    assert not history.train.flags.writeable
    assert history.same_as(
        History().append_many(records()).append(0, 0.7, 0.8).append_many(records(1, 2, 3))
    )
    assert not history.same_as(history.cut(2))


def test_a_curve_that_is_longer_than_the_training_gives_way():
    """Files can hold one; trained on, they could not be saved any more, as epochs went back."""
    history = History().append(0, 0.7, 0.8).append_many(records(1, 2, 3))
    again = history.append_many(records(1, 2))
    assert again.epochs.tolist() == [0, 1, 2]
    assert again.train.tolist() == [0.7, *(row.loss_train for row in records(1, 2))]
    assert history.append(2, 0.5, 0.6).epochs.tolist() == [0, 1, 2]
    assert history.epochs.tolist() == [0, 1, 2, 3]


@given(
    st.integers(2, 40),
    st.lists(st.integers(1, 60), min_size=1, max_size=12),
    st.integers(0, 100),
)
def test_thinning_keeps_ends_and_never_depends_on_slices(
    limit: int, sizes: list[int], start: int
) -> None:
    total = sum(sizes)
    whole = History().append_many(records(*range(start, start + total)))
    sliced, place = History(), start
    for size in sizes:
        sliced = sliced.append_many(records(*range(place, place + size))).decimated(limit)
        place += size
    once = whole.decimated(limit)
    assert len(once) <= limit
    assert once.epochs[0] == start
    assert once.epochs[-1] == start + total - 1
    assert sliced.epochs.tolist() == once.epochs.tolist()
    assert set(once.epochs) <= set(whole.epochs)


def test_a_history_of_one_row_is_refused() -> None:
    with pytest.raises(ValueError, match="less than two"):
        History().decimated(1)


# ---------------------------------------------------------------- penalties
def test_penalties_count_weights_only_and_no_disabled_ones() -> None:
    network = Network.mlp([2, 1]).with_theta([3.0, -4.0, 100.0])
    assert penalty(network, 0.1, 0.0) == pytest.approx(0.7)
    assert penalty(network, 0.0, 0.1) == pytest.approx(1.25)
    assert penalty(network.set_enabled([0], False), 0.1, 0.1) == pytest.approx(0.4 + 0.8)


# ---------------------------------------------------------------- traces
def test_the_worked_example() -> None:
    network = Network.mlp([2, 1], output_activation="linear").with_theta([0.1, 0.2, 0.3])
    trace = explain(network, [0.5, 0.6], [1.0], "half_squared")
    assert trace.z[2] == pytest.approx(0.47, abs=1e-15)
    assert trace.a[2] == pytest.approx(0.47, abs=1e-15)
    assert trace.derivative[2] == 1.0
    assert trace.delta[2] == pytest.approx(-0.53, abs=1e-15)
    assert trace.edge_gradient.tolist() == pytest.approx([-0.265, -0.318], abs=1e-15)
    assert trace.bias_gradient[2] == trace.delta[2]
    assert trace.loss == pytest.approx(0.5 * 0.53**2, abs=1e-15)
    assert np.isnan(trace.z[:2]).all()
    assert np.isnan(trace.derivative[:2]).all()
    assert np.isnan(trace.delta[:2]).all()
    assert trace.a[:2].tolist() == [0.5, 0.6]


@given(cases(samples=1))
def test_traces_equal_the_independent_evaluator(case: Case) -> None:
    network, is_input = case.network, case.network.topology.kinds == Kind.INPUT
    trace = explain(network, case.x[0], case.y[0], case.loss)
    values = reference.evaluate(network, case.x)
    expected = reference.complex_step_gradient(network, case.x, case.y, case.loss)
    scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
    assert np.allclose(trace.a, values.a[:, 0], rtol=1e-13, atol=1e-14)
    assert np.allclose(trace.z[~is_input], values.z[~is_input, 0], rtol=1e-13, atol=1e-14)
    assert np.abs(trace.gradient - expected).max(initial=0.0) < 1e-12 * scale
    assert np.isnan(trace.z[is_input]).all()
    counts = is_input | network.enabled[network.topology.bias_slots]
    assert np.array_equal(trace.bias_gradient[counts], trace.delta[counts], equal_nan=True)
    assert not trace.bias_gradient[~counts].any()
    assert not np.isnan(trace.delta[~is_input]).any()
    soft = np.array([name == "softmax" for name in network.activations])
    assert np.array_equal(np.isnan(trace.derivative), is_input | soft)
    forward = explain(network, case.x[0])
    assert np.array_equal(forward.a, trace.a)
    assert forward.loss is None
    assert np.isnan(forward.delta).all()
    assert np.isnan(forward.edge_gradient).all()
    again = explain(network, case.x[0], case.y[0], case.loss, Program(network, 1))
    assert np.array_equal(again.gradient, trace.gradient)


@given(cases(switched_off=False))
def test_derivatives_in_traces_equal_complex_steps(case: Case) -> None:
    network = case.network
    trace = explain(network, case.x[0])
    step = 1e-200
    for row, name in enumerate(network.activations):
        if network.topology.kinds[row] == Kind.INPUT or name == "softmax":
            continue
        slot = int(network.topology.bias_slots[row])
        theta = network.theta.astype(complex)
        theta[slot] += 1j * step
        values = reference.evaluate(network, case.x[:1], np.complex128, theta)
        assert trace.derivative[row] == pytest.approx(
            values.a[row, 0].imag / step, rel=1e-12, abs=1e-15
        )


def test_traces_refuse_what_does_not_fit() -> None:
    network = Network.mlp([2, 1])
    with pytest.raises(TrainingError, match="2 inputs, but 1 value was given"):
        explain(network, [1.0])
    with pytest.raises(TrainingError, match="1 output, but 2 targets were given"):
        explain(network, [1.0, 2.0], [0.0, 1.0])
    with pytest.raises(TrainingError, match="sigmoid"):
        explain(network, [1.0, 2.0], [0.0], "binary_cross_entropy")
    with pytest.raises(TrainingError, match="no loss"):
        explain(network, [1.0, 2.0], [0.0], "l3")
    bare = Network.build(Topology([4], [Kind.INPUT], []))
    assert explain(bare, [2.0]).a.tolist() == [2.0]


# ---------------------------------------------------------------- cost of a step
def test_training_allocates_nothing_per_step() -> None:
    import tracemalloc

    network = Network.mlp([2, 64, 64, 1])
    network = network.with_theta(draw_parameters(network, "glorot_uniform", 0))
    random = np.random.default_rng(0)
    samples = Samples(random.normal(size=(2560, 2)), values=random.normal(size=(2560, 1)))
    trainer = Trainer(network, samples, TrainingConfig(batch_size=256), seed=0)
    trainer.advance(2, None)
    tracemalloc.start()
    trainer.advance(7, None)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # One copy of the parameters for replay (35 kB); a single batch-sized temporary is 131 kB.
    assert peak < 100_000
