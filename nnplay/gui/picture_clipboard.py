"""A picture of the network on the clipboard: pixels for most programs, lines for those that can."""

from __future__ import annotations

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from nnplay.document import Document
from nnplay.picture.options import PictureOptions
from nnplay.picture.render import picture_bytes, picture_image, png_bytes

__all__ = ["SVG_TYPE", "copy_picture", "picture_data"]

SVG_TYPE = "image/svg+xml"


def picture_data(document: Document, options: PictureOptions) -> QMimeData:
    """A picture as PNG and SVG; raises PictureError with a sentence for people."""
    image = picture_image(document, options)
    data = QMimeData()
    data.setImageData(image)
    data.setData("image/png", png_bytes(image))
    data.setData(SVG_TYPE, picture_bytes(document, "svg", options))
    return data


def copy_picture(document: Document, options: PictureOptions) -> None:
    """Put a picture on the clipboard; raises PictureError with a sentence for people."""
    QGuiApplication.clipboard().setMimeData(picture_data(document, options))
