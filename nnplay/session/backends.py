"""Which backend trains in the window: the person's wish, and what is at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast, get_args

from nnplay.session.values import BackendWish

if TYPE_CHECKING:
    from nnplay.core.engine import Backend
    from nnplay.session.settings import Settings

__all__ = ["Backends"]

_KEY: Final = "backend"


class Backends:
    """Chooses the backend of a run. A run keeps its backend to its end."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.name_in_use = ""
        """The backend of the present or the latest run; empty before any."""

    @property
    def wish(self) -> BackendWish:
        """What the person wants: ``auto``, ``numpy`` or ``compiled``."""
        found = self._settings.text(_KEY, "numpy")
        return cast("BackendWish", found) if found in get_args(BackendWish) else "auto"

    def set_wish(self, wish: BackendWish) -> None:
        """Remember a wish; the next run follows it."""
        self._settings.set_text(_KEY, wish)

    @property
    def words(self) -> str:
        """Which backend computes, as a sentence for people."""
        name = "Compiled code" if self.name_in_use == "compiled" else "NumPy"
        if not self.name_in_use:
            return "No run yet."
        return f"{name} computed the latest run."

    def choose(self) -> Backend | None:
        """The backend for a run that starts now: what is ready is taken, nothing is waited for."""
        if self.wish == "numpy":
            return None
        from nnplay.compiled import choose

        return choose(self.wish, wait=False)
