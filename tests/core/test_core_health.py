"""Sick networks are recognised, healthy ones are not accused."""

from dataclasses import replace

import numpy as np
import pytest

from nnplay.core.ailments import AILMENTS, SEVERITIES
from nnplay.core.health import HealthReport, even_rows, examine
from nnplay.core.initializers import draw_parameters
from nnplay.core.network import Network
from nnplay.core.reference import complex_step_gradient, evaluate
from nnplay.core.samples import Samples
from nnplay.core.targets import encode_targets
from nnplay.core.topology import Kind
from nnplay.core.training import Trainer
from nnplay.data.preparation import prepare
from nnplay.examples import EXAMPLES


def network_of(
    *sizes: int, activation: str = "tanh", output: str = "linear", seed: int = 1
) -> Network:
    network = Network.mlp(sizes, activation=activation, output_activation=output)
    random = np.random.default_rng(seed)
    fan_in = np.maximum(1, np.bincount(network.topology.edge_rows[:, 1], minlength=sum(sizes)))
    theta = random.normal(size=network.theta.size)
    count = network.topology.edge_count
    theta[:count] /= np.sqrt(fan_in[network.topology.edge_rows[:, 1]])
    theta[count:] *= 0.1
    return network.with_theta(theta)


def samples_of(network: Network, count: int = 400, seed: int = 2) -> Samples:
    random = np.random.default_rng(seed)
    inputs = random.normal(size=(count, len(network.topology.input_ids)))
    values = random.normal(size=(count, len(network.topology.output_ids)))
    return Samples(inputs, values)


def look(network: Network, samples: Samples | None = None) -> HealthReport:
    return examine(network, samples_of(network) if samples is None else samples, "half_squared")


def accused(report: HealthReport) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for finding in report.findings:
        found.setdefault(finding.kind, set()).update(finding.neurons)
    return found


@pytest.mark.parametrize("activation", ["relu", "gelu", "silu", "mish"])
def test_a_neuron_that_never_wakes_is_dead(activation: str) -> None:
    network = network_of(3, 4, 1, activation=activation)
    sick = network.topology.hidden_ids[2]
    assert accused(look(network)) == {}
    assert accused(look(network.set_bias(sick, -40.0))) == {"dead": {sick}}


def test_leaky_relu_does_not_die() -> None:
    network = network_of(3, 4, 1, activation="leaky_relu")
    assert "dead" not in accused(look(network.set_bias(network.topology.hidden_ids[0], -40.0)))


def test_a_neuron_awake_on_few_samples_is_nearly_dead() -> None:
    network = network_of(2, 3, 1, activation="relu")
    sick = network.topology.hidden_ids[1]
    samples = samples_of(network)
    z = evaluate(network.set_bias(sick, 0.0), samples.inputs).z[network.topology.row(sick)]
    third = float(np.sort(z)[-3])
    report = look(network.set_bias(sick, -third), samples)
    assert accused(report) == {"nearly_dead": {sick}}
    (found,) = report.findings
    assert found.numbers["active"] == pytest.approx(2 / 400)
    assert "2 of 400" in found.sentence


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "hard_tanh", "softsign"])
def test_a_hidden_neuron_at_its_ends_is_saturated(activation: str) -> None:
    network = network_of(2, 3, 1, activation=activation)
    sick = network.topology.hidden_ids[0]
    slots = network.topology.incoming_slots[network.topology.row(sick)]
    # Not so far that rounding makes the neuron constant.
    huge = network.with_parameters({int(slot): 1e5 * (1 + i) for i, slot in enumerate(slots)})
    assert accused(look(huge)) == {"saturated": {sick}}


def test_outputs_may_stand_at_their_ends() -> None:
    network = network_of(2, 3, 1, output="tanh")
    out = network.topology.output_ids[0]
    slots = network.topology.incoming_slots[network.topology.row(out)]
    steep = network.with_parameters({int(s): 1e3 * (1 + i) for i, s in enumerate(slots)})
    assert "saturated" not in accused(look(steep))


def test_a_neuron_that_always_says_the_same_is_constant() -> None:
    network = network_of(3, 4, 2)
    sick = network.topology.hidden_ids[3]
    slots = network.topology.incoming_slots[network.topology.row(sick)]
    assert accused(look(network.with_parameters(dict.fromkeys(slots.tolist(), 0.0)))) == {
        "constant": {sick}
    }


@pytest.mark.parametrize("factor", [1.0, -1.0])
def test_neurons_that_say_the_same_are_duplicates(factor: float) -> None:
    network = network_of(3, 4, 2)
    one, other = network.topology.hidden_ids[0], network.topology.hidden_ids[2]
    topology = network.topology
    rows = topology.row(one), topology.row(other)
    copied = dict(
        zip(
            [*topology.incoming_slots[rows[1]].tolist(), network.bias_slot(other)],
            [
                *(factor * network.theta[topology.incoming_slots[rows[0]]]).tolist(),
                factor * network.neuron(one).bias,
            ],
            strict=True,
        )
    )
    report = look(network.with_parameters(copied))
    assert accused(report) == {"duplicate": {one, other}}
    assert report.findings[0].numbers["factor"] == pytest.approx(factor)


def test_nearly_alike_is_not_alike() -> None:
    network = network_of(3, 4, 2)
    one, other = network.topology.hidden_ids[0], network.topology.hidden_ids[2]
    topology = network.topology
    slots = topology.incoming_slots[topology.row(other)].tolist()
    values = network.theta[topology.incoming_slots[topology.row(one)]] + 1e-4
    near = network.with_parameters(dict(zip(slots, values.tolist(), strict=True)))
    near = near.set_bias(other, near.neuron(one).bias)
    assert accused(look(near)) == {}


def test_a_deep_sigmoid_network_has_vanishing_gradients() -> None:
    network = network_of(2, 6, 6, 6, 6, 6, 6, 1, activation="sigmoid")
    found = [f for f in look(network).findings if f.kind == "vanishing"]
    levels = [int(f.numbers["level"]) for f in found]
    assert 1 in levels
    assert 6 not in levels
    assert all(
        f.neurons == network.level_ids(level) for f, level in zip(found, levels, strict=True)
    )


def test_large_weights_make_gradients_explode() -> None:
    network = network_of(2, 4, 4, 4, 1, activation="linear")
    count = network.topology.edge_count
    theta = network.theta.copy()
    theta[:count] *= 40.0
    found = [f for f in look(network.with_theta(theta)).findings if f.kind == "exploding"]
    assert found
    assert int(found[0].numbers["level"]) == 1
    assert found[0].severity == "error"


def test_what_leads_nowhere_is_said() -> None:
    network = network_of(3, 4, 1)
    topology = network.topology
    deaf, mute = topology.hidden_ids[0], topology.hidden_ids[1]
    pairs = topology.edges.tolist()
    cut = network.disconnect([(s, t) for s, t in pairs if t == deaf or s == mute])
    lonely = topology.input_ids[2]
    cut = cut.set_enabled(cut.topology.outgoing_slots[cut.topology.row(lonely)].tolist(), False)
    found = accused(look(cut))
    assert found == {"unreachable": {deaf}, "unheard": {mute}, "unused_input": {lonely}}


def test_what_is_switched_off_is_not_accused() -> None:
    network = network_of(3, 4, 1, activation="relu")
    sick = network.topology.hidden_ids[2]
    off = network.set_bias(sick, -40.0).set_neurons_enabled([sick], False)
    assert accused(look(off)) == {}


def test_numbers_beyond_all_bounds_are_told_by_their_first_neuron() -> None:
    network = network_of(2, 3, 3, 1, activation="square")
    theta = network.theta * 1e160
    report = look(network.with_theta(theta))
    assert report.findings[0].kind == "not_finite"
    first = min(report.findings[0].neurons, key=network.topology.level_of)
    assert network.label_of(first) in report.findings[0].sentence


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.name)
def test_examples_are_healthy_fresh_and_trained(example) -> None:
    document = example.build()
    prepared = prepare(document.data, document.preparation, document.seed)
    train, test = prepared.train_and_test(document.network)
    assert examine(document.network, train, document.training).findings == ()
    trainer = Trainer(document.network, (train, test), document.training, seed=document.seed)
    trainer.run(8 if example.name == "digits" else 150)
    assert examine(trainer.network, train, document.training).findings == ()


@pytest.mark.parametrize("weights", [(), (0.5, 2.0, 1.0)])
def test_figures_equal_the_independent_evaluator(weights: tuple[float, ...]) -> None:
    network = network_of(3, 5, 3, output="linear")
    random = np.random.default_rng(5)
    samples = Samples(random.normal(size=(1100, 3)), None, random.integers(0, 3, 1100), 3)
    from nnplay.core.config import LossSettings

    report = examine(network, samples, LossSettings("half_squared", class_weights=weights))
    a = evaluate(network, samples.inputs).a
    np.testing.assert_allclose(report.mean, a.mean(axis=1), atol=1e-13)
    np.testing.assert_allclose(report.spread, a.std(axis=1), atol=1e-12)
    y = encode_targets(samples, network, "half_squared")
    shares = np.array(weights)[samples.classes] if weights else None
    expected = complex_step_gradient(network, samples.inputs, y, "half_squared", weights=shares)
    np.testing.assert_allclose(report.gradient, expected, atol=1e-13)
    topology = network.topology
    outputs = topology.kinds == Kind.OUTPUT
    own = a[outputs] - y.T
    if shares is not None:
        own = own * shares
    np.testing.assert_allclose(
        report.delta_size[outputs], np.sqrt((own**2).mean(axis=1)), rtol=1e-12
    )
    np.testing.assert_allclose(
        report.delta[outputs], expected[topology.bias_slots[outputs]], atol=1e-13
    )
    assert np.isnan(report.delta[topology.kinds == Kind.INPUT]).all()


def test_many_samples_are_thinned_evenly() -> None:
    rows = even_rows(10_000, 4096)
    assert rows.size == 4096
    assert rows[0] == 0
    assert rows[-1] < 10_000
    assert set(np.diff(rows).tolist()) == {2, 3}
    network = network_of(2, 3, 1)
    report = look(network, samples_of(network, 5000))
    assert (report.samples, report.total) == (4096, 5000)


def test_without_fitting_targets_the_forward_half_is_judged() -> None:
    network = network_of(2, 3, 1, activation="relu")
    sick = network.topology.hidden_ids[0]
    blind = replace(samples_of(network), values=None)
    report = examine(network.set_bias(sick, -40.0), blind, "half_squared")
    assert accused(report) == {"dead": {sick}}
    assert report.loss is None
    assert np.isnan(report.gradient).all()


def test_an_examination_can_be_given_up() -> None:
    network = network_of(2, 3, 1)

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        examine(network, samples_of(network, 3000), "half_squared", stop)


def test_the_table_is_complete() -> None:
    for name, ailment in AILMENTS.items():
        assert ailment.name == name
        assert ailment.severity in SEVERITIES
        assert ailment.threshold
        assert ailment.cures.endswith(".")


def test_fresh_networks_of_all_usual_kinds_are_healthy() -> None:
    for activation, initializer in (
        ("relu", "he_normal"),
        ("tanh", "glorot_uniform"),
        ("selu", "lecun_normal"),
    ):
        network = Network.mlp((8, 16, 16, 3), activation=activation, output_activation="softmax")
        network = network.with_theta(draw_parameters(network, initializer, seed=3))
        random = np.random.default_rng(1)
        samples = Samples(random.normal(size=(500, 8)), None, random.integers(0, 3, 500), 3)
        assert examine(network, samples, "softmax_cross_entropy").findings == ()
