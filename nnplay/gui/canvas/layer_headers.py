"""Names of the layers above their columns, with buttons to add and remove neurons."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QObject, QPointF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QEnterEvent,
    QFont,
    QFontMetrics,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from nnplay.core.topology import Kind
from nnplay.gui.canvas.layer_menu import layer_menu
from nnplay.gui.canvas.scene import NetworkScene
from nnplay.gui.theme import Theme
from nnplay.picture.geometry import HALF, PITCH
from nnplay.picture.layers import LayerGroup, layer_groups

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["HEADER_ROOM", "HEADER_WIDTH", "LayerHeader", "LayerHeaders"]

HEADER_ROOM = 60
# Beside rows, where a network runs from top to bottom.
HEADER_WIDTH = 112
# Less height than this is enough for the name only, or not even for that.
BOTH_LINES = 40
ONE_LINE = 20
TOP = 12
# Between the words of two headers.
GAP = 6
PADDING = 4
# A header with less room than this could not be read.
NARROWEST = 16
# Neurons farther apart than this stand in columns of their own.
APART = 1.4 * PITCH


class LayerHeader(QWidget):
    """One layer's name; hidden layers offer − and + while the pointer is here.

    Where columns are close to each other the words become shorter, and come back under the
    pointer.
    """

    def __init__(self, theme: Theme, session: Session, group: LayerGroup, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme, self.session, self.group = theme, session, group
        self._room, self._centre = float("inf"), 0.0
        self._bounds = self._edges = (-1e9, 1e9)
        self._row: tuple[float, float] | None = None  # left end and middle height, beside a row
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._title, self._caption = QLabel(self), QLabel(self)
        self._title.setFont(theme.ui_font(13, QFont.Weight.DemiBold))
        self._caption.setFont(theme.ui_font(11))
        self._caption.setProperty("role", "secondary")
        self._fewer = self._button("minus", "Remove a neuron from this layer", self._remove)
        self._more = self._button("plus", "Add a neuron to this layer", self._add)
        words = QVBoxLayout()
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(0)
        for label in (self._title, self._caption):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            words.addWidget(label)
        row = QHBoxLayout(self)
        row.setContentsMargins(PADDING, 4, PADDING, 4)
        row.setSpacing(4)
        row.addWidget(self._fewer)
        row.addLayout(words)
        row.addWidget(self._more)
        self.show_group(group)

    def _button(self, icon: str, words: str, act: Callable[[], None]) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(self.theme.icon(icon, size=14))
        button.setIconSize(QSize(14, 14))
        button.setFixedSize(QSize(22, 22))
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setToolTip(words)
        button.setAccessibleName(words)
        button.clicked.connect(act)
        button.hide()
        return button

    def show_group(self, group: LayerGroup) -> None:
        """Name another state of the layer."""
        self.group = group
        self.setToolTip(f"{group.title}: {group.caption}\nClick to select the whole layer")
        self.setAccessibleName(f"{group.title}, {group.caption}")
        self._say()

    def place(self, centre: float, left: float, right: float, edges: tuple[float, float]) -> None:
        """Stand around ``centre`` and between ``left`` and ``right``, in window pixels.

        ``edges`` are those of all headers together.
        """
        self._row = None
        self._caption.show()
        self._centre, self._bounds, self._edges = centre, (left, right), edges
        self._room = right - left - 2 * PADDING
        self._say()

    def place_beside(self, left: float, middle: float, height: float) -> None:
        """Stand beside a row, around ``middle`` and from ``left`` on, in window pixels.

        With less ``height`` than two lines need, only the name is said.
        """
        self._row = left, middle
        self._room = HEADER_WIDTH - 2 * PADDING
        self._caption.setVisible(height >= BOTH_LINES)
        self._say()

    def _say(self) -> None:
        """The longest words that fit; all of them under the pointer."""
        room = float("inf") if self.underMouse() else self._room
        group = self.group
        for label, texts in (
            (self._title, (group.title, group.short_title)),
            (self._caption, (group.caption, str(group.rows.size))),
        ):
            metrics = QFontMetrics(label.font())
            fitting = (text for text in texts if metrics.horizontalAdvance(text) <= room)
            text = next(fitting, None)
            if text is None:
                text = metrics.elidedText(texts[-1], Qt.TextElideMode.ElideRight, int(room))
            label.setText(text)
        layout = self.layout()
        assert layout is not None  # noqa: S101
        layout.activate()
        self.adjustSize()
        self._stand()

    def _stand(self) -> None:
        if self._row is not None:
            x, middle = self._row
            self.move(round(x), round(middle - self.height() / 2))
            return
        left, right = self._bounds
        if self.underMouse():  # the buttons may lie above the neighbours
            left, right = self._edges
        x = self._centre - self.width() / 2
        self.move(round(max(left, min(x, right - self.width()))), TOP)

    def recolour(self) -> None:
        """Take the icons of another theme."""
        self._fewer.setIcon(self.theme.icon("minus", size=14))
        self._more.setIcon(self.theme.icon("plus", size=14))
        self.update()

    def _add(self) -> None:
        self.session.add_to_level(self.group.level)

    def _remove(self) -> None:
        self.session.remove_from_level(self.group.level)

    # ------------------------------------------------------------------ Qt
    def enterEvent(self, event: QEnterEvent) -> None:
        if self.group.kind == Kind.HIDDEN:
            self._fewer.show()
            self._more.show()
        self.raise_()
        self._say()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._fewer.hide()
        self._more.hide()
        self._say()
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            ids = self.session.network.topology.ids
            rows = self.group.rows
            layer = {int(ids[row]) for row in rows if row < len(ids)}
            added = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
            if event.modifiers() & added:
                before = self.session.selection
                self.session.select(before.neurons | layer, before.edges)
            else:
                self.session.select(layer, ())
        else:
            event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()  # of the click that selected the layer

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = layer_menu(self, self.session, self.group)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(event.globalPos())
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = self.theme.palette
        # Neurons and edges may be moved below; the words stay readable.
        back = QColor(palette.hover if self.underMouse() else palette.canvas)
        back.setAlphaF(0.88)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(back)
        painter.drawRoundedRect(self.rect(), 8, 8)
        painter.end()


class LayerHeaders(QObject):
    """All headers of a canvas, kept above the columns of their neurons."""

    def __init__(
        self, theme: Theme, session: Session, scene: NetworkScene, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._theme, self._session, self._scene, self._window = theme, session, scene, parent
        self.headers: dict[tuple[Kind, int], LayerHeader] = {}
        theme.changed.connect(self._recolour)

    def refresh(self) -> None:
        """Follow the network the scene shows."""
        groups = {(group.kind, group.level): group for group in layer_groups(self._scene.network)}
        for key in self.headers.keys() - groups.keys():
            header = self.headers.pop(key)
            header.hide()
            header.deleteLater()
        for key, group in groups.items():
            if key in self.headers:
                self.headers[key].show_group(group)
            else:
                header = LayerHeader(self._theme, self._session, group, self._window)
                self.headers[key] = header

    def place(self, to_window: Callable[[QPointF], QPointF], left: float = 0.0) -> None:
        """Put every header above its column, as wide as its neighbours allow.

        Args:
            to_window: where a point of the scene appears.
            left: where the room for headers begins, beside the tools.
        """
        if self._scene.downwards:
            self._place_beside(to_window, left)
            return
        width = float(self._window.width())
        centres = self._centres(lambda x: to_window(QPointF(x, 0.0)).x(), 0, (left, width))
        xs = [x for x, _ in centres]
        borders = [left, *(max(left, (a + b) / 2) for a, b in itertools.pairwise(xs)), width]
        for (x, header), (start, end) in zip(centres, itertools.pairwise(borders), strict=False):
            if end - start - GAP < NARROWEST:
                header.hide()
                continue
            header.place(x, start + GAP / 2, end - GAP / 2, (left, width))
            header.show()

    def _place_beside(self, to_window: Callable[[QPointF], QPointF], left: float) -> None:
        """Put every header beside its row, left of the network where there is room."""
        height = float(self._window.height())
        middles = self._centres(lambda y: to_window(QPointF(0.0, y)).y(), 1, (0.0, height))
        ys = [y for y, _ in middles]
        borders = [0.0, *((a + b) / 2 for a, b in itertools.pairwise(ys)), height]
        for (y, header), (start, end) in zip(middles, itertools.pairwise(borders), strict=False):
            room = 2 * min(y - start, end - y) - GAP
            if room < ONE_LINE:
                header.hide()
                continue
            header.place_beside(left + GAP, y, room)
            header.show()

    def _centres(
        self, to_window: Callable[[float], float], axis: int, window: tuple[float, float]
    ) -> list[tuple[float, LayerHeader]]:
        """The middle of what is in sight of each layer along an axis, in ascending order."""
        places, topology = self._scene.places, self._scene.network.topology
        fed = np.zeros(topology.neuron_count, dtype=bool)
        fed[topology.edge_rows[:, 1]] = True
        centres: list[tuple[float, LayerHeader]] = []
        for key in sorted(self.headers):
            header = self.headers[key]
            rows = header.group.rows
            if not rows.size or rows[-1] >= len(places):
                header.hide()  # of a network that is not shown any more
                continue
            # A newcomer without connections may stand far from the layer it belongs to.
            wired = rows[fed[rows]] if fed[rows].any() else rows
            first, last = _column(places[wired, axis])
            start = max(window[0], to_window(first - HALF))
            end = min(window[1], to_window(last + HALF))
            if start < end:
                centres.append(((start + end) / 2, header))
            else:
                header.hide()
        centres.sort(key=lambda entry: entry[0])
        return centres

    def _recolour(self) -> None:
        for header in self.headers.values():
            header.recolour()


def _column(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    """From where to where most of a layer's neurons stand.

    A layer may be spread over several columns, for example after a neuron has lost its inputs: a
    header between them would stand above none of them.
    """
    ordered = np.sort(values)
    columns = np.split(ordered, np.flatnonzero(np.diff(ordered) > APART) + 1)
    most = max(columns, key=len)
    return float(most[0]), float(most[-1])
