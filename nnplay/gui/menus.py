"""The menu bar: which action stands where."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar

from nnplay.gui.plots.insight.catalogue import PLOTS

if TYPE_CHECKING:
    from nnplay.gui.main_window import MainWindow

__all__ = ["Menus", "menu_places", "short_path"]

_LINE: Final = "-"
_CLIPBOARD: Final = ("cut", "copy", "paste", "duplicate")
_SHAPES: Final = (
    *("make_mlp", "templates", _LINE, "arrange", "arrange_selection", "arrange_others", _LINE),
    "copy_picture",
)
_MENUS: Final = (
    (
        "&File",
        (
            *(
                "new",
                "new_window",
                "welcome",
                _LINE,
                "open",
                "recent",
                "open_table",
                "import",
                _LINE,
            ),
            *("save", "save_as", "open_backup", "export", "export_picture", _LINE, "close", "quit"),
        ),
    ),
    (
        "&Edit",
        (
            "undo",
            "redo",
            _LINE,
            *_CLIPBOARD,
            "delete",
            "select_all",
            "select",
            _LINE,
            *_SHAPES,
            _LINE,
            "commands",
        ),
    ),
    (
        "&Train",
        (
            *("toggle_training", "step_batch", "one_epoch", "hundred_epochs", _LINE),
            *("step_by_step", "step_next", "step_back", "step_play", "step_apply", _LINE),
            *("reset", "draw_new_weights", _LINE, "find_rate", "compare"),
            *(_LINE, "check_gradients"),
        ),
    ),
    (
        "&View",
        (
            *("zoom_in", "zoom_out", "full_size", "fit", "overview", _LINE),
            *("fold", "weakest", _LINE),
            *("edges_weights", "edges_gradients", "edges_updates", _LINE),
            *("neurons_activation", "neurons_mean", "neurons_delta", _LINE),
            *("show_left", "show_right", "show_bottom", _LINE),
            *("show_table", "show_history", "show_health", "show_explain", "focus_canvas", _LINE),
            *("plots", _LINE),
            *("downwards", "reduce_motion", _LINE),
            *("theme_system", "theme_light", "theme_dark", _LINE, "full_screen"),
        ),
    ),
    ("&Window", ("new_window", "close")),
    ("&Help", ("welcome", "shortcuts", "about")),
)


class Menus(QObject):
    """Fills a menu bar from the table of actions; the recent documents are filled when shown."""

    def __init__(self, window: MainWindow, bar: QMenuBar) -> None:
        super().__init__(bar)
        self._window = window
        self.plots = QMenu("&More plots", bar)
        self.plots.setToolTipsVisible(True)
        for entry in PLOTS:
            self.plots.addAction(window.actions_table[f"plot_{entry.name}"])
        self.recent = QMenu("Open &recent", bar)
        self.recent.aboutToShow.connect(self._fill_recent)
        self.select = QMenu("&Select", bar)
        self.select.setToolTipsVisible(True)
        self.select.aboutToShow.connect(self._fill_select)
        for title, names in _MENUS:
            menu = bar.addMenu(title)
            for name in names:
                if name == _LINE:
                    menu.addSeparator()
                elif name == "recent":
                    menu.addMenu(self.recent)
                elif name == "select":
                    menu.addMenu(self.select)
                elif name == "plots":
                    menu.addMenu(self.plots)
                else:
                    menu.addAction(window.actions_table[name])
            if title == "&Window":
                self._windows = menu
                menu.aboutToShow.connect(self._fill_windows)
        self._others: list[QAction] = []

    def _fill_windows(self) -> None:
        """List the windows that are open, this one ticked."""
        for action in self._others:
            self._windows.removeAction(action)
            action.deleteLater()
        self._others = [self._windows.addSeparator()]
        for window in self._window.desk.windows:
            title = window.windowTitle().replace("[*]", "*" if window.isWindowModified() else "")
            action = QAction(title.removesuffix(" — nnplay").replace("&", "&&"), self._windows)
            action.setCheckable(True)
            action.setChecked(window is self._window)
            action.triggered.connect(
                lambda _=False, other=window: self._window.desk.show_window(other)
            )
            self._windows.addAction(action)
            self._others.append(action)

    def _fill_recent(self) -> None:
        self.recent.clear()
        paths = self._window.session.settings.recent_files
        for path in paths:
            action = QAction(short_path(path), self.recent)
            action.setData(str(path))
            action.setToolTip(str(path))
            action.triggered.connect(self._open_recent)
            self.recent.addAction(action)
        if paths:
            self.recent.addSeparator()
            self.recent.addAction(self._window.actions_table["clear_recent"])
        else:
            nothing = self.recent.addAction("Documents you open or save appear here")
            nothing.setEnabled(False)

    def _fill_select(self) -> None:
        # Filled when shown: the table of queries needs numpy, which the first paint does without.
        from nnplay.session.selecting import SELECTIONS

        self.select.clear()
        session = self._window.session
        for name, row in SELECTIONS.items():
            action = QAction(row.title, self.select)
            action.setData(name)
            action.setToolTip(row.tip)
            action.setEnabled(bool(session.selection) or not row.needs_selection)
            action.triggered.connect(self._choose_selection)
            self.select.addAction(action)

    def _choose_selection(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self._window.session.select_query(str(action.data()))

    def _open_recent(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self._window.files.open_path(Path(str(action.data())))


def menu_places() -> dict[str, str]:
    """The menu in which each action stands first."""
    places: dict[str, str] = {}
    for title, names in _MENUS:
        for name in names:
            places.setdefault(name, title.replace("&", ""))
    places.update((f"plot_{entry.name}", "View") for entry in PLOTS)
    return places


def short_path(path: Path) -> str:
    """A path as people write it, with ``~`` for the home folder; ``&`` is no mnemonic here."""
    try:
        text = str(Path("~") / path.relative_to(Path.home()))
    except ValueError:
        text = str(path)
    return text.replace("&", "&&")
