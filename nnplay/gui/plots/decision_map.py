"""The decision map: what the network answers over its inputs, in the view that fits the data."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from nnplay.gui.plots.answers_view import AnswersView
from nnplay.gui.plots.curve_view import CurveView
from nnplay.gui.plots.header import show_as_icon, text_toggle
from nnplay.gui.plots.map_over import MapOver
from nnplay.gui.plots.map_plane import MapPlane
from nnplay.gui.theme import Theme
from nnplay.gui.widgets.controls import EmptyState
from nnplay.session.map_columns import mappable_columns
from nnplay.session.session import Session

__all__ = ["DecisionMap"]

NARROW: Final = 300
"""Pixels below which the switches are drawings, so that the header has room for its words."""
NO_DATA: Final = "There are no data to draw a map of. Choose a data set in the data panel."

# A narrower card has no room for the switch that offers maps over chosen columns.
NARROWEST_WITH_SWITCH: Final = 190


class _SubjectName(QWidget):
    """The name of what is shown, in a shorter form where the header is narrow."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._text = self._short = ""
        self.setFont(theme.ui_font(12))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)
        self._theme = theme

    @property
    def text(self) -> str:
        """What it says."""
        return self._text

    @property
    def shown_text(self) -> str:
        """What of it is painted at the present width."""
        metrics = QFontMetrics(self.font())
        for text in (self._text, self._short):
            if metrics.horizontalAdvance(text) <= self.width():
                return text
        return metrics.elidedText(self._short, Qt.TextElideMode.ElideRight, self.width())

    def set_text(self, text: str, short: str = "") -> None:
        """Say something else; ``short`` says it where there is little room."""
        if (text, short or text) != (self._text, self._short):
            self._text, self._short = text, short or text
            self.setToolTip(text)
            self.setAccessibleName(f"Shown: {text}" if text else "")
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(QFontMetrics(self.font()).horizontalAdvance(self._text) + 4, 22)

    def minimumSizeHint(self) -> QSize:
        # Before this is cut off, the title and the buttons beside it have become short.
        return QSize(min(90, QFontMetrics(self.font()).horizontalAdvance(self._short) + 4), 22)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._theme.ui_font(12))
        painter.setPen(self._theme.palette.colour("secondary"))
        painter.drawText(
            self.rect(),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            self.shown_text,
        )
        painter.end()


class DecisionMap(QWidget):
    """A map for two numeric columns, a curve for one; answers against the truth for others.

    Data of more columns have a map too once two of them are chosen; it holds the others at the
    probe.

    Signals:
        name_changed(str, str): other data are shown in another way; see :attr:`name` and
            :attr:`short_name`.
    """

    name_changed = Signal(str, str)

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self.plane = MapPlane(session, theme)
        self.curve = CurveView(session, theme)
        self.answers = AnswersView(session, theme)
        self.empty = EmptyState(theme, "map", NO_DATA)
        self.over = MapOver()
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.over)
        self._stack = QStackedLayout()
        rows.addLayout(self._stack, 1)
        self._last_columns: tuple[str, str] | None = None
        self._over_possible = False
        for page in (self.empty, self.plane, self.curve, self.answers):
            self._stack.addWidget(page)
        self.setMinimumSize(140, 110)
        self.subject_name = _SubjectName(theme)
        self.test_button = text_toggle(
            "test", "Test points: show them as rings", self._set_show_test
        )
        self.test_button.setChecked(True)
        self.sharp_button = text_toggle(
            "sharp", "Sharp colours: show the decision only", self.plane.set_discretise
        )
        self.part_button = text_toggle(
            "test", "Test part: answers to samples the network has not seen", self.answers.set_test
        )
        self.over_button = text_toggle(
            "map", "Map: over two columns, the others held at the probe", self._set_over
        )
        for button in (self.test_button, self.sharp_button, self.part_button, self.over_button):
            # Shown without a parent they would be windows for a moment.
            button.setParent(self)
        self.part_button.setChecked(True)
        theme.changed.connect(self._draw_buttons)
        self.plane.subject_changed.connect(self._note_subject)
        self.answers.subject_changed.connect(self._note_subject)
        self.curve.subject_changed.connect(self._note_subject)
        session.data_changed.connect(self._choose_page)
        session.document_replaced.connect(self._choose_page)
        session.network_changed.connect(self._choose_page)
        session.map_columns_changed.connect(self._choose_page)
        self.over.chosen.connect(session.set_map_columns)
        self._choose_page()

    def header_widgets(self) -> list[QWidget]:
        """What is shown, and the switches."""
        return [
            self.subject_name,
            self.test_button,
            self.part_button,
            self.sharp_button,
            self.over_button,
        ]

    @property
    def page(self) -> QWidget:
        """The view in front."""
        return self._stack.currentWidget()

    def sizeHint(self) -> QSize:
        return QSize(360, 260)

    @property
    def name(self) -> str:
        """What the view at present is called."""
        page = self._stack.currentWidget()
        return {self.curve: "Curve", self.answers: "Answers"}.get(page, "Decision map")

    @property
    def short_name(self) -> str:
        """The same for a narrow header."""
        return {"Decision map": "Map"}.get(self.name, self.name)

    # ------------------------------------------------------------------ following the session
    def _choose_page(self, *_: object) -> None:
        prepared, problem = self._session.prepared, self._session.data_problem
        page: QWidget = self.empty
        if prepared is None or problem:
            self.empty.set_sentence(problem or NO_DATA)
        elif self._session.map_columns is not None:
            page = self.plane
        elif prepared.raw_numeric == (True,):
            page = self.curve
        else:
            page = self.answers
        self._offer_columns(page is self.plane)
        if self._stack.currentWidget() is not page:
            self._stack.setCurrentWidget(page)
            self.name_changed.emit(self.name, self.short_name)
        self._name_subject()
        _show(self.test_button, page in (self.plane, self.curve))
        has_test = prepared is not None and len(prepared.test_rows) > 0
        _show(self.part_button, page is self.answers and has_test)
        _show(self.sharp_button, page is self.plane)

    def _offer_columns(self, has_map: bool) -> None:
        """Where columns can be chosen: the switch, and while it is on, the choice."""
        prepared, columns = self._session.prepared, self._session.map_columns
        possible = (
            prepared is not None
            and not self._session.data_problem
            and not prepared.has_plane
            and len(mappable_columns(prepared)) > 1
        )
        with QSignalBlocker(self.over_button):
            self.over_button.setChecked(has_map)
        self._over_possible = possible
        self._show_over_button()
        self.over.setVisible(possible and has_map)
        if possible and prepared is not None and columns is not None:
            names = prepared.raw_names
            self._last_columns = names[columns[0]], names[columns[1]]
            self.over.set_content(prepared, columns)

    def _show_over_button(self) -> None:
        """The narrowest cards keep their room for the subject's name."""
        _show(self.over_button, self._over_possible and self.width() >= NARROWEST_WITH_SWITCH)

    def _set_over(self, on: bool) -> None:
        prepared = self._session.prepared
        if prepared is None or not on:
            self._session.set_map_columns(None)
            return
        known = mappable_columns(prepared)
        names = [prepared.raw_names[i] for i in known]
        last = self._last_columns
        if last is not None and set(last) <= set(names):
            x, y = (known[names.index(name)] for name in last)
        else:
            x, y = known[:2]
        self._session.set_map_columns(x, y)

    def _note_subject(self, title: str) -> None:
        if self.sender() is self.page:
            self._name_subject(title)

    def _name_subject(self, title: str | None = None) -> None:
        for view in (self.plane, self.curve, self.answers):
            if view is self.page:
                self.subject_name.set_text(view.title if title is None else title, view.short_title)
                return
        self.subject_name.set_text("")

    def _draw_buttons(self) -> None:
        is_narrow = self.width() < NARROW
        for button, icon in (
            (self.test_button, "test_points"),
            (self.part_button, "test_points"),
            (self.sharp_button, "sharp"),
            (self.over_button, "map"),
        ):
            show_as_icon(button, self._theme, icon, is_narrow)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_over_button()
        self._draw_buttons()

    def _set_show_test(self, on: bool) -> None:
        self.plane.set_show_test(on)
        self.curve.set_show_test(on)


def _show(button: QWidget, on: bool) -> None:
    """Show or hide a widget of the header, which may not stand in one yet."""
    if on and button.parent() is None:
        # Showing it now would make it a window; without a wish of its own it follows its header.
        button.setAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide, False)
    else:
        button.setVisible(on)
