"""What a person's own dataset may be called, and what it is called where nobody says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from .data_file import NAME, NAME_WORDS
from .datasets import DATASETS

LONGEST_NAME = 40


def name_problem(name: str, path: Path, taken: Mapping[str, str]) -> str:
    """Why a data file cannot have a name; empty where it can.

    Args:
        name: The name, not yet looked at.
        path: Of the file, absolute.
        taken: The paths of the person's own datasets by their names. The file itself may be added anew.
    """
    if NAME.fullmatch(name) is None:
        return f"must be {NAME_WORDS}"
    if any(name.lower() == its.lower() for dataset in DATASETS for its in dataset.names):
        return f"{name!r} is a dataset that is built in"
    if name in taken and taken[name] != str(path):
        return f"{name!r} is {taken[name]} already"
    return ""


def name_after(path: Path) -> str:
    """The name that follows from a file's own."""
    stem = path.name.partition(".")[0] or path.name
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-")[:LONGEST_NAME]
    return name if name[:1].isalpha() and name.isascii() else f"data-{name}"[:LONGEST_NAME].rstrip("-")


def free_name(path: Path, taken: Mapping[str, str]) -> str:
    """The name that follows from a file's own; where it is another's, with the first number that makes it free."""
    name, number = name_after(path), 1
    while name_problem(name, path, taken):
        number += 1
        name = f"{name_after(path)[: LONGEST_NAME - len(str(number)) - 1]}-{number}"
    return name
