"""Wishes of plots that draw curves over epochs: exact at every epoch they show.

While training, snapshots of epochs wait in the wish's :class:`EpochSeries` and are measured a few
at a time on the evaluator's thread; afterwards all the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from nnplay.core import layer_statistics as statistics
from nnplay.core.config import TrainingConfig
from nnplay.core.metrics import judge
from nnplay.core.network import Network
from nnplay.core.samples import Samples
from nnplay.session.epoch_series import EpochSeries
from nnplay.session.epoch_snapshots import EpochSnapshot
from nnplay.session.plot_requests import PlotWish

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["MOST_NEURONS", "EpochWish", "GradientWish", "MetricWish"]

FloatArray = npt.NDArray[np.float64]

TRAINING_SECONDS: Final = 0.003
"""How long epochs are measured at a time while training goes on."""
IDLE_SECONDS: Final = 0.05
LONGEST_PAINT: Final = 0.02
MOST_NEURONS: Final = 2000
"""Up to so many neurons each norm is measured, so that any can be selected later."""


@dataclass(frozen=True)
class EpochWish(PlotWish):
    """A row of numbers, now and at the end of every epoch that was noted.

    Attributes:
        series: where the rows at the ends of epochs are gathered; the answer itself is the row of
            the network shown now, ``float64[columns]``.
    """

    series: EpochSeries = field(default_factory=EpochSeries, compare=False)

    def _work(self, session: Session) -> Callable[[], object]:
        self._samples(session)
        train, test = session.workspace.data.samples(session.live_document)
        network, config, gate = session.network, session.training, session.paint_gate
        seconds = TRAINING_SECONDS if session.is_running else IDLE_SECONDS

        def work() -> FloatArray:
            self.series.work(self.row_at, seconds, lambda: gate.wait(LONGEST_PAINT))
            return self.row(network, train, test, config)

        return work

    def row_at(self, snapshot: EpochSnapshot) -> FloatArray:
        """The row of an epoch."""
        return self.row(snapshot.network, snapshot.train, snapshot.test, snapshot.config)

    def row(
        self, network: Network, train: Samples, test: Samples | None, config: TrainingConfig
    ) -> FloatArray:
        """What is measured; raises :class:`nnplay.core.errors.TrainingError`."""
        raise NotImplementedError  # every wish has its own


@dataclass(frozen=True)
class MetricWish(EpochWish):
    """How good the answers are, ``[train, test]`` (:func:`nnplay.core.metrics.judge`)."""

    def row(
        self, network: Network, train: Samples, test: Samples | None, config: TrainingConfig
    ) -> FloatArray:
        """Accuracy or R² of both parts."""
        some = statistics.shared_samples(train)
        other = None if test is None else statistics.shared_samples(test)
        metric = judge(network, some, other, config)
        return np.array([metric.train, metric.test])


@dataclass(frozen=True)
class GradientWish(EpochWish):
    """Norms of the gradient of the mean loss over the training part, without penalties.

    First one per layer (:func:`nnplay.core.layer_statistics.layers_of`), then, in networks of at
    most :data:`MOST_NEURONS` neurons, one per neuron in row order.
    """

    def row(
        self, network: Network, train: Samples, test: Samples | None, config: TrainingConfig
    ) -> FloatArray:
        """Norms of layers, then of neurons."""
        gradient = statistics.gradient_of(network, statistics.shared_samples(train), config)
        norms = statistics.layer_gradient_norms(network, gradient)
        if network.topology.neuron_count > MOST_NEURONS:
            return norms
        return np.concatenate([norms, statistics.neuron_gradient_norms(network, gradient)])
