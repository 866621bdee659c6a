"""Verbs that put a whole network of a well-known shape in place of the present one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from nnplay.document import Document
from nnplay.session.notices import Notice
from nnplay.session.pairing import refuse_pairing
from nnplay.templates import (
    TEMPLATES,
    MlpShape,
    layered_document,
    templated_document,
    with_ends_of,
)

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["Shaper"]

_NO_DATA: Final = (
    "The data cannot be used at present, so the inputs and outputs were left as they are."
)


class Shaper:
    """Makes networks of a shape, on behalf of the session; each is one undoable step."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def shaped(self, shape: MlpShape) -> Document:
        """The live document with this shape; raises ValueError with a sentence for people."""
        return self._layered(self._session.live_document, shape)

    def templated(self, name: str, settings: Mapping[str, Any]) -> Document:
        """The live document with a template; raises ValueError with a sentence for people."""
        return self._templated(self._session.live_document, name, settings)

    def replace_with_mlp(self, shape: MlpShape) -> bool:
        """Put a layered network in place of the present one."""
        session = self._session
        if not shape.keep_weights:
            session.pause()

        def edit(document: Document) -> Document:
            after = self._layered(document, shape)
            refuse_pairing(session, document, after)
            return after

        return self._told(session.edit("Make a layered network", edit))

    def apply_template(self, name: str, settings: Mapping[str, Any]) -> bool:
        """Put the network of a template in place of the present one."""
        session = self._session
        template = TEMPLATES.get(name)
        session.pause()

        def edit(document: Document) -> Document:
            after = self._templated(document, name, settings)
            refuse_pairing(session, document, after)
            return after

        done = session.edit(f"Use the template {template.title if template else name}", edit)
        if done and template is not None and template.brings_data:
            words = f"{template.title} came with data of its own. Undo brings the former back."
            session.notice_posted.emit(Notice("info", words))
            return True
        return self._told(done)

    def _layered(self, document: Document, shape: MlpShape) -> Document:
        return layered_document(with_ends_of(document, self._session.prepared), shape)

    def _templated(self, document: Document, name: str, settings: Mapping[str, Any]) -> Document:
        fitted = with_ends_of(document, self._session.prepared)
        return templated_document(fitted, name, settings)

    def _told(self, done: bool) -> bool:
        session = self._session
        if done and session.prepared is None:
            session.notice_posted.emit(Notice("warning", _NO_DATA))
        return done
