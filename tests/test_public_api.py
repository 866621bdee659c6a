"""What README, docs and docstrings show is run as it stands."""

import ast
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nnplay
from nnplay.cli import main

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def section(text, title):
    """The part of a Markdown text below a heading, up to the next heading of its rank."""
    rank, name = re.match("(#+) (.*)", title).groups()
    found = re.search(
        rf"^{rank} {re.escape(name)}$(.*?)(?=^#{{1,{len(rank)}}} |\Z)", text, re.M | re.S
    )
    assert found, f"there is no section “{title}”"
    return found[1]


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


def commands(block):
    """The command lines of a shell block, without comments."""
    return [shlex.split(line, comments=True) for line in block.splitlines() if line.strip()]


# ------------------------------------------------------------------ README
def test_the_ten_lines_of_the_readme_run(folder, capsys):
    (code,) = blocks(section(README, "## From Python"), "python")
    assert len([line for line in code.splitlines() if line.strip()]) <= 10
    names: dict = {}
    exec(compile(code, "README.md", "exec"), names)
    printed = capsys.readouterr().out
    assert "Evaluation(loss_train=" in printed
    assert "read back, every number bit for bit the same." in printed
    saved = nnplay.load("circle.nnplay")
    assert saved.state.epoch == 100
    assert saved.history.train[-1] < 0.5 * saved.history.train[0]  # it does learn
    again = nnplay.import_network("circle.safetensors")
    assert again.network.same_as(saved.network)


def test_the_readme_s_promise_that_python_and_command_line_agree(folder, capsys):
    (code,) = blocks(section(README, "## From Python"), "python")
    exec(compile(code, "README.md", "exec"), {})
    layers, seed = re.search(r"layers=\[([\d, ]+)\], seed=(\d+)", code).groups()
    epochs, rate = re.search(r"epochs=(\d+), learning_rate=([\d.]+)", code).groups()
    layers = layers.replace(" ", "")
    assert main(["new", "c.nnplay", "--data", "circle", "--layers", layers, "--seed", seed]) == 0
    options = ["--epochs", epochs, "--lr", rate, "--out", "c.nnplay"]
    assert main(["train", "c.nnplay", *options]) == 0
    assert Path("c.nnplay").read_bytes() == Path("circle.nnplay").read_bytes()


def test_the_commands_of_the_readme_run(folder, capsys, qapp):
    (block,) = blocks(section(README, "## Without a window"), "sh")
    lines = commands(block)
    assert len(lines) >= 5
    for program, *arguments in lines:
        assert program == "nnplay"
        assert main(arguments) == 0, (arguments, capsys.readouterr().err)
    made = {path.name for path in folder.iterdir()}
    assert made == {*("spiral.nnplay", "trained.nnplay", "losses.csv", "model.onnx", "network.svg")}
    assert len(Path("losses.csv").read_text().splitlines()) == 502
    # 'says what it chose'
    main(lines[0][1:])
    assert "note: Outputs: " in capsys.readouterr().err


@pytest.mark.parametrize("page", ["README.md", "docs/command-line.md", "docs/formats.md"])
def test_links_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"(?<!!)\[[^\]]*\]\((?!http)([^)]+)\)", text)
    assert links
    for link in links:
        path, _, anchor = link.partition("#")
        target = ((ROOT / page).parent / path) if path else ROOT / page
        assert target.exists(), link
        if anchor:
            titles = re.findall("^#+ (.*)$", target.read_text(encoding="utf-8"), re.M)
            assert anchor in {title.lower().replace(" ", "-") for title in titles}, link


def test_numbers_of_any_type_give_the_same_file(folder):
    files = []
    for whole, real in ((int, float), (np.int64, np.float64), (float, np.float32), (float, int)):
        document, _ = nnplay.new_document(
            "circle", seed=whole(3), noise=whole(10), layers=[2, 2, 1]
        )
        settings = {"learning_rate": real(1), "batch_size": whole(8), "shuffle_seed": whole(4)}
        result = nnplay.train(document, 1, l2=real(0), shuffle=np.True_, **settings)
        nnplay.save(result.document, "a.nnplay")
        files.append(Path("a.nnplay").read_bytes())
    assert len(set(files)) == 1


@pytest.mark.parametrize("settings", [{"batch_size": 2.5}, {"batch_size": True}, {"l1": "much"}])
def test_settings_of_no_use_are_refused_with_a_sentence(settings):
    document, _ = nnplay.new_document("circle")
    with pytest.raises(ValueError, match="must be"):
        nnplay.train(document, 1, **settings)


@pytest.mark.parametrize("weights", [5, "ab"])
def test_class_weights_that_are_no_list_of_numbers_are_refused(weights):
    document, _ = nnplay.new_document("circle")
    with pytest.raises(nnplay.TrainingError, match="list of numbers"):
        nnplay.train(document, 1, class_weights=weights)


def test_behind_the_epoch_to_stop_at_nothing_is_trained():
    document, _ = nnplay.new_document("circle")
    once = nnplay.train(document, 20, stop_epoch=3)
    again = nnplay.train(once.document, 20)
    assert (once.epochs, again.epochs, again.document.state.epoch) == (3, 0, 3)
    assert "raise the limit" in again.stopped
    assert again.document.network.theta.tobytes() == once.document.network.theta.tobytes()


# ------------------------------------------------------------------ the package
def test_the_example_in_the_docstring_runs(folder, capsys):
    code = nnplay.__doc__.split("::\n", 1)[1].split("\n``", 1)[0]
    exec(compile("\n".join(line[4:] for line in code.splitlines()), "docstring", "exec"), {})
    assert "Evaluation(loss_train=" in capsys.readouterr().out
    assert nnplay.load("circle.nnplay").state.epoch == 100
    assert Path("circle.safetensors").exists()


def test_every_public_name_is_there_and_listed_everywhere():
    assert sorted(nnplay.__all__) == nnplay.__all__
    assert set(nnplay.__all__) == set(nnplay._PLACES)
    for name in nnplay.__all__:
        assert getattr(nnplay, name) is not None
        assert name in dir(nnplay)
    # Type checkers see the same names.
    tree = ast.parse(Path(nnplay.__file__).read_text(encoding="utf-8"))
    typed = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for statement in node.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    assert typed == set(nnplay.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        nnplay.nothing


def test_what_the_issue_names_is_public():
    for name in ("Network", "Trainer", "TrainingConfig", "load", "save", "datasets"):
        assert name in nnplay.__all__
    assert "spiral" in nnplay.datasets


def test_importing_costs_nothing():
    code = (
        "import nnplay, sys; print([m for m in ('numpy', 'pandas', 'PySide6') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout == "[]\n"


# ------------------------------------------------------------------ docs
COMMAND_LINE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
FORMATS = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")


def parser_of(command):
    import importlib

    from nnplay.cli import COMMANDS
    from nnplay.cli.arguments import Parser

    parser = Parser(command, "")
    importlib.import_module(f"nnplay.cli.{COMMANDS[command][0]}").add_arguments(parser)
    return parser


def real_options(command):
    return {
        option
        for action in parser_of(command)._actions
        for option in action.option_strings
        if option.startswith("--") and option != "--help"
    }


def command_names():
    from nnplay.cli import COMMANDS

    return list(COMMANDS)


@pytest.mark.parametrize("command", command_names())
def test_the_page_lists_exactly_the_options_there_are(command):
    part = section(COMMAND_LINE, f"## nnplay {command}")
    listed = set(re.findall(r"^\| `(--[a-z0-9-]+)", part, re.M))
    assert listed == real_options(command)
    shown = {word for block in blocks(part, "sh") for line in commands(block) for word in line}
    used = {word for word in shown if re.fullmatch("--[a-z][a-z0-9-]*", word)}
    assert used <= real_options(command)


def test_every_command_of_the_page_runs_and_prints_what_the_page_shows(folder, capsys, qapp):
    """In the order of the page, in one folder; only times may differ."""
    examples = re.findall(
        r"^```sh\n(nnplay .*?)^```\n(?:\n```(json|csv|text)\n(.*?)^```$)?",
        COMMAND_LINE,
        re.M | re.S,
    )
    assert len(examples) >= len(command_names())
    (rows,) = re.findall(r"rows in `rows.csv`:\n\n```csv\n(.*?)^```$", COMMAND_LINE, re.M | re.S)
    Path("rows.csv").write_text(rows)
    for block, kind, shown in examples:
        capsys.readouterr()
        for program, *arguments in commands(block):
            assert program == "nnplay"
            for name in arguments:
                if name.startswith("resources/"):
                    arguments[arguments.index(name)] = str(ROOT / name)
            assert main(arguments) == 0, (arguments, capsys.readouterr())
        out = capsys.readouterr().out
        if kind == "json":
            assert comparable(json.loads(out)) == comparable(json.loads(shown)), block
        elif kind:
            assert rounded(out) == rounded(shown), block


# Times, and what other processors' last digits change.
VARYING = (
    *("seconds", "bytes", "worst_relative_error", "worst_parameter"),
    *("largest_deviation", "output_deviation"),
)


def comparable(value, key=""):
    if isinstance(value, dict):
        return {name: comparable(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [comparable(inner) for inner in value]
    if key in VARYING:
        return type(value)
    return float(f"{value:.6g}") if isinstance(value, float) else value


def rounded(text):
    """Without times, and numbers to six digits."""
    text = re.sub(r"in \d+\.\d+ s", "in … s", text)
    return re.sub(r"\d+\.\d{7,}", lambda found: f"{float(found[0]):.6g}", text)


def test_the_python_of_the_formats_page_runs(folder, capsys):
    """Blocks that need PyTorch run where it is installed."""
    import importlib.util

    import numpy as np

    document, _ = nnplay.new_document("circle", layers=[2, 4, 2, 1], seed=7)
    trained = nnplay.train(document, 50).document
    nnplay.save(trained, "circle.nnplay")
    nnplay.save(trained, "circle.nnplay.json")
    for ending in ("npz", "safetensors", "csv", "onnx"):
        nnplay.export(trained, f"circle.{ending}")
    has_torch = importlib.util.find_spec("torch") is not None
    has_runtime = importlib.util.find_spec("onnxruntime") is not None
    x = np.random.default_rng(0).normal(size=(5, 2))
    expected = nnplay.explain(trained.network, x[0]).a[-1]
    judged = 0
    for code in blocks(FORMATS, "python"):
        if ("torch" in code and not has_torch) or ("onnxruntime" in code and not has_runtime):
            continue
        names = {"x": x}
        exec(compile(code, "docs/formats.md", "exec"), names)
        if "outputs" in names:
            assert np.asarray(names["outputs"]).reshape(5, 1)[0, 0] == pytest.approx(
                expected, rel=1e-5 if "onnxruntime" in code else 1e-12
            )
            judged += 1
    assert judged >= 2 + has_torch + has_runtime


def test_the_formats_page_names_every_key_of_a_document(folder):
    nnplay.save(nnplay.train(nnplay.new_document("iris")[0], 2).document, "d.nnplay.json")
    value = json.loads(Path("d.nnplay.json").read_text())
    for place, keys in (
        ("top", value),
        ("training", value["training"]),
        ("state", value["state"]),
        ("data", value["data"]),
        ("preparation", value["preparation"]),
        ("neuron", {key for neuron in value["network"]["neurons"] for key in neuron}),
        ("edge", {key for edge in value["network"]["edges"] for key in edge}),
        ("history", value["history"]),
    ):
        for key in keys:
            assert f"`{key}`" in FORMATS, f"{place}: {key}"
    from nnplay.formats.csv_network import COLUMNS

    for name in (*COLUMNS, "layers.0.weight", "edges.source", "neurons.kind", "nnplay_json"):
        assert f"`{name}`" in FORMATS


def test_the_formats_page_tells_true_types_and_sizes(folder):
    import numpy as np

    document = nnplay.train(nnplay.new_document("iris")[0], 2, optimizer="adam").document
    document = document.with_network(document.network.set_frozen([0], True).set_enabled([1], False))
    nnplay.save(document, "d.nnplay")
    nnplay.export(document, "d.npz")
    found = {}
    for name in ("d.nnplay", "d.npz"):
        with np.load(name, allow_pickle=False) as archive:
            for member in archive.files:
                if isinstance(archive[member], np.ndarray):
                    found[member] = archive[member]
    topology = document.network.topology
    sizes = {"E": topology.edge_count, "N": topology.neuron_count, "P": topology.parameter_count}
    checked = 0
    for names, kind, shape in re.findall(r"^\| (`.*?) \| `(\w+)\[(.*?)\]`", FORMATS, re.M):
        for name in re.findall("`(.*?)`", names):
            if (key := name.removesuffix(".npy")) not in found:
                continue
            array = found[key]
            assert str(array.dtype).startswith(kind), name
            wanted = [
                sizes.get(part, None if part.isalpha() else part) for part in shape.split(", ")
            ]
            assert len(wanted) == array.ndim, name
            assert all(
                want is None or int(want) == have
                for want, have in zip(wanted, array.shape, strict=True)
            ), name
            checked += 1
    assert checked >= 14
