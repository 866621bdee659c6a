"""Verbs that open, save, import and export, on behalf of the session."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnplay.document import Document
from nnplay.session.notices import Notice

if TYPE_CHECKING:
    from nnplay.formats.verification import ExportReport
    from nnplay.session.session import Session

__all__ = ["Files"]


class Files:
    """Knows where the document lies; every failure becomes a notice and changes nothing."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.path: Path | None = None
        self.view: dict[str, Any] = {}

    def new(self, document: Document) -> None:
        """Show another document that lies nowhere yet."""
        self.path = None
        self._session.show_document(document)

    def open(self, path: Path) -> bool:
        """Open a document or a network file."""
        from nnplay import library
        from nnplay.formats.errors import ActivationsUnknownError

        try:
            document = library.load(path)
        except ActivationsUnknownError as error:
            return self._asked(path, error)
        except (OSError, ValueError) as error:
            return self._failed(error)
        self.path = path if _is_document(path) else None
        self._session.show_document(document)
        if self.path is not None:
            self._session.settings.add_recent(path)
        return True

    def save(self, path: Path | None) -> bool:
        """Save the document; without a path, where it lies already."""
        from nnplay import library

        place = path or self.path
        if place is None:
            return self._session.refuse("Choose a name for the document first.")
        session = self._session
        session.commit_run()
        try:
            library.save(self._with_view(session.document), place)
        except (OSError, ValueError) as error:
            return self._failed(error)
        moved = place != self.path
        self.path = place
        session.undo_stack.setClean()
        session.settings.add_recent(place)
        if moved:
            session.title_changed.emit()
        session.announce()
        return True

    def export(self, path: Path, format_name: str | None, dtype: str | None) -> ExportReport | None:
        """Write the network as it is now in another format; the file is read again and compared."""
        from nnplay import library

        try:
            return library.export(
                self._with_view(self._session.live_document), path, format_name, dtype=dtype
            )
        except (OSError, ValueError) as error:
            self._failed(error)
            return None

    def import_file(
        self, path: Path, activation: str | None, output_activation: str | None
    ) -> bool:
        """Put a network from a file in place of the present document, as one undoable step."""
        from nnplay import library
        from nnplay.formats.errors import ActivationsUnknownError

        try:
            document = library.import_network(
                path, activation=activation, output_activation=output_activation
            )
        except ActivationsUnknownError as error:
            return self._asked(path, error)
        except (OSError, ValueError) as error:
            return self._failed(error)
        self._session.pause()
        return self._session.edit(f"Import {path.name}", lambda _: document)

    def _with_view(self, document: Document) -> Document:
        """What views show travels along, without being an edit."""
        view = {**document.view, **self.view}
        place = self._session.probe_place
        if place is None:
            view.pop("probe", None)
        else:
            view["probe"] = list(place)
        return document if view == document.view else replace(document, view=view)

    def _asked(self, path: Path, error: Exception) -> bool:
        """A file of bare weights: only a person knows its activations."""
        self._failed(error)
        self._session.activations_asked.emit(path)
        return False

    def _failed(self, error: Exception) -> bool:
        self._session.notice_posted.emit(Notice("error", str(error)))
        return False


def _is_document(path: Path) -> bool:
    return path.name.endswith((".nnplay", ".nnplay.json"))
