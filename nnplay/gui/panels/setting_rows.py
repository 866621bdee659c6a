"""Rows of training settings, each tied to one field of the training configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QCheckBox, QScrollArea, QVBoxLayout, QWidget

from nnplay.core.config import TrainingConfig
from nnplay.gui.panels.fold import FoldButton
from nnplay.gui.panels.rate_field import OptionalField, RateField
from nnplay.gui.panels.setting_row import (
    CHOICE_WIDTH,
    NUMBER_WIDTH,
    SettingRow,
    not_negative,
)
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import Choice, NumberField, caption_label
from nnplay.session.session import Session

__all__ = ["SettingsSection", "chain_focus"]

_LAID_OUT: Final = 30


class SettingsSection(QWidget):
    """Rows under a caption. With a name it can be folded, and how it was is remembered.

    Subclasses make their rows in :meth:`build`, which waits until the section is opened.

    Attributes:
        rows: the rows by name of their setting.
        fold: the caption to click, or None.
    """

    def __init__(
        self,
        session: Session,
        theme: Theme,
        caption: str,
        parent: QWidget | None = None,
        *,
        name: str = "",
    ) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._flag = f"open_{name}"
        self.rows: dict[str, SettingRow] = {}
        self._integers: set[str] = set()
        self._is_built = False
        self.fold: FoldButton | None = None
        self.body = QWidget(self)
        self._column = QVBoxLayout(self.body)
        self._column.setContentsMargins(0, 0, 0, 4 if name else 0)
        self._column.setSpacing(6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0 if name else 6, 0, 0)
        layout.setSpacing(4 if name else 8)
        if name:
            self.fold = FoldButton(theme, caption, self)
            self.fold.setChecked(session.settings.flag(self._flag))
            self.body.setVisible(self.fold.isChecked())
            self.fold.toggled.connect(self._folded)
            layout.addWidget(self.fold)
        else:
            layout.addWidget(caption_label(caption, self))
        layout.addWidget(self.body)
        if self.fold is None or self.fold.isChecked():
            self.make_rows()

    def build(self) -> None:
        """Make the rows."""
        raise NotImplementedError

    def make_rows(self) -> None:
        """Make the rows now, if they are not there yet."""
        if self._is_built:
            return
        self._is_built = True
        self.build()
        if self.fold is not None:
            chain_focus(self.fold, self.body)
            self.refresh(self._session.training)

    @property
    def is_built(self) -> bool:
        """Whether the rows are there."""
        return self._is_built

    def _folded(self, is_open: bool) -> None:
        self.make_rows()
        self.body.setVisible(is_open)
        self._session.settings.set_flag(self._flag, is_open)
        if is_open and self.isVisible():
            # Once the column has its new height, which takes several rounds of layout.
            QTimer.singleShot(_LAID_OUT, self, self._reveal)

    def _reveal(self) -> None:
        """Scroll as far as it takes to see what was unfolded, but not beyond its caption."""
        area: QWidget | None = self.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        content = area.widget() if area is not None else None
        if area is None or content is None:
            return
        top = self.mapTo(content, QPoint()).y()
        bar = area.verticalScrollBar()
        bottom = top + self.height() - area.viewport().height()
        bar.setValue(min(top, max(bar.value(), bottom)))

    def open(self) -> None:
        """Unfold it."""
        if self.fold is not None:
            self.fold.setChecked(True)

    # ------------------------------------------------------------------ building
    def add(self, widget: QWidget) -> None:
        """Put any widget below the rows that are there."""
        self._column.addWidget(widget)

    def place(
        self,
        key: str,
        words: str,
        tip: str,
        field: QWidget,
        holder: QWidget | None = None,
    ) -> SettingRow:
        """Make a row for a field."""
        field.setProperty("key", key)
        row = SettingRow(key, words, tip, field, holder, self.body)
        self.rows[key] = row
        self._column.addWidget(row)
        return row

    def number(
        self,
        key: str,
        words: str,
        tip: str,
        *,
        minimum: float = float("-inf"),
        maximum: float = float("inf"),
        step: float = 0.1,
        is_integer: bool = False,
        check: Callable[[float], str | None] | None = None,
    ) -> NumberField:
        """A row for a number."""
        field = NumberField(
            max(0.0, minimum),
            self.body,
            minimum=minimum,
            maximum=maximum,
            step=step,
            decimals=None,
            is_integer=is_integer,
            check=check,
        )
        return self._placed(key, words, tip, field, is_integer)

    def rate(
        self,
        key: str,
        words: str,
        tip: str,
        usual: Sequence[float],
        check: Callable[[float], str | None],
    ) -> RateField:
        """A row for a number with a list of usual ones."""
        field = RateField(self._theme, usual, self.body, check=check)
        self._placed(key, words, tip, field, is_integer=False)
        return field

    def optional(
        self,
        key: str,
        words: str,
        tip: str,
        usual: Sequence[float],
        *,
        off: float = 0.0,
        off_text: str = "off",
        is_integer: bool = False,
        check: Callable[[float], str | None] | None = None,
    ) -> OptionalField:
        """A row for a number that can be switched off."""
        field = OptionalField(
            self._theme,
            usual,
            self.body,
            off=off,
            off_text=off_text,
            is_integer=is_integer,
            check=check or not_negative,
        )
        self._placed(key, words, tip, field, is_integer)
        return field

    def _placed(
        self, key: str, words: str, tip: str, field: NumberField, is_integer: bool
    ) -> NumberField:
        if is_integer:
            self._integers.add(key)
        field.setFixedWidth(NUMBER_WIDTH)
        field.value_changed.connect(self._number_changed)
        self.place(key, words, tip, field)
        return field

    def choice(self, key: str, words: str, tip: str, items: Iterable[tuple[str, str]]) -> Choice:
        """A row for one of several names."""
        choice = Choice(items, self.body, name=words)
        choice.setFixedWidth(CHOICE_WIDTH)
        choice.chosen.connect(self._chosen)
        self.place(key, words, tip, choice)
        return choice

    def check(self, key: str, words: str, tip: str) -> QCheckBox:
        """A row for yes or no."""
        box = QCheckBox(words, self.body)
        box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        box.clicked.connect(self._checked)
        self.place(key, words, tip, box)
        return box

    # ------------------------------------------------------------------ showing
    def refresh(self, config: TrainingConfig) -> None:
        """Take all settings of this section from the session."""
        if self.fold is not None:
            self.fold.set_summary(self.summary(config))
        if self._is_built:
            self.show_settings(config)

    def show_settings(self, config: TrainingConfig) -> None:
        """Show them in the rows, which are there."""
        for key, row in self.rows.items():
            if hasattr(config, key):
                row.show_value(getattr(config, key))

    def summary(self, config: TrainingConfig) -> str:
        """A few words on what is set, for the folded section."""
        return ""

    # ------------------------------------------------------------------ what the hand does
    def change(self, key: str, value: Any, gesture: int | None = None) -> bool:
        """Set a setting; what is refused is shown as it is."""
        done = self._session.set_training(gesture, **{key: value})
        if not done:
            self.rows[key].show_value(getattr(self._session.training, key))
        return done

    def _key(self) -> str:
        return str(self.sender().property("key"))

    def _number_changed(self, value: float, gesture: int) -> None:
        key = self._key()
        self.rows[key].note.clear()
        self.change(key, int(value) if key in self._integers else value, gesture)

    def _chosen(self, value: str) -> None:
        self.change(self._key(), value)

    def _checked(self, value: bool) -> None:
        self.change(self._key(), value)


def chain_focus(before: QWidget, holder: QWidget) -> None:
    """Let Tab go from a widget through all fields in another one that was made later."""
    for widget in holder.findChildren(QWidget):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None:
            if widget.window() is not holder.window():
                continue  # the list of a choice is a window of its own
            QWidget.setTabOrder(before, widget)
            before = widget
