"""Writes the network for other programs, and shows the proof that the file holds it."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nnplay.formats.registry import FORMATS
from nnplay.formats.verification import ExportReport
from nnplay.gui.dialogs.export_words import WITH_PRECISION, outcome, size_text
from nnplay.gui.dialogs.format_card import FormatCards
from nnplay.gui.dialogs.frame import Dialog
from nnplay.gui.dialogs.unsaved import ask_to_replace
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label
from nnplay.session.notices import Notice
from nnplay.session.session import Session

__all__ = ["ExportDialog"]

_PROMISE = (
    "Every export is read back and compared with the network before it counts as done. "
    "Nothing of your document changes."
)
_PRECISIONS = (
    ("float64", "64 bits", "Every digit the network has"),
    ("float32", "32 bits", "Half the size; about seven digits, as most programs use"),
)


class ExportDialog(Dialog):
    """Choose a format, write, see how it went; stays open for another one."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(
            theme,
            "Export",
            "Export the network",
            f"{session.title}, with the weights it has now. Choose what the file is for.",
            parent,
        )
        self._session = session
        self.setFixedWidth(680)
        self.formats = FormatCards(theme, self)
        self.formats.chosen.connect(self._format_chosen)
        self.precision = QButtonGroup(self)
        self._precision_row = self._make_precision()
        self.outcome_box = ResultBox(theme, self)
        self.outcome_box.say("info", _PROMISE)
        self.body.addWidget(self.formats)
        self.body.addWidget(self._precision_row)
        self.body.addWidget(self.outcome_box)
        self.close_button = self.add_button("Cancel", self.reject)
        self.export_button = self.add_button("Export…", self.export, is_default=True)
        remembered = session.settings.text("export/format", "safetensors")
        known = [card.name for card in self.formats.cards]
        self.formats.set_value(remembered if remembered in known else known[0])
        self._show_precision()
        chosen = next(card for card in self.formats.cards if card.isChecked())
        chosen.setFocus(Qt.FocusReason.OtherFocusReason)

    def _make_precision(self) -> QWidget:
        row = QWidget(self)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(label("Precision", "", row))
        layout.addSpacing(8)
        self._remark = label("", "small", row)
        for index, (_, words, tip) in enumerate(_PRECISIONS):
            button = QToolButton(row)
            button.setText(words)
            button.setToolTip(tip)
            button.setAccessibleName(f"Precision {words}: {tip}")
            button.setCheckable(True)
            button.setChecked(index == 0)
            button.setProperty("role", "segment")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setFixedSize(76, 28)
            self.precision.addButton(button, index)
            layout.addWidget(button)
        layout.addSpacing(8)
        layout.addWidget(self._remark, 1)
        self.precision.idClicked.connect(self._show_precision)
        return row

    @property
    def dtype(self) -> str | None:
        """The chosen precision, None where the format always keeps all digits."""
        if self.formats.value() not in WITH_PRECISION:
            return None
        return _PRECISIONS[self.precision.checkedId()][0]

    def _format_chosen(self, name: str) -> None:
        self._session.settings.set_text("export/format", name)
        self._show_precision()

    def _show_precision(self) -> None:
        has_choice = self.formats.value() in WITH_PRECISION
        for button in self.precision.buttons():
            button.setEnabled(has_choice)
        tip = _PRECISIONS[self.precision.checkedId()][2]
        self._remark.setText(tip if has_choice else "This format always keeps every digit")

    # ------------------------------------------------------------------ writing
    def export(self) -> None:
        """Ask for a file name, write, and show how it went."""
        row = FORMATS[self.formats.value()]
        suffix = row.suffixes[0]
        name, _ = QFileDialog.getSaveFileName(
            self,
            f"Export as {row.title}",
            str(self._suggestion(suffix)),
            f"{row.title} (*{suffix})",
        )
        if not name:
            return
        path = Path(name)
        if not path.name.lower().endswith(row.suffixes):
            path = path.with_name(path.name + suffix)
            # The file dialog has asked about the name without the ending only.
            if path.exists() and not ask_to_replace(self.theme, path.name, self):
                return
        failures: list[Notice] = []
        self._session.notice_posted.connect(failures.append)
        try:
            report = self._session.export(path, row.name, dtype=self.dtype)
        finally:
            self._session.notice_posted.disconnect(failures.append)
        if report is None:
            reason = failures[-1].text if failures else "The file could not be written."
            self.outcome_box.say(
                "error", reason, "Nothing was written, and your document is as it was."
            )
        else:
            self._show(report)

    def _suggestion(self, suffix: str) -> Path:
        session = self._session
        if session.path is not None:
            stem = session.path.name.removesuffix(".json").removesuffix(".nnplay")
            return session.path.with_name(stem + suffix)
        stem = re.sub(r"[^\w.+-]+", "-", session.document.title.lower()).strip("-.") or "network"
        return session.settings.last_folder / (stem + suffix)

    def _show(self, report: ExportReport) -> None:
        network = self._session.live_document.network
        place = f"{report.path} · {size_text(report.byte_count)}"
        self.outcome_box.say("ok", outcome(report, network), place)
        self.close_button.setText("Done")
        self.close_button.setFocus(Qt.FocusReason.OtherFocusReason)


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
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(12)
        layout.addWidget(self._icon)
        layout.addLayout(right, 1)
        self.setFixedHeight(92)
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
