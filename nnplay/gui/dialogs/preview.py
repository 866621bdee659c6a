"""A live picture of the document a dialog is about to make."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from nnplay.document import Document
from nnplay.gui.panels.words import count
from nnplay.gui.theme import Theme
from nnplay.picture.palette import Palette
from nnplay.picture.render import thumbnail

__all__ = ["MOST_CONNECTIONS", "NetworkPreview"]

MOST_CONNECTIONS: Final = 20_000


class NetworkPreview(QWidget):
    """The network as the canvas will show it; a sentence where it is too large for that.

    Args:
        theme: colours.
        parent: Qt parent.
        names: whether neurons are named where there is room.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, names: bool = False) -> None:
        super().__init__(parent)
        self._theme = theme
        self._names = names
        self._document: Document | None = None
        self._picture: QImage | None = None
        self._painted_for: tuple[QSize, float, Palette] | None = None
        self.setMinimumSize(240, 150)
        theme.changed.connect(self.update)

    @property
    def sentence(self) -> str:
        """What stands in place of the picture, or an empty text."""
        if self._document is None:
            return "Here you will see the network."
        edges = self._document.network.topology.edge_count
        if edges > MOST_CONNECTIONS:
            return f"{count(edges, 'connection')}: too many for this small picture."
        return ""

    def show_document(self, document: Document | None) -> None:
        """Show another document, or none while there is a mistake to mend."""
        self._document, self._picture, self._painted_for = document, None, None
        sizes = "" if document is None else layer_text(document)
        self.setAccessibleName(f"Picture of the network {sizes}".strip())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = self._theme.palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        corners = QPainterPath()
        corners.addRoundedRect(frame, 9, 9)
        painter.fillPath(corners, palette.colour("canvas"))
        sentence = self.sentence
        if sentence:
            painter.setFont(self._theme.ui_font(13))
            painter.setPen(palette.colour("tertiary_text"))
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(frame.adjusted(24, 0, -24, 0), flags, sentence)
        elif self._document is not None:
            wanted = (self.size(), self.devicePixelRatioF(), palette)
            if self._picture is None or self._painted_for != wanted:
                self._picture = thumbnail(
                    self._document, self.size(), palette, wanted[1], names=self._names
                )
                self._painted_for = wanted
            painter.save()
            painter.setClipPath(corners)
            painter.drawImage(QPointF(0, 0), self._picture)
            painter.restore()
        painter.setPen(QPen(palette.colour("border"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(corners)
        painter.end()


def layer_text(document: Document) -> str:
    """Sizes of the layers: "2 – 4 – 2 – 1"."""
    network = document.network
    sizes = [len(network.topology.input_ids)]
    sizes += [len(network.level_ids(level)) for level in network.hidden_levels]
    sizes.append(len(network.topology.output_ids))
    return " – ".join(str(size) for size in sizes)
