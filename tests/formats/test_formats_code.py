"""Python functions, C headers and PyTorch modules compute what the network computes."""

import importlib.util
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from formats.wirings import random_document

import nnplay
from nnplay.core.activations import ACTIVATIONS
from nnplay.core.network import Network
from nnplay.core.topology import Topology
from nnplay.document import Document
from nnplay.formats import c_header, python_function, pytorch_module, registry, running
from nnplay.formats.errors import FormatError
from nnplay.formats.groups import plan_of
from nnplay.formats.proving import deviation_of, trial_of
from nnplay.formats.verification import verify

COUNT = 200
HAS_TORCH = importlib.util.find_spec("torch") is not None
HAS_GCC = shutil.which("gcc") is not None
FORMATS = ("python", "c", "pytorch")


@pytest.fixture(scope="module")
def documents():
    return [random_document(seed) for seed in range(COUNT)]


@pytest.fixture(scope="module")
def plans(documents):
    return [plan_of(document) for document in documents]


def test_the_random_networks_have_everything(documents):
    networks = [document.network for document in documents]
    used = {name for network in networks for name in network.activations}
    assert used == set(ACTIVATIONS)
    assert any(not network.neuron_enabled.all() for network in networks)
    plans = [plan_of(document) for document in documents]
    assert any(not plan.output_enabled.all() for plan in plans)
    assert any(group.is_sparse for plan in plans for group in plan.groups)
    assert any(not group.source_rows.size for plan in plans for group in plan.groups)


@pytest.mark.parametrize("limit", [python_function.WRITTEN_OUT, -1])
def test_python_functions_agree(documents, plans, monkeypatch, limit):
    monkeypatch.setattr(python_function, "WRITTEN_OUT", limit)  # -1: tables of numbers
    trials = [trial_of(plan, False) for plan in plans]
    codes = [registry.write(document, "python").decode() for document in documents]
    wish = json.dumps([[c, t.inputs.tolist()] for c, t in zip(codes, trials, strict=True)])
    runner = (
        "import json, sys\n"
        "results = []\n"
        "for code, rows in json.load(sys.stdin):\n"
        "    names = {'__name__': 'exported'}\n"
        "    exec(compile(code, 'exported.py', 'exec'), names)\n"
        "    results.append([names['predict'](row) for row in rows])\n"
        "json.dump(results, sys.stdout)\n"
    )
    done = running.run(running.isolated_python(runner), wish.encode())
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    worst = max(
        deviation_of(trial, np.array(found), 1e-12, "Python")
        for trial, found in zip(trials, json.loads(done.stdout), strict=True)
    )
    print(f"{COUNT} networks as Python functions: largest deviation {worst:.2g}")
    assert worst <= 1e-12


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_c_headers_agree(documents, plans, dtype, tmp_path):
    trials = [trial_of(plan, False, dtype) for plan in plans]
    headers = []
    for number, (document, trial) in enumerate(zip(documents, trials, strict=True)):
        text = registry.write(document, "c", dtype=dtype, prefix=f"net{number}")
        assert b"malloc" not in text
        (tmp_path / f"net{number}.h").write_bytes(text)
        size = trial.inputs.shape[1], trial.outputs.shape[1]
        headers.append((f"net{number}.h", f"net{number}", *size))
    if not HAS_GCC:
        assert len(headers) == COUNT  # nothing here can run them; the figure is in the docs
        return
    real = "float" if dtype == "float32" else "double"
    (tmp_path / "main.c").write_text(c_header.trial_program(headers, real))
    command = ["gcc", *c_header.FLAGS, "main.c", "-o", "main", "-lm"]
    built = running.run(command, folder=tmp_path, seconds=120)
    assert built.returncode == 0, built.stderr.decode()[:2000]
    data = b"".join(trial.inputs.astype(dtype).tobytes() for trial in trials)
    done = running.run([str(tmp_path / "main")], data)
    assert done.returncode == 0
    found, worst = np.frombuffer(done.stdout, dtype=dtype).astype(float), 0.0
    for trial in trials:
        own, found = found[: trial.outputs.size], found[trial.outputs.size :]
        tolerance = c_header.TOLERANCES[dtype]
        deviation = deviation_of(trial, own.reshape(trial.outputs.shape), tolerance, "gcc")
        worst = max(worst, deviation)
    assert not found.size
    print(f"{COUNT} networks as C headers in {dtype}: largest deviation {worst:.2g}")
    assert worst <= (1e-5 if dtype == "float32" else 1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_pytorch_modules_agree(documents, plans, dtype, tmp_path):
    trials = [trial_of(plan, False, dtype) for plan in plans]
    codes = [registry.write(document, "pytorch", dtype=dtype).decode() for document in documents]
    assert sum("nn.Sequential(" in code for code in codes) > 5
    assert sum("Masked(" in code for code in codes) > 5
    for code in codes:
        compile(code, "network.py", "exec")
    if not HAS_TORCH:
        return
    runner = (
        "import json, sys, torch\n"
        "torch.set_num_threads(1)\n"
        "results = []\n"
        "for code, rows in json.load(sys.stdin):\n"
        "    names = {'__name__': 'exported', '__file__': 'exported.py'}\n"
        "    exec(compile(code, 'exported.py', 'exec'), names)\n"
        "    network = names['load']()\n"
        f"    y = network(torch.tensor(rows, dtype=torch.{dtype}))\n"
        "    results.append(y.detach().double().tolist())\n"
        "json.dump(results, sys.stdout)\n"
    )
    wish = json.dumps([[c, t.inputs.tolist()] for c, t in zip(codes, trials, strict=True)])
    done = running.run(running.isolated_python(runner), wish.encode(), seconds=120)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    worst = max(
        deviation_of(trial, np.array(found), pytorch_module.TOLERANCES[dtype], "PyTorch")
        for trial, found in zip(trials, json.loads(done.stdout), strict=True)
    )
    print(f"{COUNT} networks as PyTorch modules in {dtype}: largest deviation {worst:.2g}")
    assert worst <= (1e-5 if dtype == "float32" else 1e-12)


# ------------------------------------------------------------------ preparation
@pytest.fixture(scope="module")
def penguins():
    """Words as inputs, numbers in units, scaled, three classes."""
    document, _ = nnplay.new_document("penguins", hidden=[5])
    return nnplay.train(document, 3).document


@pytest.fixture(scope="module")
def diabetes():
    """A number in units is predicted from scaled numbers."""
    document, _ = nnplay.new_document("diabetes", hidden=[4])
    return nnplay.train(document, 3).document


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("name", ["penguins", "diabetes"])
@pytest.mark.parametrize("include", [None, False])
def test_preparation_travels_along(request, format_name, name, include):
    document = request.getfixturevalue(name)
    data = registry.write(document, format_name, include_preparation=include)
    report = verify(document, data, format_name, include_preparation=include)
    plan = plan_of(document)
    assert plan.has_preparation
    text = data.decode()
    if include is None:
        assert all(column in text for column in plan.input_stage.raw_names)
        outputs = trial_of(plan, True).outputs
        if name == "diabetes":
            assert 50 < np.abs(outputs).mean() < 400  # in units of the target
    else:
        assert "prepared (scaled)" in text or format_name == "pytorch"
    if format_name == "python" or (HAS_GCC if format_name == "c" else HAS_TORCH):
        assert report.proof.judge
        assert report.output_deviation <= (1e-12 if format_name == "python" else 1e-5)


def test_a_python_function_takes_words_and_names_classes(penguins):
    plan = plan_of(penguins)
    stage = plan.input_stage
    place = next(i for i, words in enumerate(stage.raw_categories) if words)
    code = registry.write(penguins, "python").decode()
    rows = plan.prepared.raw[:20].tolist()
    worded = [[*row] for row in rows]
    for row in worded:
        row[place] = stage.raw_categories[place][int(row[place])]
    runner = (
        "import json, sys\ncode, a, b = json.load(sys.stdin)\nnames = {}\nexec(code, names)\n"
        "json.dump([[names['predict'](r) for r in a], [names['predict'](r) for r in b],"
        " [names['classify'](r) for r in b]], sys.stdout)"
    )
    done = running.run(running.isolated_python(runner), json.dumps([code, rows, worded]).encode())
    numbers, words, classes = json.loads(done.stdout)
    assert numbers == words
    best = np.argmax(np.array(numbers), axis=1)
    assert classes == [plan.output_stage.names[i] for i in best]


def test_formulas_travel_along():
    formulas = (
        "x1^2", "x1*x2", "sin(x1)", "exp(x1)/(1+x2^2)", "max(x1, 1/3)", "sign(x2)-tanh(x1)",
        "sqrt(abs(x1))", "-cos(x2)", "min(x1, x2)", "log(abs(x1)+1)", "tan(x1/9)",
    )  # fmt: skip
    document, _ = nnplay.new_document("circle", features=list(formulas), hidden=[3])
    for format_name in FORMATS:
        report = verify(document, registry.write(document, format_name), format_name)
        assert report.output_deviation <= (1e-12 if format_name == "python" else 1e-5)


# ------------------------------------------------------------------ hostile names, refusals
NASTY = (
    '"""', "*/ int x; /*", "a\\", "??/", "\nimport os", "\u202egnp", "%s%n", "{0}", "é\x00", "'",
    "#include <x>", "\\u0022\"\"\"", "", "x" * 300,
)  # fmt: skip


@pytest.mark.parametrize("format_name", FORMATS)
def test_names_cannot_break_out_of_comments(format_name):
    network = Network.mlp([len(NASTY), 3, 2])
    for neuron, label in zip(network.topology.input_ids, NASTY, strict=True):
        network = network.set_label(neuron, label)
    for title in NASTY:
        document = Document(network, title=title)
        data = registry.write(document, format_name)
        if format_name != "c":
            compile(data, "exported.py", "exec")
    report = verify(document, data, format_name)
    assert report.output_deviation <= 1e-5


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_wrong_export_is_noticed(format_name, documents):
    document = documents[3]
    other = document.network.with_theta(document.network.theta * 1.01)
    data = registry.write(Document(other), format_name)
    if format_name == "python" or (HAS_GCC if format_name == "c" else HAS_TORCH):
        with pytest.raises(FormatError, match="other outputs"):
            verify(document, data, format_name)


@pytest.mark.parametrize("format_name", FORMATS)
def test_networks_that_give_nothing_are_refused(format_name):
    with pytest.raises(FormatError, match="at least one input"):
        registry.write(
            Document(Network.build(Topology([], [], np.empty((0, 2), dtype=np.int64)))), format_name
        )


def test_options_are_checked(documents):
    with pytest.raises(FormatError, match="no option “opset”"):
        registry.write(documents[0], "python", opset=17)
    with pytest.raises(FormatError, match="full precision"):
        registry.write(documents[0], "python", dtype="float32")
    with pytest.raises(FormatError, match="prefix"):
        registry.write(documents[0], "c", prefix="3x")
    with pytest.raises(FormatError, match="do not fit"):
        registry.write(documents[0], "c", include_preparation=True)
    with pytest.raises(FormatError, match="may mean several formats"):
        registry.format_of("x.py")
    with pytest.raises(FormatError, match="does not read"):
        registry.read(b"int main", "x.h")


def test_weights_beside_a_module(documents):
    for seed in (0, 1, 2, 11):
        network = documents[seed].network
        on = np.ones(network.topology.neuron_count, dtype=bool)
        document = Document(replace(network, neuron_enabled=on))
        data = registry.write(document, "pytorch", weights="beside")
        assert b"WEIGHTS" not in data
        report = verify(document, data, "pytorch", weights="beside")
        assert report.output_deviation < 1e-5


def test_large_networks_are_compact():
    network = Network.mlp([20, 300, 300, 10])
    theta = np.random.default_rng(1).normal(size=network.theta.size) * 0.05
    document = Document(network.with_theta(theta))
    for format_name in FORMATS:
        data = registry.write(document, format_name)
        assert len(data) < 3_500_000
        assert verify(document, data, format_name).output_deviation < 1e-5


def test_a_run_can_be_cancelled_and_is_limited():
    import threading
    import time

    stop = threading.Event()
    stop.set()
    start = time.monotonic()
    with pytest.raises(running.CancelledError):
        running.run(running.isolated_python("import time; time.sleep(60)"), stop=stop)
    done = running.run(running.isolated_python("import time; time.sleep(60)"), seconds=0.2)
    assert done.returncode == -9
    assert time.monotonic() - start < 20
