"""What menus do with the network as a whole: its shape, its arrangement, its picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from nnplay.session.notices import Notice

if TYPE_CHECKING:
    from nnplay.gui.main_window import MainWindow

__all__ = ["NetworkActions"]


class NetworkActions(QObject):
    """Dialogs first, then session verbs; keeps the switches of these actions in step."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        session = window.session
        session.direction_changed.connect(self._show)
        session.document_replaced.connect(self._show)
        session.selection_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        session, actions = self._window.session, self._window.actions_table
        actions["downwards"].setChecked(session.runs_downwards)
        actions["reduce_motion"].setChecked(self._window.views.canvas.transition.is_reduced)
        some = bool(session.selection.neurons)
        for name in ("arrange_selection", "arrange_others"):
            actions[name].setEnabled(some)

    # ------------------------------------------------------------------ shape
    def make_mlp(self) -> None:
        """Ask for the layers of a network that takes the place of the present one."""
        from nnplay.gui.dialogs.mlp import MlpDialog

        dialog = MlpDialog(self._window.session, self._window.theme, self._window)
        dialog.exec()
        dialog.deleteLater()

    def choose_template(self) -> None:
        """Offer well-known shapes."""
        from nnplay.gui.dialogs.templates import TemplatesDialog

        dialog = TemplatesDialog(self._window.session, self._window.theme, self._window)
        dialog.exec()
        dialog.deleteLater()

    # ------------------------------------------------------------------ arrangement
    def arrange_selection(self) -> None:
        """Arrange the selected neurons; the others stay where they are."""
        session = self._window.session
        session.arrange(session.selection.neurons)

    def arrange_others(self) -> None:
        """Arrange all neurons but the selected ones."""
        session = self._window.session
        session.arrange(set(session.network.topology.ids.tolist()) - session.selection.neurons)

    def switch_direction(self) -> None:
        """From left to right, or from top to bottom."""
        session = self._window.session
        session.set_direction(downwards=not session.runs_downwards)
        self._show()

    def switch_motion(self) -> None:
        """Let neurons glide to new places, or jump."""
        transition = self._window.views.canvas.transition
        transition.set_reduced(not transition.is_reduced)
        self._show()

    # ------------------------------------------------------------------ pictures
    def copy_picture(self) -> None:
        """Put the network as it is shown on the clipboard."""
        from nnplay.gui.picture_clipboard import copy_picture
        from nnplay.picture.options import PictureOptions
        from nnplay.picture.render import PictureError

        window = self._window
        numbers = window.views.canvas.shows_numbers
        options = PictureOptions(weights=numbers, biases=numbers, dark=window.theme.is_dark)
        try:
            copy_picture(window.session.pictured_document, options)
        except PictureError as error:
            window.session.notice_posted.emit(Notice("error", str(error)))
            return
        words = "The picture of the network is on the clipboard."
        window.session.notice_posted.emit(Notice("info", words))

    def export_picture(self) -> None:
        """Ask what a picture shall show, and write it to a file."""
        from nnplay.gui.dialogs.picture import PictureDialog

        window = self._window
        numbers = window.views.canvas.shows_numbers
        dialog = PictureDialog(window.session, window.theme, window, shows_numbers=numbers)
        dialog.exec()
        dialog.deleteLater()
