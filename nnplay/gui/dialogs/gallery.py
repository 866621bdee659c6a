"""The examples as cards with pictures of their real networks."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QHideEvent, QImage, QPainter, QPainterPath, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from nnplay.examples import EXAMPLES, Example, example_path
from nnplay.gui.dialogs.cards import RADIUS, ButtonGrid, CardButton
from nnplay.gui.theme import Theme
from nnplay.picture.palette import Palette

__all__ = ["ExampleCard", "Gallery", "PictureCard"]

Draw = Callable[[int, int, float, Palette], QImage]

_COLUMNS: Final = 4
_WIDTH: Final = 204
_PICTURE_HEIGHT: Final = 118
_HEIGHT: Final = 212
_PAUSE_MS: Final = 8


class PictureCard(CardButton):
    """A picture of a network, a title, one sentence.

    Args:
        theme: colours and type.
        name: key for programs.
        title: large words.
        description: the sentence.
        draw: ``draw(width, height, ratio, palette)`` makes the picture.
        parent: Qt parent.
    """

    def __init__(
        self,
        theme: Theme,
        name: str,
        title: str,
        description: str,
        draw: Draw,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, title, description, parent)
        self.name = name
        self._draw = draw
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._picture: QImage | None = None
        self._painted_for: tuple[int, float, Palette] | None = None

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, _HEIGHT)

    @property
    def _wanted(self) -> tuple[int, float, Palette]:
        return (self.width() - 2, self.devicePixelRatioF(), self.theme.palette)

    @property
    def is_painted(self) -> bool:
        """Whether the picture of the network is there, in this size and these colours."""
        return self._painted_for == self._wanted

    def paint_picture(self) -> None:
        """Make the picture of the network now: 5 to 40 ms."""
        width, ratio, palette = self._wanted
        self._picture = self._draw(width, _PICTURE_HEIGHT, ratio, palette)
        self._painted_for = self._wanted
        self.update()

    def forget_picture(self) -> None:
        """The network is another one: its picture has to be made again."""
        self._painted_for = None

    def paint_content(self, painter: QPainter) -> None:
        palette = self.theme.palette
        stage = QRectF(1, 1, self.width() - 2, _PICTURE_HEIGHT)
        corners = QPainterPath()
        corners.addRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        painter.save()
        painter.setClipPath(corners)
        painter.fillRect(stage, palette.colour("canvas"))
        if self._picture is not None:
            painter.drawImage(QPointF(1, 1), self._picture)
        else:
            icon = self.theme.pixmap("network", 28, "border_strong")
            painter.drawPixmap(stage.center() - QPointF(14, 14), icon)
        painter.fillRect(QRectF(1, stage.bottom(), stage.width(), 1), palette.colour("border"))
        painter.restore()
        left, room = 13.0, self.width() - 26.0
        painter.setFont(self.theme.ui_font(13, QFont.Weight.DemiBold))
        painter.setPen(palette.colour("accent_text" if self.hasFocus() else "text"))
        title = QRectF(left, stage.bottom() + 10, room, 19)
        painter.drawText(title, int(Qt.AlignmentFlag.AlignVCenter), self.text())
        painter.setFont(self.theme.ui_font(12))
        painter.setPen(palette.colour("secondary"))
        flags = int(Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap)
        below = QRectF(left, title.bottom() + 3, room, self.height() - title.bottom() - 9)
        painter.drawText(below, flags, self.description)


class ExampleCard(PictureCard):
    """One example of the welcome screen."""

    def __init__(self, theme: Theme, example: Example, parent: QWidget | None = None) -> None:
        draw = partial(_picture, example.name)
        super().__init__(theme, example.name, example.title, example.description, draw, parent)


class Gallery(ButtonGrid):
    """All examples, four in a row. Pictures come one by one, so that the cards are there at once.

    Signals:
        chosen(str): name of an example.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(_COLUMNS, parent)
        self.setAccessibleName("Examples")
        self.cards = [ExampleCard(theme, example, self) for example in EXAMPLES]
        for card in self.cards:
            self.add(card)
            card.clicked.connect(self._clicked)
        self._timer = QTimer(self)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self._paint_next)
        theme.changed.connect(self._timer.start)

    def _clicked(self) -> None:
        card = self.sender()
        if isinstance(card, ExampleCard):
            self.chosen.emit(card.name)

    def _paint_next(self) -> None:
        missing = next((card for card in self.cards if not card.is_painted), None)
        if missing is None or not self.isVisible():
            self._timer.stop()
        else:
            missing.paint_picture()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()


@lru_cache(maxsize=2 * len(EXAMPLES))
def _picture(name: str, width: int, height: int, ratio: float, palette: Palette) -> QImage:
    from nnplay import library
    from nnplay.picture.render import thumbnail

    return thumbnail(library.load(example_path(name)), (width, height), palette, ratio)
