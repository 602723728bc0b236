"""The columns of a table as the features that a network is trained on, prepared by what the training rows say alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from ...runs.file_columns import MOST_COLUMNS, FileColumn
from .columns import MOST_CATEGORIES, Column
from .files import DataFileError

Floats = npt.NDArray[np.float32]

_NUMBERS_AT_ONCE = 2**22
"""Numbers that are prepared at a time: scikit-learn copies what it is given several times."""
_RARE_SHARE = 200
"""A value that fewer than one of so many training rows have goes together with other rare ones."""


def raw_features(table: pl.DataFrame, columns: Sequence[Column]) -> Floats:
    """The columns that are trained on as numbers, (rows, columns) float32, in the table's order.

    Numbers are as they are, and NaN where there is none; true is 1; a category is the place of its value among all
    values in alphabetical order, and -1 where there is none.
    """
    used = [column for column in columns if column.role in ("number", "category", "boolean")]
    found = np.empty((table.height, len(used)), np.float32)
    for place, column in enumerate(used):
        series = table[column.name]
        if column.role == "category":
            values = series.drop_nulls().unique().sort()
            series = series.cast(pl.Enum(values)).to_physical().cast(pl.Int64).fill_null(-1)
        found[:, place] = series.cast(pl.Float32).to_numpy()
    with np.errstate(invalid="ignore"):
        found[~np.isfinite(found)] = np.nan  # a number beyond float32 is as good as none
    return found


def preparation(columns: Sequence[Column], raw: Floats) -> Any:
    """The preparation of the features, fitted on the training rows.

    Numbers: gaps get the median, then standardised. Categories: one-hot, rare ones together, values that no training
    row has as none. Booleans: gaps get the more frequent one.

    Args:
        columns: of the table.
        raw: (training rows, columns) of `raw_features`.

    Returns:
        A fitted scikit-learn `ColumnTransformer`.

    Raises:
        DataFileError: no column is left to learn from.
    """
    from sklearn.base import clone
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    roles = [column.role for column in columns if column.role in ("number", "category", "boolean")]
    if not roles:
        raise DataFileError(
            "data: no column is left to learn from; see which were left out, or name fewer with --ignore"
        )
    places = {role: [place for place, its in enumerate(roles) if its == role] for role in set(roles)}
    one_hot = OneHotEncoder(
        dtype=np.float32,
        handle_unknown="infrequent_if_exist",
        max_categories=MOST_CATEGORIES,
        min_frequency=fewest_of_category(len(raw)),
    )
    numbers = make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler())
    booleans = SimpleImputer(strategy="most_frequent", keep_empty_features=True)
    size = max(_NUMBERS_AT_ONCE // len(raw), 1)
    steps = [
        (f"numbers_{first}", clone(numbers), places["number"][first : first + size])
        for first in range(0, len(places.get("number", ())), size)
    ]
    steps += [
        (role, step, places[role]) for role, step in (("boolean", booleans), ("category", one_hot)) if role in places
    ]
    return ColumnTransformer(steps, sparse_threshold=1).fit(raw)  # fit makes all features of all rows as well


def fewest_of_category(train_rows: int) -> int:
    """How many training rows must have a value for it to be a feature of its own."""
    return max(train_rows // _RARE_SHARE, 2)


def prepare(prepared: Any, raw: Floats) -> Floats:
    """The features of rows, (rows, features) float32, some rows at a time so that they are held once.

    Args:
        prepared: a fitted preparation.
        raw: (rows, columns) of `raw_features`.
    """
    found = np.empty((len(raw), width(prepared)), np.float32)
    size = max(_NUMBERS_AT_ONCE // max(found.shape[1], 1), 1)
    for first in range(0, len(raw), size):
        part = prepared.transform(raw[first : first + size])
        found[first : first + size] = part.toarray() if hasattr(part, "toarray") else part
    return found


def file_columns(table: pl.DataFrame, columns: Sequence[Column], prepared: Any) -> list[FileColumn]:
    """Which columns the features come from, in the order of the features, as far as they are described.

    Args:
        table: the rows, whose categories have the places that `raw_features` gives them.
        columns: of the table.
        prepared: the fitted preparation.
    """
    used = [column.name for column in columns if column.role in ("number", "category", "boolean")]
    found: list[FileColumn] = []
    for name, step, places in prepared.transformers_:
        first = found[-1].first + len(found[-1].values or (0,)) if found else 0
        if len(found) >= MOST_COLUMNS:
            break
        if name.startswith("numbers"):
            scaler = step[-1]
            numbers = zip(places, scaler.mean_.tolist(), scaler.scale_.tolist(), strict=True)
            found += [FileColumn(used[p], first + i, mean, scale) for i, (p, mean, scale) in enumerate(numbers)]
        elif name == "boolean":
            found += [FileColumn(used[place], first + number) for number, place in enumerate(places)]
        elif name == "category":
            heads = [f"{number}_" for number in range(len(places))]
            names = step.get_feature_names_out([head[:-1] for head in heads])
            for head, place in zip(heads, places, strict=True):
                known = table[used[place]].drop_nulls().unique().sort()
                codes = [its.removeprefix(head) for its in names if its.startswith(head)]
                values = tuple(_category(code, known) for code in codes)
                found.append(FileColumn(used[place], first, values=values))
                first += len(values)
    return found[:MOST_COLUMNS]


def _category(code: str, known: pl.Series) -> str:
    """What a feature of a category stands for, by the end of its name."""
    try:
        place = int(float(code))
    except ValueError:
        return "(rare)"
    return str(known[place]) if place >= 0 else "(none)"


def width(prepared: Any) -> int:
    """How many features a fitted preparation gives."""
    return len(prepared.get_feature_names_out())
