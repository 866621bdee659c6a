"""The training panel: run it, follow its numbers, change its settings."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QVBoxLayout, QWidget

from nnplay.gui.panels.form import ScrollColumn
from nnplay.gui.panels.refresh import Refresher
from nnplay.gui.panels.training_controls import TrainingControls
from nnplay.gui.panels.training_numbers import TrainingNumbers
from nnplay.gui.panels.training_settings import TrainingSettings
from nnplay.gui.panels.training_speed import SpeedRow
from nnplay.gui.theme import Theme
from nnplay.session.session import Session

__all__ = ["TrainingPanel"]


class TrainingPanel(QWidget):
    """Controls, live numbers and settings of training."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Training")
        self.controls = TrainingControls(session, theme, self)
        self.speed = SpeedRow(session, self)
        self.numbers = TrainingNumbers(session, theme, self)
        self.settings = TrainingSettings(session, theme, self)
        self.area = ScrollColumn(self, spacing=10)
        self.area.column.addWidget(self.controls)
        self.area.column.addWidget(self.speed)
        self.area.column.addWidget(self.numbers)
        self.area.column.addWidget(self.settings)
        self.area.column.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.area)
        self._refresher = Refresher(self, self.numbers.refresh)
        for signal in (
            session.losses_changed,
            session.frame_arrived,
            session.history_changed,
            session.data_changed,
            session.document_replaced,
            session.run_state_changed,
        ):
            signal.connect(self._refresher.request)

    def sizeHint(self) -> QSize:
        return QSize(312, 520)
