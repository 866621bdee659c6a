"""A panel with a title; its body can be folded away, and it can share its place with others."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nnplay.gui.widgets.controls import label
from nnplay.picture.fonts import ui_font

__all__ = ["Card"]

HEADER_HEIGHT = 40


class _FoldButton(QAbstractButton):
    """The small arrow that folds and unfolds a card; painted, so that it follows the palette."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFixedSize(24, 24)

    def sizeHint(self) -> QSize:
        return QSize(24, 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        if self.underMouse() or self.hasFocus():
            painter.setPen(
                QPen(palette.color(QPalette.ColorRole.Accent), 1.5)
                if self.hasFocus()
                else Qt.PenStyle.NoPen
            )
            painter.setBrush(palette.color(QPalette.ColorRole.Light))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 6, 6)
        colour: QColor = palette.color(
            QPalette.ColorRole.Text if self.underMouse() else QPalette.ColorRole.PlaceholderText
        )
        pen = QPen(colour, 1.7)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        if self.isChecked():
            points = [QPointF(10, 8), QPointF(14, 12), QPointF(10, 16)]
        else:
            points = [QPointF(8, 10.5), QPointF(12, 14.5), QPointF(16, 10.5)]
        painter.drawPolyline(points)


class Card(QFrame):
    """A titled panel.

    Attributes:
        header_layout: place for buttons and live values at the right of the title.
        body_layout: place for the content.
        body: the widget that holds the content.

    Signals:
        folded_changed(bool): the body was folded away or brought back by hand.
        tab_clicked(int): another tab of :meth:`set_tabs` was clicked.
    """

    folded_changed = Signal(bool)
    tab_clicked = Signal(int)

    def __init__(
        self, title: str = "", parent: QWidget | None = None, *, foldable: bool = True
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAccessibleName(title)
        self._title_text = self._short_title = title
        self._tabs: list[QToolButton] = []
        self.header = QWidget(self)
        self.header.setFixedHeight(HEADER_HEIGHT)
        self._title = label(title, "title", self.header)
        self._title.setFont(ui_font(13, QFont.Weight.DemiBold))
        self._caption = label("", "small", self.header)
        self._caption.setFont(ui_font(11))
        self._caption.hide()
        self._tab_layout = QHBoxLayout()
        self._tab_layout.setSpacing(2)
        self.header_layout = QHBoxLayout()
        self.header_layout.setSpacing(6)
        self._fold_button = _FoldButton(self.header)
        self._fold_button.toggled.connect(self._fold_toggled)
        self._fold_button.setVisible(foldable)
        row = QHBoxLayout(self.header)
        row.setContentsMargins(14, 6, 8, 2)
        row.setSpacing(8)
        row.addLayout(self._tab_layout)
        row.addWidget(self._title)
        row.addWidget(self._caption)
        row.addStretch(1)
        row.addLayout(self.header_layout)
        row.addWidget(self._fold_button)
        self.body = QWidget(self)
        self.body.setProperty("role", "content")
        self.body_layout = QVBoxLayout(self.body)
        self.body_layout.setContentsMargins(14, 2, 10, 12)
        self.body_layout.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self.body, 1)
        self._name_fold_button()
        self.header.installEventFilter(self)

    # ------------------------------------------------------------------ words
    def title(self) -> str:
        """The title."""
        return self._title_text

    def set_title(self, title: str, short: str = "") -> None:
        """Change the title; ``short`` stands in the header where it is too narrow."""
        self._title_text, self._short_title = title, short or title
        self._choose_title()
        self.setAccessibleName(title)
        self._name_fold_button()

    def _choose_title(self) -> None:
        """The whole title if all that stands beside it has room."""
        metrics = QFontMetrics(self._title.font())
        needed = metrics.horizontalAdvance(self._title_text) + 14 + 8 + 8
        needed += self.header_layout.sizeHint().width()
        fits = needed <= self.width() or not self.isVisible()
        text = self._title_text if fits else self._short_title
        if text != self._title.text():
            self._title.setText(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._choose_title()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Something in the header needs another width.
        if watched is self.header and event.type() == QEvent.Type.LayoutRequest:
            self._choose_title()
        return False

    def set_caption(self, text: str) -> None:
        """Small words after the title; an empty text removes them."""
        self._caption.setText(text)
        self._caption.setVisible(bool(text))

    # ------------------------------------------------------------------ tabs
    def set_tabs(self, titles: Sequence[str], active: int) -> None:
        """Show the titles of all cards that share this place; none shows the own title again."""
        for button in self._tabs:
            self._tab_layout.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._tabs = []
        for index, title in enumerate(titles):
            button = QToolButton(self.header)
            button.setText(title)
            button.setProperty("role", "tab")
            button.setFont(ui_font(13, QFont.Weight.DemiBold))
            button.setCheckable(True)
            button.setChecked(index == active)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            # Three dots are the shortest name for whatever else there is.
            name = "Show more plots" if title == "⋯" else f"Show {title}"
            button.setAccessibleName(name)
            if "⋯" in titles:
                # The live values beside the tabs need the room.
                side = 2 if title == "⋯" else 3
                button.setStyleSheet(f"padding-left: {side}px; padding-right: {side}px;")
            if title == "⋯":
                button.setToolTip(name)
                button.setFixedWidth(22)
            button.setProperty("tab_index", index)
            button.clicked.connect(self._tab_was_clicked)
            self._tab_layout.addWidget(button)
            self._tabs.append(button)
        self._title.setVisible(not titles)
        margins = self.header.layout().contentsMargins()  # type: ignore[union-attr]
        margins.setLeft(6 if titles else 14)
        self.header.layout().setContentsMargins(margins)  # type: ignore[union-attr]

    def has_tab_focus(self) -> bool:
        """Whether the keyboard is on one of the tabs."""
        return any(button.hasFocus() for button in self._tabs)

    def focus_tab(self, index: int) -> None:
        """Put the keyboard on a tab."""
        self._tabs[index].setFocus(Qt.FocusReason.TabFocusReason)

    def _tab_was_clicked(self) -> None:
        button = self.sender()
        if isinstance(button, QToolButton):
            index = int(button.property("tab_index"))
            button.setChecked(self._tabs[index] is button and bool(index == self._own_tab()))
            self.tab_clicked.emit(index)

    def _own_tab(self) -> int:
        titles = [button.text() for button in self._tabs]
        return titles.index(self._title_text) if self._title_text in titles else 0

    # ------------------------------------------------------------------ folding
    def is_folded(self) -> bool:
        """Whether only the header is shown."""
        return self._fold_button.isChecked()

    def set_folded(self, folded: bool) -> None:
        """Fold the body away or bring it back."""
        self._fold_button.setChecked(folded)

    def _fold_toggled(self, folded: bool) -> None:
        self.body.setVisible(not folded)
        vertical = QSizePolicy.Policy.Fixed if folded else QSizePolicy.Policy.Preferred
        self.setSizePolicy(QSizePolicy.Policy.Preferred, vertical)
        self.setMaximumHeight(HEADER_HEIGHT + 2 if folded else 16777215)
        self._name_fold_button()
        self.folded_changed.emit(folded)

    def _name_fold_button(self) -> None:
        verb = "Show" if self.is_folded() else "Hide"
        self._fold_button.setAccessibleName(f"{verb} {self._title_text}")
        self._fold_button.setToolTip(f"{verb} {self._title_text}")
