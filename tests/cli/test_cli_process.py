"""Real processes: no display, no Qt, pipes, terminals, signals."""

import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from nnplay.assets import resource_path
from nnplay.library import load

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "nnplay"]


def environment(**changes):
    """Nothing of a display, and no platform that does without one."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "NNPLAY_DEBUG")
        and not name.startswith("PYTHON")  # unbuffered, Python itself overlooks closed pipes
    }
    return {**kept, "PYTHONPATH": str(ROOT), **changes}


def run(*arguments, **options):
    options.setdefault("env", environment())
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, timeout=60, check=False, **options
    )


def test_without_a_display_and_without_qt(folder):
    """Each command in one fresh process; only ``render`` may load Qt."""
    code = """
import sys
class Wall:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("PySide6", "shiboken6", "pyqtgraph"):
            raise ImportError("a library of Qt is missing")
sys.meta_path.insert(0, Wall())
from nnplay.cli import main
codes = [main(line.split()) for line in sys.stdin]
loaded = [name for name in sys.modules if name.startswith(("PySide6", "shiboken", "pyqtgraph"))]
print(codes, loaded)
"""
    lines = [
        "new a.nnplay --data xor --seed 1",
        "train a.nnplay --epochs 2 --out b.nnplay --log l.csv --json",
        "explain b.nnplay --input 1,-1 --target 1 --json",
        "predict b.nnplay l.csv",
        "export b.nnplay b.npz",
        "export b.nnplay b.safetensors",
        "import b.npz c.nnplay",
        "info c.nnplay --json",
        "check c.nnplay --json",
        "render c.nnplay c.svg",
        "c.nnplay",
    ]
    done = subprocess.run(
        [sys.executable, "-c", code],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        env=environment(),
        timeout=60,
        check=False,
    )
    assert done.stdout.splitlines()[-1] == f"{[0] * 9 + [1, 1]} []", done.stdout + done.stderr
    assert "nnplay: pictures need Qt, which cannot be loaded here" in done.stderr
    assert "nnplay: the window needs Qt, which cannot be loaded here" in done.stderr
    assert "Traceback" not in done.stderr


def test_pictures_need_no_display(folder):
    worked = resource_path("examples/single-neuron.nnplay.json")
    done = run("render", worked, "net.png")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"drawn as net.png\n", b"")
    assert Path("net.png").read_bytes()[:4] == b"\x89PNG"


def test_results_on_stdout_and_everything_else_on_stderr(folder):
    done = run("new", "d.nnplay", "--data", "iris")
    assert done.returncode == 0
    assert done.stdout == b"d.nnplay: 13 neurons, 42 connections, iris.\n"
    assert all(line.startswith(b"note: ") for line in done.stderr.splitlines())
    wrong = run("train", "none.nnplay", "--json")
    assert (wrong.returncode, wrong.stdout) == (1, b"")
    assert wrong.stderr == (
        b"nnplay: none.nnplay cannot be read: there is no such file or folder. Check the name.\n"
    )
    assert run("train", "d.nnplay", "--lr", "abc").returncode == 2


def test_rows_may_come_through_a_pipe(nnplay, spiral):
    done = run("predict", spiral, "-", input=b"x1,x2\n1,2\n0,0\n")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 3
    Path("rows.csv").write_bytes(b"x1,x2\n1,2\n0,0\n")
    assert nnplay("predict", spiral, "rows.csv").out == done.stdout.decode()


def test_a_reader_that_goes_away_is_no_traceback(nnplay, spiral):
    Path("rows.csv").write_text("x1,x2\n" + "1,2\n" * 50_000)
    process = subprocess.Popen(
        [*COMMAND, "predict", spiral, "rows.csv"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert process.stdout is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr is not None
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(30) == 1
    assert said == b""


def test_an_old_terminal_without_greek(nnplay, spiral):
    old = environment(PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    done = run("explain", spiral, "--input", "1,2", env=old)
    assert done.returncode == 0
    assert b"\\u03b4" in done.stdout
    document = load(spiral)
    label = document.network.set_label(document.network.topology.output_ids[0], "höhe δ")
    from nnplay.library import save

    save(document.with_network(label), spiral)
    found = run("explain", spiral, "--input", "1,2", "--json", env=old)
    assert json.loads(found.stdout)["neurons"][-1]["label"] == "höhe δ"


# ------------------------------------------------------------------ terminals and signals
def on_terminal(*arguments, stdout=None):
    """Run a command whose stderr is a terminal; returns exit code and what it showed there."""
    ours, theirs = pty.openpty()
    shown = []

    def read():
        try:
            while chunk := os.read(ours, 65536):
                shown.append(chunk)
        except OSError:
            pass  # the other end was closed

    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)], stdout=subprocess.PIPE, stderr=theirs, env=environment()
    )
    os.close(theirs)
    reader = threading.Thread(target=read)
    reader.start()
    out, _ = process.communicate(timeout=60)
    reader.join(10)
    os.close(ours)
    return process.returncode, out.decode(), b"".join(shown).decode()


def test_a_bar_on_a_terminal_and_only_there(nnplay, spiral):
    code, out, shown = on_terminal("train", spiral, "--epochs", 400, "--json")
    assert code == 0
    assert json.loads(out)["epochs"] == 400
    assert "█" in shown
    assert "400/400  loss 0." in shown
    assert shown.endswith("\r\x1b[2K")  # nothing is left of it
    plain = run("train", spiral, "--epochs", 400)
    assert plain.stderr == b""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_ended_from_outside_writes_nothing(nnplay, spiral, number):
    process = subprocess.Popen(
        [*COMMAND, "train", spiral, "--epochs", "100000000", "--out", "o.nnplay", "--log", "l.csv"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    try:
        time.sleep(1.2)  # long enough to be in the middle of it
        process.send_signal(number)
        out, said = process.communicate(timeout=30)
    finally:
        process.kill()
    assert out == b""
    if number == signal.SIGINT:
        assert (process.returncode, said) == (1, b"nnplay: interrupted; nothing was written.\n")
    else:
        assert process.returncode == -number
    assert [path.name for path in Path().iterdir()] == [spiral]
