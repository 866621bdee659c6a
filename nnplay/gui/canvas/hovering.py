"""What is under the pointer, and the card that tells about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QPoint, QPointF, QRect, QTimer, Signal
from PySide6.QtWidgets import QWidget

from nnplay.gui.canvas.card_texts import edge_text, neuron_text
from nnplay.gui.canvas.hover_card import CardText, HoverCard
from nnplay.gui.canvas.layer_headers import LayerHeader
from nnplay.gui.canvas.scene import Hit, NetworkScene
from nnplay.gui.canvas.strips import Strip
from nnplay.gui.theme import Theme
from nnplay.picture.geometry import HALF

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["Hovering"]

FloatArray = npt.NDArray[np.float64]

# Room below a neuron for its number, in canvas pixels.
BELOW: Final = 18.0
# How many points stand for a connection that should stay in sight.
POINTS: Final = 12
DELAY: Final = 130
REFUSAL_STAYS: Final = 3500


class Hovering(QObject):
    """Keeps the scene, the session and the card informed about what the pointer is on.

    Signals:
        changed(): something else is under the pointer.
    """

    changed = Signal()

    def __init__(
        self,
        session: Session,
        theme: Theme,
        scene: NetworkScene,
        window: QWidget,
        box_of: Callable[[int], QRect],
        to_window: Callable[[QPointF], QPointF],
    ) -> None:
        """``box_of`` gives a neuron's body in window pixels, so that the card stays clear of it.

        ``to_window`` does the same for any point of the scene.
        """
        super().__init__(window)
        self._box_of, self._to_window = box_of, to_window
        self._session, self._scene, self._window = session, scene, window
        self.card = HoverCard(theme, window)
        self.hit = Hit()
        self.pointer = QPoint()
        self._hint = ""
        self._delay = self._timer(DELAY, self._show)
        self._refusal = self._timer(REFUSAL_STAYS, self.end_refusal)

    def _timer(self, interval: int, act: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval)
        timer.timeout.connect(act)
        return timer

    @property
    def says_refusal(self) -> bool:
        """Whether the card still says why something was refused."""
        return self._refusal.isActive()

    def enter(self, hit: Hit) -> None:
        """This is under the pointer now; an empty hit is nothing."""
        if hit != self.hit:
            neuron_changed = hit.neuron != self.hit.neuron
            self.hit = hit
            self._scene.set_hover(hit.neuron, hit.edge)
            if neuron_changed:
                self._session.hover(hit.neuron)
            self.changed.emit()
        if hit.neuron is None and hit.edge is None:
            self._delay.stop()
            if not self.says_refusal:
                self.card.hide()
        elif self.card.isVisible():
            self._show()
        else:
            self._delay.start()

    def forget_missing(self) -> None:
        """Leave what an edit has removed."""
        self.enter(self.hit if self._text() is not None else Hit())

    def refresh(self) -> None:
        """Write fresh numbers into the card if it is open."""
        if self.card.isVisible() and not self.card.text.is_refusal:
            text = self._text()
            if text is not None:
                self.card.say(text)

    def refuse(self, sentence: str) -> None:
        """Say at the pointer why something cannot be; an empty sentence takes it back."""
        self.hint("")
        if not sentence:
            self.end_refusal()
            return
        self._delay.stop()
        self.card.say(CardText(note=sentence, is_refusal=True))
        self.card.show_at(self.pointer, self._window.size())
        self._refusal.start()

    def hint(self, sentence: str) -> None:
        """Say at the pointer what can be done next; an empty sentence takes it back."""
        if not sentence:
            if self._hint and self.card.text.note == self._hint:
                self.card.hide()
            self._hint = ""
            return
        self._delay.stop()
        self._refusal.stop()
        self._hint = sentence
        self.card.say(CardText(note=sentence))
        self.card.show_at(self.pointer, self._window.size())

    def end_refusal(self) -> None:
        """Hide a refusal."""
        self._refusal.stop()
        if self.card.text.is_refusal:
            self.card.hide()

    def _text(self) -> CardText | None:
        topology, hit = self._session.network.topology, self.hit
        if hit.neuron is not None and hit.neuron in topology:
            text = neuron_text(self._session, hit.neuron)
            row = topology.row(hit.neuron)
            picture = self._scene.grids.weights_picture(row, self._scene.palette_of_roles)
            return text if picture is None else replace(text, picture=picture)
        if hit.edge is not None and topology.has_edge(*hit.edge):
            return edge_text(self._session, *hit.edge)
        return None

    def _show(self) -> None:
        text = self._text()
        if text is not None:
            self._refusal.stop()
            self.card.say(text)
            if self.hit.neuron is not None:
                box = self._box_of(self.hit.neuron)
                self.card.show_clear_of(box, self._window.size(), *self._studied(self.hit.neuron))
            else:
                self.card.show_at(self.pointer, self._window.size())

    def _studied(self, neuron_id: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """What a neuron's card should leave in sight, in window pixels.

        Returns the boxes of all other neurons with the numbers below them, ``float64[n, 4]``,
        points of the neuron's own connections, ``float64[m, 2]``, and the boxes of what floats
        above the network, ``float64[k, 4]``.
        """
        scene, topology = self._scene, self._scene.network.topology
        row = topology.row(neuron_id)
        places = np.delete(scene.places, row, axis=0)
        boxes = np.concatenate([places - HALF, places + np.array([HALF, HALF + BELOW])], axis=1)
        slots = np.concatenate([topology.incoming_slots[row], topology.outgoing_slots[row]])
        picture = scene.edges.picture
        points = np.empty((0, 2))
        if picture is not None and slots.size:
            drawn = slots[np.isin(slots, picture.drawn)].astype(np.int64)
            ends = picture.lines.ends_of(drawn)
            share = np.linspace(0.0, 1.0, POINTS)[:, None, None]
            points = (ends[:, :2] * (1.0 - share) + ends[:, 2:] * share).reshape(-1, 2)
        first, second = self._to_window(QPointF(0.0, 0.0)), self._to_window(QPointF(1.0, 1.0))
        origin = np.array([first.x(), first.y()])
        scale = second.x() - first.x()
        floating = [
            child.geometry().getCoords()
            for child in self._window.findChildren(QWidget)
            if isinstance(child, (LayerHeader, Strip)) and child.isVisible()
        ]
        return (
            boxes * scale + np.tile(origin, 2),
            points * scale + origin,
            np.array(floating, dtype=np.float64).reshape(-1, 4),
        )
