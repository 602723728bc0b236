"""The datasets, one file each. A file defines `DATASET`; it is found by itself, and everything else reads it here."""

from __future__ import annotations

from ..dataset import Dataset
from ..registry import Registry, discover


def _order(dataset: Dataset) -> tuple[bool, int, str]:
    return (dataset.menu_place is None, dataset.menu_place or 0, dataset.name)


def _found() -> list[Dataset]:
    return [entry for entry in discover(__name__, "DATASET") if isinstance(entry, Dataset)]


_REGISTRY: Registry[Dataset] = Registry("dataset", sorted(_found(), key=_order))
DATASETS: tuple[Dataset, ...] = _REGISTRY.entries
"""Every dataset: those of the menu in its order, then the others by name."""
MENU_DATASETS: tuple[Dataset, ...] = tuple(dataset for dataset in DATASETS if dataset.menu_place is not None)
"""The datasets that the app opens with, in the menu's order."""


def dataset_named(name: str) -> Dataset:
    """Find a dataset by its name or its generator's, whatever the case.

    Raises:
        UnknownNameError: if there is none; the message lists the known names.
    """
    return _REGISTRY.find(name)
