"""All data sets to choose from: patterns on the plane, real tables, the document's own table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QVBoxLayout, QWidget

from nnplay.data.catalogue import CATALOGUE
from nnplay.data.recipe import RawTable
from nnplay.gui.panels.dataset_tiles import DatasetTile, TileGrid
from nnplay.gui.panels.thumbnails import Sketch, sketch_of, sketch_of_table
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import caption_label, label

__all__ = ["OWN_TABLE", "DatasetChoice"]

OWN_TABLE: Final = "table"
_COLUMNS: Final = 5


class DatasetChoice(QWidget):
    """Tiles in two groups with the title and the sentence of the chosen one below.

    Signals:
        chosen(str): name of a data set; ``table`` for the table given.
    """

    chosen = Signal(str)

    def __init__(
        self,
        theme: Theme,
        table: RawTable | None = None,
        table_name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._table_name = table_name or "Your table"
        self.patterns = TileGrid(_COLUMNS, self)
        self.tables = TileGrid(_COLUMNS, self)
        for name, info in CATALOGUE.items():
            grid = self.patterns if info.domain is not None else self.tables
            grid.add(self._tile(name, info.title, info.description, _sketcher(name)))
        if table is not None:
            tip = "The table of the present document"
            self.tables.add(self._tile(OWN_TABLE, self._table_name, tip, _table_sketcher(table)))
        for grid in (self.patterns, self.tables):
            grid.chosen.connect(self._chosen)
        self.title = label("", "title", self)
        self.title.setFont(theme.ui_font(13, QFont.Weight.DemiBold))
        self.description = label("", "secondary", self)
        self.description.setWordWrap(True)
        self.description.setAlignment(Qt.AlignmentFlag.AlignTop)
        # Two lines always, so that another data set does not move what is below.
        self.description.setFixedHeight(2 * self.description.fontMetrics().lineSpacing())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(caption_label("Patterns on a plane", self))
        layout.addWidget(self.patterns)
        layout.addSpacing(6)
        layout.addWidget(caption_label("Real tables", self))
        layout.addWidget(self.tables)
        layout.addSpacing(4)
        layout.addWidget(self.title)
        layout.addWidget(self.description)
        self._name = ""

    def value(self) -> str:
        """Name of the chosen data set."""
        return self._name

    def set_value(self, name: str) -> None:
        """Choose from code; silent."""
        self._name = name
        for grid in (self.patterns, self.tables):
            grid.set_chosen(name)
        info = CATALOGUE.get(name)
        self.title.setText(info.title if info else self._table_name)
        self.description.setText(info.description if info else "A table of your own.")

    def tile(self, name: str) -> DatasetTile:
        """The tile of a data set; raises KeyError."""
        grid = self.patterns if name in self.patterns.names() else self.tables
        return grid.tile(name)

    def _tile(self, name: str, title: str, tip: str, sketch: Callable[[], Sketch]) -> DatasetTile:
        return DatasetTile(self._theme, name, title, tip, sketch, self, captioned=True)

    def _chosen(self, name: str) -> None:
        self.set_value(name)
        self.chosen.emit(name)


def _sketcher(name: str) -> Callable[[], Sketch]:
    return lambda: sketch_of(name)


def _table_sketcher(table: RawTable) -> Callable[[], Sketch]:
    return lambda: sketch_of_table(table)
