"""Names of the layers above their columns, with buttons to add and remove neurons."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QObject, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFont, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from nnplay.core.topology import Kind
from nnplay.gui.canvas.scene import NetworkScene
from nnplay.gui.theme import Theme
from nnplay.picture.layers import LayerGroup, layer_groups

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["HEADER_ROOM", "LayerHeaders"]

HEADER_ROOM = 60
TOP = 12
# Headers nearer to each other than this would write over one another.
NEAREST = 84


class LayerHeader(QWidget):
    """One layer's name; hidden layers offer − and + while the pointer is here."""

    def __init__(self, theme: Theme, session: Session, group: LayerGroup, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme, self.session, self.group = theme, session, group
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
        row.setContentsMargins(4, 4, 4, 4)
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
        keeps_room = button.sizePolicy()
        keeps_room.setRetainSizeWhenHidden(True)
        button.setSizePolicy(keeps_room)
        button.clicked.connect(act)
        button.hide()
        return button

    def show_group(self, group: LayerGroup) -> None:
        """Name another state of the layer."""
        self.group = group
        self._title.setText(group.title)
        self._caption.setText(group.caption)
        self.setToolTip("Click to select the whole layer")
        self.setAccessibleName(f"{group.title}, {group.caption}")
        self.adjustSize()

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
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._fewer.hide()
        self._more.hide()
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            ids = self.session.network.topology.ids
            rows = self.group.rows
            self.session.select([int(ids[row]) for row in rows if row < len(ids)], ())
        else:
            event.ignore()

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

    def place(self, to_window: Callable[[QPointF], QPointF]) -> None:
        """Put every header above its column; where two would overlap only the first shows."""
        taken: list[float] = []
        places, topology = self._scene.places, self._scene.network.topology
        fed = np.zeros(topology.neuron_count, dtype=bool)
        fed[topology.edge_rows[:, 1]] = True
        order = sorted(self.headers, key=lambda key: (key[0] == Kind.HIDDEN, key))
        for key in order:
            header = self.headers[key]
            rows = header.group.rows
            if not rows.size or rows[-1] >= len(places):
                header.hide()  # of a network that is not shown any more
                continue
            # A newcomer without connections may stand far from the layer it belongs to.
            wired = rows[fed[rows]] if fed[rows].any() else rows
            x = to_window(QPointF(_middle(places[wired, 0]), 0.0)).x()
            if any(abs(x - other) < NEAREST for other in taken):
                header.hide()
                continue
            taken.append(x)
            header.move(round(x - header.width() / 2), TOP)
            header.show()

    def _recolour(self) -> None:
        for header in self.headers.values():
            header.recolour()


def _middle(values: npt.NDArray[np.float64]) -> float:
    """The median; numpy's own loads its masked arrays, which delays the first picture."""
    ordered = np.sort(values)
    return float(ordered[(ordered.size - 1) // 2] + ordered[ordered.size // 2]) / 2
