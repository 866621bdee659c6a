"""The probe looked into: its values to change, the slopes of an output, the smallest change that flips it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from nnplay.core.saliency import Counterfactual
from nnplay.gui.panels.form import Section
from nnplay.gui.panels.health_ablation import signed
from nnplay.gui.panels.probe_editor import ProbeEditor
from nnplay.gui.panels.ranking import RankList, RankRow
from nnplay.gui.panels.words import neuron_label, plain_number
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import Choice, label
from nnplay.picture.text import pretty_label
from nnplay.session.session import Session

__all__ = ["ProbePage"]

_START = "What is the smallest change of the inputs that flips the class?"
_MOST_LINES = 6


class ProbePage(QWidget):
    """The probe by hand, slopes of one output by every input, the search for another class."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._asked: tuple[float, ...] | None = None
        self.found: Counterfactual | None = None
        self.editor = ProbeEditor(session, theme, self)
        slopes = Section("Slope of the output by each input", self)
        self.output = Choice((), self)
        self.output.setAccessibleName("Output")
        self.output.activated.connect(self.refresh)
        self.list = RankList(theme, "Slopes, largest first", self, is_signed=True, name_share=0.4)
        self.list.setMinimumHeight(62)
        self.list.chosen.connect(self._select)
        self.note = label("", "secondary", self)
        self.note.setWordWrap(True)
        slopes.body.addWidget(self.output)
        slopes.body.addWidget(self.list, 1)
        slopes.body.addWidget(self.note)
        flip = Section("Counterfactual", self)
        self.text = label(_START, "secondary", self)
        self.text.setWordWrap(True)
        self.search = QPushButton("Search", self)
        self.search.clicked.connect(self._search_or_cancel)
        self.move_there = QPushButton("Move the probe there", self)
        self.move_there.clicked.connect(self._move_probe)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.search)
        row.addWidget(self.move_there)
        row.addStretch(1)
        flip.body.addWidget(self.text)
        flip.body.addLayout(row)
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        content = QWidget(self.area)
        content.setProperty("role", "content")
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 2, 0)
        column.setSpacing(2)
        column.addWidget(self.editor)
        column.addWidget(slopes, 1)
        column.addWidget(flip)
        self.area.setWidget(content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.area)
        inquiry = session.insight.counterfactual
        inquiry.changed.connect(self._show)
        inquiry.found.connect(self._found)
        inquiry.failed.connect(self._failed)
        session.probe_changed.connect(self._probe_changed)
        session.document_replaced.connect(self.forget)
        session.network_changed.connect(self.forget)
        self.refresh()
        self._show()

    # ------------------------------------------------------------------ slopes
    def refresh(self, *_: object) -> None:
        """Show the latest slopes."""
        session, network = self._session, self._session.network
        slopes, problem = session.insight.saliency, session.insight.problem("saliency")
        if slopes is None:
            self.list.show_rows(())
            self.note.setText(problem or "Looking at the probe …")
            self.note.show()
            return
        topology = network.topology
        names = [neuron_label(network, i) for i in topology.output_ids]
        if [self.output.itemText(i) for i in range(self.output.count())] != names:
            place = max(0, self.output.currentIndex())
            self.output.clear()
            self.output.addItems(names)
            self.output.setCurrentIndex(min(place, len(names) - 1))
        self.output.setVisible(len(names) > 1)
        row = (
            slopes[max(0, min(self.output.currentIndex(), len(slopes) - 1))] if len(slopes) else ()
        )
        values = np.nan_to_num(np.asarray(row), nan=0.0)
        largest = float(np.abs(values).max(initial=0.0)) or 1.0
        order = np.argsort(-np.abs(values), kind="stable").tolist()
        ids = topology.input_ids
        self.list.show_rows(
            [
                RankRow(
                    ids[place],
                    neuron_label(network, ids[place]),
                    signed(float(values[place])),
                    float(values[place]) / largest,
                    "∂a/∂x at the probe: how fast the output grows with this input",
                )
                for place in order
            ]
        )
        self.note.setVisible(not len(order))
        self.note.setText("The network has no inputs." if not len(order) else "")

    def _select(self, keys: object) -> None:
        if isinstance(keys, tuple) and keys:
            self._session.select([key for key in keys if isinstance(key, int)], ())

    # ------------------------------------------------------------------ counterfactual
    def forget(self, *_: object) -> None:
        """What was found is about something else."""
        if self.found is not None or self._asked is not None:
            self.found = self._asked = None
            self._session.insight.counterfactual.cancel()
            self.text.setText(_START)
            self._show()

    def _probe_changed(self) -> None:
        if self._asked is not None and self._session.probe.raw != self._asked:
            self.forget()

    def _search_or_cancel(self) -> None:
        inquiry = self._session.insight.counterfactual
        if inquiry.is_running:
            inquiry.cancel()
            return
        self.found = None
        self._asked = self._session.probe.raw
        self.text.setText("Searching …")
        self._session.insight.search_counterfactual()

    def _failed(self, sentence: str) -> None:
        self._asked = None
        self.text.setText(sentence or _START)
        self._show()

    def _found(self, found: Counterfactual) -> None:
        if self._asked != self._session.probe.raw:
            return
        self.found = found
        self.text.setText("\n".join(self._lines(found)))
        self._show()
        QTimer.singleShot(0, self, self._show_end)

    def _show_end(self) -> None:
        self.area.ensureWidgetVisible(self.search)

    def _lines(self, found: Counterfactual) -> list[str]:
        prepared, raw = self._session.prepared, self._session.probe.raw
        if prepared is None or found.raw is None:
            return [
                "None found: wherever the search went within the range of the data "
                f"({found.tried:,} points), the class stayed the same."
            ]
        classes = self._class_names()
        changes = []
        for name, before, after in zip(prepared.raw_names, raw, found.raw.tolist(), strict=True):
            if before != after:
                text = f"{pretty_label(name)}: {plain_number(before, 4)} → {plain_number(after, 4)}"
                changes.append((abs(after - before), text))
        changes.sort(key=lambda pair: -pair[0])
        lines = [
            f"From {classes[found.before]} to {classes[found.after]}, "
            f"{plain_number(found.distance, 3)} standard deviations away:"
        ]
        lines += [text for _, text in changes[:_MOST_LINES]]
        if len(changes) > _MOST_LINES:
            lines.append(f"… and {len(changes) - _MOST_LINES:,} more")
        return lines

    def _class_names(self) -> list[str]:
        """Names by the class index that the outputs stand for."""
        session, prepared = self._session, self._session.prepared
        assert prepared is not None  # noqa: S101
        places = prepared.output_places(session.network)
        keys = prepared.output_keys
        return list(keys) if len(places) == 1 else [keys[place] for place in places.tolist()]

    def _move_probe(self) -> None:
        if self.found is not None and self.found.raw is not None:
            self._session.set_probe(self.found.raw.tolist())

    def _show(self) -> None:
        running = self._session.insight.counterfactual.is_running
        self.search.setText("Cancel" if running else "Search")
        self.move_there.setVisible(self.found is not None and self.found.raw is not None)
