"""What all further plots share: they ask while they are seen, and say why they are empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QShowEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from nnplay.core.layer_statistics import layers_of
from nnplay.core.network import Network
from nnplay.gui.panels.refresh import Refresher
from nnplay.gui.panels.words import layer_name
from nnplay.gui.plots.painting import gate_closed
from nnplay.gui.plots.readout import ReadoutLine, paint_readout
from nnplay.gui.theme import Theme
from nnplay.gui.widgets.controls import EmptyState
from nnplay.session.plot_requests import NoAnswer, PlotWish, Stamped
from nnplay.session.session import Session

__all__ = ["INTERVAL", "Drawing", "PlotPage", "layer_items", "layer_title"]

INTERVAL: Final = 120
"""Milliseconds between two pictures while numbers stream in."""


class _Caption(QLabel):
    """Words that give way where there is no room; the tooltip says all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "small")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        metrics = self.fontMetrics()
        text = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        side = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), side, text)
        painter.end()


class Drawing(QWidget):
    """A plot painted by hand, with a readout under the pointer.

    Subclasses paint, read and answer clicks; :meth:`read` and :meth:`click` get places in widget
    coordinates.
    """

    def __init__(self, session: Session, theme: Theme, name: str) -> None:
        super().__init__()
        self._session, self._theme = session, theme
        self._pointer: QPointF | None = None
        self.setMouseTracking(True)
        # It fills itself, so that the card below need not be painted.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 80)
        self.setAccessibleName(name)
        theme.changed.connect(self.update)

    # ------------------------------------------------------------------ for subclasses
    def draw(self, painter: QPainter) -> None:
        """Paint everything but the readout."""
        raise NotImplementedError

    def read(self, place: QPointF) -> Sequence[ReadoutLine]:
        """What is under the pointer."""
        del place
        return ()

    def click(self, place: QPointF) -> None:
        """The left button was pressed."""

    def stepped(self, across: int, down: int) -> bool:
        """An arrow key; whether anything was done."""
        del across, down
        return False

    # ------------------------------------------------------------------ events
    @property
    def readout(self) -> tuple[ReadoutLine, ...]:
        """What the box under the pointer says."""
        return () if self._pointer is None else tuple(self.read(self._pointer))

    def paintEvent(self, event: QPaintEvent) -> None:
        with gate_closed(self._session.paint_gate):
            painter = QPainter(self)
            painter.fillRect(self.rect(), QColor(self._theme.palette.panel))
            self.draw(painter)
            if self.hasFocus():
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(QPen(QColor(self._theme.palette.accent), 1.5))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
            lines = self.readout
            if lines and self._pointer is not None:
                bounds = QRectF(self.rect()).adjusted(2, 2, -2, -2)
                paint_readout(painter, self._theme, lines, self._pointer, bounds)
            painter.end()

    def sizeHint(self) -> QSize:
        return QSize(360, 220)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._pointer = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.click(event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
        }.get(Qt.Key(event.key()))
        if step is None or not self.stepped(*step):
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()


class PlotPage(QWidget):
    """A plot with a row of controls above it; nothing is computed while it is hidden.

    Args:
        session: what is shown.
        theme: colours.
        hint: sentence shown as long as there is nothing to show.
        icon: drawing above that sentence.
    """

    def __init__(self, session: Session, theme: Theme, hint: str, icon: str = "chart") -> None:
        super().__init__()
        self._session, self._theme = session, theme
        self._hint = hint
        self._turn = 0
        self.problem = ""
        self._marked: list[QWidget] = []
        self._probed = session.probe.row
        self._was_running = session.is_running
        self.key = f"plot {type(self).__name__} {id(self)}"
        self.controls = QHBoxLayout()
        self.controls.setSpacing(6)
        self.caption = _Caption()
        self.controls.addWidget(self.caption, 1)
        self.empty = EmptyState(theme, icon, hint)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(self.controls)
        layout.addWidget(self.stack, 1)
        self._refresher = Refresher(self, self.refresh, INTERVAL)
        session.insight_arrived.connect(self._insight_arrived)
        session.run_state_changed.connect(self._run_state_changed)
        session.probe_changed.connect(self._probe_changed)
        theme.changed.connect(self._refresher.request)

    # ------------------------------------------------------------------ for subclasses
    def wish(self) -> PlotWish | None:
        """What is to be computed while the page is seen."""
        return None

    def take(self, answer: Stamped) -> None:
        """An answer to the wish has come."""
        raise NotImplementedError(answer)

    def refresh(self) -> None:
        """Show what there is; called at a readable pace, and only while the page is seen."""

    # ------------------------------------------------------------------ asking and showing
    def ask(self, *, again: bool = False) -> None:
        """Wish for what :meth:`wish` says now; ``again`` even if the answer has been given."""
        self._turn += again
        if self.isVisible():
            wish = self.wish()
            self._session.watch(self.key, None if wish is None else replace(wish, turn=self._turn))

    def show_content(self, widget: QWidget) -> None:
        """Bring a view to the front."""
        if self.stack.indexOf(widget) < 0:
            self.stack.addWidget(widget)
        if self.stack.currentWidget() is not widget:
            self.stack.setCurrentWidget(widget)

    def say(self, sentence: str = "") -> None:
        """Show a sentence in place of the plot; without one, the page's own hint."""
        self.empty.set_sentence(sentence or self._hint)
        self.stack.setCurrentWidget(self.empty)

    def add_control(self, widget: QWidget) -> None:
        """Put a control into the row above the plot."""
        self.controls.insertWidget(self.controls.count() - 1, widget)

    def follow_probe(self, drawing: QWidget) -> None:
        """Paint a drawing again when another sample is probed, but not when only weights moved."""
        self._marked.append(drawing)

    def _probe_changed(self) -> None:
        row = self._session.probe.row
        if row != self._probed:
            self._probed = row
            for drawing in self._marked:
                drawing.update()

    def flush(self) -> None:
        """Show what has arrived at once (benchmarks and tests)."""
        self._refresher.flush()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.ask()
        self._refresher.request()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._session.watch(self.key, None)

    def _insight_arrived(self, key: object, answer: object) -> None:
        if key != self.key or not isinstance(answer, Stamped):
            return
        self.problem = answer.value.problem if isinstance(answer.value, NoAnswer) else ""
        if self.problem:
            self.say(self.problem)
        else:
            self.take(answer)

    def _run_state_changed(self) -> None:
        running, before = self._session.is_running, self._was_running
        self._was_running = running
        if before and not running:
            # What training came to last was perhaps left out to save time.
            self.ask(again=True)


def layer_title(network: Network, level: int) -> str:
    """What people call a layer of :func:`nnplay.core.layer_statistics.layers_of`."""
    if level >= 0:
        return layer_name(network, level)
    return "Output" if len(network.topology.output_ids) == 1 else "Outputs"


def layer_items(network: Network) -> list[tuple[str, str]]:
    """Layers for a drop-down list, values are levels as text."""
    return [(str(x.level), layer_title(network, x.level)) for x in layers_of(network)]
