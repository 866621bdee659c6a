"""A data set made ready for networks: scaled inputs, targets, parts, and the binding to neurons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from nnplay.core.network import Network
from nnplay.core.samples import Samples
from nnplay.data.errors import DataError
from nnplay.data.features import Formula, canonical_feature
from nnplay.data.recipe import DataRecipe, Preparation

__all__ = ["Feature", "PreparedData", "Scaling", "compute_features", "listed"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Scaling:
    """``(value − mean) / deviation`` per column; 0 and 1 where nothing is scaled.

    Attributes:
        means: ``float64[d]``.
        deviations: ``float64[d]``, population standard deviation; 1 for constant columns.
    """

    means: FloatArray
    deviations: FloatArray

    def apply(self, values: FloatArray) -> FloatArray:
        """Scaled values, ``float64[n, d]``."""
        return (values - self.means) / self.deviations

    def restore(self, values: FloatArray) -> FloatArray:
        """Values in their own units again, ``float64[n, d]``."""
        return values * self.deviations + self.means


@dataclass(frozen=True, eq=False)
class Feature:
    """One entry of ``Preparation.features``, ready to compute."""

    keys: tuple[str, ...]
    column: int | None  # a raw column as it is
    categories: int  # > 0: one-hot of that column
    formula: Formula | None

    def values(self, raw: FloatArray, columns: Mapping[str, FloatArray]) -> FloatArray:
        """``float64[n, len(keys)]``."""
        if self.formula is not None:
            # A formula without columns has a single value for all rows.
            result = np.empty((len(raw), 1))
            result[:, 0] = self.formula.evaluate(columns)
            return result
        assert self.column is not None  # noqa: S101
        chosen = raw[:, self.column]
        if self.categories:
            return np.equal.outer(chosen, np.arange(self.categories)).astype(np.float64)
        return chosen.reshape(-1, 1)


@dataclass(frozen=True, eq=False)
class PreparedData:
    """A data set ready for a network, ``n`` samples with ``d`` possible inputs.

    All arrays are read-only.

    Attributes:
        recipe, preparation, seed: what this was made from.
        input_keys: binding key of each of the ``d`` inputs.
        output_keys: class names in index order, or the target's name alone.
        classes: class names, or None when a number is predicted.
        target_name: name of the target column.
        inputs: ``float64[n, d]``, scaled.
        class_index: ``int64[n]``, or None.
        values: ``float64[n, 1]`` scaled numeric targets, or None.
        raw: ``float64[n, raw columns]``; text columns hold category indices.
        raw_names: names of the raw input columns.
        raw_numeric: per raw column, False for text.
        raw_categories: per raw column its words, None for numbers.
        train_rows, test_rows: ``int64``, row numbers of the two parts, in shuffled order.
        domain: ``(low, high)`` of each raw column, for maps and sliders.
        input_scaling: fitted on the training rows.
        target_scaling: the same for a numeric target (0 and 1 for classes).
        notes: sentences about everything that was left out.
        features: the features, ready to compute.
    """

    recipe: DataRecipe
    preparation: Preparation
    seed: int
    input_keys: tuple[str, ...]
    output_keys: tuple[str, ...]
    classes: tuple[str, ...] | None
    target_name: str
    inputs: FloatArray
    class_index: IntArray | None
    values: FloatArray | None
    raw: FloatArray
    raw_names: tuple[str, ...]
    raw_numeric: tuple[bool, ...]
    raw_categories: tuple[tuple[str, ...] | None, ...]
    train_rows: IntArray
    test_rows: IntArray
    domain: tuple[tuple[float, float], ...]
    input_scaling: Scaling
    target_scaling: Scaling
    notes: tuple[str, ...]
    features: tuple[Feature, ...]

    @property
    def is_classification(self) -> bool:
        """Whether classes are predicted."""
        return self.classes is not None

    @property
    def sample_count(self) -> int:
        """Number of samples, both parts together."""
        return len(self.inputs)

    @property
    def has_plane(self) -> bool:
        """True with exactly two raw columns, both numeric: decision maps are possible."""
        return self.raw_numeric == (True, True)

    @cached_property
    def _column_of_key(self) -> dict[str, int]:
        return {key: column for column, key in enumerate(self.input_keys)}

    # ------------------------------------------------------------------ raw values in, units out
    def transform(self, raw: npt.ArrayLike) -> FloatArray:
        """Scaled inputs ``float64[m, d]`` of raw rows ``float64[m, raw columns]``.

        NaN or infinite where a formula has no value (the logarithm of a negative number).

        Raises:
            DataError: the rows have another number of columns.
        """
        rows = np.atleast_2d(np.asarray(raw, dtype=np.float64))
        if rows.shape[1] != len(self.raw_names):
            raise DataError(
                f"{rows.shape[1]} values were given, but the data have {len(self.raw_names)} "
                f"columns: {listed(self.raw_names)}."
            )
        return self.input_scaling.apply(compute_features(self.features, rows, self.raw_names))

    def restore_target(self, values: npt.ArrayLike) -> FloatArray:
        """Outputs of a regression network in the units of the target; classes pass unchanged."""
        return self.target_scaling.restore(np.asarray(values, dtype=np.float64))

    def raw_row(self, texts: Mapping[str, str | float]) -> FloatArray:
        """One raw row ``float64[raw columns]`` from values by column name; words become indices.

        Raises:
            DataError: a column is missing, or a word was not in the data.
        """
        row = np.empty(len(self.raw_names))
        for place, name in enumerate(self.raw_names):
            if name not in texts:
                raise DataError(
                    f"There is no value for the column “{name}”. "
                    f"Needed are {listed(self.raw_names)}."
                )
            row[place] = self.raw_value(place, texts[name])
        return row

    def raw_value(self, column: int, value: str | float) -> float:
        """The number that stands for a value of one raw column (the index of a word).

        Raises:
            DataError: the word was not in the data, or the text is no number.
        """
        name, words = self.raw_names[column], self.raw_categories[column]
        if words is not None:
            if isinstance(value, str):
                if value in words:
                    return float(words.index(value))
                raise DataError(
                    f"“{value}” does not occur in the column “{name}”. It has {listed(words)}."
                )
            if value in range(len(words)):
                return float(value)
            raise DataError(f"The column “{name}” holds words: {listed(words)}.")
        try:
            number = float(value)
        except ValueError:
            number = np.nan
        if not np.isfinite(number):
            raise DataError(f"“{value}” in the column “{name}” is not a finite number.")
        return number

    # ------------------------------------------------------------------ binding to a network
    def input_columns(self, network: Network) -> IntArray:
        """``int64[inputs]``: the column of :attr:`inputs` each input neuron reads.

        Raises:
            DataError: an input neuron is bound to nothing or to something the data do not have.
        """
        if not network.topology.input_ids:
            raise DataError(
                "The network has no input neuron. Add one, or choose the data set again."
            )
        known = [self._column_of_key.get(b) for b in network.outer_bindings[0] if b is not None]
        columns = [column for column in known if column is not None]
        if len(columns) == len(network.topology.input_ids):
            return np.array(columns, dtype=np.int64)
        if all(binding is None for binding in network.outer_bindings[0]):
            raise DataError(self._untied(network))
        columns = []
        for neuron_id in network.topology.input_ids:
            binding = network.bindings[network.topology.row(neuron_id)]
            name = network.name_of(neuron_id)
            if binding is None:
                raise DataError(
                    f"The input {name} does not know which feature to read. Choose one of "
                    f"{listed(self.input_keys)} for it, or delete it."
                )
            column = self._column_of_key.get(binding)
            if column is None:
                column = self._column_of_key.get(canonical_feature(binding))
            if column is None:
                raise DataError(
                    f"The input {name} reads “{binding}”, which these data do not have. They have "
                    f"{listed(self.input_keys)}. Choose that feature, or delete the neuron."
                )
            columns.append(column)
        return np.array(columns, dtype=np.int64)

    def _untied(self, network: Network) -> str:
        """What to say of a network none of whose inputs reads any of these data yet."""
        inputs = network.topology.input_ids
        names = tuple(network.label_of(i) for i in inputs)
        have = f"{len(self.input_keys)} ({listed(self.input_keys)})"
        if len(inputs) == 1:
            wants, need = f"The network takes one value ({names[0]})", "one column"
        else:
            wants = f"The network takes {len(inputs)} values ({listed(names)})"
            need = f"{len(inputs)} columns"
        return (
            f"{wants} and is not tied to data yet; these data give {have}. Choose data that give "
            f"{len(inputs)}, or open a table with {need} beside the one to predict."
        )

    def input_matrix(self, network: Network, raw: npt.ArrayLike) -> FloatArray:
        """``float64[m, inputs]``: what the input neurons receive for raw rows.

        Raises:
            DataError: bindings or columns do not match.
        """
        columns = self.input_columns(network)
        return np.ascontiguousarray(self.transform(raw)[:, columns])

    def output_places(self, network: Network) -> IntArray:
        """``int64[outputs]``: index in :attr:`output_keys` of what each output predicts.

        Two classes may be predicted by a single output, bound to the second class.

        Raises:
            DataError: the outputs do not match the classes or the target.
        """
        ids = network.topology.output_ids
        keys = self.output_keys
        if not ids:
            raise DataError("The network has no output neuron. Add one to say what it predicts.")
        bindings = [network.bindings[network.topology.row(i)] for i in ids]
        what = (
            f"{len(keys)} classes ({listed(keys)})" if self.classes else f"one value (“{keys[0]}”)"
        )
        wanted = (
            "one or two outputs"
            if self.classes and len(keys) == 2
            else (f"{len(keys)} outputs" if len(keys) > 1 else "one output")
        )
        allowed = {1, 2} if self.classes and len(keys) == 2 else {len(keys)}
        if len(ids) not in allowed:
            raise DataError(
                f"The data have {what}, which needs {wanted}, but the network has {len(ids)}. "
                "Add or delete outputs, or choose the data set again."
            )
        for neuron_id, binding in zip(ids, bindings, strict=True):
            if binding is None or binding not in keys:
                reads = "nothing yet" if binding is None else f"“{binding}”"
                raise DataError(
                    f"The output {network.name_of(neuron_id)} predicts {reads}, but the data have "
                    f"{what}. Choose one for it, or choose the data set again."
                )
        places = np.array([keys.index(b) for b in bindings if b is not None], dtype=np.int64)
        if self.classes and len(ids) == 1 and places[0] != 1:
            raise DataError(
                f"A single output must stand for the second class, “{keys[1]}”, but "
                f"{network.name_of(ids[0])} stands for “{keys[0]}”. Choose the data set again."
            )
        if len(set(places.tolist())) != len(places):
            twice = next(b for b in bindings if bindings.count(b) > 1)
            raise DataError(f"Two outputs stand for “{twice}”. Each class needs one of its own.")
        return places

    def samples(self, network: Network, part: str = "train") -> Samples:
        """What the network is trained or tested on; columns follow its input neurons' rows.

        With several outputs, class indices count the outputs in row order.

        Args:
            network: its inputs and outputs must be bound to these data.
            part: ``train``, ``test`` (possibly without rows) or ``all``.

        Raises:
            DataError: inputs or outputs do not match the data.
        """
        columns, places = self.input_columns(network), self.output_places(network)
        rows = {
            "train": self.train_rows,
            "test": self.test_rows,
            "all": np.arange(self.sample_count),
        }[part]
        inputs = np.ascontiguousarray(self.inputs[np.ix_(rows, columns)])
        if self.class_index is None:
            assert self.values is not None  # noqa: S101
            return Samples(inputs, values=self.values[rows])
        classes = self.class_index[rows]
        if len(places) > 1:
            output_of_class = np.empty(len(places), dtype=np.int64)
            output_of_class[places] = np.arange(len(places))
            classes = output_of_class[classes]
        return Samples(inputs, classes=classes, class_count=len(self.output_keys))

    def train_and_test(self, network: Network) -> tuple[Samples, Samples | None]:
        """Both parts; None when no sample is kept for testing."""
        test = self.samples(network, "test") if len(self.test_rows) else None
        return self.samples(network, "train"), test


def compute_features(
    features: tuple[Feature, ...], raw: FloatArray, names: tuple[str, ...]
) -> FloatArray:
    """Unscaled features ``float64[m, d]`` of raw rows ``float64[m, len(names)]``."""
    # Contiguous, so that one row and many rows take the same path through numpy.
    columns = {name: np.ascontiguousarray(raw[:, place]) for place, name in enumerate(names)}
    return np.concatenate([feature.values(raw, columns) for feature in features], axis=1)


def listed(names: tuple[str, ...]) -> str:
    """The first names, for messages."""
    shown = ", ".join(names[:8])
    return shown if len(names) <= 8 else f"{shown} and {len(names) - 8} more"
