"""A compiled network: forward and backward passes in preallocated buffers.

Buffers are ``[plan rows, samples]`` with the samples innermost, so that a stage is one product
``weights · sources`` into a contiguous block and one call per activation. Everything a pass does is
listed once, as bound functions with their arguments; a pass only walks through the lists.

Products use ``ndarray.dot`` with a buffer: unlike the matmul operator, it lets other threads run
while BLAS works.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nnplay.core.config import LossChoice, LossSettings, loss_settings
from nnplay.core.gradient import Gradient
from nnplay.core.layout import Layout, Stage, layout_of
from nnplay.core.network import Network
from nnplay.core.workspace import Workspace

__all__ = ["Program"]

Array = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]

_KEPT_WORKSPACES = 4


class Program:
    """A network ready to run on batches of samples.

    Args:
        network: what to compile; its parameters are loaded.
        batch_size: number of samples the buffers are made for at once. Other numbers work too and
            get buffers of their own, of which a few are kept.
        dtype: ``numpy.float64``, or ``numpy.float32`` for speed.
        shared_parameters: a padded parameter vector ``[S]`` to work on as it is, instead of one of
            its own that is loaded from the network.

    A program belongs to one thread. Raises :class:`nnplay.core.errors.TrainingError` for an
    activation that does not exist.
    """

    def __init__(
        self,
        network: Network,
        batch_size: int,
        dtype: npt.DTypeLike = np.float64,
        shared_parameters: Array | None = None,
    ) -> None:
        self.layout: Layout = layout_of(network)
        self.dtype = np.dtype(dtype)
        self.parameters: Array = np.zeros(self.layout.size, dtype=self.dtype)
        if shared_parameters is not None:
            self.parameters = shared_parameters
        self.gradients: Array = np.zeros(self.layout.size, dtype=self.dtype)
        self._enabled = network.enabled
        self._all_enabled = bool(network.enabled.all())
        self._workspaces: dict[int, Workspace] = {}
        self._gradients: dict[int, dict[LossSettings, Gradient]] = {}
        if shared_parameters is None:
            self.set_parameters(network.theta)
        self._current = self._workspace(max(1, batch_size))

    def set_parameters(self, theta: npt.ArrayLike) -> None:
        """Load compact parameters ``[P]``; disabled connections count as 0."""
        values = np.asarray(theta)
        if not self._all_enabled:
            values = np.where(self._enabled, values, 0.0)
        self.layout.pack(values, self.parameters)

    def matrix(self, vector: Array, stage: Stage) -> Array:
        """View of a stage's matrix ``[neurons, columns]`` in a padded vector."""
        end = stage.offset + stage.size * stage.columns
        return vector[stage.offset : end].reshape(stage.size, stage.columns)

    def _workspace(self, samples: int) -> Workspace:
        workspace = self._workspaces.pop(samples, None)
        if workspace is None:
            workspace = Workspace(self, samples)
        self._workspaces[samples] = workspace
        if len(self._workspaces) > _KEPT_WORKSPACES:
            oldest = next(iter(self._workspaces))
            del self._workspaces[oldest]
            self._gradients.pop(oldest, None)
        return workspace

    def _gradient(self, workspace: Workspace, loss: LossSettings) -> Gradient:
        kernels = self._gradients.setdefault(workspace.samples, {})
        if loss not in kernels or kernels[loss].workspace is not workspace:
            kernels[loss] = Gradient(workspace, loss)
        return kernels[loss]

    # ------------------------------------------------------------------ running
    def set_inputs(self, x: npt.ArrayLike) -> None:
        """Load inputs ``[samples, inputs]`` for following calls of :meth:`run`."""
        inputs = np.asarray(x)
        self._current = self._workspace(len(inputs))
        self._current.load_inputs(inputs)

    def run(self) -> Array:
        """Forward pass over the loaded inputs; see :meth:`forward`."""
        with np.errstate(all="ignore"):
            self._current.forward()
        return self._current.outputs()

    def forward(self, x: npt.ArrayLike) -> Array:
        """Outputs ``[samples, outputs]`` for inputs ``[samples, inputs]``.

        The result is a view that the next pass overwrites.
        """
        self.set_inputs(x)
        return self.run()

    def backward(
        self,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        loss: LossChoice,
        weights: npt.ArrayLike | None = None,
    ) -> float:
        """Forward and backward pass; returns the mean loss, without penalty.

        Args:
            x: inputs ``[samples, inputs]``.
            y: encoded targets ``[samples, outputs]``.
            loss: name in the loss table, or what tells more about the loss.
            weights: ``[samples]`` weights of the samples' losses; all 1 if None.

        Afterwards :attr:`gradient` and :meth:`deltas_compact` belong to these samples.
        """
        targets = np.asarray(y, dtype=self.dtype).T
        self.set_inputs(x)
        workspace = self._current
        kernel = self._gradient(workspace, loss_settings(loss))
        shares = None if weights is None else np.asarray(weights, dtype=np.float64)
        kernel.set_factor(1.0, shares)
        with np.errstate(all="ignore"):
            workspace.forward()
            total = kernel.backward(targets, None, shares)
        return total / kernel.divisor

    @property
    def gradient(self) -> FloatArray:
        """Gradient of the last :meth:`backward`, compact ``float64[P]``; 0 where disabled."""
        compact = self.gradients[self.layout.positions].astype(np.float64)
        if not self._all_enabled:
            compact[~self._enabled] = 0.0
        return compact

    def activations_compact(self, out: Array | None = None) -> Array:
        """Activations of all neurons ``[N, samples]`` in network row order (copied)."""
        return self._rows(self._current.a, out)

    def pre_activations(self, out: Array | None = None) -> Array:
        """Weighted sums z of all neurons ``[N, samples]`` in network row order; 0 for inputs."""
        return self._rows(self._current.z, out)

    def derivatives_compact(self) -> Array:
        """f'(z) of all neurons ``[N, samples]`` after :meth:`backward`; 0 for inputs.

        For softmax it is the diagonal of the Jacobian matrix.
        """
        return self._current.derivatives()[self.layout.places]

    def deltas_compact(self) -> Array:
        """dE/dz of all neurons ``[N, samples]`` after :meth:`backward`; 0 for inputs."""
        deltas = self._rows(self._current.d, None)
        deltas[self.layout.places <= self.layout.input_count] = 0.0
        return deltas

    def _rows(self, buffer: Array, out: Array | None) -> Array:
        if out is None:
            return buffer[self.layout.places]
        return buffer.take(self.layout.places, axis=0, out=out, mode="clip")
