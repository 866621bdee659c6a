"""Numba missing or broken, caches unwritable or damaged: NumPy trains and people are told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import nnplay
from nnplay.compiled import Choice, cache
from nnplay.compiled.cache import KERNEL_SOURCES

TRAIN = """
import numpy as np
from nnplay.core.config import TrainingConfig
from nnplay.core.network import Network
from nnplay.core.samples import Samples
from nnplay.core.topology import Topology
from nnplay.core.training import Trainer
import nnplay.compiled as compiled

def train(wait):
    choice = compiled.choose("auto", wait=wait)
    network = Network.build(
        Topology([0, 1], [0, 2], [(0, 1)]), theta=[1.0, 0.0], activations=["linear", "tanh"]
    )
    data = Samples(np.ones((5, 1)), np.zeros((5, 1)))
    trainer = Trainer(network, data, TrainingConfig(), backend=choice)
    trainer.run(2)
    print(trainer.backend_name, compiled.state())
    print(choice.notice)
"""


def run(code: str, **environment: str) -> list[str]:
    """The lines a fresh process prints."""
    known = {k: v for k, v in os.environ.items() if k not in environment}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=known | {k: v for k, v in environment.items() if v},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def package(folder: Path, code: str) -> str:
    """A search path on which another Numba comes first."""
    place = folder / "numba"
    place.mkdir()
    (place / "__init__.py").write_text(code)
    return os.pathsep.join([str(folder), str(Path(nnplay.__file__).parent.parent)])


def test_nothing_heavy_is_imported_before_training(compiled: Choice) -> None:
    lines = run(
        "import sys, nnplay, nnplay.app, nnplay.compiled as c\n"
        "print(c.state(), 'numba' in sys.modules, 'llvmlite' in sys.modules)\n"
        + TRAIN
        + "train(False)\nprint('numba' in sys.modules, 'scipy' in sys.modules)\n"
    )
    assert lines == ["ready False False", "compiled ready", "", "False False"]


def test_without_numba_numpy_trains(tmp_path: Path) -> None:
    lines = run(
        "import sys\nsys.modules['numba'] = None\n" + TRAIN + "train(True)\n",
        NNPLAY_KERNELS=str(tmp_path),
    )
    assert lines[0] == "numpy missing"
    assert "Numba is not installed" in lines[1]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise ImportError('Numba needs another NumPy')", "Numba needs another NumPy"),
        ("raise SystemError('initialisation failed')", "initialisation failed"),
        ("import os\nos._exit(9)", "exit code 9"),
    ],
)
def test_with_a_broken_numba_numpy_trains(tmp_path: Path, code: str, said: str) -> None:
    path = package(tmp_path, code)
    lines = run(TRAIN + "train(True)\n", NNPLAY_KERNELS=str(tmp_path / "k"), PYTHONPATH=path)
    assert lines[0] == "numpy broken"
    assert lines[1].startswith("Numba does not work here, so NumPy trains.")
    assert said in lines[1]


def test_a_run_that_starts_too_early_stays_with_numpy(tmp_path: Path) -> None:
    path = package(tmp_path, "import time\ntime.sleep(3)\nraise ImportError('late')")
    lines = run(
        TRAIN + "train(False)\nprint(compiled.wait_until_ready())\n",
        NNPLAY_KERNELS=str(tmp_path / "k"),
        PYTHONPATH=path,
    )
    assert lines[0] == "numpy compiling"
    assert "still being compiled" in lines[1]
    assert lines[2] == "broken"


def test_waiting_reports_progress_and_can_be_given_up(tmp_path: Path) -> None:
    path = package(tmp_path, "import time\ntime.sleep(2)\nraise ImportError('late')")
    code = (
        "import nnplay.compiled as c\n"
        "def enough(seconds):\n    print(seconds >= 0)\n    raise KeyboardInterrupt\n"
        "try:\n    c.choose('compiled', wait=True, progress=enough)\n"
        "except KeyboardInterrupt:\n    print(c.state())\n"
        "print(c.wait_until_ready())\n"
    )
    lines = run(code, NNPLAY_KERNELS=str(tmp_path / "k"), PYTHONPATH=path)
    assert lines == ["True", "compiling", "broken"]


def test_a_damaged_kernel_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NNPLAY_KERNELS", str(tmp_path / "kernels"))
    cache.write_kernel(b"code" * 100)
    assert cache.read_kernel() == b"code" * 100
    for data in (cache.kernel_path().read_bytes()[:-1], b"", b"x" * 500):
        cache.kernel_path().write_bytes(data)
        assert cache.read_kernel() is None


def test_code_that_cannot_be_linked_leaves_numpy(tmp_path: Path) -> None:
    lines = run(
        "from llvmlite import binding\n"
        "from nnplay.compiled import cache, loading\n"
        "module = binding.parse_assembly('define i32 @other() { ret i32 0 }')\n"
        "cache.write_kernel(loading.target_machine().emit_object(module))\n"
        + TRAIN
        + "train(True)\nprint(compiled.reason())\n",
        NNPLAY_KERNELS=str(tmp_path),
    )
    assert lines[0] == "numpy broken"
    assert "incomplete" in lines[1]


def test_kernels_long_out_of_use_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NNPLAY_KERNELS", str(tmp_path))
    old, recent = tmp_path / "old.kernel", tmp_path / "recent.kernel"
    for path in (old, recent):
        path.write_bytes(b"")
    os.utime(old, (1e9, 1e9))
    cache.write_kernel(b"code")
    assert (old.exists(), recent.exists()) == (False, True)


def test_without_a_writable_cache_a_private_folder_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.delenv("NNPLAY_KERNELS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file" / "below"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = cache.cache_folder()
    assert folder.parent == tmp_path
    assert folder.stat().st_mode & 0o777 == 0o700
    cache.write_kernel(b"code")
    assert cache.read_kernel() == b"code"
    # What others may write to is not trusted: its files are run.
    folder.chmod(0o777)
    other = cache.cache_folder()
    assert other != folder
    assert other.stat().st_mode & 0o777 == 0o700
    cache._own_folder.cache_clear()


def test_every_source_of_the_kernel_decides_its_name() -> None:
    code = (
        "import sys, nnplay.compiled.compiling, nnplay.compiled.kernels\n"
        "print(*[m.__file__ for n, m in sys.modules.items() if n.startswith('nnplay.compiled.')])"
    )
    loaded = {Path(name).stem for name in run(code)[0].split()}
    # What the package itself needs to answer quickly is no part of the kernel.
    assert loaded - {"readiness", "cache"} == set(KERNEL_SOURCES)


def test_constants_of_core_decide_the_kernels_name(monkeypatch: pytest.MonkeyPatch) -> None:
    before = cache._key()
    cache._key.cache_clear()
    assert cache._key() == before
    monkeypatch.setattr("nnplay.core.activation_functions.LEAK", 0.02)
    cache._key.cache_clear()
    assert cache._key() != before
    monkeypatch.undo()
    cache._key.cache_clear()
    assert cache._key() == before


def test_the_warming_process_keeps_a_kernel_that_is_there(compiled: Choice) -> None:
    before = cache.kernel_path().stat()
    done = subprocess.run([sys.executable, "-m", "nnplay.compiled.warm"], timeout=60, check=False)
    assert done.returncode == 0
    after = cache.kernel_path().stat()
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)


def test_a_kernel_that_miscalculates_is_not_kept(compiled: Choice) -> None:
    from nnplay.compiled.loading import KernelError
    from nnplay.compiled.proving import prove
    from nnplay.compiled.readiness import kernel

    prove(kernel())

    def wrong(*arguments: int) -> None:
        kernel()(*arguments[:4], arguments[4] + 1, *arguments[5:])

    with pytest.raises(KernelError, match="other numbers"):
        prove(wrong)  # type: ignore[arg-type]
