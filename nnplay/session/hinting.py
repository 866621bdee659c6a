"""Hints: remarks about settings that will probably disappoint, with what mends them.

A hint blocks nothing. Whoever dismisses one does not see it again for this document until the
window is closed.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Signal

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.config import TrainingConfig
from nnplay.core.hints import Hint, training_hints
from nnplay.core.losses import LOSSES
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.core.plain_numbers import plain_number
from nnplay.data.errors import DataError

if TYPE_CHECKING:
    from nnplay.document import Document
    from nnplay.session.session import Session

__all__ = ["Hinting", "ShownHint", "is_far_from_usual"]

FAR: Final = 8.0
_OUTPUTS: Final = "output_activation"
RATE_KEY: Final = "rate_of_optimizer"


@dataclass(frozen=True, eq=False)
class ShownHint:
    """One hint.

    Attributes:
        key: what it is about.
        sentence: what to say.
        words: what the button says; empty without one.
        mend: does what the button says, as one undo step; None if there is no such thing.
    """

    key: str
    sentence: str
    words: str = ""
    mend: Callable[[], object] | None = None


def is_far_from_usual(config: TrainingConfig) -> bool:
    """Whether the learning rate is eight times above or below what suits the optimiser."""
    usual = OPTIMIZERS[config.optimizer].usual_rate
    if not config.learning_rate > 0:
        return False
    return abs(math.log(config.learning_rate / usual)) > math.log(FAR)


class Hinting(QObject):
    """Keeps the hints of one session up to date. GUI thread.

    Signals:
        changed(): :meth:`hints` may give others now.
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._dismissed: set[str] = set()
        self._rate_is_news = False
        session.setup_changed.connect(self._setup_changed)
        session.network_changed.connect(self._network_changed)
        session.data_changed.connect(self.changed)
        session.document_replaced.connect(self._document_replaced)

    def hints(self) -> tuple[ShownHint, ...]:
        """What is to be said at the moment, the most important first."""
        session = self._session
        document = session.document
        samples = None
        with contextlib.suppress(DataError):
            samples = session.workspace.data.samples(document)[0]
        found = [
            self._shown(hint)
            for hint in training_hints(document.network, document.training, samples)
        ]
        about_rate = any(hint.key.startswith("learning_rate") for hint in found)
        if self._rate_is_news and not about_rate and is_far_from_usual(document.training):
            found.append(self._rate_hint())
        return tuple(hint for hint in found if hint.key not in self._dismissed)

    def dismiss(self, key: str) -> None:
        """Do not say this again for this document."""
        self._dismissed.add(key)
        self.changed.emit()

    def _shown(self, hint: Hint) -> ShownHint:
        if not hint.remedy:
            return ShownHint(hint.key, hint.sentence)
        words = _words(hint.remedy)
        return ShownHint(hint.key, hint.sentence, words, partial(self._mend, hint.remedy))

    def _mend(self, remedy: Mapping[str, Any]) -> None:
        session = self._session
        if _OUTPUTS in remedy:
            session.set_activation(session.network.topology.output_ids, remedy[_OUTPUTS])
        else:
            session.set_training(None, **remedy)

    def _rate_hint(self) -> ShownHint:
        config = self._session.training
        usual = OPTIMIZERS[config.optimizer].usual_rate
        title = OPTIMIZERS[config.optimizer].title
        much = "large" if config.learning_rate > usual else "small"
        return ShownHint(
            RATE_KEY,
            f"A learning rate of {plain_number(config.learning_rate)} is {much} for {title}; {plain_number(usual)} is "
            "usual.",
            f"Use {plain_number(usual)}",
            partial(self._session.set_training, None, learning_rate=usual),
        )

    # ------------------------------------------------------------------ following the session
    def _setup_changed(self, before: Document, after: Document) -> None:
        old, new = before.training, after.training
        if old.optimizer != new.optimizer:
            # Only now is it news: whoever sets an unusual rate afterwards has a reason.
            self._rate_is_news = True
        elif old.learning_rate != new.learning_rate:
            self._rate_is_news = False
        self.changed.emit()

    def _network_changed(self, before: object, after: object) -> None:
        if (
            before.topology is not after.topology  # type: ignore[attr-defined]
            or before.activations != after.activations  # type: ignore[attr-defined]
            or before.frozen is not after.frozen  # type: ignore[attr-defined]
            or before.dropout is not after.dropout  # type: ignore[attr-defined]
        ):
            self.changed.emit()

    def _document_replaced(self) -> None:
        self._dismissed.clear()
        self._rate_is_news = False
        self.changed.emit()


def _words(remedy: Mapping[str, Any]) -> str:
    """What a button says that makes these changes."""
    key, value = next(iter(remedy.items()))
    match key:
        case "output_activation":
            return f"Make the outputs {ACTIVATIONS[value].title}"
        case "optimizer":
            return f"Use {OPTIMIZERS[value].title}"
        case "loss":
            return f"Use {LOSSES[value].title}"
        case "batch_size":
            return f"Use batches of {value:,}"
        case "label_smoothing":
            return "Switch label smoothing off"
        case "class_weights":
            return "Count all classes alike"
        case "learning_rate":
            return f"Use {plain_number(value)}"
    return "Change it"
