"""What can be trained, as frozen data: losses, datasets, and what each pair of them means. Imports nothing heavy."""

from .datasets import DATASETS, SPOILS, Dataset, Metric, Task, dataset_named
from .losses import LOSSES, Loss, UnknownNameError, find, loss_named
from .pairing import (
    NOT_COMPARABLE,
    Head,
    Note,
    PairingError,
    all_notes,
    brief_refusal,
    fitting_dataset,
    fitting_losses,
    head,
    notes,
    pairings,
    refusal,
)

__all__ = [
    "DATASETS",
    "LOSSES",
    "NOT_COMPARABLE",
    "SPOILS",
    "Dataset",
    "Head",
    "Loss",
    "Metric",
    "Note",
    "PairingError",
    "Task",
    "UnknownNameError",
    "all_notes",
    "brief_refusal",
    "dataset_named",
    "find",
    "fitting_dataset",
    "fitting_losses",
    "head",
    "loss_named",
    "notes",
    "pairings",
    "refusal",
]
