"""From raw columns to what neurons receive: split, features, one-hot, scaling."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.randomness import Stream, random_stream
from nnplay.data.datasets import CATALOGUE, generate
from nnplay.data.errors import DataError
from nnplay.data.features import compile_formula
from nnplay.data.prepared import Feature, PreparedData, Scaling, compute_features, listed
from nnplay.data.recipe import Column, DataRecipe, Preparation, RawTable

__all__ = ["PreparedData", "Scaling", "prepare"]

FloatArray = npt.NDArray[np.float64]

SCALINGS: Final = ("none", "standard")
MAX_CATEGORIES: Final = 100


def prepare(
    recipe: DataRecipe, preparation: Preparation, seed: int, table: RawTable | None = None
) -> PreparedData:
    """Draw or read the data, split them, compute features and scale them.

    The samples are shuffled by the seed; the first ``floor(n · percent / 100)`` train, the rest
    tests.

    Args:
        recipe: where the data come from.
        preparation: features and scaling.
        seed: the document's seed.
        table: raw data to use instead of generating them again.

    Raises:
        DataError: recipe or features do not fit, or a feature has no value for some sample.
    """
    if table is None:
        table = generate(recipe, seed)
    count = table.row_count
    order = random_stream(seed, Stream.SPLIT).permutation(count).astype(np.int64)
    train_count = count * recipe.train_percent // 100
    if train_count < 1:
        raise DataError(
            f"Of {count} samples, {recipe.train_percent} % leave none for training. Raise the "
            "share for training or the number of samples."
        )
    train_rows, test_rows = order[:train_count], order[train_count:]
    raw_columns = table.input_columns
    raw = np.stack([c.values for c in raw_columns], axis=1) if raw_columns else np.empty((count, 0))
    features = _compiled(preparation, raw_columns, table.target)
    keys = tuple(key for feature in features for key in feature.keys)
    unscaled = compute_features(features, raw, table.raw_names)
    _check_finite(unscaled, keys, raw, table.raw_names)
    input_scaling = _fitted(unscaled[train_rows], preparation.scale_inputs, keys)
    target = table.column(table.target).values
    class_index = values = None
    target_scaling = Scaling(np.zeros(1), np.ones(1))
    if table.classes is not None:
        class_index = target.astype(np.int64)
    else:
        target_scaling = _fitted(
            target[train_rows, None], preparation.scale_targets, (table.target,)
        )
        values = target_scaling.apply(target[:, None])
    info = CATALOGUE.get(recipe.source)
    prepared = PreparedData(
        recipe=recipe,
        preparation=preparation,
        seed=seed,
        input_keys=keys,
        output_keys=table.classes or (table.target,),
        classes=table.classes,
        target_name=table.target,
        inputs=input_scaling.apply(unscaled),
        class_index=class_index,
        values=values,
        raw=raw,
        raw_names=table.raw_names,
        raw_numeric=tuple(c.categories is None for c in raw_columns),
        raw_categories=tuple(c.categories for c in raw_columns),
        train_rows=train_rows,
        test_rows=test_rows,
        domain=tuple(
            info.domain if info is not None and info.domain is not None else _domain(column)
            for column in raw_columns
        ),
        input_scaling=input_scaling,
        target_scaling=target_scaling,
        notes=info.notes if info is not None else (),
        features=features,
    )
    for array in (prepared.inputs, class_index, values, raw, train_rows, test_rows):
        if array is not None:
            array.flags.writeable = False
    return prepared


def _compiled(
    preparation: Preparation, raw_columns: tuple[Column, ...], target: str
) -> tuple[Feature, ...]:
    if not preparation.features:
        raise DataError("No feature is chosen. Choose at least one for the network to read.")
    names = [column.name for column in raw_columns]
    numeric = [column.name for column in raw_columns if column.categories is None]
    features = []
    for text in preparation.features:
        name = text.strip()
        if name not in names and len(name) > 2 and name[0] == name[-1] == "`":
            name = name[1:-1]
        if name in names:
            place = names.index(name)
            words = raw_columns[place].categories
            if words is None:
                features.append(Feature((name,), place, 0, None))
                continue
            if len(words) > MAX_CATEGORIES:
                raise DataError(
                    f"The column “{name}” has {len(words)} different words, too many for one input "
                    f"each (at most {MAX_CATEGORIES}). Please leave it out."
                )
            features.append(Feature(tuple(f"{name}={w}" for w in words), place, len(words), None))
            continue
        if name == target:
            raise DataError(
                f"“{name}” is what the network shall predict, so it cannot be an input as well."
            )
        formula = compile_formula(name, numeric)
        key = formula.columns[0] if formula.text in formula.columns else formula.text
        features.append(Feature((key,), None, 0, formula))
    keys = [key for feature in features for key in feature.keys]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise DataError(f"The feature “{twice}” is chosen twice. Please remove one of them.")
    return tuple(features)


def _check_finite(
    values: FloatArray, keys: tuple[str, ...], raw: FloatArray, names: tuple[str, ...]
) -> None:
    bad = ~np.isfinite(values)
    if not bad.any():
        return
    row, column = (int(i) for i in np.argwhere(bad)[0])
    where = ", ".join(f"{n} = {v:.6g}" for n, v in list(zip(names, raw[row], strict=True))[:4])
    raise DataError(
        f"The feature “{keys[column]}” has no finite value for {int(bad[:, column].sum())} of "
        f"{len(values)} samples, the first of them with {where}. Choose a formula that has a value "
        "everywhere."
    )


def _fitted(train: FloatArray, scaling: str, keys: tuple[str, ...]) -> Scaling:
    if scaling not in SCALINGS:
        raise DataError(f"There is no scaling “{scaling}”. There are {listed(SCALINGS)}.")
    if scaling == "none":
        return Scaling(np.zeros(len(keys)), np.ones(len(keys)))
    with np.errstate(all="ignore"):
        means = train.mean(axis=0)
        variances = train.var(axis=0)
        # A constant column's variance is rounding error only; dividing by it would blow noise up.
        smallest = np.finfo(np.float64).eps * len(train) * variances
        smallest += (len(train) * means * np.finfo(np.float64).eps) ** 2
        deviations = np.where(variances <= smallest, 1.0, np.sqrt(variances))
    bad = ~(np.isfinite(means) & np.isfinite(deviations))
    if bad.any():
        raise DataError(
            f"The values of “{keys[int(np.argmax(bad))]}” are too large to be scaled. Divide them "
            "in a formula first, or scale nothing."
        )
    return Scaling(means, deviations)


def _domain(column: Column) -> tuple[float, float]:
    if column.categories is not None:
        return 0.0, float(len(column.categories) - 1)
    low, high = float(column.values.min()), float(column.values.max())
    margin = 0.05 * (high - low)
    if not margin > 0.0:
        margin = max(1.0, abs(low) * 0.05)
    return low - margin, high + margin
