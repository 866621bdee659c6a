"""The cards of the window: what goes in at the left, the stage, its plots, what is selected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from nnplay.gui.panes import GAP, PaneGroup, gap_splitter
from nnplay.gui.widgets.card import Card

__all__ = ["Workbench", "leave_focus"]

LEFT_WIDTH: Final = 300
RIGHT_WIDTH: Final = 340
# Both fit beside each other in the smallest window.
MAP_WIDTH: Final = 172
CURVES_WIDTH: Final = 172
# Of the height that canvas and tables share.
TABLE_SHARE: Final = 0.46


class Workbench(QWidget):
    """Empty cards in their places; views come in with :meth:`fill`.

    The skeleton costs nearly nothing and is painted at once, so that the window is there while
    the views are still being made.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "window")
        self.cards: Mapping[str, Card] = {
            "data": Card("Data"),
            "features": Card("Features"),
            "layers": Card("Layers"),
            "history": Card("History"),
            "health": Card("Health"),
            "inspector": Card("Inspector"),
            "explain": Card("Explain"),
            "training": Card("Training"),
            "loss": Card("Loss", foldable=False),
            "activations": Card("Activations", foldable=False),
            "plots": Card("⋯", foldable=False),
            "map": Card("Decision map", foldable=False),
            "table": Card("Neurons", foldable=False),
        }
        cards = self.cards
        vertical, horizontal = Qt.Orientation.Vertical, Qt.Orientation.Horizontal
        self.left = PaneGroup(
            vertical,
            [cards[name] for name in ("data", "features", "layers", "history", "health")],
            {0: ((0, 1, 2, 3, 4),), 460: ((0, 1), (2, 3, 4)), 980: ((0,), (1,), (2, 3, 4))},
            (480, 230, 265, 265, 265),
        )
        self.right = PaneGroup(
            vertical,
            [cards["inspector"], cards["explain"], cards["training"]],
            {0: ((0, 1, 2),), 860: ((0, 1), (2,))},
            (500, 500, 500),
        )
        self.curves = PaneGroup(
            horizontal,
            [cards["loss"], cards["activations"], cards["plots"]],
            {0: ((0, 1, 2),), 640: ((0,), (1, 2))},
            (3, 2, 2),
        )
        self.stage = QFrame(self)
        self.stage.setProperty("role", "stage")
        self.stage_layout = QVBoxLayout(self.stage)
        self.stage_layout.setContentsMargins(1, 1, 1, 1)
        self.bottom = gap_splitter(horizontal)
        self.bottom.addWidget(self.curves)
        self.bottom.addWidget(cards["map"])
        # The plots and the tables share a place.
        self.below = QStackedWidget()
        self.below.addWidget(self.bottom)
        self.below.addWidget(cards["table"])
        self.centre = gap_splitter(vertical)
        self.centre.addWidget(self.stage)
        self.centre.addWidget(self.below)
        self.columns = gap_splitter(horizontal, self)
        for part in (self.left, self.centre, self.right):
            self.columns.addWidget(part)
        for splitter, index in ((self.columns, 1), (self.centre, 0), (self.bottom, 0)):
            splitter.setStretchFactor(index, 1)
            splitter.splitterMoved.connect(self._moved_by_hand)
        self._follows = {"centre": False, "bottom": False}
        self._height_of_plots = 0
        self.left.setMinimumWidth(284)
        self.right.setMinimumWidth(312)
        self.stage.setMinimumSize(MAP_WIDTH + GAP + CURVES_WIDTH, 220)
        self.below.setMinimumHeight(180)
        cards["map"].setMinimumWidth(MAP_WIDTH)
        self.curves.setMinimumWidth(CURVES_WIDTH)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(GAP, GAP, GAP, GAP)
        layout.addWidget(self.columns)

    def fill(self, name: str, view: QWidget, header: list[QWidget] | None = None) -> None:
        """Put a view into its card, and its switches into the card's header."""
        card = self.cards[name]
        leave_focus(view)
        card.body_layout.addWidget(view, 1)
        for widget in header or ():
            card.header_layout.addWidget(widget)

    def set_default_sizes(self) -> None:
        """The sizes of a first start, for the window's present size."""
        width, height = self.width() - 2 * GAP, self.height() - 2 * GAP
        middle = max(300, width - LEFT_WIDTH - RIGHT_WIDTH - 2 * GAP)
        self.columns.setSizes([LEFT_WIDTH, middle, RIGHT_WIDTH])
        self._share_rows(height)
        self._share_plots(middle)

    def _share_rows(self, height: int) -> None:
        self._follows["centre"] = True
        low = _plots_height(height)
        self.centre.setSizes([height - low - GAP, low])

    def _share_plots(self, width: int) -> None:
        self._follows["bottom"] = True
        # The map's card is as wide as makes its plot square, beside its axis and its scale.
        low = self.centre.sizes()[1] or _plots_height(self.height() - 2 * GAP)
        side = max(min(250, width // 2), min(round(width * 0.4), low + 30))
        self.bottom.setSizes([width - side - GAP, side])

    @property
    def shows_table(self) -> bool:
        """Whether the tables stand where the plots can stand."""
        return self.below.currentIndex() == 1

    def show_table(self, shows: bool) -> None:
        """Let the tables or the plots stand below the canvas."""
        if shows == self.shows_table:
            return
        self.below.setCurrentIndex(1 if shows else 0)
        sizes = self.centre.sizes()
        if shows:
            # Rows need more height than plots do; the plots have theirs again afterwards.
            self._height_of_plots = sizes[1]
            low = max(sizes[1], round(TABLE_SHARE * sum(sizes)))
        else:
            low = self._height_of_plots or sizes[1]
        self.centre.setSizes([sum(sizes) - low, low])

    def follows_window(self, name: str) -> bool:
        """Whether a splitter keeps the shares of a first start, as nobody has moved it."""
        return self._follows.get(name, False)

    def keep_sizes(self, name: str) -> None:
        """A splitter's sizes are a person's choice."""
        if name in self._follows:
            self._follows[name] = False

    def _moved_by_hand(self) -> None:
        for name in self._follows:
            if self.sender() is self.splitters()[name]:
                self.keep_sizes(name)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        layout = self.layout()
        if layout is None or not self.isVisible():
            return
        layout.setGeometry(self.rect())  # now, so that the splitters know their extents
        if self._follows["centre"] and not self.shows_table:
            self._share_rows(self.centre.height())
        if self._follows["bottom"]:
            self._share_plots(self.bottom.width())

    def splitters(self) -> dict[str, QSplitter]:
        """All splitters by name, to keep their places."""
        return {
            "columns": self.columns,
            "centre": self.centre,
            "bottom": self.bottom,
            "curves": self.curves.splitter,
            "left": self.left.splitter,
            "right": self.right.splitter,
        }

    def groups(self) -> dict[str, PaneGroup]:
        """The groups of cards by name."""
        return {"left": self.left, "right": self.right, "curves": self.curves}

    def part(self, name: str) -> QWidget:
        """``left``, ``right`` or ``bottom``: what can be hidden as a whole."""
        parts: dict[str, QWidget] = {
            "left": self.left,
            "right": self.right,
            "bottom": self.below,
        }
        return parts[name]


def _plots_height(height: int) -> int:
    """Height of the plots' row where stage and plots have ``height`` pixels together."""
    return max(220, min(460, round(0.33 * height + 0.2 * max(0, height - 700))))


def leave_focus(view: QWidget) -> None:
    """Let the mouse press the buttons of a view without taking the keyboard along.

    Otherwise Space would press the last clicked button again instead of training. Tab still
    reaches all of them.
    """
    for button in view.findChildren(QAbstractButton):
        if button.focusPolicy() == Qt.FocusPolicy.StrongFocus:
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
