"""How much each class counts in the loss: all alike, balanced, or a number for each."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from nnplay.data.preparation import PreparedData
from nnplay.gui.panels.rate_field import RateField
from nnplay.gui.panels.setting_row import CHOICE_WIDTH, NUMBER_WIDTH, SettingRow, above_zero
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import Choice, label
from nnplay.session.session import Session

__all__ = ["ClassWeights", "balanced_weights"]

MOST_CLASSES: Final = 40
_WEIGHTS: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_MIDDLE: Final = Qt.TextElideMode.ElideMiddle
_TIP: Final = (
    "How much the samples of each class count. With few samples of one class, balanced weights "
    "keep training from neglecting it."
)
_WAYS: Final = (("alike", "All alike"), ("balanced", "Balanced"), ("own", "One by one"))


def balanced_weights(prepared: PreparedData) -> tuple[float, ...]:
    """Weights by inverse frequency in the training part: samples / (classes · samples of the class).

    A class without a training sample gets 1. Four significant digits, as they are shown.
    """
    if prepared.class_index is None:
        return ()
    classes = len(prepared.output_keys)
    index = prepared.class_index[prepared.train_rows]
    counts = np.bincount(index, minlength=classes)
    present = max(1, int(np.count_nonzero(counts)))
    return tuple(
        float(f"{len(index) / (present * count):.4g}") if count else 1.0
        for count in counts.tolist()
    )


class ClassWeights(QWidget):
    """A choice, and a field per class unless all count alike. Hidden for data without classes."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self.way = Choice(_WAYS, self, name="Class weights")
        self.way.setFixedWidth(CHOICE_WIDTH)
        self.way.chosen.connect(self._way_chosen)
        self._way_row = SettingRow("class_weights", "Class weights", _TIP, self.way, parent=self)
        self.rows: list[SettingRow] = []
        self._names: tuple[str, ...] = ()
        self.remark = label("", "small", self)
        self.remark.setWordWrap(True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._column.addWidget(self._way_row)
        self._column.addWidget(self.remark)
        session.data_changed.connect(self.refresh)

    def fields(self) -> list[RateField]:
        """The fields in view, in the order of the classes."""
        fields = [row.field for row in self.rows if not row.isHidden()]
        return [field for field in fields if isinstance(field, RateField)]

    def refresh(self) -> None:
        """Take classes and weights from the session."""
        prepared = self._session.prepared
        classes = prepared is not None and prepared.is_classification
        self.setVisible(classes)
        if not classes or prepared is None:
            return
        names = prepared.output_keys
        weights = self._session.training.class_weights
        fits = len(weights) == len(names)
        if not weights:
            way = "alike"
        elif weights == balanced_weights(prepared):
            way = "balanced"
        else:
            way = "own"
        self.way.set_value(way)
        self._say(weights, names)
        single = fits and len(names) <= MOST_CLASSES
        if single:
            self._make_rows(names)
        for row, weight in zip(self.rows, weights, strict=False):
            row.show_value(weight)
        for row in self.rows:
            row.setVisible(single)

    def _say(self, weights: tuple[float, ...], names: tuple[str, ...]) -> None:
        words = ""
        if weights and len(weights) != len(names):
            words = (
                f"There are {len(weights)} weights, but the data have {len(names)} classes. "
                "Choose how the classes count."
            )
        elif weights and len(names) > MOST_CLASSES:
            words = "There are too many classes to list their weights here."
        self.remark.setText(words)
        self.remark.setVisible(bool(words))

    def _make_rows(self, names: tuple[str, ...]) -> None:
        if names == self._names:
            return
        self._names = names
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = []
        metrics = self.fontMetrics()
        for place, name in enumerate(names):
            words = metrics.elidedText(f"Class {name}", _MIDDLE, 150)
            field = RateField(self._theme, _WEIGHTS, self, check=above_zero)
            field.setFixedWidth(NUMBER_WIDTH)
            field.setProperty("place", place)
            field.value_changed.connect(self._weight_changed)
            tip = f"How much each sample of the class “{name}” counts; 1 is usual."
            row = SettingRow("class_weights", words, tip, field, parent=self)
            field.setAccessibleName(f"Weight of class {name}")
            self._column.addWidget(row)
            self.rows.append(row)
        before: QWidget = self.way
        for row in self.rows:
            QWidget.setTabOrder(before, row.field)
            before = row.field

    # ------------------------------------------------------------------ what the hand does
    def _way_chosen(self, way: str) -> None:
        prepared = self._session.prepared
        if prepared is None:
            return
        weights = self._session.training.class_weights
        if way == "alike":
            weights = ()
        elif way == "balanced":
            weights = balanced_weights(prepared)
        elif len(weights) != len(prepared.output_keys):
            weights = (1.0,) * len(prepared.output_keys)
        if not self._session.set_training(class_weights=weights):
            self.refresh()
            if way == "own":
                self.way.set_value("own")

    def _weight_changed(self, value: float, gesture: int) -> None:
        place = int(self.sender().property("place"))
        weights = list(self._session.training.class_weights)
        if place < len(weights):
            weights[place] = value
            self._session.set_training(gesture, class_weights=tuple(weights))
