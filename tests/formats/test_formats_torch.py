"""Weights that PyTorch saved: round trips, and files that want to run something."""

import base64
import io
import json
import sys
import zipfile

import numpy as np
import pytest
import safetensors.numpy

import nnplay
from nnplay.core.program import Program
from nnplay.formats import registry, running, torch_file
from nnplay.formats.errors import ActivationsUnknownError, FormatError

HAS_TORCH = running.has_module("torch")

MAKER = """\
import base64, io, json, sys, torch
from torch import nn
torch.manual_seed(1)
def saved(value, **options):
    out = io.BytesIO()
    torch.save(value, out, **options)
    return base64.b64encode(out.getvalue()).decode()
class Runs:
    def __reduce__(self):
        return open, ("nnplay-attack-canary", "w")
model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2, bias=False)).double()
state = model.state_dict()
half = {k: v.bfloat16() for k, v in state.items()}
json.dump({
    "state": saved(state),
    "legacy": saved(state, _use_new_zipfile_serialization=False),
    "checkpoint": saved({"epoch": 3, "state_dict": state}),
    "half": saved(half),
    "model": saved(model),
    "runs": saved({"0.weight": torch.ones(1, 2), "a": Runs()}),
    "claims": saved({"0.weight": torch.zeros(1).expand(10**6, 10**6)}),
    "nan": saved({"0.weight": torch.tensor([[float("nan")]])}),
    "numbers": [v.flatten().tolist() for v in state.values()],
}, sys.stdout)
"""


@pytest.fixture(scope="module")
def made():
    if not HAS_TORCH:
        return None
    done = running.run(running.isolated_python(MAKER), seconds=120)
    assert done.returncode == 0, done.stderr.decode()[-1500:]
    found = json.loads(done.stdout)
    numbers = found.pop("numbers")
    return {k: base64.b64decode(v) for k, v in found.items()} | {"numbers": numbers}


def read(data, name="weights.pt"):
    return registry.read_with_notes(data, name, activation="relu", output_activation="linear")


@pytest.mark.parametrize("name", ["state", "legacy", "checkpoint"])
def test_state_dictionaries_become_networks(made, name):
    if made is None:
        with pytest.raises(FormatError, match=r"nnplay\[torch\]"):
            read(b"PK\x03\x04")
        return
    document, notes = read(made[name])
    network = document.network
    assert network.theta[: 12 + 8].tolist() == made["numbers"][0] + made["numbers"][2]
    assert network.theta[20:24].tolist() == made["numbers"][1]
    assert not network.theta[24:].any()
    assert notes[0] == "Layers in this order: 0 (3 → 4), 2 (4 → 2)."
    assert "no biases" in notes[1]


def test_short_numbers_are_widened(made):
    if made is not None:
        theta = read(made["half"])[0].network.theta
        assert np.allclose(theta[:12], made["numbers"][0], rtol=1e-2)
        assert not np.array_equal(theta[:12], made["numbers"][0])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("runs", "more than tensors"),
        ("model", "more than tensors"),
        ("claims", "too large"),
        ("nan", "not finite"),
    ],
)
def test_other_files_are_refused_and_nothing_runs(made, name, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if made is not None:
        with pytest.raises(FormatError, match=words) as refusal:
            read(made[name])
        assert str(refusal.value).startswith("weights.pt: ")
        assert list(tmp_path.iterdir()) == []


def test_activations_are_asked_for(made):
    if made is not None:
        with pytest.raises(ActivationsUnknownError):
            registry.read(made["state"], "weights.pth")


def test_without_pytorch_the_way_out_is_said(monkeypatch):
    monkeypatch.setattr(running, "has_module", lambda name: False)
    with pytest.raises(FormatError, match="save_file") as refusal:
        torch_file.from_bytes(b"PK\x03\x04")
    assert "nnplay[torch]" in str(refusal.value)


def test_a_file_that_hangs_is_given_up(monkeypatch):
    if HAS_TORCH:
        monkeypatch.setattr(torch_file, "_READER", "import time; time.sleep(60)")
        monkeypatch.setattr(torch_file, "SECONDS", 0.2)
        with pytest.raises(FormatError, match="too long"):
            torch_file.from_bytes(b"PK\x03\x04")


def test_memory_is_limited(monkeypatch):
    if HAS_TORCH:
        monkeypatch.setattr(torch_file, "_READER", "x = bytearray(20_000_000_000)\nprint(len(x))")
        with pytest.raises(FormatError):
            torch_file.from_bytes(b"PK\x03\x04")


def test_safetensors_out_torch_in_out_in(tmp_path):
    document, _ = nnplay.new_document("circle", hidden=[4, 3])
    document = nnplay.train(document, 3).document
    first = tmp_path / "first.safetensors"
    nnplay.export(document, first)
    if not HAS_TORCH:
        return
    code = """\
import sys
from safetensors.torch import load_file, save_file
from torch import nn
sizes = [2, 4, 3, 1]
layers = [nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])]
model = nn.Sequential(layers[0], nn.Tanh(), layers[1], nn.Tanh(), layers[2], nn.Tanh()).double()
tensors = load_file(sys.argv[1])
model.load_state_dict({
    f"{2 * i}.{part}": tensors[f"layers.{i}.{part}"]
    for i in range(3) for part in ("weight", "bias")
})
save_file(model.state_dict(), sys.argv[2])
"""
    second = tmp_path / "second.safetensors"
    done = running.run(running.isolated_python(code, str(first), str(second)), seconds=120)
    assert done.returncode == 0, done.stderr.decode()[-1500:]
    again = nnplay.import_network(second, activation="tanh", output_activation="tanh")
    assert again.network.theta.tobytes() == document.network.theta.tobytes()


def script_file():
    """What torch.jit.save writes: by PyTorch where it is there, else its members alone."""
    out = io.BytesIO()
    if HAS_TORCH:
        code = (
            "import io, sys, warnings, torch; warnings.simplefilter('ignore'); out = io.BytesIO()\n"
            "model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU())\n"
            "torch.jit.save(torch.jit.trace(model, torch.ones(1, 3)), out)\n"
            "sys.stdout.buffer.write(out.getvalue())"
        )
        return running.run([sys.executable, "-c", code], seconds=120.0).stdout
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("data.pkl", "code/__torch__/torch/nn.py", "constants.pkl", "version"):
            archive.writestr(f"archive/{name}", b"x")
    return out.getvalue()


def test_a_torchscript_program_is_called_one():
    data = script_file()
    assert data
    for name in ("model.pt", "model.pth", "model.ts"):
        with pytest.raises(FormatError, match=r"TorchScript program.*state_dict") as caught:
            registry.read(data, name, "torch" if name.endswith("ts") else None)
        assert str(caught.value).startswith(f"{name}: ")


def normalised(places, seed=4):
    """Weights of 2 → 3 → 1 with batch normalisations at these places, by name and size."""
    random = np.random.default_rng(seed)
    weights = {
        "net.1.weight": random.normal(size=(3, 2)),
        "net.1.bias": random.normal(size=3),
        "net.4.weight": random.normal(size=(1, 3)),
    }
    for name, size in places.items():
        weights[f"{name}.weight"] = random.normal(size=size)
        weights[f"{name}.bias"] = random.normal(size=size)
        weights[f"{name}.running_mean"] = random.normal(size=size)
        weights[f"{name}.running_var"] = random.uniform(0.5, 2.0, size=size)
        weights[f"{name}.num_batches_tracked"] = np.array(7)
    return weights


def opened(weights):
    data = safetensors.numpy.save(weights)
    return registry.read_with_notes(
        data, "w.safetensors", activation="tanh", output_activation="linear"
    )


def test_batch_normalisation_right_beside_a_layer_is_folded_into_it():
    places = {"net.0": 2, "net.2": 3, "net.5": 1}
    weights = normalised(places)
    document, notes = opened(weights)

    def norm(name, x):
        mean, variance = weights[f"{name}.running_mean"], weights[f"{name}.running_var"]
        return (x - mean) / np.sqrt(variance + 1e-5) * weights[f"{name}.weight"] + weights[
            f"{name}.bias"
        ]

    x = np.random.default_rng(5).normal(size=(20, 2))
    h = np.tanh(
        norm("net.2", norm("net.0", x).dot(weights["net.1.weight"].T) + weights["net.1.bias"])
    )
    expected = norm("net.5", h.dot(weights["net.4.weight"].T))
    found = np.array(Program(document.network, 20).forward(x))
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert notes[0] == "Layers in this order: net.1 (2 → 3), net.4 (3 → 1)."
    assert [note.split(",")[0] for note in notes if "folded" in note] == [
        "Batch normalisation net.0 was folded into net.1",
        "Batch normalisation net.2 was folded into net.1",
        "Batch normalisation net.5 was folded into net.4",
    ]
    assert not any("Not used" in note for note in notes)


def test_batch_normalisation_behind_an_activation_is_folded_into_the_next_layer():
    weights = normalised({"net.3": 3})
    bare = {key: weights[key] for key in weights if "running" not in key}
    # Without numbers that can be trained, as with affine=False.
    del weights["net.3.weight"], weights["net.3.bias"]
    document, _ = opened(weights)
    x = np.random.default_rng(5).normal(size=(20, 2))
    h = np.tanh(x.dot(bare["net.1.weight"].T) + bare["net.1.bias"])
    h = (h - weights["net.3.running_mean"]) / np.sqrt(weights["net.3.running_var"] + 1e-5)
    found = np.array(Program(document.network, 20).forward(x))
    np.testing.assert_allclose(found, h.dot(bare["net.4.weight"].T), rtol=1e-12)


@pytest.mark.parametrize("name", ["norm", "net.7", "other.2"])
def test_batch_normalisation_at_an_unknown_place_is_refused_with_a_way_out(name):
    with pytest.raises(FormatError, match=rf"“{name}” is a batch normalisation.*ONNX"):
        opened(normalised({name: 3}))


def test_damaged_batch_normalisations_are_refused():
    weights = normalised({"net.2": 3})
    with pytest.raises(FormatError, match="negative variance"):
        opened({**weights, "net.2.running_var": np.array([1.0, -1.0, 1.0])})
    with pytest.raises(FormatError, match=r"running_mean must have the size 3"):
        opened({**weights, "net.2.running_mean": np.ones(2)})
    del weights["net.2.running_var"]
    with pytest.raises(FormatError, match=r"running_var is missing"):
        opened(weights)


def test_weights_that_are_no_matrix_are_refused_in_good_grammar():
    with pytest.raises(FormatError, match=r"has 1 dimension\. nnplay"):
        opened({"0.weight": np.ones(3)})
    with pytest.raises(FormatError, match=r"has 3 dimensions\. nnplay"):
        opened({"0.weight": np.ones((1, 2, 3))})
