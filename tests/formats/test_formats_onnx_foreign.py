"""Models of other programs: recorded ones always, and made anew where those programs are."""

import importlib.util
from pathlib import Path

import numpy as np
import onnx
import pytest
from formats.foreign_models import SKLEARN, TORCH, by_sklearn, by_torch
from formats.onnx_driver import HAS_RUNTIME, by_nnplay, by_onnxruntime, opened, relative

from nnplay.formats import registry
from nnplay.formats.verification import verify
from nnplay.library import import_with_notes

MODELS = Path(__file__).parent / "models"
RECORDED = sorted(path.stem for path in MODELS.glob("*.onnx"))


def same(network, x, y):
    found = by_nnplay(network, x)
    y = np.asarray(y).reshape(len(y), -1)
    if found.shape[1] == 1 and y.shape[1] == 2:  # 1 − p and p are shown as p
        y = y[:, 1:]
    return relative(found, y) <= 1e-5


def test_recorded_models_are_there():
    assert len(RECORDED) == 2 * len(TORCH) + len(SKLEARN)


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_models_open_and_compute_the_same(name):
    document, notes = import_with_notes(MODELS / f"{name}.onnx")
    assert notes
    with np.load(MODELS / f"{name}.npz") as arrays:
        assert same(document.network, arrays["x"], arrays["y"])
    # Out again as our own, proven, and back.
    data = registry.write(document, "onnx", include_preparation=False)
    assert verify(document, data, "onnx", include_preparation=False).output_deviation <= 1e-5
    assert opened(data)[0].same_as(document.network)


def shape_of(name):
    """Activations level by level, without those of inputs."""
    network, notes = opened((MODELS / f"{name}.onnx").read_bytes())
    topology = network.topology
    levels = [
        (int((topology.levels == level).sum()), {
            network.activations[row] for row in np.flatnonzero(topology.levels == level)
        })
        for level in range(1, int(topology.levels.max()) + 1)
    ]  # fmt: skip
    return len(topology.input_ids), levels, notes


@pytest.mark.parametrize("kind", ["script", "dynamo"])
def test_torch_layers_become_layers(kind):
    inputs, levels, notes = shape_of(f"torch_picture_{kind}")
    assert inputs == 64
    assert levels == [
        (8, {"gelu_tanh"}),
        (8, {"mish"}),
        (8, {"hard_tanh"}),
        (8, {"hard_sigmoid"}),
        (8, {"softsign"}),
        (2, {"leaky_relu"}),
    ]
    assert "8 × 8 pixels" in notes[0]
    inputs, levels, _ = shape_of(f"torch_residual_{kind}")
    assert inputs == 4
    assert levels == [(6, {"gelu"}), (6, {"silu"}), (6, {"linear"}), (3, {"softmax"})]


def test_pictures_keep_their_shape():
    document, _ = import_with_notes(MODELS / "torch_picture_script.onnx")
    assert document.view["input_shape"] == [8, 8]
    labels = document.network.labels[:64]
    assert (labels[0], labels[9], labels[63]) == ("pixel_0_0", "pixel_1_1", "pixel_7_7")


def test_scaling_is_folded_and_labels_are_cut():
    _, levels, notes = shape_of("sklearn_scaled")
    assert levels == [(4, {"relu"}), (1, {"linear"})]
    assert any("Scaler" in note for note in notes)
    _, levels, notes = shape_of("sklearn_zipmap")
    assert levels == [(4, {"sigmoid"}), (3, {"softmax"})]
    assert any("ZipMap" in note for note in notes)
    network, _ = opened((MODELS / "sklearn_zipmap.onnx").read_bytes())
    assert network.labels[-3:] == ("a", "b", "c")
    for name, kind, classes in (
        ("logistic", "sigmoid", ("1",)),
        ("logistic_classes", "softmax", ("a", "b", "c")),
    ):
        _, levels, _ = shape_of(f"sklearn_{name}")
        assert levels == [(len(classes), {kind})]
        network, _ = opened((MODELS / f"sklearn_{name}.onnx").read_bytes())
        assert network.labels[4:] == classes
    _, levels, notes = shape_of("sklearn_binary")
    assert levels == [(5, {"relu"}), (1, {"sigmoid"})]
    assert any("1 − p" in note for note in notes)


# ------------------------------------------------------------------ made anew
if importlib.util.find_spec("torch") and HAS_RUNTIME:

    @pytest.mark.parametrize("name", TORCH)
    def test_torch_models_by_the_older_exporter(name):
        check(*by_torch(name, False))

    if importlib.util.find_spec("onnxscript"):

        @pytest.mark.parametrize("name", TORCH)
        def test_torch_models_by_the_newer_exporter(name):
            check(*by_torch(name, True))

        def test_weights_in_a_second_file(tmp_path):
            """What torch.onnx.export writes by default."""
            data, x, _ = by_torch("residual", True)
            model = onnx.load_model_from_string(data)
            path = tmp_path / "model.onnx"
            onnx.save_model(
                model,
                path,
                save_as_external_data=True,
                location="model.onnx.data",
                size_threshold=0,
            )
            document, notes = import_with_notes(path)
            assert any("second file" in note and "model.onnx.data" in note for note in notes)
            assert same(document.network, x, by_onnxruntime(data, x))


if importlib.util.find_spec("skl2onnx") and HAS_RUNTIME:

    @pytest.mark.parametrize("name", SKLEARN)
    def test_scikit_learn_models(name):
        check(*by_sklearn(name))


def check(data, x, output):
    network, _ = opened(data)
    assert same(network, x, by_onnxruntime(data, x, output=output))
