"""The features panel: what the inputs of the network stand for."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from nnplay.data.errors import DataError
from nnplay.data.features import canonical_feature, compile_formula
from nnplay.gui.panels.feature_choices import Offer, is_plane, offers_of
from nnplay.gui.panels.feature_widgets import ColumnList, FormulaField
from nnplay.gui.panels.form import FieldNote, ScrollColumn, link_button
from nnplay.gui.panels.words import count
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label
from nnplay.picture.text import pretty_label
from nnplay.session.notices import Notice
from nnplay.session.session import Session

__all__ = ["FeaturesPanel"]

_ROW_HEIGHT: Final = 27
_MOST_LINES: Final = 7
# x₁ and x₂ side by side in every pair; the product comes last.
_PLACES: Final = {4: 6, 5: 4, 6: 5}


class FeaturesPanel(QWidget):
    """Boxes to tick for data on a plane, a list of columns for tables, and own formulas."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._own: list[str] = []
        self._offers: list[Offer] = []
        self._refusal = ""
        self._is_asking = False
        self.setAccessibleName("Features")
        self._boxes: list[QCheckBox] = []
        self._grid_place = QWidget(self)
        self._grid = QGridLayout(self._grid_place)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        self._summary = label("", "small", self)
        self._all = link_button("All", self._use_all, self)
        self._all.setToolTip("Use all columns.")
        self._few = link_button("First only", self._use_first, self)
        self._few.setToolTip("Use the first column only.")
        self._head = QWidget(self)
        head = QHBoxLayout(self._head)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(4)
        head.addWidget(self._summary)
        head.addStretch(1)
        head.addWidget(self._all)
        head.addWidget(self._few)
        self.columns = ColumnList(self)
        self.columns.setAccessibleName("Columns used as inputs")
        self.columns.setUniformItemSizes(True)
        self.columns.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.columns.switched.connect(self._line_switched)
        self.formula = FormulaField(self)
        self.formula.setPlaceholderText("Own formula")
        self.formula.setFont(theme.mono_font())
        self.formula.setAccessibleName("Own formula for a new input")
        self.formula.returnPressed.connect(self._add_formula)
        self.add = QPushButton("Add", self)
        self.add.setToolTip("Add an input that computes this formula.")
        self.add.clicked.connect(self._add_formula)
        own = QHBoxLayout()
        own.setContentsMargins(0, 2, 0, 0)
        own.setSpacing(6)
        own.addWidget(self.formula, 1)
        own.addWidget(self.add)
        self.note = FieldNote(self)
        self.formula.textEdited.connect(self.note.clear)
        self.scale = QCheckBox("Scale inputs", self)
        self.scale.setToolTip(
            "Shift and stretch every input to mean 0 and deviation 1, fitted on the training part. "
            "Columns of very different size learn much better that way."
        )
        self.scale.clicked.connect(self._scale_clicked)
        area = ScrollColumn(self)
        layout = area.column
        layout.setSpacing(6)
        layout.addWidget(self._grid_place)
        layout.addWidget(self._head)
        layout.addWidget(self.columns)
        layout.addLayout(own)
        layout.addWidget(self.note)
        layout.addWidget(self.scale)
        layout.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        session.data_changed.connect(self.refresh)
        session.setup_changed.connect(self.refresh)
        session.document_replaced.connect(self._document_replaced)
        session.notice_posted.connect(self._notice_posted)
        self.refresh()

    # ------------------------------------------------------------------ showing
    @property
    def boxes(self) -> list[QCheckBox]:
        """The boxes in view (plane data only), in the order of the offers."""
        return [box for box in self._boxes if not box.isHidden()]

    def _document_replaced(self) -> None:
        self._own = []
        self.formula.clear()
        self.note.clear()
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Take everything from the session as it is now."""
        session = self._session
        prepared, preparation = session.prepared, session.document.preparation
        own = [feature for feature in self._own if self._can_be(feature)]
        self._offers = offers_of(prepared, preparation.features, own)
        plane = is_plane(prepared)
        self._grid_place.setVisible(plane)
        self._head.setVisible(not plane)
        self.columns.setVisible(not plane)
        if plane:
            self._show_boxes()
        else:
            self._show_boxes_none()
            self._show_columns()
        names = self._numeric_names()
        example = f"sin(2*{names[0]})" if names and names[0].isidentifier() else "own formula"
        self.formula.setPlaceholderText(example)
        self.formula.setToolTip(
            "For example "
            + (f"{names[0]}^3, sin(2*{names[0]})" if names else "x^2")
            + " or max(a, b). Columns: "
            + ", ".join(names[:8])
        )
        self.scale.setChecked(preparation.scale_inputs == "standard")

    def _can_be(self, feature: str) -> bool:
        try:
            compile_formula(feature, self._numeric_names())
        except DataError:
            return False
        return True

    def _numeric_names(self) -> list[str]:
        prepared = self._session.prepared
        if prepared is None:
            return []
        pairs = zip(prepared.raw_names, prepared.raw_numeric, strict=True)
        return [name for name, numeric in pairs if numeric]

    def _show_boxes(self) -> None:
        while len(self._boxes) < len(self._offers):
            box = QCheckBox(self._grid_place)
            box.clicked.connect(self._box_clicked)
            place = _PLACES.get(len(self._boxes), len(self._boxes))
            self._grid.addWidget(box, place // 2, place % 2)
            self._boxes.append(box)
        for index, box in enumerate(self._boxes):
            box.setVisible(index < len(self._offers))
            if index < len(self._offers):
                offer = self._offers[index]
                text = pretty_label(offer.feature)
                if box.text() != text:
                    box.setText(text)
                    box.setToolTip(f"Input {offer.feature}")
                    box.setAccessibleName(f"Input {offer.feature}")
                box.setChecked(offer.is_used)

    def _show_boxes_none(self) -> None:
        for box in self._boxes:
            box.hide()

    def _show_columns(self) -> None:
        while self.columns.count() > len(self._offers):
            self.columns.takeItem(self.columns.count() - 1)
        while self.columns.count() < len(self._offers):
            self.columns.addItem(QListWidgetItem())
        for index, offer in enumerate(self._offers):
            item = self.columns.item(index)
            item.setText(pretty_label(offer.feature) if offer.is_own else offer.feature)
            item.setToolTip(offer.feature)
            # Not checkable for Qt, which would only hear clicks on the small box itself.
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            state = Qt.CheckState.Checked if offer.is_used else Qt.CheckState.Unchecked
            item.setCheckState(state)
        used = sum(offer.is_used for offer in self._offers)
        self._summary.setText(f"{used} of {count(len(self._offers), 'column')}")
        lines = max(1, min(_MOST_LINES, len(self._offers)))
        self.columns.setFixedHeight(lines * _ROW_HEIGHT + 8)

    # ------------------------------------------------------------------ what the hand does
    def _box_clicked(self) -> None:
        box = self.sender()
        if isinstance(box, QCheckBox):
            self._switch(self._boxes.index(box), box.isChecked())

    def _line_switched(self, line: int) -> None:
        self._switch(line, not self._offers[line].is_used)

    def _switch(self, index: int, on: bool) -> None:
        offers = list(self._offers)
        changed = offers[index]
        if not on and changed.is_own and changed.feature not in self._own:
            self._own.append(changed.feature)
        offers[index] = Offer(changed.feature, on, changed.is_own)
        self._ask([offer.feature for offer in offers if offer.is_used])

    def _ask(self, features: list[str]) -> bool:
        """Ask the session for features; what it refuses is said here too."""
        self.note.clear()
        if not features:
            self.note.say("A network needs at least one input, so this one stays.")
            self.refresh()
            return False
        self._refusal, self._is_asking = "", True
        done = self._session.set_features(features)
        self._is_asking = False
        if not done and self._refusal:
            self.note.say(self._refusal)
        self.refresh()
        return done

    def _notice_posted(self, notice: Notice) -> None:
        if self._is_asking and notice.severity != "info":
            self._refusal = notice.text

    def _add_formula(self) -> None:
        text = self.formula.text().strip()
        if not text:
            self.formula.setFocus()
            return
        try:
            feature = compile_formula(text, self._numeric_names()).text
        except DataError as error:
            self.note.say(str(error))
            return
        used = [offer.feature for offer in self._offers if offer.is_used]
        if feature in {canonical_feature(other) for other in used}:
            self.note.say(f"{pretty_label(feature)} is an input already.")
            return
        self._own.append(feature)
        offered = [canonical_feature(offer.feature) for offer in self._offers]
        if feature in offered:
            self._switch(offered.index(feature), on=True)
            done = not self.note.text()
        else:
            done = self._ask([*used, feature])
        if done:
            self.formula.clear()
        else:
            self._own.remove(feature)
            self.refresh_keeping_note()

    def refresh_keeping_note(self) -> None:
        """Show the offers again without taking the sentence away."""
        sentence = self.note.text()
        self.refresh()
        self.note.say(sentence)

    def _use_all(self) -> None:
        self._ask([offer.feature for offer in self._offers])

    def _use_first(self) -> None:
        self._ask([self._offers[0].feature] if self._offers else [])

    def _scale_clicked(self, on: bool) -> None:
        self._session.set_scaling(inputs="standard" if on else "none")
        self.refresh()
