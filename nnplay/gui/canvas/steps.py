"""Keeps the canvas in step with a calculation by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QEasingCurve, QObject, QPointF, QVariantAnimation
from PySide6.QtGui import QFont, QFontMetricsF

from nnplay.core.step_plan import Does, Known, Phase, Step, StepPlan
from nnplay.core.step_words import number
from nnplay.core.topology import Kind
from nnplay.gui.canvas.step_mark import Chip, StepMark, StepPicture
from nnplay.picture.fonts import ui_font
from nnplay.picture.geometry import HALF
from nnplay.picture.neurons import LabelPlace

if TYPE_CHECKING:
    from nnplay.gui.canvas.view import CanvasView

__all__ = ["CanvasSteps"]

FLOW_TIME: Final = 420
# More numbers than this hide what they are about.
MOST_CHIPS: Final = 48
MOST_GLOWING: Final = 200
MOST_DOTS: Final = 24
FEW_EDGES: Final = 40
FRAME: Final = HALF + 4.0
_ON_EDGES: Final = (Does.TERM, Does.CHAIN, Does.GRADIENT, Does.UPDATE)
_NOWHERE: Final = np.empty(0, dtype=np.int64)


class CanvasSteps(QObject):
    """Shows where the session's stepper stands: unknown neurons, glowing edges, numbers."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view, self._scene = view, view.network_scene
        self._stepper = view.session.stepper
        self.mark = StepMark(view.theme.palette)
        self.mark.hide()
        self._scene.addItem(self.mark)
        self._was_open = False
        self._flow = QVariantAnimation(self)
        self._flow.setDuration(FLOW_TIME)
        self._flow.setEasingCurve(QEasingCurve.Type.InOutQuad)
        self._flow.setStartValue(0.0)
        self._flow.setEndValue(1.0)
        self._flow.valueChanged.connect(self._flow_on)
        self._flow.finished.connect(self._flow_end)
        self._stepper.changed.connect(self._show_all)
        self._stepper.moved.connect(self._show_move)
        view.presenter.rebuilt.connect(self.refresh)
        view.presenter.moved.connect(self.refresh)
        view.presenter.turned.connect(self.refresh)
        view.transition.moved.connect(self.refresh)
        view.theme.changed.connect(self._recolour)

    def escape(self) -> bool:
        """Close the stepper; False if it is not open."""
        is_open = self._stepper.is_open
        self._stepper.close()
        return is_open

    def refresh(self) -> None:
        """Show the present position again: neurons may stand elsewhere."""
        plan = self._stepper.plan
        scene = self._scene
        if plan is None or plan.network.topology is not scene.network.topology:
            scene.set_stepped(None)
            scene.edges.set_taken(_NOWHERE)
            self.mark.hide()
            return
        known = plan.known(self._stepper.position)
        scene.set_stepped(known.a)
        picture, taken = self._picture(plan, known)
        scene.edges.set_taken(taken)
        edges = scene.edges.picture
        self.mark.show_picture(picture, None if edges is None else edges.lines)
        self.mark.show()
        scene.update()

    # ------------------------------------------------------------------ following
    def _show_all(self) -> None:
        is_open = self._stepper.is_open
        self._flow.stop()
        self.mark.set_flow(None)
        self.refresh()
        if is_open != self._was_open:
            self._was_open = is_open
            if self._view.navigation.is_fitted:
                self._view.fit()

    def _show_move(self) -> None:
        self._flow.stop()
        self.mark.set_flow(None)
        self.refresh()
        count = len(self.mark.picture.glowing)
        if 0 < count <= MOST_DOTS and not self._view.transition.is_reduced:
            self._flow.start()

    def _flow_on(self, share: float) -> None:
        self.mark.set_flow(share)

    def _flow_end(self) -> None:
        self.mark.set_flow(None)

    def _recolour(self) -> None:
        self.mark.set_palette(self._view.theme.palette)

    # ------------------------------------------------------------------ what to draw
    def _picture(self, plan: StepPlan, known: Known) -> tuple[StepPicture, np.ndarray]:
        present = self._stepper.present
        steps = [plan[i] for i in present[-MOST_GLOWING:]]
        edge_count = plan.network.topology.edge_count
        on_edges = {
            step.slot: step
            for step in steps
            if step.does in _ON_EDGES and 0 <= step.slot < edge_count
        }
        glowing = {slot: _sign(step.value) for slot, step in on_edges.items()}
        others = np.flatnonzero(~np.isnan(known.edges)) if edge_count <= FEW_EDGES else _NOWHERE
        name = "Δ " if self._stepper.phase == Phase.UPDATE else ""
        texts = {int(slot): name + number(float(known.edges[slot])) for slot in others}
        single = len(on_edges) == 1
        for slot, step in on_edges.items():
            texts[slot] = _edge_text(plan, step) if single else name + number(step.value)
        slots = np.array(sorted(texts), dtype=np.int64)
        if slots.size > MOST_CHIPS:
            slots = np.array(sorted(on_edges), dtype=np.int64)[:MOST_CHIPS]
        places = self._scene.edges.places_for(slots)
        chips = [
            Chip(
                QPointF(*place),
                texts[slot],
                glowing.get(slot, _sign(float(known.edges[slot]))),
                slot in on_edges,
            )
            for slot, place in zip(slots.tolist(), places.tolist(), strict=True)
        ]
        last = {row: step for step in steps for row in _rows(plan, step)}
        chips += self._sums(plan, known, last)
        chips += self._loss(plan, known)
        framed = tuple((self._place(row), FRAME) for row in list(last)[:MOST_CHIPS])
        backwards = self._stepper.phase == Phase.BACKWARD
        return StepPicture(glowing, backwards, tuple(chips), framed), slots

    def _place(self, row: int) -> QPointF:
        x, y = self._scene.places[row].tolist()
        return QPointF(x, y)

    def _sums(self, plan: StepPlan, known: Known, last: dict[int, Step]) -> list[Chip]:
        """What has been summed up at each neuron of the move, above its tile.

        ``last`` is the move's last step at each of them, by row.
        """
        above = QPointF(0.0, -HALF - 15.0)
        chips = []
        for row, step in list(last.items())[:MOST_CHIPS]:
            text, value = _sum_text(plan, known, step, row)
            if text:
                chips.append(Chip(self._place(row) + above, text, _sign(value), above=True))
        if self._stepper.phase == Phase.BACKWARD and plan.network.topology.edge_count <= FEW_EDGES:
            # δ stays where it was found.
            for row in np.flatnonzero(~np.isnan(known.delta)).tolist():
                if row not in last:
                    text = f"δ {number(float(known.delta[row]))}"
                    sign = _sign(float(known.delta[row]))
                    chips.append(
                        Chip(self._place(row) + above, text, sign, strong=False, above=True)
                    )
        return chips

    def _loss(self, plan: StepPlan, known: Known) -> list[Chip]:
        """The loss right of the outputs."""
        if plan.trace.loss is None:
            return []
        scene = self._scene
        rows = np.flatnonzero(plan.network.topology.kinds == Kind.OUTPUT)
        places = scene.places[rows]
        centre = QPointF(float(places[:, 0].max()), float(places[:, 1].mean()))
        text = f"L = {number(known.loss)}"
        strong = self._stepper.phase == Phase.LOSS
        if scene.downwards:
            place = QPointF(float(places[:, 0].mean()), float(places[:, 1].max()) + HALF + 42.0)
            return [Chip(place, text, 0, strong)]
        metrics = QFontMetricsF(ui_font(13, QFont.Weight.Medium))
        looks = [item.look for i, item in scene.neuron_items.items() if i in _outputs(plan)]
        names = [
            metrics.horizontalAdvance(look.label)
            for look in looks
            if look.label_place is LabelPlace.RIGHT
        ]
        across = HALF + 12.0 + (max(names) + 12.0 if names else 0.0)
        return [Chip(centre + QPointF(across, 0.0), text, 0, strong, from_left=True)]


def _outputs(plan: StepPlan) -> frozenset[int]:
    return frozenset(plan.network.topology.output_ids)


def _sign(value: float) -> int:
    return int(np.sign(value)) if value == value else 0


def _edge_text(plan: StepPlan, step: Step) -> str:
    """The whole product where only one edge glows."""
    network, trace = plan.network, plan.trace
    source, target = network.topology.edge_rows[step.slot].tolist()
    result = number(step.value)
    if step.does == Does.UPDATE:
        return f"Δw {result}"
    weight = float(network.theta[step.slot])
    first, second = {
        Does.TERM: (float(trace.a[source]), weight),
        Does.CHAIN: (float(trace.delta[target]), weight),
        Does.GRADIENT: (float(trace.delta[target]), float(trace.a[source])),
    }[step.does]
    return f"{number(first)} · {number(second, factor=True)} = {result}"


def _rows(plan: StepPlan, step: Step) -> list[int]:
    """The neurons a step happens at: one, all of a softmax group, or none."""
    if step.does in (Does.SOFTMAX, Does.SOFTMAX_DELTA):
        return [int(row) for row in plan.softmax_rows]
    return [step.row] if step.row >= 0 else []


def _sum_text(plan: StepPlan, known: Known, step: Step, row: int) -> tuple[str, float]:
    """What stands above a neuron after a step, and the number its colour is about."""
    if step.does == Does.TERM:
        return f"Σ = {number(step.running)}", step.running
    if step.does == Does.SOFTMAX:
        return f"a = {number(float(known.a[row]))}", 1.0
    if step.does in (Does.BIAS, Does.ACTIVATION):
        z = float(plan.trace.z[row])
        return f"z = {number(z)}", z
    if step.does in (Does.OWN, Does.CHAIN):
        return f"∂L/∂a = {number(step.running)}", step.running
    if step.does == Does.UPDATE:
        if step.slot < plan.network.topology.edge_count:
            return "", 0.0
        return f"b → {number(step.running)}", step.running
    if step.does == Does.LOSS_SHARE:
        return f"loss {number(step.value)}", 0.0
    delta = float(known.delta[row])
    return f"δ = {number(delta)}", delta
