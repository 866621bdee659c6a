"""Why a neuron or a weight has its value, and what training will do to it next."""

from __future__ import annotations

from typing import Final, get_args

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QHideEvent, QKeyEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from nnplay.core.explained import MOST_TERMS, explain_edge, explain_neuron
from nnplay.core.explained_values import EdgeExplained, NeuronExplained
from nnplay.core.explaining import Scope, StepExplanation
from nnplay.core.losses import LOSSES
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.gui.panels.activation_plot import ActivationPlot
from nnplay.gui.panels.explain_copies import CopyButton
from nnplay.gui.panels.explain_rows import (
    ALL,
    Place,
    backward_rows,
    change_rows,
    edge_backward_rows,
    edge_forward_rows,
    forward_rows,
    loss_rows,
    step_rows,
    update_table_rows,
)
from nnplay.gui.panels.explain_sheet import ExplainSheet, Write
from nnplay.gui.panels.explain_trail import TrailLabel
from nnplay.gui.panels.explain_walk import LOSS, Walk
from nnplay.gui.panels.form import ScrollColumn, Section, link_button
from nnplay.gui.panels.probe_words import probe_place
from nnplay.gui.panels.refresh import Refresher
from nnplay.gui.panels.words import count, neuron_label, neuron_place
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import Choice, icon_button, label
from nnplay.session.explaining import EXPLAIN_KEY, Explained, ExplainWish
from nnplay.session.session import Session

__all__ = ["ExplainPanel"]

_SCOPES: Final = (
    ("sample", "This sample"),
    ("batch", "Next mini-batch"),
    ("all", "Whole training set"),
)
_ALL_TERMS: Final = 2000


class ExplainPanel(QWidget):
    """The chain rule, one place at a time.

    The place is the selected neuron or connection; with nothing selected it is the loss. Numbers
    lead to where they come from; Alt+Left and Alt+Right (and the mouse's own buttons) go back
    and forward.

    Signals:
        pointed(object): the connection a line speaks of, (source, target), or None.
    """

    pointed = Signal(object)

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._walk = Walk()
        self._found = Explained(None)
        self._wish: ExplainWish | None = None
        self._going = False
        self._lists_all = self._wants_focus = False
        self.setAccessibleName("Explain")
        self._build()
        self._show = Refresher(self, self._show_place)
        session.selection_changed.connect(self._selection_changed)
        session.document_replaced.connect(self._document_replaced)
        session.network_changed.connect(self._network_changed)
        session.probe_changed.connect(self._ask)
        session.data_changed.connect(self._ask)
        session.insight_arrived.connect(self._arrived)
        theme.changed.connect(self._show.request)
        self._selection_changed()

    # ------------------------------------------------------------------ what it is made of
    def _build(self) -> None:
        theme = self._theme
        self.back = icon_button(
            theme, "chevron_left", "Back (Alt+Left)", lambda: self._step(-1), self
        )
        self.forward = icon_button(
            theme, "chevron_right", "Forward (Alt+Right)", lambda: self._step(1), self
        )
        self.trail = TrailLabel(theme, self)
        self.trail.chosen.connect(self._jump)
        self.copies = CopyButton(self._session, theme, self)
        self.copies.set_text(self.text)
        ways = QHBoxLayout()
        ways.setContentsMargins(0, 0, 0, 0)
        ways.setSpacing(2)
        ways.addWidget(self.back)
        ways.addWidget(self.forward)
        ways.addWidget(self.trail, 1)
        ways.addWidget(self.copies)
        self.title = label("", "", self)
        self.title.setFont(theme.ui_font(15, QFont.Weight.DemiBold))
        self.place = label("", "small", self)
        self.place.setWordWrap(True)
        self.scope = Choice(_SCOPES, self, name="Which samples to explain")
        self.scope.setToolTip("One sample, the batch of the next step, or all training samples")
        self.scope.chosen.connect(self._ask)
        self.of = label("", "small", self)
        scopes = QHBoxLayout()
        scopes.setContentsMargins(0, 0, 0, 0)
        scopes.addWidget(self.scope)
        scopes.addWidget(self.of, 1)
        self.problem = label("", "secondary", self)
        self.problem.setWordWrap(True)
        self.order = link_button("largest first", self._turn_order, self)
        self.order.setToolTip("Sort terms by size, or leave them in the network’s order")
        self.start = link_button("Start at the loss", lambda: self._go(LOSS), self)
        self.start.setToolTip("Walk the chain rule from the loss")
        self.plot = ActivationPlot(theme, self, draws_tangent=True)
        self.sheets: dict[str, ExplainSheet] = {}
        self._sections: dict[str, Section] = {}
        self.area = ScrollColumn(self)
        column = self.area.column
        for name, caption, words in (
            ("forward", "Forward", "How the value comes about"),
            ("backward", "Backward", "How the loss depends on it"),
            ("update", "Update", "What the next step changes"),
            ("change", "Change of the loss", "Predicted and actual change of the loss"),
        ):
            section = Section(caption, self)
            sheet = ExplainSheet(theme, words, self)
            sheet.followed.connect(self._follow)
            sheet.pointed.connect(self.pointed)
            sheet.focus_moved.connect(self._keep_in_sight)
            section.body.addWidget(sheet)
            self.sheets[name], self._sections[name] = sheet, section
        self._sections["forward"].head.addWidget(self.order)
        self._sections["forward"].body.addWidget(self.plot)
        self._sections["backward"].head.addWidget(self.start)
        column.addWidget(self.title)
        column.addWidget(self.place)
        column.addWidget(self._sections["forward"])
        column.addWidget(self._sections["backward"])
        column.addWidget(self.problem)
        column.addWidget(self._sections["update"])
        column.addWidget(self._sections["change"])
        column.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(ways)
        layout.addLayout(scopes)
        layout.addWidget(self.area, 1)

    def sizeHint(self) -> QSize:
        return QSize(312, 480)

    # ------------------------------------------------------------------ where one is
    @property
    def at(self) -> Place:
        """The place explained: a neuron (id,), a connection (source, target), () for the loss."""
        return self._walk.place

    @property
    def found(self) -> Explained:
        """What is shown."""
        return self._found

    def _exists(self, place: Place) -> bool:
        topology = self._session.network.topology
        if len(place) == 2:
            return topology.has_edge(*place)
        return not place or place[0] in topology

    def _selection_changed(self) -> None:
        if self._going:
            return
        selection = self._session.selection
        if len(selection.neurons) + len(selection.edges) > 1:
            return  # one cannot be at several places; the latest one stays
        place: Place = LOSS
        if selection.neurons:
            place = (next(iter(selection.neurons)),)
        elif selection.edges:
            place = next(iter(selection.edges))
        self._walk.go(place)
        self._arrive()

    def _follow(self, place: Place) -> None:
        if place == ALL:
            self._lists_all = True
            self._show_place()
        else:
            self._go(place)

    def _go(self, place: Place) -> None:
        if self._exists(place):
            self._walk.go(place)
            self._arrive(select=True)

    def _step(self, way: int) -> None:
        self._walk.step(way)
        self._arrive(select=True)

    def _jump(self, number: int) -> None:
        self._walk.jump(number)
        self._arrive(select=True)

    def _arrive(self, *, select: bool = False) -> None:
        """Show the place one is at, and let it be selected on the canvas."""
        self._lists_all = False
        place = self._walk.place
        if select:
            self._going = True
            neurons = place if len(place) == 1 else ()
            self._session.select(neurons, [(place[0], place[1])] if len(place) == 2 else ())
            self._going = False
        self.pointed.emit(None)
        self.area.verticalScrollBar().setValue(0)
        self._ask()
        self._show_place()

    def _network_changed(self) -> None:
        self._walk.keep(self._exists)
        self._ask()

    def _document_replaced(self) -> None:
        self._walk = Walk()
        self._found = Explained(None)
        self._selection_changed()

    # ------------------------------------------------------------------ asking
    def _ask(self, *_: object) -> None:
        """Say what is wanted, while somebody looks."""
        if not self.isVisible():
            return
        chosen = self.scope.value()
        scope: Scope = next(name for name in get_args(Scope) if name == chosen)
        topology, place = self._session.network.topology, self._walk.place
        focus: tuple[int, ...] = ()
        if len(place) == 2 and topology.has_edge(*place):
            focus = (topology.edge_slot(place[0], place[1]),)
        elif len(place) == 1 and place[0] in topology:
            row = topology.row(place[0])
            bias = int(topology.bias_slots[row])
            slots = topology.incoming_slots[row].tolist()
            focus = (*slots, bias) if bias >= 0 else ()
        probe = self._session.probe.raw if scope == "sample" else ()
        self._wish = ExplainWish(scope, focus, probe)
        self._session.watch(EXPLAIN_KEY, self._wish)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._session.watch(EXPLAIN_KEY, None)
        self.pointed.emit(None)

    def _arrived(self, key: object, value: object) -> None:
        if key == EXPLAIN_KEY and isinstance(value, Explained):
            self._found = value
            self._show.request()

    # ------------------------------------------------------------------ showing
    def neuron(self, step: StepExplanation) -> NeuronExplained:
        """The neuron one is at."""
        most = _ALL_TERMS if self._lists_all else MOST_TERMS
        order = "size" if self.order.text() == "largest first" else "place"
        return explain_neuron(step, self.at[0], order=order, most=most)  # type: ignore[arg-type]

    def _turn_order(self) -> None:
        by_size = self.order.text() == "largest first"
        self.order.setText("in order" if by_size else "largest first")
        self._show_place()

    def _show_place(self) -> None:
        place, step = self.at, self._found.step
        self.back.setEnabled(self._walk.can_go_back)
        self.forward.setEnabled(self._walk.can_go_forward)
        self.trail.show_trail(
            [(number, self._name(there)) for number, there in self._walk.trail(12)]
        )
        self.title.setText(self._name(place))
        self.place.setText(self._words(place))
        self.of.setText(self._samples_text())
        self.problem.setText(self._found.problem)
        self.problem.setVisible(bool(self._found.problem))
        if step is None or not _knows(step, place):
            for name in self._sections:
                self._sections[name].hide()
            self.copies.setEnabled(False)
            return
        self.copies.setEnabled(True)
        if len(place) == 2:
            edge = explain_edge(step, place[0], place[1])
            self._show_edge(step, edge)
            self.copies.show_seen(step, edge)
        elif place:
            seen = self.neuron(step)
            self._show_neuron(step, seen)
            self.copies.show_seen(step, seen)
        else:
            self._show_loss(step)
            self.copies.show_seen(step, None)
        self.start.setVisible(bool(place))
        if self._wants_focus and self.scope.hasFocus():
            self.focus_lines()
        self._wants_focus = False

    def _show_sheet(self, name: str, write: Write | None, caption: str = "") -> None:
        self._sections[name].setVisible(write is not None)
        if write is not None:
            self.sheets[name].show_lines(write)
        if caption:
            self._sections[name].set_caption(caption)

    def _show_neuron(self, step: StepExplanation, seen: NeuronExplained) -> None:
        self._show_sheet("forward", lambda n: forward_rows(step, seen, n), "Forward")
        self.order.setVisible(bool(seen.incoming.terms))
        shows_curve = seen.bias is not None and seen.enabled and not seen.group
        self.plot.setVisible(shows_curve)
        if shows_curve:
            self.plot.show_point(seen.activation, seen.z if step.count == 1 else float("nan"))
        has_way_back = step.averages.loss is not None
        self._show_sheet(
            "backward", (lambda n: backward_rows(step, seen, n)) if has_way_back else None
        )
        if not has_way_back or seen.bias is None:
            self._show_sheet("update", None)
            self._show_sheet("change", None)
            return
        bias = seen.parameters[-1]

        def update(columns: int) -> list:  # type: ignore[type-arg]
            table = update_table_rows(step, seen, columns)
            return table + step_rows(step, bias, columns, "bias in full")

        self._show_sheet("update", update, self._update_caption(step))
        self._show_sheet("change", lambda n: change_rows(step, n, "this neuron"))

    def _show_edge(self, step: StepExplanation, seen: EdgeExplained) -> None:
        self.plot.hide()
        self.order.hide()
        self._show_sheet("forward", lambda n: edge_forward_rows(step, seen, n), "Forward")
        has_way_back = step.averages.loss is not None
        self._show_sheet(
            "backward", (lambda n: edge_backward_rows(step, seen, n)) if has_way_back else None
        )
        if not has_way_back:
            self._show_sheet("update", None)
            self._show_sheet("change", None)
            return
        self._show_sheet(
            "update",
            lambda n: step_rows(step, seen.parameter, n),
            self._update_caption(step),
        )
        self._show_sheet("change", lambda n: change_rows(step, n, "this weight"))

    def _show_loss(self, step: StepExplanation) -> None:
        self.plot.hide()
        self.order.hide()
        self._show_sheet("forward", lambda n: loss_rows(step, n), "Outputs and targets")
        for name in ("backward", "update", "change"):
            self._show_sheet(name, None)
        if step.update is not None:
            self._show_sheet("change", lambda n: change_rows(step, n))

    def _update_caption(self, step: StepExplanation) -> str:
        update = step.update
        number = f", step {update.number:,}" if update is not None else ""
        return f"Update · {OPTIMIZERS[step.config.optimizer].title}{number}"

    def _name(self, place: Place) -> str:
        network = self._session.network
        if not place:
            return "Loss"
        names = [neuron_label(network, i) for i in place if i in network.topology]
        return " → ".join(names)

    def _words(self, place: Place) -> str:
        network = self._session.network
        if not place:
            return (
                f"{LOSSES[self._session.training.loss].title}. Choose an output here, or a neuron "
                "or connection on the canvas."
            )
        if not self._exists(place):
            return ""
        return neuron_place(network, place[0]) if len(place) == 1 else "Connection"

    def _samples_text(self) -> str:
        if self.scope.value() == "sample":
            return probe_place(self._session)
        step = self._found.step
        if step is None or step.scope != self.scope.value():
            return ""
        dropout = ", with dropout" if step.has_dropout else ""
        return f"means over {count(step.count, 'sample')}{dropout}"

    def text(self) -> str:
        """Everything shown as plain text with six decimals."""
        parts = [f"{self._name(self.at)}  ({self._samples_text()})"]
        for name, section in self._sections.items():
            if not section.isHidden():
                parts += ["", section.caption(), self.sheets[name].text()]
        return "\n".join(parts)

    # ------------------------------------------------------------------ keyboard and mouse
    def focus_lines(self) -> None:
        """Put the keyboard on the first line that leads somewhere."""
        sheet = next((s for s in self.sheets.values() if s.isVisible()), None)
        self._wants_focus = sheet is None  # as soon as there are lines
        (sheet or self.scope).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _keep_in_sight(self, y: float) -> None:
        sheet = self.sender()
        if isinstance(sheet, ExplainSheet):
            place = sheet.mapTo(self.area.content, sheet.rect().topLeft())
            self.area.ensureVisible(place.x() + 10, place.y() + int(y), 10, 40)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.modifiers() == Qt.KeyboardModifier.AltModifier and event.key() in (
            Qt.Key.Key_Left,
            Qt.Key.Key_Right,
        ):
            self._step(-1 if event.key() == Qt.Key.Key_Left else 1)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.BackButton, Qt.MouseButton.ForwardButton):
            self._step(-1 if event.button() == Qt.MouseButton.BackButton else 1)
        else:
            super().mousePressEvent(event)


def _knows(step: StepExplanation, place: Place) -> bool:
    topology = step.network.topology
    if len(place) == 2:
        return topology.has_edge(*place)
    return not place or place[0] in topology
