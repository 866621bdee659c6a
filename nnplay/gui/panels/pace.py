"""How fast training goes, as words that do not flicker."""

from __future__ import annotations

from nnplay.session.values import RunState

__all__ = ["pace_text", "rate_text"]


def rate_text(number: float) -> str:
    """A number that changes all the time, with three significant digits at most."""
    if number < 9.95:
        return f"{number:.1f}"
    digits = max(0, len(f"{number:.0f}") - 3)
    return f"{round(number, -digits):,.0f}"


def pace_text(run: RunState) -> str:
    """``2,140 steps/s · 85.6 epochs/s · 36 steps/frame``; empty while nothing is known."""
    if run.steps_per_second <= 0:
        return ""
    parts = [f"{rate_text(run.steps_per_second)} steps/s"]
    if run.epochs_per_second >= 0.05:
        parts.append(f"{rate_text(run.epochs_per_second)} epochs/s")
    if run.steps_per_frame >= 0.05:
        parts.append(f"{rate_text(run.steps_per_frame)} steps/frame")
    return " · ".join(parts)
