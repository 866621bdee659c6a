"""Words for the probed sample: which one it is and what it should give."""

from __future__ import annotations

from nnplay.data.preparation import PreparedData
from nnplay.gui.panels.words import plain_number
from nnplay.session.session import Session

__all__ = ["probe_place", "raw_text", "raw_value_text", "target_text"]


def probe_place(session: Session) -> str:
    """Which sample it is: "sample 17 · +1", or "free point" for a probe put between the samples."""
    probe = session.probe
    if probe.row is None:
        return "free point" if session.prepared is not None else "no data"
    target = target_text(session)
    return f"sample {probe.row + 1}" + (f" · {target}" if target else "")


def target_text(session: Session) -> str:
    """What the outputs should say for the probed sample; empty when nobody knows."""
    target = session.probe.target
    if target is None:
        return ""
    return target if isinstance(target, str) else plain_number(target, 4)


def raw_text(session: Session, column: int) -> str:
    """A raw value of the probed sample as people read it: the word for a column of words."""
    return raw_value_text(session.prepared, column, session.probe.raw[column])


def raw_value_text(
    prepared: PreparedData | None, column: int, value: float, digits: int = 6
) -> str:
    """A raw value of a column as people read it: the word for a column of words."""
    words = prepared.raw_categories[column] if prepared is not None else None
    if words and 0 <= int(value) < len(words):
        return words[int(value)]
    return plain_number(value, digits)
