"""Opening, saving, importing and exporting as gestures of a person: dialogs, then session verbs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from nnplay.document import Document
from nnplay.session.notices import Notice

if TYPE_CHECKING:
    from nnplay.gui.main_window import MainWindow
    from nnplay.session.files import How

__all__ = ["FileActions"]

OPEN_FILTERS: Final = (
    "Documents, networks and tables (*.nnplay *.json *.onnx *.npz *.safetensors *.pt *.pth *.csv)",
    "nnplay documents (*.nnplay *.nnplay.json)",
    "All files (*)",
)
IMPORT_FILTERS: Final = (
    "Networks (*.nnplay *.json *.onnx *.npz *.safetensors *.pt *.pth *.csv)",
    "All files (*)",
)
TABLE_FILTERS: Final = ("Tables (*.csv *.tsv *.txt)", "All files (*)")
SAVE_FILTERS: Final = ("nnplay document (*.nnplay)", "nnplay as text (*.nnplay.json)")


class FileActions(QObject):
    """What the File menu does. Nothing unsaved is let go without asking."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._session.activations_asked.connect(self._ask_activations)
        self._session.document_replaced.connect(self._forget_question)
        self._asks_outside = False

    # ------------------------------------------------------------------ beginning
    def new(self) -> None:
        """Ask for the shape of a new network and show it."""
        from nnplay.gui.dialogs.new_network import NewNetworkDialog

        dialog = NewNetworkDialog(self._session, self._window.theme, self._window)
        accepted = bool(dialog.exec())
        document = dialog.document if accepted else None
        dialog.deleteLater()
        if document is not None:
            self.show(document)

    def show(self, document: Document) -> bool:
        """Show a document that lies nowhere yet, if the present one may go."""
        if not self.may_close():
            return False
        self._session.new_document(document)
        return True

    def show_example(self, name: str) -> None:
        """Show one of the bundled examples by its name."""
        from nnplay.examples import example_path
        from nnplay.library import load

        try:
            document = load(example_path(name))
        except (OSError, ValueError) as error:  # an incomplete installation
            self._session.notice_posted.emit(Notice("error", str(error)))
            return
        self.show(document)

    # ------------------------------------------------------------------ opening
    def open(self) -> None:
        """Ask for a file and open it."""
        path = self._ask_existing("Open", OPEN_FILTERS)
        if path is not None:
            self.open_path(path)

    def open_path(self, path: Path) -> bool:
        """Open a document, a network or a table; the present document is asked about first."""
        if is_table(path):
            return self._session.open_table(path)
        other = self._window.desk.window_of(path)
        if other is not None and other is not self._window:
            self._window.desk.show_window(other)
            self._leave_empty()
            return True
        how = self._how_to_use(path)
        if how is None:
            self._leave_empty()
            return False
        if not self.may_close():
            return False
        return self._session.open_document(path, how)

    def _how_to_use(self, path: Path) -> How | None:
        """How to open a document; asks if somebody else uses it, None to let it be."""
        holder = self._session.holder_of(path)
        if holder is None:
            return "edit"
        from nnplay.gui.dialogs.file_questions import ask_how_to_use

        answer = ask_how_to_use(self._window.theme, path.name, holder, self._window)
        return None if answer == "cancel" else answer

    def open_backup(self) -> None:
        """Go back to the version of the document before the latest one, undoably."""
        self._session.open_backup()

    def look_outside(self) -> None:
        """Notice when another program has changed the file of the document, and ask once."""
        if self._asks_outside or not self._session.is_changed_outside:
            return
        path = self._session.path
        if path is None:
            return
        self._asks_outside = True
        notice = Notice(
            "warning",
            f"{path.name} was changed by another program.",
            "Choose…",
            self._ask_outside,
            is_important=True,
        )
        self._session.notice_posted.emit(notice)

    def _ask_outside(self) -> None:
        from nnplay.gui.dialogs.file_questions import ask_what_is_right

        session, path = self._session, self._session.path
        self._asks_outside = False
        if path is None or not session.is_changed_outside:
            return
        modified = session.is_modified
        answer = ask_what_is_right(
            self._window.theme, path.name, is_modified=modified, parent=self._window
        )
        if answer == "reload":
            session.reload()
        elif answer == "save_as":
            self.save_as()
        else:
            session.keep_mine()

    def open_table(self) -> None:
        """Ask for a CSV file and use it as data of the present document."""
        path = self._ask_existing("Open data table", TABLE_FILTERS)
        if path is not None:
            self._session.open_table(path)

    def import_network(self) -> None:
        """Ask for a network file and put it in place of the present one, undoably."""
        path = self._ask_existing("Import network", IMPORT_FILTERS)
        if path is not None:
            self._session.import_file(path, confirm=partial(self._show_import, path))

    def clear_recent(self) -> None:
        """Forget the documents opened lately."""
        self._session.settings.clear_recent()

    def _ask_activations(self, path: object) -> None:
        from nnplay.gui.dialogs.activations import ActivationsDialog

        place = Path(str(path))
        dialog = ActivationsDialog(self._window.theme, place, self._window)
        accepted = bool(dialog.exec())
        chosen = (dialog.activation, dialog.output_activation)
        dialog.deleteLater()
        if accepted:
            self._session.import_file(place, *chosen, confirm=partial(self._show_import, place))

    def _show_import(self, path: Path, document: Document, notes: tuple[str, ...]) -> bool:
        """Show what was read, before it takes the place of the present network."""
        from nnplay.gui.dialogs.import_report import ImportDialog

        dialog = ImportDialog(self._window.theme, path, document, notes, self._window)
        accepted = bool(dialog.exec())
        dialog.deleteLater()
        return accepted

    # ------------------------------------------------------------------ saving
    def save(self) -> bool:
        """Save where the document lies, or ask where; True if it is saved."""
        session = self._session
        path = session.path
        if path is None or session.is_read_only:
            return self.save_as()
        if not session.is_changed_outside:
            return self._save_at(None)
        from nnplay.gui.dialogs.file_questions import ask_to_overwrite

        answer = ask_to_overwrite(self._window.theme, path.name, self._window)
        if answer == "save_as":
            return self.save_as()
        return answer == "overwrite" and self._save_at(None, overwrite=True)

    def save_as(self) -> bool:
        """Ask where to save; True if it is saved."""
        path = self._ask_new()
        return path is not None and self._save_at(path)

    def _save_at(self, path: Path | None, *, overwrite: bool = False) -> bool:
        if not self._session.save(path, overwrite=overwrite):
            return False
        self._asks_outside = False
        place = self._session.path
        name = place.name if place is not None else ""
        self._session.notice_posted.emit(Notice("info", f"Saved as {name}."))
        return True

    def export(self) -> None:
        """Ask for a format and a place, and write the trained network."""
        from nnplay.gui.dialogs.export import ExportDialog

        dialog = ExportDialog(self._session, self._window.theme, self._window)
        dialog.exec()
        dialog.deleteLater()

    def may_close(self) -> bool:
        """Whether the present document may go: saved, unchanged, or given up by the person."""
        if not self._session.is_modified:
            return True
        from nnplay.gui.dialogs.unsaved import ask_about_changes

        answer = ask_about_changes(self._window.theme, self._session.title, self._window)
        if answer == "save":
            return self.save()
        return answer == "discard"

    def _forget_question(self) -> None:
        self._asks_outside = False

    def _leave_empty(self) -> None:
        """A window that was opened for one file only is not needed without it.

        Another window shows that file already, or the person chose to let it be.
        """
        window = self._window
        if window.is_opening and self._session.path is None and not self._session.is_modified:
            window.close()

    # ------------------------------------------------------------------ asking for places
    def _ask_existing(self, title: str, filters: Sequence[str]) -> Path | None:
        dialog = QFileDialog(self._window, title, str(self._folder()))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(filters)
        return _chosen(dialog)

    def _ask_new(self) -> Path | None:
        dialog = QFileDialog(self._window, "Save as", str(self._folder()))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(SAVE_FILTERS)
        dialog.setDefaultSuffix("nnplay")
        dialog.filterSelected.connect(
            lambda chosen: dialog.setDefaultSuffix("nnplay.json" if ".json" in chosen else "nnplay")
        )
        title = self._session.title
        if self._session.is_read_only:
            title = f"Copy of {title}"
        dialog.selectFile(file_name(title))
        return _chosen(dialog)

    def _folder(self) -> Path:
        path = self._session.path
        return path.parent if path is not None else self._session.settings.last_folder


def _chosen(dialog: QFileDialog) -> Path | None:
    accepted = bool(dialog.exec())
    names = dialog.selectedFiles()
    dialog.deleteLater()
    return Path(names[0]) if accepted and names else None


def file_name(title: str) -> str:
    """A title as the name of a file, without characters that file systems refuse."""
    kept = "".join("-" if c in '<>:"/\\|?*' or ord(c) < 32 else c for c in title).strip(" .")
    return kept or "network"


def is_table(path: Path) -> bool:
    """Whether a CSV file holds data; an exported network begins with the column ``record``."""
    if path.suffix.lower() not in (".csv", ".tsv", ".txt") or not path.is_file():
        return False  # opening a pipe would wait for ever
    try:
        with path.open("rb") as file:
            return not file.read(16).lstrip(b"\xef\xbb\xbf").startswith(b"record")
    except OSError:
        return False  # the reader will say what is wrong
