"""Which two raw columns maps lie over, and where the other columns are held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.data.preparation import PreparedData
from nnplay.session.values import MapRequest

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["VIEW_KEY", "Plane", "chosen_columns", "mappable_columns", "over_plane", "plane_of"]

VIEW_KEY: Final = "map_columns"
"""View setting: names of the two columns. By name, so that other data switch the maps off."""


@dataclass(frozen=True)
class Plane:
    """A plane through the raw columns.

    Attributes:
        columns: along x and y.
        held: a value per raw column; those along the plane are 0 and mean nothing.
    """

    columns: tuple[int, int]
    held: tuple[float, ...]

    @property
    def held_columns(self) -> tuple[int, ...]:
        """The columns that have one value all over the plane."""
        return tuple(i for i in range(len(self.held)) if i not in self.columns)

    def raw(self, places: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Raw rows ``float64[n, raw columns]`` of places ``[n, 2]`` on the plane."""
        points = np.asarray(places, dtype=np.float64)
        rows = np.tile(np.asarray(self.held, dtype=np.float64), (len(points), 1))
        rows[:, list(self.columns)] = points
        return rows


def plane_of(session: Session) -> Plane | None:
    """The plane plots draw over: that of the maps, else the first two numeric columns.

    The other columns are held at the probe. None without two numeric columns, or while the probe
    does not belong to the data.
    """
    prepared, columns = session.prepared, session.map_columns
    if columns is None:
        known = mappable_columns(prepared)
        columns = (known[0], known[1]) if len(known) > 1 else None
    probe = session.probe.raw
    if prepared is None or columns is None or len(probe) != len(prepared.raw_names):
        return None
    return Plane(columns, tuple(0.0 if i in columns else x for i, x in enumerate(probe)))


def mappable_columns(prepared: PreparedData | None) -> tuple[int, ...]:
    """The numeric raw columns; words have no order that an axis could show."""
    if prepared is None:
        return ()
    return tuple(i for i, numeric in enumerate(prepared.raw_numeric) if numeric)


def chosen_columns(
    view: Mapping[str, Any], prepared: PreparedData | None
) -> tuple[int, int] | None:
    """The raw columns along x and y, or None while there are no maps.

    Two numeric columns and nothing else are a plane by themselves; other data need a choice.
    """
    if prepared is None:
        return None
    names = view.get(VIEW_KEY)
    if isinstance(names, list | tuple) and len(names) == 2 and names[0] != names[1]:
        found = [i for name in names for i in mappable_columns(prepared) if _is(prepared, i, name)]
        if len(found) == 2:
            return found[0], found[1]
    return (0, 1) if prepared.has_plane else None


def over_plane(
    request: MapRequest, columns: tuple[int, int], probe: Sequence[float], column_count: int
) -> MapRequest | None:
    """The request over two columns, with the others at the probe's raw values.

    Returns None when the probe does not belong to these data.
    """
    if column_count == 2:
        return replace(request, x_column=columns[0], y_column=columns[1])
    if len(probe) != column_count:
        return None
    # Along the plane the probe makes no difference: the same grid serves wherever it is.
    held = tuple(0.0 if i in columns else value for i, value in enumerate(probe))
    return replace(request, x_column=columns[0], y_column=columns[1], held=held)


def _is(prepared: PreparedData, column: int, name: object) -> bool:
    return prepared.raw_names[column] == name
