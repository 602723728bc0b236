"""The column that is predicted: the task that follows from it, and its values as numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from ...catalog.tasks import TaskName
from ...text import one_line
from .files import DataFileError

MOST_CLASSES = 100
_MOST_GUESSED = 20
"""Whole numbers are taken for classes up to so many different ones."""
_SHOWN = 40


@dataclass(frozen=True)
class Targets:
    """The targets of a table.

    Attributes:
        task: what is predicted.
        y: (rows,) float64 for a regression, else class numbers from 0, int64.
        classes: the names of the classes by their numbers; empty for a regression.
    """

    task: TaskName
    y: npt.NDArray[Any]
    classes: tuple[str, ...] = ()


def read_targets(series: pl.Series, task: str) -> Targets:
    """Read the targets as what they are, or as what is asked for.

    Args:
        series: the target column, without gaps.
        task: "auto", or a task's name.

    Raises:
        DataFileError: they are constant, no numbers for a regression, or too many classes.
    """
    chosen = task_of(series, task)
    if chosen == "regression":
        return Targets("regression", series.cast(pl.Float64).to_numpy())
    values = series.unique().sort()
    places = {value: number for number, value in enumerate(values.to_list())}
    y = np.fromiter((places[value] for value in series.to_list()), np.int64, len(series))
    return Targets(chosen, y, tuple(_class_name(value) for value in values.to_list()))


def task_of(series: pl.Series, task: str) -> TaskName:
    """The task of a target column: what its values look like, or what is asked for.

    Args:
        series: the target column, without gaps.
        task: "auto", or a task's name.

    Raises:
        DataFileError: its values are constant, no numbers for a regression, or too many classes.
    """
    name = one_line(series.name)[:_SHOWN]
    numeric = series.dtype.is_numeric()
    if not (numeric or series.dtype in (pl.Boolean, pl.String)):
        raise DataFileError(
            f"target: {name!r} holds {str(series.dtype).lower()}; it must be numbers, words or booleans"
        )
    distinct = int(series.n_unique())
    if distinct < 2:
        raise DataFileError(f"target: {name!r} is the same in every row: there is nothing to predict")
    if task == "auto":
        task = _guessed(series, distinct, numeric)
    if task == "regression":
        if not numeric:
            example = one_line(str(series[0]))[:_SHOWN]
            raise DataFileError(f"target: {name!r} is not made of numbers (such as {example!r}): no regression")
        return "regression"
    if distinct > MOST_CLASSES:
        instead = "; for numbers: --task regression" if numeric else ""
        raise DataFileError(
            f"target: {name!r} has {distinct:,} different values; at most {MOST_CLASSES} classes{instead}"
        )
    if task == "binary" and distinct != 2:
        raise DataFileError(f"task: binary needs a target of two values; {name!r} has {distinct}")
    return "binary" if distinct == 2 and task != "multiclass" else "multiclass"


def _guessed(series: pl.Series, distinct: int, numeric: bool) -> TaskName:
    if distinct == 2:
        return "binary"
    if not numeric:
        return "multiclass"
    whole = series.dtype.is_integer() or bool((series == series.round(0)).all())
    return "multiclass" if whole and distinct <= min(_MOST_GUESSED, len(series) // 3) else "regression"


def _class_name(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)
