"""``new``, ``info``, ``check``, ``export``, ``import`` and ``render``."""

import math
import struct
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import safetensors.numpy

from nnplay.assets import resource_path
from nnplay.cli import main
from nnplay.core.network import Network
from nnplay.core.topology import Topology
from nnplay.data.catalogue import CATALOGUE
from nnplay.data.recipe import Preparation
from nnplay.document import Document
from nnplay.formats.document_record import same_document
from nnplay.formats.registry import FORMATS
from nnplay.library import load, save
from nnplay.setup import new_document

SEVEN = "x1,x2,x1^2,x2^2,x1*x2,sin(x1),sin(x2)"


# ------------------------------------------------------------------ new
def test_new_makes_what_was_asked_for(nnplay):
    options = ("--layers", "7,8,2,1", "--activation", "relu", "--output-activation", "tanh")
    options += ("--data", "spiral", "--features", SEVEN, "--seed", 7, "--noise", 10)
    options += ("--samples", 200, "--train-percent", 80, "--lr", "1/4", "--batch", 4)
    options += ("--optimizer", "adam", "--initializer", "he_normal", "--loss", "mse")
    ended = nnplay("new", "d.nnplay", *options)
    assert ended.out == "d.nnplay: 18 neurons, 74 connections, spiral.\n"
    assert ended.notes == []  # nothing was left to choose
    document = load("d.nnplay")
    expected, _ = new_document(
        "spiral",
        layers=[7, 8, 2, 1],
        activation="relu",
        output_activation="tanh",
        features=SEVEN.split(","),
        seed=7,
        noise=10,
        sample_count=200,
        train_percent=80,
        loss="mse",
        training={
            "learning_rate": 0.25,
            "batch_size": 4,
            "optimizer": "adam",
            "initializer": "he_normal",
        },
    )
    assert same_document(document, expected)
    assert document.network.activations == ("linear",) * 7 + ("relu",) * 10 + ("tanh",)


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_data_set_gives_a_document_that_trains(nnplay, name):
    """What was not said is chosen to fit, and said on stderr."""
    ended = nnplay("new", "d.nnplay", "--data", name)
    assert any(note.startswith("Outputs: ") for note in ended.notes)
    assert any(note.startswith("Loss: ") for note in ended.notes)
    before = nnplay("train", "d.nnplay", "--epochs", 0, "--json").json
    after = nnplay("train", "d.nnplay", "--epochs", 20, "--json").json
    assert after["loss_train"] < before["loss_train"]


def test_new_from_a_csv_file(nnplay):
    rows = [f"{i},{i % 3},{2 * i}" for i in range(30)]
    Path("houses.csv").write_text("size,rooms,price\n" + "\n".join(rows) + "\n")
    nnplay("new", "d.nnplay", "--data", "houses.csv", "--target", "rooms")
    document = load("d.nnplay")
    assert document.data.table is not None
    assert (document.data.table.target, document.data.table_name) == ("rooms", "houses.csv")
    Path("houses.csv").unlink()  # the table travels inside
    assert nnplay("train", "d.nnplay", "--epochs", 5, "--json").json["loss_train"] > 0
    chosen = nnplay("new", "e.nnplay", "--data", "e.csv", code=1).complaint
    assert "e.csv cannot be read" in chosen


def test_new_says_which_column_it_chose(nnplay):
    Path("t.csv").write_text("a,b\n" + "".join(f"{i},{i * i}\n" for i in range(20)))
    notes = nnplay("new", "d.nnplay", "--data", "t.csv").notes
    assert "The column “b” is predicted from the others." in notes


def test_layers_may_count_the_columns_that_features_are_made_of(nnplay):
    features = "x1,x2,x1^2,x2^2,x1*x2,sin(x1),sin(x2)"
    options = ("--data", "spiral", "--layers", "2,4,2,1", "--features", features, "--seed", "7")
    notes = nnplay("new", "d.nnplay", *options).notes
    assert "The first layer has 7 neurons, one for each input made of the 2 columns." in notes
    topology = load("d.nnplay").network.topology
    assert len(topology.input_ids) == 7
    assert topology.neuron_count == 7 + 4 + 2 + 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--data", "spirale"), "There is no data set and no file “spirale”."),
        (("--layers", "3,1"), "Begin the layers with 2"),
        (("--layers", "2"), "at least two layers"),
        (("--layers", "2,4,3"), "End the layers with 1 or 2."),
        (("--layers", "2,2000000,1"), None),
        (("--layers", "2,3000,3000,1"), "connections"),
        (("--features", "x1,x3"), "x3"),
        (("--features", "x1,x1"), "twice"),
        (("--features", "__import__('os')"), "__import__"),
        (("--loss", "softmax_cross_entropy", "--layers", "2,1"), "two outputs"),
        (("--loss", "binary_cross_entropy", "--output-activation", "tanh"), "change"),
        (("--target", "y"), "fixed target"),
    ],
)
def test_what_does_not_go_together_is_said(nnplay, options, says):
    code = 2 if says is None else 1
    complaint = nnplay("new", "d.nnplay", *options, code=code).complaint
    assert says is None or says in complaint
    assert not Path("d.nnplay").exists()


def test_a_document_has_the_ending_of_one(nnplay):
    said = nnplay("new", "d.csv", code=1).complaint
    assert said == "d.csv: A document is saved as .nnplay or .nnplay.json."
    assert ".nnplay" in nnplay("new", "d.doc", code=1).complaint


# ------------------------------------------------------------------ info
def test_info_has_the_promised_keys(nnplay):
    nnplay("new", "d.nnplay", "--data", "iris", "--layers", "4,5,3,3", "--seed", 11)
    facts = nnplay("info", "d.nnplay", "--json").json
    assert facts == {
        "inputs": 4,
        "outputs": 3,
        "neurons": 15,
        "edges": 44,
        "parameters": 55,
        "levels": 4,
        "activations": {"softmax": 3, "tanh": 8},
        "data": "iris",
        "seed": 11,
    }
    assert list(facts)[-2:] == ["data", "seed"]


def test_info_for_people(nnplay, spiral):
    nnplay("train", spiral, "--epochs", 3, "--out", spiral)
    lines = nnplay("info", spiral).out.splitlines()
    assert lines[0] == "Spiral (spiral.nnplay)"
    facts = dict(line.split(":", 1) for line in lines[1:])
    assert {name: value.strip() for name, value in facts.items()} == {
        "inputs": "2",
        "outputs": "1",
        "neurons": "7",
        "edges": "12",
        "parameters": "17",
        "levels": "3",
        "activations": "5 tanh",
        "data": "spiral",
        "seed": "7",
        "loss": "half_squared",
        "optimizer": "sgd",
        "trained": "3 epochs",
    }


def test_info_of_an_empty_network(nnplay):
    save(Document(Network.build(Topology([], [], np.empty((0, 2))), theta=[])), "empty.nnplay")
    assert nnplay("info", "empty.nnplay", "--json").json["levels"] == 0


# ------------------------------------------------------------------ check
def test_check_passes_what_is_sound(nnplay, spiral):
    result = nnplay("check", spiral, "--json").json
    assert list(result) == [
        "passed",
        "parameters",
        "samples",
        "worst_relative_error",
        "worst_parameter",
    ]
    assert (result["passed"], result["parameters"], result["samples"]) == (True, 17, 16)
    assert result["worst_relative_error"] < 1e-9
    assert "gradients: agree, 17 parameters" in nnplay("check", spiral).out


def test_check_finds_a_wrong_gradient(spiral, monkeypatch, capfd):
    from nnplay.core import diagnostics

    right = diagnostics.complex_step_gradient

    def wrong(*arguments, **settings):
        gradient = right(*arguments, **settings)
        gradient[3] *= 1.001
        return gradient

    with monkeypatch.context() as patch:
        patch.setattr(diagnostics, "complex_step_gradient", wrong)
        assert main(["check", spiral]) == 1
        assert "DISAGREE" in capfd.readouterr().out
    assert main(["check", spiral]) == 0


def test_check_refuses_a_damaged_file_and_a_network_that_cannot_be_trained(nnplay, spiral):
    data = bytearray(Path(spiral).read_bytes())
    data[len(data) // 2] ^= 1
    Path("damaged.nnplay").write_bytes(data)
    assert "damaged" in nnplay("check", "damaged.nnplay", code=1).complaint
    document = load(spiral)
    network = document.network.remove_neurons(document.network.topology.output_ids)
    save(document.with_network(network), "no.nnplay")
    assert "no output" in nnplay("check", "no.nnplay", code=1).complaint


def test_check_without_fitting_data_uses_random_numbers_and_says_so(nnplay):
    save(Document(Network.mlp([3, 4, 2], activation="tanh")), "bare.nnplay")
    ended = nnplay("check", "bare.nnplay", "--json")
    assert ended.json["passed"]
    assert ended.notes[0].endswith("The gradients are checked on random numbers instead.")


# ------------------------------------------------------------------ export and import
@pytest.mark.parametrize("ending", ["npz", "safetensors", "csv", "json", "nnplay"])
def test_what_is_exported_comes_back(nnplay, spiral, ending):
    report = nnplay("export", spiral, f"out.{ending}", "--json").json
    numbers = ["largest_deviation", "output_deviation"]
    assert list(report) == ["path", "format", "bytes", *numbers, "run_with"]
    assert report["path"] == f"out.{ending}"
    assert report["bytes"] == Path(f"out.{ending}").stat().st_size
    assert report["largest_deviation"] == report["output_deviation"] == 0.0
    nnplay("import", f"out.{ending}", "again.nnplay")
    assert load("again.nnplay").network.same_as(load(spiral).network)
    said = nnplay("export", spiral, f"out.{ending}").out
    assert "read back, every number bit for bit the same" in said


def test_the_format_may_be_named(nnplay, spiral):
    nnplay("export", spiral, "weights.bin", "--format", "safetensors", "--dtype", "float32")
    arrays = safetensors.numpy.load(Path("weights.bin").read_bytes())
    assert arrays["layers.0.weight"].dtype == np.float32
    assert arrays["layers.0.weight"].shape == (4, 2)
    nnplay("import", "weights.bin", "again.nnplay", "--format", "safetensors")
    assert ".npz" in nnplay("export", spiral, "weights.bin", code=1).complaint
    said = nnplay("export", spiral, "weights.csv", "--dtype", "float32", code=1).complaint
    assert said.startswith("weights.csv: The format csv always has full precision.")
    assert not Path("weights.csv").exists()
    said = nnplay("export", spiral, "weights.npz", "--format", "onx", code=2).complaint
    assert ", ".join(name for name, row in FORMATS.items() if row.can_write) in said


def test_bare_weights_need_their_activations(nnplay):
    np.savez("bare.npz", **{"0.weight": np.ones((3, 2)), "0.bias": np.zeros(3)}, x=np.ones(1))
    np.savez("bare.npz", **{"fc1.weight": np.ones((3, 2)), "fc2.weight": np.ones((1, 3))})
    said = nnplay("import", "bare.npz", "d.nnplay", code=1).complaint
    assert said.startswith("bare.npz: The file holds weights but does not say which activations")
    nnplay(
        "import", "bare.npz", "d.nnplay", "--activation", "relu", "--output-activation", "sigmoid"
    )
    document = load("d.nnplay")
    assert document.network.activations == ("linear",) * 2 + ("relu",) * 3 + ("sigmoid",)
    found = nnplay("explain", "d.nnplay", "--input", "1,2", "--json").json
    assert found["neurons"][-1]["a"] == pytest.approx(1 / (1 + math.exp(-9)))


def test_an_import_that_fails_writes_nothing(nnplay):
    Path("table.csv").write_text("a,b\n1,2\n")
    said = nnplay("import", "table.csv", "d.nnplay", code=1).complaint
    assert said.startswith("table.csv: The first column is not “record”")
    assert not Path("d.nnplay").exists()


# ------------------------------------------------------------------ render
def test_render_draws_svg_png_and_pdf(nnplay, qapp):
    worked = resource_path("examples/single-neuron.nnplay.json")
    for ending in ("svg", "png", "pdf"):
        assert nnplay("render", worked, f"net.{ending}").out == f"drawn as net.{ending}\n"
    root = ET.parse("net.svg").getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(list(root.iter())) > 10
    png = Path("net.png").read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert min(struct.unpack(">II", png[16:24])) > 50
    pdf = Path("net.pdf").read_bytes()
    assert pdf[:5] == b"%PDF-"
    assert b"%%EOF" in pdf[-16:]


def test_render_with_numbers_and_in_the_dark(nnplay, qapp, spiral):
    for name, options in (("plain", ()), ("numbers", ("--numbers",)), ("dark", ("--dark",))):
        nnplay("render", spiral, f"{name}.svg", *options)
    plain, numbers, dark = (
        Path(f"{name}.svg").read_bytes() for name in ("plain", "numbers", "dark")
    )
    assert len(numbers) > len(plain)
    assert dark != plain


def test_render_takes_the_options_of_the_window(nnplay, qapp, spiral):
    def drawn(name, *options):
        nnplay("render", spiral, name, *options)
        return Path(name).read_bytes()

    def size(content):
        return struct.unpack(">II", content[16:24])

    plain = drawn("plain.svg")
    for option in ("--weights", "--biases"):
        assert len(drawn("more.svg", option)) > len(plain)
    both = drawn("both.svg", "--weights", "--biases")
    assert both == drawn("numbers.svg", "--numbers")
    assert b"Hidden 1" in plain
    assert b"Hidden 1" not in drawn("bare.svg", "--no-headers")
    assert len(drawn("clear.svg", "--transparent")) < len(plain)
    wide, high = size(drawn("one.png", "--scale", 1))
    assert size(drawn("three.png", "--scale", 3)) == (3 * wide, 3 * high)
    down = size(drawn("down.png", "--scale", 1, "--direction", "down"))
    assert down[0] < wide
    assert down[1] > high
    assert drawn("right.svg", "--direction", "right") == plain
    assert "invalid choice" in nnplay("render", spiral, "x.png", "--scale", 9, code=2).complaint


def test_render_refuses_other_endings_and_folders_that_are_not_there(nnplay, qapp, spiral):
    assert "choose .svg, .png, .pdf, .tex." in nnplay("render", spiral, "net.gif", code=1).complaint
    assert "missing" in nnplay("render", spiral, "missing/net.svg", code=1).complaint


def test_a_formula_that_a_file_smuggles_in_is_refused(nnplay, spiral):
    document = load(spiral)
    save(replace(document, preparation=Preparation(("9**9**9",))), "evil.nnplay")
    nnplay("train", "evil.nnplay", code=1)
    nnplay("predict", "evil.nnplay", "rows.csv", code=1)
