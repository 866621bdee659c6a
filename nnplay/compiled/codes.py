"""Numbers that stand for names in a kernel."""

from __future__ import annotations

from typing import Final

__all__ = ["ACTIVATION_CODES", "LOSS_CODES", "OPTIMIZER_CODES"]

ACTIVATION_CODES: Final[dict[str, int]] = {
    name: code
    for code, name in enumerate(
        (
            "linear", "relu", "leaky_relu", "elu", "selu", "gelu", "gelu_tanh", "silu", "mish",
            "sigmoid", "hard_sigmoid", "tanh", "hard_tanh", "softplus", "softsign", "sin", "cos",
            "gaussian", "abs", "square", "step", "softmax",
        )
    )
}  # fmt: skip
"""The activations that can be computed here."""

LOSS_CODES: Final[dict[str, int]] = {
    name: code
    for code, name in enumerate(
        (
            "half_squared", "mse", "mae", "huber", "hinge", "binary_cross_entropy",
            "softmax_cross_entropy",
        )
    )
}  # fmt: skip
"""The losses that can be computed here; those from z come last."""

OPTIMIZER_CODES: Final[dict[str, int]] = {
    name: code
    for code, name in enumerate(
        ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "rprop")
    )
}
"""The optimisers that can be computed here."""
