"""What the network would lose without each neuron or connection, and pruning what it does not need."""

from __future__ import annotations

from typing import Literal, cast

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from nnplay.core.ablation import Ablation, Without
from nnplay.core.network import Network
from nnplay.gui.dialogs.segments import Segments
from nnplay.gui.panels.ranking import RankList, RankRow
from nnplay.gui.panels.words import count, neuron_label, plain_number
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label
from nnplay.session.session import Session

__all__ = ["AblationPage"]

_START = (
    "Measure what the loss would be without each neuron or connection. The network stays as it is."
)


class AblationPage(QWidget):
    """Starts measuring, shows the ranking, and prunes what is selected in it."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._network: Network | None = None
        self._measured: Network | None = None
        self.outcome: Ablation | None = None
        self.subject = Segments(
            (
                ("neurons", "Neurons", "Leave out one input or hidden neuron after the other"),
                ("edges", "Connections", "Leave out one connection after the other"),
            ),
            "Leave out",
            self,
            width=64,
        )
        self.subject.chosen.connect(self._other_subject)
        self.measure = QPushButton("Measure", self)
        self.measure.clicked.connect(self._measure_or_cancel)
        self.progress = QProgressBar(self)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.progress.setAccessibleName("Progress of measuring")
        self.progress.hide()
        self.note = label(_START, "secondary", self)
        self.note.setWordWrap(True)
        self.list = RankList(
            theme, "Ranking, least needed first", self, is_signed=True, several=True
        )
        self.list.chosen.connect(self._select)
        self.list.hide()
        self.switch_off = QPushButton("Switch off", self)
        self.switch_off.setToolTip("They give 0 and keep their numbers; one step to undo")
        self.switch_off.clicked.connect(self._switch_off)
        self.prune = QPushButton("Prune these", self)
        self.prune.setToolTip("Remove them; one step to undo")
        self.prune.clicked.connect(self._prune)
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self.subject, 1)
        top.addWidget(self.measure)
        foot = QHBoxLayout()
        foot.setSpacing(6)
        foot.addWidget(self.switch_off, 1)
        foot.addWidget(self.prune, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(top)
        layout.addWidget(self.progress)
        layout.addWidget(self.note)
        layout.addWidget(self.list, 1)
        layout.addLayout(foot)
        layout.addStretch(0)
        self._spare = layout
        inquiry = session.insight.ablation
        inquiry.changed.connect(self._show)
        inquiry.advanced.connect(self._advance)
        inquiry.found.connect(self._found)
        inquiry.failed.connect(self._failed)
        session.network_changed.connect(self._network_changed)
        session.frame_arrived.connect(self._network_changed)
        session.document_replaced.connect(self.forget)
        self._show()

    # ------------------------------------------------------------------ measuring
    def _other_subject(self, _: str) -> None:
        self._session.insight.ablation.cancel()
        self.forget()

    def forget(self) -> None:
        """Nothing is measured any more."""
        self.outcome = self._measured = None
        self.list.show_rows(())
        self.note.setText(_START)
        self._show()

    def _measure_or_cancel(self) -> None:
        insight = self._session.insight
        if insight.ablation.is_running:
            insight.ablation.cancel()
            return
        self._network = self._session.network
        self.progress.setRange(0, 0)
        insight.ablate(cast(Literal["neurons", "edges"], self.subject.value()))

    def _advance(self, done: int, total: int) -> None:
        self.progress.setRange(0, total)
        self.progress.setValue(done)

    def _failed(self, sentence: str) -> None:
        self.note.setText(sentence or "Given up. Measure again whenever you like.")
        self._show()

    def _found(self, result: Ablation) -> None:
        network = self._network
        if network is None or network.topology is not self._session.network.topology:
            self.forget()
            return
        self.outcome, self._measured = result, network
        finite = [abs(t.change) for t in result.trials if abs(t.change) < float("inf")]
        largest = max(finite, default=0.0) or 1.0
        self.list.show_rows(
            [
                RankRow(
                    t.slot if t.neuron is None else t.neuron,
                    self._name(network, t),
                    signed(t.change),
                    t.change / largest if t.change == t.change else 1.0,
                    self._tip(t),
                )
                for t in result.trials
            ]
        )
        self._tell()
        self._show()

    def _name(self, network: Network, trial: Without) -> str:
        if trial.neuron is not None:
            return neuron_label(network, trial.neuron)
        assert trial.slot is not None  # noqa: S101
        source, target = network.topology.edges[trial.slot].tolist()
        return f"{neuron_label(network, source)} → {neuron_label(network, target)}"

    def _tip(self, trial: Without) -> str:
        text = f"Without it the loss is {plain_number(trial.loss, 4)}"
        if trial.accuracy is not None:
            text += f" and {trial.accuracy:.1%} of the samples are right"
        return text + "."

    def _tell(self) -> None:
        result = self.outcome
        if result is None:
            return
        if self._session.network is not self._measured:
            self.note.setText("The network has changed since. Measure again for new numbers.")
            return
        text = f"Growth of the loss ({plain_number(result.loss, 3)} with all"
        if result.accuracy is not None:
            text += f", {result.accuracy:.1%} right"
        samples = f"{result.samples:,}"
        if result.samples < result.total:
            samples += f" of {result.total:,}"
        self.note.setText(f"{text}) without each, on {samples} samples; least needed first.")

    def _network_changed(self, *_: object) -> None:
        if self._measured is None:
            return
        if self._session.network.topology is not self._measured.topology:
            self.forget()
        else:
            self._tell()

    # ------------------------------------------------------------------ pruning
    @property
    def _chosen_slots(self) -> list[int]:
        return [key for key in self.list.chosen_keys() if isinstance(key, int)]

    def _select(self, _: object) -> None:
        keys, network = self._chosen_slots, self._session.network
        if self.outcome is not None and keys:
            if self.outcome.subject == "neurons":
                self._session.select(keys, ())
            else:
                pairs = [tuple(network.topology.edges[slot].tolist()) for slot in keys]
                self._session.select((), pairs)
        self._show()

    def _switch_off(self) -> None:
        keys = self._chosen_slots
        if self.outcome is None or not keys:
            return
        if self.outcome.subject == "neurons":
            self._session.set_neurons_enabled(keys, False)
        else:
            self._session.set_enabled(keys, False)

    def _prune(self) -> None:
        keys, edges = self._chosen_slots, self._session.network.topology.edges
        if self.outcome is None or not keys:
            return
        if self.outcome.subject == "neurons":
            self._session.remove(keys, ())
        else:
            self._session.remove((), [tuple(edges[slot].tolist()) for slot in keys])

    def _show(self) -> None:
        running = self._session.insight.ablation.is_running
        self.measure.setText("Cancel" if running else "Measure")
        self.progress.setVisible(running)
        has_result = self.outcome is not None
        self.list.setVisible(has_result)
        self._spare.setStretch(self._spare.count() - 1, 0 if has_result else 1)
        chosen = len(self._chosen_slots)
        what = "neuron" if self.subject.value() == "neurons" else "connection"
        for button, verb in ((self.switch_off, "Switch off"), (self.prune, "Prune")):
            button.setVisible(has_result)
            button.setEnabled(chosen > 0)
            button.setText(verb if not chosen else f"{verb} {chosen:,}")
            button.setAccessibleName(f"{verb} {count(chosen, what)}")


def signed(value: float) -> str:
    """A number with its sign always written."""
    text = plain_number(value, 2)
    return text if text.startswith("−") or not value else f"+{text}"
