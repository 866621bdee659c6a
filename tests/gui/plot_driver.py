"""A plot in its card with a real session, and a hand on mouse and keyboard."""

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
from gui.panel_driver import Bench
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget  # noqa: TID251
from pytestqt.qtbot import QtBot

from nnplay.data.recipe import Column, RawTable
from nnplay.document import Document
from nnplay.gui.plots.activation import ActivationPlot
from nnplay.gui.plots.decision_map import DecisionMap
from nnplay.gui.plots.loss import LossPlot
from nnplay.gui.theme import Theme
from nnplay.gui.widgets.card import Card
from nnplay.session.session import Session
from nnplay.setup import new_document

PlotT = TypeVar("PlotT", LossPlot, ActivationPlot, DecisionMap)


class PlotBench(Bench[Card], Generic[PlotT]):
    """One plot in a card of 520 × 290 pixels."""

    plot: PlotT

    def __init__(
        self,
        qtbot: QtBot,
        folder: Path,
        make: Callable[[Session, Theme], PlotT],
        document: Document | None = None,
        size: tuple[int, int] = (520, 290),
    ) -> None:
        def card(session: Session, theme: Theme) -> Card:
            result = Card("Plot")
            self.plot = make(session, theme)
            result.body_layout.addWidget(self.plot)
            for widget in self.plot.header_widgets():
                result.header_layout.addWidget(widget)
            return result

        super().__init__(qtbot, folder, card, document, size)

    def train(self, epochs: int) -> None:
        """Train to the end of some epochs."""
        assert self.session.run_epochs(epochs)
        self.qtbot.waitUntil(lambda: not self.session.is_running, timeout=20000)

    def hover(self, widget: QWidget, place: QPointF) -> None:
        QTest.mouseMove(widget, place.toPoint())
        QTest.qWait(1)

    def press(self, widget: QWidget, place: QPointF) -> None:
        QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=place.toPoint())

    def release(self, widget: QWidget, place: QPointF) -> None:
        QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=place.toPoint())

    def drag_by_hand(self, widget: QWidget, start: QPointF, end: QPointF) -> None:
        self.hover(widget, start)
        self.press(widget, start)
        for share in (0.2, 0.5, 0.8, 1.0):
            self.hover(widget, start + (end - start) * share)
        self.release(widget, end)


def pixels(widget: QWidget) -> np.ndarray:
    """``uint8[height, width, 3]``: what the widget looks like."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def share_of(picture: np.ndarray, colour: str, within: int = 24) -> float:
    """Share of the pixels of about this colour."""
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
    return float((np.abs(picture.astype(int) - wanted).max(axis=-1) <= within).mean())


def at(x: float, y: float) -> QPoint:
    return QPointF(x, y).toPoint()


def sine_document() -> Document:
    """A single numeric column, and a target with units of its own."""
    x = np.linspace(-3.0, 3.0, 80)
    y = 10.0 * np.sin(x) + np.random.default_rng(0).normal(0.0, 0.5, 80)
    table = RawTable((Column("x", x), Column("y", y)), "y")
    return new_document("table", table=table, table_name="sine.csv", hidden=(6,))[0]


def three_class_document() -> Document:
    """Two numeric columns and three classes."""
    random = np.random.default_rng(1)
    target = np.repeat([0.0, 1.0, 2.0], 30)
    a = target * 2.0 + random.normal(0.0, 0.4, 90)
    b = (target - 1.0) ** 2 + random.normal(0.0, 0.3, 90)
    names = ("low", "middle", "high")
    table = RawTable((Column("a", a), Column("b", b), Column("kind", target, names)), "kind", names)
    return new_document("table", table=table, table_name="kinds.csv", hidden=(6,))[0]
