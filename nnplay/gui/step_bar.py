"""The bar of a calculation by hand: going on and back, where it stands, what it just computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from nnplay.core.step_plan import Grain, Phase
from nnplay.gui.actions import key_text
from nnplay.gui.theme import Theme
from nnplay.gui.widgets.announce import announce
from nnplay.gui.widgets.controls import Choice, icon_button, label

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["StepBar"]

# Narrower than this, or on a stage lower than this, only what is needed most has room.
WIDE: Final = 592
HIGH: Final = 400
NARROWEST_WITH_PHASES: Final = 330
FORMULA_SIZES: Final = (17, 15, 13, 11)
PHASES: Final = {
    Phase.FORWARD: ("Forward", "Weighted sums and activations, from the inputs to the outputs"),
    Phase.LOSS: ("Loss", "How far the outputs are from their targets"),
    Phase.BACKWARD: ("Backward", "How the loss changes with every number, from the outputs back"),
    Phase.UPDATE: ("Update", "How the optimiser changes weights and biases"),
}
_GRAINS: Final[tuple[tuple[Grain, str], ...]] = (
    ("term", "By term"),
    ("neuron", "By neuron"),
    ("layer", "By layer"),
    ("phase", "By phase"),
)
_SOURCES: Final = (("probe", "The probe"), ("batch", "Next training sample"))
_START: Final = (
    "Every number, one after the other",
    "“Next” computes the first one. Hatched neurons with “?” are not known yet.",
)


class PhaseButton(QToolButton):
    """A phase of the calculation, with a line that fills as it goes on."""

    def __init__(self, theme: Theme, phase: Phase, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.phase = phase
        self.share = 0.0
        words, tip = PHASES[phase]
        self.setText(words)
        self.setToolTip(f"{tip}: go to its start")
        self.setProperty("role", "segment")
        self.setCheckable(True)
        self.setFixedHeight(28)
        self.setMinimumWidth(76)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_progress(self, share: float, is_present: bool) -> None:
        """``share`` of the phase is done, 0 … 1."""
        self.share = share
        self.setChecked(is_present)
        percent = round(100 * share)
        self.setAccessibleName(f"{self.text()}, {percent} percent done")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        palette = self._theme.palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        line = QRectF(8, self.height() - 5, self.width() - 16, 2.5)
        painter.setBrush(QColor(palette.border_strong))
        painter.drawRoundedRect(line, 1.2, 1.2)
        if self.share > 0.0:
            line.setWidth(line.width() * self.share)
            painter.setBrush(QColor(palette.accent))
            painter.drawRoundedRect(line, 1.2, 1.2)
        painter.end()


class StepBar(QFrame):
    """Shows the session's stepper above the canvas, and moves it."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stepper, self._theme = session.stepper, theme
        self.setObjectName("step_bar")
        self.setProperty("role", "steps")
        self.setAccessibleName("Step by step")
        stepper = self._stepper
        self.back = self._button("Back", "step_back", "Take the latest number back", stepper.back)
        self.next = self._button("Next", "step_next", "Compute the next number", stepper.next)
        self.next.setProperty("role", "primary")
        self.grain = Choice(_GRAINS, self, name="How far a step goes")
        self.grain.setToolTip("How far “Next” and “Back” go")
        self.grain.chosen.connect(self._choose_grain)
        keys = key_text("step_play")
        self.play = icon_button(theme, "play", f"Go on by itself ({keys})", stepper.toggle, self)
        self.speed = Choice(
            ((str(s), f"{s:g} per second") for s in _speeds()), self, name="Speed of playing"
        )
        self.speed.chosen.connect(self._choose_speed)
        self.apply = self._button(
            "Apply update", "step_apply", "Really change the weights by this step", stepper.apply
        )
        self.apply.setProperty("role", "primary")
        self.close_button = icon_button(theme, "close", "Close (Esc)", stepper.close, self)
        self.source = Choice(_SOURCES, self, name="Which sample is followed")
        self.source.setToolTip("Which sample is followed")
        self.source.chosen.connect(self._choose_source)
        self.phases = {phase: PhaseButton(theme, phase, self) for phase in PHASES}
        for button in self.phases.values():
            button.clicked.connect(self._jump)
        self.formula = label("", "", self)
        self.formula.setObjectName("formula")
        self.formula.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.formula.setFixedHeight(26)
        self.note = label("", "secondary", self)
        self.note.setWordWrap(True)
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.note.setFont(theme.ui_font(12))
        self.note.setFixedHeight(2 * QFontMetrics(theme.ui_font(12)).lineSpacing())
        self._lay_out()
        self._words = ("", "")
        if parent is not None:
            parent.installEventFilter(self)  # its height decides what there is room for
        stepper.changed.connect(self._show)
        stepper.moved.connect(self._show)
        stepper.playing_changed.connect(self._show_playing)
        self._show()

    def _button(self, words: str, action: str, tip: str, clicked: object) -> QPushButton:
        button = QPushButton(words, self)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolTip(f"{tip} ({key_text(action)})")
        # Through a method, as clicked() brings an argument of its own.
        button.clicked.connect(lambda _=False: clicked())  # type: ignore[operator]
        return button

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setSpacing(6)
        for widget in (self.back, self.next, self.grain, self.play, self.speed):
            first.addWidget(widget)
        first.addStretch(1)
        first.addWidget(self.apply)
        first.addWidget(self.close_button)
        for button in self.phases.values():
            second.addWidget(button)
        second.addStretch(1)
        second.addWidget(self.source)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 6)
        layout.setSpacing(6)
        layout.addLayout(first)
        layout.addLayout(second)
        layout.addWidget(self.formula)
        layout.addWidget(self.note)

    # ------------------------------------------------------------------ by hand
    def _choose_grain(self, value: str) -> None:
        self._stepper.set_grain(value)  # type: ignore[arg-type]  # one of the list's values

    def _choose_speed(self, value: str) -> None:
        self._stepper.set_speed(float(value))

    def _choose_source(self, value: str) -> None:
        if not self._stepper.open(value):  # type: ignore[arg-type]  # one of the list's values
            self.source.set_value(self._stepper.source)

    def _jump(self) -> None:
        button = self.sender()
        if isinstance(button, PhaseButton):
            self._stepper.jump_to(button.phase)
            self._show()  # a click alone must not leave another phase marked

    # ------------------------------------------------------------------ showing
    def _show(self) -> None:
        stepper = self._stepper
        plan = stepper.plan
        self.setVisible(plan is not None)
        if plan is None:
            return
        position = stepper.position
        self.back.setEnabled(position > 0)
        self.next.setEnabled(not stepper.is_at_end)
        self.apply.setEnabled(stepper.can_apply)
        self.grain.set_value(stepper.grain)
        self.speed.set_value(str(stepper.speed))
        self.source.set_value(stepper.source)
        for phase, button in self.phases.items():
            start, end = plan.start_of(phase), plan.end_of(phase)
            button.setEnabled(start is not None)
            share = 0.0
            if start is not None and end is not None:
                share = min(1.0, max(0.0, (position - start) / (end - start)))
            button.show_progress(share, phase == stepper.phase)
        self._share_room()
        self._show_words()

    def _share_room(self) -> None:
        """In a small window there is room for less; keys do everything anyway."""
        stage = self.parentWidget()
        is_narrow = self.width() < WIDE
        is_low = stage is not None and stage.height() < HIGH
        has_phases = not is_low and self.width() >= NARROWEST_WITH_PHASES
        for button in self.phases.values():
            button.setVisible(has_phases)
            button.setMinimumWidth(66 if is_narrow else 76)
        self.source.setVisible(not (is_low or is_narrow))
        self.speed.setVisible(not is_narrow)
        # The update takes the place of what is not needed at the end.
        ends = self._stepper.can_apply
        self.apply.setVisible(ends or not is_narrow)
        for widget in (self.grain, self.play):
            widget.setVisible(not (is_narrow and ends))
        lines = 1 if is_low else 2
        self.note.setFixedHeight(lines * QFontMetrics(self.note.font()).lineSpacing())

    def _show_words(self) -> None:
        stepper = self._stepper
        formula, note = stepper.words if stepper.position else _START
        if stepper.can_apply:
            note = f"{note} All is computed: “Apply update” really makes this step."
        note = stepper.remark or note
        self._words = (formula, note)
        self._fit_words()
        announce(self, f"{formula}. {note}")

    def _fit_words(self) -> None:
        formula, note = self._words
        room = max(80, self.width() - 24)
        for size in FORMULA_SIZES:
            font = self._theme.mono_font(size, QFont.Weight.Medium)
            if QFontMetrics(font).horizontalAdvance(formula) <= room:
                break
        self.formula.setFont(font)
        metrics = QFontMetrics(font)
        self.formula.setText(metrics.elidedText(formula, Qt.TextElideMode.ElideRight, room))
        self.formula.setToolTip(formula if self.formula.text() != formula else "")
        self.formula.setAccessibleName(formula)
        metrics = QFontMetrics(self.note.font())
        # Wrapped lines end before they are full: some room is lost.
        lines = self.note.height() // metrics.lineSpacing()
        most = room if lines < 2 else round(1.8 * room)
        self.note.setText(metrics.elidedText(note, Qt.TextElideMode.ElideRight, most))
        self.note.setToolTip(note if self.note.text() != note else "")
        self.note.setAccessibleName(note)

    def _show_playing(self, is_playing: bool) -> None:
        self.play.set_icon_name("pause" if is_playing else "play")
        words = "Pause" if is_playing else "Go on by itself"
        self.play.setToolTip(f"{words} ({key_text('step_play')})")
        self.play.setAccessibleName(words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_room()
        self._fit_words()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._share_room()
            self._fit_words()
        return super().eventFilter(watched, event)


def _speeds() -> tuple[float, ...]:
    from nnplay.session.stepping import SPEEDS

    return SPEEDS
