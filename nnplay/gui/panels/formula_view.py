"""Paints a neuron's calculation: one aligned term per line, numbers coloured by sign."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QContextMenuEvent,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from nnplay.gui.panels.formula import Formula, Term
from nnplay.gui.panels.formula_layout import Row, activation_text, layout_formula
from nnplay.gui.panels.words import plain_number
from nnplay.gui.theme import Theme

__all__ = ["FormulaView"]

_PADDING: Final = 10
_LINE: Final = 19


class FormulaView(QWidget):
    """The calculation of one neuron. Hovering a term points at its source, a click selects it.

    Signals:
        source_hovered(int): id of the neuron whose line is under the pointer, −1 for none.
        source_clicked(int): id of the neuron whose line was clicked.
    """

    source_hovered = Signal(int)
    source_clicked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._formula: Formula | None = None
        self._line_count = 0
        self._hovered_line = -1
        self.setObjectName("formula")
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Formula with the numbers of the probed sample")
        theme.changed.connect(self.update)

    # ------------------------------------------------------------------ content
    @property
    def formula(self) -> Formula | None:
        """What is shown."""
        return self._formula

    def set_formula(self, formula: Formula) -> None:
        """Show a calculation; only another number of lines changes the height."""
        self._formula = formula
        lines = len(layout_formula(formula, self._columns()))
        if lines != self._line_count:
            self._line_count = lines
            self.updateGeometry()
        if QAccessible.isActive():
            self.setAccessibleDescription(self.text())
        self.update()

    def text(self) -> str:
        """The calculation as plain text with six decimals."""
        if self._formula is None:
            return ""
        return self._formula.as_text(activation_text(self._formula.activation))

    def rows(self) -> list[Row]:
        """The lines as painted at the present width."""
        return [] if self._formula is None else layout_formula(self._formula, self._columns())

    def _columns(self) -> int:
        cell = QFontMetricsF(self._theme.mono_font()).horizontalAdvance("0")
        return int((self.width() - 2 * _PADDING) / cell)

    def sizeHint(self) -> QSize:
        return QSize(240, 2 * _PADDING + _LINE * max(1, self._line_count))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    # ------------------------------------------------------------------ painting
    def paintEvent(self, event: QPaintEvent) -> None:
        palette = self._theme.palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(palette.colour("border"), 1))
        painter.setBrush(palette.colour("card"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        font = QFont(self._theme.mono_font())
        bold = QFont(font)
        bold.setWeight(QFont.Weight.DemiBold)
        metrics = QFontMetricsF(font)
        cell = metrics.horizontalAdvance("0")
        baseline = (_LINE + metrics.ascent() - metrics.descent()) / 2
        for index, row in enumerate(self.rows()):
            top = _PADDING + index * _LINE
            if index == self._hovered_line and row.source >= 0:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(palette.colour("hover"))
                painter.drawRoundedRect(QRectF(4, top, self.width() - 8, _LINE), 5, 5)
            if row.rule_above:
                painter.setPen(QPen(palette.colour("border_strong"), 1))
                right = self.width() - _PADDING
                painter.drawLine(QPointF(_PADDING, top + 0.5), QPointF(right, top + 0.5))
            for piece in row.pieces:
                painter.setFont(bold if piece.bold else font)
                painter.setPen(palette.colour(piece.role))
                painter.drawText(
                    QPointF(_PADDING + piece.column * cell, top + baseline), piece.text
                )
        painter.end()

    # ------------------------------------------------------------------ pointer
    def _line_at(self, y: float) -> tuple[int, Row | None]:
        index = int((y - _PADDING) // _LINE)
        rows = self.rows()
        return (index, rows[index]) if 0 <= index < len(rows) else (-1, None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index, row = self._line_at(event.position().y())
        if index == self._hovered_line:
            return
        self._hovered_line = index
        source = -1 if row is None else row.source
        terms = () if self._formula is None else self._formula.terms
        term = terms[index - 1] if 1 <= index <= len(terms) else None
        self.setToolTip(_term_tip(term) if term else "")
        if source >= 0:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.unsetCursor()
        self.source_hovered.emit(source)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        if self._hovered_line >= 0:
            self._hovered_line = -1
            self.source_hovered.emit(-1)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        _, row = self._line_at(event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and row is not None and row.source >= 0:
            self.source_clicked.emit(row.source)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.addAction("Copy calculation").triggered.connect(self.copy_text)
        menu.exec(event.globalPos())
        menu.deleteLater()

    def copy_text(self) -> None:
        """Put the calculation on the clipboard."""
        QGuiApplication.clipboard().setText(self.text())


def _term_tip(term: Term) -> str:
    state = "" if term.enabled else "\nThis connection is switched off, so it adds nothing."
    return (
        f"{term.label}: weight {plain_number(term.weight, 10)} · value {plain_number(term.activation, 10)} "
        f"= {plain_number(term.value, 10)}{state}\nClick to select {term.label}."
    )
