"""The one exception of the data room."""

from __future__ import annotations

__all__ = ["DataError"]


class DataError(ValueError):
    """Data, a formula or a setting cannot be used.

    The message is one or two sentences for people: it names the file, line, column or neuron
    concerned and a way out.
    """
