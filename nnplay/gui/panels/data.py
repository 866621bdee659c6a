"""The data panel: which data set, how noisy, how many samples, how they are split."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nnplay.data.catalogue import CATALOGUE
from nnplay.data.prepared import PreparedData
from nnplay.data.recipe import DataRecipe, RawTable
from nnplay.gui.panels.dataset_tiles import DatasetTile, TileGrid
from nnplay.gui.panels.form import HintBox, ScrollColumn, row_of
from nnplay.gui.panels.thumbnails import Sketch, sketch_of, sketch_of_table
from nnplay.gui.panels.words import count
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import Choice, PlainSlider, label
from nnplay.gui.widgets.hover import forget_hover
from nnplay.session.session import Session

__all__ = ["DataPanel", "facts_of"]

_PATTERNS: Final = tuple(n for n, info in CATALOGUE.items() if info.domain is not None)
_TABLES: Final = tuple(n for n, info in CATALOGUE.items() if info.domain is None)
_OWN: Final = "table"
_MOST_POINTS: Final = 2000


class DataPanel(QWidget):
    """Choice of data.

    Signals:
        open_csv_requested(): the window should ask for a CSV file.
    """

    open_csv_requested = Signal()

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._shown: tuple[str, RawTable | None] = ("", None)
        self.setAccessibleName("Data")
        self._tabs = QButtonGroup(self)
        tabs = QHBoxLayout()
        tabs.setContentsMargins(0, 0, 0, 0)
        tabs.setSpacing(2)
        for index, (words, tip) in enumerate(
            (("Patterns", "Points on a plane, drawn anew from the seed"), ("Tables", "Real data"))
        ):
            tab = QToolButton(self)
            tab.setText(words)
            tab.setToolTip(tip)
            tab.setProperty("role", "segment")
            tab.setCheckable(True)
            tab.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            tab.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            tab.setFixedHeight(26)
            self._tabs.addButton(tab, index)
            tabs.addWidget(tab)
        self._tabs.idClicked.connect(self.show_tab)

        self.patterns = TileGrid(5, self)
        for name in _PATTERNS:
            self.patterns.add(self._tile(name))
        self.tables = TileGrid(3, self)
        for name in _TABLES:
            self.tables.add(self._tile(name, captioned=True))
        self._own: DatasetTile | None = None
        for grid in (self.patterns, self.tables):
            grid.chosen.connect(self._chosen)

        self.title = label("", "title", self)
        self.title.setFont(theme.ui_font(13, QFont.Weight.DemiBold))
        self.description = label("", "small", self)
        self.description.setWordWrap(True)
        self.description.setAlignment(Qt.AlignmentFlag.AlignTop)
        # Two lines always, so that another data set does not move everything below.
        self.description.setFixedHeight(2 * self.description.fontMetrics().lineSpacing())
        self.target = Choice(parent=self, name="Column to predict")
        self.target.setToolTip("The column the network learns to predict from the others.")
        self.target.chosen.connect(self._target_chosen)
        self.target_row = QWidget(self)
        predict = label("Predict", "", self.target_row)
        predict.setBuddy(self.target)
        self.target_row.setLayout(row_of(predict, self.target, stretch=1))
        self.target_row.hide()
        self.facts = label("", "small", self)
        self.facts.setWordWrap(True)
        self.problem = HintBox(theme, self)

        self.noise = PlainSlider("Noise", 0, 50, 0, self, value_text=_percent)
        self.noise.setToolTip(
            "How far the points stray; with much noise no network can be perfect."
        )
        self.noise.value_changed.connect(self._noise_changed)
        self.train_share = PlainSlider("Train share", 5, 100, 50, self, value_text=_percent)
        self.train_share.setToolTip(
            "Share of the samples used for training. The others test whether the network has "
            "understood or only learnt by heart."
        )
        self.train_share.value_changed.connect(self._share_changed)
        self.points = PlainSlider(
            "Points",
            10,
            _MOST_POINTS,
            500,
            self,
            value_text=_grouped,
            snap=self._round_count,
        )
        self.points.setToolTip("How many samples there are, for training and test together.")
        self.points.slider.setSingleStep(10)
        self.points.slider.setPageStep(100)
        self.points.value_changed.connect(self._points_changed)

        self.open_csv = QPushButton("Open CSV…", self)
        self.open_csv.setToolTip("Use a table of your own, with a header line.")
        self.open_csv.clicked.connect(self.open_csv_requested)

        area = ScrollColumn(self)
        layout = area.column
        layout.setSpacing(8)
        layout.addLayout(tabs)
        layout.addWidget(self.patterns)
        layout.addWidget(self.tables)
        about = QVBoxLayout()
        about.setSpacing(2)
        about.addWidget(self.title)
        about.addWidget(self.description)
        layout.addLayout(about)
        layout.addWidget(self.target_row)
        layout.addWidget(self.noise)
        layout.addWidget(self.train_share)
        layout.addWidget(self.points)
        layout.addWidget(self.facts)
        layout.addWidget(self.problem)
        layout.addWidget(self.open_csv)
        layout.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        session.data_changed.connect(self.refresh)
        session.setup_changed.connect(self.refresh)
        session.document_replaced.connect(self._document_replaced)
        self._document_replaced()

    def _tile(self, name: str, *, captioned: bool = False) -> DatasetTile:
        info = CATALOGUE[name]

        def sketch() -> Sketch:
            return sketch_of(name)

        return DatasetTile(
            self._theme, name, info.title, info.description, sketch, self, captioned=captioned
        )

    # ------------------------------------------------------------------ showing
    def show_tab(self, index: int) -> None:
        """Show the patterns (0) or the tables (1)."""
        button = self._tabs.button(index)
        if button is not None:
            button.setChecked(True)
        self.patterns.setVisible(index == 0)
        self.tables.setVisible(index == 1)

    def tab(self) -> int:
        """Which tab is shown: 0 for patterns, 1 for tables."""
        return self._tabs.checkedId()

    def _document_replaced(self) -> None:
        self._shown = ("", None)
        self.refresh()

    def _follow_data(self, recipe: DataRecipe) -> None:
        """Other data are shown where their tile is; a tab to look around in stays otherwise."""
        if (recipe.source, recipe.table) != self._shown:
            self._shown = (recipe.source, recipe.table)
            self.show_tab(0 if recipe.source in _PATTERNS else 1)
            # Later, when everything below has found its new place.
            QTimer.singleShot(0, self, self._forget_hover)

    def _forget_hover(self) -> None:
        forget_hover(self)

    def refresh(self, *_: object) -> None:
        """Take everything from the session as it is now."""
        session = self._session
        recipe, prepared = session.document.data, session.prepared
        self._show_own()
        self._follow_data(recipe)
        for grid in (self.patterns, self.tables):
            grid.set_chosen(recipe.source)
        info = CATALOGUE.get(recipe.source)
        self.title.setText(info.title if info else recipe.table_name or "Your table")
        self.description.setText(info.description if info else "A table of your own.")
        self.description.setToolTip("\n".join(prepared.notes) if prepared is not None else "")
        self.noise.setEnabled(info is not None and info.has_noise)
        self.noise.set_value(recipe.noise if info is not None and info.has_noise else 0)
        self.train_share.set_value(recipe.train_percent)
        self._show_target()
        self._show_points()
        self.facts.setText(facts_of(prepared) if prepared is not None else "")
        problem = session.data_problem
        ways_out: list[tuple[str, Callable[[], object]]] = []
        if problem and prepared is not None:
            ways_out.append(("Fit the network to the data", session.fit_to_data))
        if problem and session.undo_stack.canUndo():
            ways_out.append(("Undo the last step", session.undo))
        self.problem.say(problem, *ways_out)

    def _show_target(self) -> None:
        """Which column of an own table is predicted; other data say it themselves."""
        table = self._session.document.data.table
        self.target_row.setVisible(table is not None)
        if table is not None:
            self.target.set_items((column.name, column.name) for column in table.columns)
            self.target.set_value(table.target)

    def _show_points(self) -> None:
        recipe = self._session.document.data
        info = CATALOGUE.get(recipe.source)
        if info is None:
            most = usual = recipe.table.row_count if recipe.table is not None else 1
            can_choose = most > 1
        else:
            usual, can_choose = info.default_sample_count, info.has_sample_count
            most = min(info.max_sample_count, max(_MOST_POINTS, usual))
        number = recipe.sample_count or usual
        self.points.set_range(min(10, most), max(most, number))
        self.points.set_value(number)
        self.points.setEnabled(can_choose)

    def _show_own(self) -> None:
        """A tile for the imported table, from the moment there is one."""
        recipe = self._session.document.data
        if recipe.table is None:
            if self._own is not None:
                self._own.setVisible(False)
            return
        if self._own is None:
            self._own = DatasetTile(
                self._theme,
                _OWN,
                "Your table",
                "The table that was opened",
                self._own_sketch,
                self,
                captioned=True,
            )
            self.tables.add(self._own)
        self._own.setVisible(True)
        if self._own.text() != recipe.table_name:
            self._own.setText(recipe.table_name or "Your table")
            self._own.setToolTip(recipe.table_name)
            self._own.forget_picture()

    def _own_sketch(self) -> Sketch:
        table = self._session.document.data.table
        return sketch_of(_PATTERNS[0]) if table is None else sketch_of_table(table)

    # ------------------------------------------------------------------ what the hand does
    def _chosen(self, name: str) -> None:
        if name == _OWN or not self._session.set_data(source=name):
            self.refresh()

    def _target_chosen(self, column: str) -> None:
        if not self._session.set_target(column):
            self.refresh()

    def _noise_changed(self, value: int, gesture: int) -> None:
        self._session.set_data(gesture, noise=value)

    def _share_changed(self, value: int, gesture: int) -> None:
        if not self._session.set_data(gesture, train_percent=value):
            self.refresh()

    def _points_changed(self, value: int, gesture: int) -> None:
        wanted = None if value == self._usual_count() else value
        self._session.set_data(gesture, sample_count=wanted)

    def _round_count(self, value: int) -> int:
        """Round numbers are easier to talk about; the whole of a table is "all", not a number."""
        info = CATALOGUE.get(self._session.document.data.source)
        is_table = info is None or info.domain is None
        return value if is_table and value == self._usual_count() else max(1, round(value, -1))

    def _usual_count(self) -> int:
        info = CATALOGUE.get(self._session.document.data.source)
        return info.default_sample_count if info is not None else self._row_count()

    def _row_count(self) -> int:
        table = self._session.document.data.table
        return table.row_count if table is not None else 0


def facts_of(prepared: PreparedData) -> str:
    """``500 points · 2 classes · 250 train / 250 test``."""
    word = "point" if prepared.has_plane else "row"
    parts = [count(prepared.sample_count, word)]
    if prepared.classes is not None:
        parts.append(count(len(prepared.classes), "class", "classes"))
    elif not prepared.has_plane:
        parts.append(f"predicts {prepared.target_name}")
    parts.append(f"{len(prepared.train_rows):,} train / {len(prepared.test_rows):,} test")
    return " · ".join(parts)


def _percent(value: int) -> str:
    return f"{value} %"


def _grouped(value: int) -> str:
    return f"{value:,}"
