"""Data recipes and preparations as records; an imported table travels inside the document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from nnplay.data.catalogue import CATALOGUE
from nnplay.data.recipe import Column, DataRecipe, Preparation, RawTable
from nnplay.formats.errors import FormatError
from nnplay.formats.fields import Fields
from nnplay.formats.record import MAX_ELEMENTS, AnyArray, take_array

__all__ = [
    "preparation_from_record",
    "preparation_to_record",
    "recipe_from_record",
    "recipe_to_record",
]

TABLE = "data/table"
MAX_SAMPLES = 1_000_000
SCALINGS = ("none", "standard")


def recipe_to_record(recipe: DataRecipe, arrays: dict[str, AnyArray]) -> dict[str, Any]:
    """The recipe's record; the numbers of an imported table go to ``arrays``."""
    record: dict[str, Any] = {
        "source": recipe.source,
        "noise": recipe.noise,
        "sample_count": recipe.sample_count,
        "train_percent": recipe.train_percent,
    }
    if recipe.table_name:
        record["table_name"] = recipe.table_name
    if recipe.table is not None:
        table = recipe.table
        lengths = {len(column.values) for column in table.columns}
        if len(lengths) != 1:
            raise FormatError("The columns of the data table differ in length.")
        record["table"] = {
            "target": table.target,
            "classes": None if table.classes is None else list(table.classes),
            "columns": [
                {
                    "name": column.name,
                    "categories": None if column.categories is None else list(column.categories),
                }
                for column in table.columns
            ],
        }
        arrays[TABLE] = np.stack([column.values for column in table.columns], axis=1)
    return record


def recipe_from_record(
    fields: Fields, arrays: Mapping[str, AnyArray]
) -> tuple[DataRecipe, dict[str, Any]]:
    """A recipe and its unknown keys; raises :class:`FormatError`."""
    count = fields.get("sample_count", None)
    table_values = fields.get("table", None)
    unknown_table: dict[str, Any] = {}
    table = None
    if table_values is not None:
        table_fields = Fields(table_values, fields.at("table"))
        table = _table(table_fields, arrays)
        unknown_table = table_fields.rest()
    recipe = DataRecipe(
        source=fields.one_of("source", [*CATALOGUE, "table"], "circle"),
        noise=fields.integer("noise", 0, 0, 50),
        sample_count=None if count is None else fields.integer("sample_count", 0, 1, MAX_SAMPLES),
        train_percent=fields.integer("train_percent", 50, 1, 100),
        table=table,
        table_name=fields.text("table_name", ""),
    )
    unknown = fields.rest()
    if unknown_table:
        unknown["table"] = unknown_table
    return recipe, unknown


def _table(fields: Fields, arrays: Mapping[str, AnyArray]) -> RawTable:
    target = fields.text("target")
    classes = fields.texts("classes") if fields.get("classes", None) is not None else None
    records = [
        Fields(item, f"{fields.at('columns')}[{index}]")
        for index, item in enumerate(fields.items("columns", limit=100_000))
    ]
    values = take_array(arrays, TABLE, np.float64, (None, len(records)), finite=False)
    if values.size > MAX_ELEMENTS:
        raise FormatError(f"The data table has more than {MAX_ELEMENTS} entries.")
    if np.isinf(values).any():
        raise FormatError("The data table holds an infinite number.")
    columns = []
    for index, record in enumerate(records):
        name = record.text("name")
        numbers = np.ascontiguousarray(values[:, index])
        numbers.flags.writeable = False
        categories = None
        if record.get("categories", None) is not None:
            categories = record.texts("categories")
            _check_indices(numbers, len(categories), f"The column “{name}”", "categories")
        columns.append(Column(name, numbers, categories))
    names = [column.name for column in columns]
    if len(set(names)) != len(names):
        twice = Counter(names).most_common(1)[0][0]
        raise FormatError(f"The data table has two columns named “{twice}”.")
    if target not in names:
        raise FormatError(f"The data table has no target column “{target}”.")
    if classes is not None:
        numbers = columns[names.index(target)].values
        _check_indices(numbers, len(classes), f"The target “{target}”", "classes")
    return RawTable(tuple(columns), target, classes)


def _check_indices(values: npt.NDArray[np.float64], count: int, what: str, of_what: str) -> None:
    present = values[~np.isnan(values)]
    good = (present >= 0) & (present < count) & (present == np.floor(present))
    if not good.all():
        raise FormatError(
            f"{what} holds {present[~good][0]:g}, which is none of its {count} {of_what}."
        )


def preparation_to_record(preparation: Preparation) -> dict[str, Any]:
    """The preparation's record."""
    record: dict[str, Any] = {
        "features": list(preparation.features),
        "scale_inputs": preparation.scale_inputs,
        "scale_targets": preparation.scale_targets,
    }
    if preparation.keeps_raw:
        record["keeps_raw"] = True
    return record


def preparation_from_record(fields: Fields) -> Preparation:
    """A preparation; raises :class:`FormatError`. Formulas are judged when they are used."""
    return Preparation(
        features=fields.texts("features", ["x1", "x2"]),
        scale_inputs=fields.one_of("scale_inputs", SCALINGS, "none"),
        scale_targets=fields.one_of("scale_targets", SCALINGS, "none"),
        keeps_raw=fields.flag("keeps_raw", False),
    )
