"""Verbs that change data, training settings, seed and initial weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nnplay.core.checks import check_config
from nnplay.core.config import DEAD_LINKS, TrainingState, carried_state
from nnplay.core.history import History
from nnplay.core.initializers import draw_parameters
from nnplay.data.binding import rebind
from nnplay.data.errors import DataError
from nnplay.data.imported import NOT_SCALED
from nnplay.data.recipe import Column, DataRecipe, Preparation, RawTable
from nnplay.data.tables import CsvTable, choose_target
from nnplay.document import Document
from nnplay.session.notices import Notice, Severity
from nnplay.session.pairing import refuse_pairing
from nnplay.session.placement import keep_places
from nnplay.setup import change_data, usual_train_percent, weight_source

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["MAX_SEED", "SetupEditor"]

# The largest seed a document file can hold exactly and a person can still type.
MAX_SEED: Final = 2**32 - 1
MOST_REMARKS: Final = 6
_KEEPS: Final = "The network keeps what it has learnt. Start again with new initial weights?"
_KEEPS_ALL: Final = "It keeps what it has learnt."


class SetupEditor:
    """Edits of the set-up, on behalf of the session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # ------------------------------------------------------------------ training
    def set_training(self, gesture: int | None, changes: dict[str, Any]) -> bool:
        """Change training settings; what has been learnt stays."""
        session = self._session
        text = f"Set the {_SETTINGS[next(iter(changes))]}" if len(changes) == 1 else "Set training"

        def edit(document: Document) -> Document:
            config = replace(document.training, **changes)
            if config == document.training:
                return document
            check_config(config)
            state = carried_state(document.state, document.training, config)
            after = replace(document, training=config, state=state)
            refuse_pairing(session, document, after)
            return after

        return session.edit(text, edit, gesture)

    # ------------------------------------------------------------------ data
    def set_data(self, gesture: int | None, changes: dict[str, Any]) -> bool:
        """Change where data come from; inputs and outputs follow, training state stays."""
        words = "Choose data" if "source" in changes or len(changes) != 1 else "Set the data"
        notes: list[str] = []

        def edit(document: Document) -> Document:
            recipe = _other_recipe(document.data, changes)
            if recipe == document.data:
                return document
            _check_recipe(recipe.noise, recipe.sample_count, recipe.train_percent)
            after, said = self._with_data(document, recipe)
            notes[:] = said
            return after

        done = self._session.edit(words, edit, gesture)
        return self._told(done, notes, others="source" in changes)

    def load_table(
        self, table: RawTable, name: str, remarks: Sequence[str], *, is_incomplete: bool
    ) -> bool:
        """Use imported data; remarks are said with what else was decided."""
        notes: list[str] = []
        unused: set[str] = set()

        def edit(document: Document) -> Document:
            recipe = replace(
                document.data, source="table", table=table, table_name=name, sample_count=None
            )
            recipe = replace(recipe, train_percent=_train_percent(document.data, recipe))
            after, said = self._with_data(document, recipe)
            # What was assumed of a network from elsewhere must not drown in remarks on rows.
            is_foreign = after.preparation.keeps_raw
            notes[:] = [*said, *remarks] if is_foreign else [*remarks, *said]
            unused.update(column.name for column in table.input_columns)
            unused.difference_update(after.preparation.features)
            return after

        done = self._session.edit(f"Open data {name}", edit)
        severity: Severity = "warning" if is_incomplete or unused else "info"
        return self._told(done, notes, severity=severity, is_important=True)

    def set_target(self, column: str) -> bool:
        """Predict another column of an imported table."""
        notes: list[str] = []

        def edit(document: Document) -> Document:
            table = document.data.table
            if table is None:
                raise DataError(
                    "These data say themselves what is predicted. Open a CSV file to choose."
                )
            if column == table.target:
                return document
            chosen = choose_target(_as_read(table, document.data.table_name), column)
            after, said = self._with_data(document, replace(document.data, table=chosen))
            notes[:] = said
            return after

        return self._told(self._session.edit(f"Predict {column}", edit), notes)

    def set_features(self, features: tuple[str, ...]) -> bool:
        """Choose the features the inputs stand for."""

        def edit(document: Document) -> Document:
            if features == document.preparation.features:
                return document
            preparation = document.preparation.with_features(features)
            return self._with_data(document, document.data, preparation)[0]

        return self._told(self._session.edit("Choose features", edit))

    def fit_to_data(self) -> bool:
        """Bind inputs and outputs to the data again after they were edited by hand."""

        def edit(document: Document) -> Document:
            prepared = self._session.workspace.data.of(document)
            network = rebind(document.network, prepared, prepared, weight_source(document))
            if network is document.network:
                return document
            return _placed(document, document.with_network(network))

        return self._session.edit("Fit the network to the data", edit)

    def set_scaling(self, inputs: str | None, targets: str | None) -> bool:
        """Choose how inputs and numeric targets are scaled: ``none`` or ``standard``."""

        def edit(document: Document) -> Document:
            preparation = replace(
                document.preparation,
                scale_inputs=inputs or document.preparation.scale_inputs,
                scale_targets=targets or document.preparation.scale_targets,
                keeps_raw=False,
            )
            if preparation == document.preparation:
                return document
            return self._with_data(document, document.data, preparation)[0]

        return self._told(self._session.edit("Set the scaling", edit))

    def set_seed(self, seed: int) -> bool:
        """New data, split and shuffling; the weights stay until new ones are drawn."""
        if not 0 <= seed <= MAX_SEED:
            return self._session.refuse(f"A seed is a whole number from 0 to {MAX_SEED}.")

        def edit(document: Document) -> Document:
            if seed == document.seed:
                return document
            # A seed of its own that shuffling got on the command line would keep the old order.
            training = replace(document.training, shuffle_seed=None)
            after = replace(document, seed=seed, training=training)
            self._session.workspace.data.of(after)  # raises a sentence if these data cannot be
            return _placed(document, after)

        return self._session.edit("Set the seed", edit)

    def _with_data(
        self, document: Document, recipe: DataRecipe, preparation: Preparation | None = None
    ) -> tuple[Document, Sequence[str]]:
        """The document with other data, and remarks; the data are prepared only once."""
        keeper = self._session.workspace.data
        before = keeper.look(document)[0]
        after, prepared, notes = change_data(document, recipe, preparation, before=before)
        keeper.keep(after, prepared)
        return _placed(document, after), notes

    def _told(
        self,
        done: bool,
        notes: Sequence[str] = (),
        *,
        others: bool = True,
        severity: Severity = "info",
        is_important: bool = False,
    ) -> bool:
        """Say what was decided, and what becomes of what was learnt if the data are others now."""
        session = self._session
        if not done:
            return False
        if session.document.preparation.keeps_raw:
            is_important = True  # what was assumed of a network from elsewhere may be wrong
        text = _in_short(notes)
        if NOT_SCALED in notes:
            if others and session.shown_step:
                text = f"{text} {_KEEPS_ALL}"
            notice = Notice(severity, text, "Scale inputs", self._scale_inputs, is_important)
            session.notice_posted.emit(notice)
        elif others and session.shown_step:
            text = f"{text} {_KEEPS}".strip()
            again = session.draw_new_weights
            notice = Notice(severity, text, "New initial weights", again, is_important)
            session.notice_posted.emit(notice)
        elif notes:
            session.notice_posted.emit(Notice(severity, text, is_important=is_important))
        return True

    def _scale_inputs(self) -> None:
        self.set_scaling("standard", None)

    # ------------------------------------------------------------------ initial weights
    def reset(self) -> bool:
        """Back to the same initial weights, as if nothing had been trained."""

        def edit(document: Document) -> Document:
            return _untrained(document, document.initial)

        return self._session.edit("Reset", edit)

    def draw_new_weights(self) -> bool:
        """Other initial weights; locked parameters keep their values."""

        def edit(document: Document) -> Document:
            draw = document.draw + 1
            network = document.network
            training = document.training
            theta = draw_parameters(
                network,
                training.initializer,
                document.seed,
                draw,
                value=training.initial_value,
            )
            theta = np.where(network.frozen, network.theta, theta)
            return replace(_untrained(document, theta), draw=draw)

        return self._session.edit("Draw new weights", edit)


_SETTINGS: Final = {
    "loss": "loss",
    "optimizer": "optimiser",
    "learning_rate": "learning rate",
    "momentum": "momentum",
    "dampening": "dampening",
    "beta1": "decay rate β₁",
    "beta2": "decay rate β₂",
    "epsilon": "epsilon",
    "rms_decay": "memory of squares",
    "weight_decay": "weight decay",
    "batch_size": "batch size",
    "l1": "L1 rate",
    "l2": "L2 rate",
    "l1_dead_links": "switching off of dead connections",
    "clip_norm": "limit of the gradient’s length",
    "clip_value": "limit of each derivative",
    "max_norm": "limit of a neuron’s weights",
    "schedule": "schedule of the learning rate",
    "schedule_epochs": "epochs of the schedule",
    "schedule_factor": "factor of the schedule",
    "warmup_epochs": "warm-up",
    "huber_delta": "Huber δ",
    "label_smoothing": "label smoothing",
    "class_weights": "class weights",
    "initializer": "initialiser",
    "initial_value": "initial value",
    "shuffle": "shuffling",
    "shuffle_seed": "seed of shuffling",
    "precision": "precision",
    "early_stopping": "early stopping",
    "patience": "patience",
    "min_improvement": "smallest improvement",
    "stop_epoch": "epoch to stop at",
    "stop_seconds": "seconds to stop after",
    "stop_loss": "loss to stop at",
}


def _in_short(notes: Sequence[str]) -> str:
    """A messy table gives hundreds of remarks; nobody reads more than the first few."""
    more = len(notes) - MOST_REMARKS
    if more <= 0:
        return " ".join(notes)
    rest = f"There {'is 1 more remark' if more == 1 else f'are {more} more remarks'} like these."
    return " ".join([*notes[:MOST_REMARKS], rest])


def _as_read(table: RawTable, name: str) -> CsvTable:
    """The table before a target was chosen: numbers that were taken as classes are numbers."""
    columns = list(table.columns)
    for place, column in enumerate(columns):
        if column.name != table.target or not column.categories:
            continue
        try:
            numbers = np.array([float(category) for category in column.categories])
        except ValueError:
            continue  # words; a file's column of numbers never has words for categories
        values = numbers[column.values.astype(np.int64)]
        values.flags.writeable = False
        columns[place] = Column(column.name, values)
    lines = np.arange(table.row_count)
    return CsvTable(name, tuple(columns), lines, (), table.target)


def _placed(before: Document, after: Document) -> Document:
    """``after`` a change of data, with all neurons in their places."""
    if after.network.topology is before.network.topology:
        return after
    return keep_places(before, after, follow=True)


def _untrained(document: Document, theta: np.ndarray[Any, np.dtype[np.float64]]) -> Document:
    state = document.state
    network = document.network
    untouched = state.step == 0 and not len(document.history) and not state.optimizer_arrays
    if untouched and np.array_equal(network.theta, theta):
        return document
    network = network.with_theta(theta)
    if DEAD_LINKS in state.optimizer_arrays:  # switched off by training, hence on again
        dead = np.flatnonzero(state.optimizer_arrays[DEAD_LINKS])
        network = network.set_enabled(dead.tolist(), True)
    return replace(
        document,
        network=network,
        initial=network.theta,
        state=TrainingState(),
        history=History(),
    )


def _other_recipe(before: DataRecipe, changes: dict[str, Any]) -> DataRecipe:
    """The recipe with changes; another source brings its own numbers unless they are given."""
    recipe = replace(before, **changes)
    if recipe.source != "table":
        recipe = replace(recipe, table=None, table_name="")
    if recipe.source == before.source:
        return recipe
    if "sample_count" not in changes:
        recipe = replace(recipe, sample_count=None)
    if "train_percent" not in changes:
        recipe = replace(recipe, train_percent=_train_percent(before, recipe))
    return recipe


def _train_percent(before: DataRecipe, after: DataRecipe) -> int:
    """The share for training under another source: a person's choice stays where it can."""
    usual = usual_train_percent(after.source, after.table)
    untouched = before.train_percent == usual_train_percent(before.source, before.table)
    # A truth table has too few rows to keep any for testing.
    return usual if untouched or usual == 100 else before.train_percent


def _check_recipe(noise: int, sample_count: int | None, train_percent: int) -> None:
    if not 0 <= noise <= 50:
        raise DataError("Noise lies between 0 and 50 percent.")
    if not 1 <= train_percent <= 100:
        raise DataError("The share for training lies between 1 and 100 percent.")
    if sample_count is not None and sample_count < 1:
        raise DataError("There must be at least one sample.")
