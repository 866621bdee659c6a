"""How cards share the window: beside each other where there is room, else behind tabs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QSplitter, QVBoxLayout, QWidget

from nnplay.gui.widgets.card import Card

__all__ = ["GAP", "PaneGroup", "Plan", "gap_splitter"]

GAP: Final = 8


def gap_splitter(orientation: Qt.Orientation, parent: QWidget | None = None) -> QSplitter:
    """A splitter whose handles are the gaps between cards."""
    splitter = QSplitter(orientation, parent)
    splitter.setHandleWidth(GAP)
    splitter.setChildrenCollapsible(False)
    return splitter


Plan = tuple[tuple[int, ...], ...]
"""Numbers of cards; those of one inner group share a place behind tabs."""


class PaneGroup(QWidget):
    """Cards in a splitter; the less room there is, the more of them share a place behind tabs.

    Args:
        orientation: how the cards stand.
        cards: the cards in order.
        plans: extent in pixels from which a plan is used → the plan; one must begin at 0.
        wishes: the extents the cards would like; those in view share the room accordingly.
        parent: Qt parent.

    Signals:
        current_changed(int): another card was brought to the front.
    """

    current_changed = Signal(int)

    def __init__(
        self,
        orientation: Qt.Orientation,
        cards: Sequence[Card],
        plans: Mapping[int, Plan],
        wishes: Sequence[int],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._orientation = orientation
        self._plans, self._wishes = plans, tuple(wishes)
        self._is_placed_by_hand = False
        self._plan: Plan = ()
        self._cards = tuple(cards)
        self._current = 0
        self._in_front: dict[tuple[int, ...], int] = {}
        self.splitter = gap_splitter(orientation, self)
        for card in cards:
            self.splitter.addWidget(card)
            card.tab_clicked.connect(self._tab_clicked)
        self.splitter.splitterMoved.connect(self.keep_sizes)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.splitter)

    @property
    def cards(self) -> tuple[Card, ...]:
        """The cards in order."""
        return self._cards

    @property
    def current(self) -> int:
        """Number of the card brought to the front last."""
        return self._current

    def shares_place(self, index: int) -> bool:
        """Whether a card stands behind tabs with others."""
        return any(index in group and len(group) > 1 for group in self._plan)

    def show_card(self, index: int) -> None:
        """Bring a card to the front; a folded one unfolds."""
        index = min(max(index, 0), len(self._cards) - 1)
        changed = index != self._current
        self._current = index
        for group in self._plan:
            if index in group and self._in_front.get(group) != index:
                sizes = self.splitter.sizes()
                before = self._in_front[group]
                self._in_front[group] = index
                self._cards[index].set_folded(False)
                self._arrange()
                # The room belongs to the place, not to the card that happens to be in it.
                sizes[index], sizes[before] = sizes[before], 0
                self.splitter.setSizes(sizes)
        if changed:
            self.current_changed.emit(index)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        horizontal = self._orientation == Qt.Orientation.Horizontal
        extent = self.width() if horizontal else self.height()
        plan = self._plans[max(least for least in self._plans if least <= extent)]
        if plan != self._plan:
            self._plan = plan
            for group in plan:
                self._in_front[group] = self._current if self._current in group else group[0]
            self._arrange()
            if not self._is_placed_by_hand:
                self._share_room(extent)

    def keep_sizes(self) -> None:
        """The sizes are a person's choice: share the room no more."""
        self._is_placed_by_hand = True

    def _share_room(self, extent: int) -> None:
        shown = set(self._in_front.values())
        wishes = [wish if i in shown else 0 for i, wish in enumerate(self._wishes)]
        share = extent / max(1, sum(wishes))
        self.splitter.setSizes([round(wish * share) for wish in wishes])

    def minimumSizeHint(self) -> QSize:
        # Room for one card is enough: the others can go behind tabs.
        hints = [card.minimumSizeHint() for card in self._cards]
        return QSize(
            max(hint.width() for hint in hints), min(160, max(hint.height() for hint in hints))
        )

    def _tab_clicked(self, place: int) -> None:
        card = self.sender()
        for group in self._plan:
            if any(self._cards[index] is card for index in group):
                by_keyboard = any(self._cards[index].has_tab_focus() for index in group)
                focus = QApplication.focusWidget()
                if focus is not None and self.isAncestorOf(focus):
                    # Hidden, it would hand the keyboard to some neighbour.
                    focus.clearFocus()
                self.show_card(group[place])
                if by_keyboard:
                    self._cards[group[place]].focus_tab(place)
                return

    def _arrange(self) -> None:
        for group in self._plan:
            titles = [self._cards[index].title() for index in group] if len(group) > 1 else []
            for place, index in enumerate(group):
                self._cards[index].set_tabs(titles, place)
                self._cards[index].setVisible(index == self._in_front[group])
