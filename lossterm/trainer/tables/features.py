"""The columns of a table as the features that a network is trained on, prepared by what the training rows say alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from .columns import MOST_CATEGORIES, Column
from .errors import DataFileError

Floats = npt.NDArray[np.float32]

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
            series = (series.rank("dense").cast(pl.Int64) - 1).fill_null(-1)
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
        sparse_output=False,
        handle_unknown="infrequent_if_exist",
        max_categories=MOST_CATEGORIES,
        min_frequency=max(len(raw) // _RARE_SHARE, 2),
    )
    steps = {
        "number": make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler()),
        "boolean": SimpleImputer(strategy="most_frequent", keep_empty_features=True),
        "category": one_hot,
    }
    return ColumnTransformer(
        [(role, steps[role], places[role]) for role in steps if role in places], sparse_threshold=0
    ).fit(raw)


def width(prepared: Any) -> int:
    """How many features a fitted preparation gives."""
    return len(prepared.get_feature_names_out())
