"""A compiled engine that is made when it is first used, by the thread that trains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from nnplay.core.engine import Backend, Engine, Plan

__all__ = ["LateEngine"]

FloatArray = npt.NDArray[np.float64]


class LateEngine:
    """Stands for an engine that takes a moment to make; see :class:`nnplay.core.engine.Engine`.

    Linking compiled code takes about 0.1 s the first time. A window makes its trainers, but a
    thread beside it uses them: it is the one that waits.

    Args:
        plan: what to train.
        backend: makes the engine. Any thread, but only the first to use it.
        name: what the engine will be called.
    """

    def __init__(self, plan: Plan, backend: Backend, name: str) -> None:
        self._plan, self._backend, self._name = plan, backend, name
        self._engine: Engine | None = None
        self._no_dead_links = np.zeros(plan.layout.size, dtype=bool)

    def _made(self) -> Engine:
        if self._engine is None:
            self._engine = self._backend(self._plan)
        return self._engine

    @property
    def name(self) -> str:
        """What computes, or will as far as one knows."""
        return self._name if self._engine is None else self._engine.name

    @property
    def steps_at_once(self) -> int:
        """How many steps one call should be given."""
        return self._made().steps_at_once

    @property
    def dead_links(self) -> npt.NDArray[np.bool_]:
        """Connections that have died; none before the first step."""
        return self._no_dead_links if self._engine is None else self._engine.dead_links

    def steps(
        self,
        first: int,
        rates: FloatArray,
        update: int,
        masks: npt.NDArray[Any] | None,
        losses: FloatArray,
    ) -> None:
        """Train on consecutive batches."""
        self._made().steps(first, rates, update, masks, losses)

    def part_losses(self, look_around: Callable[[], None]) -> tuple[float, float]:
        """Mean losses over both parts."""
        return self._made().part_losses(look_around)
