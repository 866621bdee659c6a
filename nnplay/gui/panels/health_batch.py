"""The next mini-batch: whose loss and gradient it is made of, and how well it stands for all data."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from nnplay.core.batch_view import BatchView
from nnplay.gui.dialogs.segments import Segments
from nnplay.gui.panels.facts import Facts
from nnplay.gui.panels.ranking import RankList, RankRow
from nnplay.gui.panels.words import count, plain_number
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label
from nnplay.session.session import Session

__all__ = ["BatchPage"]

IntArray = npt.NDArray[np.int64]


class BatchPage(QWidget):
    """Figures of the batch beside those of the whole training set, and a bar for every sample.

    Signals:
        marked(object): rows of the data to mark in the decision map, ``int64[k]``.
    """

    marked = Signal(object)

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.note = label("", "secondary", self)
        self.note.setWordWrap(True)
        self.facts = Facts(theme, self)
        self._loss = self.facts.add("Loss: batch, all", "Mean loss of the batch and of all samples")
        self._length = self.facts.add(
            "Gradient: batch, all", "Length of the mean gradient of the batch and of all samples"
        )
        self._angle = self.facts.add(
            "Angle between them",
            "0° is the same direction; above 90° the step makes the loss of all samples larger",
        )
        self.measure = Segments(
            (
                ("loss", "Loss", "Each sample's own loss"),
                ("gradient", "Gradient", "Length of each sample's own gradient"),
            ),
            "Bars show",
            self,
            width=72,
        )
        self.measure.chosen.connect(self.refresh)
        self.list = RankList(theme, "Samples of the batch", self, name_share=0.36)
        self.list.chosen.connect(self._probe)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.note)
        layout.addWidget(self.facts)
        layout.addWidget(self.measure)
        layout.addWidget(self.list, 1)
        self.refresh()

    @property
    def rows(self) -> IntArray:
        """Rows of the data in the next batch; empty while it is not known."""
        view, prepared = self._session.insight.batch, self._session.prepared
        if (
            view is None
            or prepared is None
            or view.rows.max(initial=-1) >= len(prepared.train_rows)
        ):
            return np.empty(0, dtype=np.int64)
        return np.asarray(prepared.train_rows[view.rows], dtype=np.int64)

    def refresh(self, *_: object) -> None:
        """Show the latest look at the batch."""
        insight = self._session.insight
        view, rows = insight.batch, self.rows
        known = view is not None and rows.size > 0
        self.facts.setVisible(known)
        self.measure.setVisible(known)
        if view is None or not known:
            self.note.setText(insight.problem("batch") or "Looking at the next batch …")
            self.list.show_rows(())
            self.marked.emit(rows)
            return
        has_plane = self._session.map_columns is not None
        text = f"{count(len(rows), 'sample')} next" + (", ringed in the map" if has_plane else "")
        if view.shown < len(rows):
            text += f"; the first {view.shown:,} are listed"
        if view.has_dropout:
            text += "; dropout is left out here"
        self.note.setText(text + ".")
        self._loss.setText(_pair(view.loss, view.loss_of_all))
        self._length.setText(_pair(view.length, view.length_of_all))
        self._angle.setText("–" if np.isnan(view.angle) else f"{view.angle:.0f}°")
        self.list.show_rows(self._bars(view, rows))
        self.marked.emit(rows)

    def _bars(self, view: BatchView, rows: IntArray) -> list[RankRow]:
        values = view.losses if self.measure.value() == "loss" else view.lengths
        largest = float(np.nan_to_num(values, posinf=0.0).max(initial=0.0)) or 1.0
        order = np.argsort(-values, kind="stable").tolist()
        return [
            RankRow(
                int(rows[place]),
                f"Row {int(rows[place]) + 1:,}",
                plain_number(float(values[place]), 3),
                min(1.0, float(values[place]) / largest),
                f"Loss {plain_number(float(view.losses[place]), 4)}, length of the gradient "
                f"{plain_number(float(view.lengths[place]), 4)}. Click to put the probe there.",
            )
            for place in order
        ]

    def _probe(self, keys: object) -> None:
        if isinstance(keys, tuple) and len(keys) == 1 and isinstance(keys[0], int):
            self._session.probe_row(keys[0])


def _pair(one: float, other: float) -> str:
    return f"{plain_number(one, 3)}, {plain_number(other, 3)}"
