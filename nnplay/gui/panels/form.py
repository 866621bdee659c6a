"""Layout pieces of the side panels: sections, notes under fields, boxes with a way out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from nnplay.gui.theme import Theme
from nnplay.gui.widgets import Card, caption_label, label

__all__ = ["FieldNote", "HintBox", "ScrollColumn", "Section", "link_button", "row_of"]

_SHORTEST: Final = 96
_SEVERITIES: Final = {"info": ("info", "accent"), "warning": ("warning", "warn")}


class Section(QWidget):
    """A caption, what stands at its right end, and a body below.

    Attributes:
        head: layout at the right of the caption.
        body: vertical layout for the content.
    """

    def __init__(self, caption: str, parent: QWidget | None = None, *, spacing: int = 6) -> None:
        super().__init__(parent)
        self._caption = caption_label(caption, self)
        self.head = QHBoxLayout()
        self.head.setSpacing(4)
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.addWidget(self._caption)
        top.addStretch(1)
        top.addLayout(self.head)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(spacing)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addLayout(self.body)

    def caption(self) -> str:
        """The caption."""
        return self._caption.text()

    def set_caption(self, text: str) -> None:
        """Change the caption."""
        self._caption.setText(text)


class FieldNote(QLabel):
    """A sentence under a field, only there while there is something to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setProperty("role", "error")
        font = self.font()
        font.setPixelSize(12)
        self.setFont(font)
        self.hide()

    def say(self, sentence: str) -> None:
        """Show a sentence; an empty one hides the note."""
        self.setText(sentence)
        self.setVisible(bool(sentence))

    def clear(self) -> None:
        """Nothing to say any more."""
        self.say("")


class HintBox(QFrame):
    """A warning or remark inside a panel, with buttons that do something about it."""

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, severity: str = "warning"
    ) -> None:
        super().__init__(parent)
        self._theme, self._severity = theme, severity
        self.setProperty("role", "box")
        self._picture = QLabel(self)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._text = label("", "", self)
        self._text.setWordWrap(True)
        self._buttons = QVBoxLayout()
        self._buttons.setSpacing(0)
        right = QVBoxLayout()
        right.setSpacing(4)
        right.addWidget(self._text)
        right.addLayout(self._buttons)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 9, 10, 8)
        layout.setSpacing(9)
        layout.addWidget(self._picture)
        layout.addLayout(right, 1)
        theme.changed.connect(self._refresh)
        self._refresh()
        self.hide()

    def text(self) -> str:
        """The sentence shown."""
        return self._text.text()

    def buttons(self) -> list[QPushButton]:
        """The buttons shown."""
        items = [self._buttons.itemAt(i) for i in range(self._buttons.count())]
        widgets = [item.widget() for item in items if item is not None]
        return [widget for widget in widgets if isinstance(widget, QPushButton)]

    def say(self, sentence: str, *ways_out: tuple[str, Callable[[], object]]) -> None:
        """Show a sentence and a button for each way out; an empty sentence hides the box."""
        words = [words for words, _ in ways_out]
        same = sentence == self.text() and words == [b.text() for b in self.buttons()]
        if not same or not sentence:
            for button in self.buttons():
                self._buttons.removeWidget(button)
                button.hide()
                button.deleteLater()
            for text, action in ways_out:
                button = link_button(text, action, self)
                self._buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
            self._text.setText(sentence)
            self.setAccessibleName(sentence)
        self.setVisible(bool(sentence))

    def _refresh(self) -> None:
        icon, role = _SEVERITIES[self._severity]
        self._picture.setPixmap(self._theme.pixmap(icon, 18, role))


class _GutterColumn(QVBoxLayout):
    """A column that ends at the same place whether the scroll bar stands beside it or not.

    A scroll bar takes room from the content, in which pictures then become lower, so that the bar
    is not needed any more and goes, and so on: Qt answers at once each time, until the stack is
    full. So the margin gives way in the very layout in which the width has changed.
    """

    def __init__(self, area: QScrollArea, content: QWidget) -> None:
        super().__init__(content)
        self._area = area
        self.gutter = 0

    def _margin(self, width: int) -> int:
        taken = max(0, self._area.maximumViewportSize().width() - width)
        return max(0, self.gutter - taken)

    def setGeometry(self, place: QRect) -> None:
        super().setGeometry(place.adjusted(0, 0, -self._margin(place.width()), 0))

    def heightForWidth(self, width: int) -> int:
        return super().heightForWidth(width - self._margin(width))

    def minimumHeightForWidth(self, width: int) -> int:
        return super().minimumHeightForWidth(width - self._margin(width))

    def sizeHint(self) -> QSize:
        return super().sizeHint() + QSize(self.gutter, 0)

    def minimumSize(self) -> QSize:
        return super().minimumSize() + QSize(self.gutter, 0)


class ScrollColumn(QScrollArea):
    """A column of widgets, as wide as its place. It wants to be as tall as its content, and
    scrolls where it cannot be.

    In a card the scroll bar runs in the card's right margin, so that it takes no room from the
    content when it appears.
    """

    def __init__(self, parent: QWidget | None = None, *, spacing: int = 8) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.content = QWidget(self)
        self.content.setProperty("role", "content")
        self.column = _GutterColumn(self, self.content)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(spacing)
        self.setWidget(self.content)
        self.content.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Without this the area may become narrower than its content and cut it off.
        if watched is self.content and event.type() == QEvent.Type.LayoutRequest:
            self.setMinimumWidth(min(280, self.content.minimumSizeHint().width()))
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        place: QWidget | None = self.parentWidget()
        while place is not None and not isinstance(place, Card):
            place = place.parentWidget()
        if place is None or self.column.gutter:
            return
        margins = place.body_layout.contentsMargins()
        self.column.gutter = margins.right()
        margins.setRight(0)
        place.body_layout.setContentsMargins(margins)
        self.column.invalidate()

    def sizeHint(self) -> QSize:
        layout = self.content.layout()
        hint = self.content.sizeHint()
        if layout is not None and layout.hasHeightForWidth() and self.width() > 100:
            hint.setHeight(layout.totalHeightForWidth(self.viewport().width()))
        return hint

    def minimumSizeHint(self) -> QSize:
        return QSize(self.minimumWidth(), _SHORTEST)


def link_button(
    text: str, clicked: Callable[[], object] | None = None, parent: QWidget | None = None
) -> QPushButton:
    """A button that looks like a link."""
    button = QPushButton(text, parent)
    button.setProperty("role", "link")
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if clicked is not None:
        button.clicked.connect(clicked)
    return button


def row_of(*widgets: QWidget, spacing: int = 8, stretch: int | None = None) -> QHBoxLayout:
    """Widgets side by side; ``stretch`` is the index of the one that takes the spare room."""
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for index, widget in enumerate(widgets):
        layout.addWidget(widget, 1 if index == stretch else 0)
    return layout
