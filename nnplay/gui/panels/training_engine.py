"""What computes: the backend, which is a preference of the window, and the precision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from PySide6.QtWidgets import QWidget

from nnplay.core.config import TrainingConfig
from nnplay.gui.panels.refresh import Refresher
from nnplay.gui.panels.setting_row import CHOICE_WIDTH
from nnplay.gui.panels.setting_rows import SettingsSection
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import Choice, label
from nnplay.session.session import Session

if TYPE_CHECKING:
    from nnplay.session.values import BackendWish

__all__ = ["BACKENDS", "EngineSection"]

BACKENDS: Final = (("auto", "Automatic"), ("numpy", "NumPy"), ("compiled", "Compiled"))
PRECISIONS: Final = (("float64", "64 bits"), ("float32", "32 bits"))
_TIPS: Final = {
    "backend": "What does the arithmetic of training. Compiled code is many times faster for small "
    "networks; NumPy is always there. Automatic takes the faster one. A preference of this "
    "computer: it is not saved with the network, and the next run heeds it.",
    "precision": "With 32 bits large networks train twice as fast; 64 bits are exact to 16 digits.",
}


class EngineSection(SettingsSection):
    """Backend, precision, and which backend runs now and why."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(session, theme, "Engine", parent, name="engine")

    def build(self) -> None:
        self.backend = Choice(BACKENDS, self.body, name="Backend")
        self.backend.setFixedWidth(CHOICE_WIDTH)
        self.backend.chosen.connect(self._backend_chosen)
        self.place("backend", "Backend", _TIPS["backend"], self.backend)
        self.words = label("", "small", self.body)
        self.words.setWordWrap(True)
        self.add(self.words)
        self.precision = self.choice("precision", "Precision", _TIPS["precision"], PRECISIONS)
        self._refresher = Refresher(self, self._show_words)
        self._session.run_state_changed.connect(self._refresher.request)
        self._session.network_changed.connect(self._refresher.request)

    def show_settings(self, config: TrainingConfig) -> None:
        super().show_settings(config)
        self.backend.set_value(self._session.backends.wish)
        self._show_words()

    def summary(self, config: TrainingConfig) -> str:
        name = dict(BACKENDS).get(self._session.backends.wish, "")
        return f"{name}, {dict(PRECISIONS).get(config.precision, config.precision)}"

    def _show_words(self) -> None:
        words = self._session.backend_words
        if words != self.words.text():
            self.words.setText(words)
            self.words.setVisible(bool(words))

    def _backend_chosen(self, name: str) -> None:
        self._session.backends.set_wish(cast("BackendWish", name))
        self.refresh(self._session.training)
