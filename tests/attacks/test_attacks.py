"""Every attack file is refused with a sentence; see README.md."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest
from attacks.make_attacks import CANARY, HERE, files

NAMES = sorted(path.name for path in HERE.iterdir())
HAS_TORCH = importlib.util.find_spec("torch") is not None

LIMIT = "resource.setrlimit(resource.RLIMIT_AS, (used + 500_000_000, used + 500_000_000))"
READER = """\
import json, resource, sys, time
from pathlib import Path
import numpy, onnx
from nnplay.formats import csv_network, nnplay_json, nnplay_zip, npz, onnx_file, registry
from nnplay.formats import safetensors_file
from nnplay.formats.errors import FormatError
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 500_000_000, used + 500_000_000))
found = {}
for place in sys.argv[1:]:
    data, name, start = Path(place).read_bytes(), Path(place).name, time.process_time()
    try:
        registry.read(data, name, activation="tanh", output_activation="linear")
        outcome = ["opened", ""]
    except FormatError as error:
        outcome = ["refused", str(error)]
    except BaseException as error:
        outcome = [type(error).__name__, str(error)]
    found[name] = [*outcome, time.process_time() - start]
json.dump(found, sys.stdout)
"""


def outcomes(code, names, folder):
    command = [sys.executable, "-c", code, *(str(HERE / name) for name in names)]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    folder = tmp_path_factory.mktemp("attacked")
    torch = [name for name in NAMES if name.endswith(".pt")]
    found = outcomes(READER, [name for name in NAMES if name not in torch], folder)
    # PyTorch loads in a process with limits of its own, which would inherit narrower ones.
    found |= outcomes(READER.replace(LIMIT, ""), torch, folder)
    assert list(folder.iterdir()) == [], "something was run"
    return found


def test_the_files_are_those_that_the_script_makes():
    made = files()
    assert sorted(made) == NAMES
    for name, data in made.items():
        assert (HERE / name).read_bytes() == data, name
        assert len(data) < 400_000
    readers = {Path(name).suffix for name in NAMES}
    assert readers == {".nnplay", ".json", ".npz", ".safetensors", ".csv", ".onnx", ".pt"}


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("control-")])
def test_attacks_are_refused_with_a_sentence(read, name):
    kind, sentence, seconds = read[name]
    assert kind == "refused", f"{name}: {kind} {sentence}"
    assert sentence.startswith(f"{name}: ")
    assert sentence.endswith(".")
    assert len(sentence) < 600
    assert seconds < 1.0 or name.endswith(".pt")


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("control-")])
def test_sound_files_are_opened(read, name):
    assert read[name][0] == "opened", read[name]


NAIVE = """\
import io, json, pickle, resource, sys, zipfile
from pathlib import Path
import numpy
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 250_000_000, used + 250_000_000))
found = {}
for place in sys.argv[1:]:
    path = Path(place)
    try:
        if path.suffix == ".pt":
            pickle.loads(path.read_bytes())
        elif "bomb" in path.name:
            archive = zipfile.ZipFile(path)
            [archive.read(name) for name in archive.namelist()]
        else:
            numpy.load(path, allow_pickle=True)["0.weight"]
        found[path.name] = "opened"
    except BaseException as error:
        found[path.name] = type(error).__name__
json.dump(found, sys.stdout)
"""


@pytest.mark.parametrize("name", ["runs-legacy.pt", "object.npz"])
def test_a_naive_reader_runs_the_code(tmp_path, name):
    outcomes(NAIVE, [name], tmp_path)
    assert (tmp_path / CANARY).exists()


@pytest.mark.parametrize("name", ["bomb.npz", "bomb.nnplay"])
def test_a_naive_reader_takes_all_memory(tmp_path, name):
    assert outcomes(NAIVE, [name], tmp_path) == {name: "MemoryError"}


def test_a_reader_that_lets_foreign_errors_out_is_noticed(tmp_path):
    broken = READER.replace(
        "registry.read(data", "registry.FORMATS['npz'].load_module().__dict__['nothing'](data"
    )
    assert outcomes(broken, ["control-good.csv"], tmp_path)["control-good.csv"][0] == "KeyError"
