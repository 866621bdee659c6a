"""What neurons and connections may show, and which of it a document asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

__all__ = [
    "EDGES",
    "EDGES_KEY",
    "NEURONS",
    "NEURONS_KEY",
    "EdgesShow",
    "NeuronsShow",
    "edges_shown",
    "is_usual",
    "neurons_shown",
]

EdgesShow = Literal["weights", "gradients", "updates"]
NeuronsShow = Literal["activation", "mean", "delta"]

EDGES: Final[dict[str, tuple[str, str]]] = {
    "weights": ("weights", "Weight"),
    "gradients": ("gradients ∂L/∂w over the data", "∂L/∂w"),
    "updates": ("latest updates Δw per step", "Δw"),
}
NEURONS: Final[dict[str, tuple[str, str]]] = {
    "activation": ("activation for the probe", "Activation"),
    "mean": ("mean and spread over the data", "Mean ± σ"),
    "delta": ("δ = ∂L/∂z over the data", "δ = ∂L/∂z"),
}
EDGES_KEY: Final = "connections_show"
NEURONS_KEY: Final = "neurons_show"


def edges_shown(view: Mapping[str, Any]) -> str:
    """A name of :data:`EDGES`: what the views' settings ask for, weights where they ask nothing."""
    return _known(view.get(EDGES_KEY), EDGES)


def neurons_shown(view: Mapping[str, Any]) -> str:
    """A name of :data:`NEURONS`: what the views' settings ask for, activations where nothing."""
    return _known(view.get(NEURONS_KEY), NEURONS)


def is_usual(view: Mapping[str, Any]) -> bool:
    """Whether weights and activations are shown."""
    return edges_shown(view) == "weights" and neurons_shown(view) == "activation"


def _known(name: object, names: Mapping[str, object]) -> str:
    """The name, or the first one where a file has something unknown there."""
    return name if isinstance(name, str) and name in names else next(iter(names))
