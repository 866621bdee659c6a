"""The one exception that every reader and writer of files raises."""

from __future__ import annotations

__all__ = ["ActivationsUnknownError", "FormatError"]


class FormatError(ValueError):
    """A file cannot be read or written; the message is a sentence that says why and what to do.

    Attributes:
        reason: the sentence without the file's name.
        file: name of the file, empty while unknown.
    """

    def __init__(self, reason: str, file: str = "") -> None:
        self.reason = reason
        self.file = file
        super().__init__(f"{file}: {reason}" if file else reason)

    def in_file(self, file: str) -> FormatError:
        """The same error with the file's name in front; an error that has one stays itself."""
        return self if self.file else type(self)(self.reason, file)


class ActivationsUnknownError(FormatError):
    """A file of bare weights does not say which activations its neurons have: ask, then retry."""
