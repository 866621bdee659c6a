"""The error that training and its preparation raise."""

from __future__ import annotations

__all__ = ["TrainingError"]


class TrainingError(ValueError):
    """A network, its data and its training settings do not go together.

    The message is one sentence for people; it says what is wrong and what to do about it.
    """
