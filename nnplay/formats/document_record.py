"""Documents as records: everything a user made, as plain values that any format can carry.

Reading checks everything first and builds the document last, so that a file is read entirely or
not at all. Keys that belong to a newer minor version are kept in ``Document.extra`` and written
back where they were.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields as dataclass_fields
from typing import Any, Final

import numpy as np

from nnplay.core.config import TrainingConfig, TrainingState
from nnplay.core.history import History
from nnplay.core.setting_ranges import CHOICES, MAX_SEED, problem
from nnplay.document import Document
from nnplay.formats.data_record import (
    preparation_from_record,
    preparation_to_record,
    recipe_from_record,
    recipe_to_record,
)
from nnplay.formats.errors import FormatError
from nnplay.formats.fields import Fields
from nnplay.formats.network_record import network_from_record, network_to_record
from nnplay.formats.record import (
    FORMAT_NAME,
    MAJOR,
    MINOR,
    AnyArray,
    Record,
    check_version,
    take_array,
)
from nnplay.formats.strict_json import check_plain

__all__ = ["document_from_record", "document_to_record", "same_document"]

ARRAY_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
COUNTERS: Final = ("step", "epoch", "batch_in_epoch", "optimizer_step")


# ------------------------------------------------------------------ writing
def document_to_record(document: Document) -> Record:
    """The plain form of a document.

    Raises:
        FormatError: it holds something that no file may hold (a number that is not finite).
    """
    neurons, arrays = network_to_record(document.network, document.positions)
    if not np.array_equal(document.initial.view(np.int64), document.network.theta.view(np.int64)):
        arrays["params/initial"] = document.initial
    state = document.state
    for name, values in state.optimizer_arrays.items():
        arrays[f"optimizer/{name}"] = values
    if len(document.history):
        arrays["history/epochs"] = document.history.epochs
        arrays["history/train"] = document.history.train
        arrays["history/test"] = document.history.test
    for name, values in arrays.items():
        if values.dtype.kind == "f" and not name.startswith("history/"):
            _check_finite(name, values)
    head: dict[str, Any] = {
        "format": {"name": FORMAT_NAME, "major": MAJOR, "minor": MINOR},
        "title": document.title,
        "network": {"neurons": neurons},
        "data": recipe_to_record(document.data, arrays),
        "preparation": preparation_to_record(document.preparation),
        "training": _training_record(document.training),
        "seed": document.seed,
        "draw": document.draw,
        "state": {
            **{name: getattr(state, name) for name in COUNTERS},
            "counters": dict(state.counters),
            "backend": state.backend,
        },
        "view": check_plain(dict(document.view), "view"),
    }
    _put_back(head, check_plain(dict(document.extra), "extra"))
    return Record(head, arrays)


def _training_record(config: TrainingConfig) -> dict[str, Any]:
    wrong = problem(config)
    if wrong is not None:
        raise FormatError(
            f"training.{wrong.setting} must be {wrong.expected}, but it is "
            f"{getattr(config, wrong.setting)}."
        )
    values = {field.name: getattr(config, field.name) for field in dataclass_fields(config)}
    return {n: list(value) if isinstance(value, tuple) else value for n, value in values.items()}


def _check_finite(name: str, values: AnyArray) -> None:
    if not np.isfinite(values).all():
        raise FormatError(
            f"{name} holds a number that is not finite. Undo the last steps, then save again."
        )


def _put_back(head: dict[str, Any], extra: dict[str, Any]) -> None:
    """Put unknown keys back where they were found."""
    minor = extra.get("format", {}).pop("minor", None)
    network = extra.get("network", {})
    by_neuron = network.pop("neurons", {})
    for record in head["network"]["neurons"]:
        _merge(record, by_neuron.get(str(record["id"]), {}))
    _merge(head, extra)
    if isinstance(minor, int) and minor > MINOR:
        head["format"]["minor"] = minor


def _merge(target: dict[str, Any], unknown: Mapping[str, Any]) -> None:
    for key in sorted(unknown):
        if key not in target:
            target[key] = unknown[key]
        elif isinstance(target[key], dict) and isinstance(unknown[key], dict):
            _merge(target[key], unknown[key])


# ------------------------------------------------------------------ reading
def document_from_record(record: Record) -> Document:
    """Check a record and build the document.

    Raises:
        FormatError: the first thing that is wrong, with its place.
    """
    head = Fields(record.head, "")
    extra: dict[str, Any] = {}
    _keep(extra, "format", check_version(head))
    network_fields = head.section("network")
    network, positions, by_neuron = network_from_record(
        network_fields.items("neurons"), record.arrays
    )
    unknown = network_fields.rest()
    if by_neuron:
        unknown["neurons"] = by_neuron
    _keep(extra, "network", unknown)
    data_fields = head.section("data")
    data, unknown = recipe_from_record(data_fields, record.arrays)
    _keep(extra, "data", unknown)
    preparation_fields = head.section("preparation")
    preparation = preparation_from_record(preparation_fields)
    _keep(extra, "preparation", preparation_fields.rest())
    training_fields = head.section("training")
    training = _training(training_fields)
    _keep(extra, "training", training_fields.rest())
    state_fields = head.section("state")
    count = network.topology.parameter_count
    state = _state(state_fields, record.arrays, count)
    _keep(extra, "state", state_fields.rest())
    initial = network.theta
    if "params/initial" in record.arrays:
        initial = take_array(record.arrays, "params/initial", np.float64, (count,))
    view = head.get("view", {})
    if not isinstance(view, dict):
        raise head.wrong("view", "an object")
    document = Document(
        network=network,
        positions=positions,
        data=data,
        preparation=preparation,
        training=training,
        seed=head.integer("seed", 0, high=MAX_SEED),
        draw=head.integer("draw", 0),
        initial=initial,
        state=state,
        history=_history(record.arrays),
        title=head.text("title", "Untitled"),
        view=check_plain(view, "view"),
        extra={},
    )
    extra.update(head.rest())
    object.__setattr__(document, "extra", check_plain(extra, "unknown keys"))
    return document


def _keep(extra: dict[str, Any], section: str, unknown: dict[str, Any]) -> None:
    if unknown:
        extra[section] = unknown


def _training(fields: Fields) -> TrainingConfig:
    values: dict[str, Any] = {}
    for field in dataclass_fields(TrainingConfig):
        name, default = field.name, field.default
        if name in CHOICES:
            values[name] = fields.one_of(name, CHOICES[name][1], default)
        elif isinstance(default, bool):
            values[name] = fields.flag(name, default)
        elif isinstance(default, int):
            values[name] = fields.integer(name, default)
        elif isinstance(default, tuple):
            values[name] = fields.numbers(name, default)
        elif isinstance(default, float):
            values[name] = fields.number(name, default)
        elif default is None:
            seed = fields.get(name, None)
            values[name] = None if seed is None else fields.integer(name, high=MAX_SEED)
        else:
            values[name] = fields.text(name, default)
    config = TrainingConfig(**values)
    wrong = problem(config)
    if wrong is not None:
        raise fields.wrong(wrong.setting, wrong.expected)
    return config


def _state(fields: Fields, arrays: Mapping[str, AnyArray], count: int) -> TrainingState:
    optimizer = {}
    for name in sorted(arrays):
        if name.startswith("optimizer/"):
            short = name.removeprefix("optimizer/")
            if not ARRAY_NAME.fullmatch(short):
                raise FormatError(f"“{short[:80]}” is no name of an optimiser's memory.")
            optimizer[short] = take_array(arrays, name, np.float64, (count,))
    counters = {name: fields.integer(name, 0) for name in COUNTERS}
    small = fields.section("counters")
    memory = {name: small.number(name) for name in sorted(small.values)}
    if not all(ARRAY_NAME.fullmatch(name) for name in memory):
        raise FormatError(f"{small.place} has a key that is no name.")
    return TrainingState(
        optimizer_arrays=optimizer,
        counters=memory,
        backend=fields.text("backend", ""),
        **counters,
    )


def _history(arrays: Mapping[str, AnyArray]) -> History:
    if "history/epochs" not in arrays:
        return History()
    epochs = take_array(arrays, "history/epochs", np.float64, (None,))
    size = len(epochs)
    if np.any(np.diff(epochs) < 0):
        raise FormatError("history/epochs must be ascending.")
    return History(
        epochs,
        take_array(arrays, "history/train", np.float64, (size,), finite=False),
        take_array(arrays, "history/test", np.float64, (size,), finite=False),
    )


def same_document(first: Document, second: Document) -> bool:
    """Bit-for-bit equality of everything that is saved."""
    a, b = document_to_record(first), document_to_record(second)
    return (
        json.dumps(a.head, sort_keys=True) == json.dumps(b.head, sort_keys=True)
        and a.arrays.keys() == b.arrays.keys()
        and all(
            a.arrays[name].shape == b.arrays[name].shape
            and a.arrays[name].astype(a.arrays[name].dtype).tobytes()
            == b.arrays[name].astype(a.arrays[name].dtype).tobytes()
            for name in a.arrays
        )
    )
