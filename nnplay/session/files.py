"""Verbs that open, save, import and export, on behalf of the session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nnplay.document import Document
from nnplay.session.notices import Notice
from nnplay.session.reader import Reader
from nnplay.session.reading import Order, Outcome

if TYPE_CHECKING:
    from nnplay.formats.verification import ExportReport
    from nnplay.session.session import Session

__all__ = ["Files"]

# These settings of views are edits: the document has them, and undo takes them back.
UNDOABLE: Final = frozenset({"direction"})


class Files:
    """Knows where the document lies; every failure becomes a notice and changes nothing."""

    def __init__(self, session: Session, reader: Reader) -> None:
        self._session = session
        self._reader = reader
        self.path: Path | None = None
        self.view: dict[str, Any] = {}

    def new(self, document: Document) -> None:
        """Show another document that lies nowhere yet."""
        self._reader.cancel()
        self.path = None
        self._session.show_document(document)

    def open(self, path: Path) -> bool:
        """Open a document or a network file; True also while a large one is being read."""
        at_first = _Standing(self._session)

        def done(outcome: Outcome) -> bool:
            document = outcome.document
            if document is None:
                return self._not_read(path, outcome)
            if at_first.would_lose_something():
                return self._kept_back(path, document)
            self._show(path, document)
            return True

        return self._reader.read(Order("document", path), done)

    def open_table(self, path: Path) -> bool:
        """Use a CSV file as data; True also while a large one is being read."""

        def done(outcome: Outcome) -> bool:
            if outcome.table is None:
                return self._not_read(path, outcome)
            return self._session.load_table(
                outcome.table, path.name, outcome.notes, is_incomplete=outcome.is_incomplete
            )

        return self._reader.read(Order("table", path), done)

    def _show(self, path: Path, document: Document) -> None:
        self._reader.cancel()
        self.path = path if _is_document(path) else None
        self._session.show_document(document)
        if self.path is not None:
            self._session.settings.add_recent(path)

    def _kept_back(self, path: Path, document: Document) -> bool:
        """Somebody went on working while the file was being read."""
        self._session.notice_posted.emit(
            Notice(
                "warning",
                f"{path.name} has been read, but meanwhile you changed the present document. "
                "Save it first if you want to keep the changes.",
                f"Open {path.name}",
                lambda: self._show(path, document),
            )
        )
        return False

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

        def done(outcome: Outcome) -> bool:
            document = outcome.document
            if document is None:
                return self._not_read(path, outcome)
            self._session.pause()
            named = replace(document, title=path.stem)
            if not self._session.edit(f"Import {path.name}", lambda _: named):
                return False
            self._session.notice_posted.emit(Notice("info", _imported(path, named)))
            return True

        given = {"activation": activation, "output_activation": output_activation}
        options = {name: value for name, value in given.items() if value is not None}
        return self._reader.read(Order("network", path, options), done)

    def _with_view(self, document: Document) -> Document:
        """What views show travels along, without being an edit."""
        own = {name: value for name, value in self.view.items() if name not in UNDOABLE}
        view = {**document.view, **own}
        place = self._session.probe_place
        if place is None:
            view.pop("probe", None)
        else:
            view["probe"] = list(place)
        return document if view == document.view else replace(document, view=view)

    def write_picture(self, path: Path, draw: Callable[[Document], bytes]) -> bool:
        """Write a picture: the whole file, or nothing."""
        from nnplay.storage import write_file

        try:
            write_file(path, draw(self.pictured()))
        except (OSError, ValueError) as error:
            return self._failed(error)
        return True

    def pictured(self) -> Document:
        """The document as a picture of the present moment shows it."""
        session = self._session
        document = self._with_view(session.live_document)
        if "probe" in document.view or session.prepared is None or session.data_problem:
            return document
        return replace(document, view={**document.view, "probe": list(session.probe.raw)})

    def _not_read(self, path: Path, outcome: Outcome) -> bool:
        self._session.notice_posted.emit(Notice("error", outcome.error))
        if outcome.asks_for_activations:  # only a person knows them
            self._session.activations_asked.emit(path)
        return False

    def _failed(self, error: Exception) -> bool:
        self._session.notice_posted.emit(Notice("error", str(error)))
        return False


class _Standing:
    """Where a session stood when reading began, to notice work that was done since."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._document = session.document
        self._was_running = session.is_running
        self._step = session.shown_step

    def would_lose_something(self) -> bool:
        """Whether opening another document would lose changes nobody was asked about."""
        session = self._session
        if not session.is_modified:
            return False
        trained = session.shown_step != self._step and not self._was_running
        return trained or session.document is not self._document


def _imported(path: Path, document: Document) -> str:
    topology = document.network.topology
    return (
        f"{path.name} was imported: {topology.neuron_count:,} neurons and "
        f"{topology.parameter_count:,} parameters. Undo brings the network of before back."
    )


def _is_document(path: Path) -> bool:
    return path.name.endswith((".nnplay", ".nnplay.json"))
