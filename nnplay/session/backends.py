"""Which backend trains in the window: the person's wish, and what is at hand."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, cast, get_args

from nnplay.session.values import BackendWish

if TYPE_CHECKING:
    from nnplay.core.engine import Backend, Engine, Plan
    from nnplay.session.settings import Settings

__all__ = ["Backends"]

_KEY: Final = "backend"
_VARIABLE: Final = "NNPLAY_BACKEND"
_NAMES: Final = {"numpy": "NumPy", "compiled": "Compiled code"}


class Backends:
    """Chooses the backend of a run. A run keeps its backend to its end.

    What is not said otherwise belongs to the GUI thread. The environment variable NNPLAY_BACKEND
    stands for a wish that nobody has expressed.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._why = ""  # also written by the training thread
        self._lack = ""  # why NumPy stands in for compiled code in the latest run
        self._told: set[str] = set()

    @property
    def wish(self) -> BackendWish:
        """What the person wants: ``auto``, ``numpy`` or ``compiled``."""
        found = self._settings.text(_KEY, os.environ.get(_VARIABLE, "auto"))
        return cast("BackendWish", found) if found in get_args(BackendWish) else "auto"

    def set_wish(self, wish: BackendWish) -> None:
        """Remember a wish; the next run follows it."""
        self._settings.set_text(_KEY, wish)
        self._why = ""
        self.prepare()

    def prepare(self) -> None:
        """Have the code compiled by a process of its own, unless it is there or nobody wants it.

        Nothing is loaded here: that is left to the thread of the first run.
        """
        if self.wish != "numpy":
            from nnplay.compiled import warm_up_in_background

            warm_up_in_background()

    def choose(self) -> Backend | None:
        """The backend for a run that starts now: what is ready is taken, nothing is waited for."""
        self._why = self._lack = ""
        if self.wish == "numpy":
            return None
        from nnplay.compiled import choose
        from nnplay.compiled.late import LateEngine

        choice = choose(self.wish, wait=False)
        self._lack = choice.notice

        def backend(plan: Plan) -> Engine:
            self._why = choice.explain(plan)
            return choice(plan) if self._why else LateEngine(plan, choice, "compiled")

        return backend

    def news(self) -> str:
        """Why NumPy stands in for compiled code in the run that begins; each reason only once."""
        if self._lack in self._told:
            return ""
        self._told.add(self._lack)
        return self._lack

    def words(self, name: str) -> str:
        """Which backend computes and why, as sentences for people.

        Args:
            name: the backend of the present or the latest run; empty before any.
        """
        if name:
            words = f"{_NAMES.get(name, name)} trains."
            if name != "numpy" or not self._why:
                return words
            return f"{words} {self._lack_by_now() if self._lack else self._why}"
        if self.wish == "numpy":
            return "NumPy will train."
        from nnplay import compiled

        return compiled.reason() or "Compiled code will train wherever it is quicker."

    def _lack_by_now(self) -> str:
        from nnplay import compiled

        return compiled.reason() or "Compiled code is ready now: the next run can use it."
