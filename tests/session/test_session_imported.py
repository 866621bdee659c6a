"""Networks from elsewhere on data of one's own: raw values, the right classes, and a word about it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from session.session_driver import Driver

from nnplay.core.program import Program
from nnplay.core.topology import Kind
from nnplay.data.tables import choose_target, read_csv
from nnplay.formats.registry import read, write
from nnplay.setup import change_data, new_document

IRIS = ("setosa", "versicolor", "virginica")
Model = Callable[..., tuple[Path, Callable[[np.ndarray], np.ndarray]]]


def softmax(z: np.ndarray) -> np.ndarray:
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.fixture
def model(tmp_path: Path) -> Model:
    """A small ONNX file and what it computes, in NumPy alone."""

    def make(
        inputs: int = 4, outputs: int = 3, end: str = ""
    ) -> tuple[Path, Callable[[np.ndarray], np.ndarray]]:
        random = np.random.default_rng(7)
        w1, b1 = random.normal(size=(5, inputs)), random.normal(size=5)
        w2, b2 = random.normal(size=(outputs, 5)), random.normal(size=outputs)
        end = end or ("Softmax" if outputs > 1 else "Identity")
        nodes = [
            helper.make_node("Gemm", ["x", "w1", "b1"], ["z1"], transB=1),
            helper.make_node("Tanh", ["z1"], ["a1"]),
            helper.make_node("Gemm", ["a1", "w2", "b2"], ["z2"], transB=1),
            helper.make_node(end, ["z2"], ["y"]),
        ]
        tensors = {"w1": w1, "b1": b1, "w2": w2, "b2": b2}
        graph = helper.make_graph(
            nodes,
            "small",
            [helper.make_tensor_value_info("x", TensorProto.DOUBLE, ["batch", inputs])],
            [helper.make_tensor_value_info("y", TensorProto.DOUBLE, ["batch", outputs])],
            [numpy_helper.from_array(value, name) for name, value in tensors.items()],
        )
        path = tmp_path / "small.onnx"
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)

        def compute(x: np.ndarray) -> np.ndarray:
            z = np.tanh(x @ w1.T + b1) @ w2.T + b2
            if end == "Sigmoid":
                return 1 / (1 + np.exp(-z))
            return softmax(z) if outputs > 1 else z

        return path, compute

    return make


def answers(driver: Driver, raw: np.ndarray) -> np.ndarray:
    """What the session's network gives for raw rows of its data."""
    prepared, network = driver.session.prepared, driver.session.network
    assert prepared is not None
    assert not driver.session.data_problem
    return np.array(Program(network, len(raw)).forward(prepared.input_matrix(network, raw)))


def test_other_data_are_not_scaled_for_an_imported_network(driver: Driver, model: Model) -> None:
    path, compute = model()
    session = driver.session
    assert session.import_file(path)
    session.set_data(source="iris")
    prepared = session.prepared
    assert prepared is not None
    np.testing.assert_allclose(answers(driver, prepared.raw), compute(prepared.raw), rtol=1e-12)
    assert any("values as they are" in text for text in driver.texts)
    assert session.document.preparation.scale_inputs == "none"
    # Other data again: still as they are. Asked for, they are scaled, and stay so from then on.
    session.set_data(source="wine")
    assert session.document.preparation.scale_inputs == "none"
    session.undo()
    session.set_scaling(inputs="standard")
    assert not session.document.preparation.keeps_raw
    session.set_data(source="wine")
    assert session.document.preparation.scale_inputs == "standard"
    for _ in range(3):
        session.undo()
    assert session.document.preparation.keeps_raw
    assert session.network.bindings == (None,) * session.network.topology.neuron_count


def test_it_is_remembered_in_the_document(driver: Driver, model: Model, tmp_path: Path) -> None:
    path, compute = model()
    assert driver.session.import_file(path)
    for name in ("kept.nnplay", "kept.nnplay.json"):
        assert driver.session.save(tmp_path / name)
        document = read((tmp_path / name).read_bytes(), name)
        assert document.preparation.keeps_raw
        document, prepared, notes = change_data(document, new_document("iris")[0].data)
        assert any("values as they are" in note for note in notes)
        inputs = prepared.input_matrix(document.network, prepared.raw)
        made = np.array(Program(document.network, len(inputs)).forward(inputs))
        np.testing.assert_allclose(made, compute(prepared.raw), rtol=1e-12)


def test_scaling_is_a_choice_that_is_offered_and_undone(driver: Driver, model: Model) -> None:
    path, compute = model()
    session = driver.session
    assert session.import_file(path)
    session.set_data(source="iris")
    notice = driver.notices[-1]
    assert notice.is_important
    assert notice.action_text == "Scale inputs"
    assert notice.action is not None
    raw = np.array(session.prepared.raw) if session.prepared is not None else np.empty(0)
    np.testing.assert_allclose(answers(driver, raw), compute(raw), rtol=1e-12)
    notice.action()
    train = raw[session.prepared.train_rows] if session.prepared is not None else raw
    scaled = (raw - train.mean(axis=0)) / train.std(axis=0)
    np.testing.assert_allclose(answers(driver, raw), compute(scaled), rtol=1e-9)
    session.undo()
    np.testing.assert_allclose(answers(driver, raw), compute(raw), rtol=1e-12)


def test_what_is_assumed_does_not_drown_in_remarks_on_a_table(
    driver: Driver, model: Model, tmp_path: Path
) -> None:
    path, _ = model()
    file = tmp_path / "odd.csv"
    rows = np.random.default_rng(1).normal(100.0, 30.0, size=(40, 4)).round(3)
    lines = [",".join(map(str, row)) + f",{'abc'[i % 3]}" for i, row in enumerate(rows)]
    file.write_text("a,b,c,d,kind\n" + "\n".join(lines))
    session = driver.session
    assert session.import_file(path)
    table = choose_target(read_csv(file), "kind")
    remarks = [f"The column “{number}” was left out." for number in range(40)]
    assert session.load_table(table, "odd.csv", remarks, is_incomplete=True)
    assert "more remarks like these" in driver.texts[-1]
    assert "values as they are" in driver.texts[-1]
    assert driver.notices[-1].action_text == "Scale inputs"


def test_networks_made_here_are_scaled_as_ever(driver: Driver) -> None:
    driver.session.set_data(source="iris")
    assert driver.session.document.preparation.scale_inputs == "standard"
    assert not any("as they are" in text for text in driver.texts)


def test_a_regression_keeps_its_target_and_says_nothing_where_nothing_would_be_scaled(
    driver: Driver, model: Model
) -> None:
    path, compute = model(10, 1)
    session = driver.session
    assert session.import_file(path)
    session.set_data(source="diabetes")
    prepared = session.prepared
    assert prepared is not None
    assert session.document.preparation.scale_targets == "none"
    np.testing.assert_allclose(answers(driver, prepared.raw), compute(prepared.raw), rtol=1e-12)
    driver.notices.clear()
    session.undo()
    session.set_data(source="moons")
    assert not any("as they are" in text for text in driver.texts)


def test_a_network_shown_on_the_plane_keeps_its_weights_on_a_table_of_two_columns(
    driver: Driver, model: Model, tmp_path: Path
) -> None:
    path, compute = model(2, 1)
    table = tmp_path / "weights.csv"
    rows = np.random.default_rng(1).normal(100.0, 30.0, size=(40, 3)).round(3)
    table.write_text("height,age,weight\n" + "\n".join(",".join(map(str, r)) for r in rows))
    session = driver.session
    assert session.import_file(path)
    assert not session.data_problem
    assert session.open_table(table)
    driver.until(lambda: session.document.data.source == "table")
    prepared = session.prepared
    assert prepared is not None
    assert prepared.input_keys == ("height", "age")
    np.testing.assert_allclose(answers(driver, prepared.raw), compute(prepared.raw), rtol=1e-12)


def test_classes_are_found_by_the_names_of_the_outputs(driver: Driver, model: Model) -> None:
    path, compute = model()
    session = driver.session
    assert session.import_file(path)
    order = (2, 0, 1)
    for neuron_id, place in zip(session.network.topology.output_ids, order, strict=True):
        session.set_label(neuron_id, IRIS[place])
    session.set_data(source="iris")
    prepared = session.prepared
    assert prepared is not None
    places = prepared.output_places(session.network)
    network = session.network
    names = [IRIS[place] for place in places]
    assert [network.label_of(i) for i in network.topology.output_ids] == names
    made = answers(driver, prepared.raw)
    for column, place in enumerate(places):
        expected = compute(prepared.raw)[:, order.index(place)]
        np.testing.assert_allclose(made[:, column], expected, rtol=1e-12)
    assert not any("in this order" in text for text in driver.texts)


def test_classes_with_other_names_are_said(driver: Driver, model: Model) -> None:
    path, _ = model()
    session = driver.session
    assert session.import_file(path)
    for neuron_id, name in zip(
        session.network.topology.output_ids, ("small", "middle", "large"), strict=True
    ):
        session.set_label(neuron_id, name)
    session.set_data(source="iris")
    assert driver.notices[-1].is_important
    said = " ".join(driver.texts)
    assert "small, middle, large stand for setosa, versicolor, virginica now" in said
    session.undo()
    outputs = session.network.topology.output_ids
    assert [session.network.label_of(i) for i in outputs] == ["small", "middle", "large"]


def test_numbers_are_names_of_classes(driver: Driver, model: Model) -> None:
    path, _ = model()
    session = driver.session
    assert session.import_file(path)
    for number, neuron_id in enumerate(session.network.topology.output_ids, start=10):
        session.set_label(neuron_id, str(number))
    session.set_data(source="iris")
    assert "The outputs 10, 11, 12 stand for setosa, versicolor, virg" in driver.texts[-1]


@pytest.mark.parametrize("name", ["benign", "1"])
def test_a_single_output_that_may_be_the_first_class_is_said(
    driver: Driver, model: Model, name: str
) -> None:
    path, compute = model(30, 1, "Sigmoid")
    session = driver.session
    assert session.import_file(path)
    (output,) = session.network.topology.output_ids
    session.set_label(output, name)
    session.set_data(source="breast-cancer")
    notice = driver.notices[-1]
    assert f"The output “{name}” stands for “malignant” now" in notice.text
    assert "“benign” is, select it and turn the signs (Alt+M)" in notice.text
    assert notice.is_important
    # What is said to help does: the other class's probability comes out.
    prepared = session.prepared
    assert prepared is not None
    topology = session.network.topology
    slots = [slot for slot, (_, target) in enumerate(topology.edges.tolist()) if target == output]
    session.scale_weights([*slots, len(session.network.theta) - 1], -1.0)
    expected = 1.0 - compute(prepared.raw)
    np.testing.assert_allclose(answers(driver, prepared.raw), expected, rtol=1e-9, atol=1e-15)


def test_a_single_output_called_like_the_second_class_needs_no_words(
    driver: Driver, model: Model
) -> None:
    path, _ = model(30, 1, "Sigmoid")
    session = driver.session
    assert session.import_file(path)
    session.set_label(session.network.topology.output_ids[0], "malignant")
    session.set_data(source="breast-cancer")
    assert not any("stands for" in text for text in driver.texts)


def test_inputs_and_outputs_that_come_or_go_are_said(driver: Driver, model: Model) -> None:
    path, _ = model()
    session = driver.session
    assert session.import_file(path)
    session.set_data(source="wine")
    said = " ".join(driver.texts)
    assert "The network had 4 inputs, these data need 13: 9 new inputs with initial weights" in said
    session.undo()
    driver.notices.clear()
    session.set_data(source="gauss")
    said = " ".join(driver.texts)
    assert "The network had 4 inputs, these data need 2: 2 inputs went." in said


def test_unfitting_data_say_how_many_columns_are_wanted(driver: Driver, model: Model) -> None:
    path, _ = model()
    session = driver.session
    assert session.import_file(path)
    assert session.data_problem.startswith("The network takes 4 values (")
    assert "not tied to data yet; these data give 2 (x1, x2)" in session.data_problem
    assert "a table with 4 columns beside the one to predict" in session.data_problem
    session.set_data(source="iris")
    assert not session.data_problem


def test_a_document_written_here_brings_its_own_scaling(driver: Driver, tmp_path: Path) -> None:
    document = new_document("iris", seed=3)[0]
    for kind in ("onnx", "safetensors", "npz"):
        name = f"iris.{kind}"
        (tmp_path / name).write_bytes(write(document, kind))
        assert driver.session.import_file(tmp_path / name)
        preparation = driver.session.document.preparation
        assert preparation.scale_inputs == "standard", name
        assert not preparation.keeps_raw
        assert len(driver.session.network.topology.ids_of(Kind.INPUT)) == 4
