"""export, import, info, cat and diff."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

import nnplay
from nnplay.cli import main
from nnplay.comparing import compare
from nnplay.formats.registry import FORMATS
from nnplay.formats.verification import ExportReport


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    document, _ = nnplay.new_document("circle", hidden=[3], seed=1)
    nnplay.save(document, "a.nnplay")
    nnplay.save(nnplay.train(document, 2).document, "b.nnplay")
    return tmp_path


def run(capsys, *arguments):
    code = main(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize("name", ["x.h", "x.ipynb", "x.onnx", "x.npz", "x.csv", "x.safetensors"])
def test_the_ending_chooses_the_format(folder, capsys, name):
    code, out, _ = run(capsys, "export", "b.nnplay", name, "--json")
    assert code == 0
    report = json.loads(out)
    assert report["format"] == next(
        row.name for row in FORMATS.values() if name.endswith(row.suffixes)
    )
    assert report["bytes"] == (folder / name).stat().st_size
    assert report["output_deviation"] < 1e-5


def test_python_files_need_a_format(folder, capsys):
    code, _, err = run(capsys, "export", "b.nnplay", "x.py")
    assert code == 1
    assert "several formats" in err
    assert not (folder / "x.py").exists()
    code, out, _ = run(capsys, "export", "b.nnplay", "x.py", "--format", "python")
    assert code == 0
    assert "run with Python" in out


def test_options_reach_the_format(folder, capsys):
    assert run(capsys, "export", "b.nnplay", "x.h", "--float64", "--prefix", "net")[0] == 0
    assert "void net_run(const double *x, double *y)" in (folder / "x.h").read_text()
    code, _, err = run(capsys, "export", "b.nnplay", "y.h", "--opset", "17")
    assert code == 1
    assert "no option “opset”" in err
    assert "onnx" in err
    assert not (folder / "y.h").exists()
    code, _out, _ = run(
        capsys, "export", "b.nnplay", "x.onnx", "--opset", "13", "--batch", "1", "--float64"
    )
    assert code == 0
    assert run(capsys, "export", "b.nnplay", "p.py", "--format=pytorch", "--weights=beside")[0] == 0
    assert (folder / "p.safetensors").exists()


def test_preparation_can_be_left_out(folder, capsys):
    document, _ = nnplay.new_document("diabetes", hidden=[2])
    nnplay.save(document, "d.nnplay")
    run(capsys, "export", "d.nnplay", "with.h")
    run(capsys, "export", "d.nnplay", "without.h", "--no-preparation")
    assert "in its own units" in (folder / "with.h").read_text()
    assert "must be prepared" in (folder / "without.h").read_text()


@pytest.mark.parametrize("kind", ["svg", "tex"])
def test_pictures_are_exports_too(folder, capsys, kind, qapp):
    assert run(capsys, "export", "b.nnplay", f"x.{kind}")[0] == 0
    assert (folder / f"x.{kind}").stat().st_size > 500
    code, _, err = run(capsys, "export", "b.nnplay", f"y.{kind}", "--float64")
    assert code == 1
    assert "picture" in err


@pytest.mark.parametrize("name", ["npz", "safetensors", "onnx", "csv", "nnplay.json"])
def test_info_reads_every_format(folder, capsys, name):
    run(capsys, "export", "b.nnplay", f"x.{name}")
    code, out, _ = run(capsys, "info", f"x.{name}", "--json")
    assert code == 0
    facts = json.loads(out)
    assert (facts["inputs"], facts["outputs"], facts["edges"]) == (2, 1, 9)


def test_info_counts_bare_weights(folder, capsys):
    from safetensors.numpy import save_file

    save_file({"fc1.weight": np.ones((4, 3)), "fc2.weight": np.ones((2, 4))}, "w.safetensors")
    code, out, _ = run(capsys, "info", "w.safetensors")
    assert code == 0
    assert "activations: unknown" in out
    assert "fc1 (3 → 4), fc2 (4 → 2)" in out


def test_cat_prints_the_text_twin(folder, capsysbinary):
    nnplay.save(nnplay.load("b.nnplay"), "twin.nnplay.json")
    assert main(["cat", "b.nnplay"]) == 0
    assert capsysbinary.readouterr().out == (folder / "twin.nnplay.json").read_bytes()


def test_diff_says_what_changed(folder, capsys):
    assert run(capsys, "diff", "a.nnplay", "a.nnplay") == (0, "The documents are the same.\n", "")
    code, out, _ = run(capsys, "diff", "a.nnplay", "b.nnplay", "--weights", "3")
    assert code == 1
    assert "… and 10 more" in out
    assert "trained epochs: 0 → 2" in out
    code, out, _ = run(capsys, "diff", "a.nnplay", "b.nnplay", "--json")
    weights = json.loads(out)["weights"]
    steps = [abs(change["after"] - change["before"]) for change in weights]
    assert steps == sorted(steps, reverse=True)
    one, two = nnplay.load("a.nnplay").network, nnplay.load("b.nnplay").network
    assert len(weights) == np.count_nonzero(one.theta != two.theta)
    code, _, err = run(capsys, "diff", "a.nnplay", "missing.nnplay")
    assert code == 2
    assert "missing.nnplay" in err


def test_structure_and_settings_differ():
    document, _ = nnplay.new_document("circle", hidden=[3])
    network = document.network
    assert compare(document, document).is_empty
    pair = tuple(network.topology.edges[0].tolist())
    cut = compare(document, document.with_network(network.disconnect([pair])))
    assert len(cut.structure) == 1
    assert cut.structure[0].after is None
    assert not cut.weights
    gone = compare(document.with_network(network.remove([2])), document)
    assert {change.before for change in gone.structure} == {None}
    assert len(gone.structure) == 1 + 3  # the neuron, two edges in, one out
    changes = {
        "training.learning_rate": replace(
            document, training=replace(document.training, learning_rate=1.0)
        ),
        "title": replace(document, title="Other"),
        "seed": replace(document, seed=document.seed + 1),
        "activation of h1 (neuron 2)": document.with_network(network.set_activation([2], "relu")),
        "frozen: x1 → h1 (0 → 2)": document.with_network(network.set_frozen([0], True)),
    }
    for what, other in changes.items():
        difference = compare(document, other)
        assert [change.what for change in difference.settings] == [what]
        assert not difference.structure
        assert not difference.weights


def bare_onnx(path, inputs=4, outputs=3):
    """Four values in, three classes out (or others), from another program."""
    from onnx import TensorProto, helper, numpy_helper
    from onnx import save as save_model

    random = np.random.default_rng(3)
    weights = random.normal(size=(outputs, inputs))
    nodes = [helper.make_node("Gemm", ["x", "w"], ["z"], transB=1)]
    nodes.append(helper.make_node("Softmax" if outputs > 1 else "Sigmoid", ["z"], ["y"]))
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.DOUBLE, ["n", inputs])],
        [helper.make_tensor_value_info("y", TensorProto.DOUBLE, ["n", outputs])],
        [numpy_helper.from_array(weights, "w")],
    )
    save_model(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)
    return weights


def test_an_imported_network_is_called_after_its_file_and_tied_to_nothing(folder, capsys):
    bare_onnx("flower-model.onnx")
    code, out, _ = run(capsys, "info", "flower-model.onnx")
    assert code == 0
    assert out.startswith("flower-model (")
    assert "data:        none yet" in out
    assert json.loads(run(capsys, "info", "--json", "flower-model.onnx")[1])["data"] is None
    assert run(capsys, "import", "flower-model.onnx", "f.nnplay")[0] == 0
    assert nnplay.load("f.nnplay").title == "flower-model"
    assert "data:        none yet" in run(capsys, "info", "f.nnplay")[1]
    code, _, err = run(capsys, "export", "f.nnplay", "f.ipynb")
    assert code == 1
    assert "needs data to learn from, and the network has none yet" in err
    assert "a table with 4 columns beside what to predict" in err
    assert "nnplay import … --data TABLE.csv" in err
    assert "PyTorch module, which needs no data" in err
    assert run(capsys, "export", "f.nnplay", "f.py", "--format", "pytorch")[0] == 0
    for command in (["train"], ["rates"], ["sweep", "--set", "lr=0.1,0.2"]):
        code, _, err = run(capsys, command[0], "f.nnplay", *command[1:])
        assert code == 1
        assert "f.nnplay holds a network that takes 4 values, but no data yet" in err
        assert "nnplay import f.nnplay NEW.nnplay --data TABLE.csv --target COLUMN" in err
    # What is said to help does.
    assert run(capsys, "import", "f.nnplay", "new.nnplay", "--data", "iris")[0] == 0
    assert run(capsys, "train", "new.nnplay", "--epochs", "1")[0] == 0
    assert run(capsys, "export", "new.nnplay", "new.ipynb")[0] == 0


def test_data_that_a_network_is_only_shown_on_are_not_called_its_own(folder, capsys):
    bare_onnx("plane.onnx", inputs=2, outputs=1)
    assert "data:        none yet" in run(capsys, "info", "plane.onnx")[1]
    assert json.loads(run(capsys, "info", "--json", "plane.onnx")[1])["data"] is None
    assert run(capsys, "import", "plane.onnx", "p.nnplay")[0] == 0
    assert "data:        circle (until others are chosen)" in run(capsys, "info", "p.nnplay")[1]
    assert run(capsys, "new", "c.nnplay")[0] == 0
    assert "data:        circle\n" in run(capsys, "info", "c.nnplay")[1]


def test_an_imported_network_can_be_tied_to_data_at_once(folder, capsys):
    weights = bare_onnx("model.onnx")
    code, out, _ = run(capsys, "import", "model.onnx", "iris.nnplay", "--data", "iris")
    assert code == 0
    assert "gets values as they are" in out
    document = nnplay.load("iris.nnplay")
    assert (document.data.source, document.preparation.scale_inputs) == ("iris", "none")
    assert document.data.train_percent == 70
    (folder / "rows.csv").write_text("5.1,3.5,1.4,0.2\n6.7,3.0,5.2,2.3\n")
    assert run(capsys, "predict", "iris.nnplay", "rows.csv", "--out", "answers.csv")[0] == 0
    z = np.array([[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]) @ weights.T
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    expected = powers / powers.sum(axis=1, keepdims=True)
    found = (folder / "answers.csv").read_text().splitlines()[1:]
    for line, row in zip(found, expected, strict=True):
        values = [
            float(cell)
            for cell in line.split(",")
            if cell.replace(".", "").replace("e-", "").isdigit()
        ]
        np.testing.assert_allclose(values[-3:], row, rtol=1e-12)
    assert run(capsys, "train", "iris.nnplay", "--epochs", "2", "--out", "t.nnplay")[0] == 0
    assert run(capsys, "export", "iris.nnplay", "iris.ipynb")[0] == 0
    table = "a,b,c,d,kind\n" + "".join(
        f"{i},{i % 3},2,{i * 0.5},{'uvw'[i % 3]}\n" for i in range(30)
    )
    (folder / "own.csv").write_text(table)
    code, out, _ = run(
        capsys, "import", "model.onnx", "own.nnplay", "--data", "own.csv", "--target", "kind"
    )
    assert code == 0
    own = nnplay.load("own.nnplay")
    assert own.preparation.features == ("a", "b", "d") or own.preparation.features == (
        "a",
        "b",
        "c",
        "d",
    )
    code, _, err = run(capsys, "import", "model.onnx", "x.nnplay", "--data", "nowhere")
    assert code == 1
    assert "no data set and no file “nowhere”" in err
    assert not (folder / "x.nnplay").exists()


def test_endings_are_offered_for_what_is_wanted(folder, capsys):
    _, _, err = run(capsys, "export", "b.nnplay", "x.foo")
    offered = err.split("none of ")[1].split(". Choose")[0].split(", ")
    assert {".onnx", ".h", ".svg", ".pdf", ".png", ".tex", ".ipynb"} <= set(offered)
    assert ".pt" not in offered
    (folder / "x.foo").write_bytes(b"what is this")
    _, _, err = run(capsys, "import", "x.foo", "y.nnplay")
    offered = err.split("none of ")[1].split(". Choose")[0].split(", ")
    assert {".onnx", ".pt", ".safetensors"} <= set(offered)
    assert not {".h", ".ipynb", ".svg", ".py"} & set(offered)
    text = " ".join(run(capsys, "import", "--help")[1].split())
    assert ".pt and .pth" in text
    assert "notebook" not in text.split("one of ")[1].split("(default")[0]


def test_small_numbers_are_written_as_in_the_window(folder, capsys):
    report = ExportReport("onnx", 10, 1.2e-7, 3e-8)
    assert "largest deviation 1.2e−7 (outputs: 3e−8)" in str(report)
    document = nnplay.load("a.nnplay")
    theta = np.array(document.network.theta)
    theta[0], theta[1] = 1e-7, -0.25
    nnplay.save(replace(document, network=document.network.with_theta(theta)), "b.nnplay")
    out = run(capsys, "diff", "a.nnplay", "b.nnplay")[1]
    assert "→ 1e−7 (" in out
    assert "→ −0.25 (" in out
    for text in (out, run(capsys, "check", "a.nnplay")[1], run(capsys, "explain", "b.nnplay")[1]):
        assert not re.search(r"\de-?0\d|\de-", text), text
