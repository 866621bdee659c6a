"""What the window does for a calculation by hand: the bar and the canvas come with the first one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from nnplay.gui.main_window import MainWindow
    from nnplay.gui.step_bar import StepBar

__all__ = ["StepActions"]

EXAMPLE: Final = "single-neuron"
LOW_STAGE: Final = 540
"""On a lower stage the plots make room: the numbers on the canvas are what it is about."""


class StepActions:
    """Verbs of the Train menu; going on or playing opens what is closed."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.bar: StepBar | None = None
        self.has_hidden_plots = False

    def open(self) -> bool:
        """Follow the probe, or the next training sample, from the start."""
        if not self._window.session.stepper.open():
            return False
        self._make()
        self._make_room()
        self._window.focus_canvas()
        return True

    def open_example(self) -> None:
        """Follow the numbers of a single neuron by hand."""
        self._window.files.show_example(EXAMPLE)
        if self._window.session.title == self._example_title():
            self.open()

    def next(self) -> None:
        """Compute the next number."""
        if self._is_open():
            self._window.session.stepper.next()

    def back(self) -> None:
        """Take the latest number back."""
        stepper = self._window.session.stepper
        if stepper.is_open:
            stepper.back()

    def play(self) -> None:
        """Go on by itself, or pause."""
        if self._is_open():
            self._window.session.stepper.toggle()

    def apply(self) -> None:
        """Really make the update that has been followed."""
        self._window.session.stepper.apply()

    def _is_open(self) -> bool:
        return self._window.session.stepper.is_open or self.open()

    def _make(self) -> None:
        if self.bar is not None:
            return
        from nnplay.gui.step_bar import StepBar

        window = self._window
        window.views.canvas.attach_steps()
        self.bar = StepBar(window.session, window.theme, window.workbench.stage)
        window.workbench.stage_layout.insertWidget(0, self.bar)
        window.session.stepper.changed.connect(self._give_room_back)

    def _make_room(self) -> None:
        """Hide the plots while a low window steps; whoever wants them shows them again."""
        window = self._window
        is_low = window.workbench.stage.height() < LOW_STAGE
        if is_low and window.actions_table["show_bottom"].isChecked():
            self.has_hidden_plots = True
            self._show_plots(False)

    def _give_room_back(self) -> None:
        if self.has_hidden_plots and not self._window.session.stepper.is_open:
            self.has_hidden_plots = False
            self._show_plots(True)

    def _show_plots(self, shows: bool) -> None:
        self._window.actions_table["show_bottom"].setChecked(shows)
        self._window.show_part("bottom")

    @staticmethod
    def _example_title() -> str:
        from nnplay.examples import EXAMPLES

        return next(example.title for example in EXAMPLES if example.name == EXAMPLE)
