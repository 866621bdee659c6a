"""Exports while the window goes on: written, read back or run on a thread that can be given up."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnplay.document import Document

if TYPE_CHECKING:
    from nnplay.formats.verification import ExportReport

__all__ = ["Exporting"]


class Exporting:
    """One export under way. The thread waits for other processes or writes text most of the time.

    Attributes:
        report: how it went; None until it is done, and if it failed.
        error: why it failed, as a sentence; empty otherwise.
    """

    def __init__(
        self, document: Document, path: Path, format_name: str, options: Mapping[str, Any]
    ) -> None:
        self.report: ExportReport | None = None
        self.error = ""
        self._stop = threading.Event()
        self._document, self._path = document, path
        self._format, self._options = format_name, dict(options)
        self._thread = threading.Thread(target=self._work, name="nnplay-export", daemon=True)
        self._thread.start()

    @property
    def is_done(self) -> bool:
        """Whether it has ended, well or not."""
        return not self._thread.is_alive()

    def cancel(self) -> None:
        """Give up; nothing is written unless it was written already."""
        self._stop.set()

    def wait(self, seconds: float) -> bool:
        """Wait for the end, but not longer; whether it has come."""
        self._thread.join(seconds)
        return self.is_done

    def _work(self) -> None:
        from nnplay import library

        try:
            self.report = library.export(
                self._document, self._path, self._format, stop=self._stop, **self._options
            )
        except MemoryError:
            self.error = "This needs more memory than there is. Nothing was written."
        except (OSError, ValueError) as error:
            self.error = str(error)
        except Exception as error:
            fault = f"{type(error).__name__}: {error}"
            self.error = f"The export failed because of a fault in nnplay ({fault})."
