"""Verbs that open, save, import and export, on behalf of the session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from nnplay.document import Document
from nnplay.session.fingerprint import Fingerprint
from nnplay.session.notices import Notice
from nnplay.session.reader import Reader
from nnplay.session.reading import Order, Outcome

if TYPE_CHECKING:
    from nnplay.formats.verification import ExportReport
    from nnplay.session.guard import Guard
    from nnplay.session.locking import DocumentLock, Holder
    from nnplay.session.orphans import Orphan
    from nnplay.session.session import Session

__all__ = ["Confirm", "Files", "How"]

How = Literal["edit", "read_only", "copy"]
Confirm = Callable[[Document, tuple[str, ...]], bool]

# These settings of views are edits: the document has them, and undo takes them back.
UNDOABLE: Final = frozenset({"direction"})


class Files:
    """Knows where the document lies; every failure becomes a notice and changes nothing."""

    def __init__(self, session: Session, reader: Reader) -> None:
        self._session = session
        self._reader = reader
        self.path: Path | None = None
        self.view: dict[str, Any] = {}
        self.is_read_only = False
        self.paint: Callable[[Document], bytes] | None = None
        self._known: Fingerprint | None = None
        self._lock: DocumentLock | None = None

    # ------------------------------------------------------------------ whose file it is
    def start_locking(self) -> None:
        """From now on a document is locked while it is open here."""
        if self._lock is None:
            from nnplay.session.locking import DocumentLock

            self._lock = DocumentLock()
            if self.path is not None and not self.is_read_only:
                self._lock.take(self.path)

    def holder_of(self, path: Path) -> Holder | None:
        """Who else has a document open."""
        if self._lock is None or not _is_document(path):
            return None
        return self._lock.holder_of(path)

    def close(self) -> None:
        """Let go of the file."""
        if self._lock is not None:
            self._lock.release()

    def _settle_at(self, path: Path | None, known: Fingerprint | None, how: How = "edit") -> None:
        """The document lies here from now on."""
        holder = None
        if self._lock is not None:
            if path is None or how == "read_only":
                self._lock.release()
            else:
                holder = self._lock.take(path)
        self.path, self._known = path, known
        self.is_read_only = how == "read_only" or holder is not None
        if holder is not None and path is not None:
            self._session.refuse(
                f"{path.name} is open {holder.words} and is read-only here: save it under another "
                "name to keep changes."
            )

    # ------------------------------------------------------------------ changed by others
    @property
    def is_changed_outside(self) -> bool:
        """Whether the file was changed by another program; False if it has gone."""
        path, known = self.path, self._known
        if path is None or known is None:
            return False
        quick = Fingerprint.quick(path)
        if not quick.exists or (quick.is_same_time(known) and not self._session.is_modified):
            return False
        now = Fingerprint.of(path)
        if not now.is_same_file(known):
            return now.exists
        self._known = now  # only touched
        return False

    def keep_mine(self) -> None:
        """The file as it is now is known."""
        if self.path is not None:
            self._known = Fingerprint.of(self.path)

    def reload(self) -> bool:
        """Put what the file holds now in place of the document, as one undoable step."""
        path = self.path
        if path is None:
            return False
        known = Fingerprint.of(path)

        def done(outcome: Outcome) -> bool:
            if outcome.document is None:
                return self._not_read(path, outcome)
            self._session.pause()
            if self._put_in_place(f"Reload {path.name}", outcome.document):
                self._session.undo_stack.setClean()
            self._known = known
            self._session.announce()
            return True

        return self._reader.read(Order("document", path), done)

    def _put_in_place(self, text: str, document: Document) -> bool:
        own = {name: value for name, value in document.view.items() if name not in UNDOABLE}
        self.view.update(own)
        return self._session.edit(text, lambda _: document)

    def open_backup(self, path: Path | None) -> bool:
        """Show the version before the latest one; see :meth:`Session.open_backup`."""
        from nnplay import library

        place = path or self.path
        if place is None:
            return self._session.refuse("This document was never saved: there is no backup of it.")
        time = backup_time(place)
        if not time:
            return self._session.refuse(
                f"There is no backup of {place.name}. One is made when you save a second time."
            )
        try:
            document = library.load_backup(place)
        except (OSError, ValueError) as error:
            return self._failed(error)
        if path is not None and path != self.path:
            self._reader.cancel()
            self._settle_at(place, Fingerprint.of(place))
            self._session.show_document(document, is_saved=False)
            self._session.settings.add_recent(place)
            said = "Saving puts it in place of the damaged file."
        else:
            self._session.pause()
            self._put_in_place(f"Open the backup of {time}", document)
            said = "Undo brings the present version back."
        text = f"This is the backup of {place.name} from {time}. {said}"
        self._session.notice_posted.emit(Notice("info", text, is_important=True))
        return True

    def recover(self, orphan: Orphan, guard: Guard) -> bool:
        """Show work that a crash left behind; True if it could be read."""
        if orphan.document is None:
            self._session.notice_posted.emit(Notice("error", orphan.problem))
            return False
        self._reader.cancel()
        path = orphan.origin.path
        known = None
        if path is not None:
            known = Fingerprint.of(path)
            if known.exists and known.modified > orphan.written * 1e9:
                known = Fingerprint(1, 0)  # somebody else went on with it: saving asks first
        self._settle_at(path, known)
        self._session.show_document(orphan.document, is_saved=False)
        guard.adopt(orphan)
        return True

    def new(self, document: Document) -> None:
        """Show another document that lies nowhere yet."""
        self._reader.cancel()
        self._settle_at(None, None)
        self._session.show_document(document)

    def open(self, path: Path, how: How = "edit") -> bool:
        """Open a document or a network file; True also while a large one is being read."""
        at_first = _Standing(self._session)
        before = Fingerprint.quick(path)

        def done(outcome: Outcome) -> bool:
            document = outcome.document
            if document is None:
                return self._not_read(path, outcome)
            if at_first.would_lose_something():
                return self._kept_back(path, outcome, before, how)
            self._show(path, outcome, before, how)
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

    def _show(self, path: Path, outcome: Outcome, before: Fingerprint, how: How) -> None:
        document = outcome.document
        if document is None:
            return
        self._reader.cancel()
        is_foreign = not _is_document(path)
        if how == "copy" or is_foreign:
            self._settle_at(None, None)
            if how == "copy":
                document = replace(document, title=f"Copy of {document_name(path)}")
            elif document.title == Document.title:
                document = replace(document, title=path.stem)
        else:
            known = Fingerprint.of(path)
            # What was changed while it was being read is not what is shown.
            self._settle_at(path, known if known.is_same_time(before) else before, how)
        self._session.show_document(document)
        if self.path is not None:
            self._session.settings.add_recent(path)
        if is_foreign and how != "copy":
            sizes = _sizes(document)
            text = f"{path.name} was opened as a new document: {sizes}."
            self._session.notice_posted.emit(Notice("info", text, detail=" ".join(outcome.notes)))

    def _kept_back(self, path: Path, outcome: Outcome, before: Fingerprint, how: How) -> bool:
        """Somebody went on working while the file was being read."""
        self._session.notice_posted.emit(
            Notice(
                "warning",
                f"{path.name} has been read, but meanwhile you changed the present document. "
                "Save it first if you want to keep the changes.",
                f"Open {path.name}",
                lambda: self._show(path, outcome, before, how),
            )
        )
        return False

    def save(self, path: Path | None, *, overwrite: bool = False) -> bool:
        """Save the document; without a path, where it lies already."""
        from nnplay import library

        place = path or self.path
        if place is None:
            return self._session.refuse("Choose a name for the document first.")
        session = self._session
        moved = place != self.path
        if not self._may_save(place, moved=moved, overwrite=overwrite):
            return False
        session.commit_run()
        document = self.with_view(session.document)
        try:
            library.save(document, place, thumbnail=self._thumbnail(document), keep_backup=True)
        except (OSError, ValueError) as error:
            return self._failed(error)
        self._settle_at(place, Fingerprint.of(place))
        session.undo_stack.setClean()
        session.settings.add_recent(place)
        if moved:
            session.title_changed.emit()
        session.announce()
        return True

    def _may_save(self, place: Path, *, moved: bool, overwrite: bool) -> bool:
        """Whether nobody else's work would be lost; says why not."""
        session = self._session
        if not moved and self.is_read_only:
            return session.refuse(f"{place.name} is read-only here. Save it under another name.")
        holder = self.holder_of(place) if moved else None
        if holder is not None:
            return session.refuse(f"{place.name} is open {holder.words}. Choose another name.")
        if moved or overwrite or not self.is_changed_outside:
            return True
        session.notice_posted.emit(
            Notice(
                "warning",
                f"{place.name} was changed by another program since you opened it, so it was not "
                "saved. Saving anyway keeps that version as a backup.",
                "Save anyway",
                lambda: self.save(None, overwrite=True),
            )
        )
        return False

    def _thumbnail(self, document: Document) -> bytes:
        if self.paint is None:
            return b""
        try:
            return self.paint(document)
        except (ValueError, MemoryError):
            return b""  # a document without a picture is still a document

    def export(self, path: Path, format_name: str | None, dtype: str | None) -> ExportReport | None:
        """Write the network as it is now in another format; the file is read again and compared."""
        from nnplay import library

        try:
            return library.export(
                self.with_view(self._session.live_document), path, format_name, dtype=dtype
            )
        except (OSError, ValueError) as error:
            self._failed(error)
            return None

    def import_file(
        self,
        path: Path,
        activation: str | None,
        output_activation: str | None,
        confirm: Confirm | None = None,
    ) -> bool:
        """Put a network from a file in place of the present document, as one undoable step."""

        def done(outcome: Outcome) -> bool:
            document = outcome.document
            if document is None:
                return self._not_read(path, outcome)
            named = replace(document, title=path.stem)
            if confirm is not None and not confirm(named, outcome.notes):
                return False
            self._session.pause()
            if not self._session.edit(f"Import {path.name}", lambda _: named):
                return False
            notice = Notice("info", _imported(path, named), detail=" ".join(outcome.notes))
            self._session.notice_posted.emit(notice)
            return True

        given = {"activation": activation, "output_activation": output_activation}
        options = {name: value for name, value in given.items() if value is not None}
        return self._reader.read(Order("network", path, options), done)

    def with_view(self, document: Document) -> Document:
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
        document = self.with_view(session.live_document)
        if "probe" in document.view or session.prepared is None or session.data_problem:
            return document
        return replace(document, view={**document.view, "probe": list(session.probe.raw)})

    def _not_read(self, path: Path, outcome: Outcome) -> bool:
        if outcome.asks_for_activations:  # only a person knows them; nothing is wrong
            self._session.activations_asked.emit(path)
            return False
        time = backup_time(path) if _is_document(path) else ""
        if time and path.exists():
            text = f"{outcome.error} A backup of {time} is there."
            action = "Open the backup"
            notice = Notice("error", text, action, lambda: self.open_backup(path))
        else:
            notice = Notice("error", outcome.error)
        self._session.notice_posted.emit(notice)
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
    return f"{path.name} was imported: {_sizes(document)}. Undo brings the network of before back."


def _sizes(document: Document) -> str:
    topology = document.network.topology
    return f"{topology.neuron_count:,} neurons and {topology.parameter_count:,} parameters"


def backup_time(path: Path) -> str:
    """When the backup of a document was saved, for people; empty if there is none."""
    from datetime import datetime

    from nnplay.storage import backup_path

    try:
        backup = backup_path(path)
        if not backup.is_file():
            return ""
        when = datetime.fromtimestamp(backup.stat().st_mtime)
    except (OSError, ValueError):
        return ""
    today = when.date() == datetime.now().date()
    return f"{when:%H:%M}" if today else f"{when.day} {when:%B %Y, %H:%M}"


def document_name(path: Path) -> str:
    """The name of a document's file without its ending."""
    return path.name.removesuffix(".json").removesuffix(".nnplay")


def _is_document(path: Path) -> bool:
    return path.name.endswith((".nnplay", ".nnplay.json"))
