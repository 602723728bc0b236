"""Which rows train, which are looked at while training (validation), and which are seen once at the end (test)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from ...catalog import DataChoices
from ...catalog.data_file import FIRST_SPLIT
from ...text import one_line
from .files import DataFileError

Rows = npt.NDArray[np.int64]

SHARES = (0.6, 0.2, 0.2)
"""The shares of the rows that train, validate and test."""
"""Of every split."""
SET_NAMES = {
    "train": ("train", "training", "0"),
    "validation": ("validation", "valid", "val", "dev", "1"),
    "test": ("test", "testing", "2"),
}
"""The words of a split column, in lower case, by the set that they stand for."""


@dataclass(frozen=True)
class Split:
    """Row numbers of the three sets, none twice."""

    train: Rows
    validation: Rows
    test: Rows

    @property
    def sizes(self) -> tuple[int, int, int]:
        """How many rows each has: train, validation, test."""
        return len(self.train), len(self.validation), len(self.test)


def split_rows(table: pl.DataFrame, y: npt.NDArray[Any], classes: int, choices: DataChoices) -> Split:
    """Split the rows of a table.

    Args:
        table: without the rows that have no target.
        y: (rows,) the targets.
        classes: how many there are; 0 for a regression.
        choices: how they are split: at random, in their order, or by a column; and whether groups stay together.

    Raises:
        DataFileError: a set would be empty, or the column names others than the three sets.
    """
    rows = np.arange(table.height)
    how, column, group, seed = choices.split, choices.split_column, choices.group, choices.split_seed
    if how == "column":
        found = _by_column(table[column], y, classes)
    elif how == "ordered":
        first, second = (round(sum(SHARES[:count]) * len(rows)) for count in (1, 2))
        found = Split(rows[:first], rows[first:second], rows[second:])
    elif group:
        found = _by_group(table[group], seed)
    else:
        train, rest = _two(rows, y, classes, SHARES[0], seed)
        validation, test = _two(rest, y, classes, SHARES[1] / (SHARES[1] + SHARES[2]), seed)
        found = Split(train, validation, test)
    if not all(found.sizes):
        raise DataFileError(f"data: {table.height} rows are too few to train, validate and test on")
    if group and how != "random":
        _refuse_shared_groups(table[group], found)
    return found


def _two(rows: Rows, y: npt.NDArray[Any], classes: int, share: float, seed: int = FIRST_SPLIT) -> tuple[Rows, Rows]:
    """Divide rows at random; each part has the same share of each class that is not too rare for that."""
    from sklearn.model_selection import train_test_split

    first = first_rows(share, len(rows))
    if first < 1:
        raise DataFileError(f"data: {len(rows)} rows are too few to train, validate and test on")
    common = common_classes(y[rows], classes) if classes else None
    if common is not None and min(first, len(rows) - first) < len(np.unique(common)):
        common = None
    one, other = train_test_split(rows, train_size=first, random_state=seed, stratify=common)
    return np.sort(one), np.sort(other)


def first_rows(share: float, rows: int) -> int:
    """How many of some rows are in the first of two parts: at least 1, and at least 1 is left."""
    return min(max(round(share * rows), 1), rows - 1)


def common_classes(y: npt.NDArray[Any], classes: int) -> npt.NDArray[Any]:
    """The classes, with those of a single row counted as the most common one, for it cannot be divided."""
    counts = np.bincount(y, minlength=classes)
    return np.where(counts[y] < 2, counts.argmax(), y)


def _by_group(groups: pl.Series, seed: int) -> Split:
    from sklearn.model_selection import GroupShuffleSplit

    numbers = _group_numbers(groups)
    name = one_line(groups.name)[:40]
    if len(np.unique(numbers)) < 3:
        raise DataFileError(f"group: {name!r} has {len(np.unique(numbers))} groups; train, validation and test need 3")
    first = GroupShuffleSplit(1, train_size=SHARES[0], random_state=seed)
    train, rest = next(first.split(numbers, groups=numbers))
    if len(np.unique(numbers[rest])) < 2:
        raise DataFileError(f"group: {name!r} has too few groups to have some in each of train, validation and test")
    half = GroupShuffleSplit(1, train_size=0.5, random_state=seed)
    validation, test = next(half.split(rest, groups=numbers[rest]))
    return Split(np.sort(train), np.sort(rest[validation]), np.sort(rest[test]))


def _group_numbers(groups: pl.Series) -> npt.NDArray[Any]:
    """Equal values as equal numbers; gaps are one group."""
    return groups.rank("dense").fill_null(0).to_numpy()


def _refuse_shared_groups(groups: pl.Series, split: Split) -> None:
    numbers = _group_numbers(groups)
    parts = [set(numbers[rows].tolist()) for rows in (split.train, split.validation, split.test)]
    if parts[0] & parts[1] or parts[0] & parts[2] or parts[1] & parts[2]:
        name = one_line(groups.name)[:40]
        raise DataFileError(
            f"group: some groups of {name!r} are in two sets of the split; leave out --split or --group"
        )


def _by_column(series: pl.Series, y: npt.NDArray[Any], classes: int) -> Split:
    words = series.cast(pl.String).fill_null("").str.to_lowercase().to_numpy()
    sets = {name: np.flatnonzero(np.isin(words, SET_NAMES[name])) for name in SET_NAMES}
    shown = one_line(series.name)[:40]
    if sum(map(len, sets.values())) != len(words):
        known = np.concatenate(list(sets.values()))
        other = one_line(str(words[np.setdiff1d(np.arange(len(words)), known)[0]]))[:20]
        raise DataFileError(f"split: {shown!r} has {other!r}; its values must be train, validation or test")
    for name in ("train", "test"):
        if not len(sets[name]):
            raise DataFileError(f"split: no row of {shown!r} is {name!r}")
    if not len(sets["validation"]):
        sets["train"], sets["validation"] = _two(sets["train"], y, classes, 0.8)
    return Split(sets["train"], sets["validation"], sets["test"])
