"""The loss over a plane in the space of all parameters, and the path of training on it.

Planes follow Li, Xu, Taylor, Studer and Goldstein, "Visualizing the Loss Landscape of Neural Nets"
(NeurIPS 2018): two random directions, each neuron's part scaled to the size of that neuron's
weights (section 4), or the two principal components of the path of training (section 7.2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.config import LossChoice, loss_settings
from nnplay.core.errors import TrainingError
from nnplay.core.evaluation import Evaluator
from nnplay.core.network import Network
from nnplay.core.parts import make_part
from nnplay.core.program import Program
from nnplay.core.projections import principal_plane
from nnplay.core.samples import Samples

__all__ = ["Landscape", "Plane", "path_plane", "random_plane", "scan", "weight_plane"]

FloatArray = npt.NDArray[np.float64]

MARGIN: Final = 0.35


@dataclass(frozen=True, eq=False)
class Plane:
    """A piece of a plane through a network's parameters.

    Attributes:
        origin: ``float64[P]``, the parameters at (0, 0).
        directions: ``float64[2, P]``.
        x_range, y_range: what is looked at, in multiples of the directions.
    """

    origin: FloatArray
    directions: FloatArray
    x_range: tuple[float, float]
    y_range: tuple[float, float]

    def parameters(self, x: float, y: float) -> FloatArray:
        """``float64[P]`` at a place."""
        return np.asarray(self.origin + x * self.directions[0] + y * self.directions[1])

    def places(self, thetas: npt.ArrayLike) -> FloatArray:
        """``float64[k, 2]``: the places of the plane nearest to parameters ``[k, P]``."""
        offsets = np.asarray(thetas, dtype=np.float64) - self.origin
        return np.asarray(np.linalg.lstsq(self.directions.T, offsets.T, rcond=None)[0].T)


@dataclass(frozen=True, eq=False)
class Landscape:
    """Losses over a plane.

    Attributes:
        plane: where.
        x, y: ``float64[n]``, the places looked at.
        losses: ``float64[n, n]``, rows along ascending y; not finite where the loss is not.
    """

    plane: Plane
    x: FloatArray
    y: FloatArray
    losses: FloatArray


def weight_plane(network: Network, first: int, second: int) -> Plane:
    """The plane of two parameters, by slot.

    Raises :class:`TrainingError` when they are the same.
    """
    if first == second:
        raise TrainingError("A plane needs two different weights or biases.")
    directions = np.zeros((2, network.theta.size))
    directions[0, first] = directions[1, second] = 1.0
    reach = 1.0 + float(np.abs(network.theta[[first, second]]).max())
    return Plane(network.theta, directions, (-reach, reach), (-reach, reach))


def random_plane(network: Network, seed: int) -> Plane:
    """Two random directions; each neuron's part is as long as the weights into that neuron.

    Biases stay where they are, and so does what is frozen or switched off.
    """
    random = np.random.default_rng(seed)
    topology, theta = network.topology, network.theta
    edges = topology.edge_count
    targets = topology.edge_rows[:, 1]
    moves = (network.enabled & ~network.frozen)[:edges]
    directions = np.zeros((2, theta.size))

    def lengths(weights: FloatArray) -> FloatArray:
        return np.sqrt(np.bincount(targets, weights**2, minlength=topology.neuron_count))

    wanted = lengths(np.where(moves, theta[:edges], 0.0))
    for direction in directions:
        drawn = np.where(moves, random.standard_normal(edges), 0.0)
        found = lengths(drawn)
        scale = np.divide(wanted, found, out=np.zeros_like(found), where=found > 0.0)
        direction[:edges] = drawn * scale[targets]
    return Plane(theta, directions, (-1.0, 1.0), (-1.0, 1.0))


def path_plane(network: Network, thetas: npt.ArrayLike) -> Plane:
    """The plane along which training moved most, through the present parameters.

    Args:
        network: its parameters are the end of the path.
        thetas: ``[k, P]``, parameters passed.

    Raises :class:`TrainingError` when the path is too short to tell two directions.
    """
    theta = network.theta
    path = np.concatenate([np.asarray(thetas, dtype=np.float64).reshape(-1, theta.size), [theta]])
    path = path[np.isfinite(path).all(axis=1)]
    found = principal_plane(path) if len(path) > 2 else None
    if found is None or not np.any(found.axes[1]) or not found.shares[0] > 0.0:
        raise TrainingError(
            "The recorded path of training is too short to span a plane. Train for some epochs, "
            "then compute again."
        )
    plane = Plane(theta, found.axes, (-1.0, 1.0), (-1.0, 1.0))
    places = plane.places(path)
    ranges = []
    widest = float(np.ptp(places, axis=0).max())
    for values in places.T:
        low, high = float(values.min()), float(values.max())
        # A path that hardly turns would leave no width to look at.
        margin = max(MARGIN * (high - low), 0.5 * (0.5 * widest - (high - low)), 1e-9)
        ranges.append((low - margin, high + margin))
    return Plane(theta, found.axes, ranges[0], ranges[1])


def scan(
    network: Network,
    samples: Samples,
    loss: LossChoice,
    plane: Plane,
    resolution: int,
    on_row: Callable[[int], object] | None = None,
    look_around: Callable[[], None] | None = None,
) -> Landscape:
    """Mean losses, without penalty, at ``resolution``² places of a plane.

    Args:
        network: its topology and activations; parameters come from the plane.
        samples: what is judged.
        loss: name in the loss table, or what tells more about the loss.
        plane: where to look.
        resolution: places along each side, 2 or more.
        on_row: called with the number of rows done.
        look_around: called before each place; may raise to give it up.

    Raises :class:`TrainingError` when targets do not fit outputs or loss.
    """
    settings = loss_settings(loss)
    program = Program(network, 1)
    part = make_part(samples, network, program.layout, settings, program.dtype)
    evaluator = Evaluator(program, part, settings)
    x = np.linspace(*plane.x_range, resolution)
    y = np.linspace(*plane.y_range, resolution)
    losses = np.empty((resolution, resolution))
    for row, b in enumerate(y.tolist()):
        for column, a in enumerate(x.tolist()):
            if look_around is not None:
                look_around()
            program.set_parameters(plane.parameters(a, b))
            with np.errstate(all="ignore"):
                losses[row, column] = evaluator.loss(look_around)
        if on_row is not None:
            on_row(row + 1)
    losses.flags.writeable = False
    return Landscape(plane, x, y, losses)
