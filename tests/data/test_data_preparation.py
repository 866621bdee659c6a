"""Split, features, one-hot and scaling, against scikit-learn and by hand."""

import importlib.util

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnplay.core.network import Network
from nnplay.data.catalogue import CATALOGUE
from nnplay.data.errors import DataError
from nnplay.data.preparation import prepare
from nnplay.data.recipe import Column, DataRecipe, Preparation, RawTable


def table_of(classes: tuple[str, ...] | None = None, target: str = "t", **columns: object):
    made = []
    for name, values in columns.items():
        if values and isinstance(values[0], str):
            words = tuple(sorted(set(values)))
            made.append(Column(name, np.array([float(words.index(v)) for v in values]), words))
        else:
            made.append(Column(name, np.array(values, dtype=np.float64)))
    return RawTable(tuple(made), target, classes)


def recipe_of(table: RawTable, percent: int = 100) -> DataRecipe:
    return DataRecipe("table", train_percent=percent, table=table)


# ---------------------------------------------------------------------- split
@given(st.integers(1, 700), st.integers(1, 100), st.integers(0, 2**32))
def test_the_split_is_the_floor_and_every_sample_is_in_one_part(n: int, percent: int, seed: int):
    recipe = DataRecipe("gauss", sample_count=n, train_percent=percent)
    expected = n * percent // 100
    if expected == 0:
        with pytest.raises(DataError, match="none for training"):
            prepare(recipe, Preparation(), seed)
        return
    prepared = prepare(recipe, Preparation(), seed)
    assert len(prepared.train_rows) == expected
    assert len(prepared.test_rows) == n - expected
    together = np.concatenate([prepared.train_rows, prepared.test_rows])
    assert sorted(together.tolist()) == list(range(n))


def test_the_split_is_a_fair_shuffle_of_the_seed():
    recipe = DataRecipe("gauss", sample_count=200, train_percent=30)
    counts = np.zeros(200)
    for seed in range(400):
        counts[prepare(recipe, Preparation(), seed).train_rows] += 1
    # Each of the 200 samples trains in 30 % of all seeds, give or take five deviations.
    deviation = np.sqrt(400 * 0.3 * 0.7)
    assert np.abs(counts - 120).max() < 5 * deviation
    first, again = prepare(recipe, Preparation(), 7), prepare(recipe, Preparation(), 7)
    assert np.array_equal(first.train_rows, again.train_rows)


def test_a_larger_share_only_adds_samples_to_training():
    small = prepare(DataRecipe("xor", train_percent=30), Preparation(), 1)
    large = prepare(DataRecipe("xor", train_percent=60), Preparation(), 1)
    assert set(small.train_rows) < set(large.train_rows)
    assert np.array_equal(small.inputs, large.inputs)


# ---------------------------------------------------------------------- scaling
@pytest.mark.parametrize("source", ["iris", "wine", "digits", "breast-cancer", "diabetes"])
def test_scaling_is_that_of_scikit_learn_fitted_on_training_rows_only(source: str):
    info = CATALOGUE[source]
    prepared = prepare(DataRecipe(source, train_percent=60), info.default_preparation, 11)
    raw, train = prepared.raw, prepared.train_rows
    means = np.array([raw[train, j].mean() for j in range(raw.shape[1])])
    deviations = np.sqrt(((raw[train] - means) ** 2).mean(axis=0))
    deviations[deviations == 0] = 1
    np.testing.assert_allclose(prepared.inputs, (raw - means) / deviations, rtol=1e-9, atol=1e-11)
    if importlib.util.find_spec("sklearn") is not None:
        scaler = importlib.import_module("sklearn.preprocessing").StandardScaler()
        scaler.fit(raw[train])
        np.testing.assert_allclose(prepared.inputs, scaler.transform(raw), rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(prepared.input_scaling.deviations, scaler.scale_, rtol=1e-12)
    # Fitted on all rows, the training part would not have mean 0.
    assert np.abs(prepared.inputs[train].mean(axis=0)).max() < 1e-9
    assert np.abs(prepared.inputs.mean(axis=0)).max() > 1e-3


def test_constant_pixels_stay_zero_instead_of_blowing_up():
    prepared = prepare(DataRecipe("digits"), CATALOGUE["digits"].default_preparation, 0)
    constant = (prepared.raw == prepared.raw[0]).all(axis=0)
    assert constant.any()
    assert (prepared.inputs[:, constant] == 0).all()
    assert (prepared.input_scaling.deviations[constant] == 1).all()
    assert np.isfinite(prepared.inputs).all()


def test_a_constant_that_is_no_binary_fraction_is_still_constant():
    table = table_of(a=[0.1] * 30, b=list(range(30)), t=[1.0] * 30)
    prepared = prepare(recipe_of(table), Preparation(("a", "b"), "standard", "standard"), 0)
    assert prepared.input_scaling.deviations[0] == 1
    assert np.abs(prepared.inputs[:, 0]).max() < 1e-12
    assert prepared.target_scaling.deviations[0] == 1


def test_targets_come_back_in_their_own_units():
    prepared = prepare(DataRecipe("diabetes"), CATALOGUE["diabetes"].default_preparation, 4)
    assert prepared.values[prepared.train_rows].mean() == pytest.approx(0.0, abs=1e-12)
    assert prepared.values[prepared.train_rows].std() == pytest.approx(1.0)
    target = prepared.restore_target(prepared.values)[:, 0]
    assert target.min() == pytest.approx(25.0)
    assert target.max() == pytest.approx(346.0)


def test_classes_and_unscaled_targets_pass_through_restoring_unchanged():
    for source in ("circle", "reg-plane"):
        prepared = prepare(DataRecipe(source), Preparation(), 0)
        values = np.array([[0.25], [-3.0]])
        assert np.array_equal(prepared.restore_target(values), values)
    assert np.array_equal(prepared.inputs, prepared.raw)


# ---------------------------------------------------------------------- features
def test_features_are_computed_from_raw_columns():
    features = ("x1", "x2", "x1^2", "x2²", "x1·x2", "sin(x1)", "sin(x2)")
    prepared = prepare(DataRecipe("spiral"), Preparation(features), 0)
    assert prepared.input_keys == ("x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)")
    a, b = prepared.raw.T
    expected = np.stack([a, b, a**2, b**2, a * b, np.sin(a), np.sin(b)], axis=1)
    np.testing.assert_allclose(prepared.inputs, expected, rtol=1e-15)


def test_one_row_transforms_to_the_very_bits_it_has_in_the_data():
    features = ("x1", "x1^2", "sin(x1)", "exp(x2)", "tanh(x1*x2)", "1/(1+x2^2)")
    prepared = prepare(DataRecipe("spiral", noise=20), Preparation(features, "standard"), 0)
    assert prepared.transform(prepared.raw).tobytes() == prepared.inputs.tobytes()
    for row in range(0, 500, 7):
        one = prepared.transform(prepared.raw[row])
        assert one.shape == (1, 6)
        np.testing.assert_array_equal(one[0], prepared.inputs[row])


def test_words_become_one_input_each():
    table = table_of(
        ("no", "yes"), c=["red", "blue", "red", "green"], x=[1.0, 2, 3, 4], t=[0.0, 1, 0, 1]
    )
    prepared = prepare(recipe_of(table), Preparation(("c", "x")), 0)
    assert prepared.input_keys == ("c=blue", "c=green", "c=red", "x")
    assert prepared.inputs.tolist() == [
        [0, 0, 1, 1], [1, 0, 0, 2], [0, 0, 1, 3], [0, 1, 0, 4],
    ]  # fmt: skip
    assert prepared.raw_numeric == (False, True)
    assert not prepared.has_plane
    assert prepared.domain[0] == (0.0, 2.0)
    assert prepared.raw_row({"c": "green", "x": "7.5"}).tolist() == [1.0, 7.5]
    with pytest.raises(DataError, match=r"purple.*blue, green, red"):
        prepared.raw_row({"c": "purple", "x": 1})
    with pytest.raises(DataError, match="“x”"):
        prepared.raw_row({"c": "red"})
    with pytest.raises(DataError, match="not a finite number"):
        prepared.raw_row({"c": "red", "x": "many"})


def test_domains_hold_the_data():
    for source, info in CATALOGUE.items():
        prepared = prepare(DataRecipe(source), info.default_preparation, 0)
        for (low, high), column, numeric in zip(
            prepared.domain, prepared.raw.T, prepared.raw_numeric, strict=True
        ):
            assert low < high
            if info.name not in ("gauss", "blobs"):  # clouds have no edge
                assert low <= column.min()
                assert column.max() <= high
            assert numeric == (source != "penguins") or numeric
        if info.domain == (-6.0, 6.0):
            assert prepared.domain == ((-6.0, 6.0), (-6.0, 6.0))
        assert prepared.has_plane == (info.domain is not None)


@pytest.mark.parametrize(
    ("features", "words"),
    [
        ((), "at least one"),
        (("x1", "x1"), "twice"),
        (("x1^2", "x1²"), "twice"),
        (("x3",), "x3"),
        (("class",), "predict"),
        (("class^2",), "class"),
        (("log(x1)",), "no finite value"),
        (("1/(x1-x1)",), "x1 ="),
        (("x1 x2",), "\\*"),
    ],
)
def test_features_that_do_not_fit_are_refused(features: tuple[str, ...], words: str):
    with pytest.raises(DataError, match=words):
        prepare(DataRecipe("circle"), Preparation(features), 0)


def test_outside_the_data_a_formula_without_a_value_gives_nan():
    table = table_of(x=[1.0, 2.0, 3.0], t=[1.0, 2, 3])
    prepared = prepare(recipe_of(table), Preparation(("log(x)",)), 0)
    assert np.isnan(prepared.transform([[-1.0]])[0, 0])
    with pytest.raises(DataError, match="2 values"):
        prepared.transform([[1.0, 2.0]])


def test_values_too_large_to_scale_are_refused():
    table = table_of(x=[1e308, -1e308, 1e308], t=[1.0, 2, 3])
    with pytest.raises(DataError, match="too large"):
        prepare(recipe_of(table), Preparation(("x",), "standard"), 0)
    with pytest.raises(DataError, match="There is no scaling"):
        prepare(recipe_of(table), Preparation(("x",), "minmax"), 0)


def test_one_input_per_word_has_a_limit():
    words = [f"w{i}" for i in range(150)]
    table = table_of(c=words, t=[float(i) for i in range(150)])
    with pytest.raises(DataError, match="150 different words"):
        prepare(recipe_of(table), Preparation(("c",)), 0)


def test_arrays_are_read_only():
    for source in ("iris", "diabetes"):
        prepared = prepare(DataRecipe(source), CATALOGUE[source].default_preparation, 0)
        target = prepared.class_index if source == "iris" else prepared.values
        for array in (prepared.inputs, prepared.raw, prepared.train_rows, target):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0


# ---------------------------------------------------------------------- samples for a network
def net(inputs: tuple[str | None, ...], outputs: tuple[str | None, ...]) -> Network:
    network = Network.mlp([len(inputs), 3, len(outputs)])
    ids = (*network.topology.input_ids, *network.topology.output_ids)
    for neuron_id, key in zip(ids, (*inputs, *outputs), strict=True):
        network = network.set_binding(neuron_id, key)
    return network


def test_columns_follow_the_bindings_whatever_their_order():
    prepared = prepare(DataRecipe("circle"), Preparation(("x1", "x2", "x1^2")), 0)
    samples = prepared.samples(net(("x1²", "x1", "x1"), ("+1",)), "test")
    rows = prepared.test_rows
    expected = np.stack([prepared.raw[rows, 0] ** 2] + [prepared.raw[rows, 0]] * 2, axis=1)
    np.testing.assert_array_equal(samples.inputs, expected)
    assert samples.inputs.flags.c_contiguous
    np.testing.assert_array_equal(samples.classes, prepared.class_index[rows])
    assert samples.class_count == 2
    assert samples.values is None
    matrix = prepared.input_matrix(net(("x2",), ("+1",)), [[1.0, 2.0], [3.0, 4.0]])
    assert matrix.tolist() == [[2.0], [4.0]]


def test_all_parts_together():
    prepared = prepare(DataRecipe("iris", train_percent=70), Preparation(("petal_width",)), 0)
    network = net(("petal_width",), ("setosa", "versicolor", "virginica"))
    sizes = [len(prepared.samples(network, part)) for part in ("train", "test", "all")]
    assert sizes == [105, 45, 150]
    train, test = prepared.train_and_test(network)
    assert len(train) == 105
    assert len(test) == 45
    everything = prepare(DataRecipe("iris", train_percent=100), Preparation(("petal_width",)), 0)
    assert everything.train_and_test(network)[1] is None


def test_class_numbers_count_the_outputs_in_row_order():
    prepared = prepare(DataRecipe("iris"), Preparation(("petal_width",)), 0)
    order = ("virginica", "setosa", "versicolor")
    samples = prepared.samples(net(("petal_width",), order), "all")
    named = [prepared.classes[i] for i in prepared.class_index]
    assert [order[i] for i in samples.classes] == named


def test_numeric_targets_are_scaled_values():
    prepared = prepare(DataRecipe("diabetes"), CATALOGUE["diabetes"].default_preparation, 0)
    samples = prepared.samples(net(("bmi",), ("progression",)))
    assert samples.classes is None
    np.testing.assert_array_equal(samples.values, prepared.values[prepared.train_rows])


@pytest.mark.parametrize(
    ("inputs", "outputs", "words"),
    [
        (("x1", None), ("+1",), "does not know which feature.*x1, x2"),
        (("x1", "x9"), ("+1",), "reads “x9”.*They have x1, x2"),
        (("x1",), (None,), "predicts nothing yet"),
        (("x1",), ("cat",), "predicts “cat”.*−1, \\+1"),
        (("x1",), ("−1",), "second class"),
        (("x1",), ("−1", "−1"), "Two outputs stand for “−1”"),
        (("x1",), ("−1", "+1", "z"), "needs one or two outputs, but the network has 3"),
    ],
)
def test_bindings_that_do_not_match_are_told_by_name(inputs, outputs, words):
    prepared = prepare(DataRecipe("circle"), Preparation(), 0)
    with pytest.raises(DataError, match=words):
        prepared.samples(net(inputs, outputs))


def test_networks_without_inputs_or_outputs_are_told_so():
    prepared = prepare(DataRecipe("circle"), Preparation(), 0)
    network = net(("x1",), ("+1",))
    with pytest.raises(DataError, match="no output neuron"):
        prepared.samples(network.remove_neurons(network.topology.output_ids))
    with pytest.raises(DataError, match="no input neuron"):
        prepared.samples(network.remove_neurons(network.topology.input_ids))
