"""export, import, info, cat and diff."""

import json
from dataclasses import replace

import numpy as np
import pytest

import nnplay
from nnplay.cli import main
from nnplay.comparing import compare
from nnplay.formats.registry import FORMATS


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
