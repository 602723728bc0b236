"""A data file as a dataset: described when it is added, and made into rows each time that it is trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from ...catalog import DataChoices, DataFile
from ...text import one_line
from . import files
from .columns import Column, as_read, inspect
from .features import Floats, file_columns, preparation, prepare, raw_features, width
from .files import DataFileError
from .progress import Say, silent
from .reading import read_table
from .splits import Split, split_rows
from .targets import Targets, read_targets

_FEWEST_ROWS = 10
_NAMED = 10


@dataclass(frozen=True)
class Rows:
    """The rows of the three sets, prepared, float32.

    Attributes:
        x: the features of all rows, (rows, features), the training rows first, then validation, then test.
        y: the targets, (rows,): standardised real values, or class numbers.
        sizes: how many rows train, validate and test.
    """

    x: Floats
    y: npt.NDArray[Any]
    sizes: tuple[int, int, int]


@dataclass(frozen=True)
class ReadFile:
    """What a file holds, before its rows are put in order.

    Attributes:
        fingerprint: of the file.
        table: its rows that have a target.
        without_target: how many rows have none.
        columns: what each column is for.
        targets: of the table's rows.
        split: which of them train, validate and test.
        raw: the features as numbers, see `features.raw_features`.
        prepared: their preparation, fitted on the training rows.
    """

    fingerprint: files.Fingerprint
    table: pl.DataFrame
    without_target: int
    columns: list[Column]
    targets: Targets
    split: Split
    raw: Floats
    prepared: Any


def describe(name: str, path: Path, choices: DataChoices, say: Say = silent) -> tuple[DataFile, dict[str, Any]]:
    """Read a file that is to be added; `say` is told what is being done.

    Returns:
        What a run's config keeps of it, and what was found, as JSON: `rows`, `without_target`, `columns`, `classes`
        (name and rows of each), `split` (rows of each set), `file_columns` (which features each column became).

    Raises:
        DataFileError: it cannot be trained on.
    """
    read = read_file(path, choices, say)
    y, train = read.targets.y, read.split.train
    regression = read.targets.task == "regression"
    scale = float(y[train].std()) if regression else 1.0
    if not scale:
        raise DataFileError(f"target: {one_line(choices.target)[:40]!r} is the same in all training rows")
    file = DataFile(
        name=name,
        path=str(path),
        size=read.fingerprint.size,
        sha256=read.fingerprint.sha256,
        target=choices.target,
        task=read.targets.task,
        ignored=choices.ignored,
        split=choices.split,
        split_column=choices.split_column,
        group=choices.group,
        split_seed=choices.split_seed,
        features=width(read.prepared),
        classes=read.targets.classes,
        train_rows=read.split.sizes[0],
        validation_rows=read.split.sizes[1],
        test_rows=read.split.sizes[2],
        target_mean=float(y[train].mean()) if regression else 0.0,
        target_scale=scale,
    )
    counts = np.bincount(y, minlength=len(file.classes)).tolist() if not regression else []
    report = {
        "rows": read.table.height,
        "without_target": read.without_target,
        "columns": [column.as_json() for column in read.columns],
        "classes": [{"name": its, "rows": count} for its, count in zip(file.classes, counts, strict=True)],
        "split": dict(zip(("train", "validation", "test"), read.split.sizes, strict=True)),
        "file_columns": [one.as_json() for one in file_columns(read.table, read.columns, read.prepared)],
    }
    return file, report


def load_rows(file: DataFile) -> Rows:
    """Make the rows of a dataset that was added.

    Raises:
        DataFileError: the file is gone or another one, or this version of lossterm reads it otherwise.
    """
    path = Path(file.path)
    check_unchanged(file)
    read = read_file(path, file.choices)
    if read.fingerprint != files.Fingerprint(file.size, file.sha256):
        raise DataFileError(_changed_words(file))
    found = (width(read.prepared), read.split.sizes, read.targets.classes)
    if found != (file.features, (file.train_rows, file.validation_rows, file.test_rows), file.classes):
        raise DataFileError(f"data: {file.path} is read otherwise than when {file.name} was added; add it again")
    order = np.concatenate([read.split.train, read.split.validation, read.split.test])
    y = read.targets.y[order]
    if file.task == "regression":
        y = (y - file.target_mean) / file.target_scale
    return Rows(prepare(read.prepared, read.raw[order]), y, read.split.sizes)


def check_unchanged(file: DataFile) -> None:
    """Raise DataFileError where a dataset's file is gone or another one than was added."""
    found = files.fingerprint(Path(file.path))
    if found != files.Fingerprint(file.size, file.sha256):
        raise DataFileError(_changed_words(file))


def _changed_words(file: DataFile) -> str:
    return (
        f"data: {file.path} changed since {file.name} was added; bring the old file back, or add it anew: "
        f"lossterm data add {file.path} --target {one_line(file.target)} --name NAME"
    )


def read_file(path: Path, choices: DataChoices, say: Say = silent) -> ReadFile:
    """Read a file as far as describing it and making its rows have in common; `say` is told what is being done.

    Raises:
        DataFileError: it cannot be trained on.
    """
    say("checking the file")
    with files.opened(path) as opened:
        say("reading the rows")
        table = read_table(opened)
        fingerprint = opened.fingerprint
    _check_columns(table.columns, choices, path)
    table = as_read(table)
    rows = table.height
    table = table.filter(pl.col(choices.target).is_not_null())
    if not table.height:
        raise DataFileError(f"target: {one_line(choices.target)[:40]!r} has no value in any row of {path}")
    if table.height < _FEWEST_ROWS:
        only = "1 row" if table.height == 1 else f"{table.height} rows"
        raise DataFileError(f"data: {path} has only {only} with a target; at least {_FEWEST_ROWS} are needed")
    say("looking at the columns")
    targets = read_targets(table[choices.target], choices.task)
    columns = inspect(table, choices.target, choices.group, choices.split_column, choices.ignored)
    split = split_rows(table, targets.y, len(targets.classes), choices)
    say("preparing the features")
    raw = raw_features(table, columns)
    prepared = preparation(columns, raw[split.train])
    return ReadFile(fingerprint, table, rows - table.height, columns, targets, split, raw, prepared)


def _check_columns(names: Sequence[str], choices: DataChoices, path: Path) -> None:
    """Raise DataFileError where a choice names no column of the file, or one column twice."""
    chosen = [("target", choices.target), ("group", choices.group), ("split", choices.split_column)]
    given = [(option, name) for option, name in chosen if name]
    for option, name in [*given, *(("ignore", name) for name in choices.ignored)]:
        if name not in names:
            some = ", ".join(one_line(its)[:40] for its in names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
            raise DataFileError(f"{option}: {one_line(name)[:40]!r} is no column of {path}; it has {some}")
    taken: dict[str, str] = {}
    for option, name in [*given, *(("ignore", name) for name in choices.ignored)]:
        if taken.setdefault(name, option) != option:
            raise DataFileError(f"{option}: {one_line(name)[:40]!r} is the {taken[name]} column already")
