"""Pictures of documents as files and thumbnails."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
)

from nnplay.document import Document
from nnplay.picture.arrange import runs_downwards
from nnplay.picture.composition import Composition
from nnplay.picture.geometry import NEURON_SIZE
from nnplay.picture.neurons import LabelPlace
from nnplay.picture.options import PICTURE_FORMATS, PictureOptions
from nnplay.picture.palette import DARK, LIGHT, Palette
from nnplay.picture.responses import probe_values, response_maps

__all__ = [
    "PICTURE_FORMATS",
    "PictureError",
    "PictureOptions",
    "picture_bytes",
    "picture_image",
    "png_bytes",
    "render_bytes",
    "render_file",
    "thumbnail",
]

MAP_RESOLUTION: Final = 64


CANVAS: Final = PictureOptions()
THUMBNAIL: Final = PictureOptions(headers=False)
# Names at least 8 pixels high can be read; those below neurons are smaller from the outset.
READABLE: Final = 0.62
READABLE_SMALL: Final = 0.8
SMALL_NAMES: Final = frozenset({LabelPlace.BELOW, LabelPlace.INSIDE})
SMALL: Final = 0.5
# From here on neurons are painted with their maps and not as plain chips.
LEAST_DETAIL: Final = 14.5 / NEURON_SIZE


class PictureError(ValueError):
    """A picture cannot be made; the message is a sentence for people."""


def ensure_application() -> None:
    """Make sure that Qt can draw text, also without a display and outside the window."""
    global _application
    if QGuiApplication.instance() is None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        _application = QGuiApplication(["nnplay"])


# Qt must not lose its application object while fonts and pictures are alive.
_application: QGuiApplication | None = None


def compose(
    document: Document,
    palette: Palette,
    *,
    options: PictureOptions = CANVAS,
    resolution: int = MAP_RESOLUTION,
) -> Composition:
    """Lay out a document as the canvas shows it, response maps and probe values included."""
    shown = None
    if options.neurons is not None:
        topology = document.network.topology
        chosen = [i for i in options.neurons if i in topology]
        shown = np.array(sorted(topology.row(i) for i in chosen), dtype=np.int64)
    composition = Composition.of(
        document.network,
        palette,
        document.positions,
        values=probe_values(document),
        maps=response_maps(document, resolution),
        weights=options.weights,
        biases=options.biases,
        headers=options.headers,
        downwards=runs_downwards(document),
        shown=shown,
    )
    if not options.values:
        for look in composition.looks:
            look.value = None
    return composition


def render_file(
    document: Document, path: str | Path, dark: bool = False, numbers: bool = False
) -> None:
    """Write a picture; the suffix of ``path`` chooses svg, png (2×) or pdf.

    Raises:
        PictureError: the suffix is none of these.
        OSError: the file cannot be written.
    """
    from nnplay.storage import write_file

    suffix = Path(path).suffix.lower().lstrip(".")
    write_file(Path(path), render_bytes(document, suffix, dark=dark, numbers=numbers))


def render_bytes(
    document: Document, kind: str, *, dark: bool = False, numbers: bool = False
) -> bytes:
    """A picture as the bytes of an svg, png (2×) or pdf file, see :func:`picture_bytes`."""
    options = PictureOptions(weights=numbers, biases=numbers, dark=dark)
    return picture_bytes(document, kind, options)


def picture_bytes(document: Document, kind: str, options: PictureOptions = CANVAS) -> bytes:
    """A picture as the bytes of a file; the same document gives the same svg and tex.

    Raises :class:`PictureError` for other kinds.
    """
    if kind not in PICTURE_FORMATS:
        known = ", ".join(f".{name}" for name in PICTURE_FORMATS)
        given = f"“.{kind}”" if kind else "A name without an ending"
        raise PictureError(f"{given} is not a kind of picture nnplay can write; choose {known}.")
    if kind == "tex":
        from nnplay.picture.tikz import tikz_text

        return tikz_text(document, options).encode()
    ensure_application()
    if kind == "png":
        return png_bytes(picture_image(document, options))
    sheet = _Sheet.of(document, options)
    return _svg(sheet) if kind == "svg" else _pdf(sheet)


def picture_image(document: Document, options: PictureOptions = CANVAS) -> QImage:
    """A picture of ``options.scale`` device pixels per canvas pixel.

    Raises :class:`PictureError` when there is no memory for it.
    """
    ensure_application()
    sheet = _Sheet.of(document, options)
    image = QImage(
        round(sheet.bounds.width() * options.scale),
        round(sheet.bounds.height() * options.scale),
        QImage.Format.Format_ARGB32_Premultiplied,
    )
    if image.isNull():
        raise PictureError("The picture would be too large for memory; use .svg or .pdf instead.")
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.scale(options.scale, options.scale)
    sheet.paint(painter, vector=False)
    return image


def png_bytes(image: QImage) -> bytes:
    """An image as the bytes of a PNG file."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(content.data())


@dataclass(frozen=True)
class _Sheet:
    """A composition with the ground and the size of its picture."""

    composition: Composition
    palette: Palette
    bounds: QRectF
    title: str
    transparent: bool

    @classmethod
    def of(cls, document: Document, options: PictureOptions) -> _Sheet:
        palette = DARK if options.dark else LIGHT
        composition = compose(document, palette, options=options)
        bounds = composition.bounds()
        return cls(composition, palette, bounds, document.title, options.transparent)

    def paint(self, painter: QPainter, *, vector: bool) -> None:
        """Fill the ground and paint on it; ends the painter."""
        if not self.transparent:
            ground = QRectF(0, 0, self.bounds.width(), self.bounds.height())
            painter.fillRect(ground, QColor(self.palette.canvas))
        painter.translate(-self.bounds.topLeft())
        self.composition.paint(painter, self.palette, vector=vector)
        painter.end()


def thumbnail(
    document: Document,
    size: QSize | tuple[int, int],
    palette: Palette,
    ratio: float = 1.0,
    *,
    names: bool = False,
) -> QImage:
    """A small picture for cards, previews and files, in stronger colours than the canvas.

    Args:
        document: what to show.
        size: width and height in logical pixels.
        palette: colours; the background is the canvas colour.
        ratio: device pixels per logical pixel; the image carries it.
        names: write the neurons' names where there is room to read them.
    """
    ensure_application()
    width, height = size if isinstance(size, tuple) else (size.width(), size.height())
    image = QImage(
        round(width * ratio), round(height * ratio), QImage.Format.Format_ARGB32_Premultiplied
    )
    image.setDevicePixelRatio(ratio)
    image.fill(QColor(palette.canvas))
    composition = compose(document, palette, options=THUMBNAIL, resolution=24)
    for look in composition.looks:
        look.value = look.value if look.image is None else None
        look.label = look.label if names else ""
    # Nothing is selected here that should stand out, so all edges have their full colours.
    composition.edges.chosen = composition.edges.drawn
    composition.edges.choose_drawn()
    target = QRectF(0, 0, width, height)
    scale = _scale(composition.bounds(12.0), target)
    for look in composition.looks:
        if scale < (READABLE_SMALL if look.label_place in SMALL_NAMES else READABLE):
            look.label = ""
    bounds = composition.bounds(12.0)  # less, perhaps, without the names
    scale = _scale(bounds, target)
    if scale < SMALL:  # lines thinner than a pixel need more contrast
        palette = replace(palette, card=palette.border_strong, border_strong=palette.tertiary)
    painter = QPainter(image)
    painter.translate(target.center())
    painter.scale(scale, scale)
    painter.translate(-bounds.center())
    composition.paint(painter, palette, detail=max(scale, LEAST_DETAIL))
    painter.end()
    return image


def _scale(bounds: QRectF, target: QRectF) -> float:
    """How much smaller a picture gets to fit, at most 1."""
    return min(target.width() / bounds.width(), target.height() / bounds.height(), 1.0)


def _svg(sheet: _Sheet) -> bytes:
    from PySide6.QtSvg import QSvgGenerator

    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    width, height = round(sheet.bounds.width()), round(sheet.bounds.height())
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(96)
    generator.setSize(QSize(width, height))
    generator.setViewBox(QRect(0, 0, width, height))
    generator.setTitle(sheet.title)
    sheet.paint(QPainter(generator), vector=True)
    return bytes(content.data())


def _pdf(sheet: _Sheet) -> bytes:
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(72)  # one canvas pixel is one point
    writer.setTitle(sheet.title)
    size = QPageSize(sheet.bounds.size(), QPageSize.Unit.Point)
    writer.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Portrait, QMarginsF()))
    sheet.paint(QPainter(writer), vector=True)
    return bytes(content.data())
