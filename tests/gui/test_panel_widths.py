"""Nothing is cut off at the smallest widths of the columns, in either theme."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (  # noqa: TID251
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from nnplay.gui.panels.data import DataPanel
from nnplay.gui.panels.dataset_tiles import DatasetTile
from nnplay.gui.panels.features import FeaturesPanel
from nnplay.gui.panels.form import ScrollColumn
from nnplay.gui.panels.inspector import InspectorPanel
from nnplay.gui.panels.layers import LayersPanel
from nnplay.gui.panels.parameter_row import SourceLabel
from nnplay.gui.panels.training import TrainingPanel
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import Card, PlainSlider
from nnplay.gui.widgets.activation_choice import ActivationChoice
from nnplay.session.session import Session
from nnplay.setup import new_document

LEFT_WIDTH, RIGHT_WIDTH = 284, 312


@pytest.fixture
def dressed(qapp: QApplication) -> Iterator[Theme]:
    """The application in the real look; plain again afterwards."""
    before = qapp.styleSheet(), qapp.palette(), qapp.font()
    theme = Theme("dark")
    theme.apply(qapp)
    yield theme
    qapp.setStyleSheet(before[0])
    qapp.setPalette(before[1])
    qapp.setFont(before[2])


def needed_width(widget: QWidget) -> int:
    """Width of the text a widget shows, with what its kind needs around it."""
    metrics = QFontMetrics(widget.font())
    if isinstance(widget, QLabel):
        if widget.wordWrap() or not widget.text():
            return 0
        return metrics.horizontalAdvance(widget.text()) - 1
    if isinstance(widget, ActivationChoice):
        return 0  # shortens its words by itself, and says them in its tooltip
    if isinstance(widget, QComboBox):
        return metrics.horizontalAdvance(widget.currentText()) + 34
    if isinstance(widget, QLineEdit):
        return metrics.horizontalAdvance(widget.text()) + 16
    if isinstance(widget, QToolButton) and not widget.icon().isNull():
        return 14
    if isinstance(widget, QAbstractButton):
        return metrics.horizontalAdvance(widget.text())
    return 0


def cut_off(panel: QWidget) -> list[str]:
    """Descriptions of everything narrower than its text or outside the panel's column."""
    found = []
    for widget in panel.findChildren(QWidget):
        if not widget.isVisible() or isinstance(widget, SourceLabel | DatasetTile):
            continue
        name = f"{type(widget).__name__} “{getattr(widget, 'text', lambda: '')()}”"
        if widget.width() < needed_width(widget):
            found.append(f"{name}: {widget.width()} of {needed_width(widget)}")
        right = widget.mapTo(panel, QPoint(widget.width(), 0)).x()
        if right > panel.width() + 1:
            found.append(f"{name} sticks out by {right - panel.width()}")
    return found


def show(
    qtbot: QtBot,
    theme: Theme,
    session: Session,
    make: Callable[[Session, Theme], QWidget],
    width: int,
) -> tuple[Card, QWidget]:
    card = Card("Panel")
    panel = make(session, theme)
    card.body_layout.addWidget(panel)
    qtbot.addWidget(card)
    card.setFixedWidth(width)
    card.resize(width, 900)
    card.show()
    qtbot.waitExposed(card)
    qtbot.wait(30)
    return card, panel


@pytest.mark.parametrize("data", ["spiral", "digits", "diabetes", "penguins"])
@pytest.mark.parametrize(
    ("make", "width"),
    [
        (DataPanel, LEFT_WIDTH),
        (FeaturesPanel, LEFT_WIDTH),
        (LayersPanel, LEFT_WIDTH),
        (TrainingPanel, RIGHT_WIDTH),
        (InspectorPanel, RIGHT_WIDTH),
    ],
)
def test_nothing_is_cut_off(
    qtbot: QtBot, tmp_path: Path, dressed: Theme, data: str, make: type[QWidget], width: int
) -> None:
    session = Session(new_document(data)[0], state_folder=tmp_path)
    session.set_training(optimizer="adam")
    session.set_level_activation(1, "leaky_relu")
    card, panel = show(qtbot, dressed, session, make, width)
    if isinstance(panel, TrainingPanel):
        session.set_training(
            schedule="exponential", early_stopping=True, initializer="constant", warmup_epochs=3
        )
        panel.settings.learning.class_weights.way.chosen.emit("balanced")
        for section in panel.settings.sections:
            section.open()
    if isinstance(panel, LayersPanel):
        panel.dropout.fold.click()
    topology = session.network.topology
    edge = tuple(int(i) for i in topology.edges[-1])
    selections: list[tuple[list[int], list[tuple[int, int]]]] = [([], [])]
    if make is InspectorPanel:
        selections += [
            ([topology.hidden_ids[0]], []),
            ([topology.output_ids[0]], []),
            ([topology.input_ids[-1]], []),
            ([], [edge]),
            (list(topology.hidden_ids[:3]), [edge]),
        ]
    try:
        for mode in ("dark", "light"):
            dressed.set_mode(mode)
            for neurons, edges in selections:
                session.select(neurons, edges)
                qtbot.wait(20)
                assert cut_off(panel) == []
    finally:
        card.hide()
        session.shutdown()


def test_the_check_notices_a_cut_off_text(qtbot: QtBot, dressed: Theme) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(100, 100)
    label = QLabel("a text that is much too long for its place", host)
    label.setGeometry(0, 0, 60, 20)
    field = QLineEdit("7", host)
    field.setGeometry(80, 40, 60, 20)
    host.show()
    assert len(cut_off(host)) == 2
    host.hide()


def test_every_control_has_an_accessible_name(qtbot: QtBot, tmp_path: Path, dressed: Theme) -> None:
    session = Session(state_folder=tmp_path)
    try:
        for make in (DataPanel, FeaturesPanel, LayersPanel, TrainingPanel, InspectorPanel):
            card, panel = show(qtbot, dressed, session, make, RIGHT_WIDTH)
            session.select([session.network.topology.hidden_ids[0]])
            if isinstance(panel, TrainingPanel):
                for section in panel.settings.sections:
                    section.open()
            for widget in panel.findChildren(QWidget):
                interesting = isinstance(widget, QAbstractButton | QLineEdit | QComboBox)
                if interesting and widget.isVisible() and widget.objectName()[:3] != "qt_":
                    text = getattr(widget, "text", lambda: "")()
                    is_field = isinstance(widget, QLineEdit)
                    named = widget.accessibleName() or (text and not is_field)
                    assert named, f"{type(widget).__name__} in {make.__name__}"
            for slider in panel.findChildren(PlainSlider):
                assert slider.slider.accessibleName()
            card.hide()
    finally:
        session.shutdown()


def test_a_change_of_theme_repaints_everything(
    qtbot: QtBot, tmp_path: Path, dressed: Theme
) -> None:
    session = Session(state_folder=tmp_path)
    card, panel = show(qtbot, dressed, session, InspectorPanel, RIGHT_WIDTH)
    session.select([session.network.topology.hidden_ids[0]])
    qtbot.wait(120)
    try:
        formula = panel.neuron_page.formula
        colours = []
        for mode in ("dark", "light"):
            dressed.set_mode(mode)
            qtbot.wait(60)
            image = formula.grab().toImage()
            colours.append(image.pixelColor(image.width() // 2, image.height() - 5).name().upper())
            assert colours[-1] == dressed.palette.card.upper()
        assert colours[0] != colours[1]
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    finally:
        card.hide()
        session.shutdown()


@pytest.mark.parametrize("width", [LEFT_WIDTH, 300, 330])
def test_a_scroll_bar_and_pictures_do_not_chase_each_other(
    qtbot: QtBot, tmp_path: Path, dressed: Theme, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bar makes the pictures smaller, so that it is not needed and goes: once without an end.

    The window died of it when it had a certain height.
    """
    listen = ScrollColumn.eventFilter
    depth = deepest = 0

    def counted(area: ScrollColumn, watched: QObject, event: QEvent) -> bool:
        nonlocal depth, deepest
        depth += 1
        deepest = max(deepest, depth)
        # A mistake shall fail this test, not end the process.
        done = depth > 12 or listen(area, watched, event)
        depth -= 1
        return done

    monkeypatch.setattr(ScrollColumn, "eventFilter", counted)
    session = Session(new_document("circle")[0], state_folder=tmp_path)
    card, panel = show(qtbot, dressed, session, DataPanel, width)
    area = panel.findChild(ScrollColumn)
    assert area is not None
    tile = panel.findChild(DatasetTile)
    assert tile is not None
    bars, widths = set(), set()
    try:
        for height in (*range(640, 300, -1), *range(300, 640)):
            card.resize(width, height)
            QApplication.processEvents()
            bars.add(area.verticalScrollBar().isVisible())
            widths.add(tile.width())
    finally:
        card.hide()
        session.shutdown()
    assert bars == {True, False}
    assert 0 < deepest <= 3
    assert len(widths) == 1  # the bar stands in the margin
