"""The data sets that come with nnplay: how to obtain one."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from nnplay.assets import resource_path
from nnplay.core.randomness import Stream, random_stream
from nnplay.data.catalogue import CATALOGUE, MAX_SAMPLE_COUNT, DatasetInfo
from nnplay.data.errors import DataError
from nnplay.data.generators import GENERATORS, truth_table
from nnplay.data.recipe import Column, DataRecipe, RawTable
from nnplay.data.tables import choose_target, read_csv

__all__ = ["CATALOGUE", "MAX_SAMPLE_COUNT", "DatasetInfo", "dataset_info", "generate"]


def dataset_info(name: str) -> DatasetInfo:
    """Entry of the catalogue.

    Raises:
        DataError: there is no such data set; the message lists those there are.
    """
    try:
        return CATALOGUE[name]
    except KeyError:
        raise DataError(
            f"There is no data set “{name}”. There are {', '.join(CATALOGUE)}, and your own tables."
        ) from None


def generate(recipe: DataRecipe, seed: int) -> RawTable:
    """Raw data of a recipe, in generation order (:func:`prepare` shuffles and splits).

    Args:
        recipe: which set, how much of it, how noisy.
        seed: the document's seed; the same recipe and seed give the same numbers.

    Raises:
        DataError: the recipe asks for something that does not exist.
    """
    _check(recipe, seed)
    random = random_stream(seed, Stream.DATA)
    if recipe.source == "table":
        if recipe.table is None or not recipe.table.row_count:
            raise DataError("The document has no table of data. Please open a CSV file.")
        return _subset(recipe.table, recipe.sample_count, random)
    info = dataset_info(recipe.source)
    if recipe.source in GENERATORS:
        count = recipe.sample_count or info.default_sample_count
        points, target = GENERATORS[recipe.source](count, recipe.noise / 100.0, random)
    elif recipe.source == "xor-table":
        points, target = truth_table(lambda a, b: a != b)
    elif recipe.source == "and-table":
        points, target = truth_table(lambda a, b: a and b)
    else:
        return _subset(_bundled_table(recipe.source), recipe.sample_count, random)
    columns = [
        Column(name, np.ascontiguousarray(values))
        for name, values in zip(info.raw_names, points.T, strict=True)
    ]
    columns.append(Column(info.target, target, info.classes))
    for column in columns:
        column.values.flags.writeable = False
    return RawTable(tuple(columns), info.target, info.classes)


def _check(recipe: DataRecipe, seed: int) -> None:
    if seed < 0 or seed % 1 != 0:
        raise DataError("The seed must be a whole number from 0 on.")
    for what, number in (
        ("Noise", recipe.noise),
        ("The number of samples", recipe.sample_count),
        ("The share for training", recipe.train_percent),
    ):
        if not (number is None or isinstance(number, int)):
            raise DataError(f"{what} must be a whole number, not {number}.")
    if not 0 <= recipe.noise <= 50:
        raise DataError(f"Noise is {recipe.noise} %, but it goes from 0 to 50 %.")
    count = recipe.sample_count
    if count is not None and not 1 <= count <= MAX_SAMPLE_COUNT:
        raise DataError(
            f"The number of samples is {count:,}, but it must lie between 1 and "
            f"{MAX_SAMPLE_COUNT:,}."
        )
    if not 1 <= recipe.train_percent <= 100:
        raise DataError(
            f"The share for training is {recipe.train_percent} %, but it goes from 1 to 100 %."
        )


def _subset(table: RawTable, count: int | None, random: np.random.Generator) -> RawTable:
    """At most ``count`` rows, chosen at random, in their own order."""
    if count is None or count >= table.row_count:
        return table
    rows = np.sort(random.permutation(table.row_count)[:count])
    columns = tuple(Column(c.name, c.values[rows], c.categories) for c in table.columns)
    for column in columns:
        column.values.flags.writeable = False
    return RawTable(columns, table.target, table.classes)


@lru_cache(maxsize=4)
def _bundled_table(name: str) -> RawTable:
    info = CATALOGUE[name]
    table = read_csv(resource_path(f"datasets/{name}.csv"))
    return choose_target(table, info.target, as_classes=info.is_classification)
