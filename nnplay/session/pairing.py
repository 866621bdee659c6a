"""Outputs and loss that do not go together are refused, with a button that mends it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.losses import LOSSES
from nnplay.core.targets import pairing_problem
from nnplay.document import Document
from nnplay.session.notices import Notice

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["PairingRefusedError", "pairing_notice", "refuse_pairing"]


class PairingRefusedError(ValueError):
    """An edit would leave outputs and loss unsuited to each other.

    Attributes:
        notice: what to show; its button does the edit together with what mends it.
    """

    def __init__(self, notice: Notice) -> None:
        super().__init__(notice.text)
        self.notice = notice


def pairing_notice(session: Session, document: Document, *, keep_loss: bool) -> Notice | None:
    """What to say about a document whose outputs and loss do not go together, else None.

    Args:
        session: carries out the remedy.
        document: the document in question.
        keep_loss: mend by changing the outputs (else by changing the loss), where that helps.
    """
    problem = pairing_problem(document.network, document.training.loss)
    if problem is None:
        return None
    training, outputs = document.training, document.network.topology.output_ids
    activation = problem.output_activation
    if keep_loss and activation is not None:
        words = f"Make the outputs {ACTIVATIONS[activation].title}"
        network = document.network.set_activation(outputs, activation)
        mended = replace(document, network=network)
    else:
        words = f"Use {LOSSES[problem.loss].title}"
        mended = replace(document, training=replace(training, loss=problem.loss))

    def mend(document: Document) -> Document:
        # Only what the remedy is about is taken over: the document may have moved on meanwhile.
        network = document.network
        if network.topology is mended.network.topology:
            network = replace(network, activations=mended.network.activations)
        loss = mended.training.loss
        return replace(document, network=network, training=replace(document.training, loss=loss))

    return Notice("warning", problem.sentence, words, lambda: session.edit(words, mend))


def refuse_pairing(session: Session, before: Document, after: Document) -> None:
    """Raise :class:`PairingRefusedError` if an edit breaks what went together before it."""
    changed_loss = before.training.loss != after.training.loss
    notice = pairing_notice(session, after, keep_loss=changed_loss)
    if notice is None or pairing_problem(before.network, before.training.loss) is not None:
        return
    raise PairingRefusedError(notice)
