"""Watches over one session's unsaved work; a window switches it on when it is there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from nnplay.session.notices import Notice
from nnplay.session.recovery import Origin, Recovery

if TYPE_CHECKING:
    from nnplay.session.files import Files
    from nnplay.session.orphans import Orphan
    from nnplay.session.session import Session

__all__ = ["Guard"]


class Guard(QObject):
    """Hands every change to the recovery, and says when nothing is left to recover."""

    def __init__(self, session: Session, files: Files, folder: Path) -> None:
        super().__init__(session)
        self._session = session
        self._files = files
        self._before = Origin(None, "")
        self._saved = (0, 0)
        self.recovery = Recovery(folder, self)
        self.recovery.failed.connect(self._say)
        self._note_saved()
        session.settled.connect(self.look)
        self.look()

    def look(self) -> None:
        """Something may have changed."""
        session = self._session
        if not session.is_modified:
            self._before = Origin(None, "")
            self._note_saved()
            self.recovery.clear()
            return
        document = self._files.with_view(session.live_document)
        self.recovery.publish(document, self._origin(), session.document)

    def adopt(self, orphan: Orphan) -> None:
        """The session shows recovered work from now on; its copy is kept until there is another."""
        lock, orphan.lock = orphan.lock, None
        if lock is not None:
            self.recovery.adopt(orphan.home, lock)
        self._before = orphan.origin
        self._note_saved()
        self.look()

    def _note_saved(self) -> None:
        state = self._session.workspace.state
        self._saved = (state.epoch, state.step)

    def _origin(self) -> Origin:
        session, before = self._session, self._before
        stack, state = session.undo_stack, session.workspace.state
        path = session.path
        return Origin(
            None if path is None else Path(os.path.abspath(path)),
            session.title,
            before.edits + abs(stack.index() - max(0, stack.cleanIndex())),
            before.epochs + max(0, state.epoch - self._saved[0]),
            before.steps + max(0, state.step - self._saved[1]),
        )

    def _say(self, why: str) -> None:
        text = f"No copy of your unsaved work can be kept for a crash: {why} Please save it soon."
        self._session.notice_posted.emit(Notice("warning", text))
