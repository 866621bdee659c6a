"""While training, a frame repaints the network and nothing that floats beside it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.canvas_driver import Driver
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot


class Paints(QObject):
    """Counts the paint events of some widgets."""

    def __init__(self, *widgets: QObject) -> None:
        super().__init__()
        self.counts = dict.fromkeys(map(id, widgets), 0)
        for widget in widgets:
            widget.installEventFilter(self)

    def of(self, widget: QObject) -> int:
        return self.counts[id(widget)]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.counts[id(watched)] += 1
        return False


@pytest.fixture
def canvas(qtbot: QtBot, tmp_path: Path) -> Iterator[Driver]:
    driver = Driver(qtbot, tmp_path)
    qtbot.waitUntil(lambda: bool(driver.view.network_scene.map_scales))
    yield driver
    driver.close()


def pixels(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    size = (image.height(), image.width())
    return np.frombuffer(image.constBits(), np.uint32).reshape(size).copy()


def test_frames_paint_the_network_only(canvas: Driver, qtbot: QtBot) -> None:
    view = canvas.view
    strips = [view.overlays.tools, view.overlays.zoom, *view.overlays.headers.headers.values()]
    canvas.session.start()
    qtbot.wait(100)
    paints = Paints(view.viewport(), *strips)
    qtbot.waitUntil(lambda: paints.of(view.viewport()) >= 10)
    assert [paints.of(strip) for strip in strips] == [0] * len(strips)
    # Where the network lies under a strip, that is painted too.
    view.scroll_by(0.0, 60.0)
    view.zoom_by(3.0)
    qtbot.wait(50)
    before = paints.of(view.overlays.tools)
    qtbot.waitUntil(lambda: paints.of(view.overlays.tools) >= before + 3)
    canvas.session.pause()


def test_what_frames_have_painted_is_the_whole_picture(canvas: Driver, qtbot: QtBot) -> None:
    view, scene = canvas.view, canvas.view.network_scene
    canvas.session.select([canvas.network.topology.input_ids[0]], ())
    scene.set_hover(canvas.network.topology.output_ids[0], None)
    scene.edges.set_busy(True)
    qtbot.wait(50)
    before = pixels(view.screen().grabWindow(view.winId()).toImage())
    network = canvas.network
    values = np.linspace(-1.0, 1.0, network.topology.neuron_count)
    scene.weigh(network.with_theta(np.linspace(-2.0, 3.0, len(network.theta))))
    scene.set_values(values)
    qtbot.wait(50)
    # The window as it stands, and one painted as a whole.
    screen = pixels(view.screen().grabWindow(view.winId()).toImage())
    assert not np.array_equal(before, screen)
    assert np.array_equal(screen, pixels(view.grab().toImage()))


def test_maps_are_painted_with_the_next_numbers_or_soon(canvas: Driver, qtbot: QtBot) -> None:
    view, scene = canvas.view, canvas.view.network_scene
    scene.edges.set_busy(True)
    qtbot.wait(50)
    ids = canvas.network.topology.ids.tolist()
    maps = np.zeros((len(ids), 32, 32), dtype=np.float32)
    paints = Paints(view.viewport())
    scene.set_maps(ids, maps)
    qtbot.wait(5)
    assert paints.of(view.viewport()) == 0
    scene.set_values(canvas.session.probe.activations)
    qtbot.wait(60)
    assert paints.of(view.viewport()) == 1
    scene.set_maps(ids, maps + 0.5)
    qtbot.waitUntil(lambda: paints.of(view.viewport()) == 2)
    scene.edges.set_busy(False)
    scene.set_maps(ids, maps)
    qtbot.waitUntil(lambda: paints.of(view.viewport()) >= 3, timeout=500)
