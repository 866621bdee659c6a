"""The line at the lower edge: what training does, how fast, and how large the network is."""

from __future__ import annotations

import html
from typing import Final

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from nnplay.gui.panels.pace import pace_text
from nnplay.gui.panels.refresh import Refresher
from nnplay.gui.theme import Theme
from nnplay.gui.widgets.controls import label
from nnplay.session.notices import Notice
from nnplay.session.session import Session

__all__ = ["StatusStrip"]

HEIGHT: Final = 28
INTERVAL: Final = 100
NOTICE_TIME: Final = 8000


class _Dot(QWidget):
    """A small disc in a colour of the palette."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._role = "tertiary"
        self.setFixedSize(QSize(10, 10))
        theme.changed.connect(self.update)

    def set_role(self, role: str) -> None:
        """Take another colour."""
        if role != self._role:
            self._role = role
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(getattr(self._theme.palette, self._role)))
        painter.drawEllipse(1, 1, 8, 8)


class _Sentence(QLabel):
    """As much of a sentence as there is room for; the tooltip has the whole of it, and more."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.sentence = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def say(self, sentence: str, detail: str = "") -> None:
        """Show another sentence; ``detail`` is in the tooltip only."""
        self.sentence = sentence
        whole = "\n".join(filter(None, (sentence, detail)))
        self.setToolTip(f"<p>{html.escape(whole)}</p>".replace("\n", "<br>") if whole else "")
        self.setAccessibleName(whole)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = max(0, self.contentsRect().width())
        elided = self.fontMetrics().elidedText(self.sentence, Qt.TextElideMode.ElideRight, room)
        if elided != self.text():
            self.setText(elided)


class StatusStrip(QFrame):
    """Shows the run's state, the latest remark and a few counts."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setProperty("role", "status")
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("Status")
        self._dot = _Dot(theme, self)
        self._state = label("Ready", "", self)
        self._epoch = label("", "", self)
        self._speed = label("", "secondary", self)
        self._notice = _Sentence(self)
        self._notice.setProperty("role", "secondary")
        self._counts = label("", "secondary", self)
        for words in (self._state, self._notice, self._counts):
            words.setFont(theme.ui_font(12))
        for number in (self._epoch, self._speed):
            number.setFont(theme.mono_font(12))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 0, 14, 0)
        layout.setSpacing(8)
        for widget in (self._dot, self._state, self._epoch, self._speed):
            layout.addWidget(widget)
        layout.addSpacing(12)
        layout.addWidget(self._notice, 1)
        layout.addWidget(self._counts)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._clear_notice)
        # What was said of another document is no news of this one.
        session.document_replaced.connect(self._clear_notice)
        self._refresher = Refresher(self, self._refresh, INTERVAL)
        for signal in (
            session.run_state_changed,
            session.frame_arrived,
            session.network_changed,
            session.setup_changed,
            session.data_changed,
            session.document_replaced,
            session.history_changed,
        ):
            signal.connect(self._refresher.request)
        self._refresh()

    # ------------------------------------------------------------------ notices
    def show_notice(self, notice: Notice) -> None:
        """Keep the sentence in sight for a while; the whole text is in the tooltip."""
        role = {"warning": "warning", "error": "error"}.get(notice.severity, "secondary")
        if self._notice.property("role") != role:
            self._notice.setProperty("role", role)
            self._notice.style().unpolish(self._notice)
            self._notice.style().polish(self._notice)
        self._notice.say(notice.text, notice.detail)
        self._timer.start(NOTICE_TIME)

    def notice_text(self) -> str:
        """The sentence shown at the moment."""
        return self._notice.sentence

    def _clear_notice(self) -> None:
        self._notice.say("")

    # ------------------------------------------------------------------ state
    def texts(self) -> tuple[str, str, str, str]:
        """State, epoch, speed and counts as they are shown."""
        return self._state.text(), self._epoch.text(), self._speed.text(), self._counts.text()

    def counts_tip(self) -> str:
        """What is said about the counts: which backend computes, and why."""
        return self._counts.toolTip()

    def _refresh(self) -> None:
        session = self._session
        run = session.run_state
        problem = session.data_problem
        words, role = {
            "running": ("Training", "ok"),
            "diverged": ("Diverged", "error"),
            "failed": ("Training failed", "error"),
        }.get(run.kind, ("Ready", "tertiary"))
        if problem and run.kind == "idle":
            words, role = "Not ready", "warn"
        self._dot.set_role(role)
        _set(self._state, words)
        self._state.setToolTip(problem)
        self._set_digits(self._epoch, f"epoch {session.shown_epoch:,}")
        pace = pace_text(run) if session.is_running else ""
        self._set_digits(self._speed, f"· {pace}" if pace else "")
        parameters = session.network.topology.parameter_count
        noun = "parameter" if parameters == 1 else "parameters"
        seed = seed_text(session.seed, session.document.draw)
        counts = "  ·  ".join(filter(None, (f"{parameters:,} {noun}", seed, run.backend)))
        _set(self._counts, counts)
        self._counts.setToolTip(session.backend_words)

    def _set_digits(self, target: QLabel, text: str) -> None:
        """Write into a label of a font whose characters are all of one width.

        It is of fixed size: the window is laid out anew only for another number of characters.
        """
        before = target.text()
        height = self.contentsRect().height()
        if before != text:
            target.setText(text)
        if len(before) != len(text) or target.maximumHeight() != height:
            target.setFixedSize(target.sizeHint().width(), height)


def seed_text(seed: int, draw: int) -> str:
    """``seed 0``, or ``seed 0, draw 2`` after new initial weights: all it takes to have them again."""
    return f"seed {seed}, draw {draw}" if draw else f"seed {seed}"


def _set(target: QLabel, text: str) -> None:
    if target.text() != text:
        target.setText(text)
