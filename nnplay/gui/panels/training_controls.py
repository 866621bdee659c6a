"""Buttons that run training: play, one step, one epoch, many, and back to the start."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from nnplay.gui.panels.form import FieldNote
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import NumberField, label
from nnplay.session.session import Session

__all__ = ["TrainingControls"]


class _EpochsField(NumberField):
    """A number of epochs; Return does not only take it but runs.

    Signals:
        confirmed(): Return was pressed on a number that can be used.
    """

    confirmed = Signal()
    goes_back = False  # “Run” must not run a number that nobody typed

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        plain = not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        is_return = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_return and plain and not self.property("invalid"):
            self.confirmed.emit()


class TrainingControls(QWidget):
    """All verbs of training as buttons.

    Signals:
        by_hand_asked(): a sample shall be followed step by step.
    """

    by_hand_asked = Signal()

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._icons: list[tuple[QPushButton, str, str]] = []
        self.play = self._button("Play", "play", "on_accent")
        self.play.setProperty("role", "primary")
        self.play.setToolTip("Train until you pause it (Ctrl+Return, or Space on the canvas)")
        self.play.clicked.connect(session.toggle)
        self.step = self._button("Step", "step")
        self.step.setToolTip("Train with one batch: the smallest step training can take (Ctrl+.)")
        self.step.clicked.connect(self._step)
        self.epoch = self._button("Epoch", "epoch")
        self.epoch.setToolTip("Go once through all training samples (Ctrl+Shift+.)")
        self.epoch.clicked.connect(self._one_epoch)
        self.many = self._button("Run", "run_many")
        self.many.setToolTip("Train for this many epochs, then stop")
        self.many.clicked.connect(self._many_epochs)
        self.epochs = _EpochsField(
            100, self, minimum=1, maximum=1_000_000, step=10, is_integer=True
        )
        self.epochs.setAccessibleName("Number of epochs to run")
        self.epochs.setMinimumWidth(56)
        self.epochs.use_note()
        self.epochs.refused.connect(self._refused)
        self.epochs.value_changed.connect(self._epochs_changed)
        self.epochs.confirmed.connect(self._many_epochs)
        self.epochs.set_hint("How many epochs “Run” trains; Return starts it.")
        self.note = FieldNote(self)
        self.by_hand = self._button("Step by step…", "calculate")
        self.by_hand.setToolTip(
            "Follow every number of one sample: forward, loss, backward, update (F8)"
        )
        self.by_hand.clicked.connect(self.by_hand_asked)
        self.reset = self._button("Reset weights", "reset")
        self.reset.setToolTip(
            "Back to the same initial weights, as if nothing had been trained (Ctrl+R). "
            "Undo brings the training back."
        )
        self.reset.clicked.connect(self._reset)
        self.redraw = self._button("New initial weights", "dice")
        self.redraw.setToolTip(
            "Draw other initial weights and start from them (Ctrl+Shift+R). "
            "Where a network starts decides where it ends up."
        )
        self.redraw.clicked.connect(self._redraw)

        steps = QGridLayout()
        steps.setContentsMargins(0, 0, 0, 0)
        steps.setSpacing(8)
        steps.addWidget(self.step, 0, 0)
        steps.addWidget(self.epoch, 0, 1)
        many = QHBoxLayout()
        many.setContentsMargins(0, 0, 0, 0)
        many.setSpacing(8)
        many.addWidget(self.epochs, 1)
        many.addWidget(label("epochs", "secondary", self))
        steps.addWidget(self.many, 1, 0)
        steps.addLayout(many, 1, 1)
        steps.addWidget(self.note, 2, 0, 1, 2)
        # Each in a line of its own: their words are long.
        steps.addWidget(self.by_hand, 3, 0, 1, 2)
        steps.addWidget(self.reset, 4, 0, 1, 2)
        steps.addWidget(self.redraw, 5, 0, 1, 2)
        steps.setColumnStretch(0, 1)
        steps.setColumnStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.play)
        layout.addLayout(steps)
        theme.changed.connect(self._refresh_icons)
        session.run_state_changed.connect(self.refresh)
        self.refresh()

    def _button(self, words: str, icon: str, role: str = "secondary") -> QPushButton:
        button = QPushButton(words, self)
        button.setIconSize(QSize(16, 16))
        self._icons.append((button, icon, role))
        button.setIcon(self._theme.icon(icon, role, 16))
        return button

    def _refresh_icons(self) -> None:
        for button, icon, role in self._icons:
            if button is self.play and self._session.is_running:
                icon = "pause"
            button.setIcon(self._theme.icon(icon, role, 16))

    def refresh(self, *_: object) -> None:
        """Show whether training runs."""
        running = self._session.is_running
        words = "Pause" if running else "Play"
        if self.play.text() != words:
            self.play.setText(words)
            self._refresh_icons()

    # ------------------------------------------------------------------ what the hand does
    def _step(self) -> None:
        self._session.step_batch()

    def _one_epoch(self) -> None:
        self._session.run_epochs(1)

    def _many_epochs(self) -> None:
        self.epochs.commit()
        if not self.epochs.property("invalid"):
            self._session.run_epochs(int(self.epochs.value()))

    def _epochs_changed(self) -> None:
        self.note.clear()

    def _refused(self, sentence: str) -> None:
        self.note.say(sentence)

    def _reset(self) -> None:
        self._session.reset()

    def _redraw(self) -> None:
        self._session.draw_new_weights()
