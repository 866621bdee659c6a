"""The menu of a layer's name: what can be done with the whole layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu, QWidget

from nnplay.core.topology import Kind
from nnplay.picture.layers import LayerGroup

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["layer_menu"]


def layer_menu(parent: QWidget, session: Session, group: LayerGroup) -> QMenu:
    """A menu for a layer; layers of inputs and outputs can only be selected here."""
    menu = QMenu(parent)
    menu.setToolTipsVisible(True)
    level = group.level

    def row(words: str, run: Callable[[], object], tip: str = "") -> None:
        action = menu.addAction(words)
        action.triggered.connect(lambda: run())
        action.setToolTip(tip or words)

    def select() -> None:
        ids = session.network.topology.ids
        session.select([int(ids[i]) for i in group.rows if i < len(ids)])

    row("Select the layer", select)
    if group.kind == Kind.HIDDEN:
        menu.addSeparator()
        row("Add a neuron", lambda: session.add_to_level(level))
        row("Remove a neuron", lambda: session.remove_from_level(level))
        menu.addSeparator()
        row(
            "Split the layer",
            lambda: session.split_level(level),
            "A linear layer behind it: the network computes the same.",
        )
        row(
            "Merge with the next layer",
            lambda: session.merge_levels(level),
            "Exact if one of them is linear.",
        )
        menu.addSeparator()
        row("Remove the layer", lambda: session.remove_level(level))
    return menu
