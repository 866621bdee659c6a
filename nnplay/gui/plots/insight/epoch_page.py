"""A plot of numbers over epochs, each point exactly where it stands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QHideEvent, QShowEvent

from nnplay.core.layer_statistics import MOST_ROWS
from nnplay.core.topology import Topology
from nnplay.gui.plots.insight.lines import EpochTrail
from nnplay.gui.plots.insight.page import INTERVAL, PlotPage
from nnplay.gui.theme import Theme
from nnplay.session.epoch_requests import EpochWish
from nnplay.session.epoch_series import EpochSeries
from nnplay.session.mailbox import Frame
from nnplay.session.parameter_trail import exact_epoch
from nnplay.session.plot_requests import Stamped
from nnplay.session.session import Session

__all__ = ["EpochPage"]

FloatArray = npt.NDArray[np.float64]


class EpochPage(PlotPage):
    """Points at the ends of epochs, and the present value at its own, fractional epoch.

    Epochs are noted by the training thread while the page is seen (see
    :mod:`nnplay.session.epoch_snapshots`). What was measured at rest between two ends of epochs,
    after single steps, stays on the curve too until it is undone.

    Args:
        wish: what to measure.
        keeps_topology: whether numbers of another wiring mean something here.
    """

    def __init__(
        self,
        session: Session,
        theme: Theme,
        hint: str,
        icon: str,
        wish: EpochWish,
        *,
        keeps_topology: bool,
    ) -> None:
        super().__init__(session, theme, hint, icon)
        self._wish, self._keeps_topology = wish, keeps_topology
        self._rests = EpochTrail()
        self._rested_in: Topology | None = None
        self._now: Stamped | None = None
        self._gaps: list[tuple[float, float]] = []
        self._left_at: float | None = None
        session.frame_arrived.connect(self._note_snapshots)
        session.history_changed.connect(self._follow)
        session.network_changed.connect(self._follow)
        session.data_changed.connect(self._forget)
        session.document_replaced.connect(self._forget)

    @property
    def series(self) -> EpochSeries:
        """What was measured at the ends of epochs."""
        return self._wish.series

    @property
    def now(self) -> FloatArray | None:
        """The row of the network shown, as far as it is known."""
        if self._now is None or not self._fits(self._now.network.topology):
            return None
        row = self._now.value
        assert isinstance(row, np.ndarray)  # noqa: S101
        return row

    def wish(self) -> EpochWish:
        return self._wish

    # ------------------------------------------------------------------ what comes in
    def _forget(self) -> None:
        """What was measured on other data tells nothing about these."""
        self.series.clear()
        self._rests.clear()
        self._now, self._left_at = None, None
        self._gaps.clear()
        self._refresher.request()

    def _follow(self, *_: object) -> None:
        now = exact_epoch(self._session)
        self._rests.cut(now)
        if self._gaps and self._gaps[-1][0] > now:
            self._gaps = [gap for gap in self._gaps if gap[0] <= now]  # that course is undone
        self._refresher.request()

    def _note_snapshots(self, frame: Frame) -> None:
        if frame.snapshots:
            self.series.add(frame.snapshots)

    def take(self, answer: Stamped) -> None:
        session = self._session
        if session.prepared is None or session.data_problem:
            return
        self.series.gather(session.workspace.data.samples(session.live_document)[0])
        self._now = answer
        # A long curve grows by little: four pictures a second are enough.
        self._refresher.set_interval(2 * INTERVAL if session.is_running else INTERVAL)
        if not session.is_running:
            self._note_rest(answer)
            if self.series.has_waiting:
                self.ask(again=True)
        self._refresher.request()

    def _note_rest(self, answer: Stamped) -> None:
        if answer.network is not self._session.network:
            return  # another answer is under way
        if answer.network.topology is not self._rested_in and not self._keeps_topology:
            self._rests.clear()
        self._rested_in = answer.network.topology
        assert isinstance(answer.value, np.ndarray)  # noqa: S101
        self._rests.add(answer.epoch, answer.value)

    # ------------------------------------------------------------------ what is drawn
    def curve(self, columns: Sequence[int] | None = None) -> tuple[FloatArray, ...]:
        """Epochs ``[k]``, ascending, rows ``[k, columns]``, and the epochs before gaps.

        ``columns`` are those of the rows that are wanted; None means all.
        """
        chosen = slice(None) if columns is None else np.asarray(columns, dtype=np.intp)
        now = exact_epoch(self._session)
        found: dict[float, FloatArray] = {}
        if self._rested_in is not None and self._fits(self._rested_in):
            rests = zip(self._rests.epochs.tolist(), self._rests.rows, strict=True)
            found |= {epoch: row for epoch, row in rests if epoch <= now}
        for point in self.series.on(self._session.curve):
            if point.epoch <= now and self._fits(point.topology):
                found[float(point.epoch)] = point.row
        latest, row = self._now, self.now
        if latest is not None and row is not None and latest.epoch <= now:
            found.setdefault(latest.epoch, row)
        epochs = np.array(sorted(found))
        rows = [found[x][chosen] for x in epochs.tolist()]
        return epochs, np.stack(rows) if rows else np.empty((0, 0)), self._breaks(epochs)

    def _fits(self, topology: Topology) -> bool:
        return self._keeps_topology or topology is self._session.network.topology

    def _breaks(self, epochs: FloatArray) -> FloatArray:
        """Where training went on unseen, and nothing on either side tells what was between."""
        breaks = []
        for left, back in self._gaps:
            after = int(np.searchsorted(epochs, left, side="right"))
            if not 0 < after < len(epochs) or epochs[after] < back:
                continue
            # Thinned points may lie further apart than training was unseen.
            if 2.0 * (back - left) > epochs[after] - epochs[after - 1]:
                breaks.append(float(epochs[after - 1]))
        return np.array(sorted(set(breaks)))

    @property
    def share_words(self) -> str:
        """A remark where the data are too many to look at all of them; else empty."""
        prepared = self._session.prepared
        most = 0 if prepared is None else max(len(prepared.train_rows), len(prepared.test_rows))
        return f" · over at most {MOST_ROWS:,} samples each" if most > MOST_ROWS else ""

    # ------------------------------------------------------------------ being seen
    def showEvent(self, event: QShowEvent) -> None:
        self._session.watch_epochs(self.key, on=True)
        now = exact_epoch(self._session)
        if self._left_at is not None and now > self._left_at:
            self._gaps.append((self._left_at, now))
        self._left_at = None
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._session.watch_epochs(self.key, on=False)
        self._left_at = exact_epoch(self._session)
