"""What an export will hold, shown before it is written: text, a list of tensors, or a picture."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from nnplay.document import Document
from nnplay.formats import registry
from nnplay.formats.errors import FormatError
from nnplay.gui.dialogs.export_words import Choice
from nnplay.gui.dialogs.picture import PicturePreview
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label
from nnplay.picture.options import PictureOptions

__all__ = ["CodeBox", "ExportPreview", "preview_text"]

MAX_PARAMETERS: Final = 20_000
"""A larger network is described and not written out: that would hold up the window."""
MAX_LINES: Final = 400
MAX_WIDTH: Final = 400


class CodeBox(QWidget):
    """A few lines of code with a caption and a button that copies them."""

    def __init__(self, theme: Theme, caption: str, lines: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.view = _text_view(theme, caption, self)
        self.view.setFixedHeight(self.view.fontMetrics().lineSpacing() * lines + 18)
        self.copy_button = QPushButton("Copy", self)
        self.copy_button.setAutoDefault(False)
        self.copy_button.setAccessibleName(f"Copy: {caption}")
        self.copy_button.clicked.connect(self.copy)
        top = QHBoxLayout()
        top.addWidget(label(caption, "title", self))
        top.addStretch(1)
        top.addWidget(self.copy_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self.view)

    def show_code(self, code: str) -> None:
        """Show other lines."""
        self.view.setPlainText(code)
        self.copy_button.setText("Copy")

    def copy(self) -> None:
        """Put the lines on the clipboard."""
        QGuiApplication.clipboard().setText(self.view.toPlainText())
        self.copy_button.setText("Copied")


class ExportPreview(QWidget):
    """Shows text or a picture."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.view = _text_view(theme, "Preview", self)
        self.picture = PicturePreview(theme, self)
        self._pages = QStackedLayout(self)
        self._pages.setContentsMargins(0, 0, 0, 0)
        self._pages.addWidget(self.view)
        self._pages.addWidget(self.picture)

    def show_choice(
        self, document: Document, choice: Choice, options: dict[str, Any], picture: PictureOptions
    ) -> None:
        """Show what an export of a document will be like."""
        if choice.is_picture and choice.name != "tex":
            from nnplay.picture.render import PictureError, picture_image

            try:
                self.picture.show_image(picture_image(document, picture))
            except PictureError as error:
                self._show_text(str(error))
                return
            self._pages.setCurrentWidget(self.picture)
            return
        if choice.is_picture:
            from nnplay.picture.tikz import tikz_text

            self._show_text(tikz_text(document, picture))
            return
        self._show_text(preview_text(document, choice, options))

    def _show_text(self, text: str) -> None:
        lines = text.split("\n")
        shown = [line if len(line) <= MAX_WIDTH else line[:MAX_WIDTH] + " …" for line in lines]
        more = len(lines) - MAX_LINES
        if more > 0:
            shown = [*shown[:MAX_LINES], f"… and {more:,} more lines"]
        self.view.setPlainText("\n".join(shown))
        self._pages.setCurrentWidget(self.view)


def preview_text(document: Document, choice: Choice, options: dict[str, Any]) -> str:
    """The beginning of an export, or a description of what it holds."""
    try:
        if choice.preview == "tensors":
            return _tensors(document, options)
        if choice.preview == "model":
            return _model(document, options)
        if choice.preview == "contents":
            return _contents(document)
        if document.network.theta.size > MAX_PARAMETERS:
            return f"{document.network.theta.size:,} parameters: too many to show them here.\n"
        data = registry.write(document, choice.name, **options)
    except FormatError as error:
        return str(error)
    text = data.decode(errors="replace")
    if choice.name == "notebook":
        return _cells(text)
    return text


def _tensors(document: Document, options: dict[str, Any]) -> str:
    from nnplay.formats.tensors import tensors_of

    tensors = tensors_of(document, options.get("dtype") or "float64")
    width = max(len(name) for name in tensors)
    lines = [f"{'name':<{width}}  {'type':<8}  shape"]
    for name, array in tensors.items():
        shape = " × ".join(str(n) for n in array.shape)
        lines.append(f"{name:<{width}}  {array.dtype!s:<8}  {shape}")
    size = sum(array.nbytes for array in tensors.values())
    return "\n".join([*lines, "", f"{size:,} bytes of numbers, and the network as metadata"])


def _model(document: Document, options: dict[str, Any]) -> str:
    from nnplay.formats.groups import plan_of
    from nnplay.formats.proving import includes_preparation

    plan = plan_of(document)
    prepared = includes_preparation(plan, options.get("include_preparation"))
    batch = options.get("batch") or "batch"
    stage = plan.input_stage if prepared else None
    width = plan.input_rows.size if stage is None else len(stage.raw_names)
    lines = [f"x  [{batch}, {width}]  {options.get('dtype') or 'float32'}"]
    if stage is not None and not stage.is_trivial:
        lines.append(f"   raw columns → {plan.input_rows.size} prepared inputs")
    for group in plan.groups:
        kind = "sparse" if group.is_sparse else "Gemm"
        lines.append(f"   {kind}  {group.source_rows.size} → {group.rows.size}, {group.activation}")
    after = plan.output_stage
    if prepared and after is not None and not after.is_trivial:
        lines.append("   back to the units of the target")
    lines.append(
        f"y  [{batch}, {plan.output_rows.size}]  {', '.join(plan.names_of(plan.output_rows))}"
    )
    return "\n".join([*lines, "", f"opset {options.get('opset') or 17}"])


def _contents(document: Document) -> str:
    topology = document.network.topology
    lines = [
        f"{topology.neuron_count:,} neurons, {topology.edge_count:,} connections, "
        f"{topology.parameter_count:,} parameters",
        f"data: {document.data.source}",
        f"training: {document.training.optimizer}, {document.training.loss}",
        f"trained: {document.state.epoch:,} epochs",
        f"loss curves: {np.size(document.history.train):,} values",
        f"seed: {document.seed}",
        "",
        "All of it, and the memory of the optimiser, so that training goes on where it stopped.",
    ]
    return "\n".join(lines)


def _cells(text: str) -> str:
    import json

    parts = []
    for cell in json.loads(text)["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            source = "\n".join(f"# {line}" for line in source.split("\n"))
        parts.append(source)
    return "\n\n".join(parts)


def _text_view(theme: Theme, name: str, parent: QWidget) -> QPlainTextEdit:
    view = QPlainTextEdit(parent)
    view.setReadOnly(True)
    view.setProperty("role", "box")
    view.setFont(theme.mono_font(12))
    view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    view.setTabChangesFocus(True)
    view.setAccessibleName(name)
    return view
