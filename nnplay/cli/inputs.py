"""From values typed on the command line to what the input neurons receive."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.cli.console import note
from nnplay.core.samples import Samples
from nnplay.core.targets import encode_targets
from nnplay.data.errors import DataError
from nnplay.data.features import evaluate_number
from nnplay.data.preparation import PreparedData, Scaling, prepare
from nnplay.document import Document

__all__ = ["RawInputs"]

PLAIN_NUMBER: Final = re.compile(r" *[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)? *")
FloatArray = npt.NDArray[np.float64]


class RawInputs:
    """The columns a document reads, and how texts become inputs and targets.

    A document whose data fit its inputs takes raw values, as they stand in a table, and prepares
    them. An imported network without such data takes the values of its input neurons as they are.

    Attributes:
        names: names of the columns.
        needed: those that an input of the network depends on.
        data: the prepared data, or None when values go to the input neurons directly.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        network = document.network
        if not network.topology.input_ids:
            raise DataError("The network has no input neuron.")
        if not network.topology.output_ids:
            raise DataError("The network has no output neuron. Add one to say what it predicts.")
        self.data: PreparedData | None = None
        self.names: tuple[str, ...]
        try:
            data = prepare(document.data, document.preparation, document.seed)
            data.input_columns(network)
        except DataError as error:
            note(f"Values go to the input neurons as they are, without scaling. {error}")
            self.names = tuple(network.label_of(i) for i in network.topology.input_ids)
            self.needed = self.names
        else:
            self.data = data
            self.names = data.raw_names
            self.needed = _needed(data, document)

    def chosen(self, count: int) -> tuple[str, ...] | None:
        """The columns that ``count`` values without names stand for; None if they are too few."""
        if count < len(self.names):
            return self.needed if count == len(self.needed) else None
        return self.names

    def matrix(
        self, columns: Sequence[str], rows: Sequence[Sequence[str]], places: Sequence[str]
    ) -> FloatArray:
        """``float64[m, inputs]`` of texts.

        Args:
            columns: names of the columns given: all of :attr:`needed`, in any order.
            rows: one text per column.
            places: where each row comes from ("line 7"), for messages.

        Raises:
            DataError: a text is no number (or unknown word), or a feature has no value there.
        """
        # What no input depends on may be missing.
        raw = np.full((len(rows), len(self.names)), np.nan)
        indices = [self.names.index(name) for name in columns]
        for number, (row, place) in enumerate(zip(rows, places, strict=True)):
            for column, text in zip(indices, row, strict=True):
                try:
                    raw[number, column] = self._value(column, text)
                except DataError as error:
                    raise DataError(f"{place}: {error}" if place else str(error)) from None
        if self.data is None:
            return raw
        inputs = self.data.input_matrix(self.document.network, raw)
        bad = np.argwhere(~np.isfinite(inputs))
        if bad.size:
            topology = self.document.network.topology
            name = self.document.network.name_of(topology.input_ids[int(bad[0, 1])])
            place = places[int(bad[0, 0])]
            raise DataError(
                f"{place + ': ' if place else ''}The input {name} has no finite value here."
            )
        return inputs

    def _value(self, column: int, text: str) -> float:
        if not text.strip():
            raise DataError(f"The column “{self.names[column]}” is empty.")
        if self.data is not None and not self.data.raw_numeric[column]:
            return self.data.raw_value(column, text.strip())
        if PLAIN_NUMBER.fullmatch(text) and math.isfinite(value := float(text)):
            return value  # the usual case, a hundred times faster
        try:
            return evaluate_number(text.replace("−", "-"))
        except DataError as error:
            raise DataError(f"Column “{self.names[column]}”: {error}") from None

    def one(self, text: str) -> FloatArray:
        """``float64[inputs]`` of one comma-separated text such as ``-0.5,0.6``."""
        cells = split_values(text)
        columns = self.chosen(len(cells))
        if columns is None or len(columns) != len(cells):
            count = len(cells)
            raise DataError(
                f"--input has {count} value{'s' if count != 1 else ''}, but {len(self.names)} "
                f"{'are' if len(self.names) != 1 else 'is'} needed: {', '.join(self.names)}."
            )
        result: FloatArray = self.matrix(columns, [cells], [""])[0]
        return result

    def in_target_units(self, outputs: FloatArray) -> FloatArray:
        """Outputs ``float64[m, outputs]`` of a network that predicts a scaled number, unscaled."""
        return outputs if self.data is None else self._scaling(self.data).restore(outputs)

    def _scaling(self, data: PreparedData) -> Scaling:
        """That of the target, as far as the outputs stand for the data's target at all."""
        try:
            data.output_places(self.document.network)
        except DataError:
            return Scaling(np.zeros(1), np.ones(1))
        return data.target_scaling

    # ------------------------------------------------------------------ targets
    def target(self, text: str) -> FloatArray:
        """``float64[outputs]``: what the outputs should give.

        The text is a class by name, a number in the target's units, or one number per output.
        """
        document = self.document
        network, training = document.network, document.training
        count = len(network.topology.output_ids)
        data = self.data
        if data is not None and data.classes is not None:
            names = [_plain(name) for name in data.classes]
            if _plain(text) in names:
                places = data.output_places(network)
                index = names.index(_plain(text))
                if len(places) > 1:
                    index = places.tolist().index(index)
                sample = Samples(
                    np.empty((1, 0)), classes=np.array([index]), class_count=len(names)
                )
                coded: FloatArray = encode_targets(
                    sample, network, training.loss, label_smoothing=training.label_smoothing
                )[0]
                return coded
        values = np.array([self._target_number(cell) for cell in split_values(text)])
        if len(values) != count:
            known = f" or a class ({', '.join(data.classes)})" if data and data.classes else ""
            raise DataError(
                f"--target needs {count} number{'s' if count != 1 else ''}{known}, not “{text}”."
            )
        if data is not None and data.classes is None:
            values = self._scaling(data).apply(values)
        sample = Samples(np.empty((1, 0)), values=values[None, :])
        checked: FloatArray = encode_targets(sample, network, document.training.loss)[0]
        return checked

    def _target_number(self, text: str) -> float:
        try:
            return evaluate_number(text.replace("−", "-"))
        except DataError:
            if self.data is not None and self.data.classes is not None:
                raise DataError(
                    f"“{text}” is no class of these data. There are {', '.join(self.data.classes)}."
                ) from None
            raise


def split_values(text: str) -> list[str]:
    """The parts of ``0.5,0.6`` or, with decimal commas, of ``0,5;0,6``."""
    return text.split(";" if ";" in text else ",")


def _needed(data: PreparedData, document: Document) -> tuple[str, ...]:
    """The raw columns that the network's inputs depend on, in the order of the data."""
    bound = {data.input_keys[i] for i in data.input_columns(document.network)}
    used: set[str] = set()
    for feature in data.features:
        if bound.isdisjoint(feature.keys):
            continue
        if feature.column is not None:
            used.add(data.raw_names[feature.column])
        if feature.formula is not None:
            used.update(feature.formula.columns)
    return tuple(name for name in data.raw_names if name in used)


def _plain(text: str) -> str:
    """Class names as people type them: ``-1`` for ``−1``, ``1`` for ``+1``."""
    return text.strip().replace("−", "-").removeprefix("+").lower()
