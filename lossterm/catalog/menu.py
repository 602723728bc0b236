"""The menus: the tutorial's losses and datasets, and those that a person added to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from .dataset import Dataset
from .datasets import DATASETS, MENU_DATASETS
from .loss import Loss
from .losses import LOSSES, MENU_LOSSES

ADDED_LOSSES = "added losses"
"""The name of the preference that keeps which losses were added: a list of their names."""
ADDED_DATASETS = "added datasets"
"""The same of the datasets of the catalogue; a person's own are in the menu anyway."""

_Entry = TypeVar("_Entry", Loss, Dataset)


def read_added(value: object) -> tuple[Loss, ...]:
    """The losses that a preference names, whoever wrote it, but for those that the menu has anyway."""
    return _named(value, LOSSES, MENU_LOSSES)


def read_added_datasets(value: object) -> tuple[Dataset, ...]:
    """The datasets that a preference names, whoever wrote it, but for those that the menu has anyway."""
    return _named(value, DATASETS, MENU_DATASETS)


def added_names(added: Sequence[Loss] | Sequence[Dataset]) -> list[str]:
    """The preference that keeps these losses, or datasets."""
    return [entry.name for entry in added]


def _named(value: object, entries: Sequence[_Entry], menu: Sequence[_Entry]) -> tuple[_Entry, ...]:
    names = value if isinstance(value, list) else ()
    return tuple(entry for entry in entries if entry.name in names and entry not in menu)
