"""How the rows of a person's file are split, as lines of a script."""

from __future__ import annotations

import numpy as np

from ...catalog import DataFile
from ...catalog.data_file import FIRST_SPLIT
from ..tables.datasets import ReadFile
from ..tables.splits import SET_NAMES, SHARES, common_classes, first_rows
from .section import SPLIT, Section, literal

_GROUPS = "from sklearn.model_selection import GroupShuffleSplit"


def add_split(section: Section, file: DataFile, read: ReadFile) -> None:
    """Add the lines that make `train`, `validation` and `test`, the numbers of their rows."""
    if file.split == "column":
        _add_by_column(section, file, read)
    elif file.split == "ordered":
        first, second = len(read.split.train), len(read.split.train) + len(read.split.validation)
        section.add(f"train, validation, test = np.split(np.arange(len(y)), [{first}, {second}])")
    elif file.group:
        _add_by_group(section, file)
    else:
        seed = file.split_seed
        rest = np.sort(np.concatenate([read.split.validation, read.split.test]))
        _add_two(section, ("train", "rest"), "np.arange(len(y))", np.arange(len(read.targets.y)), SHARES[0], read, seed)
        _add_two(section, ("validation", "test"), "rest", rest, SHARES[1] / (SHARES[1] + SHARES[2]), read, seed)


def _add_two(
    section: Section,
    names: tuple[str, str],
    words: str,
    rows: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    share: float,
    read: ReadFile,
    seed: int = FIRST_SPLIT,
) -> None:
    """Add the lines that divide rows in two at random, as `splits` does.

    Args:
        section: to add to.
        names: of the two parts.
        words: the rows in the script.
        rows: the rows.
        share: of the first part.
        read: the file.
        seed: of the split.
    """
    y, classes = read.targets.y, len(read.targets.classes)
    first = first_rows(share, len(rows))
    size = f"train_size={first}, random_state={seed}"
    common = common_classes(y[rows], classes) if classes else None
    if common is not None and min(first, len(rows) - first) >= len(np.unique(common)):
        if (common != y[rows]).any():
            section.add(
                f"counts = np.bincount(y[{words}], minlength={classes})"
                if words == "rest"
                else "counts = np.bincount(y)",
                f"alike = y[{words}]" if words == "rest" else "alike = y",
                "alike = np.where(counts[alike] < 2, counts.argmax(), alike)  # a class of one row cannot be divided",
            )
            size += ", stratify=alike"
        else:
            size += f", stratify=y[{words}]" if words == "rest" else ", stratify=y"
    section.add(
        f"{', '.join(names)} = train_test_split({words}, {size})",
        f"{', '.join(names)} = np.sort({names[0]}), np.sort({names[1]})",
        imports=[SPLIT],
    )


def _add_by_column(section: Section, file: DataFile, read: ReadFile) -> None:
    section.add(
        f'sets = table[{literal(file.split_column)}].cast(pl.String).fill_null("").str.to_lowercase().to_numpy()'
    )
    used = [name for name in SET_NAMES if np.isin(_words(file, read), SET_NAMES[name]).any()]
    for name in used:
        section.add(f"{name} = np.flatnonzero(np.isin(sets, {literal(list(SET_NAMES[name]))}))")
    if "validation" not in used:
        rows = np.sort(np.concatenate([read.split.train, read.split.validation]))
        _add_two(section, ("train", "validation"), "rest", rows, 0.8, read)
        section.lines[-2:-2] = ["rest = train"]


def _words(file: DataFile, read: ReadFile) -> np.ndarray[tuple[int, ...], np.dtype[np.object_]]:
    import polars as pl

    return np.asarray(read.table[file.split_column].cast(pl.String).fill_null("").str.to_lowercase().to_numpy(), object)


def _add_by_group(section: Section, file: DataFile) -> None:
    section.add(
        f'groups = table[{literal(file.group)}].rank("dense").fill_null(0).to_numpy()  # gaps are one group',
        f"first = GroupShuffleSplit(1, train_size={SHARES[0]}, random_state={file.split_seed})",
        "train, rest = next(first.split(groups, groups=groups))",
        f"half = GroupShuffleSplit(1, train_size=0.5, random_state={file.split_seed})",
        "validation, test = (rest[rows] for rows in next(half.split(rest, groups=groups[rest])))",
        "train, validation, test = np.sort(train), np.sort(validation), np.sort(test)",
        imports=[_GROUPS],
    )
