"""The notebook and the program that train a network again do what nnplay does."""

import importlib.util
import json
from dataclasses import replace

import numpy as np
import pytest

import nnplay
from nnplay.core.losses import LOSSES
from nnplay.core.network import Network
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.core.schedules import SCHEDULES
from nnplay.document import Document
from nnplay.formats import registry, running, training_script
from nnplay.formats.errors import FormatError
from nnplay.formats.groups import plan_of
from nnplay.formats.pytorch_module import state_of
from nnplay.formats.verification import verify

HAS_TORCH = importlib.util.find_spec("torch") is not None

CASES = (
    ("circle", {}),
    ("circle", {"optimizer": "adam", "schedule": "cosine", "schedule_epochs": 4,
                "warmup_epochs": 2, "l2": 0.01, "l1": 0.001, "clip_norm": 0.5}),
    ("iris", {"optimizer": "adamw", "label_smoothing": 0.1, "class_weights": [1, 2, 3],
              "schedule": "one_cycle", "schedule_epochs": 6}),
    ("diabetes", {"optimizer": "rmsprop", "loss": "huber", "schedule": "step",
                  "schedule_epochs": 2, "max_norm": 0.8}),
    ("penguins", {"optimizer": "lbfgs", "batch_size": 1000}),
    ("moons", {"optimizer": "nesterov", "schedule": "plateau", "schedule_epochs": 1,
               "learning_rate": 0.5, "clip_value": 0.1}),
    ("circle", {"optimizer": "rprop", "loss": "hinge", "batch_size": 1000}),
    ("circle", {"optimizer": "adagrad", "loss": "mae"}),
    ("circle", {"optimizer": "momentum", "dampening": 0.3, "schedule": "exponential",
                "precision": "float32", "loss": "mse"}),
    ("moons", {"loss": "binary_cross_entropy", "label_smoothing": 0.2}),
)  # fmt: skip


def trained(name, settings):
    settings = dict(settings)
    document, _ = nnplay.new_document(name, hidden=[4, 3])
    if settings.get("loss") == "binary_cross_entropy":
        network = document.network
        for output in network.topology.output_ids:
            network = network.set_activation([output], "sigmoid")
        document = replace(document, network=network)
    if name == "iris":  # something frozen, something switched off, something missing
        network = document.network
        network = network.set_frozen([0, 3, network.theta.size - 1], True)
        network = network.set_enabled([1, network.theta.size - 2], False)
        document = document.with_network(
            network.disconnect([tuple(network.topology.edges[5].tolist())])
        )
    return nnplay.train(document, 4, shuffle=False, **settings).document


@pytest.fixture(scope="module")
def documents():
    return [trained(*case) for case in CASES]


def test_the_cases_cover_all_tables():
    used = [settings for _, settings in CASES]
    assert {s.get("optimizer", "sgd") for s in used} == set(OPTIMIZERS)
    assert {s.get("schedule", "constant") for s in used} == set(SCHEDULES)
    assert {s["loss"] for s in used if "loss" in s} | {
        "half_squared",
        "softmax_cross_entropy",
    } == set(LOSSES)


def code_of_notebook(data):
    notebook = json.loads(data)
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in notebook["cells"]:
        wanted = {"cell_type", "id", "metadata", "source"}
        if cell["cell_type"] == "code":
            wanted |= {"outputs", "execution_count"}
        assert set(cell) == wanted
    return "\n".join("".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code")


def test_without_shuffling_the_same_weights_are_reached(documents):
    codes = []
    for document in documents:
        data = registry.write(document, "notebook")
        assert verify(document, data, "notebook").proof.remark
        script = registry.write(document, "script")
        assert verify(document, script, "script").proof.remark
        codes += [code_of_notebook(data), script.decode()]
    if not HAS_TORCH:
        return
    runner = (
        "import contextlib, io, json, sys\nresults = []\n"
        "for code in json.load(sys.stdin):\n"
        "    names = {'__name__': '__main__'}\n"
        "    with contextlib.redirect_stdout(io.StringIO()):\n"
        "        exec(compile(code, 'exported.py', 'exec'), names)\n"
        "    state = {k: v.tolist() for k, v in names['network'].state_dict().items()}\n"
        "    results.append([state, names['history']])\n"
        "json.dump(results, sys.stdout)\n"
    )
    done = running.run(running.isolated_python(runner), json.dumps(codes).encode(), seconds=150)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    results = json.loads(done.stdout)
    worst = 0.0
    for number, (state, history) in enumerate(results):
        document = documents[number // 2]
        tolerance = 1e-4 if document.training.precision == "float32" else 1e-10
        wanted = state_of(plan_of(document))
        assert state.keys() == wanted.keys()
        for name, values in wanted.items():
            deviation = np.abs(np.array(state[name]) - values).max()
            assert deviation <= tolerance, (CASES[number // 2], name)
            worst = max(worst, deviation) if tolerance < 1e-5 else worst
        losses = np.array(history, dtype=float)
        assert np.allclose(losses[:, 0], document.history.train[-len(losses) :], rtol=1e-4)
    print(f"{len(results)} programs trained to the same weights: largest deviation {worst:.2g}")
    # Training did move them.
    assert any(
        np.abs(document.network.theta - document.initial).max() > 0.01 for document in documents
    )


def test_dropout_and_names_of_all_kinds_are_sound():
    document, _ = nnplay.new_document("circle", hidden=[4])
    network = document.network
    drops = np.where(network.topology.kinds == 1, 0.3, 0.0)
    document = replace(document, network=replace(network, dropout=drops), title='"""*/\n# %%')
    code = code_of_notebook(registry.write(document, "notebook"))
    assert "Dropout([0.3, 0.3, 0.3, 0.3])" in code
    training_script.prove_code(code)


@pytest.mark.parametrize("format_name", ["notebook", "script"])
def test_without_data_there_is_nothing_to_train(format_name):
    with pytest.raises(FormatError, match=r"the network has none yet.*PyTorch module"):
        registry.write(Document(Network.mlp([3, 1])), format_name)


def test_a_program_that_is_not_sound_is_noticed():
    with pytest.raises(FormatError, match="not sound"):
        training_script.prove_code("for")
