"""The small picture inside a saved document, for file managers and lists."""

from __future__ import annotations

from typing import Final

from nnplay.document import Document

__all__ = ["SIZE", "paint_document"]

SIZE: Final = (256, 160)
LARGEST: Final = 50_000
"""Parameters; saving a larger network must not wait for its picture."""


def paint_document(document: Document) -> bytes:
    """A PNG of the network, always light and of the same size, so that it depends on nothing
    but the document; empty for large networks.
    """
    if document.network.topology.parameter_count > LARGEST:
        return b""
    from nnplay.picture.palette import LIGHT
    from nnplay.picture.render import png_bytes, thumbnail

    return png_bytes(thumbnail(document, SIZE, LIGHT))
