"""``predict``: columns by name or in order, raw values in, target units out, full precision."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from nnplay.core import reference
from nnplay.core.network import Network
from nnplay.data.preparation import prepare
from nnplay.document import Document
from nnplay.library import load, save


def table(text):
    header, *rows = csv.reader(io.StringIO(text))
    return header, [[float(cell) for cell in row] for row in rows]


def expected(document, raw):
    """By the evaluator that takes one neuron after another."""
    data = prepare(document.data, document.preparation, document.seed)
    inputs = data.input_matrix(document.network, raw)
    rows = [document.network.topology.row(i) for i in document.network.topology.output_ids]
    return reference.evaluate(document.network, inputs).a[rows].T


def predicted(nnplay, document, content, *options):
    Path("rows.csv").write_text(content)
    ended = nnplay("predict", document, "rows.csv", *options)
    header, rows = table(ended.out)
    return header, rows, ended.notes


RAW = [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3], [5.9, 3.2, 4.8, 1.8]]


@pytest.fixture
def iris(nnplay):
    nnplay("new", "iris.nnplay", "--data", "iris", "--seed", 4)
    nnplay("train", "iris.nnplay", "--epochs", 30, "--out", "iris.nnplay")
    return "iris.nnplay"


def test_one_column_per_output_named_by_its_label_in_full_precision(nnplay, iris):
    content = "sepal_length,sepal_width,petal_length,petal_width\n"
    content += "".join(",".join(map(str, row)) + "\n" for row in RAW)
    header, rows, notes = predicted(nnplay, iris, content)
    assert header == ["setosa", "versicolor", "virginica"]
    assert notes == []
    wanted = expected(load(iris), RAW)
    assert np.array(rows) == pytest.approx(wanted, rel=1e-13)
    assert [max(row) for row in rows] == [row[i] for row, i in zip(rows, (0, 2, 2), strict=True)]
    document = load(iris)
    renamed = document.network.set_label(document.network.topology.output_ids[0], 'a "b", c')
    save(document.with_network(renamed), "renamed.nnplay")
    assert predicted(nnplay, "renamed.nnplay", content)[0][0] == 'a "b", c'


def test_columns_are_matched_by_name(nnplay, iris):
    content = "petal_width,species,sepal_width,petal_length,sepal_length\n"
    content += "".join(f"{d},unknown,{b},{c},{a}\n" for a, b, c, d in RAW)
    _, rows, notes = predicted(nnplay, iris, content)
    assert np.array(rows) == pytest.approx(expected(load(iris), RAW), rel=1e-13)
    assert notes == []


@pytest.mark.parametrize(
    ("header", "remark"), [("a,b,c,d,e\n", False), ("", True)], ids=["other names", "no names"]
)
def test_otherwise_in_order_with_a_note(nnplay, iris, header, remark):
    content = header + "".join(",".join(map(str, [*row, 9])) + "\n" for row in RAW)
    _, rows, notes = predicted(nnplay, iris, content)
    assert np.array(rows) == pytest.approx(expected(load(iris), RAW), rel=1e-13)
    assert notes == [
        "No column of rows.csv is named like an input, so the first 4 are taken in order as "
        "sepal_length, sepal_width, petal_length, petal_width."
        + (" The first line holds numbers and counts as a row." if remark else "")
    ]


def test_some_names_and_not_others_is_no_guessing_matter(nnplay, iris):
    Path("rows.csv").write_text("sepal_length,sepal_width,length,width\n1,2,3,4\n")
    said = nnplay("predict", iris, "rows.csv", code=1).complaint
    assert said == (
        "rows.csv has columns named sepal_length, sepal_width, but none named petal_length, "
        "petal_width."
    )


def test_columns_that_no_input_reads_may_be_missing(nnplay):
    features = "petal_width,petal_length*2"
    nnplay("new", "d.nnplay", "--data", "iris", "--features", features)
    wanted = expected(load("d.nnplay"), RAW)
    for content in (
        "petal_length,petal_width\n" + "".join(f"{c},{d}\n" for _, _, c, d in RAW),
        "".join(f"{c},{d}\n" for _, _, c, d in RAW),
    ):
        assert np.array(predicted(nnplay, "d.nnplay", content)[1]) == pytest.approx(
            wanted, rel=1e-13
        )
    Path("rows.csv").write_text("1\n2\n")
    assert "4 are needed" in nnplay("predict", "d.nnplay", "rows.csv", code=1).complaint


def test_numbers_come_back_in_the_target_s_units(nnplay):
    nnplay("new", "d.nnplay", "--data", "diabetes")
    nnplay("train", "d.nnplay", "--epochs", 20, "--out", "d.nnplay")
    document = load("d.nnplay")
    data = prepare(document.data, document.preparation, document.seed)
    content = ",".join(data.raw_names) + "\n"
    content += "".join(",".join(map(repr, row)) + "\n" for row in data.raw[:40].tolist())
    _, rows, _ = predicted(nnplay, "d.nnplay", content)
    mean, deviation = data.target_scaling.means[0], data.target_scaling.deviations[0]
    assert np.array(rows) == pytest.approx(
        expected(document, data.raw[:40]) * deviation + mean, rel=1e-12
    )
    targets = data.target_scaling.restore(data.values)[:40]
    assert np.corrcoef(np.array(rows)[:, 0], targets[:, 0])[0, 1] > 0.5


def test_words_become_the_inputs_they_stand_for(nnplay):
    Path("fruit.csv").write_text(
        "colour,weight,price\n"
        + "".join(f"{('red', 'green')[i % 2]},{i % 7 + 1},{i % 5}\n" for i in range(40))
    )
    nnplay("new", "d.nnplay", "--data", "fruit.csv", "--target", "price")
    content = "weight,colour\n3,red\n3,green\n"
    _, rows, _ = predicted(nnplay, "d.nnplay", content)
    assert np.array(rows) == pytest.approx(
        expected_in_units(load("d.nnplay"), [[0.0, 3.0], [1.0, 3.0]]), rel=1e-12
    )
    assert rows[0] != rows[1]
    Path("rows.csv").write_text("weight,colour\n3,red\n4,blue\n")
    said = nnplay("predict", "d.nnplay", "rows.csv", code=1).complaint
    assert said.startswith("rows.csv, line 3: “blue” does not occur in the column “colour”.")


def expected_in_units(document, raw):
    data = prepare(document.data, document.preparation, document.seed)
    words = data.raw_categories[0]
    assert words is not None
    order = [words.index(word) for word in ("red", "green")]
    rows = [[float(order[int(word)]), weight] for word, weight in raw]
    return data.restore_target(expected(document, rows))


def test_out_writes_the_same_bytes_to_a_file(nnplay, iris):
    Path("rows.csv").write_text("1,2,3,4\n5,6,7,8\n")
    printed = nnplay("predict", iris, "rows.csv").out
    ended = nnplay("predict", iris, "rows.csv", "--out", "out.csv")
    assert Path("out.csv").read_text() == printed
    assert ended.out == ""
    assert ended.notes[-1] == "2 rows written to out.csv."


def test_more_rows_than_fit_in_one_piece(nnplay, spiral):
    rows = np.random.default_rng(0).normal(size=(2500, 2)).tolist()
    content = "x1,x2\n" + "".join(f"{a!r},{b!r}\n" for a, b in rows)
    _, found, _ = predicted(nnplay, spiral, content)
    assert np.array(found) == pytest.approx(expected(load(spiral), rows), rel=1e-12, abs=1e-14)
    _, alone, _ = predicted(nnplay, spiral, f"x1,x2\n{rows[2400][0]!r},{rows[2400][1]!r}\n")
    assert alone[0] == pytest.approx(found[2400], rel=1e-13)


def test_no_rows_give_a_header_alone(nnplay, spiral):
    header, rows, _ = predicted(nnplay, spiral, "x1,x2\n")
    assert (len(header), rows) == (1, [])


def test_a_network_without_data_takes_values_as_they_are(nnplay):
    network = Network.mlp([3, 2], output_activation="linear").with_theta(np.arange(8.0))
    save(Document(network), "bare.nnplay")
    header, rows, notes = predicted(nnplay, "bare.nnplay", "1,2,3\n")
    assert header == [network.label_of(i) for i in network.topology.output_ids]
    assert rows == [[0 + 2 + 6 + 6, 3 + 8 + 15 + 7]]
    assert "without scaling" in notes[0]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("x1,x2\n1,abc\n", "rows.csv, line 2: Column “x2”"),
        ("x1,x2\n1,\n", "rows.csv, line 2: The column “x2” is empty."),
        ("x1,x2\n1,nan\n", "rows.csv, line 2"),
        ("x1,x2\n1,2\n1,2,3\n4,5\n", "Mend the file first."),
        ("x1\n1\n", "rows.csv has columns named x1, but none named x2."),
        ("", "rows.csv is empty"),
        ("1\n", "rows.csv has 1 column, but 2 are needed: x1, x2."),
        ('x1,x2\n"1,2\n', "rows.csv"),
    ],
)
def test_bad_rows_are_named(nnplay, spiral, content, says):
    Path("rows.csv").write_text(content)
    assert says in nnplay("predict", spiral, "rows.csv", code=1).complaint


def test_a_feature_without_a_value_is_named(nnplay):
    nnplay("new", "d.nnplay", "--data", "iris", "--features", "log(petal_width)")
    Path("rows.csv").write_text("petal_width\n1\n-1\n")
    said = nnplay("predict", "d.nnplay", "rows.csv", code=1).complaint
    assert said.startswith("rows.csv, line 3: The input ")
    assert "no finite value" in said


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", 0.1),
        ("-1e-3", -0.001),
        (".5", 0.5),
        ("5.", 5.0),
        ("+2", 2.0),
        ("1/4", 0.25),
        ("−2", -2.0),
        ("2^-3", 0.125),
        ("5e-324", 5e-324),
    ],
)
def test_cells_may_hold_numbers_as_people_write_them(nnplay, text, value):
    network = Network.mlp([1, 1], output_activation="linear").with_theta([1.0, 0.0])
    save(Document(network), "copy.nnplay")
    assert predicted(nnplay, "copy.nnplay", f"x\n{text}\n")[1] == [[value]]
