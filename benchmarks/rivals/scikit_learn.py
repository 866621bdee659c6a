"""scikit-learn's perceptrons on a layered job.

``fit`` runs all epochs in one call: the solver's inner loop at its fastest. ``partial_fit`` is what
one calls to watch a perceptron learn, one epoch per call.
"""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.jobs import Job

__all__ = ["Fit", "PartialFit"]

Array = npt.NDArray[Any]


def _estimator(job: Job) -> Any:
    from sklearn.neural_network import MLPClassifier, MLPRegressor  # type: ignore[import-untyped]

    assert job.sizes is not None
    kind = MLPRegressor if job.loss == "half_squared" else MLPClassifier
    return kind(
        hidden_layer_sizes=job.sizes[1:-1],
        activation=job.activations[0],
        solver=job.optimizer,
        learning_rate_init=job.learning_rate,
        batch_size=job.batch_size,
        momentum=0.0,
        nesterovs_momentum=False,
        alpha=0.0,
        shuffle=False,
        # Never stops early: every epoch is a whole one.
        tol=0.0,
        n_iter_no_change=10**9,
        max_iter=1,
        warm_start=True,
        random_state=0,
    )


class Fit:
    """All epochs in one call of ``fit``.

    Args:
        job: what to do.
        dtype: of the numbers; scikit-learn computes in the precision of its inputs.
    """

    def __init__(self, job: Job, dtype: npt.DTypeLike = np.float64) -> None:
        self._x = job.x.astype(dtype)
        classes = job.loss != "half_squared"
        self._y = job.y.argmax(axis=1) if classes else job.y.astype(dtype)
        if not classes and job.outputs == 1:
            self._y = self._y.ravel()
        self._estimator = _estimator(job)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one epoch has not converged, and is not meant to
            self._begin()
        # Wide classes may be fewer in the data than outputs; then the networks would differ.
        weights, biases = job.matrices(job.theta)
        for mine, given in zip(self._estimator.coefs_, weights, strict=True):
            mine[...] = given.T
        for mine, given in zip(self._estimator.intercepts_, biases, strict=True):
            mine[...] = given

    def _begin(self) -> None:
        self._estimator.fit(self._x, self._y)

    def train(self, epochs: int) -> tuple[float, float]:
        """Processor seconds, twice: scikit-learn has no loss over all samples after an epoch."""
        self._estimator.set_params(max_iter=epochs)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            start = time.process_time()
            self._train(epochs)
            seconds = time.process_time() - start
        return seconds, seconds

    def _train(self, epochs: int) -> None:
        self._estimator.fit(self._x, self._y)
        if self._estimator.n_iter_ != epochs:
            raise ValueError("scikit-learn stopped early.")

    def theta(self) -> Array:
        """Weights and biases."""
        return Job.joined([w.T for w in self._estimator.coefs_], self._estimator.intercepts_)


class PartialFit(Fit):
    """One call of ``partial_fit`` per epoch."""

    def _begin(self) -> None:
        more = {} if self._y.dtype.kind == "f" else {"classes": np.unique(self._y)}
        self._estimator.partial_fit(self._x, self._y, **more)
        # The first call's memory of moments goes with its weights.
        del self._estimator._optimizer

    def _train(self, epochs: int) -> None:
        for _ in range(epochs):
            self._estimator.partial_fit(self._x, self._y)
