"""A field for one number that people may write as ``0.5``, ``0,5`` or ``1/4``."""

from __future__ import annotations

import bisect
import math
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QToolTip, QWidget

from nnplay.gui.widgets.gesture import Burst, new_gesture
from nnplay.picture.fonts import mono_font

__all__ = ["NumberField", "number_text"]

Check = Callable[[float], str | None]
_BELOW_POINTER: Final = 24
# Padding, borders and air of a tooltip above and below its line.
_AROUND_TEXT: Final = 26


def number_text(value: float, decimals: int | None = 3) -> str:
    """A number as it is shown: fixed decimals, or the shortest form when ``decimals`` is None.

    Numbers too large or too small for that are written with an exponent; without decimals, all
    digits are shown, because a seed is read and typed again elsewhere.
    """
    if not math.isfinite(value):
        return "–"
    if value == 0:
        value = 0.0  # never "-0.000"
    if decimals is None:
        text = f"{value:.6g}"
        if "e" in text and 1e-7 < abs(value) < 1:
            text = f"{value:.9f}".rstrip("0")
        return text.replace("e-0", "e-").replace("e+0", "e+")
    if decimals == 0:
        return f"{value:.0f}"
    size = abs(value)
    if size >= 1e6 or (size != 0 and size < 0.5 * 10**-decimals):
        return f"{value:.2e}"
    return f"{value:.{decimals}f}"


class NumberField(QLineEdit):
    """One number: typed and committed with Return or by leaving, or stepped with keys and wheel.

    A text that is no number, or a number the field may not take, is marked in red with a sentence
    and changes nothing; Esc brings the last good value back, and so does leaving the field.

    A value set from outside never changes what typing does. With the focus, the number goes on
    changing only while all of it is selected, and stays selected; a cursor between the digits, a
    part that is selected, a text being typed or a mouse button held stop it until Return, Esc or
    leaving.

    Signals:
        value_changed(float, int): a new value by hand, with the number of its gesture.
        refused(str): the sentence shown for a text that cannot be used.
    """

    value_changed = Signal(float, int)
    refused = Signal(str)

    # Whether a useless text is replaced by the last good value when the field is left.
    goes_back = True

    def __init__(
        self,
        value: float = 0.0,
        parent: QWidget | None = None,
        *,
        minimum: float = -math.inf,
        maximum: float = math.inf,
        step: float = 0.1,
        steps: Sequence[float] = (),
        decimals: int | None = 3,
        is_integer: bool = False,
        check: Check | None = None,
    ) -> None:
        """Make a field.

        Args:
            value: number shown at first.
            parent: Qt parent.
            minimum: smallest number allowed.
            maximum: largest number allowed.
            step: what Up, Down and the wheel add (Shift: ten times, Ctrl: a tenth).
            steps: ascending values Up and Down walk through instead, as for learning rates.
            decimals: digits after the point, None for the shortest form.
            is_integer: whole numbers only.
            check: extra test of a number; returns a sentence when it cannot be used.
        """
        super().__init__(parent)
        self._value = float(value)
        self._minimum, self._maximum = minimum, maximum
        self._step, self._steps = step, tuple(steps)
        self._decimals = 0 if is_integer else decimals
        self._is_integer = is_integer
        self._check = check
        self._burst = Burst()
        self._hint = ""
        self._is_pressed = False
        self._is_first_click = False
        self._double_clicked = -math.inf
        self._has_note = False
        font = mono_font(12)
        self.setFont(font)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.textEdited.connect(self._text_edited)
        self._show_value()

    # ------------------------------------------------------------------ value
    def value(self) -> float:
        """The last good value."""
        return self._value

    def set_value(self, value: float, *, force: bool = False) -> None:
        """Show another value without a signal.

        Ignored on screen, but remembered for Esc, while the text is in somebody's hands, unless
        forced.
        """
        self._value = float(value)
        if force or not self.is_in_hand():
            self._show_value()

    def set_range(self, minimum: float, maximum: float) -> None:
        """Change the inclusive range; the present value is not touched."""
        self._minimum, self._maximum = minimum, maximum

    def set_hint(self, text: str) -> None:
        """Words shown as tooltip in front of the exact value."""
        self._hint = text
        self._show_tooltip()

    def use_note(self) -> None:
        """Sentences are shown by a note that hears :attr:`refused`, not in a tooltip."""
        self._has_note = True

    def is_being_typed(self) -> bool:
        """Whether the field has the focus and a text that is not committed yet."""
        return self.hasFocus() and self.isModified()

    def is_in_hand(self) -> bool:
        """Whether another text would change what the next key or movement of the mouse does."""
        return self.hasFocus() and (
            self.isModified() or self._is_pressed or not self._is_all_selected()
        )

    def _is_all_selected(self) -> bool:
        return self.hasSelectedText() and self.selectedText() == self.text()

    def commit(self) -> None:
        """Take over the text, as Return does."""
        if not self.isModified():
            return
        problem, value = self._read()
        if problem:
            self._refuse(problem)
            return
        gesture = new_gesture()
        self._take(value, gesture)

    # ------------------------------------------------------------------ reading and showing
    def text_of(self, value: float) -> str:
        """A value as this field writes it."""
        return number_text(value, self._decimals)

    def _read(self) -> tuple[str, float]:
        from nnplay.data.errors import DataError
        from nnplay.data.features import evaluate_number

        try:
            value = evaluate_number(self.text())
        except DataError as error:
            return str(error), 0.0
        return self._problem_with(value), value

    def _problem_with(self, value: float) -> str:
        if self._is_integer and value != round(value):
            return f"Please use a whole number, not {number_text(value, None)}."
        decimals = 0 if self._is_integer else None
        low, high = (number_text(v, decimals) for v in (self._minimum, self._maximum))
        if value < self._minimum or value > self._maximum:
            if math.isfinite(self._minimum) and math.isfinite(self._maximum):
                return f"Please use a number from {low} to {high}."
            if math.isfinite(self._minimum):
                return f"Please use {low} or more."
            return f"Please use {high} or less."
        return (self._check(value) if self._check else None) or ""

    def _take(self, value: float, gesture: int) -> None:
        changed = value != self._value
        self._value = value
        self._show_value()
        if self.hasFocus():
            self.selectAll()
        if changed:
            self.value_changed.emit(value, gesture)

    def _show_value(self) -> None:
        text = self.text_of(self._value)
        if self.text() != text:
            everything = self._is_all_selected()
            self.setText(text)
            if everything and self.hasFocus():
                self.selectAll()
        self.setModified(False)
        self._mark(False)
        self._show_tooltip()

    def _show_tooltip(self) -> None:
        exact = repr(int(self._value)) if self._is_integer else repr(self._value)
        tip = "" if exact == self.text() or self._is_integer else exact
        lines = [line for line in (self._hint, tip) if line]
        self.setToolTip("\n".join(lines))

    def _refuse(self, sentence: str) -> None:
        self._mark(True)
        self.setToolTip(sentence)
        self._say(sentence)
        self.refused.emit(sentence)

    def _go_back(self, sentence: str) -> None:
        """The field is left with a useless text: show the last good value, and say so."""
        self._show_value()
        sentence = f"{sentence} It is {self.text()} again."
        # Tooltips are closed when another widget gets the focus, which is about to happen.
        QTimer.singleShot(0, self, partial(self._say, sentence))
        self.refused.emit(sentence)

    def _say(self, sentence: str) -> None:
        if not self._has_note and self.isVisible():
            # Above the field: what comes next is below, and a tooltip that covers the pointer sees
            # it leave the field and goes away at once. Qt moves tooltips down from the pointer.
            tall = self.fontMetrics().height() + _AROUND_TEXT
            place = QPoint(0, -max(self.height(), tall) - _BELOW_POINTER)
            QToolTip.showText(self.mapToGlobal(place), sentence, self)

    def _mark(self, invalid: bool) -> None:
        if bool(self.property("invalid")) != invalid:
            self.setProperty("invalid", invalid)
            self.style().unpolish(self)
            self.style().polish(self)

    def _text_edited(self) -> None:
        self._mark(False)

    # ------------------------------------------------------------------ keys, wheel, focus
    def _stepped(self, direction: int, modifiers: Qt.KeyboardModifier) -> None:
        if self.isReadOnly():
            return
        if self.isModified():
            problem, value = self._read()
            if problem:
                self._refuse(problem)
                return
        else:
            value = self._value
        if self._steps:
            value = _neighbour(self._steps, value, direction)
        else:
            step = self._step
            if modifiers & Qt.KeyboardModifier.ShiftModifier:
                step *= 10
            elif modifiers & Qt.KeyboardModifier.ControlModifier and not self._is_integer:
                step /= 10
            # Decimal steps should not leave 0.30000000000000004 behind.
            value = round(value + direction * step, 12)
        value = min(max(value, self._minimum), self._maximum)
        if not self._problem_with(value):
            self._take(value, self._burst.next())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._stepped(1 if key == Qt.Key.Key_Up else -1, event.modifiers())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not (
            event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self.commit()
            if not self.property("invalid"):
                self._show_value()
                self.selectAll()
        elif key == Qt.Key.Key_Escape and (self.is_in_hand() or self.property("invalid")):
            self._show_value()
            self.selectAll()
        elif key == Qt.Key.Key_Space and not self.isModified():
            event.ignore()  # nobody types here: the window may train
            return
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Without the focus the wheel scrolls the panel the field is in.
        if not self.hasFocus() or not event.angleDelta().y():
            event.ignore()
            return
        self._stepped(1 if event.angleDelta().y() > 0 else -1, event.modifiers())
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
            Qt.FocusReason.ShortcutFocusReason,
        ):
            self.selectAll()
        self._is_first_click = event.reason() == Qt.FocusReason.MouseFocusReason

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._is_pressed = False
            self.commit()
            self._burst.end()
        super().focusOutEvent(event)
        if event.reason() == Qt.FocusReason.PopupFocusReason:
            return
        if not self.property("invalid"):
            self._show_value()  # it may have changed meanwhile
        elif self.goes_back and event.reason() != Qt.FocusReason.ActiveWindowFocusReason:
            self._go_back(self._read()[0])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._is_pressed = True
        if 1000 * (time.monotonic() - self._double_clicked) < QApplication.doubleClickInterval():
            self.selectAll()  # a third click selects everything too
            return
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self._is_pressed = False
        # The click that brings the keyboard selects the number, so that typing replaces it; the
        # next one puts the cursor.
        if self._is_first_click and not self.hasSelectedText():
            self.selectAll()
        self._is_first_click = False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._double_clicked = time.monotonic()
        self.selectAll()

    def event(self, event: QEvent) -> bool:
        # Undo and redo belong to the text only while one is being typed, else to the document.
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and not self.isModified()
            and event.modifiers() & Qt.KeyboardModifier.ControlModifier
            and event.key() in (Qt.Key.Key_Z, Qt.Key.Key_Y)
        ):
            self.selectAll()  # so that the number of the undone step is shown
            event.ignore()
            return False
        return super().event(event)


def _neighbour(steps: Sequence[float], value: float, direction: int) -> float:
    if direction > 0:
        place = bisect.bisect_right(steps, value + 1e-12 * abs(value))
        return steps[min(place, len(steps) - 1)] if value < steps[-1] else value
    place = bisect.bisect_left(steps, value - 1e-12 * abs(value))
    return steps[max(place - 1, 0)] if value > steps[0] else value
