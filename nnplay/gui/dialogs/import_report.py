"""Shows what was read from a network file, before it takes the place of the present network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.document import Document
from nnplay.gui.dialogs.frame import Dialog
from nnplay.gui.dialogs.preview import MOST_CONNECTIONS, NetworkPreview
from nnplay.gui.panels.words import count
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label

__all__ = ["ImportDialog", "facts_of"]

_SHORT: Final = 400
"""Characters of remarks beside which the picture can be large."""
_NOTES: Final = 8


def facts_of(network: Network) -> str:
    """How large a network is and which functions it has, in a sentence."""
    topology = network.topology
    kinds = topology.kinds
    names = Counter(
        ACTIVATIONS[name].title
        for name, kind in zip(network.activations, kinds, strict=True)
        if kind != Kind.INPUT
    )
    functions = ", ".join(name for name, _ in names.most_common(3))
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return (
        f"{count(len(topology.input_ids), 'input')}, "
        f"{count(int((kinds == Kind.HIDDEN).sum()), 'hidden neuron')}, "
        f"{count(len(topology.output_ids), 'output')}; "
        f"{count(topology.edge_count, 'connection')}; {functions}{more}."
    )


class ImportDialog(Dialog):
    """A picture, the facts, and how the file was understood; the present network is kept until
    this is accepted, and undo brings it back.
    """

    def __init__(
        self,
        theme: Theme,
        path: Path,
        document: Document,
        notes: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            theme,
            "Import",
            f"Import {path.name}",
            "This is what was read. It takes the place of the present network; undo brings that "
            "back.",
            parent,
        )
        self.setFixedWidth(720)
        self.facts = label(facts_of(document.network), "title", self)
        self.facts.setWordWrap(True)
        self.body.addWidget(self.facts)
        self.preview = NetworkPreview(theme, self, names=True)
        # Long remarks leave the picture less room on a small screen.
        self.preview.setFixedHeight(380 if sum(map(len, notes)) <= _SHORT else 300)
        self.preview.show_document(document)
        self.preview.setVisible(document.network.theta.size <= MOST_CONNECTIONS)
        self.body.addWidget(self.preview)
        self.notes = QFrame(self)
        self.notes.setProperty("role", "box")
        column = QVBoxLayout(self.notes)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(6)
        column.addWidget(label("How it was understood", "title", self.notes))
        shown = list(notes[:_NOTES])
        if len(notes) > _NOTES:
            shown.append(f"And {len(notes) - _NOTES} more remarks.")
        self.sentences = []
        for sentence in shown:
            words = label(sentence, "secondary", self.notes)
            words.setTextFormat(Qt.TextFormat.PlainText)
            words.setWordWrap(True)
            column.addWidget(words)
            self.sentences.append(words)
        self.notes.setVisible(bool(shown))
        self.body.addWidget(self.notes)
        self.cancel = self.add_button("Cancel", self.reject)
        self.ok = self.add_button("Import", self.accept, is_default=True)
        self.ok.setFocus(Qt.FocusReason.OtherFocusReason)
