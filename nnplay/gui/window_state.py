"""Where the window was and how its cards stood, kept from one start to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QByteArray

from nnplay.session.settings import Settings

if TYPE_CHECKING:
    from nnplay.gui.main_window import MainWindow

__all__ = ["WindowState"]

PARTS: Final = ("left", "right", "bottom")


class WindowState:
    """Keeps and restores one window's geometry, splitters, folded cards and hidden parts."""

    def __init__(self, window: MainWindow, settings: Settings) -> None:
        self._window, self._settings = window, settings

    def restore(self) -> None:
        """Before the first paint: the window as it was, or the sizes of a first start."""
        window, settings = self._window, self._settings
        geometry = settings.bytes_of("geometry")
        if geometry:
            window.restoreGeometry(QByteArray(geometry))
        bench = window.workbench
        bench.resize(window.width(), window.height() - 84)
        bench.set_default_sizes()
        for name, splitter in bench.splitters().items():
            state = settings.bytes_of(name)
            if state and not settings.flag(f"follows_{name}"):
                bench.keep_sizes(name)
                splitter.restoreState(QByteArray(state))
                splitter.setHandleWidth(8)
                splitter.setChildrenCollapsible(False)
                if name in bench.groups():
                    bench.groups()[name].keep_sizes()
        for name in PARTS:
            shown = settings.flag(f"show_{name}", True)
            window.actions_table[f"show_{name}"].setChecked(shown)
            bench.part(name).setVisible(shown)

    def restore_parts(self) -> None:
        """Once the views are there: folded cards, and which card is in front."""
        bench, settings = self._window.workbench, self._settings
        for name, card in bench.cards.items():
            if settings.flag(f"folded_{name}"):
                card.set_folded(True)
        for name, group in bench.groups().items():
            front = settings.text(f"front_{name}", "0")
            group.show_card(int(front) if front.isdecimal() else 0)
        shown = settings.flag("overview", True)
        self._window.actions_table["overview"].setChecked(shown)
        self._window.views.canvas.large.show_overview(shown)

    def keep(self) -> None:
        """Remember everything."""
        window, settings = self._window, self._settings
        bench = window.workbench
        settings.set_bytes("geometry", bytes(window.saveGeometry().data()))
        for name, splitter in bench.splitters().items():
            settings.set_bytes(name, bytes(splitter.saveState().data()))
            settings.set_flag(f"follows_{name}", bench.follows_window(name))
        for name in PARTS:
            shown = window.actions_table[f"show_{name}"].isChecked()
            if name == "bottom":
                shown = shown or window.stepping.has_hidden_plots
            settings.set_flag(f"show_{name}", shown)
        settings.set_flag("overview", window.actions_table["overview"].isChecked())
        for name, card in bench.cards.items():
            settings.set_flag(f"folded_{name}", card.is_folded())
        for name, group in bench.groups().items():
            settings.set_text(f"front_{name}", str(group.current))
        settings.flush()
