"""Hints: each is said when it should be, and none to those who need no advice."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.config import TrainingConfig
from nnplay.core.hints import training_hints
from nnplay.core.initializers import draw_parameters
from nnplay.core.losses import LOSSES
from nnplay.core.network import Network
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.core.samples import Samples
from nnplay.core.targets import encode_targets, pairing_problem
from nnplay.core.topology import Kind
from nnplay.data.catalogue import CATALOGUE
from nnplay.data.preparation import prepare
from nnplay.document import Document
from nnplay.examples import EXAMPLES
from nnplay.setup import new_document


def samples_of(document: Document) -> Samples:
    prepared = prepare(document.data, document.preparation, document.seed)
    return prepared.samples(document.network)


def switch_off(network: Network, ids: Any) -> Network:
    on = [int(i) not in set(ids) for i in network.topology.ids]
    return replace(network, neuron_enabled=np.array(on))


def with_dropout(network: Network, rate: float) -> Network:
    return replace(network, dropout=np.where(network.topology.kinds == Kind.HIDDEN, rate, 0.0))


def classes(count: int = 2, rows: int = 20) -> Samples:
    return Samples(np.zeros((rows, 2)), classes=np.arange(rows) % count, class_count=count)


def numbers(low: float, high: float, columns: int = 1) -> Samples:
    values = np.linspace([low] * columns, [high] * columns, 20)
    return Samples(np.zeros((20, 2)), values=values)


def keys(network: Network, config: TrainingConfig, samples: Samples | None = None) -> list[str]:
    hints = training_hints(network, config, samples)
    for hint in hints:
        assert hint.sentence.strip("“")[0].isupper() or hint.sentence[0] == "“"
        assert hint.sentence.endswith(".")
        if hint.remedy:
            changed = dict(hint.remedy)
            outputs = changed.pop("output_activation", None)
            assert outputs is None or outputs in ACTIVATIONS
            TrainingConfig(**changed)
    return [hint.key for hint in hints]


def net(output: str = "tanh", outputs: int = 1, hidden: str = "tanh") -> Network:
    return Network.mlp([2, 3, outputs], activation=hidden, output_activation=output)


def config(**changes: Any) -> TrainingConfig:
    return TrainingConfig(**changes)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_examples_need_no_advice(example: Any) -> None:
    document: Document = example.build()
    assert keys(document.network, document.training, samples_of(document)) == []


@pytest.mark.parametrize("name", list(CATALOGUE))
def test_new_documents_need_no_advice(name: str) -> None:
    document, _ = new_document(name)
    assert keys(document.network, document.training, samples_of(document)) == []


@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_usual_learning_rates_need_no_advice(name: str) -> None:
    settings = config(optimizer=name, learning_rate=OPTIMIZERS[name].usual_rate, batch_size=20)
    assert keys(net(), settings, classes()) == []
    assert keys(net(), settings) == []


CASES: list[tuple[str, Network, TrainingConfig, Samples | None]] = [
    ("softmax_squared", net("softmax", 3), config(loss="half_squared"), classes(3)),
    ("softmax_squared", net("softmax", 3), config(loss="mse"), None),
    ("sigmoid_squared", net("sigmoid"), config(loss="mse"), classes()),
    ("sigmoid_squared", net("sigmoid", 3), config(loss="mae"), classes(3)),
    ("output_range", net("relu"), config(), numbers(-1, 1)),
    ("output_range", net("softplus"), config(loss="huber"), numbers(-0.2, 4)),
    ("output_range", net("square"), config(), numbers(-1, 1)),
    ("output_range", net("abs"), config(), numbers(-1, 1)),
    ("output_range", net("gelu"), config(), numbers(-1, 1)),
    ("output_range", net("sigmoid"), config(), numbers(-1, 0.5)),
    ("output_range", net("sigmoid"), config(loss="mse"), numbers(0, 7)),
    ("output_range", net("tanh"), config(), numbers(-1.5, 0)),
    ("output_range", net("tanh", 2), config(loss="mse"), numbers(0, 1.01, 2)),
    ("hinge_range", net("sigmoid"), config(loss="hinge"), classes()),
    ("hinge_range", net("relu"), config(loss="hinge"), classes()),
    ("hinge_range", net("softmax", 3), config(loss="hinge"), None),
    ("step_hidden", net(hidden="step"), config(), classes()),
    ("step_output", net("step"), config(), classes()),
    ("learning_rate_large", net(), config(learning_rate=1e9), None),
    ("learning_rate_large", net(), config(learning_rate=3.5), None),
    ("learning_rate_large", net(), config(learning_rate=1.5, optimizer="adam"), None),
    ("learning_rate_large", net(), config(learning_rate=1.5, optimizer="rprop"), None),
    ("learning_rate_small", net(), config(learning_rate=1e-7), None),
    ("learning_rate_small", net(), config(learning_rate=1e-9, optimizer="adamw"), None),
    ("lbfgs_batches", net(), config(optimizer="lbfgs", learning_rate=0.1), classes()),
    ("smoothing_unused", net(), config(label_smoothing=0.1), classes()),
    ("smoothing_unused", net(), config(label_smoothing=0.1, loss="hinge"), classes()),
    (
        "smoothing_unused",
        net("sigmoid"),
        config(label_smoothing=0.1, loss="binary_cross_entropy"),
        numbers(0, 1),
    ),
    ("class_weights_unused", net(), config(class_weights=(1, 2)), numbers(0, 1)),
]


@pytest.mark.parametrize(
    ("key", "network", "settings", "samples"),
    CASES,
    ids=[f"{c[0]} {i}" for i, c in enumerate(CASES)],
)
def test_hints_are_said_alone_and_their_remedies_work(
    key: str, network: Network, settings: TrainingConfig, samples: Samples | None
) -> None:
    hints = training_hints(network, settings, samples)
    assert keys(network, settings, samples) == [key]
    remedy = dict(hints[0].remedy or {})
    if not remedy:
        return
    outputs = remedy.pop("output_activation", None)
    if outputs is not None:
        network = network.set_activation(network.topology.output_ids, outputs)
    settings = TrainingConfig(**{**vars(settings), **remedy})
    assert pairing_problem(network, settings.loss) is None
    assert key not in keys(network, settings, samples)


@pytest.mark.parametrize(
    ("network", "settings", "samples"),
    [
        (net("softmax", 3), config(loss="softmax_cross_entropy"), classes(3)),
        (net("sigmoid"), config(loss="binary_cross_entropy", label_smoothing=0.1), classes()),
        (net("sigmoid"), config(loss="mse"), numbers(0, 1)),
        (net("sigmoid"), config(loss="mse"), None),
        (net("relu"), config(), classes()),
        (net("relu"), config(), numbers(0, 9)),
        (net("tanh"), config(), numbers(-1, 1)),
        (net("linear"), config(loss="mae"), numbers(-99, 99)),
        (net("linear"), config(loss="hinge"), classes()),
        (net("tanh"), config(loss="hinge", class_weights=(1, 2)), classes()),
        (net("leaky_relu"), config(loss="hinge"), classes()),
        (net(), config(learning_rate=3.0), None),
        (net(), config(learning_rate=1.0, optimizer="adam"), None),
        (net(), config(learning_rate=1e-5), None),
        (net(), config(optimizer="lbfgs", learning_rate=1.0, batch_size=20), classes()),
        (net(), config(optimizer="adam", learning_rate=0.01, batch_size=2), classes()),
    ],
)
def test_healthy_settings_are_left_alone(
    network: Network, settings: TrainingConfig, samples: Samples | None
) -> None:
    assert keys(network, settings, samples) == []


def test_a_locked_network() -> None:
    network = net()
    every = range(network.theta.size)
    assert keys(network.set_frozen(every, True), config()) == ["all_frozen"]
    mixed = network.set_frozen(every[1:], True).set_enabled([0], False)
    assert keys(mixed, config()) == ["all_frozen"]
    assert keys(network.set_frozen(every[1:], True), config()) == []


def test_outputs_without_a_way_from_any_input() -> None:
    network = net(outputs=2)
    last = network.topology.output_ids[1]
    cut = network.disconnect([(s, last) for s, _ in network.topology.incoming(last)])
    assert keys(cut, config()) == ["disconnected_outputs"]
    assert training_hints(cut, config())[0].sentence.startswith("“y2” is not connected")
    slots = [slot for _, slot in network.topology.incoming(last)]
    off = network.set_enabled(slots, False)
    assert keys(off, config()) == ["disconnected_outputs"]
    assert keys(network.set_enabled(slots[1:], False), config()) == []
    hidden = network.topology.hidden_ids
    dark = switch_off(network, hidden)
    assert training_hints(dark, config())[0].sentence.startswith("“y1” and “y2” are not connected")
    assert keys(switch_off(network, hidden[:2]), config()) == []


def test_a_long_way_round_counts_as_a_connection() -> None:
    sizes = [1] + [2] * 9 + [1]
    assert keys(Network.mlp(sizes), config()) == []
    network = Network.mlp(sizes)
    middle = network.level_ids(5)
    assert keys(switch_off(network, middle), config()) == ["disconnected_outputs"]


def test_switched_off_steps_harm_nobody() -> None:
    network = net(hidden="step")
    first = network.topology.hidden_ids
    assert "have the step function" in training_hints(network, config())[0].sentence
    one = network.set_activation(first[1:], "tanh")
    assert "“h1” has the step function" in training_hints(one, config())[0].sentence.lower()
    assert keys(switch_off(one, first[:1]), config()) == []


def test_lbfgs_and_dropout() -> None:
    settings = config(optimizer="lbfgs", learning_rate=0.1, batch_size=20)
    network = net()
    assert keys(with_dropout(network, 0.2), settings, classes()) == ["lbfgs_dropout"]
    adam = config(optimizer="adam", learning_rate=0.01)
    assert keys(with_dropout(network, 0.2), adam, classes()) == []


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
@pytest.mark.parametrize("loss", list(LOSSES))
def test_classes_are_always_coded_within_reach_except_for_hinge(activation: str, loss: str) -> None:
    network = net(activation, 2)
    if pairing_problem(network, loss) is not None:
        return
    low, high = ACTIVATIONS[activation].range
    y = encode_targets(classes(), network, loss)
    reached = bool((y >= low).all() and (y <= high).all())
    assert reached == ("hinge_range" not in keys(network, config(loss=loss), classes()))
    assert "output_range" not in keys(network, config(loss=loss), classes())


def test_a_network_of_every_size_gets_an_answer() -> None:
    from nnplay.core.topology import Topology

    bare = Network.build(Topology([4], [Kind.INPUT]))
    assert keys(bare, config()) == []
    lonely = Network.build(Topology([4], [Kind.OUTPUT]))
    assert keys(lonely, config()) == ["disconnected_outputs"]
    wide = Network.mlp([64, 100, 100, 10])
    wide = wide.with_theta(draw_parameters(wide, "he_normal", 0))
    assert keys(wide, config()) == []
