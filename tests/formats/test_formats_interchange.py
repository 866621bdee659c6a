"""Exports as other programs see them: numpy, the safetensors package and PyTorch, and back."""

import importlib.util
import json
from dataclasses import replace

import numpy as np
import pytest
import safetensors.numpy

from nnplay.core import reference
from nnplay.core.network import Network
from nnplay.core.topology import Kind, Topology
from nnplay.document import Document
from nnplay.formats import registry
from nnplay.formats.errors import FormatError
from nnplay.library import export, import_network, load, save
from nnplay.setup import new_document

BOTH_WAYS = [row.name for row in registry.FORMATS.values() if row.can_read and row.can_write]

ENDINGS = ("npz", "safetensors")


def by_numpy(path):
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def by_safetensors(path):
    return safetensors.numpy.load_file(path)


def arrays_in(path):
    return by_numpy(path) if path.suffix == ".npz" else by_safetensors(path)


def outputs(network, x):
    """By the evaluator that takes one neuron after another: ``[samples, outputs]``."""
    rows = np.flatnonzero(network.topology.kinds == Kind.OUTPUT)
    return reference.evaluate(network, x).a[rows].T


def layered(activation="tanh", output_activation="linear", sizes=(3, 5, 4, 2)):
    network = Network.mlp(sizes, activation=activation, output_activation=output_activation)
    theta = np.random.default_rng(5).normal(size=network.theta.size)
    return network.with_theta(theta)


def irregular():
    """Skip connections, an output that feeds another, a neuron nobody feeds, a dead end."""
    ids = [7, 3, 11, 4, 9, 20, 5]
    kinds = [0, 0, 1, 1, 1, 2, 2]
    edges = [(7, 11), (3, 11), (7, 20), (11, 4), (3, 4), (4, 20), (9, 5), (20, 5), (7, 5), (11, 5)]
    topology = Topology(ids, kinds, np.array(edges))
    names = ["linear", "linear", "tanh", "relu", "sigmoid", "linear", "leaky_relu"]
    return Network.build(
        topology,
        theta=np.random.default_rng(6).normal(size=topology.parameter_count),
        activations=names,
        labels=["a", "b", "h 1", "h,2", 'h"3', "first", "second"],
    )


# ------------------------------------------------------------------ numpy
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_layers_have_the_promised_names_shapes_and_types(tmp_path, ending, dtype):
    network = layered()
    path = tmp_path / f"w.{ending}"
    export(Document(network), path, dtype=dtype)
    arrays = arrays_in(path)
    numbers = {name: array for name, array in arrays.items() if array.dtype.kind == "f"}
    assert {name: array.shape for name, array in numbers.items()} == {
        "layers.0.weight": (5, 3),
        "layers.0.bias": (5,),
        "layers.1.weight": (4, 5),
        "layers.1.bias": (4,),
        "layers.2.weight": (2, 4),
        "layers.2.bias": (2,),
        "edges.weight": (43,),
        "neurons.bias": (14,),
    }
    assert {array.dtype for array in numbers.values()} == {np.dtype(dtype)}
    assert arrays["edges.source"].shape == arrays["edges.target"].shape == (43,)
    assert arrays["neurons.id"].tolist() == network.topology.ids.tolist()
    assert arrays["neurons.kind"].tolist() == network.topology.kinds.tolist()


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_layers_compute_the_same_outputs_in_numpy_alone(tmp_path, ending):
    network = layered()
    path = tmp_path / f"w.{ending}"
    export(Document(network), path)
    arrays = arrays_in(path)
    x = np.random.default_rng(0).normal(size=(64, 3))
    a = x
    for layer in range(3):
        z = a @ arrays[f"layers.{layer}.weight"].T + arrays[f"layers.{layer}.bias"]
        a = np.tanh(z) if layer < 2 else z
    assert a == pytest.approx(outputs(network, x), rel=1e-13, abs=1e-14)


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_edges_compute_the_same_outputs_for_any_wiring(tmp_path, ending):
    """A dozen lines of numpy that know nothing of nnplay but the names of the arrays."""
    network = irregular()
    path = tmp_path / f"w.{ending}"
    report = export(Document(network), path)
    assert report.output_deviation == 0.0
    arrays = arrays_in(path)
    assert not any(name.startswith("layers.") and "weight" in name for name in arrays)
    ids = arrays["neurons.id"].tolist()
    bias = dict(zip(ids, arrays["neurons.bias"].tolist(), strict=True))
    kind = dict(zip(ids, arrays["neurons.kind"].tolist(), strict=True))
    edges = list(
        zip(
            *(arrays[f"edges.{name}"].tolist() for name in ("source", "target", "weight")),
            strict=True,
        )
    )
    functions = {
        "linear": lambda z: z,
        "tanh": np.tanh,
        "relu": lambda z: np.maximum(z, 0),
        "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
        "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    }
    names = dict(zip(ids, network.activations, strict=True))
    x = np.random.default_rng(0).normal(size=(64, 2))
    columns = iter(x.T)
    a = {neuron: next(columns) for neuron in ids if kind[neuron] == 0}

    def value(neuron):
        if neuron not in a:
            z = bias[neuron] + sum(w * value(s) for s, t, w in edges if t == neuron)
            a[neuron] = functions[names[neuron]](z + np.zeros(64))
        return a[neuron]

    found = np.stack([value(neuron) for neuron in ids if kind[neuron] == 2], axis=1)
    assert found == pytest.approx(outputs(network, x), rel=1e-12, abs=1e-13)


def test_the_metadata_say_what_the_numbers_do_not(tmp_path):
    document, _ = new_document("iris", seed=3)
    export(document, tmp_path / "w.npz")
    export(document, tmp_path / "w.safetensors")
    archive = by_numpy(tmp_path / "w.npz")
    data = (tmp_path / "w.safetensors").read_bytes()
    length = int.from_bytes(data[:8], "little")
    metadata = json.loads(data[8 : 8 + length])["__metadata__"]
    for name in ("nnplay_json", "layers", "inputs"):
        assert bytes(archive[name]).decode() == metadata[name]
    layers = json.loads(metadata["layers"])
    assert [layer["activation"] for layer in layers] == ["tanh", "softmax"]
    assert [len(layer["neurons"]) for layer in layers] == [6, 3]
    inputs = json.loads(metadata["inputs"])
    assert [entry["key"] for entry in inputs] == [
        "sepal_length",
        "sepal_width",
        "petal_length",
        "petal_width",
    ]
    assert all(entry["deviation"] > 0.1 for entry in inputs)
    assert json.loads(metadata["nnplay_json"])["network"]["neurons"][0]["label"] == "sepal_length"


def test_missing_connections_are_zeros_with_a_mask(tmp_path):
    network = layered().disconnect([(0, 3), (2, 5)])
    export(Document(network), tmp_path / "w.npz")
    arrays = by_numpy(tmp_path / "w.npz")
    weight = arrays["layers.0.weight"]
    assert (weight[0, 0], weight[2, 2]) == (0.0, 0.0)
    assert np.count_nonzero(weight) == 13
    mask = json.loads(bytes(arrays["layers"]))[0]["mask"]
    assert mask == ["011", "111", "110", "111", "111"]
    assert import_network(tmp_path / "w.npz").network.same_as(network)


# ------------------------------------------------------------------ PyTorch
TORCH_CASES = [
    ("tanh", "linear"),
    ("relu", "sigmoid"),
    ("leaky_relu", "tanh"),
    ("sigmoid", "softmax"),
]


@pytest.mark.parametrize(("activation", "output_activation"), TORCH_CASES)
def test_a_sequential_of_torch_takes_the_file_as_it_is(tmp_path, activation, output_activation):
    """The lines of docs/formats.md; without PyTorch, numpy stands in for ``nn.Linear``."""
    network = layered(activation, output_activation)
    path = tmp_path / "w.safetensors"
    export(Document(network), path)
    x = np.random.default_rng(0).normal(size=(64, 3))
    expected = outputs(network, x)
    arrays = by_safetensors(path)
    a = x
    for layer in range(3):
        z = a @ arrays[f"layers.{layer}.weight"].T + arrays[f"layers.{layer}.bias"]
        a = PLAIN[activation if layer < 2 else output_activation](z)
    assert a == pytest.approx(expected, rel=1e-12, abs=1e-13)
    if importlib.util.find_spec("torch") is not None:
        assert torch_outputs(path, activation, output_activation, x) == pytest.approx(
            expected, rel=1e-12, abs=1e-13
        )


PLAIN = {
    "linear": lambda z: z,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "softmax": lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True),
}


def torch_outputs(path, activation, output_activation, x):
    import torch
    from safetensors.torch import load_file
    from torch import nn

    functions = {
        "linear": nn.Identity(),
        "tanh": nn.Tanh(),
        "relu": nn.ReLU(),
        "leaky_relu": nn.LeakyReLU(0.01),
        "sigmoid": nn.Sigmoid(),
        "softmax": nn.Softmax(dim=1),
    }
    hidden = functions[activation]
    model = nn.Sequential(
        *(nn.Linear(3, 5), hidden, nn.Linear(5, 4), hidden),
        *(nn.Linear(4, 2), functions[output_activation]),
    ).double()
    tensors = load_file(path)
    state = {
        f"{2 * int(name.split('.')[1])}.{name.split('.')[2]}": tensor
        for name, tensor in tensors.items()
        if name.startswith("layers.")
    }
    model.load_state_dict(state)  # strict: every name and every shape must fit
    with torch.no_grad():
        return model(torch.tensor(x)).numpy()


def test_what_torch_saved_opens_as_a_network(tmp_path):
    """``save_file(model.state_dict(), …)`` of an ``nn.Sequential``: names like ``0.weight``."""
    random = np.random.default_rng(7)
    arrays = {
        "0.weight": random.normal(size=(4, 3)).astype(np.float32),
        "0.bias": random.normal(size=4).astype(np.float32),
        "2.weight": random.normal(size=(2, 4)).astype(np.float32),
        "2.bias": random.normal(size=2).astype(np.float32),
    }
    path = tmp_path / "torch.safetensors"
    safetensors.numpy.save_file(arrays, path)
    network = import_network(path, activation="relu", output_activation="linear").network
    x = random.normal(size=(64, 3))
    hidden = np.maximum(x @ arrays["0.weight"].astype(float).T + arrays["0.bias"], 0)
    expected = hidden @ arrays["2.weight"].astype(float).T + arrays["2.bias"]
    assert outputs(network, x) == pytest.approx(expected, rel=1e-12, abs=1e-13)
    if importlib.util.find_spec("torch") is not None:
        import torch
        from safetensors.torch import save_file
        from torch import nn

        model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
        save_file(model.state_dict(), path)
        network = import_network(path, activation="relu", output_activation="linear").network
        with torch.no_grad():
            found = model.double()(torch.tensor(x)).numpy()
        assert outputs(network, x) == pytest.approx(found, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("ending", ENDINGS)
def test_numbers_that_another_program_changed_win(tmp_path, ending):
    """Fine-tuned elsewhere and saved with the metadata still inside."""
    network = layered()
    path = tmp_path / f"w.{ending}"
    export(Document(network), path)
    if ending == "npz":
        arrays = by_numpy(path)
        arrays["layers.1.bias"] = arrays["layers.1.bias"] + 0.5
        np.savez(path, **arrays)
    else:
        with safetensors.safe_open(path, "numpy") as file:
            metadata = file.metadata()
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        arrays["layers.1.bias"] = arrays["layers.1.bias"] + 0.5
        safetensors.numpy.save_file(arrays, path, metadata)
    again = import_network(path).network
    moved = again.theta - network.theta
    slots = [network.bias_slot(neuron_id) for neuron_id in (8, 9, 10, 11)]
    assert moved[slots] == pytest.approx([0.5] * 4)
    assert np.count_nonzero(moved) == 4
    assert again.activations == network.activations


# ------------------------------------------------------------------ there and back
def marked():
    network = irregular().set_frozen([0, 4], True).set_enabled([2, 11], False)
    return replace(network, neuron_enabled=np.array([1, 1, 1, 0, 1, 1, 1], dtype=bool))


def grouped():
    base = layered("relu", "softmax", (2, 4, 3))
    return base.connect(0, 7, 0.5).set_frozen([3], True)  # past the hidden layer


@pytest.mark.parametrize("build", [layered, irregular, marked, grouped])
@pytest.mark.parametrize("name", BOTH_WAYS)
def test_every_format_gives_the_network_back(tmp_path, build, name):
    document = Document(build(), {0: (1.0, 2.0)} if build is layered else {})
    path = tmp_path / f"net{registry.FORMATS[name].suffixes[0]}"
    report = export(document, path)
    assert (report.format, report.path) == (name, path)
    assert report.byte_count == path.stat().st_size
    again = import_network(path)
    assert again.network.same_as(document.network)
    assert again.network.labels == document.network.labels
    x = np.random.default_rng(1).normal(size=(9, len(document.network.topology.input_ids)))
    assert np.array_equal(outputs(again.network, x), outputs(document.network, x))
    first = path.read_bytes()
    export(again, path)
    assert path.read_bytes() == first


@pytest.mark.parametrize("name", ["npz", "safetensors"])
def test_what_is_switched_off_counts_nothing_for_other_programs(tmp_path, name):
    network = marked()
    path = tmp_path / f"net.{name}"
    export(Document(network), path)
    arrays = arrays_in(path)
    by_pair = {
        (s, t): w
        for s, t, w in zip(
            *(arrays[f"edges.{key}"].tolist() for key in ("source", "target", "weight")),
            strict=True,
        )
    }
    assert by_pair[7, 20] == 0.0  # switched off itself
    assert by_pair[4, 20] == 0.0  # comes from a neuron that is switched off
    assert by_pair[7, 11] != 0.0  # frozen only


def test_an_export_that_would_be_wrong_is_not_written(tmp_path, monkeypatch):
    from nnplay.formats import npy_member

    path = tmp_path / "w.npz"
    path.write_bytes(b"the old file")
    encode = npy_member.encode
    monkeypatch.setattr(
        npy_member, "encode", lambda a: encode(a * 1.0000001 if a.dtype.kind == "f" else a)
    )
    with pytest.raises(FormatError, match=r"^w\.npz: "):
        export(Document(layered()), path)
    assert path.read_bytes() == b"the old file"


def test_a_document_that_would_be_wrong_is_not_saved(tmp_path, monkeypatch):
    from nnplay.formats import document_record

    path = tmp_path / "d.nnplay"
    path.write_bytes(b"the old file")
    write = document_record.document_to_record

    def forgetful(document):
        return write(replace(document, title="Untitled"))

    from nnplay.formats import nnplay_zip

    monkeypatch.setattr(nnplay_zip, "document_to_record", forgetful)
    with pytest.raises(FormatError, match=r"^d\.nnplay: The saved bytes do not read back"):
        save(Document(layered(), title="mine"), path)
    assert path.read_bytes() == b"the old file"


def test_the_file_s_contents_decide_when_its_name_misleads(tmp_path):
    document = Document(layered())
    for name in BOTH_WAYS:
        row = registry.FORMATS[name]
        path = tmp_path / f"odd-{name}.dat"
        path.write_bytes(registry.write(document, name))
        assert load(path).network.same_as(document.network), row.title


def test_a_table_without_bindings_is_tied_to_the_plane_and_one_with_them_is_not():
    network = Network.mlp([2, 1])
    assert network.bindings == (None, None, None)
    data = registry.write(Document(network), "csv")
    assert registry.read(data, "own.csv").network.bindings == (None, None, None)
    bare = "record,id,kind,activation\nneuron,0,input,\nneuron,1,input,\nneuron,2,output,tanh\n"
    assert registry.read(bare.encode(), "bare.csv").network.bindings == ("x1", "x2", "+1")
