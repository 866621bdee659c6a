"""Which backend trains in the window, and what is said about it."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from session.session_driver import Driver, same_document

from nnplay import compiled, headless
from nnplay.core.engine import Engine, Plan
from nnplay.session.backends import Backends
from nnplay.session.settings import Settings
from nnplay.setup import new_document

MakeDriver = Callable[..., Driver]


@pytest.fixture(scope="module", autouse=True)
def compiled_code() -> None:
    assert compiled.wait_until_ready() == "ready"


def test_compiled_runs_give_the_headless_numbers_bit_for_bit(make_driver: MakeDriver) -> None:
    document = new_document("spiral", seed=4, layers=[2, 6, 4, 1])[0]
    driver = make_driver(document)
    session = driver.session
    session.backends.set_wish("compiled")
    session.run_epochs(40)
    driver.until(lambda: not session.is_running)
    alone = headless.train(document, 40, backend="compiled")
    assert alone.backend == session.document.state.backend == "compiled"
    assert same_document(session.document, alone.document)
    by_numpy = headless.train(document, 5).document.network.theta
    by_code = headless.train(document, 5, backend="compiled").document.network.theta
    assert by_code == pytest.approx(by_numpy, rel=1e-9, abs=1e-12)
    assert "Compiled code trains" in session.backend_words
    assert session.run_state.backend == "compiled"


def test_200_live_edits_of_a_compiled_run_none_is_lost(make_driver: MakeDriver) -> None:
    driver = make_driver(new_document("circle", seed=1)[0])
    session = driver.session
    session.backends.set_wish("compiled")
    session.set_frozen([0], True)
    driver.train_until_step(50)
    for number in range(200):
        assert session.set_weight(0, 2, number / 100)
        driver.spin(0.0005)
        assert session.network.edge(0, 2).weight == number / 100
    session.pause()
    assert session.document.state.backend == "compiled"
    assert session.network.edge(0, 2).weight == 1.99
    assert sum(text.startswith("Set") for text in driver.steps) == 200


def test_structure_edits_go_on_compiled_and_keep_the_memory(make_driver: MakeDriver) -> None:
    driver = make_driver(new_document("circle", training={"optimizer": "adam"})[0])
    session = driver.session
    session.backends.set_wish("compiled")
    driver.train_until_step(200)
    before = session.network
    assert session.remove(neurons=[3])
    driver.until(lambda: session.shown_step > 1000)
    session.pause()
    state = session.document.state
    assert state.backend == "compiled"
    assert before.topology.neuron_count - 1 == session.network.topology.neuron_count
    assert all(np.any(values) for values in state.optimizer_arrays.values())


def test_what_cannot_be_compiled_is_trained_by_numpy_and_said(make_driver: MakeDriver) -> None:
    driver = make_driver(new_document("circle", training={"optimizer": "lbfgs"})[0])
    session = driver.session
    session.backends.set_wish("compiled")
    session.run_epochs(2)
    driver.until(lambda: not session.is_running)
    assert session.document.state.backend == "numpy"
    assert "L-BFGS" in session.backend_words


def test_a_wish_is_remembered_and_a_variable_stands_for_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NNPLAY_BACKEND")
    backends = Backends(Settings(tmp_path))
    assert backends.wish == "auto"
    monkeypatch.setenv("NNPLAY_BACKEND", "numpy")
    assert backends.wish == "numpy"
    assert "NumPy will train" in backends.words("")
    backends.set_wish("compiled")
    assert Backends(Settings(tmp_path)).wish == "compiled"
    monkeypatch.setenv("NNPLAY_BACKEND", "abacus")
    assert Backends(Settings(tmp_path / "other")).wish == "auto"


def test_nothing_compiled_is_loaded_before_a_run_and_then_not_by_the_window(
    make_driver: MakeDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[str] = []
    made = compiled.Choice.__call__

    def seen(self: compiled.Choice, plan: Plan) -> Engine:
        used.append(threading.current_thread().name)
        return made(self, plan)

    monkeypatch.setattr(compiled.Choice, "__call__", seen)
    driver = make_driver(new_document("circle")[0])
    driver.session.backends.set_wish("auto")
    driver.session.backends.prepare()
    assert not used
    driver.session.run_epochs(3)
    driver.until(lambda: not driver.session.is_running)
    assert used
    assert set(used) == {"nnplay-training"}
    assert driver.session.document.state.backend == "compiled"


def test_numpy_that_stands_in_for_compiled_code_is_said_once_and_until_it_is_ready(
    make_driver: MakeDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacks = {"reason": "It is being compiled."}
    monkeypatch.setattr(compiled, "warm_up_in_background", lambda: "compiling")
    monkeypatch.setattr(compiled, "reason", lambda: lacks["reason"])
    driver = make_driver(new_document("circle")[0])
    session = driver.session
    session.backends.set_wish("auto")
    for _ in range(2):
        session.run_epochs(3)
        driver.until(lambda: not session.is_running)
    assert session.document.state.backend == "numpy"
    assert driver.texts == ["It is being compiled."]
    assert session.backend_words == "NumPy trains. It is being compiled."
    lacks["reason"] = ""
    assert "ready now" in session.backend_words
    session.backends.set_wish("numpy")
    session.run_epochs(3)
    driver.until(lambda: not session.is_running)
    assert len(driver.texts) == 1
    assert session.backend_words == "NumPy trains."
