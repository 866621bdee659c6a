"""Dropout of each hidden layer, folded away below the layers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from nnplay.gui.panels.dropout_row import DropoutRow
from nnplay.gui.panels.fold import FoldButton
from nnplay.gui.panels.setting_rows import chain_focus
from nnplay.gui.panels.words import plain_number
from nnplay.gui.theme import Theme
from nnplay.picture.layers import LayerGroup
from nnplay.session.session import Session

__all__ = ["LayersDropout"]

_FLAG = "open_layers_dropout"


class LayersDropout(QWidget):
    """A row per hidden layer while it is open; folded, it says which rates are set."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._groups: tuple[LayerGroup, ...] = ()
        self._rows: list[DropoutRow] = []
        self.fold = FoldButton(theme, "Dropout", self)
        self.fold.setChecked(session.settings.flag(_FLAG))
        self.fold.toggled.connect(self._folded)
        self._body = QWidget(self)
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(3, 0, 0, 0)
        self._column.setSpacing(6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.fold)
        layout.addWidget(self._body)

    @property
    def rows(self) -> list[DropoutRow]:
        """The rows in view."""
        return [row for row in self._rows if not row.isHidden()]

    def show_layers(self, groups: Sequence[LayerGroup]) -> None:
        """Show these hidden layers; without any there is nothing to see."""
        self._groups = tuple(groups)
        self.setVisible(bool(groups))
        self.refresh()

    def refresh(self) -> None:
        """Take the rates from the network."""
        self.fold.set_summary(self._summary())
        is_open = self.fold.isChecked()
        self._body.setVisible(is_open)
        if not is_open:
            return
        ids = self._session.network.topology.ids
        while len(self._rows) < len(self._groups):
            row = DropoutRow(self._session, self._theme, self._body)
            self._rows.append(row)
            self._column.addWidget(row)
        for place, row in enumerate(self._rows):
            if place >= len(self._groups):
                row.set_neurons([])
                continue
            group = self._groups[place]
            row.set_words(group.title, f"Dropout of {group.title}")
            row.set_neurons([int(ids[i]) for i in group.rows])
        chain_focus(self.fold, self._body)

    def _summary(self) -> str:
        dropout = self._session.network.dropout
        words = []
        for group in self._groups:
            rates = {float(dropout[i]) for i in group.rows}
            if rates != {0.0}:
                rate = plain_number(rates.pop(), 3) if len(rates) == 1 else "mixed"
                words.append(f"{group.title} {rate}")
        return ", ".join(words) or "off"

    def _folded(self, is_open: bool) -> None:
        self._session.settings.set_flag(_FLAG, is_open)
        self.refresh()
