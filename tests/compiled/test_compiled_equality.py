"""Both backends compute the same training, whatever is trained and however."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from compiled.backends import Spy, assert_alike, train
from core.random_networks import Case, cases
from hypothesis import given, settings
from hypothesis import strategies as st

from nnplay.compiled import Choice
from nnplay.compiled.codes import ACTIVATION_CODES, LOSS_CODES, OPTIMIZER_CODES
from nnplay.compiled.tables import make_tables
from nnplay.core.activations import ACTIVATIONS
from nnplay.core.config import TrainingConfig
from nnplay.core.layout import layout_of
from nnplay.core.losses import LOSSES
from nnplay.core.network import Network
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.core.samples import Samples
from nnplay.core.topology import Topology
from nnplay.core.training import Trainer

RATES = {"rprop": 0.001, "adagrad": 0.02, "momentum": 0.005, "nesterov": 0.005}


def dag(
    names: list[str], outputs: list[str], *, inputs: int = 3, density: float = 0.6, seed: int = 0
) -> Network:
    """Hidden neurons in a row, each reading some of all before it, then outputs that read some."""
    random = np.random.default_rng(seed)
    hidden, count = len(names), inputs + len(names) + len(outputs)
    edges = [
        (i, j)
        for j in range(inputs, count)
        for i in range(min(j, inputs + hidden))
        if random.random() < density or i == j - 1 < inputs + hidden
    ]
    kinds = [0] * inputs + [1] * hidden + [2] * len(outputs)
    topology = Topology(np.arange(count), kinds, np.array(edges))
    fan_in = max(1.0, density * hidden)
    return Network.build(
        topology,
        theta=random.normal(size=topology.parameter_count) / np.sqrt(fan_in),
        activations=["linear"] * inputs + names + outputs,
    )


def numbers(network: Network, count: int = 23, seed: int = 1, loss: str = "") -> Samples:
    random = np.random.default_rng(seed)
    inputs = int((network.topology.kinds == 0).sum())
    outputs = int((network.topology.kinds == 2).sum())
    y = random.normal(size=(count, outputs))
    if loss == "hinge":
        y = np.sign(y)
    elif loss in ("binary_cross_entropy", "softmax_cross_entropy"):
        y = random.random((count, outputs))
    if loss == "softmax_cross_entropy":
        y /= y.sum(axis=1, keepdims=True)
    return Samples(random.normal(size=(count, inputs)), y)


def test_the_whole_table_is_compiled_but_lbfgs() -> None:
    assert set(ACTIVATION_CODES) == set(ACTIVATIONS)
    assert set(LOSS_CODES) == set(LOSSES)
    assert set(OPTIMIZER_CODES) == set(OPTIMIZERS) - {"lbfgs"}


@settings(max_examples=120)
@given(
    case=cases(),
    optimizer=st.sampled_from([name for name in OPTIMIZER_CODES if name != "rprop"]),
    batch=st.integers(1, 9),
    penalties=st.sampled_from([(0.0, 0.0), (0.01, 0.0), (0.0, 0.02), (0.01, 0.01)]),
    clipping=st.sampled_from([(0.0, 0.0), (0.05, 0.0), (0.0, 0.1), (0.05, 0.1)]),
    max_norm=st.sampled_from([0.0, 0.0, 0.8]),
)
def test_random_networks_learn_the_same(
    compiled: Choice,
    case: Case,
    optimizer: str,
    batch: int,
    penalties: tuple[float, float],
    clipping: tuple[float, float],
    max_norm: float,
) -> None:
    config = TrainingConfig(
        loss=case.loss,
        optimizer=optimizer,
        learning_rate=0.003,
        batch_size=batch,
        l1=penalties[0],
        l2=penalties[1],
        clip_value=clipping[0],
        clip_norm=clipping[1],
        max_norm=max_norm,
    )
    data = Samples(case.x, case.y)
    assert_alike(case.network, (data, data), config, compiled, epochs=2)


@pytest.mark.parametrize("name", [name for name in ACTIVATION_CODES if name != "softmax"])
def test_every_activation(compiled: Choice, name: str) -> None:
    network = dag([name, "tanh", name, "sigmoid", name], [name, "linear"])
    config = TrainingConfig(learning_rate=0.01, batch_size=5)
    assert_alike(network, (numbers(network), numbers(network, 7, 2)), config, compiled)


@pytest.mark.parametrize("loss", [loss for loss in LOSS_CODES if "cross" not in loss])
def test_every_loss_of_outputs(compiled: Choice, loss: str) -> None:
    network = dag(["tanh", "relu", "sin", "mish"], ["tanh", "linear", "softplus"])
    config = TrainingConfig(loss=loss, learning_rate=0.01, batch_size=5, huber_delta=0.6)
    samples = numbers(network, loss=loss)
    assert_alike(network, (samples, samples), config, compiled)


@pytest.mark.parametrize(
    ("loss", "output"),
    [
        ("binary_cross_entropy", "sigmoid"),
        ("softmax_cross_entropy", "softmax"),
        ("half_squared", "softmax"),
        ("mae", "softmax"),
    ],
)
@pytest.mark.parametrize("switched_off", [False, True])
def test_groups_and_losses_from_z(
    compiled: Choice, loss: str, output: str, switched_off: bool
) -> None:
    network = dag(["tanh", "relu", "sin", "mish"], [output] * 4)
    if switched_off:
        enabled = np.ones(len(network.activations), dtype=bool)
        enabled[[4, 8]] = False
        network = replace(network, neuron_enabled=enabled)
    config = TrainingConfig(loss=loss, learning_rate=0.05, batch_size=5)
    samples = numbers(network, loss=loss)
    assert_alike(network, (samples, samples), config, compiled)


@pytest.mark.parametrize("optimizer", list(OPTIMIZER_CODES))
@pytest.mark.parametrize("frozen", [False, True])
def test_every_optimiser(compiled: Choice, optimizer: str, frozen: bool) -> None:
    network = dag(["tanh", "gelu", "sigmoid", "silu"], ["linear", "tanh"])
    if frozen:
        fixed = np.zeros(network.topology.parameter_count, dtype=bool)
        fixed[::4] = True
        network = replace(network, frozen=fixed)
    config = TrainingConfig(
        optimizer=optimizer,
        learning_rate=RATES.get(optimizer, 0.01),
        batch_size=5,
        dampening=0.3 if optimizer == "momentum" else 0.0,
        momentum=0.8,
        rms_decay=0.9,
        beta1=0.8,
        beta2=0.95,
        epsilon=1e-6,
        weight_decay=0.1,
        l2=0.01,
        l1=0.003,
        schedule="cosine",
        schedule_epochs=4,
    )
    result = assert_alike(network, (numbers(network), None), config, compiled)
    if frozen:
        assert np.array_equal(result.theta[::4], network.theta[::4])
    assert not np.allclose(result.theta[1::4], network.theta[1::4], atol=1e-4)


@pytest.mark.parametrize(("rate", "limit"), [(1.5e-6, 1e-6), (30.0, 50.0)])
def test_rprops_steps_have_limits(compiled: Choice, rate: float, limit: float) -> None:
    network = dag(["linear"], ["linear"], inputs=1)
    data = Samples(
        np.array([[0.5], [1.0]]),
        np.array([[1e-9], [-1e-9]]) if rate < 1 else np.array([[1e7], [1e7]]),
    )
    if rate < 1:
        network = replace(network, theta=1e-7 * network.theta)
    config = TrainingConfig(optimizer="rprop", learning_rate=rate, batch_size=2)
    result = assert_alike(network, (data, None), config, compiled, epochs=12)
    assert limit in result.memory["step_size"]


def test_dead_links_die_alike_and_stay_dead(compiled: Choice) -> None:
    network = dag(["tanh"] * 5, ["tanh"])
    config = TrainingConfig(l1=0.5, l1_dead_links=True, learning_rate=0.05, batch_size=4)
    result = assert_alike(network, (numbers(network), None), config, compiled, epochs=6)
    assert 0 < (~result.enabled).sum() < result.enabled.size


def test_max_norm_and_clipping(compiled: Choice) -> None:
    network = dag(["tanh", "relu", "elu", "selu"], ["linear"])
    config = TrainingConfig(
        learning_rate=0.2, batch_size=4, max_norm=0.4, clip_value=0.3, clip_norm=0.5
    )
    result = assert_alike(network, (numbers(network), None), config, compiled)
    lengths = [
        np.linalg.norm(result.theta[: network.topology.edge_count][into])
        for into in (network.topology.edge_rows[:, 1] == row for row in range(3, 8))
    ]
    assert max(lengths) == pytest.approx(0.4)


@pytest.mark.parametrize("sizes", [(23, 6), (40, 40)])
def test_dropout_takes_the_same_masks(compiled: Choice, sizes: tuple[int, int]) -> None:
    network = dag(["tanh", "relu", "sigmoid", "cos", "tanh"], ["linear"])
    rates = np.zeros(len(network.activations))
    rates[[3, 5, 6]] = 0.5, 0.2, 0.4
    network = replace(network, dropout=rates)
    config = TrainingConfig(learning_rate=0.05, batch_size=sizes[1])
    samples = numbers(network, sizes[0])
    result = assert_alike(network, (samples, samples), config, compiled)
    without = train(replace(network, dropout=0 * rates), samples, config, compiled)
    assert not np.allclose(result.theta, without.theta, atol=1e-3)


@pytest.mark.parametrize(
    ("loss", "outputs"),
    [
        ("softmax_cross_entropy", ["softmax"] * 3),
        ("binary_cross_entropy", ["sigmoid"] * 3),
        ("half_squared", ["tanh"] * 3),
        ("mse", ["tanh"] * 3),
    ],
)
def test_class_weights_and_smoothing(compiled: Choice, loss: str, outputs: list[str]) -> None:
    network = dag(["tanh", "tanh"], outputs)
    random = np.random.default_rng(5)
    samples = Samples(random.normal(size=(23, 3)), classes=random.integers(0, 3, 23), class_count=3)
    config = TrainingConfig(
        loss=loss,
        learning_rate=0.05,
        batch_size=6,
        class_weights=(0.5, 1.0, 4.0),
        label_smoothing=0.1 if "cross" in loss else 0.0,
    )
    result = assert_alike(network, (samples, samples), config, compiled)
    plain = train(network, samples, replace(config, class_weights=()), compiled)
    assert not np.allclose(result.theta, plain.theta, atol=1e-4)


def test_dense_sparse_and_gathered_stages(compiled: Choice) -> None:
    random = np.random.default_rng(8)
    inputs, wide, count = 2, 90, 2 + 90 + 12
    edges = [(i, j) for j in range(inputs, inputs + wide) for i in range(inputs)]
    # Some read few neurons far apart, which are gathered.
    edges += [(i, j) for j in range(92, 100) for i in range(2, 92, 15)]
    edges += [(i, j) for j in range(100, 103) for i in range(92, 100)]
    edges += [(i, 103) for i in (0, 1, 5, 47, 99, 100, 101, 102)]
    kinds = [0] * inputs + [1] * (count - 3) + [2]
    topology = Topology(np.arange(count), kinds, np.array(edges))
    network = Network.build(
        topology,
        theta=random.normal(size=topology.parameter_count) / 3.0,
        activations=["linear"] * 2 + ["tanh"] * (count - 3) + ["linear"],
    )
    layout = layout_of(network)
    assert any(stage.source_rows is not None for stage in layout.stages)
    dense = make_tables(layout, ACTIVATION_CODES, None, logits=False, lanes=16).stages[:, 2]
    assert set(dense.tolist()) == {0, 1}
    config = TrainingConfig(learning_rate=0.01, batch_size=20, optimizer="adam")
    assert_alike(network, (numbers(network, 50), numbers(network, 17, 3)), config, compiled)


@pytest.mark.parametrize("batch", [1, 7, 16, 17, 32, 33, 100])
def test_batches_of_every_shape(compiled: Choice, batch: int) -> None:
    network = dag(["tanh", "relu", "sigmoid"], ["linear"])
    config = TrainingConfig(learning_rate=0.02, batch_size=batch)
    samples = numbers(network, 100 if batch != 33 else 99)
    assert_alike(network, (samples, samples), config, compiled)


@pytest.mark.parametrize("activation", ["relu", "linear", "square", "tanh", "softplus"])
def test_both_see_numbers_grow_beyond_all_bounds(compiled: Choice, activation: str) -> None:
    network = dag([activation] * 3, ["linear"])
    config = TrainingConfig(learning_rate=1e6, batch_size=5)
    samples = numbers(network)
    one, other = (train(network, samples, config, backend) for backend in (None, compiled))
    assert one.diverged_at is not None
    assert other.diverged_at == one.diverged_at
    np.testing.assert_allclose(other.theta, one.theta, rtol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", [name for name in ACTIVATION_CODES if name != "softmax"])
def test_what_is_not_finite_never_gets_lost(compiled: Choice, name: str, bad: float) -> None:
    network = dag([name, name], ["linear"])
    theta = network.theta.copy()
    theta[network.topology.bias_slots[3]] = bad
    network = replace(network, theta=theta)
    samples = numbers(network)
    sound = []
    config = TrainingConfig(batch_size=5, shuffle=False)
    still = replace(network, theta=np.zeros(network.theta.size))
    for backend in (None, compiled):
        spy = Spy(backend)
        Trainer(still, samples, config, backend=spy)
        plan = spy.plan
        plan.layout.pack(network.theta, plan.parameters)
        for number in range(5):
            loss = np.zeros(1)
            spy.engine.steps(number, np.full(1, 0.01), number + 1, None, loss)
            # A sum that is infinite may be lost in one backend and be NaN in the other, where it
            # meets a weight of 0; what the trainer looks at is both together.
            parameters = plan.parameters[plan.layout.positions]
            sound.append(bool(np.isfinite(loss).all() and np.isfinite(parameters).all()))
    assert sound[:5] == sound[5:]
    if np.isnan(bad):
        assert not any(sound)
