"""What is in a data file, for a person who has yet to say which column is the target."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from . import files
from .columns import Column, as_read, inspect
from .files import DataFileError
from .progress import Say
from .reading import read_table
from .targets import MOST_CLASSES, task_of

_FIRST_ROWS = 8
_LONGEST_VALUE = 40
_MOST_COUNTED = 6
"""Of a column that could name classes the most frequent values are counted, so many of them."""


def preview(path: Path, say: Say) -> dict[str, Any]:
    """Read a file and say what is in its columns.

    Args:
        path: Of the file, absolute.
        say: Is told what is being done.

    Returns:
        What a front end shows, as JSON: `rows`, and `columns`, each with what `Column.as_json` gives (its role as no
        target), `task` (what it would be as the target, or ""), `problem` (why it cannot be one), `counts` (the most
        frequent values, where they could be classes) and `first` (the values of the first rows, as text; None for a
        gap).

    Raises:
        DataFileError: it is no table that can be read.
    """
    say("checking the file")
    with files.opened(path) as opened:
        say("reading the rows")
        table = read_table(opened)
    table = as_read(table)
    found = []
    for place, series in enumerate(table.get_columns(), 1):
        say(f"looking at column {place:,} of {table.width:,}")
        (column,) = inspect(series.to_frame(), target="")  # of thousands of columns each select plans with all of them
        found.append(_described(series, column))
    return {"rows": table.height, "columns": found}


def _described(series: pl.Series, column: Column) -> dict[str, Any]:
    task, problem = "", ""
    try:
        task = task_of(series.drop_nulls(), "auto")
    except DataFileError as error:
        problem = str(error).partition(": ")[2]
    counted = column.distinct <= MOST_CLASSES and task in ("binary", "multiclass")
    return {
        **column.as_json(),
        "task": task,
        "problem": problem,
        "counts": _counts(series) if counted else [],
        "first": [_text(value) for value in series.head(_FIRST_ROWS).to_list()],
    }


def _counts(series: pl.Series) -> list[tuple[str, int]]:
    counts = series.drop_nulls().value_counts(sort=True).head(_MOST_COUNTED)
    return [(_text(value) or "", int(count)) for value, count in counts.rows()]


def _text(value: object) -> str | None:
    if isinstance(value, float):
        return f"{value:.6g}"
    return None if value is None else str(value)[:_LONGEST_VALUE]
