"""A calculation by hand on the canvas: unknown tiles, numbers on edges, dots that flow, the loss."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.canvas_driver import Driver
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from nnplay.core.step_plan import Phase
from nnplay.document import Document
from nnplay.examples import digits, iris, single_neuron, skip_connections
from nnplay.gui.canvas.step_mark import ALL_FROM, StepMark

Make = Callable[[Document | None], Driver]


@pytest.fixture
def make(qtbot: QtBot, tmp_path: Path) -> Iterator[Make]:
    made: list[Driver] = []

    def open_canvas(document: Document | None = None) -> Driver:
        made.append(Driver(qtbot, tmp_path, document))
        made[-1].view.attach_steps()
        return made[-1]

    yield open_canvas
    for driver in made:
        driver.close()


def mark(canvas: Driver) -> StepMark:
    assert canvas.view.steps is not None
    return canvas.view.steps.mark


def known(canvas: Driver) -> dict[int, bool | None]:
    items = canvas.view.network_scene.neuron_items
    return {neuron_id: item.look.is_known for neuron_id, item in items.items()}


def picture_of(canvas: Driver, neuron_id: int) -> QImage:
    place = canvas.neuron(neuron_id)
    box = QRect(place - QPoint(16, 16), place + QPoint(16, 16))
    return canvas.view.grab(box).toImage()


def test_unknown_tiles_look_different_and_come_to_be_known_one_by_one(make: Make) -> None:
    canvas = make(skip_connections())
    session, topology = canvas.session, canvas.network.topology
    inner = (*topology.hidden_ids, *topology.output_ids)
    assert set(known(canvas).values()) == {None}
    session.stepper.open()
    assert [known(canvas)[i] for i in topology.input_ids] == [True, True]
    assert not any(known(canvas)[i] for i in inner)
    hatched = [picture_of(canvas, i) for i in inner]
    seen = []
    while session.stepper.phase == Phase.FORWARD and session.stepper.next("neuron"):
        seen.append(sum(bool(known(canvas)[i]) for i in inner))
    assert seen[: len(inner)] == list(range(1, len(inner) + 1))
    assert all(one != picture_of(canvas, i) for one, i in zip(hatched, inner, strict=True))
    session.stepper.close()
    assert set(known(canvas).values()) == {None}
    assert canvas.view.network_scene.with_maps
    assert not mark(canvas).isVisible()


def test_far_away_unknown_neurons_give_nothing_away(make: Make) -> None:
    canvas = make(skip_connections())
    output = canvas.network.topology.output_ids[0]
    canvas.session.stepper.open()
    canvas.view.zoom_by(0.25 / canvas.view.navigation.scale)
    before = picture_of(canvas, output)
    canvas.session.stepper.next("phase")
    assert picture_of(canvas, output) != before


def test_numbers_take_the_places_of_weights_and_give_them_back(make: Make) -> None:
    canvas = make(single_neuron())
    stepper, edges = canvas.session.stepper, canvas.view.network_scene.edges
    assert canvas.view.shows_numbers
    plain = canvas.view.grab().toImage()
    stepper.open()
    stepper.next()
    assert edges._taken.tolist() == [0]
    chip = next(c for c in mark(canvas).picture.chips if "·" in c.text)
    np.testing.assert_allclose([chip.place.x(), chip.place.y()], edges.places_for(np.array([0]))[0])
    stepper.close()
    assert edges._taken.size == 0
    assert canvas.view.grab().toImage() == plain


def test_numbers_flow_forward_and_back_unless_motion_is_reduced(make: Make) -> None:
    canvas = make(single_neuron())
    stepper, steps = canvas.session.stepper, canvas.view.steps
    assert steps is not None
    canvas.view.transition.set_reduced(True)
    stepper.open()
    stepper.next()
    assert steps._flow.state() == steps._flow.State.Stopped
    canvas.view.transition.set_reduced(False)
    stepper.next()
    assert steps._flow.state() == steps._flow.State.Running
    steps._flow.setCurrentTime(steps._flow.duration() * 3 // 10)
    assert 0.1 < mark(canvas)._flow < 0.3  # beside the number, which hides it in the middle
    moving = canvas.view.grab().toImage()
    steps._flow.stop()
    mark(canvas).set_flow(None)
    assert canvas.view.grab().toImage() != moving
    stepper.jump_to(Phase.BACKWARD)
    for _ in range(3):
        stepper.next()
    assert mark(canvas).picture.backwards
    assert mark(canvas).picture.glowing == {0: -1}


def test_the_loss_stands_right_of_the_outputs_in_sight(make: Make) -> None:
    canvas = make(iris())
    stepper, scene = canvas.session.stepper, canvas.view.network_scene
    assert stepper.open()
    stepper.next("phase")
    chips = mark(canvas).picture.chips
    loss = next(chip for chip in chips if chip.text == "L = ?")
    stepper.jump(stepper.plan.end_of(Phase.LOSS))
    chips = mark(canvas).picture.chips
    assert any(chip.text.startswith("L = 1.0") or "L = 0." in chip.text for chip in chips)
    assert loss.place.x() > max(x for x, _ in scene.positions.values()) + 23
    spot = canvas.view.navigation.to_window(loss.place)
    assert canvas.view.viewport().rect().contains(spot.toPoint() + QPoint(40, 0))
    canvas.session.set_direction(downwards=True)
    loss = next(c for c in mark(canvas).picture.chips if c.text.startswith("L = "))
    assert loss.place.y() > max(y for _, y in scene.positions.values()) + 23


def test_a_softmax_group_is_framed_as_one(make: Make) -> None:
    canvas = make(iris())
    stepper = canvas.session.stepper
    stepper.open()
    stepper.jump(stepper.plan.end_of(Phase.FORWARD))
    assert len(mark(canvas).picture.framed) == 3
    assert stepper.words.formula.startswith("softmax: setosa = ")


def test_from_afar_only_the_latest_numbers_are_written(make: Make) -> None:
    canvas = make(skip_connections())
    stepper = canvas.session.stepper
    stepper.open()
    stepper.next("neuron")
    stepper.next("neuron")
    near, far = mark(canvas).chips_at(1.0), mark(canvas).chips_at(ALL_FROM / 2)
    assert 0 < len(far) < len(near)
    assert any(chip.text == "L = ?" for chip in far)


def test_moving_a_neuron_takes_its_numbers_along(make: Make) -> None:
    canvas = make(single_neuron())
    stepper = canvas.session.stepper
    stepper.open()
    stepper.next()
    before = [chip.place for chip in mark(canvas).picture.chips]
    output = canvas.network.topology.output_ids[0]
    x, y = canvas.session.positions[output]
    canvas.session.move_neurons({output: (x + 80, y + 120)})
    assert stepper.position == 1
    assert [chip.place for chip in mark(canvas).picture.chips] != before


def test_nothing_of_it_can_be_clicked_but_the_network_can(make: Make) -> None:
    canvas = make(single_neuron())
    canvas.session.stepper.open()
    canvas.session.stepper.next()
    output = canvas.network.topology.output_ids[0]
    canvas.click(canvas.neuron(output))
    assert canvas.session.selection.neurons == {output}
    canvas.click(canvas.edge(0, output))
    assert canvas.session.selection.edges == {(0, output)}


def test_a_large_layer_glows_without_a_heap_of_numbers(make: Make) -> None:
    canvas = make(digits())
    stepper = canvas.session.stepper
    assert stepper.open()
    stepper.next("layer")
    picture = mark(canvas).picture
    assert len(picture.chips) < 120
    assert len(picture.glowing) <= 200
    canvas.view.grab()
