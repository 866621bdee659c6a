"""The confusion matrix: which class is taken for which, with counts and shares."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter

from nnplay.gui.panels.words import count
from nnplay.gui.plots.answer_table import AnswerTable, Cell
from nnplay.gui.plots.header import text_toggle
from nnplay.gui.plots.insight.page import Drawing, PlotPage
from nnplay.gui.plots.readout import ReadoutLine
from nnplay.gui.theme import Theme
from nnplay.session.plot_requests import AnswersWish, Predictions, Stamped
from nnplay.session.session import Session

__all__ = ["ConfusionPage"]

NUMBERS = "The target is a number, so that nothing can be taken for something else."


class _Matrix(Drawing):
    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__(session, theme, "Confusion matrix")
        self.table = AnswerTable(theme)
        self.found: Predictions | None = None
        self._names: tuple[str, ...] = ()
        self._cursor: Cell = (0, 0)

    def show_answers(self, found: Predictions, names: tuple[str, ...], shares: bool) -> None:
        """Other answers."""
        self.found, self._names = found, names
        self.table.shows_shares = shares
        self.table.set_content(names, found.confusion(len(names)))
        self.update()

    def draw(self, painter: QPainter) -> None:
        if self.found is None:
            return
        self.table.place(QRectF(self.rect()).adjusted(4, 2, -6, -4))
        marked = None
        rows = self.found.rows.tolist()
        if self._session.probe.row in rows:
            place = rows.index(self._session.probe.row)
            marked = (int(self.found.wanted[place]), int(self.found.given[place]))
        pointed = self._cursor if self.hasFocus() else None
        if self._pointer is not None:
            pointed = self.table.cell_at(self._pointer)
        self.table.paint(painter, marked, pointed)

    def read(self, place: QPointF) -> Sequence[ReadoutLine]:
        cell = self.table.cell_at(place)
        if cell is None:
            return ()
        number = int(self.table.counts[cell])
        true, given = (int(self.table.counts.sum(axis=1 - i)[cell[i]]) for i in (0, 1))
        lines = [
            ReadoutLine("true", self._names[cell[0]]),
            ReadoutLine("answer", self._names[cell[1]]),
            ReadoutLine("samples", f"{number:,}"),
            ReadoutLine("of the true ones", f"{100 * number / max(1, true):.1f} %"),
            ReadoutLine("of the answers", f"{100 * number / max(1, given):.1f} %"),
        ]
        return (*lines, ReadoutLine("Click to probe one of them")) if number else lines

    def click(self, place: QPointF) -> None:
        cell = self.table.cell_at(place)
        if cell is not None:
            self._cursor = cell
            self._probe_next(cell)

    def _probe_next(self, cell: Cell) -> None:
        """Probe the sample of a cell after the one probed now, and after the last the first."""
        found = self.found
        if found is None:
            return
        rows = found.rows[(found.wanted == cell[0]) & (found.given == cell[1])]
        if rows.size:
            now = self._session.probe.row
            later = rows[rows > (-1 if now is None else now)]
            self._session.probe_row(int(later[0] if later.size else rows[0]))

    def stepped(self, across: int, down: int) -> bool:
        last = len(self._names) - 1
        row, column = self._cursor[0] + down, self._cursor[1] + across
        self._cursor = (min(max(row, 0), last), min(max(column, 0), last))
        number = count(int(self.table.counts[self._cursor]), "sample")
        true, answer = (self._names[i] for i in self._cursor)
        self.setAccessibleDescription(f"{true} taken for {answer}: {number}")
        self.update()
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._probe_next(self._cursor)
        else:
            super().keyPressEvent(event)


class ConfusionPage(PlotPage):
    """Rows are true classes, columns answers; a click probes such a sample."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__(session, theme, "There are no data to ask about yet.", "table")
        self.drawing = _Matrix(session, theme)
        self.test_button = text_toggle(
            "test", "Test part: answers to samples the network has not seen", self._part_chosen
        )
        self.share_button = text_toggle(
            "%", "Shares: of each true class instead of counts", self._shares_chosen
        )
        self.add_control(self.test_button)
        self.add_control(self.share_button)
        self._answer: Stamped | None = None
        self._wish = AnswersWish()
        self.follow_probe(self.drawing)

    def wish(self) -> AnswersWish:
        return self._wish

    def _part_chosen(self, on: bool) -> None:
        self._wish = AnswersWish(part="test" if on else "train")
        self.ask()

    def _shares_chosen(self, _on: bool) -> None:
        self._refresher.request()

    def take(self, answer: Stamped) -> None:
        self._answer = answer
        self._refresher.request()

    def refresh(self) -> None:
        prepared, answer = self._session.prepared, self._answer
        if answer is None or prepared is None:
            self.say()
            return
        if prepared.classes is None:
            self.caption.setText("")
            self.say(NUMBERS)
            return
        found = answer.value
        assert isinstance(found, Predictions)  # noqa: S101
        if found.rows.size and found.wanted.dtype.kind != "i":
            return  # answers about the data before
        right = int((found.wanted == found.given).sum())
        part = "test" if self.test_button.isChecked() else "training"
        self.caption.setText(f"{right:,} of {len(found.rows):,} {part} samples right")
        self.drawing.show_answers(found, prepared.classes, self.share_button.isChecked())
        self.show_content(self.drawing)
