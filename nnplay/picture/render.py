"""Pictures of documents as files and thumbnails."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRect, QRectF, QSize, QSizeF
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
from nnplay.picture.composition import Composition
from nnplay.picture.palette import DARK, LIGHT, Palette
from nnplay.picture.responses import probe_values, response_maps

__all__ = ["PICTURE_FORMATS", "PictureError", "render_bytes", "render_file", "thumbnail"]

PICTURE_FORMATS: Final = ("svg", "png", "pdf")
PNG_SCALE: Final = 2.0
MAP_RESOLUTION: Final = 64


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
    numbers: bool = False,
    headers: bool = True,
    resolution: int = MAP_RESOLUTION,
) -> Composition:
    """Lay out a document as the canvas shows it, response maps and probe values included."""
    return Composition.of(
        document.network,
        palette,
        document.positions,
        values=probe_values(document),
        maps=response_maps(document, resolution),
        numbers=numbers,
        headers=headers,
    )


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
    """A picture as the bytes of an svg, png or pdf file; the same document gives the same svg.

    Raises :class:`PictureError` for other kinds.
    """
    if kind not in PICTURE_FORMATS:
        known = ", ".join(f".{name}" for name in PICTURE_FORMATS)
        given = f"“.{kind}”" if kind else "A name without an ending"
        raise PictureError(f"{given} is not a kind of picture nnplay can write; choose {known}.")
    ensure_application()
    palette = DARK if dark else LIGHT
    composition = compose(document, palette, numbers=numbers)
    bounds = composition.bounds()
    if kind == "png":
        return _png(composition, palette, bounds)
    return (
        _svg(composition, palette, bounds, document.title)
        if kind == "svg"
        else _pdf(composition, palette, bounds, document.title)
    )


def thumbnail(
    document: Document, size: QSize | tuple[int, int], palette: Palette, ratio: float = 1.0
) -> QImage:
    """A small picture without text for cards and files.

    Args:
        document: what to show.
        size: width and height in logical pixels.
        palette: colours; the background is the canvas colour.
        ratio: device pixels per logical pixel; the image carries it.
    """
    ensure_application()
    width, height = size if isinstance(size, tuple) else (size.width(), size.height())
    image = QImage(
        round(width * ratio), round(height * ratio), QImage.Format.Format_ARGB32_Premultiplied
    )
    image.setDevicePixelRatio(ratio)
    image.fill(QColor(palette.canvas))
    composition = compose(document, palette, headers=False, resolution=24)
    for look in composition.looks:
        look.label, look.value = "", look.value if look.image is None else None
    painter = QPainter(image)
    _fit(painter, composition.bounds(12.0), QRectF(0, 0, width, height), largest=1.0)
    composition.paint(painter, palette)
    painter.end()
    return image


def _fit(painter: QPainter, bounds: QRectF, target: QRectF, largest: float) -> None:
    scale = min(target.width() / bounds.width(), target.height() / bounds.height(), largest)
    painter.translate(target.center())
    painter.scale(scale, scale)
    painter.translate(-bounds.center())


def _png(composition: Composition, palette: Palette, bounds: QRectF) -> bytes:
    image = QImage(
        round(bounds.width() * PNG_SCALE),
        round(bounds.height() * PNG_SCALE),
        QImage.Format.Format_ARGB32_Premultiplied,
    )
    if image.isNull():
        raise PictureError("The picture would be too large for memory; use .svg or .pdf instead.")
    image.fill(QColor(palette.canvas))
    painter = QPainter(image)
    painter.scale(PNG_SCALE, PNG_SCALE)
    painter.translate(-bounds.topLeft())
    composition.paint(painter, palette)
    painter.end()
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(content.data())


def _svg(composition: Composition, palette: Palette, bounds: QRectF, title: str) -> bytes:
    from PySide6.QtSvg import QSvgGenerator

    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(96)
    generator.setSize(QSize(round(bounds.width()), round(bounds.height())))
    generator.setViewBox(QRect(0, 0, round(bounds.width()), round(bounds.height())))
    generator.setTitle(title)
    _paint_sheet(QPainter(generator), composition, palette, bounds)
    return bytes(content.data())


def _pdf(composition: Composition, palette: Palette, bounds: QRectF, title: str) -> bytes:
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(72)  # one canvas pixel is one point
    writer.setTitle(title)
    size = QPageSize(QSizeF(bounds.width(), bounds.height()), QPageSize.Unit.Point)
    writer.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Portrait, QMarginsF()))
    _paint_sheet(QPainter(writer), composition, palette, bounds)
    return bytes(content.data())


def _paint_sheet(
    painter: QPainter, composition: Composition, palette: Palette, bounds: QRectF
) -> None:
    painter.fillRect(QRectF(0, 0, bounds.width(), bounds.height()), QColor(palette.canvas))
    painter.translate(-bounds.topLeft())
    composition.paint(painter, palette, vector=True)
    painter.end()
