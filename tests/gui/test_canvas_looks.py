"""What neurons and connections show on the canvas: gradients, updates, means, δ, marks of health."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu  # noqa: TID251
from pytestqt.qtbot import QtBot

from nnplay.core.health import examine
from nnplay.gui.canvas.card_texts import neuron_text
from nnplay.gui.canvas.view import CanvasView
from nnplay.gui.theme import Theme
from nnplay.picture.text import fine_number
from nnplay.session.session import Session
from nnplay.setup import new_document


class Stage:
    """A canvas on screen, with a session behind it."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.session = Session(state_folder=folder)
        self.view = CanvasView(self.session, Theme("dark"))
        qtbot.addWidget(self.view)
        self.view.resize(900, 600)
        self.view.show()
        qtbot.waitExposed(self.view)

    @property
    def drawn(self) -> np.ndarray:
        picture = self.view.network_scene.edges.picture
        assert picture is not None
        return picture.network.theta[: self.session.network.topology.edge_count]

    def report(self):
        train = self.session.workspace.data.samples(self.session.live_document)[0]
        return examine(self.session.network, train, self.session.training)

    def values(self) -> list[float | None]:
        scene = self.view.network_scene
        return [
            scene.neuron_items[i].look.value for i in self.session.network.topology.ids.tolist()
        ]


@pytest.fixture
def stage(qtbot: QtBot, tmp_path: Path) -> Iterator[Stage]:
    made = Stage(qtbot, tmp_path)
    yield made
    made.view.hide()
    made.session.shutdown()


def test_connections_show_gradients_and_weights_again(stage: Stage) -> None:
    view, session = stage.view, stage.session
    view.looks.show_edges("gradients")
    stage.qtbot.waitUntil(lambda: bool(np.any(stage.drawn)))
    count = session.network.topology.edge_count
    np.testing.assert_array_equal(stage.drawn, stage.report().gradient[:count])
    picture = view.network_scene.edges.picture
    assert picture is not None
    assert picture.scale == pytest.approx(np.abs(stage.drawn).max())
    assert picture.strength.max() == pytest.approx(1.0)
    assert view.overlays.legend._edges_title == "∂L/∂w"
    first = stage.drawn.copy()
    session.run_epochs(5)
    stage.qtbot.waitUntil(lambda: not session.is_running)
    stage.qtbot.waitUntil(
        lambda: (
            np.array_equal(stage.drawn, stage.report().gradient[:count])
            and not np.array_equal(stage.drawn, first)
        )
    )
    view.looks.show_edges("weights")
    np.testing.assert_array_equal(stage.drawn, session.network.theta[:count])
    assert view.overlays.legend._edges_title == "Weight"
    assert not session.insight.is_looked_at("health")


def test_connections_show_the_latest_update(stage: Stage) -> None:
    stage.view.looks.show_edges("updates")
    assert not stage.drawn.any()
    before = stage.session.network.theta
    stage.session.step_batch()
    count = stage.session.network.topology.edge_count
    change = (stage.session.network.theta - before)[:count]
    stage.qtbot.waitUntil(lambda: np.array_equal(stage.drawn, change))


def test_editing_a_weight_still_edits_the_weight(stage: Stage) -> None:
    stage.view.looks.show_edges("gradients")
    stage.qtbot.waitUntil(lambda: bool(np.any(stage.drawn)))
    source, target = stage.session.network.topology.edges[0].tolist()
    stage.session.set_weight(source, target, 3.0)
    assert stage.session.network.theta[0] == 3.0
    assert stage.drawn[0] != 3.0


def test_neurons_show_mean_and_spread(stage: Stage) -> None:
    view = stage.view
    assert view.network_scene.with_maps
    view.looks.show_neurons("mean")
    assert not view.network_scene.with_maps
    report = stage.report()
    stage.qtbot.waitUntil(lambda: np.allclose(np.array(stage.values(), float), report.mean))
    for row, neuron_id in enumerate(stage.session.network.topology.ids.tolist()):
        look = view.network_scene.neuron_items[neuron_id].look
        assert look.text == fine_number(report.mean[row])
        assert look.band is not None
        assert 0.0 <= look.band[0] <= look.share <= look.band[1] <= 1.0
    view.looks.show_neurons("activation")
    assert view.network_scene.with_maps
    look = view.network_scene.neuron_items[0].look
    assert (look.text, look.band) == ("", None)
    np.testing.assert_allclose(stage.values(), stage.session.probe.activations)


def test_neurons_show_delta_on_one_scale(stage: Stage) -> None:
    stage.view.looks.show_neurons("delta")
    report = stage.report()
    stage.qtbot.waitUntil(
        lambda: np.allclose(np.array(stage.values(), float), report.delta, equal_nan=True)
    )
    places = [item.look.place for item in stage.view.network_scene.neuron_items.values()]
    assert np.nanmax(np.abs(places)) == pytest.approx(1.0)
    assert stage.view.overlays.legend._title == "δ = ∂L/∂z"


def test_other_wiring_is_followed(stage: Stage) -> None:
    stage.view.looks.show_neurons("mean")
    stage.view.looks.show_edges("gradients")
    stage.session.insert_layer(1, 3)
    count = stage.session.network.topology.edge_count
    stage.qtbot.waitUntil(
        lambda: (
            len(stage.drawn) == count
            and np.array_equal(stage.drawn, stage.report().gradient[:count])
        )
    )
    stage.qtbot.waitUntil(lambda: np.allclose(np.array(stage.values(), float), stage.report().mean))


def test_sick_neurons_are_marked_and_their_card_says_why(stage: Stage) -> None:
    session, scene = stage.session, stage.view.network_scene
    sick = session.network.topology.hidden_ids[0]
    session.set_activation([sick], "relu")
    session.set_bias(sick, -100.0)
    stage.view.looks.show_badges(True)
    stage.qtbot.waitUntil(lambda: scene.neuron_items[sick].look.badge == "error")
    others = [i for i in scene.neuron_items if i != sick]
    assert all(scene.neuron_items[i].look.badge is None for i in others)
    assert "Dead" in neuron_text(session, sick).note
    assert neuron_text(session, others[-1]).note == ""
    box = stage.view._neuron_box(sick)
    corner = QPoint(box.right(), box.top())
    marked = stage.view.grab().toImage().pixelColor(corner - QPoint(3, 0))
    session.set_bias(sick, 0.1)
    stage.qtbot.waitUntil(lambda: scene.neuron_items[sick].look.badge is None)
    assert stage.view.grab().toImage().pixelColor(corner - QPoint(3, 0)) != marked
    stage.view.looks.show_badges(False)
    assert session.health is None


def test_out_of_sight_nothing_is_asked(stage: Stage) -> None:
    stage.view.looks.show_badges(True)
    assert stage.session.insight.is_looked_at("health")
    stage.view.hide()
    assert not stage.session.insight.is_looked_at("health")
    stage.view.show()
    assert stage.session.insight.is_looked_at("health")


def test_nothing_is_made_before_it_is_asked_for(stage: Stage) -> None:
    assert stage.view.overlays.looks is None
    assert stage.session._insight is None


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_button_opens_a_choice(stage: Stage) -> None:
    QTest.mouseClick(stage.view.overlays.zoom.looks, Qt.MouseButton.LeftButton)
    menu = next(menu for menu in stage.view.findChildren(QMenu) if menu.isVisible())
    action = next(one for one in menu.actions() if one.text().startswith("Neurons: δ"))
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    assert stage.view.looks.neurons == "delta"


def test_gradients_are_followed_while_training(stage: Stage) -> None:
    stage.view.looks.show_edges("gradients")
    stage.view.looks.show_neurons("delta")
    seen: list[bytes] = []
    stage.session.start()
    for _ in range(12):
        stage.qtbot.wait(100)
        seen.append(stage.drawn.tobytes())
    stage.session.pause()
    assert 2 <= len(set(seen)) <= 8


def test_the_legend_stays_in_sight_beside_the_strip(stage: Stage) -> None:
    stage.view.resize(608, 440)
    for edges in ("weights", "gradients", "updates"):
        for neurons in ("activation", "mean", "delta"):
            stage.view.looks.show_edges(edges)
            stage.view.looks.show_neurons(neurons)
            stage.qtbot.wait(80)
            assert stage.view.overlays.legend.isVisible(), (edges, neurons)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.00"),
        (0.25, "0.25"),
        (-0.05, "−0.050"),
        (-0.0042, "−4e−3"),
        (3e-12, "3e−12"),
        (float("nan"), "–"),
        (1234.0, "1234"),
    ],
)
def test_tiny_numbers_keep_a_digit(value: float, text: str) -> None:
    assert fine_number(value) == text


def test_the_band_is_painted(stage: Stage) -> None:
    view = stage.view
    view.looks.show_neurons("mean")
    out = stage.session.network.topology.output_ids[0]
    item = view.network_scene.neuron_items[out]
    stage.qtbot.waitUntil(lambda: item.look.band is not None)

    def shot() -> QImage:
        stage.qtbot.wait(30)
        return view.grab(view._neuron_box(out)).toImage()

    first = shot()
    item.look.band = None
    item.update()
    assert shot() != first


def test_what_is_shown_comes_back_with_the_document(stage: Stage, tmp_path: Path) -> None:
    view, session = stage.view, stage.session
    view.looks.show_edges("gradients")
    view.looks.show_neurons("delta")
    path = tmp_path / "looked_at.nnplay"
    assert session.save(path)
    assert not session.is_modified
    session.new_document(new_document("circle")[0])
    assert (view.looks.edges, view.looks.neurons) == ("weights", "activation")
    count = session.network.topology.edge_count
    np.testing.assert_array_equal(stage.drawn, session.network.theta[:count])
    assert view.network_scene.with_maps
    assert view.overlays.legend._edges_title == "Weight"
    assert session.open_document(path)
    assert (view.looks.edges, view.looks.neurons) == ("gradients", "delta")
    count = session.network.topology.edge_count
    stage.qtbot.waitUntil(
        lambda: np.array_equal(stage.drawn, stage.report().gradient[:count]) and stage.drawn.any()
    )
    assert view.overlays.legend._edges_title == "∂L/∂w"
    again = CanvasView(session, Theme("light"))
    stage.qtbot.addWidget(again)
    assert (again.looks.edges, again.looks.neurons) == ("gradients", "delta")


def test_unknown_looks_in_a_file_are_the_usual_ones(stage: Stage) -> None:
    stage.session.set_view("connections_show", ["gradients"])
    stage.session.set_view("neurons_show", "moods")
    again = CanvasView(stage.session, Theme("dark"))
    stage.qtbot.addWidget(again)
    assert again.overlays.looks is None
    assert (again.looks.edges, again.looks.neurons) == ("weights", "activation")
