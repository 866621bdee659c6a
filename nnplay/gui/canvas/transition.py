"""Neurons glide to new places, so that the eye can follow who goes where."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QEasingCurve, QObject, QPointF, QVariantAnimation, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QStyle

from nnplay.gui.canvas.navigation import Navigation
from nnplay.gui.canvas.scene import NetworkScene
from nnplay.session.settings import Settings

__all__ = ["Transition"]

Position = tuple[float, float]

DURATION: Final = 200
# Moving more neurons than this takes longer than a frame.
MOST_NEURONS: Final = 400
MOST_EDGES: Final = 4000
# A nudge by the arrow keys is no journey.
NEAREST: Final = 24.0
PREFERENCE: Final = "motion"
ENVIRONMENT: Final = "NNPLAY_REDUCE_MOTION"


class Transition(QObject):
    """Takes neurons from where they were seen to where they belong now.

    Whoever changes places calls :meth:`note` before and :meth:`go` after the scene has taken the
    new ones. What is noted are places in the window, so that nothing jumps when the view is
    fitted anew. Another journey starts where neurons are at that moment; :meth:`finish` ends one.

    Signals:
        moved(): neurons have been moved on.
    """

    moved = Signal()

    def __init__(
        self,
        scene: NetworkScene,
        navigation: Navigation,
        settings: Settings,
        is_grabbed: Callable[[], bool],
        parent: QObject,
    ) -> None:
        """``is_grabbed`` says whether the pointer holds something: then everything jumps."""
        super().__init__(parent)
        self._scene, self._navigation, self._settings = scene, navigation, settings
        self._is_grabbed = is_grabbed
        self._seen: dict[int, QPointF] = {}
        self._start: dict[int, Position] = {}
        self._end: dict[int, Position] = {}
        self._animation = QVariantAnimation(self)
        self._animation.setDuration(DURATION)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.valueChanged.connect(self._step)
        self._animation.finished.connect(self._arrive)

    # ------------------------------------------------------------------ whether at all
    @property
    def is_reduced(self) -> bool:
        """Whether neurons jump: by choice, else as the desktop and the environment wish."""
        choice = self._settings.text(PREFERENCE)
        if choice:
            return choice == "reduced"
        if os.environ.get(ENVIRONMENT) or QGuiApplication.platformName() == "offscreen":
            return True
        style = QApplication.style()
        return style.styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) == 0

    def set_reduced(self, reduced: bool) -> None:
        """Choose; remembered for the next start."""
        self._settings.set_text(PREFERENCE, "reduced" if reduced else "full")
        if reduced:
            self.finish()

    @property
    def is_running(self) -> bool:
        """Whether neurons are on their way."""
        return bool(self._end)

    def leads_to(self, places: Mapping[int, Position]) -> bool:
        """Whether neurons are on their way to exactly these places."""
        return self.is_running and self._end == places

    # ------------------------------------------------------------------ journeys
    def note(self) -> None:
        """Remember where neurons are seen now."""
        self._seen = {}
        few = len(self._scene.positions) <= MOST_NEURONS
        if few and not self._is_grabbed() and not self.is_reduced:
            to_window = self._navigation.to_window
            self._seen = {i: to_window(QPointF(*p)) for i, p in self._scene.positions.items()}
        self._stop()

    def go(self) -> None:
        """Take neurons from where they were noted to where the scene has them."""
        seen, self._seen = self._seen, {}
        target = dict(self._scene.positions)
        if not seen or len(target) > MOST_NEURONS or self._edge_count() > MOST_EDGES:
            return
        start = {}
        farthest = 0.0
        for neuron_id, place in target.items():
            window = seen.get(neuron_id)
            if window is None:
                start[neuron_id] = place  # newcomers are where they belong at once
                continue
            was = self._navigation.to_scene(window)
            start[neuron_id] = was.x(), was.y()
            farthest = max(farthest, abs(was.x() - place[0]), abs(was.y() - place[1]))
        if farthest < NEAREST:
            return
        self._start, self._end = start, target
        self._show(start)
        self._animation.start()

    def finish(self) -> None:
        """Be there at once, for example because somebody grabs a neuron."""
        if self.is_running:
            end = self._end
            self._stop()
            self._show(end)

    def _edge_count(self) -> int:
        return self._scene.network.topology.edge_count

    def _stop(self) -> None:
        self._end = {}
        self._animation.stop()

    def _step(self, share: float) -> None:
        if not self.is_running:
            return
        places = {}
        for neuron_id, (x, y) in self._end.items():
            x0, y0 = self._start[neuron_id]
            places[neuron_id] = x0 + (x - x0) * share, y0 + (y - y0) * share
        self._show(places)

    def _arrive(self) -> None:
        self.finish()

    def _show(self, places: Mapping[int, Position]) -> None:
        if places.keys() == self._scene.positions.keys():
            self._scene.move_to(places)
            self.moved.emit()
