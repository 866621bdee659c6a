"""Makes documents that are ready to train: network, loss and scaling that fit the data.

Used by ``nnplay new``, File > New and the data panel. Everything chosen for the user is said in
the notes that come back.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.config import TrainingConfig
from nnplay.core.initializers import INITIALIZERS, draw_parameters, draw_weight
from nnplay.core.losses import LOSSES
from nnplay.core.network import Network
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.core.targets import default_loss, pairing_problem
from nnplay.data.binding import output_label, rebind
from nnplay.data.catalogue import CATALOGUE, DatasetInfo
from nnplay.data.datasets import dataset_info
from nnplay.data.errors import DataError
from nnplay.data.imported import as_raw, changes_of_import, without_strange_ties
from nnplay.data.preparation import PreparedData, prepare
from nnplay.data.recipe import DataRecipe, Preparation, RawTable
from nnplay.data.tables import default_features
from nnplay.document import Document

__all__ = [
    "change_data",
    "new_document",
    "suited_preparation",
    "usual_train_percent",
    "weight_source",
]

Notes = tuple[str, ...]
MAX_EDGES: Final = 2_000_000
FEW_ROWS: Final = 10
TABLE_TRAIN_PERCENT: Final = 70
# Training of imported tables; playground settings are too timid for scaled columns.
TABLE_TRAINING: Final = TrainingConfig(
    loss="mse", optimizer="adam", learning_rate=0.01, batch_size=16, initializer="glorot_uniform"
)
TABLE_HIDDEN_SIZES: Final = (8,)


def new_document(
    data: str = "circle",
    *,
    layers: Sequence[int] | None = None,
    hidden: Sequence[int] | None = None,
    activation: str | None = None,
    output_activation: str | None = None,
    loss: str | None = None,
    features: Sequence[str] | None = None,
    seed: int = 0,
    noise: int = 0,
    sample_count: int | None = None,
    train_percent: int | None = None,
    table: RawTable | None = None,
    table_name: str = "",
    scale_inputs: str | None = None,
    scale_targets: str | None = None,
    training: Mapping[str, Any] | None = None,
    title: str | None = None,
) -> tuple[Document, Notes]:
    """A new document with data, a layered network with fresh weights, and fitting settings.

    Args:
        data: a name of the catalogue, or ``table`` with ``table`` given.
        layers: neurons of all layers, inputs and outputs included (``2,4,2,1``). The first may
            also be the number of raw columns where features make more or fewer inputs of them;
            a note says so.
        hidden: neurons of the hidden layers only, instead of ``layers``; may be empty.
        activation: of hidden neurons; None takes what suits the data.
        output_activation: of the outputs; None takes what suits the data.
        loss: None takes what goes with the outputs.
        features: input features; None takes those of the data set.
        seed: drives data, split and weights.
        noise: 0 to 50, percent.
        sample_count: number of samples; None takes the set's own.
        train_percent: share for training; None takes the set's own.
        table: imported data.
        table_name: name of the file they came from.
        scale_inputs: ``none`` or ``standard``; None takes what suits the data.
        scale_targets: the same for a numeric target.
        training: further fields of :class:`TrainingConfig` (``learning_rate`` …).
        title: name of the document; None takes the data's.

    Returns:
        The document, and sentences about what was chosen.

    Raises:
        DataError: something asked for does not exist or does not go together.
    """
    if table is not None:
        data = "table"
    info = None if data == "table" else dataset_info(data)
    percent = usual_train_percent(data, table) if train_percent is None else train_percent
    recipe = DataRecipe(data, noise, sample_count, percent, table, table_name)
    preparation, notes = suited_preparation(recipe)
    if features is not None:
        preparation = preparation.with_features(tuple(features))
    preparation = replace(
        preparation,
        scale_inputs=scale_inputs or preparation.scale_inputs,
        scale_targets=scale_targets or preparation.scale_targets,
    )
    prepared = prepare(recipe, preparation, seed)
    notes += prepared.notes
    output_count = _output_count(prepared, layers)
    hidden_sizes = _hidden_sizes(prepared, layers, hidden, info, output_count)
    if layers is not None and layers[0] != len(prepared.input_keys):
        notes += (
            f"The first layer has {len(prepared.input_keys)} neurons, one for each input made of "
            f"the {layers[0]} columns.",
        )
    if activation is None:
        activation = info.default_activation if info else "tanh"
        if hidden_sizes:
            notes += (f"Hidden neurons: {_activation_title(activation)}.",)
    _known("activation", activation, ACTIVATIONS)
    config, output_activation, more = _suited_training(
        prepared, info, output_activation, loss, output_count, training or {}
    )
    notes += more
    network = Network.mlp(
        [len(prepared.input_keys), *hidden_sizes, output_count],
        activation=activation,
        output_activation=output_activation,
        input_bindings=prepared.input_keys,
        output_bindings=_output_bindings(prepared, output_count),
    )
    for neuron_id in network.topology.output_ids:
        key = network.bindings[network.topology.row(neuron_id)] or ""
        network = network.set_label(neuron_id, output_label(prepared, key, output_count))
    problem = pairing_problem(network, config.loss)
    if problem is not None:
        raise DataError(problem.sentence)
    network = network.with_theta(
        draw_parameters(network, config.initializer, seed, 0, value=config.initial_value)
    )
    if preparation.scale_inputs == "standard":
        notes += ("Inputs are scaled to mean 0 and deviation 1, fitted on the training part.",)
    if preparation.scale_targets == "standard" and not prepared.is_classification:
        notes += ("The target is scaled too; predictions come back in its own units.",)
    if title is None:
        title = data_title(recipe)
    document = Document(
        network, data=recipe, preparation=preparation, training=config, seed=seed, title=title
    )
    return document, notes


def usual_train_percent(source: str, table: RawTable | None = None) -> int:
    """The share for training that a data source has unless somebody says otherwise, in percent."""
    if source in CATALOGUE:
        return CATALOGUE[source].default_train_percent
    too_few = table is not None and table.row_count < FEW_ROWS  # to keep any for testing
    return 100 if too_few else TABLE_TRAIN_PERCENT


def suited_preparation(recipe: DataRecipe) -> tuple[Preparation, Notes]:
    """Features and scaling that suit a data source.

    Raises:
        DataError: the source does not exist or has no usable column.
    """
    if recipe.source != "table":
        return dataset_info(recipe.source).default_preparation, ()
    if recipe.table is None:
        raise DataError("The document has no table of data. Please open a CSV file.")
    features, notes = default_features(recipe.table)
    if not features:
        raise DataError("The table has no column that could be an input. Please add one.")
    targets = "none" if recipe.table.classes else "standard"
    return Preparation(features, "standard", targets), notes


def change_data(
    document: Document,
    recipe: DataRecipe,
    preparation: Preparation | None = None,
    *,
    before: PreparedData | None = None,
) -> tuple[Document, PreparedData, Notes]:
    """The document with other data; inputs, outputs and what depends on them follow.

    With another source that has other columns, features and scaling become those that suit it,
    unless given; an imported network goes on getting values as they are. Inputs and outputs are
    bound by name (see :func:`nnplay.data.binding.rebind`).
    When the kind of prediction or the number of outputs changes, output activation and loss
    become those that suit the data. Training state and curves are left to the caller.

    Args:
        document: the document as it is.
        recipe: the data to use from now on.
        preparation: features and scaling; None keeps or chooses them.
        before: the document's present data, if they are at hand.

    Raises:
        DataError: the data do not exist or the features do not fit them.
    """
    notes: Notes = ()
    if before is None:
        before = _prepared_or_none(document)
    another = recipe.source != document.data.source or recipe.table is not document.data.table
    if preparation is None:
        preparation = document.preparation
        if another and (before is None or before.raw_names != _raw_names(recipe)):
            preparation, notes = suited_preparation(recipe)
            if document.preparation.keeps_raw:
                preparation, said = as_raw(preparation)
                notes += said
    prepared = prepare(recipe, preparation, document.seed)
    network = document.network
    if another and preparation.keeps_raw:
        network = without_strange_ties(network, prepared)
    network = rebind(network, before, prepared, weight_source(document))
    if another and preparation.keeps_raw:
        notes += changes_of_import(document.network, network, prepared)
    config = document.training
    outputs = len(network.topology.output_ids)
    kind_changed = before is None or before.is_classification != prepared.is_classification
    if another and (kind_changed or outputs != len(document.network.topology.output_ids)):
        info = CATALOGUE.get(recipe.source)
        suited, output_activation, more = _suited_training(prepared, info, None, None, outputs, {})
        config = replace(config, loss=suited.loss)
        network = network.set_activation(network.topology.output_ids, output_activation)
        notes += more
    if config.class_weights and (before is None or before.output_keys != prepared.output_keys):
        config = replace(config, class_weights=())
        notes += ("The classes are others, so all of them count alike again.",)
    if another:
        notes += prepared.notes
    changed = document if network is document.network else document.with_network(network)
    # A document that was named after its data goes on being so; a name of its own stays.
    title = data_title(recipe) if document.title == data_title(document.data) else document.title
    changed = replace(changed, data=recipe, preparation=preparation, training=config, title=title)
    return changed, prepared, notes


def data_title(recipe: DataRecipe) -> str:
    """What a document about these data is called until somebody names it."""
    info = CATALOGUE.get(recipe.source)
    return info.title if info else (recipe.table_name.rsplit(".", 1)[0] or "Untitled")


def weight_source(document: Document) -> Callable[[int, int], float]:
    """``weight(source id, target id)``: the initial weight of a new connection in a document."""

    def weight(source: int, target: int) -> float:
        return draw_weight(
            document.network,
            source,
            target,
            document.training.initializer,
            document.seed,
            document.draw,
            value=document.training.initial_value,
        )

    return weight


def _prepared_or_none(document: Document) -> PreparedData | None:
    try:
        return prepare(document.data, document.preparation, document.seed)
    except DataError:
        return None


def _raw_names(recipe: DataRecipe) -> tuple[str, ...]:
    if recipe.table is not None:
        return recipe.table.raw_names
    return dataset_info(recipe.source).raw_names


def _output_bindings(prepared: PreparedData, output_count: int) -> tuple[str, ...]:
    if prepared.is_classification and output_count == 1:
        return prepared.output_keys[1:]
    return prepared.output_keys


def _output_count(prepared: PreparedData, layers: Sequence[int] | None) -> int:
    keys = prepared.output_keys
    is_binary = prepared.is_classification and len(keys) == 2
    if layers is None:
        return 1 if is_binary else len(keys)
    if len(layers) < 2:
        raise DataError("Give at least two layers: the inputs and the outputs, for example 2,1.")
    if layers[-1] == len(keys) or (is_binary and layers[-1] == 1):
        return layers[-1]
    wanted = "1 or 2" if is_binary else str(len(keys))
    what = f"classes {', '.join(keys[:8])}" if prepared.is_classification else f"value “{keys[0]}”"
    raise DataError(
        f"The last layer has {layers[-1]} neurons, but the {what} "
        f"need{'' if prepared.is_classification else 's'} {wanted}. "
        f"End the layers with {wanted}."
    )


def _hidden_sizes(
    prepared: PreparedData,
    layers: Sequence[int] | None,
    hidden: Sequence[int] | None,
    info: DatasetInfo | None,
    output_count: int,
) -> tuple[int, ...]:
    inputs = len(prepared.input_keys)
    if layers is not None:
        # Who chooses features often counts the columns they are made of; see new_document.
        if layers[0] not in (inputs, len(prepared.raw_names)):
            keys = ", ".join(prepared.input_keys[:8]) + (" …" if inputs > 8 else "")
            raise DataError(
                f"The first layer has {layers[0]} neurons, but there are {inputs} inputs ({keys}). "
                f"Begin the layers with {inputs}, or choose other features."
            )
        hidden = layers[1:-1]
    if hidden is None:
        hidden = info.default_hidden_sizes if info else TABLE_HIDDEN_SIZES
    sizes = [inputs, *hidden, output_count]
    if any(size < 1 for size in sizes):
        raise DataError("Every layer needs at least one neuron.")
    edges = sum(a * b for a, b in itertools.pairwise(sizes))
    if edges > MAX_EDGES:
        raise DataError(
            f"These layers have {edges:,} connections; at most {MAX_EDGES:,} can be handled. "
            "Please make them smaller."
        )
    return tuple(hidden)


def _known(what: str, name: str, table: Mapping[str, object]) -> None:
    if name not in table:
        raise DataError(f"There is no {what} “{name}”. There are {', '.join(table)}.")


def _activation_title(name: str) -> str:
    return ACTIVATIONS[name].title if name in ACTIVATIONS else name


def _suited_training(
    prepared: PreparedData,
    info: DatasetInfo | None,
    output_activation: str | None,
    loss: str | None,
    output_count: int,
    training: Mapping[str, Any],
) -> tuple[TrainingConfig, str, Notes]:
    """Training settings, output activation, and sentences about what was chosen."""
    notes: Notes = ()
    classes = len(prepared.output_keys) if prepared.is_classification else 0
    usual_output, usual_loss = _usual_pairing(info, classes, output_count)
    if loss is not None:
        _known("loss", loss, LOSSES)
    if output_activation is None:
        needed = LOSSES[loss].output_activation if loss is not None else None
        output_activation = needed or usual_output
        notes += (f"Outputs: {_activation_title(output_activation)}.",)
    _known("activation", output_activation, ACTIVATIONS)
    if loss is None:
        if output_activation == usual_output:
            loss = usual_loss
        else:
            loss = default_loss(output_activation, classes)
        notes += (f"Loss: {LOSSES[loss].title}.",)
    config = info.default_training if info else TABLE_TRAINING
    try:
        config = replace(config, **{"loss": loss, **training})
    except TypeError:
        unknown = sorted(set(training) - set(vars(config)))
        raise DataError(f"There is no training setting “{unknown[0]}”.") from None
    _known("optimiser", config.optimizer, OPTIMIZERS)
    _known("initialiser", config.initializer, INITIALIZERS)
    return config, output_activation, notes


def _usual_pairing(info: DatasetInfo | None, classes: int, output_count: int) -> tuple[str, str]:
    """Output activation and loss that suit the data when nothing is asked for."""
    if classes and output_count > 1:
        return "softmax", "softmax_cross_entropy"
    if info is not None:
        return info.default_output_activation, info.default_loss
    return ("sigmoid", "binary_cross_entropy") if classes else ("linear", "mse")
