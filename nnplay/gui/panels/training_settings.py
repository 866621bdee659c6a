"""Settings of training in sections; each applies at once, also while training runs."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from nnplay.gui.panels.setting_row import SettingRow
from nnplay.gui.panels.setting_rows import SettingsSection
from nnplay.gui.panels.training_engine import EngineSection
from nnplay.gui.panels.training_hints import HintList
from nnplay.gui.panels.training_learning import LearningSection
from nnplay.gui.panels.training_regularisation import RegularisationSection
from nnplay.gui.panels.training_schedule import ScheduleSection
from nnplay.gui.panels.training_start import StartSection
from nnplay.gui.panels.training_stopping import StoppingSection
from nnplay.gui.theme import Theme
from nnplay.session.session import Session

__all__ = ["TrainingSettings"]


class TrainingSettings(QWidget):
    """All sections. Learning is always open, the others fold away and are remembered."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.learning = LearningSection(session, theme, self)
        self.hints = HintList(session, theme, self)
        self.schedule = ScheduleSection(session, theme, self)
        self.regularisation = RegularisationSection(session, theme, self)
        self.stopping = StoppingSection(session, theme, self)
        self.start = StartSection(session, theme, self)
        self.engine = EngineSection(session, theme, self)
        self.learning_rate = self.learning.learning_rate
        self.sections: tuple[SettingsSection, ...] = (
            self.learning,
            self.schedule,
            self.regularisation,
            self.stopping,
            self.start,
            self.engine,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for section in self.sections:
            layout.addWidget(section)
            if section is self.learning:
                layout.addSpacing(4)
                layout.addWidget(self.hints)
                layout.addSpacing(4)
        session.setup_changed.connect(self.refresh)
        session.document_replaced.connect(self.refresh)
        session.network_changed.connect(self._network_changed)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Take all settings from the session; what is being typed stays."""
        for section in self.sections:
            section.refresh(self._session.training)

    def row(self, key: str) -> SettingRow:
        """The row of a setting; the section it is in is unfolded."""
        for section in self.sections:
            section.make_rows()
            if key in section.rows:
                section.open()
                return section.rows[key]
        raise KeyError(key)

    def field(self, key: str) -> QWidget:
        """The field of a setting."""
        return self.row(key).field

    def note(self, key: str) -> QLabel:
        """The note under a field."""
        return self.row(key).note

    def _network_changed(self, before: object, after: object) -> None:
        self.start.refresh(self._session.training)
        if before.activations != after.activations:  # type: ignore[attr-defined]
            self.learning.check_pairing(self._session.training.loss)
