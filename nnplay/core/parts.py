"""From samples to what engines read: a column of ones, encoded targets, weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nnplay.core.config import LossSettings
from nnplay.core.engine import Part
from nnplay.core.layout import Layout
from nnplay.core.network import Network
from nnplay.core.samples import Samples
from nnplay.core.targets import encode_targets, sample_weights

__all__ = ["make_part", "with_ones"]

Array = npt.NDArray[Any]


def with_ones(inputs: Array, enabled: npt.NDArray[np.bool_], dtype: npt.DTypeLike) -> Array:
    """Inputs ``[n, inputs]`` with a column of ones in front; switched-off inputs are 0."""
    block = np.ones((len(inputs), inputs.shape[1] + 1), dtype=dtype)
    block[:, 1:] = np.where(enabled, inputs, 0.0)
    return block


def make_part(
    samples: Samples, network: Network, layout: Layout, loss: LossSettings, dtype: npt.DTypeLike
) -> Part:
    """Samples ready for training and for losses.

    Raises :class:`nnplay.core.errors.TrainingError` when targets do not fit outputs or loss.
    """
    encoded = encode_targets(
        samples,
        network,
        loss.name,
        label_smoothing=loss.label_smoothing,
        class_weights=loss.class_weights,
    )
    return Part(
        with_ones(samples.inputs, layout.input_enabled, dtype),
        # Targets lie as the outputs do, which is quickest for the loss.
        np.ascontiguousarray(encoded.T, dtype=dtype),
        sample_weights(samples, loss.name, loss.class_weights),
    )
