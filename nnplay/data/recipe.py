"""Where a document's data come from and how they become inputs: values saved in the document."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from nnplay.core.config import as_whole_number

__all__ = ["Column", "DataRecipe", "Preparation", "RawTable"]


@dataclass(frozen=True, eq=False)
class Column:
    """One column of raw data.

    Attributes:
        name: header of the column.
        values: ``float64[n]``: numbers, or category indices as floats; NaN where missing.
        categories: category names when the column holds text, else None.
    """

    name: str
    values: npt.NDArray[np.float64]
    categories: tuple[str, ...] | None = None


@dataclass(frozen=True, eq=False)
class RawTable:
    """Columns of equal length, as they came from a generator or a file.

    Attributes:
        columns: all columns, the target among them.
        target: name of the target column.
        classes: class names in index order when the target is a class, else None.
    """

    columns: tuple[Column, ...]
    target: str
    classes: tuple[str, ...] | None = None

    @property
    def row_count(self) -> int:
        """Number of samples."""
        return len(self.columns[0].values) if self.columns else 0

    @property
    def input_columns(self) -> tuple[Column, ...]:
        """All columns but the target."""
        return tuple(column for column in self.columns if column.name != self.target)

    @property
    def raw_names(self) -> tuple[str, ...]:
        """Names of the raw input columns, in table order."""
        return tuple(column.name for column in self.input_columns)

    def column(self, name: str) -> Column:
        """A column by name; raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True)
class DataRecipe:
    """How to obtain the raw data again: the same recipe and seed give the same numbers.

    Attributes:
        source: a name of the catalogue (``circle`` … ``penguins``) or ``table`` for imported data.
        noise: 0 to 50, percent; ignored by sets without noise.
        sample_count: number of samples; None is the set's own number.
        train_percent: share of the samples used for training, 1 to 100.
        table: the imported data, only when source is ``table``; they travel inside the document.
        table_name: file name the table came from, for people.
    """

    source: str = "circle"
    noise: int = 0
    sample_count: int | None = None
    train_percent: int = 50
    table: RawTable | None = None
    table_name: str = ""

    def __post_init__(self) -> None:
        for name in ("noise", "sample_count", "train_percent"):
            object.__setattr__(self, name, as_whole_number(getattr(self, name)))


@dataclass(frozen=True)
class Preparation:
    """How raw columns become input neurons' values.

    Attributes:
        features: one entry per group of inputs: a formula over numeric raw columns
            (``x1``, ``x1^2``, ``sin(x1)``) gives one input with the formula as its binding key;
            the name of a text column gives one input per category, keyed ``column=category``.
        scale_inputs: ``none`` or ``standard`` (mean 0, variance 1, fitted on training rows only).
        scale_targets: the same for numeric targets.
        keeps_raw: the network comes from elsewhere and takes values as they are, so that other data
            are not scaled for it either unless somebody asks for it.
    """

    features: tuple[str, ...] = ("x1", "x2")
    scale_inputs: str = "none"
    scale_targets: str = "none"
    keeps_raw: bool = False

    def with_features(self, features: tuple[str, ...]) -> Preparation:
        """The same preparation with other features."""
        return replace(self, features=features)
