"""The immutable network: every edit against a plain model, and what each promises."""

import copy
from dataclasses import FrozenInstanceError, dataclass, field, fields
from typing import Any

import numpy as np
import pytest
from core.random_networks import Case, cases
from hypothesis import given, settings
from hypothesis import strategies as st

from nnplay.core.layer_edits import add_to_level, insert_layer, remove_level
from nnplay.core.network import Network, carry_values, default_labels
from nnplay.core.topology import Kind, Topology, TopologyError

ARRAYS = ("theta", "dropout", "frozen", "enabled", "neuron_enabled")


def print_of(network: Network) -> tuple[Any, ...]:
    """Every bit of a network."""
    topology = network.topology
    return (
        topology.ids.tobytes(),
        topology.kinds.tobytes(),
        topology.edges.tobytes(),
        network.activations,
        network.labels,
        network.bindings,
        *(getattr(network, name).tobytes() for name in ARRAYS),
    )


def parameters_of(network: Network) -> dict[Any, tuple[float, bool, bool]]:
    """(number, frozen, enabled) of every parameter by neuron ids, read from the raw arrays."""
    topology = network.topology
    names: list[Any] = [tuple(edge) for edge in topology.edges.tolist()]
    names += [int(i) for i, k in zip(topology.ids, topology.kinds, strict=True) if k != Kind.INPUT]
    values = zip(
        network.theta.tolist(), network.frozen.tolist(), network.enabled.tolist(), strict=True
    )
    return dict(zip(names, values, strict=True))


def neurons_of(network: Network) -> dict[int, tuple[Any, ...]]:
    return {
        neuron.id: (neuron.kind, neuron.activation, neuron.label, neuron.binding, neuron.enabled)
        for neuron in network.neurons
    }


# ---------------------------------------------------------------- every edit against a model
@dataclass
class Model:
    """What a network should be, in dictionaries that are changed in place."""

    neurons: dict[int, list[Any]] = field(default_factory=dict)
    parameters: dict[Any, list[Any]] = field(default_factory=dict)

    def reaches(self, start: int, goal: int) -> bool:
        return start == goal or any(
            self.reaches(key[1], goal)
            for key in self.parameters
            if isinstance(key, tuple) and key[0] == start
        )

    def refuses(self, source: int, target: int) -> bool:
        return (
            source not in self.neurons
            or target not in self.neurons
            or self.neurons[target][0] == Kind.INPUT
            or (source, target) in self.parameters
            or self.reaches(target, source)
        )


OPERATIONS = [
    "add",
    "remove",
    "connect",
    "connect",
    "connect",
    "disconnect",
    "weight",
    "bias",
    "activation",
    "label",
    "binding",
    "frozen",
    "enabled",
]
STEPS = st.lists(
    st.tuples(st.sampled_from(OPERATIONS), st.integers(0, 99), st.integers(0, 99), st.booleans()),
    max_size=25,
)


def apply(network: Network, model: Model, step: tuple[str, int, int, bool]) -> Network:
    """One edit of both; raises TopologyError before the model is touched if it is refused."""
    operation, first, second, flag = step
    ids = list(model.neurons)
    value = (first - 50) / 8
    one, other = (ids[first % len(ids)], ids[second % len(ids)]) if ids else (first, second)
    is_input = bool(ids) and model.neurons[one][0] == Kind.INPUT
    pairs = [key for key in model.parameters if isinstance(key, tuple)]
    if operation == "add":
        kind = Kind(second % 3)
        network, new = network.add_neuron(
            kind, activation="relu", label=f"n{first}", binding="k" if flag else None, bias=value
        )
        assert new not in model.neurons
        activation = "linear" if kind == Kind.INPUT else "relu"
        model.neurons[new] = [kind, activation, f"n{first}", "k" if flag else None, True]
        if kind != Kind.INPUT:
            model.parameters[new] = [value, False, True]
    elif operation == "remove":
        network = network.remove_neurons([one])
        model.neurons.pop(one, None)
        for key in list(model.parameters):
            if key == one or (isinstance(key, tuple) and one in key):
                del model.parameters[key]
    elif operation == "connect":
        network = network.connect(one, other, value)
        model.parameters[one, other] = [value, False, True]
    elif operation == "disconnect" and pairs:
        pair = pairs[first % len(pairs)]
        network = network.disconnect([pair])
        del model.parameters[pair]
    elif operation == "weight" and pairs:
        pair = pairs[first % len(pairs)]
        network = network.set_weight(*pair, value)
        model.parameters[pair][0] = value
    elif operation == "bias" and ids:
        network = network.set_bias(one, value)
        model.parameters[one][0] = value
    elif operation == "activation" and ids:
        network = network.set_activation([one], "sigmoid")
        assert not is_input
        model.neurons[one][1] = "sigmoid"
    elif operation == "label" and ids:
        network = network.set_label(one, f"L{second}")
        model.neurons[one][2] = f"L{second}"
    elif operation == "binding" and ids:
        network = network.set_binding(one, f"b{second}" if flag else None)
        model.neurons[one][3] = f"b{second}" if flag else None
    elif operation in ("frozen", "enabled") and model.parameters:
        key = list(model.parameters)[first % len(model.parameters)]
        slot = network.edge_slot(*key) if isinstance(key, tuple) else network.bias_slot(key)
        change = network.set_frozen if operation == "frozen" else network.set_enabled
        network = change([slot], flag)
        model.parameters[key][1 if operation == "frozen" else 2] = flag
    return network


@settings(max_examples=120)
@given(cases(), STEPS, st.booleans())
def test_edits_do_what_they_say_and_nothing_else(case: Case, steps: Any, empty: bool) -> None:
    network = Network.build(Topology([], [])) if empty else case.network
    # Softmax groups have a test of their own; here they would refuse edits now and then.
    soft = [neuron.id for neuron in network.neurons if neuron.activation == "softmax"]
    network = network.set_activation(soft, "tanh")
    model = Model(
        {key: list(entry) for key, entry in neurons_of(network).items()},
        {key: list(entry) for key, entry in parameters_of(network).items()},
    )
    for step in steps:
        before, before_model = print_of(network), copy.deepcopy(model)
        try:
            after = apply(network, model, step)
        except TopologyError as refusal:
            words = str(refusal)
            assert words.endswith(".")
            assert model == before_model
            after = network
            ids = list(model.neurons)
            if step[0] == "connect" and ids:
                pair = ids[step[1] % len(ids)], ids[step[2] % len(ids)]
                assert model.refuses(*pair)
                assert network.name_of(pair[1]).strip("“”") in words
            elif ids:
                kind = model.neurons[ids[step[1] % len(ids)]][0]
                assert step[0] in ("bias", "activation")
                assert kind == Kind.INPUT
        else:
            if step[0] == "connect":
                pairs = set(model.parameters) - set(before_model.parameters)
                assert not any(before_model.refuses(*pair) for pair in pairs)
        assert print_of(network) == before  # the old network is as it was
        assert all(not getattr(after, name).flags.writeable for name in ARRAYS)
        network = after
        assert {k: tuple(v) for k, v in model.neurons.items()} == neurons_of(network)
        assert {k: tuple(v) for k, v in model.parameters.items()} == parameters_of(network)


@given(cases(), st.integers(0, 2**32 - 1))
def test_several_removals_at_once_equal_one_after_another(case: Case, seed: int) -> None:
    random = np.random.default_rng(seed)
    network = case.network
    gone = [i for i in network.topology.ids.tolist() if random.random() < 0.3]
    pairs = [e for e in map(tuple, network.topology.edges.tolist()) if random.random() < 0.3]
    at_once = network.remove(gone, pairs)
    singly = network
    for pair in pairs:
        singly = singly.disconnect([pair])
    for neuron in gone:
        singly = singly.remove_neurons([neuron])
    assert print_of(at_once) == print_of(singly)


def test_a_refused_bundle_of_connections_adds_none() -> None:
    network = Network.mlp([2, 2, 1]).disconnect([(0, 2), (1, 2)])
    before = print_of(network)
    with pytest.raises(TopologyError, match="“h1” cannot be connected to itself"):
        network.connect_many([(0, 2), (2, 2)], [1.0, 2.0])
    assert print_of(network) == before
    both = network.connect_many([(0, 2), (1, 2)], [1.0, 2.0])
    assert both.edge(0, 2).weight == 1.0
    assert both.edge(1, 2).weight == 2.0


# ---------------------------------------------------------------- immutable
def test_a_network_cannot_be_changed_in_place() -> None:
    network = Network.mlp([2, 2, 1])
    for item in fields(network):
        with pytest.raises(FrozenInstanceError):
            setattr(network, item.name, None)
    for array in (getattr(network, name) for name in ARRAYS):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(FrozenInstanceError):
        network.neuron(2).bias = 1.0  # type: ignore[misc]


def test_a_network_keeps_no_hold_on_what_it_was_given() -> None:
    theta = np.arange(9.0)
    network = Network.mlp([2, 2, 1]).with_theta(theta)
    theta[:] = -1.0
    assert network.theta.tolist() == list(range(9))


def test_names_and_numbers_leave_the_wiring_as_it_is() -> None:
    network = Network.mlp([2, 2, 1])
    for edited in (
        network.with_theta(np.ones(9)),
        network.set_weight(0, 2, 1.0),
        network.set_bias(4, 1.0),
        network.set_label(2, "a"),
        network.set_binding(0, "x"),
        network.set_activation([2], "relu"),
        network.set_frozen([0], True),
        network.set_enabled([0], False),
    ):
        assert edited.topology is network.topology
        assert not edited.same_as(network)
        assert edited.same_as(edited)


# ---------------------------------------------------------------- words
@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (lambda n: n.set_weight(0, 4, 1.0), "There is no connection from “x1” to “y”."),
        (lambda n: n.disconnect([(4, 0)]), "There is no connection from “y” to “x1”."),
        (lambda n: n.edge(0, 77), "There is no connection from “x1” to neuron 77."),
        (lambda n: n.set_bias(1, 1.0), "“x2” is an input and has no bias."),
        (lambda n: n.set_bias(77, 1.0), "There is no neuron with the id 77."),
        (
            lambda n: n.set_activation([1], "relu"),
            "“x2” is an input and has no activation function.",
        ),
        (
            lambda n: n.set_activation([2, 3], "softmax"),
            "Softmax belongs to output neurons only, and “h1” is not an output.",
        ),
        (lambda n: n.with_parameters({9: 1.0}), "There is no parameter number 9."),
        (lambda n: n.with_parameters({-1: 1.0}), "There is no parameter number -1."),
        (lambda n: n.set_frozen([-1], True), "There is no parameter number -1."),
        (lambda n: n.set_enabled([0, 9], False), "There is no parameter number 9."),
        (
            lambda n: n.with_theta([1.0]),
            "The network needs 9 parameters, but 1 were given.",
        ),
        (lambda n: n.remove_neurons([77]), "There is no neuron with the id 77."),
        (lambda n: n.set_label(77, "a"), "There is no neuron with the id 77."),
        (lambda n: n.add_neuron(neuron_id=2), "The neuron id 2 is used more than once."),
        (lambda n: insert_layer(n, 0, 0, zero), "A layer needs at least one neuron."),
        (lambda n: remove_level(n, 0, zero), "There is no hidden layer at level 0."),
        (lambda n: remove_level(n, 2, zero), "There is no hidden layer at level 2."),
        (lambda n: add_to_level(n, 5, zero), "There is no hidden layer at level 5."),
        (
            lambda n: insert_layer(n.remove_neurons([4]), 1, 2, zero),
            "A new layer needs neurons before it and after it to connect to.",
        ),
    ],
)
def test_what_is_refused_and_in_which_words(edit: Any, sentence: str) -> None:
    network = Network.mlp([2, 2, 1])
    before = print_of(network)
    with pytest.raises(TopologyError) as caught:
        edit(network)
    assert str(caught.value) == sentence
    assert print_of(network) == before


def zero(_source: int, _target: int) -> float:
    return 0.0


@pytest.mark.parametrize("sizes", [[], [3], [2, 0, 1], [0, 1]])
def test_layered_networks_need_layers(sizes: list[int]) -> None:
    with pytest.raises(TopologyError, match="at least an input and an output layer"):
        Network.mlp(sizes)


@pytest.mark.parametrize("name", ["activations", "labels", "bindings", "theta", "frozen"])
def test_pieces_that_do_not_fit_are_refused(name: str) -> None:
    with pytest.raises(TopologyError, match="The network needs"):
        Network.build(Topology([0, 1], [0, 2], [(0, 1)]), **{name: [1]})  # type: ignore[arg-type]


# ---------------------------------------------------------------- softmax groups
def test_softmax_outputs_may_not_depend_on_each_other() -> None:
    topology = Topology([0, 1, 2, 3], [0, 2, 1, 2], [(0, 1), (1, 2), (2, 3)])
    network = Network.build(topology, activations=["linear", "softmax", "tanh", "tanh"])
    assert network.stages.tolist() == [0, 1, 2, 3]  # a group of one is an ordinary neuron
    sentence = "The softmax outputs are computed together, so one of them cannot feed another."
    with pytest.raises(TopologyError) as caught:
        network.set_activation([3], "softmax")
    assert str(caught.value) == sentence
    apart = network.disconnect([(2, 3)]).set_activation([3], "softmax")
    with pytest.raises(TopologyError) as caught:
        apart.connect(2, 3)
    assert str(caught.value) == sentence


def test_a_softmax_group_waits_for_its_deepest_member() -> None:
    # 4 is fed by the inputs only, 5 by a chain; 6 listens to 4 and comes after the whole group.
    topology = Topology(
        [0, 1, 2, 3, 4, 5, 6],
        [0, 1, 1, 1, 2, 2, 1],
        [(0, 1), (1, 2), (2, 3), (3, 5), (0, 4), (4, 6)],
    )
    names = ["linear", "tanh", "tanh", "tanh", "softmax", "softmax", "tanh"]
    network = Network.build(topology, activations=names)
    assert network.topology.levels.tolist() == [0, 1, 2, 3, 1, 4, 2]
    assert network.stages.tolist() == [0, 1, 2, 3, 4, 4, 5]


# ---------------------------------------------------------------- layers
def edges_of(network: Network) -> dict[tuple[int, int], float]:
    return {(e.source, e.target): e.weight for e in network.edges}


def weight_of(source: int, target: int) -> float:
    return source + target / 100


def test_a_layered_network_is_fully_connected_level_by_level() -> None:
    network = Network.mlp(
        [2, 3, 2],
        activation="relu",
        output_activation="softmax",
        input_bindings=("x1", "x1^2"),
        output_bindings=("cat", "dog"),
    )
    assert [n.level for n in network.neurons] == [0, 0, 1, 1, 1, 2, 2]
    assert list(edges_of(network)) == [(s, t) for t in (2, 3, 4) for s in (0, 1)] + [
        (s, t) for t in (5, 6) for s in (2, 3, 4)
    ]
    assert network.activations == ("linear",) * 2 + ("relu",) * 3 + ("softmax",) * 2
    assert network.labels == ("x1", "x1^2", "h1", "h2", "h3", "cat", "dog")
    assert network.bindings == ("x1", "x1^2", None, None, None, "cat", "dog")
    assert not network.theta.any()
    assert network.enabled.all()
    assert not network.frozen.any()
    # Rows of an (out, in) matrix, as in PyTorch.
    matrix = network.with_theta(np.arange(17.0)).theta[:6].reshape(3, 2)
    assert matrix[2, 1] == network.with_theta(np.arange(17.0)).edge(1, 4).weight


def test_a_neuron_joins_a_layer_like_its_siblings() -> None:
    network = Network.mlp([2, 2, 1], activation="relu").set_weight(0, 2, 5.0)
    wider, new = add_to_level(network, 1, weight_of, bias=0.1)
    assert new == 5
    added = {pair: w for pair, w in edges_of(wider).items() if new in pair}
    assert added == {pair: weight_of(*pair) for pair in [(0, 5), (1, 5), (5, 4)]}
    assert wider.neuron(new).bias == 0.1
    assert wider.neuron(new).label == "h3"
    assert wider.activation_of(new) == "relu"
    assert wider.edge(0, 2).weight == 5.0
    assert wider.level_ids(1) == (2, 3, 5)


def test_a_layer_is_inserted_between_two_levels() -> None:
    network = Network.mlp([2, 2, 1]).connect(0, 4, 9.0)  # and a skip connection
    deeper, new = insert_layer(network, 1, 2, weight_of, activation="sigmoid", bias=0.2)
    assert new == (5, 6)
    assert [deeper.topology.level_of(i) for i in (0, 2, 5, 6, 4)] == [0, 1, 2, 2, 3]
    assert edges_of(deeper) == {
        **dict.fromkeys([(0, 2), (1, 2), (0, 3), (1, 3)], 0.0),
        (0, 4): 9.0,  # it starts earlier and stays
        **{(s, t): weight_of(s, t) for t in (5, 6) for s in (2, 3)},
        **{(s, 4): weight_of(s, 4) for s in (5, 6)},
    }
    assert [deeper.neuron(i).bias for i in new] == [0.2, 0.2]
    assert [deeper.activation_of(i) for i in new] == ["sigmoid"] * 2
    assert deeper.hidden_levels == (1, 2)


def test_a_wide_layer_is_inserted_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network.mlp([2, 3, 1]).set_label(2, "h5")
    made, check = [], Topology.__init__

    def counted(self: Topology, *arguments: Any, **options: Any) -> None:
        made.append(self)
        check(self, *arguments, **options)

    monkeypatch.setattr(Topology, "__init__", counted)
    deeper, new = insert_layer(network, 1, 40, weight_of, bias=0.5)
    assert len(made) <= 3  # every wiring is checked as a whole, which takes time
    assert [deeper.label_of(i) for i in new[:4]] == ["h1", "h4", "h6", "h7"]
    assert len({deeper.label_of(i) for i in deeper.topology.ids.tolist()}) == 46
    assert {deeper.neuron(i).bias for i in new} == {0.5}


def test_a_first_layer_is_inserted_after_the_inputs() -> None:
    deeper, new = insert_layer(Network.mlp([2, 1]), 0, 3, weight_of)
    assert set(edges_of(deeper)) == {(s, t) for s in (0, 1) for t in new} | {(n, 2) for n in new}
    unwired = Network.build(Topology([0, 1], [0, 2]))
    wired, new = insert_layer(unwired, 0, 1, weight_of)
    assert set(edges_of(wired)) == {(0, 2), (2, 1)}


def test_a_removed_layer_leaves_its_neighbours_joined() -> None:
    network = Network.mlp([2, 3, 2, 1]).connect(0, 5, 7.0)
    shallower = remove_level(network, 1, weight_of)
    assert edges_of(shallower) == {
        (0, 5): 7.0,  # was there already and keeps its weight
        **{pair: weight_of(*pair) for pair in [(1, 5), (0, 6), (1, 6)]},
        (5, 7): 0.0,
        (6, 7): 0.0,
    }
    assert shallower.hidden_levels == (1,)
    none = remove_level(shallower, 1, weight_of)
    assert edges_of(none) == {pair: weight_of(*pair) for pair in [(0, 7), (1, 7)]}


@given(cases(), st.data())
def test_layer_edits_keep_everything_else(case: Case, data: st.DataObject) -> None:
    network = case.network
    levels = sorted(set(network.topology.levels.tolist()))
    for level in levels:
        for edit in (
            lambda: insert_layer(network, level, 2, weight_of)[0],  # noqa: B023
            lambda: remove_level(network, level, weight_of),  # noqa: B023
            lambda: add_to_level(network, level, weight_of)[0],  # noqa: B023
        ):
            try:
                after = edit()
            except TopologyError:
                continue
            old, new = parameters_of(network), parameters_of(after)
            assert all(new[key] == old[key] for key in set(old) & set(new))
            for key in set(new) - set(old):
                if isinstance(key, tuple):
                    assert new[key] == (weight_of(*key), False, True)


# ---------------------------------------------------------------- carrying vectors along
def test_vectors_beside_theta_follow_the_neurons() -> None:
    before = Network.mlp([2, 2, 1])
    initial = np.arange(9.0)
    after = before.remove_neurons([2])
    after, new = after.add_neuron(bias=3.0)
    after = after.connect_many([(0, new), (new, 4)], [1.0, 2.0])
    carried = carry_values(initial, before.topology, after.topology, -1.0)
    found = dict(zip(parameters_of(after), carried.tolist(), strict=True))
    kept = dict(zip(parameters_of(before), initial.tolist(), strict=True))
    assert found == {
        **{key: kept[key] for key in [(0, 3), (1, 3), (3, 4), 3, 4]},
        (0, new): -1.0,
        (new, 4): -1.0,
        new: -1.0,
    }
    assert carry_values(initial, after.topology, after.topology, 0.0) is initial


@given(cases())
def test_nothing_is_carried_wrongly_there_and_back(case: Case) -> None:
    network = case.network
    grown, new = network.add_neuron()
    back = carry_values(grown.theta, grown.topology, network.topology, np.nan)
    assert np.array_equal(back, network.theta)
    assert grown.remove_neurons([new]).same_as(network)


# ---------------------------------------------------------------- reading
def test_records_show_what_the_arrays_hold() -> None:
    network = (
        Network.mlp([2, 2, 1], input_bindings=("a", "b"))
        .with_theta(np.arange(9.0))
        .set_frozen([2, 7], True)
        .set_enabled([3], False)
    )
    neuron = network.neuron(3)
    assert (neuron.id, neuron.kind, neuron.activation, neuron.label) == (
        3,
        Kind.HIDDEN,
        "tanh",
        "h2",
    )
    assert (neuron.bias, neuron.level, neuron.enabled, neuron.dropout) == (7.0, 1, True, 0.0)
    assert network.neuron(0).bias is None
    assert network.neuron(0).binding == "a"
    edge = network.edge(0, 3)
    assert (edge.source, edge.target, edge.weight, edge.slot) == (0, 3, 2.0, 2)
    assert (edge.frozen, edge.enabled) == (True, True)
    assert not network.edge(1, 3).enabled
    assert network.effective_weights.tolist() == [0, 1, 2, 0, 4, 5]
    assert network.theta[3] == 3.0  # switched off, not forgotten
    assert network.label_of(4) == "y"
    assert network.name_of(4) == "“y”"
    assert network.set_label(4, "").name_of(4) == "neuron 4"
    assert network.name_of(99) == "neuron 99"
    assert network.output_activations == ("tanh",)


def test_labels_are_short_and_free() -> None:
    topology = Topology(range(6), [0, 1, 2, 0, 1, 2])
    assert default_labels(topology) == ("x1", "h1", "y1", "x2", "h2", "y2")
    network = Network.mlp([1, 2, 1]).set_label(1, "h9")
    assert network.free_label(Kind.HIDDEN) == "h1"
    assert network.free_label(Kind.INPUT) == "x2"
    grown, new = network.add_neuron()
    assert grown.label_of(new) == "h1"
    assert grown.add_neuron()[0].labels[-1] == "h3"
