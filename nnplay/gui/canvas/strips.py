"""The floating strips on the canvas: tools, zoom, and the legend of the scales in use."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QKeySequence,
    QLinearGradient,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nnplay.gui.theme import Theme
from nnplay.picture.palette import signed_colour
from nnplay.picture.text import power_of_ten, short_number

__all__ = ["TOOLS", "Legend", "Strip", "ToolStrip", "ZoomStrip"]

WIDEST: Final = 5.0
# name, icon, words, key
TOOLS: Final = (
    ("select", "pointer", "Select and move", "V"),
    ("lasso", "lasso", "Select by drawing around", "L"),
    ("connect", "connect", "Connect neurons", "C"),
    ("add", "add_neuron", "Add a neuron", "N"),
    ("hand", "hand", "Move the view", "H"),
)


class Strip(QFrame):
    """A floating frame; the pointer is its own business, not the canvas's."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setProperty("role", "strip")
        self._icons: list[tuple[QToolButton, str]] = []
        theme.changed.connect(self._recolour)

    def button(self, icon: str, words: str, key: str, side: int = 32) -> QToolButton:
        """An icon button of this strip."""
        button = QToolButton(self)
        button.setFixedSize(QSize(side, side))
        button.setIconSize(QSize(18, 18))
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        shown_key = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
        button.setToolTip(f"{words} ({shown_key})" if key else words)
        button.setAccessibleName(words)
        self._icons.append((button, icon))
        button.setIcon(self.theme.icon(icon))
        return button

    def _recolour(self) -> None:
        for button, icon in self._icons:
            button.setIcon(self.theme.icon(icon))
        self.update()


class ToolStrip(Strip):
    """What the pointer does.

    Signals:
        chosen(str): a tool by name, see :data:`TOOLS`.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self.setAccessibleName("Canvas tools")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(2)
        self._group = QButtonGroup(self)
        self.buttons: dict[str, QToolButton] = {}
        for name, icon, words, key in TOOLS:
            button = self.button(icon, words, key)
            button.setCheckable(True)
            button.setObjectName(f"tool_{name}")
            self._group.addButton(button)
            layout.addWidget(button)
            self.buttons[name] = button
        self.buttons["select"].setChecked(True)
        self._group.buttonClicked.connect(self._tell)
        self.adjustSize()

    def show_tool(self, name: str) -> None:
        """Mark the tool in use."""
        self.buttons[name].setChecked(True)

    def _tell(self, button: QToolButton) -> None:
        self.chosen.emit(button.objectName().removeprefix("tool_"))


class ZoomStrip(Strip):
    """Zoom out, the zoom in percent, zoom in, fit, and whether weights are written out.

    Signals:
        zoom_asked(float): zoom by a factor. full_size_asked(): show at 100 %.
        fit_asked(): show everything. numbers_asked(bool): write weights on edges.
        weakest_asked(bool): show the slider that hides weak connections.
        looks_asked(): choose what neurons and connections show.
    """

    zoom_asked = Signal(float)
    full_size_asked = Signal()
    fit_asked = Signal()
    numbers_asked = Signal(bool)
    weakest_asked = Signal(bool)
    looks_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self.setAccessibleName("Zoom")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(2)
        self.numbers = self.button("numbers", "Write the weights on the connections", "W")
        self.numbers.setCheckable(True)
        self.weakest = self.button("filter", "Hide the weakest connections", "K")
        self.weakest.setCheckable(True)
        self.looks = self.button("eye", "Choose what neurons and connections show", "")
        self.looks.clicked.connect(self.looks_asked)
        out = self.button("minus", "Zoom out", "-")
        self.percent = QPushButton("100 %", self)
        self.percent.setProperty("role", "quiet")
        self.percent.setFont(theme.ui_font(12))
        self.percent.setFixedWidth(54)
        self.percent.setStyleSheet("padding: 5px 2px;")  # room for "400 %"
        self.percent.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.percent.setToolTip("Show at 100 % (1)")
        self.percent.setAccessibleName("Show at 100 percent")
        larger = self.button("plus", "Zoom in", "+")
        fit = self.button("fit", "Show everything", "F")
        for widget in (self.looks, self.numbers, self.weakest, out, self.percent, larger, fit):
            layout.addWidget(widget)
        out.clicked.connect(self._zoom_out)
        larger.clicked.connect(self._zoom_in)
        self.percent.clicked.connect(self.full_size_asked)
        fit.clicked.connect(self.fit_asked)
        self.numbers.toggled.connect(self.numbers_asked)
        self.weakest.toggled.connect(self.weakest_asked)
        self.adjustSize()

    def show_zoom(self, scale: float) -> None:
        """Write the zoom."""
        self.percent.setText(f"{round(scale * 100)} %")

    def show_numbers(self, shows: bool) -> None:
        """Mark whether weights are written out, without asking for it."""
        self.numbers.blockSignals(True)
        self.numbers.setChecked(shows)
        self.numbers.blockSignals(False)

    def offer_weakest(self, offers: bool) -> None:
        """Offer the slider, where there are enough connections to hide some."""
        if offers == self.weakest.isHidden():
            self.weakest.setVisible(offers)
            self.adjustSize()

    def show_weakest(self, shows: bool) -> None:
        """Mark whether the slider is in sight, without asking for it."""
        self.weakest.blockSignals(True)
        self.weakest.setChecked(shows)
        self.weakest.blockSignals(False)

    def _zoom_out(self) -> None:
        self.zoom_asked.emit(1 / 1.25)

    def _zoom_in(self) -> None:
        self.zoom_asked.emit(1.25)


class Legend(Strip):
    """What colours and widths mean: the activation scale and the largest weight."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._title = "Activation"
        self._texts = ("−1", "0", "+1")
        self._largest = short_number(1.0, 1)
        self._note = ""
        self._edges_title = "Weight"
        self.resize(self.sizeHint())

    def show_scale(self, title: str, low: str, middle: str, high: str) -> None:
        """Name the activation scale and its two ends and middle."""
        if (title, (low, middle, high)) != (self._title, self._texts):
            self._title, self._texts = title, (low, middle, high)
            self.resize(self.sizeHint())
            self.update()

    def show_weights(self, largest: float, note: str = "", title: str = "Weight") -> None:
        """Say which weight is drawn widest; ``note`` says what is left out.

        Another ``title`` names other numbers than weights.
        """
        is_weight = title == "Weight"
        text = short_number(largest, 1)
        if not is_weight and 0.0 < largest < 0.1:
            text = power_of_ten(largest)
        if (text, note, title) != (self._largest, self._note, self._edges_title):
            resized = note != self._note or title != self._edges_title
            self._largest, self._note, self._edges_title = text, note, title
            if resized:
                self.resize(self.sizeHint())
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(330 + self._extra_width() + self._edges_room() - 50, 62 if self._note else 44)

    def _extra_width(self) -> int:
        title = QFontMetrics(self.theme.ui_font(12)).horizontalAdvance(self._title)
        return max(0, title - 62)

    def _edges_room(self) -> int:
        if self._edges_title == "Weight":
            return 50
        return QFontMetrics(self.theme.ui_font(12)).horizontalAdvance(self._edges_title) + 14

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        palette = self.theme.palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        extra = self._extra_width()
        words, small = self.theme.ui_font(12), self.theme.ui_font(10)
        centre = Qt.AlignmentFlag.AlignCenter
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft

        painter.setFont(words)
        painter.setPen(QColor(palette.secondary))
        painter.drawText(QRectF(12, 7, 66 + extra, 18), left, self._title)
        bar = QRectF(84 + extra, 11, 96, 8)
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        low = -1.0 if self._texts[0] else 0.0
        for step in range(9):
            gradient.setColorAt(step / 8, signed_colour(palette, low + (1 - low) * step / 8))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(gradient)
        painter.drawRoundedRect(bar, 4, 4)
        painter.setFont(small)
        painter.setPen(QColor(palette.tertiary_text))
        middle = bar.center().x() if self._texts[0] else bar.left() + 4
        for text, x in zip(self._texts, (bar.left() + 6, middle, bar.right() - 6), strict=True):
            painter.drawText(QRectF(x - 30, 22, 60, 14), centre, text)

        x = bar.right() + 22
        painter.setFont(words)
        painter.setPen(QColor(palette.secondary))
        room = self._edges_room()
        painter.drawText(QRectF(x, 7, room, 18), left, self._edges_title)
        x += room
        for index, (hue, sign) in enumerate(((palette.negative, "−"), (palette.positive, "+"))):
            start = x + index * 34
            pen = QPen(QColor(hue), WIDEST)
            painter.setPen(pen)
            painter.drawLine(QPointF(start, 15), QPointF(start + 26, 15))
            painter.setFont(small)
            painter.setPen(QColor(palette.tertiary_text))
            text = sign + self._largest
            painter.drawText(QRectF(start - 10, 22, 46, 14), centre, text)
        if self._note:
            painter.setFont(self.theme.ui_font(11))
            painter.drawText(QRectF(12, 40, self.width() - 24, 16), left, self._note)
        painter.end()
