"""Batch normalisations among bare weights, folded into the layer beside them.

Once a network is trained, a batch normalisation multiplies each value by a number and adds another:
``a·x + c`` with ``a = weight / √(running_var + ε)`` and ``c = bias − a·running_mean``. Weights by
name do not say in which order things are computed, except where they are numbered: in a Sequential
of PyTorch, module 3 reads what module 2 gives, and nothing stands between.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.formats.errors import FormatError
from nnplay.formats.record import AnyArray, take_array

__all__ = ["PARTS", "SAID", "fold", "owners"]

FloatArray = npt.NDArray[np.float64]
EPSILON: Final = 1e-5
"""What PyTorch adds to variances unless told otherwise; files of weights do not say."""
SAID: Final = "1e−5"
"""The same as people read it."""
MARK: Final = "running_mean"
PARTS: Final = (MARK, "running_var", "weight", "bias", "num_batches_tracked")
"""Names of what belongs to a batch normalisation."""


def owners(tensors: Mapping[str, AnyArray]) -> dict[str, str]:
    """Names of layers that batch normalisations are folded into, by the names of these.

    Raises:
        FormatError: one of them does not stand right beside a layer, as far as names tell.
    """
    found: dict[str, str] = {}
    for name in tensors:
        stem, _, part = name.rpartition(".")
        if part != MARK:
            continue
        before, after = _numbered(stem, -1), _numbered(stem, 1)
        for beside in (before, after):
            weight = tensors.get(f"{beside}.weight")
            if beside is not None and weight is not None and weight.ndim == 2:
                found[stem] = beside
                break
        else:
            raise FormatError(
                f"“{stem}” is a batch normalisation. Weights alone do not say whether it stands "
                "before or behind the activation. Export the model as ONNX: from there it is "
                "folded into the weights exactly."
            )
    return found


def _numbered(stem: str, step: int) -> str | None:
    """``net.3`` as ``net.2`` or ``net.4``; None if it has no number."""
    prefix, dot, number = stem.rpartition(".")
    if not (number.isascii() and number.isdigit()) or len(number) > 9:
        return None
    return f"{prefix}{dot}{int(number) + step}"


def fold(
    tensors: Mapping[str, AnyArray], stem: str, weight: FloatArray, bias: FloatArray, behind: bool
) -> tuple[FloatArray, FloatArray]:
    """Weights and biases of a layer together with a batch normalisation.

    Args:
        tensors: everything in the file.
        stem: name of the batch normalisation.
        weight: ``float64[out, in]`` of the layer.
        bias: ``float64[out]`` of the layer.
        behind: whether it stands behind the layer, else before.

    Raises:
        FormatError: a part is missing, has another size, or a variance is negative.
    """
    size = weight.shape[0 if behind else 1]
    parts = {"weight": np.ones(size), "bias": np.zeros(size)}
    for part in PARTS[:4]:
        name = f"{stem}.{part}"
        if name in tensors or part not in parts:
            parts[part] = take_array(tensors, name, np.float64, (size,))
    spread = parts["running_var"] + EPSILON
    if not (spread > 0).all():
        raise FormatError(f"{stem}.running_var holds a negative variance; the file is damaged.")
    factor = parts["weight"] / np.sqrt(spread)
    offset = parts["bias"] - factor * parts[MARK]
    if behind:
        return weight * factor[:, None], bias * factor + offset
    return weight * factor, bias + weight.dot(offset)
