"""What one step does besides the plain gradient: clipping, max-norm, dead links, dropout, weights.

The oracle is the step's definition, written out with gradients by complex steps.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from core.random_networks import Case, cases
from hypothesis import given, settings
from hypothesis import strategies as st

from nnplay.core import reference
from nnplay.core.config import DEAD_LINKS, TrainingConfig
from nnplay.core.diagnostics import check_gradients
from nnplay.core.history import EpochRecord
from nnplay.core.initializers import draw_parameters
from nnplay.core.network import Network
from nnplay.core.randomness import Stream, random_stream
from nnplay.core.samples import Samples
from nnplay.core.targets import encode_targets
from nnplay.core.trace import explain
from nnplay.core.training import Trainer, TrainingError, evaluate_losses

Array = npt.NDArray[Any]
STEP = 1e-200


def plain_steps(case: Case, config: TrainingConfig, steps: int) -> Array:
    """Full-batch SGD as the docstrings define it."""
    network, rate = case.network, config.learning_rate
    edges = network.topology.edge_count
    movable = network.enabled & ~network.frozen
    for _ in range(steps):
        theta = network.theta.copy()
        weights = np.where(network.enabled[:edges], theta[:edges], 0.0)
        gradient = reference.complex_step_gradient(network, case.x, case.y, case.loss)
        gradient[:edges] += config.l2 * weights + config.l1 * np.sign(weights)
        gradient[~movable] = 0.0
        if config.clip_value:
            gradient = np.clip(gradient, -config.clip_value, config.clip_value)
        if config.clip_norm:
            length = np.sqrt((gradient**2).sum())
            gradient *= min(1.0, config.clip_norm / (length + 1e-6))
        theta -= rate * gradient
        if config.max_norm:
            for row, slots in enumerate(network.topology.incoming_slots):
                counted = slots[network.enabled[slots]]
                length = np.sqrt((theta[counted] ** 2).sum())
                if length > config.max_norm:
                    theta[counted[movable[counted]]] *= config.max_norm / length
                assert row >= 0
        network = network.with_theta(theta)
    return network.theta


@settings(max_examples=60, deadline=None)
@given(
    cases(losses=("half_squared", "mse")),
    st.sampled_from([0.0, 0.05, 0.5]),
    st.sampled_from([0.0, 0.1, 1.0]),
    st.sampled_from([0.0, 0.5, 1.5]),
    st.sampled_from([0.0, 0.02]),
)
def test_clipping_penalties_and_max_norm_are_their_definitions(
    case: Case, clip_value: float, clip_norm: float, max_norm: float, penalty: float
) -> None:
    config = TrainingConfig(
        loss=case.loss,
        batch_size=1000,
        learning_rate=0.05,
        shuffle=False,
        clip_value=clip_value,
        clip_norm=clip_norm,
        max_norm=max_norm,
        l1=penalty,
        l2=penalty / 2,
    )
    trainer = Trainer(case.network, Samples(case.x, values=case.y), config)
    for _ in range(3):
        trainer.step()
    expected = plain_steps(case, config, 3)
    assert trainer.theta == pytest.approx(expected, rel=1e-9, abs=1e-12)


def layered(seed: int = 3) -> Network:
    network = Network.mlp([2, 5, 4, 1])
    return network.with_theta(draw_parameters(network, "glorot_normal", seed))


def silenced(network: Network, rows: range, rate: float) -> Network:
    dropout = network.dropout.copy()
    dropout[rows] = rate
    return replace(network, dropout=dropout)


def points(count: int = 37) -> Samples:
    random = np.random.default_rng(8)
    x = random.normal(size=(count, 2))
    return Samples(x, classes=(x[:, 0] * x[:, 1] > 0).astype(np.int64), class_count=2)


# ---------------------------------------------------------------- dropout
def masked_loss(theta: Array, x: Array, y: Array, masks: list[Array]) -> Any:
    """½ squared error of a 2-5-4-1 tanh network whose hidden activations are multiplied."""
    a, offset = x.T.astype(complex), 0
    weights = []
    for rows, columns in ((5, 2), (4, 5), (1, 4)):
        weights.append(theta[offset : offset + rows * columns].reshape(rows, columns))
        offset += rows * columns
    for layer, matrix in enumerate(weights):
        bias = theta[offset : offset + len(matrix), None]
        offset += len(matrix)
        a = np.tanh(matrix.dot(a) + bias)
        if layer < 2:
            a = a * masks[layer]
    return 0.5 * ((a[0] - y) ** 2).sum() / len(x)


def test_dropout_multiplies_activations_and_their_gradients_by_the_step_s_own_masks() -> None:
    samples = points(20)
    network = silenced(silenced(layered(), range(2, 7), 0.4), range(7, 11), 0.25)
    config = TrainingConfig(batch_size=20, shuffle=False, learning_rate=0.1)
    trainer = Trainer(network, samples, config, seed=5)
    theta = network.theta.copy()
    y = np.where(samples.classes == 1, 1.0, -1.0) if samples.classes is not None else None
    assert y is not None
    keep = np.repeat([0.6, 0.75], [5, 4])
    for step in range(4):
        drawn = random_stream(5, Stream.DROPOUT, step).random((9, 20)) < keep[:, None]
        mask = drawn / keep[:, None]
        masks = [mask[:5], mask[5:]]
        gradient = np.empty_like(theta)
        for slot in range(theta.size):
            nudged = theta.astype(complex)
            nudged[slot] += STEP * 1j
            gradient[slot] = np.imag(masked_loss(nudged, samples.inputs, y, masks)) / STEP
        expected = float(np.real(masked_loss(theta, samples.inputs, y, masks)))
        assert trainer.step() == pytest.approx(expected, rel=1e-12)
        theta -= 0.1 * gradient
        assert trainer.theta == pytest.approx(theta, rel=1e-11, abs=1e-14)


def test_dropout_needs_no_particular_grouping_of_steps_and_none_is_left_in_losses() -> None:
    network = silenced(layered(), range(2, 11), 0.5)
    config = TrainingConfig(batch_size=8, optimizer="adam", loss="half_squared")
    whole = Trainer(network, points(), config, seed=2)
    sliced = Trainer(network, points(), config, seed=2)
    whole.run(3)
    while sliced.step_count < whole.step_count:
        sliced.advance(3 if sliced.step_count + 3 <= whole.step_count else 1, None)
    assert whole.theta.tobytes() == sliced.theta.tobytes()
    record = whole.records[-1]
    assert record.loss_train == pytest.approx(
        evaluate_losses(whole.network, points(), "half_squared").loss, rel=1e-12
    )
    resumed = Trainer(whole.network, points(), config, seed=2, state=whole.state)
    resumed.run(1)
    whole.run(1)
    assert resumed.theta.tobytes() == whole.theta.tobytes()


def test_softmax_and_linear_hidden_neurons_with_dropout_learn_what_large_chunks_learn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = Network.mlp([2, 6, 3], activation="linear", output_activation="softmax")
    network = network.with_theta(draw_parameters(network, "glorot_normal", 1))
    network = silenced(network, range(2, 8), 0.3)
    random = np.random.default_rng(0)
    samples = Samples(random.normal(size=(50, 2)), classes=random.integers(0, 3, 50), class_count=3)
    config = TrainingConfig(
        loss="softmax_cross_entropy", batch_size=50, class_weights=(1.0, 2.0, 0.5)
    )
    whole = Trainer(network, samples, config)
    monkeypatch.setattr("nnplay.core.numpy_engine.samples_at_once", lambda *_: 16)
    monkeypatch.setattr("nnplay.core.large_batch.samples_at_once", lambda *_: 16)
    chunked = Trainer(network, samples, config)
    for _ in range(3):
        assert whole.step() == pytest.approx(chunked.step(), rel=1e-12)
    assert whole.theta == pytest.approx(chunked.theta, rel=1e-11, abs=1e-14)


# ---------------------------------------------------------------- dead links
def test_dead_links_are_those_of_the_standard_playground() -> None:
    """Its rule, link by link: after the gradient step the pull of L1; crossing zero kills."""
    network = layered()
    samples, rate, l1 = points(12), 0.05, 0.06
    config = TrainingConfig(
        batch_size=12, shuffle=False, learning_rate=rate, l1=l1, l1_dead_links=True
    )
    trainer = Trainer(network, samples, config)
    edges = network.topology.edge_count
    theta, alive = network.theta.copy(), np.ones(edges, dtype=bool)
    y = np.where(samples.classes == 1, 1.0, -1.0)[:, None]
    for _ in range(60):
        present = network.with_theta(theta)
        gradient = reference.complex_step_gradient(present, samples.inputs, y, "half_squared")
        gradient[:edges][~alive] = 0.0
        theta = theta - rate * gradient
        for slot in np.flatnonzero(alive):
            pulled = theta[slot] - rate * l1 * np.sign(theta[slot])
            if theta[slot] * pulled < 0:
                pulled, alive[slot] = 0.0, False
            theta[slot] = pulled
        trainer.step()
    assert not alive.all()
    assert alive.any()
    assert trainer.theta == pytest.approx(theta, rel=1e-9, abs=1e-12)
    assert np.array_equal(trainer.network.enabled[:edges], alive)
    assert trainer.network.enabled[edges:].all()
    assert np.array_equal(trainer.state.optimizer_arrays[DEAD_LINKS][:edges] > 0, ~alive)

    resumed = Trainer(trainer.network, samples, config, state=trainer.state)
    resumed.run(5)
    assert not resumed.theta[:edges][~alive].any()
    assert np.array_equal(
        resumed.state.optimizer_arrays[DEAD_LINKS][:edges] >= ~alive, np.ones(edges, dtype=bool)
    )
    # A link that a hand switches on again is no longer dead.
    slot = int(np.flatnonzero(~alive)[0])
    resumed.edit(lambda net: net.set_enabled([slot], True).with_parameters({slot: 0.7}))
    assert not resumed.state.optimizer_arrays[DEAD_LINKS][slot]
    assert resumed.network.theta[slot] == 0.7


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "momentum", "rprop"])
def test_dead_links_stay_at_zero_whatever_optimises(optimizer: str) -> None:
    config = TrainingConfig(
        optimizer=optimizer, learning_rate=0.05, l1=0.5, l1_dead_links=True, batch_size=5
    )
    trainer = Trainer(layered(), points(), config)
    trainer.run(20)
    dead = trainer.state.optimizer_arrays[DEAD_LINKS] > 0
    assert dead.any()
    trainer.run(5)
    assert not trainer.theta[dead].any()


# ---------------------------------------------------------------- weights of samples
def test_class_weights_count_as_if_samples_stood_there_more_often() -> None:
    samples = points(30)
    assert samples.classes is not None
    rows = np.concatenate([np.arange(30), np.flatnonzero(samples.classes == 1)])
    repeated = Samples(samples.inputs[rows], classes=samples.classes[rows], class_count=2)
    for loss, activation in (
        ("half_squared", "tanh"),
        ("mae", "tanh"),
        ("huber", "linear"),
        ("hinge", "tanh"),
        ("binary_cross_entropy", "sigmoid"),
    ):
        network = Network.mlp([2, 3, 1], output_activation=activation)
        network = network.with_theta(draw_parameters(network, "glorot_normal", 4))
        config = TrainingConfig(loss=loss, batch_size=999, shuffle=False)
        weighted = Trainer(network, samples, replace(config, class_weights=(1.0, 2.0)))
        plain = Trainer(network, repeated, config)
        assert weighted.step() == pytest.approx(plain.step(), rel=1e-12), loss
        assert weighted.theta == pytest.approx(plain.theta, rel=1e-11, abs=1e-15), loss
        assert weighted.evaluate().loss_train == pytest.approx(
            plain.evaluate().loss_train, rel=1e-12
        )


def test_class_weights_follow_the_shuffled_samples() -> None:
    network = Network.mlp([2, 1], output_activation="linear")
    samples = points(9)
    assert samples.classes is not None
    config = TrainingConfig(class_weights=(1.0, 3.0), batch_size=4)
    trainer = Trainer(network, samples, config, seed=6)
    order = random_stream(6, Stream.SHUFFLE, 0).permutation(9)
    rows = order[:4]
    weights = np.where(samples.classes[rows] == 1, 3.0, 1.0)
    y = np.where(samples.classes[rows] == 1, 1.0, -1.0)
    assert trainer.step() == pytest.approx((weights * 0.5 * y**2).sum() / weights.sum())


# ---------------------------------------------------------------- the trainer as an object
def test_a_script_steps_runs_is_called_back_and_resumes() -> None:
    samples = points()
    heard: list[EpochRecord] = []
    trainer = Trainer(layered(), (samples, points(11)), TrainingConfig(optimizer="adam"), seed=4)
    first = trainer.step()
    assert first == pytest.approx(trainer.losses[0])
    assert trainer.step_count == 1
    trainer.run(3, on_epoch=heard.append)
    assert [record.epoch for record in heard] == [1, 2, 3]
    assert np.isfinite(heard[0].loss_test)
    later = Trainer(
        trainer.network, (samples, points(11)), trainer.config, seed=4, state=trainer.state
    )
    later.run(2)
    trainer.run(2)
    assert later.theta.tobytes() == trainer.theta.tobytes()
    assert trainer.backend_name == trainer.state.backend == "numpy"


def test_a_callback_that_says_true_ends_a_run_at_that_epoch() -> None:
    trainer = Trainer(layered(), points(), TrainingConfig())
    trainer.run(50, on_epoch=lambda record: record.epoch == 7)
    assert trainer.epoch == 7
    trainer.advance(10_000, None, None, lambda record: record.epoch == 9)
    assert trainer.epoch == 9
    assert trainer.state.batch_in_epoch == 0


def test_a_step_can_have_a_rate_of_its_own() -> None:
    config = TrainingConfig(learning_rate=0.5, schedule="step", schedule_epochs=1)
    one, other = (Trainer(layered(), points(), config) for _ in range(2))
    one.step(rate=0.001)
    other.set_config(replace(config, learning_rate=0.001))
    other.step()
    assert one.theta == pytest.approx(other.theta, rel=1e-14)
    assert one.config.learning_rate == 0.5


def test_taking_back_brings_weights_and_memory_but_no_steps() -> None:
    config = TrainingConfig(optimizer="adam", batch_size=8)
    trainer = Trainer(layered(), points(), config)
    trainer.run(3)
    theta, state = trainer.theta, trainer.state
    trainer.run(4)
    epoch, step = trainer.epoch, trainer.step_count
    trainer.take_back(theta, state)
    assert (trainer.epoch, trainer.step_count) == (epoch, step)
    assert trainer.theta.tobytes() == theta.tobytes()
    assert trainer.state.optimizer_step == state.optimizer_step
    for name, values in state.optimizer_arrays.items():
        assert np.array_equal(trainer.state.optimizer_arrays[name], values)


def test_taking_back_revives_what_died_since() -> None:
    config = TrainingConfig(l1=0.05, l1_dead_links=True, learning_rate=0.1, batch_size=8)
    trainer = Trainer(layered(), points(), config)
    while trainer.network.enabled.all():
        trainer.step()
    trainer.finish_epoch()
    network, state, loss = trainer.network, trainer.state, trainer.evaluate().loss_train
    while np.array_equal(trainer.network.enabled, network.enabled):
        trainer.finish_epoch()
    trainer.take_back(network.theta, state)
    assert np.array_equal(trainer.network.enabled, network.enabled)
    assert trainer.evaluate().loss_train == loss
    marks = trainer.state.optimizer_arrays[DEAD_LINKS]
    assert np.array_equal(marks > 0, ~network.enabled)


def test_single_precision_trains_in_single_precision_and_resumes_exactly() -> None:
    config = TrainingConfig(precision="float32", optimizer="adam", batch_size=8)
    trainer = Trainer(layered(), points(), config)
    double = Trainer(layered(), points(), replace(config, precision="float64"))
    trainer.run(3)
    double.run(3)
    assert np.array_equal(trainer.theta, trainer.theta.astype(np.float32))
    assert trainer.theta == pytest.approx(double.theta, rel=1e-3, abs=1e-4)
    assert not np.array_equal(trainer.theta, double.theta)
    resumed = Trainer(trainer.network, points(), config, state=trainer.state)
    resumed.run(2)
    trainer.run(2)
    assert resumed.theta.tobytes() == trainer.theta.tobytes()


# ---------------------------------------------------------------- the same loss everywhere
@pytest.mark.parametrize(
    ("loss", "output"),
    [
        ("softmax_cross_entropy", "softmax"),
        ("binary_cross_entropy", "sigmoid"),
        ("huber", "linear"),
        ("hinge", "tanh"),
    ],
)
def test_gradient_check_and_trace_know_smoothing_weights_and_delta(loss: str, output: str) -> None:
    random = np.random.default_rng(1)
    network = Network.mlp([2, 4, 3], output_activation=output)
    network = network.with_theta(draw_parameters(network, "glorot_normal", 2) * 3)
    samples = Samples(random.normal(size=(9, 2)), classes=random.integers(0, 3, 9), class_count=3)
    config = TrainingConfig(
        loss=loss, huber_delta=0.3, label_smoothing=0.2, class_weights=(0.5, 2.0, 3.0)
    )
    found = check_gradients(network, samples, config)
    assert found.passed
    assert found.worst_relative_error < 1e-9
    # Over one sample its weight divides itself out, so the trace needs none.
    y = encode_targets(samples, network, loss, label_smoothing=0.2)
    one = explain(network, samples.inputs[0], y[0], config)
    single = Samples(samples.inputs[:1], classes=samples.classes[:1], class_count=3)
    plain = replace(config, class_weights=(), shuffle=False, learning_rate=1.0)
    trainer = Trainer(network, single, plain)
    assert trainer.step() == pytest.approx(one.loss, rel=1e-12)
    assert network.theta - trainer.theta == pytest.approx(one.gradient, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    "wrong", [{"shuffle": "no"}, {"early_stopping": 2}, {"optimizer": ["sgd"]}]
)
def test_settings_of_a_wrong_kind_are_refused_with_a_sentence(wrong: dict[str, Any]) -> None:
    with pytest.raises(TrainingError, match=r"must be true or false|choose one of"):
        Trainer(layered(), points(), TrainingConfig(**wrong))
    assert TrainingConfig(shuffle=np.False_).shuffle is False
