"""Messages for people: what happened, and what they can do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

__all__ = ["Notice", "Severity"]

Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True)
class Notice:
    """One message.

    Attributes:
        severity: ``info`` (said in passing), ``warning`` (refused, nothing is lost) or ``error``
            (something failed).
        text: one or two sentences with a way out.
        action_text: words for a button that does it, or empty.
        action: what that button does; called on the GUI thread.
        is_important: people should not miss it, though nothing is wrong.
        detail: more sentences, for those who look closer.
    """

    severity: Severity
    text: str
    action_text: str = ""
    action: Callable[[], object] | None = None
    is_important: bool = False
    detail: str = ""
