"""What a loss and a dataset mean together: the output layer, or why they do not train; and which fit one another."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from .dataset import Dataset
from .datasets import DATASETS, dataset_named
from .loss import NOT_COMPARABLE, Loss, Note
from .losses import LOSSES
from .outputs import OutputLayer


class PairingError(ValueError):
    """A loss that means nothing on a dataset; the message says why."""


def refusal(loss: Loss, dataset: Dataset) -> str | None:
    """Say why a loss means nothing on a dataset, in one line, or None where it trains."""
    needs = brief_refusal(loss, dataset)
    given = "class numbers" if dataset.task.has_classes else "real numbers"
    return needs and f"{loss.title} {needs}; {dataset.generator}'s are {given}"


def brief_refusal(loss: Loss, dataset: Dataset) -> str | None:
    """The reason of `refusal` without its subject, short enough for a menu."""
    return None if dataset.task.name in loss.outputs else loss.needs or f"is not for {dataset.task.name} targets"


def output_layer(loss: Loss, dataset: Dataset) -> OutputLayer:
    """Return the output layer that a loss needs on a dataset, with the coding of its targets and its decision.

    Raises:
        PairingError: if the loss means nothing on the dataset.
    """
    reason = refusal(loss, dataset)
    if reason is not None:
        raise PairingError(f"loss: {reason}")
    return loss.outputs[dataset.task.name].layer(dataset.classes)


def fitting_losses(dataset: Dataset) -> tuple[Loss, ...]:
    """The losses that train on a dataset, in the catalogue's order."""
    return tuple(loss for loss in LOSSES if refusal(loss, dataset) is None)


def fitting_dataset(loss: Loss, present: Dataset) -> Dataset:
    """The dataset to move to when a loss is picked: the present one if it fits, else the loss's own."""
    return present if refusal(loss, present) is None else dataset_named(loss.default_dataset)


def pairings() -> tuple[tuple[Loss, Dataset], ...]:
    """All pairs of a loss and a dataset that train, dataset by dataset."""
    return tuple((loss, dataset) for dataset in DATASETS for loss in fitting_losses(dataset))


def notes(loss: Loss, dataset: Dataset, changed: Collection[str] = ()) -> tuple[Note, ...]:
    """What to tell a person who trains this loss on this dataset, where it happens.

    Args:
        loss: the loss.
        dataset: the dataset.
        changed: the names of the loss's parameters that differ from their defaults.
    """
    return tuple(note for note in loss.notes.get(dataset.task.name, ()) if note.at_default not in changed)


def shared_notes(losses: Iterable[tuple[Loss, Sequence[Note]]]) -> tuple[Note, ...]:
    """The notes that concern several losses together, each once; a loss comes with the notes of it alone.

    A note that is about two losses is one only where the other one has a note about this one.
    """
    pairs = [(loss.name, note) for loss, of_loss in losses for note in of_loss]
    about = {(name, note.beside) for name, note in pairs}
    found = [note for name, note in pairs if not note.beside or (note.beside, name) in about]
    return tuple(dict.fromkeys(found))


def all_notes() -> tuple[Note, ...]:
    """Every note, for the help."""
    found = [note for loss in LOSSES for of_task in loss.notes.values() for note in of_task]
    return (*dict.fromkeys(found), NOT_COMPARABLE)
