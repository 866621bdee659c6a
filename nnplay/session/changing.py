"""How an edit becomes an undo step, at rest and during a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from nnplay.core.errors import TrainingError
from nnplay.core.topology import TopologyError
from nnplay.data.errors import DataError
from nnplay.document import Document
from nnplay.session.messages import Restart, SetParameters
from nnplay.session.notices import Notice
from nnplay.session.pairing import PairingRefusedError
from nnplay.session.running import Runner
from nnplay.session.workspace import Workspace

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["Changes", "Edit"]

Edit = Callable[[Document], Document]
REFUSALS: Final = (TopologyError, TrainingError, DataError)


class Changes:
    """Makes edits. An edit is a pure function that is tried before anything is pushed.

    During a run, an edit closes the segment at the step where the worker rests for it: what was
    learnt so far is pushed, then the edit, and the worker goes on with the edited network. Further
    calls of the same gesture join that edit without stopping the worker again.
    """

    def __init__(self, session: Session, workspace: Workspace, runner: Runner) -> None:
        self._session = session
        self._workspace = workspace
        self._runner = runner

    def edit(
        self, text: str, edit: Edit, gesture: int | None = None, *, affects_training: bool = True
    ) -> bool:
        """Make an edit; False if it is refused (a notice says why) or changes nothing.

        Args:
            text: what is done, for menus and the history.
            edit: gives the document after the edit; may raise what people can understand.
            gesture: calls with the same id are one undo step.
            affects_training: False for names and places, which a run need not know.
        """
        runner, workspace = self._runner, self._workspace
        runner.collect()
        if not runner.is_running or not affects_training:
            return self._edit_at_rest(text, edit, gesture)
        if workspace.continues(gesture) and self._joined(text, edit, gesture):
            return True
        if not runner.park():
            return self._edit_at_rest(text, edit, gesture)
        # Before the first step the curve may have a row already: that of the network before the edit.
        live = workspace.live_document if runner.has_learnt else workspace.document
        try:
            after, notice = _tried(edit, live)
        except Exception:
            runner.go_on()  # a fault in an edit must not leave training at rest for ever
            raise
        if after is live:
            runner.go_on()
            self._say(notice)
            self._session.announce()
            return False
        try:
            # The worker goes on first: listeners take their time.
            message = runner.message_between(live, after)
            runner.go_on(message, measured=not len(after.history))
        except (DataError, TrainingError) as error:
            runner.stop()
            workspace.change(text, after, gesture)
            self._session.refuse(f"Training stopped. {error}")
            return True
        with self._session.announced_together():
            runner.commit()
            workspace.set_live(None)
            workspace.change(text, after, gesture)
            runner.begin_segment()
        return True

    def edit_parameters(
        self, text: str, values: Mapping[int, float], gesture: int | None = None
    ) -> bool:
        """Set parameters by slot; False if nothing changes."""
        runner, workspace = self._runner, self._workspace
        runner.collect()
        if not runner.is_running:
            if not _differ(workspace.document, values):
                return False
            workspace.change_parameters(text, values, gesture)
            return True
        message = SetParameters(dict(values))
        if workspace.continues(gesture):
            runner.send_parameters(message, values)
            workspace.change_parameters(text, values, gesture)
            return True
        if not runner.park():
            return self.edit_parameters(text, values, gesture)
        if not _differ(workspace.live_document, values):
            runner.go_on()
            self._session.announce()
            return False
        no_curve = not runner.has_learnt and not len(workspace.document.history)
        runner.go_on(message, measured=no_curve)
        with self._session.announced_together():
            runner.commit()
            workspace.set_live(None)
            workspace.change_parameters(text, values, gesture)
            runner.begin_segment()
        return True

    def _joined(self, text: str, edit: Edit, gesture: int | None) -> bool:
        """Whether an edit could join the gesture's last one while the run goes on."""
        base = self._workspace.document
        after, _ = _tried(edit, base)
        if after is base:
            return False
        try:
            message = self._runner.message_between(base, after)
        except (DataError, TrainingError):
            return False
        if isinstance(message, Restart):
            return False
        self._workspace.change(text, after, gesture)
        if message is not None:
            self._runner.send(message)
        return True

    def _edit_at_rest(self, text: str, edit: Edit, gesture: int | None) -> bool:
        before = self._workspace.document
        after, notice = _tried(edit, before)
        self._say(notice)
        if after is before:
            return False
        self._workspace.change(text, after, gesture)
        return True

    def _say(self, notice: Notice | None) -> None:
        if notice is not None:
            self._session.notice_posted.emit(notice)


def _tried(edit: Edit, document: Document) -> tuple[Document, Notice | None]:
    """The document after an edit; the same one, and what to say, if it is refused."""
    try:
        return edit(document), None
    except PairingRefusedError as error:
        return document, error.notice
    except REFUSALS as error:
        return document, Notice("warning", str(error))


def _differ(document: Document, values: Mapping[int, float]) -> bool:
    theta = document.network.theta
    return any(float(theta[slot]) != value for slot, value in values.items())
