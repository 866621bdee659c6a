"""New documents: everything that was not asked for fits the data, and is said."""

import numpy as np
import pytest

from nnplay.core.initializers import draw_parameters
from nnplay.core.losses import LOSSES
from nnplay.core.targets import encode_targets, pairing_problem
from nnplay.core.topology import Kind
from nnplay.data.catalogue import CATALOGUE
from nnplay.data.errors import DataError
from nnplay.data.preparation import prepare
from nnplay.data.recipe import DataRecipe, Preparation
from nnplay.data.tables import choose_target, read_csv
from nnplay.setup import change_data, new_document


def samples_of(document):
    prepared = prepare(document.data, document.preparation, document.seed)
    return prepared.samples(document.network)


@pytest.mark.parametrize("source", CATALOGUE)
def test_a_new_document_of_every_set_is_ready_to_train(source: str):
    document, notes = new_document(source, seed=3)
    targets = encode_targets(samples_of(document), document.network, document.training.loss)
    assert np.isfinite(targets).all()
    assert pairing_problem(document.network, document.training.loss) is None
    assert document.training.loss in LOSSES
    expected = draw_parameters(document.network, document.training.initializer, 3, 0)
    assert np.array_equal(document.network.theta, expected)
    assert np.array_equal(document.initial, expected)
    assert document.title == CATALOGUE[source].title
    assert all(note.endswith(".") for note in notes)


def test_the_default_is_the_standard_playground():
    document, _ = new_document()
    network, training = document.network, document.training
    assert [neuron.kind for neuron in network.neurons].count(Kind.HIDDEN) == 6
    assert network.topology.edge_count == 2 * 4 + 4 * 2 + 2
    assert set(network.activations) == {"linear", "tanh"}
    assert training.learning_rate == 0.03
    assert training.batch_size == 10
    assert training.loss == "half_squared"
    assert training.optimizer == "sgd"
    assert (training.l1, training.l2) == (0.0, 0.0)
    assert document.data == DataRecipe("circle", 0, None, 50)
    assert len(samples_of(document)) == 250
    edges = network.topology.edge_count
    assert np.abs(network.theta[:edges]).max() <= 0.5
    assert (network.theta[edges:] == 0.1).all()
    assert network.labels[-1] == "y"
    assert network.bindings[-1] == "+1"


def test_what_was_asked_for_is_taken_and_not_mentioned():
    document, notes = new_document(
        "spiral",
        layers=[7, 5, 3, 1],
        activation="relu",
        output_activation="sigmoid",
        loss="binary_cross_entropy",
        features=("x1", "x2", "x1²", "x2^2", "x1·x2", "sin(x1)", "sin(x2)"),
        seed=9,
        noise=5,
        sample_count=300,
        train_percent=80,
        training={"learning_rate": 0.1, "optimizer": "momentum", "batch_size": 4},
        title="Mine",
    )
    assert notes == ()
    assert document.title == "Mine"
    assert document.seed == 9
    assert document.network.bindings[2] == "x1^2"
    assert document.network.activations[7:] == ("relu",) * 8 + ("sigmoid",)
    assert document.training.learning_rate == 0.1
    assert document.training.optimizer == "momentum"
    assert document.training.loss == "binary_cross_entropy"
    assert document.data == DataRecipe("spiral", 5, 300, 80)
    assert len(samples_of(document)) == 240


@pytest.mark.parametrize(
    ("arguments", "output", "loss"),
    [
        ({"data": "circle", "output_activation": "sigmoid"}, "sigmoid", "binary_cross_entropy"),
        ({"data": "circle", "loss": "binary_cross_entropy"}, "sigmoid", "binary_cross_entropy"),
        ({"data": "circle", "layers": (2, 3, 2)}, "softmax", "softmax_cross_entropy"),
        ({"data": "iris", "output_activation": "tanh"}, "tanh", "half_squared"),
        ({"data": "iris", "output_activation": "sigmoid"}, "sigmoid", "binary_cross_entropy"),
        ({"data": "iris", "loss": "mse"}, "softmax", "mse"),
        ({"data": "reg-plane", "output_activation": "tanh"}, "tanh", "half_squared"),
        ({"data": "diabetes"}, "linear", "mse"),
    ],
)
def test_output_activation_and_loss_go_together(arguments, output: str, loss: str):
    document, notes = new_document(**arguments)
    assert set(document.network.output_activations) == {output}
    assert document.training.loss == loss
    assert any("Loss" in n for n in notes) == ("loss" not in arguments)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"data": "moebius"}, "moebius"),
        ({"data": "iris", "layers": (2, 3, 3)}, "first layer has 2 neurons, but there are 4"),
        ({"data": "iris", "layers": (4, 3, 1)}, "last layer has 1 neurons.*End the layers with 3"),
        ({"data": "diabetes", "layers": (10, 2)}, "value “progression” needs 1"),
        ({"layers": (2, 4, 3)}, "End the layers with 1 or 2"),
        ({"layers": (2,)}, "two layers"),
        ({"layers": (2, 0, 1)}, "at least one neuron"),
        ({"layers": (2, -4, 1)}, "at least one neuron"),
        ({"layers": (2, 10**5, 10**5, 1)}, "connections"),
        ({"activation": "wobble"}, "wobble.*tanh"),
        ({"activation": "softmax"}, "output neurons only"),
        ({"output_activation": "wobble"}, "wobble"),
        ({"loss": "wobble"}, "wobble"),
        ({"output_activation": "softmax"}, "softmax"),
        ({"output_activation": "tanh", "loss": "binary_cross_entropy"}, "needs outputs"),
        ({"training": {"optimizer": "wobble"}}, "wobble"),
        ({"training": {"initializer": "wobble"}}, "wobble"),
        ({"training": {"pace": 3}}, "pace"),
        ({"features": ()}, "at least one"),
        ({"features": ("x9",)}, "x9"),
        ({"noise": 99}, "99"),
        ({"seed": -1}, "seed"),
        ({"data": "table"}, "CSV"),
    ],
)
def test_impossible_wishes_are_refused_with_a_sentence(arguments, words: str):
    with pytest.raises(ValueError, match=words) as caught:
        new_document(**arguments)
    assert type(caught.value).__name__ in ("DataError", "TopologyError")


def test_a_table_of_words_and_numbers():
    rows = "".join(
        f"{i},{'red' if i % 3 else 'blue'},{'yes' if i % 2 else 'no'}\n" for i in range(40)
    )
    table = choose_target(read_csv(f"size,colour,bought\n{rows}".encode()), "bought")
    document, notes = new_document(table=table, table_name="shop.csv")
    assert document.title == "shop"
    assert document.network.labels[:3] == ("size", "colour=blue", "colour=red")
    assert document.network.labels[-1] == "yes"
    assert document.network.output_activations == ("sigmoid",)
    assert document.training.loss == "binary_cross_entropy"
    assert document.preparation == Preparation(("size", "colour"), "standard", "none")
    assert document.data.train_percent == 70
    assert len(samples_of(document)) == 28
    assert any("scaled" in note for note in notes)


def test_a_table_of_amounts_is_regression_with_a_scaled_target():
    rows = "".join(f"{i / 7},{i * 3.7}\n" for i in range(6))
    table = choose_target(read_csv(f"x,y\n{rows}".encode()), "y")
    document, notes = new_document(table=table)
    assert document.network.output_activations == ("linear",)
    assert document.training.loss == "mse"
    assert document.preparation.scale_targets == "standard"
    assert document.data.train_percent == 100  # six rows: none to spare
    assert any("own units" in note for note in notes)


def test_a_table_without_any_input_is_refused():
    table = choose_target(read_csv(b"k,y\n7,1\n7,2\n7,3.5\n"), "y")
    with pytest.raises(DataError, match="no column that could be an input"):
        new_document(table=table)


# ---------------------------------------------------------------------- changing data
def test_other_data_of_the_same_kind_change_nothing_else():
    document, _ = new_document(features=("x1", "sin(x2)"))
    changed, prepared, notes = change_data(document, DataRecipe("spiral", 10))
    assert changed.network is document.network
    assert changed.preparation is document.preparation
    assert changed.training is document.training
    assert changed.data == DataRecipe("spiral", 10)
    assert prepared.recipe is changed.data
    assert notes == ()


def test_other_data_of_another_kind_bring_their_pairing():
    document, _ = new_document(training={"learning_rate": 0.5})
    changed, prepared, notes = change_data(document, DataRecipe("iris"))
    assert changed.training.loss == "softmax_cross_entropy"
    assert changed.training.learning_rate == 0.5
    assert set(changed.network.output_activations) == {"softmax"}
    assert changed.preparation == CATALOGUE["iris"].default_preparation
    assert any("softmax" in note for note in notes)
    encode_targets(prepared.samples(changed.network), changed.network, changed.training.loss)
    hidden = document.network.topology.hidden_ids
    for a in hidden:
        for b, slot in document.network.topology.outgoing(a):
            if b in hidden:
                assert changed.network.edge(a, b).weight == document.network.theta[slot]
    back, _, _ = change_data(changed, DataRecipe("circle"))
    assert back.training.loss == "half_squared"
    assert back.network.output_activations == ("tanh",)


def test_features_can_be_changed_alone_and_new_weights_are_reproducible():
    document, _ = new_document(seed=4)
    wanted = document.preparation.with_features(("x1", "x2", "x1^2"))
    results = [change_data(document, document.data, wanted)[0] for _ in range(2)]
    assert np.array_equal(results[0].network.theta, results[1].network.theta)
    new = results[0].network.topology.input_ids[-1]
    values = [
        results[0].network.theta[slot] for _, slot in results[0].network.topology.outgoing(new)
    ]
    assert len(values) == 4
    assert len(set(values)) == 4
    assert all(0 < abs(v) <= 0.5 for v in values)


@pytest.mark.parametrize("source", CATALOGUE)
def test_every_set_can_be_chosen_from_every_other(source: str):
    document, _ = new_document(source)
    for other in CATALOGUE:
        changed, prepared, _ = change_data(document, DataRecipe(other))
        assert pairing_problem(changed.network, changed.training.loss) is None
        samples = prepared.samples(changed.network)
        assert np.isfinite(encode_targets(samples, changed.network, changed.training.loss)).all()


def test_a_failed_change_leaves_the_document_alone():
    document, _ = new_document()
    with pytest.raises(DataError):
        change_data(document, document.data, Preparation(("log(x1)",)))
