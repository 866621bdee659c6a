"""Files of bare weights: the two questions, and the network they lead to."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.dialog_driver import focus_name, press
from gui.panel_driver import Bench
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel  # noqa: TID251
from pytestqt.qtbot import QtBot

from nnplay.core.activations import ACTIVATIONS
from nnplay.gui.dialogs.activations import ActivationRow, ActivationsDialog
from nnplay.gui.theme import Theme
from nnplay.session.session import Session

KEY = Qt.Key
Bare = Bench[ActivationsDialog]


def bare_weights(folder: Path) -> Path:
    path = folder / "from elsewhere.npz"
    np.savez(
        path,
        **{
            "layers.0.weight": np.array([[1.0, 0.5], [-1.0, 2.0], [0.25, -3.0]]),
            "layers.0.bias": np.array([0.1, -0.2, 0.3]),
            "layers.1.weight": np.array([[1.0, -2.0, 0.5]]),
            "layers.1.bias": np.array([0.4]),
        },
    )
    return path


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bare]:
    path = bare_weights(tmp_path)

    def make(session: Session, theme: Theme) -> ActivationsDialog:
        return ActivationsDialog(theme, path)

    made = Bench(qtbot, tmp_path, make, size=(500, 380))
    yield made
    made.close()


def accepted(bench: Bare) -> bool:
    return bench.panel.result() == ActivationsDialog.DialogCode.Accepted


def test_the_answers_open_the_file(bench: Bare, tmp_path: Path) -> None:
    asked: list[object] = []
    bench.session.activations_asked.connect(asked.append)
    path = tmp_path / "from elsewhere.npz"
    assert not bench.session.import_file(path)
    assert asked == [path]
    assert "from elsewhere.npz" in bench.panel.sentence.text()
    bench.choose(bench.panel.hidden, "sigmoid")
    bench.choose(bench.panel.output, "tanh")
    bench.click(bench.panel.ok)
    assert accepted(bench)
    dialog = bench.panel
    assert bench.session.import_file(path, dialog.activation, dialog.output_activation)
    network = bench.network
    assert [network.activation_of(i) for i in network.level_ids(1)] == ["sigmoid"] * 3
    assert network.output_activations == ("tanh",)


def test_by_keyboard_only(bench: Bare) -> None:
    assert focus_name() == "Activation: Hidden neurons"
    press(KEY.Key_T, KEY.Key_Tab)
    assert focus_name() == "Activation: Outputs"
    press(KEY.Key_S, KEY.Key_O, KEY.Key_Return)
    assert accepted(bench)
    assert (bench.panel.activation, bench.panel.output_activation) == ("tanh", "softmax")


def test_the_usual_pair_is_there_to_begin_with(bench: Bare) -> None:
    press(KEY.Key_Return)
    assert (bench.panel.activation, bench.panel.output_activation) == ("relu", "linear")


@pytest.mark.parametrize("by_key", [True, False])
def test_cancelling(bench: Bare, by_key: bool) -> None:
    if by_key:
        press(KEY.Key_Escape)
    else:
        bench.click(bench.panel.cancel)
    assert not bench.panel.isVisible()
    assert not accepted(bench)


def test_each_choice_shows_its_formula_and_its_own_curve(bench: Bare) -> None:
    row = bench.panel.findChildren(ActivationRow)[1]
    curves = []
    for name, activation in ACTIVATIONS.items():
        row.set_value(name)
        assert row._curve.accessibleName() == f"Curve of {activation.title}: {activation.formula}"
        tips = [label.toolTip() for label in row.findChildren(QLabel)]
        assert activation.formula in tips
        image = row._curve.grab().toImage()
        if name != "softmax":  # drawn as the sigmoid that it is for two outputs
            assert image not in curves
        curves.append(image)


def test_softmax_is_for_outputs_only(bench: Bare) -> None:
    assert bench.panel.hidden.findText("softmax") == -1
    assert bench.panel.output.findText("softmax") >= 0
