"""Writes the network for other programs, and shows the proof that the file holds it."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from nnplay.formats.registry import FORMATS
from nnplay.formats.verification import ExportReport
from nnplay.gui.dialogs.export_options import ExportOptions
from nnplay.gui.dialogs.export_preview import CodeBox, ExportPreview
from nnplay.gui.dialogs.export_words import CHOICES, Choice, outcome, size_text, use_of
from nnplay.gui.dialogs.format_card import FormatCards
from nnplay.gui.dialogs.frame import MARGIN, Dialog
from nnplay.gui.dialogs.unsaved import ask_to_replace
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label
from nnplay.session.exporting import Exporting
from nnplay.session.notices import Notice
from nnplay.session.session import Session

__all__ = ["ExportDialog"]

_PROMISE: Final = (
    "Every export is read back or run, and compared with the network, before it counts as done. "
    "Nothing of your document changes."
)
_AT_ONCE: Final = 0.3
_LOOK_MS: Final = 30
_PAUSE_MS: Final = 60


class ExportDialog(Dialog):
    """Choose a format, look at it, write, see how it went; stays open for another one."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(
            theme,
            "Export",
            "Export the network",
            f"{session.title}, with the weights it has now. Choose what the file is for.",
            parent,
        )
        self._session = session
        self._document = session.pictured_document
        self._exporting: Exporting | None = None
        self._written: Path | None = None
        self.setFixedSize(960, 730)
        self.formats = FormatCards(theme, self)
        self.formats.setFixedWidth(256)
        self.formats.chosen.connect(self._format_chosen)
        self.purpose = label("", "", self)
        self.purpose.setWordWrap(True)
        self.options = ExportOptions(session.settings, _has_preparation(session), self)
        self.options.changed.connect(self._options_changed)
        self.preview = ExportPreview(theme, self)
        self.use = CodeBox(theme, "How to use it", 5, self)
        self.progress = QProgressBar(self)
        self.progress.setRange(0, 0)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(4)
        self.progress.setAccessibleName("Exporting")
        kept = self.progress.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(kept)
        self.progress.hide()
        self.outcome_box = ResultBox(theme, self)
        self.outcome_box.say("info", _PROMISE)
        self._lay_out()
        self.folder_button = self.add_button("Show in folder", self.show_folder, on_left=True)
        self.folder_button.hide()
        self.close_button = self.add_button("Cancel", self.reject)
        self.export_button = self.add_button("Export…", self.export, is_default=True)
        self._preview_timer = QTimer(self)
        self._preview_timer.setSingleShot(True)
        self._preview_timer.setInterval(_PAUSE_MS)
        self._preview_timer.timeout.connect(self.refresh)
        self._look_timer = QTimer(self)
        self._look_timer.setInterval(_LOOK_MS)
        self._look_timer.timeout.connect(self._look)
        remembered = session.settings.text("export/format", "safetensors")
        self.formats.set_value(remembered if remembered in CHOICES else "safetensors")
        self.options.show_choice(self.choice)
        self.refresh()
        chosen = next(card for card in self.formats.cards if card.isChecked())
        chosen.setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setSpacing(10)
        right.addWidget(self.purpose)
        right.addWidget(self.options)
        right.addWidget(self.preview, 1)
        right.addWidget(self.use)
        right.addWidget(self.progress)
        right.addWidget(self.outcome_box)
        columns = QHBoxLayout()
        columns.setSpacing(MARGIN)
        columns.addWidget(self.formats)
        columns.addLayout(right, 1)
        self.body.addLayout(columns)

    # ------------------------------------------------------------------ choosing
    @property
    def choice(self) -> Choice:
        """The kind of file that is chosen."""
        return CHOICES[self.formats.value()]

    @property
    def dtype(self) -> str | None:
        """The chosen precision, None where the format always keeps all digits."""
        return self.options.dtype

    def _format_chosen(self, name: str) -> None:
        self._session.settings.set_text("export/format", name)
        self.options.show_choice(self.choice)
        self._preview_timer.start()

    def _options_changed(self) -> None:
        self.options.remember()
        self._preview_timer.start()

    def refresh(self) -> None:
        """Show what the file will be like, and how it is used."""
        self._preview_timer.stop()
        choice, options = self.choice, self.options
        self.purpose.setText(choice.purpose)
        self.preview.show_choice(self._document, choice, options.values, options.picture)
        self._show_use(self._suggestion().name)

    def _show_use(self, file: str) -> None:
        inputs = len(self._document.network.topology.input_ids)
        prepared = self._session.prepared
        if self.options.values.get("include_preparation", False) is None and prepared is not None:
            inputs = len(prepared.raw_names) if _has_preparation(self._session) else inputs
        self.use.show_code(use_of(self.choice.name, file, inputs, self.dtype))

    # ------------------------------------------------------------------ writing
    def export(self) -> None:
        """Ask for a file name, write, and show how it went."""
        if self._exporting is not None:
            return
        choice = self.choice
        name, _ = QFileDialog.getSaveFileName(
            self,
            f"Export as {choice.title}",
            str(self._suggestion()),
            f"{choice.title} (*{choice.suffix})",
        )
        if not name:
            return
        path = Path(name)
        endings = choice.suffix if choice.is_picture else FORMATS[choice.name].suffixes
        if not path.name.lower().endswith(endings):
            path = path.with_name(path.name + choice.suffix)
            # The file dialog has asked about the name without the ending only.
            if path.exists() and not ask_to_replace(self.theme, path.name, self):
                return
        self.folder_button.hide()
        if choice.is_picture:
            self._draw(path)
            return
        self._exporting = self._session.begin_export(path, choice.name, **self.options.values)
        self._written = path
        if self._exporting.wait(_AT_ONCE):
            self._look()
            return
        self._set_busy(True)
        self.outcome_box.say("info", "Writing and comparing …", str(path))
        self._look_timer.start()

    def _draw(self, path: Path) -> None:
        from nnplay.picture.render import picture_bytes

        failures: list[Notice] = []
        self._session.notice_posted.connect(failures.append)
        try:
            draw = partial(picture_bytes, kind=self.choice.name, options=self.options.picture)
            done = self._session.write_picture(path, draw)
        finally:
            self._session.notice_posted.disconnect(failures.append)
        if not done:
            self._fail(failures[-1].text if failures else "The picture could not be written.")
            return
        self._succeed(path, "Written: the network as it stands on the canvas.")

    def _look(self) -> None:
        """See whether the export under way has ended."""
        exporting, path = self._exporting, self._written
        if exporting is None or not exporting.is_done:
            return
        self._exporting = None
        self._look_timer.stop()
        self._set_busy(False)
        if exporting.report is None or path is None:
            self._fail(exporting.error)
        else:
            self._show(exporting.report, path)

    def _set_busy(self, is_busy: bool) -> None:
        for widget in (self.formats, self.options, self.export_button):
            widget.setEnabled(not is_busy)
        self.progress.setVisible(is_busy)
        self.close_button.setText("Cancel")
        if is_busy:
            self.close_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def reject(self) -> None:
        """Give up what is being exported; when nothing is, close."""
        if self._exporting is not None:
            self._exporting.cancel()
            self.outcome_box.say("info", "Giving up …")
            return
        super().reject()

    def _fail(self, reason: str) -> None:
        self.outcome_box.say(
            "error", reason, "Nothing was written, and your document is as it was."
        )

    def _show(self, report: ExportReport, path: Path) -> None:
        self._succeed(path, outcome(report, self._session.live_document.network))

    def _succeed(self, path: Path, words: str) -> None:
        self._written = path
        self.outcome_box.say("ok", words, f"{path} · {size_text(path.stat().st_size)}")
        self._show_use(path.name)
        self.folder_button.show()
        self.close_button.setText("Done")
        self.close_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_folder(self) -> None:
        """Show where the file lies, with the system's file manager."""
        if self._written is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._written.parent)))

    def _suggestion(self) -> Path:
        session, suffix = self._session, self.choice.suffix
        if session.path is not None:
            stem = session.path.name.removesuffix(".json").removesuffix(".nnplay")
            return session.path.with_name(_stem(stem, suffix) + suffix)
        stem = re.sub(r"[^\w.+-]+", "-", session.document.title.lower()).strip("-.") or "network"
        return session.settings.last_folder / (_stem(stem, suffix) + suffix)


def _stem(stem: str, suffix: str) -> str:
    """Python imports only names without hyphens, blanks and dots."""
    if suffix != ".py":
        return stem
    name = re.sub(r"\W+", "_", stem).strip("_") or "network"
    return name if name.isidentifier() else f"network_{name}"


def _has_preparation(session: Session) -> bool:
    from nnplay.formats.groups import plan_of

    return plan_of(session.document).has_preparation


class ResultBox(QFrame):
    """What will be promised, what has been proven, or what went wrong; never changes its height."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._severity = theme, "info"
        self.setProperty("role", "box")
        self._icon = QLabel(self)
        self._text = label("", "", self)
        self._detail = label("", "small", self)
        for words in (self._text, self._detail):
            words.setWordWrap(True)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        right = QVBoxLayout()
        right.setSpacing(4)
        right.addStretch(1)
        right.addWidget(self._text)
        right.addWidget(self._detail)
        right.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 8, 14, 8)
        layout.setSpacing(12)
        layout.addWidget(self._icon)
        layout.addLayout(right, 1)
        self.setFixedHeight(76)
        theme.changed.connect(self._refresh)

    @property
    def severity(self) -> str:
        """``info``, ``ok`` or ``error``."""
        return self._severity

    @property
    def sentence(self) -> str:
        """The main sentence."""
        return self._text.text()

    @property
    def detail(self) -> str:
        """The small line below."""
        return self._detail.text()

    def say(self, severity: str, text: str, detail: str = "") -> None:
        """Show a sentence and, small, what belongs to it."""
        self._severity = severity
        self._text.setText(text)
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))
        self.setAccessibleName(f"{text} {detail}".strip())
        self._text.setProperty("role", "error" if severity == "error" else "")
        self._text.style().unpolish(self._text)
        self._text.style().polish(self._text)
        self._refresh()

    def _refresh(self) -> None:
        icon, role = {
            "info": ("info", "accent"),
            "ok": ("check", "ok"),
            "error": ("error", "error"),
        }[self._severity]
        self._icon.setPixmap(self._theme.pixmap(icon, 20, role))
