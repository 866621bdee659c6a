"""What a network predicts over two columns, as a surface."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from nnplay.core import layer_statistics as statistics
from nnplay.core.program import Program
from nnplay.data.errors import DataError
from nnplay.session.map_columns import Plane, plane_of
from nnplay.session.plot_requests import PlotWish, answers_of

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["Surface", "SurfaceWish"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Surface:
    """What the network predicts over two numeric columns, in units of the target.

    The samples have values of their own in the columns that are held.

    Attributes:
        plane: the columns along x and y, and where the others are held.
        x, y: ``float64[n]``, values of the two columns.
        values: ``float64[n, n]``, predictions; rows along y.
        rows: ``int64[k]``, rows of some samples.
        samples: ``float64[k, 4]``: x, y, true value, prediction.
    """

    plane: Plane
    x: FloatArray
    y: FloatArray
    values: FloatArray
    rows: IntArray
    samples: FloatArray


@dataclass(frozen=True)
class SurfaceWish(PlotWish):
    """Predictions over a plane of two numeric columns (:class:`Surface`)."""

    resolution: int = 17
    most: int = 160

    def _work(self, session: Session) -> Callable[[], object]:
        self._samples(session)
        prepared, network, loss = session.prepared, session.network, session.training.loss
        assert prepared is not None  # noqa: S101
        plane = plane_of(session)
        if plane is None or prepared.classes is not None:
            raise DataError("A surface needs two numeric columns and a number to predict.")
        part = prepared.train_rows if self.part == "train" else prepared.test_rows
        rows = np.sort(part[statistics.even_share(len(part), self.most)])

        def look() -> Surface:
            ends = [prepared.domain[column] for column in plane.columns]
            x, y = (np.linspace(low, high, self.resolution) for low, high in ends)
            raw = plane.raw(np.stack([np.tile(x, len(y)), np.repeat(y, len(x))], axis=1))
            with np.errstate(all="ignore"):
                inputs = prepared.input_matrix(network, raw)
            outputs = Program(network, len(raw)).forward(inputs)[:, :1].astype(np.float64)
            values = prepared.restore_target(outputs)[:, 0].reshape(len(y), len(x))
            found = answers_of(network, prepared, rows, loss)
            places = prepared.raw[rows][:, list(plane.columns)]
            columns = (*places.T, found.wanted, found.given)
            return Surface(plane, x, y, values, rows, np.stack(columns, axis=1))

        return look
