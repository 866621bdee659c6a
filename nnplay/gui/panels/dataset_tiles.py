"""Tiles to choose a data set from: a small picture of its real points, a name where it fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QSizePolicy, QWidget

from nnplay.gui.panels.thumbnails import Sketch, paint_sketch
from nnplay.gui.theme import Theme
from nnplay.picture.palette import Palette

__all__ = ["DatasetTile", "TileGrid"]

_CAPTION_HEIGHT: Final = 17
_RADIUS: Final = 8
_LARGEST: Final = 64
_ARROWS: Final = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class DatasetTile(QAbstractButton):
    """One data set. The chosen one has a border in the accent colour.

    Signals:
        stepped(int, int): an arrow key was pressed; columns to the right, rows down.
    """

    stepped = Signal(int, int)

    def __init__(
        self,
        theme: Theme,
        name: str,
        title: str,
        tip: str,
        sketch: Callable[[], Sketch],
        parent: QWidget | None = None,
        *,
        captioned: bool = False,
    ) -> None:
        super().__init__(parent)
        self._theme, self._sketch, self._captioned = theme, sketch, captioned
        self.name = name
        self.setText(title)
        self.setCheckable(True)
        self.setToolTip(f"{title}\n{tip}")
        self.setAccessibleName(title)
        self.setAccessibleDescription(tip)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._picture: QPixmap | None = None
        self._picture_key: tuple[int, float, Palette] | None = None
        self._ready = False
        self._set_height(46)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(76 if self._captioned else 46, self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self.height())

    def _set_height(self, width: int) -> None:
        side = 44 if self._captioned else max(36, min(_LARGEST, width))
        height = side + (_CAPTION_HEIGHT + 8 if self._captioned else 0)
        if height != self.height():
            self.setFixedHeight(height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._set_height(event.size().width())

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = self._theme.palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        chosen = self.isChecked()
        painter.setBrush(palette.colour("hover" if self.underMouse() else "canvas"))
        if chosen:
            painter.setPen(QPen(palette.colour("accent"), 2))
        elif self.hasFocus():
            painter.setPen(QPen(palette.colour("accent"), 1.5, Qt.PenStyle.DotLine))
        else:
            painter.setPen(QPen(palette.colour("border"), 1))
        painter.drawRoundedRect(frame, _RADIUS, _RADIUS)
        caption = _CAPTION_HEIGHT if self._captioned else 0
        side = min(frame.width(), frame.height() - caption)
        left = frame.center().x() - side / 2
        if self._ready:
            picture = self._picture_of(round(side), palette)
            painter.drawPixmap(round(left), round(frame.top()), picture)
        else:
            # Painted in the next turn of the event loop, so that the panel itself is there at once.
            QTimer.singleShot(0, self, self._get_ready)
        if caption:
            font = self._theme.ui_font(11)
            painter.setFont(font)
            painter.setPen(palette.colour("text" if chosen else "secondary"))
            box = QRectF(3, self.height() - caption - 4, self.width() - 6, caption)
            text = QFontMetrics(font).elidedText(
                self.text(), Qt.TextElideMode.ElideRight, int(box.width())
            )
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        if chosen and self.hasFocus():
            painter.setPen(QPen(palette.colour("text"), 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(frame.adjusted(3, 3, -3, -3), _RADIUS - 3, _RADIUS - 3)
        painter.end()

    def _get_ready(self) -> None:
        self._ready = True
        self.update()

    def _picture_of(self, side: int, palette: Palette) -> QPixmap:
        ratio = self.devicePixelRatioF()
        key = (side, ratio, palette)
        if self._picture is None or key != self._picture_key:
            picture = QPixmap(round(side * ratio), round(side * ratio))
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            paint_sketch(painter, self._sketch(), palette, QRectF(0, 0, side, side))
            painter.end()
            self._picture, self._picture_key = picture, key
        return self._picture

    def forget_picture(self) -> None:
        """The points are others now."""
        self._picture = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _ARROWS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.stepped.emit(*step)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()


class TileGrid(QWidget):
    """Tiles in columns of equal width; arrow keys walk between them.

    Signals:
        chosen(str): name of the tile that was picked by hand.
    """

    chosen = Signal(str)

    def __init__(self, columns: int, parent: QWidget | None = None, *, spacing: int = 6) -> None:
        super().__init__(parent)
        self._columns = columns
        self._tiles: dict[str, DatasetTile] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(spacing)
        for column in range(columns):
            self._grid.setColumnStretch(column, 1)

    def add(self, tile: DatasetTile) -> None:
        """Put a tile at the end."""
        place = len(self._tiles)
        self._tiles[tile.name] = tile
        self._grid.addWidget(tile, place // self._columns, place % self._columns)
        tile.clicked.connect(self._clicked)
        tile.stepped.connect(self._stepped)

    def tile(self, name: str) -> DatasetTile:
        """A tile by name; raises KeyError."""
        return self._tiles[name]

    def names(self) -> Sequence[str]:
        """Names of all tiles, in order."""
        return tuple(self._tiles)

    def set_chosen(self, name: str) -> None:
        """Mark a tile, or none for a name that is not here."""
        entry = name if name in self._tiles else next(iter(self._tiles), "")
        for tile in self._tiles.values():
            tile.setChecked(tile.name == name)
            # One stop for the Tab key; from there the arrow keys go on. A click leaves the
            # keyboard where it is: Space then trains instead of choosing the tile again.
            policy = Qt.FocusPolicy.TabFocus if tile.name == entry else Qt.FocusPolicy.NoFocus
            tile.setFocusPolicy(policy)

    def _stepped(self, right: int, down: int) -> None:
        tiles = [tile for tile in self._tiles.values() if not tile.isHidden()]
        tile = self.sender()
        if not isinstance(tile, DatasetTile) or tile not in tiles:
            return
        place = tiles.index(tile) + right + down * self._columns
        if 0 <= place < len(tiles):
            tiles[place].setFocus(Qt.FocusReason.OtherFocusReason)

    def _clicked(self) -> None:
        tile = self.sender()
        if isinstance(tile, DatasetTile):
            tile.setChecked(True)
            self.chosen.emit(tile.name)
