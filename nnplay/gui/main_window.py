"""The main window: a skeleton that paints at once, then comes alive around a session."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QIcon,
    QKeyEvent,
    QPaintEvent,
)
from PySide6.QtWidgets import QApplication, QMainWindow, QVBoxLayout, QWidget
from shiboken6 import isValid

from nnplay.gui.actions import Actions
from nnplay.gui.header import Header
from nnplay.gui.theme import Theme, ThemeMode
from nnplay.gui.window_state import WindowState
from nnplay.gui.workbench import Workbench
from nnplay.session.settings import Settings

if TYPE_CHECKING:
    from nnplay.document import Document
    from nnplay.gui.commands.popup import CommandSearch
    from nnplay.gui.desk import Desk
    from nnplay.gui.dialogs.sweep import SweepDialog
    from nnplay.gui.file_actions import FileActions
    from nnplay.gui.network_actions import NetworkActions
    from nnplay.gui.stepping import StepActions
    from nnplay.gui.views import Views
    from nnplay.session.notices import Notice
    from nnplay.session.session import Session

__all__ = ["MainWindow"]

SIZE: Final = (1440, 900)
LARGEST: Final = (1760, 1080)
SMALLEST: Final = (980, 620)


class MainWindow(QMainWindow):
    """One window with one session.

    Args:
        theme: the application's theme.
        document: what to show; None shows a new network with data, ready to train.
        state_folder: where settings are kept; None is the user's own folder.
        desk: the windows of the process; None for a window that is alone.

    The constructor builds the skeleton only. After its first paint the window makes the session
    and the views (:meth:`finish`); reading :attr:`session`, :attr:`files` or :attr:`views` before
    does the same at once.
    """

    has_painted = False
    """Whether the skeleton has been on the screen."""

    def __init__(
        self,
        theme: Theme,
        document: Document | None = None,
        *,
        state_folder: Path | None = None,
        desk: Desk | None = None,
    ) -> None:
        super().__init__()
        self.theme = theme
        self._desk = desk
        self.is_opening = False
        """Whether the file named at the start is being opened."""
        self._document = document
        self._settings = Settings(state_folder)
        self._state_folder = state_folder
        self._session: Session | None = None
        self._files: FileActions | None = None
        self._views: Views | None = None
        self._network: NetworkActions | None = None
        self._stepping: StepActions | None = None
        self._first_file: Path | None = None
        self._sweep: SweepDialog | None = None
        self._commands: CommandSearch | None = None
        self.setWindowTitle("nnplay")
        self.setWindowIcon(QIcon(theme.picture("nnplay", 64)))
        self.setMinimumSize(*SMALLEST)
        self.setAcceptDrops(True)
        self.actions_table: Actions = Actions(self)
        self.actions_table.set_all_enabled(False)
        self.header = Header(theme, self.actions_table)
        self.workbench = Workbench()
        content = QWidget(self)
        content.setProperty("role", "window")
        self._layout = QVBoxLayout(content)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addWidget(self.header)
        self._layout.addWidget(self.workbench, 1)
        self.setCentralWidget(content)
        from nnplay.gui.menus import Menus

        self.menus = Menus(self, self.menuBar())
        self._state = WindowState(self, self._settings)
        self._resize_to_screen()
        self._state.restore()
        theme.changed.connect(self._show_theme)
        self._show_theme()

    def _resize_to_screen(self) -> None:
        screen = QGuiApplication.primaryScreen()
        if screen is not None:
            room = screen.availableSize()
            # Most of the screen, with room for a title bar: its height is not known yet.
            width = max(SIZE[0], min(LARGEST[0], round(room.width() * 0.9)))
            height = max(SIZE[1], min(LARGEST[1], round(room.height() * 0.9)))
            self.resize(min(width, room.width()), min(height, room.height() - 40))

    # ------------------------------------------------------------------ coming alive
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.has_painted:
            self.has_painted = True
            # The skeleton is on the screen before anything slow is loaded.
            QTimer.singleShot(0, self.finish)

    @property
    def is_finished(self) -> bool:
        """Whether session and views are there."""
        return self._views is not None

    def finish(self) -> None:
        """Make the session and the views; does nothing the second time."""
        if self._session is not None:
            return
        from nnplay.gui.file_actions import FileActions
        from nnplay.gui.network_actions import NetworkActions
        from nnplay.gui.views import Views
        from nnplay.session.session import Session

        session = Session(self._document, state_folder=self._state_folder, parent=self)
        self._session, self._document = session, None
        self._files = FileActions(self)
        self._views = Views(self)
        # Compiled code is made and linked when nobody waits for the window any more.
        self._views.completed.connect(self.session.backends.prepare)
        self._layout.addWidget(self._views.status)
        self.header.attach(session)
        self.actions_table.set_all_enabled(True)
        self._network = NetworkActions(self)
        self.actions_table.add_canvas_keys(self._views.canvas)
        session.notice_posted.connect(self._show_notice)
        session.title_changed.connect(self._show_title)
        session.modified_changed.connect(self._show_title)
        session.document_replaced.connect(self._show_title)
        session.document_replaced.connect(self._views.toast.dismiss)
        session.run_state_changed.connect(self._show_history)
        session.undo_stack.indexChanged.connect(self._show_history)
        session.modified_changed.connect(self._show_history)
        self._show_title()
        self._show_history()
        self._state.restore_parts()
        self.focus_canvas()
        self._views.completed.connect(self._protect)
        if self._first_file is not None:
            self._protect()  # whether somebody else has the file open must be known now
            self.is_opening = True
            self._files.open_path(self._first_file)
            self.is_opening = False

    def _protect(self) -> None:
        """Keep unsaved work for a crash, lock documents, put pictures into them."""
        from nnplay.gui.document_picture import paint_document

        self.session.set_painter(paint_document)
        self.session.protect()

    @property
    def shown_path(self) -> Path | None:
        """The file of the document, also while it waits to be opened."""
        if self._session is None:
            return self._first_file
        return self._session.path

    @property
    def desk(self) -> Desk:
        """The windows of the process."""
        if self._desk is None:
            from nnplay.gui.desk import Desk

            self._desk = Desk(self.theme, self._state_folder, self)
            self._desk.add(self)
        return self._desk

    @property
    def session(self) -> Session:
        """The session of this window."""
        self.finish()
        assert self._session is not None  # noqa: S101
        return self._session

    @property
    def files(self) -> FileActions:
        """What the File menu does."""
        self.finish()
        assert self._files is not None  # noqa: S101
        return self._files

    @property
    def views(self) -> Views:
        """The views in the cards."""
        self.finish()
        assert self._views is not None  # noqa: S101
        return self._views

    @property
    def network(self) -> NetworkActions:
        """What menus do with the network as a whole."""
        self.finish()
        assert self._network is not None  # noqa: S101
        return self._network

    @property
    def stepping(self) -> StepActions:
        """What menus do to calculate by hand."""
        if self._stepping is None:
            from nnplay.gui.stepping import StepActions

            self._stepping = StepActions(self)
        return self._stepping

    # ------------------------------------------------------------------ showing the session
    def _show_title(self) -> None:
        remark = " (read-only)" if self.session.is_read_only else ""
        self.setWindowTitle(f"{self.session.title}{remark}[*] — nnplay")
        self.setWindowModified(self.session.is_modified)

    def _show_history(self) -> None:
        stack, running = self.session.undo_stack, self.session.is_running
        for name, verb, can, text in (
            ("undo", "Undo", stack.canUndo() or running, stack.undoText()),
            ("redo", "Redo", stack.canRedo() and not running, stack.redoText()),
        ):
            what = "training" if running and name == "undo" else text
            words = f"{verb} {what[:1].lower()}{what[1:]}" if what else verb
            self.actions_table[name].setText(f"&{words}")
            self.actions_table.set_enabled(name, can, f"There is nothing to {name}.")
            self.actions_table.set_tip(name, words)

    def _show_notice(self, notice: Notice) -> None:
        if notice.severity == "info" and notice.action is None and not notice.is_important:
            self.views.status.show_notice(notice)
        else:
            self.views.toast.show_message(
                notice.text, notice.severity, notice.action_text, notice.action
            )

    def _show_theme(self) -> None:
        self.actions_table[f"theme_{self.theme.mode}"].setChecked(True)

    # ------------------------------------------------------------------ what actions ask for
    def set_theme(self, mode: ThemeMode) -> None:
        """Choose ``system``, ``light`` or ``dark``; remembered for the next start."""
        self.theme.set_mode(mode)
        self._settings.set_text("theme", self.theme.mode)
        self._show_theme()

    def switch_theme(self) -> None:
        """From dark to light and back."""
        self.set_theme("light" if self.theme.is_dark else "dark")

    def show_part(self, name: str) -> None:
        """Show or hide the left or right column or the plots below, as the action says."""
        self.workbench.part(name).setVisible(self.actions_table[f"show_{name}"].isChecked())

    def show_table(self) -> None:
        """Show the tables in place of the plots and go there; or, from there, the plots again."""
        action, bench = self.actions_table["show_table"], self.workbench
        table = self.views.table_view
        focus = QApplication.focusWidget()
        is_there = focus is not None and table.isAncestorOf(focus)
        shows = not bench.shows_table or not (is_there or bench.part("bottom").isHidden())
        if bench.shows_table and not is_there:
            shows = True  # it is in sight already: the keyboard goes there
        bench.show_table(shows)
        action.setChecked(shows)
        if shows:
            bench.part("bottom").setVisible(True)
            self.actions_table["show_bottom"].setChecked(True)
            table.focus_table()
        else:
            self.focus_canvas()

    def hide_table(self) -> None:
        """Show the plots in place of the tables, wherever the keyboard is."""
        self.workbench.show_table(False)
        self.actions_table["show_table"].setChecked(False)
        self.focus_canvas()

    def show_plot(self, name: str) -> None:
        """Bring one of the further plots to the front."""
        bench, actions = self.workbench, self.actions_table
        bench.show_table(False)
        actions["show_table"].setChecked(False)
        bench.part("bottom").setVisible(True)
        actions["show_bottom"].setChecked(True)
        self.views.more_plots.show_plot(name)
        bench.curves.show_card(bench.curves.cards.index(bench.cards["plots"]))

    def show_history(self) -> None:
        """Bring the history to the front and go there."""
        self.workbench.part("left").setVisible(True)
        self.actions_table["show_left"].setChecked(True)
        left = self.workbench.left
        left.show_card(left.cards.index(self.workbench.cards["history"]))
        self.views.history.list.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_health(self) -> None:
        """Bring the health of the neurons to the front."""
        self.workbench.part("left").setVisible(True)
        self.actions_table["show_left"].setChecked(True)
        left = self.workbench.left
        left.show_card(left.cards.index(self.workbench.cards["health"]))

    def show_commands(self) -> None:
        """Search everything the window can do."""
        from nnplay.gui.commands.popup import CommandSearch

        if self._commands is not None and isValid(self._commands) and self._commands.isVisible():
            self._commands.close_search()
            return
        self._commands = CommandSearch(self)
        self._commands.open()

    def go_to_neuron(self, neuron_id: int) -> None:
        """Select a neuron, bring it into sight and put the keyboard on it."""
        self.focus_canvas()
        self.views.canvas.walker.go_to_neuron(neuron_id)

    def focus_canvas(self) -> None:
        """Put the keyboard on the canvas."""
        self.views.canvas.setFocus()

    def toggle_full_screen(self) -> None:
        """Use the whole screen, or leave it."""
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()
        self.actions_table["full_screen"].setChecked(self.isFullScreen())

    def show_welcome(self) -> None:
        """Examples and recent documents to choose from."""
        from nnplay.gui.dialogs.welcome import WelcomeDialog

        dialog = WelcomeDialog(self.session, self.theme, self)
        dialog.example_chosen.connect(self.files.show_example)
        dialog.by_hand_asked.connect(self.stepping.open_example)
        dialog.file_chosen.connect(self.files.open_path)
        dialog.new_asked.connect(self.files.new)
        dialog.open_asked.connect(self.files.open)
        dialog.exec()
        dialog.deleteLater()

    def show_sweep(self) -> None:
        """Compare settings, beside the window: it stays usable meanwhile."""
        from nnplay.gui.dialogs.sweep import SweepDialog

        if self._sweep is None:
            self._sweep = SweepDialog(self.session, self.theme, self)
            self._sweep.finished.connect(self._sweep_closed)
        self._sweep.show()
        self._sweep.raise_()
        self._sweep.activateWindow()

    def _sweep_closed(self) -> None:
        if self._sweep is not None:
            self._sweep.deleteLater()
            self._sweep = None

    def show_rate_finder(self) -> None:
        """Find a learning rate by trying ever larger ones."""
        from nnplay.gui.dialogs.rate_finder import RateFinderDialog

        dialog = RateFinderDialog(self.session, self.theme, self)
        dialog.exec()
        dialog.deleteLater()

    def show_gradient_check(self) -> None:
        """Compare backpropagation with complex steps."""
        from nnplay.gui.dialogs.gradient_check import GradientCheckDialog

        dialog = GradientCheckDialog(self.session, self.theme, self)
        dialog.exec()
        dialog.deleteLater()

    def show_shortcuts(self) -> None:
        """All keys at a glance."""
        from nnplay.gui.dialogs.shortcuts import ShortcutsDialog

        dialog = ShortcutsDialog(self.theme, self)
        dialog.exec()
        dialog.deleteLater()

    def show_about(self) -> None:
        """Version and licences."""
        from nnplay.gui.dialogs.about import AboutDialog

        dialog = AboutDialog(self.theme, self)
        dialog.exec()
        dialog.deleteLater()

    def quit(self) -> None:
        """Close all windows; each asks about what is not saved."""
        QApplication.closeAllWindows()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Whoever has the keyboard has no use for Space: then it trains, as everywhere else.
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if event.key() == Qt.Key.Key_Space and plain and self.is_finished:
            if not event.isAutoRepeat():
                self.actions_table["toggle_training"].trigger()
            return
        super().keyPressEvent(event)

    # ------------------------------------------------------------------ files from outside
    def open_at_start(self, path: Path) -> None:
        """Open a file as soon as the window can say what is wrong with it."""
        self._first_file = path

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        came = event.type() == QEvent.Type.ActivationChange and self.isActiveWindow()
        if came and self._files is not None:
            self._files.look_outside()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(u.toLocalFile()) for u in event.mimeData().urls() if u.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.files.open_path(paths[0])
            for path in paths[1:]:
                self.desk.open(path=path)

    # ------------------------------------------------------------------ leaving
    def closeEvent(self, event: QCloseEvent) -> None:
        if self._session is None:
            if self._desk is not None:
                self._desk.forget(self)
            event.accept()
            return
        if not self.files.may_close():
            event.ignore()
            return
        self._state.keep()
        if self._sweep is not None:
            self._sweep.reject()
        self._session.shutdown()
        if self._desk is not None:
            self._desk.forget(self)
        event.accept()
