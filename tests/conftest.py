"""Fixtures for the whole suite: no screen, no trace of the user's own settings, nothing left over."""

import gc
import importlib.util
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
# A shell that starts the suite in the background has it ignore Ctrl+C, and programs inherit that.
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)
# What trains must not depend on whether something happens to be compiled; tests of that say so.
os.environ["NNPLAY_BACKEND"] = "numpy"
_home = tempfile.TemporaryDirectory(prefix="nnplay-tests-")
for _name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
    os.environ[_name] = os.path.join(_home.name, _name.lower())
    os.makedirs(os.environ[_name])

import pytest  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402
from latex_judge import PROGRAMS  # noqa: E402

settings.register_profile(
    "nnplay",
    deadline=None,
    derandomize=True,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("nnplay")

# Judges the tests can call; the recorded figures in tests/reference are compared either way.
LIVE_ORACLES = {
    "torch": "PyTorch",
    "sklearn": "scikit-learn",
    "onnxruntime": "onnxruntime",
}
FIGURES = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Compiled code is kept between runs of the suite; its file name tells what it was made from."""
    if getattr(config, "cache", None) is not None:
        os.environ.setdefault("NNPLAY_KERNELS", str(config.cache.mkdir("kernels")))


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Takes lines that are printed below the results: what long runs have counted."""
    return request.config.stash.setdefault(FIGURES, []).append


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for line in config.stash.get(FIGURES, []):
        terminalreporter.write_line(line)
    present = [t for name, t in LIVE_ORACLES.items() if importlib.util.find_spec(name)]
    absent = [t for name, t in LIVE_ORACLES.items() if not importlib.util.find_spec(name)]
    terminalreporter.write_line(f"Live oracles: {', '.join(present) or 'none'}.")
    if absent:
        terminalreporter.write_line(
            f"Absent: {', '.join(absent)} (recorded figures were compared instead)."
        )
    if not any(map(shutil.which, PROGRAMS)):
        terminalreporter.write_line("Absent: LaTeX (figures and formulas were not compiled).")
    if not importlib.util.find_spec("distributed"):
        terminalreporter.write_line("Absent: dask.distributed (sweeps were not done on a cluster).")


@pytest.fixture(autouse=True)
def no_surviving_threads() -> Iterator[None]:
    """A thread that outlives its test aborts the process later, far from its cause."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 3.0
    while left := [t for t in set(threading.enumerate()) - before if t.is_alive()]:
        if time.monotonic() > deadline:
            pytest.fail(f"threads survived the test: {[t.name for t in left]}")
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def no_leaked_windows() -> Iterator[None]:
    """A window that outlives its test keeps timers and connections alive in all later ones."""

    def windows() -> list[object]:
        widgets = sys.modules.get("PySide6.QtWidgets")
        if widgets is None or widgets.QApplication.instance() is None:
            return []
        return list(widgets.QApplication.topLevelWidgets())

    before = windows()
    yield
    left = [w for w in windows() if not any(w is b for b in before)]
    if not left:
        return
    core = sys.modules["PySide6.QtCore"]
    del left
    gc.collect()
    core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)
    core.QCoreApplication.processEvents()
    left = [
        w
        for w in windows()
        if not any(w is b for b in before)
        # pyqtgraph and Qt keep private helper windows (menus, tool tips) for their own reuse.
        and type(w).__module__.startswith("nnplay")
        and w.isVisible()  # type: ignore[attr-defined]
    ]
    if left:
        described = [
            f"{type(w).__name__} kept by {len(gc.get_referrers(w))} referrers" for w in left
        ]
        pytest.fail(f"windows survived the test: {described}")
