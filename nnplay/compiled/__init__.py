"""The compiled backend: small networks train many times faster than with NumPy.

A kernel that Numba compiles once per machine does many training steps a call; NumPy remains the
reference and takes over whatever is not compiled. Which of the two trains depends on the plan and
on the person's wish, never on chance. Importing this package imports neither Numba nor llvmlite.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nnplay.compiled.readiness import (
    State,
    kernel,
    reason,
    state,
    wait_until_ready,
    warm_up_in_background,
)
from nnplay.core.engine import Engine, Plan
from nnplay.core.errors import TrainingError
from nnplay.core.numpy_engine import NumpyEngine

__all__ = [
    "WISHES",
    "Choice",
    "State",
    "choose",
    "kernel",
    "reason",
    "state",
    "supports",
    "wait_until_ready",
    "warm_up_in_background",
]

WISHES = ("auto", "numpy", "compiled")
"""What a person can ask for."""


@dataclass(frozen=True)
class Choice:
    """A backend (see :data:`nnplay.core.engine.Backend`) for the whole of a run.

    Attributes:
        wish: one of :data:`WISHES`.
        may_compile: whether compiled code is at hand for this run.
        notice: what people should know about the choice, as a sentence; empty if nothing.
    """

    wish: str
    may_compile: bool
    notice: str = ""

    def __call__(self, plan: Plan) -> Engine:
        """The engine for a plan; links compiled code at the first call, which takes some 0.1 s."""
        if self.explain(plan):
            return NumpyEngine(plan)
        from nnplay.compiled.engine import CompiledEngine
        from nnplay.compiled.loading import KernelError
        from nnplay.compiled.readiness import kernel

        try:
            return CompiledEngine(plan, kernel())
        except KernelError:  # it stays so, and `reason` tells
            return NumpyEngine(plan)

    def explain(self, plan: Plan) -> str:
        """Why NumPy computes a plan, as a sentence; empty if compiled code does."""
        from nnplay.compiled.choosing import is_worth_it

        if not self.may_compile:
            return self.notice or "NumPy was asked for."
        if unsupported := supports(plan):
            return unsupported
        if self.wish == "auto" and not is_worth_it(plan):
            return "NumPy's matrix products are quicker for a network of this size."
        return ""


def supports(plan: Plan) -> str | None:
    """None if the compiled backend can compute a plan; otherwise why not, as a sentence."""
    from nnplay.compiled.choosing import supports

    return supports(plan)


def choose(wish: str, *, wait: bool, progress: Callable[[float], None] | None = None) -> Choice:
    """The backend for a run.

    Args:
        wish: ``numpy``; ``compiled``, wherever a plan can be compiled; or ``auto``, compiled where
            it is also quicker.
        wait: whether to wait for compilation (the command line). Otherwise a run that starts before
            the code is ready stays with NumPy to its end.
        progress: called while waiting, with the seconds so far; may raise to give up.

    Without Numba, or if it does not work, NumPy trains and the notice says so. Raises
    :class:`nnplay.core.errors.TrainingError` for another wish.
    """
    if wish not in WISHES:
        raise TrainingError(f"There is no backend “{wish}”; choose one of {', '.join(WISHES)}.")
    if wish == "numpy":
        return Choice(wish, may_compile=False)
    found = wait_until_ready(progress) if wait else warm_up_in_background()
    if found == "ready":
        from nnplay.compiled.loading import KernelError
        from nnplay.compiled.readiness import kernel

        if not wait:
            return Choice(wish, may_compile=True)
        try:
            kernel()
        except KernelError:
            return Choice(wish, may_compile=False, notice=reason())
        return Choice(wish, may_compile=True)
    return Choice(wish, may_compile=False, notice=reason())
