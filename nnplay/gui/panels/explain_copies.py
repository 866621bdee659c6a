"""Copying an explanation as text, LaTeX or worksheet, and writing worksheets to print."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QGuiApplication, QPageSize, QPdfWriter, QTextDocument
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from nnplay.core.explained_values import EdgeExplained, NeuronExplained
from nnplay.core.explaining import StepExplanation
from nnplay.gui.panels.words import neuron_label
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import icon_button
from nnplay.session.session import Session

__all__ = ["CopyButton", "worksheet_bytes"]

Seen = NeuronExplained | EdgeExplained
_KINDS: Final = {
    "Web page to print (*.html)": "html",
    "PDF (*.pdf)": "pdf",
    "Markdown (*.md)": "md",
}


class CopyButton(QWidget):
    """A button with a menu of everything that can be taken along."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._step: StepExplanation | None = None
        self._seen: Seen | None = None
        self._text: Callable[[], str] = str
        self.menu = QMenu(self)
        self.menu.setAccessibleName("Copy the explanation")
        self.copy_text = self.menu.addAction("Copy as text", self._copy_text)
        self.copy_latex = self.menu.addAction("Copy as LaTeX", self._copy_latex)
        self.copy_worksheet = self.menu.addAction("Copy as worksheet", self._copy_worksheet)
        self.menu.addSeparator()
        self.save_worksheet = self.menu.addAction("Save worksheet…", self.save)
        self.button = icon_button(theme, "copy", "Copy the explanation", parent=self)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setMenu(self.menu)
        self.setFixedSize(self.button.sizeHint())
        self.button.setFixedSize(self.size())

    # ------------------------------------------------------------------ what is there
    def set_text(self, text: Callable[[], str]) -> None:
        """How to get everything shown as plain text."""
        self._text = text

    def show_seen(self, step: StepExplanation, seen: Seen | None) -> None:
        """A neuron or connection; None for the loss, of which there is text only."""
        self._step, self._seen = step, seen
        for action in (self.copy_latex, self.copy_worksheet, self.save_worksheet):
            action.setEnabled(seen is not None)

    def _name(self, neuron: int) -> str:
        assert self._step is not None  # noqa: S101
        return neuron_label(self._step.network, neuron)

    # ------------------------------------------------------------------ taking along
    def _copy_text(self) -> None:
        QGuiApplication.clipboard().setText(self._text())

    def _copy_latex(self) -> None:
        from nnplay.formats.explanation import latex

        if self._step is not None and self._seen is not None:
            QGuiApplication.clipboard().setText(latex(self._step, self._seen, self._name))

    def _copy_worksheet(self) -> None:
        from nnplay.formats.explanation import worksheet_markdown

        if self._step is not None and self._seen is not None:
            text = worksheet_markdown(self._step, self._seen, self._name)
            QGuiApplication.clipboard().setText(text)

    def save(self) -> None:
        """Ask for a name and write the worksheet."""
        step, seen = self._step, self._seen
        if step is None or seen is None:
            return
        name, chosen = QFileDialog.getSaveFileName(
            self, "Save worksheet", "worksheet.html", ";;".join(_KINDS)
        )
        if not name:
            return
        path = Path(name)
        kind = path.suffix.lower().lstrip(".")
        if kind not in _KINDS.values():
            kind = _KINDS.get(chosen, "html")
            path = path.with_name(f"{path.name}.{kind}")
        words = self._name
        self._session.write_picture(path, lambda _: worksheet_bytes(step, seen, words, kind))


def worksheet_bytes(
    step: StepExplanation, seen: Seen, name: Callable[[int], str], kind: str
) -> bytes:
    """A worksheet as ``html``, ``pdf`` or ``md``."""
    from nnplay.formats.explanation import worksheet_html, worksheet_markdown

    if kind == "md":
        return worksheet_markdown(step, seen, name).encode()
    page = worksheet_html(step, seen, name)
    if kind == "html":
        return page.encode()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setTitle("Worksheet")
    text = QTextDocument()
    text.setHtml(page)
    text.print_(writer)
    del writer  # ends the file
    return bytes(buffer.data().data())
