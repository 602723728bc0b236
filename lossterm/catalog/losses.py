"""The seven losses: their Keras identifiers, the names people use, and what each is called on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar


@dataclass(frozen=True)
class Loss:
    """One loss of the catalogue.

    name: the Keras identifier, what `compile(loss=…)` is given.
    short: the abbreviation used in tables and on the command line.
    title: the name in words.
    home: the dataset that the tutorial trains it on.
    """

    name: str
    short: str
    title: str
    home: str


LOSSES: tuple[Loss, ...] = (
    Loss("mean_squared_error", "mse", "mean squared error", "regression"),
    Loss("mean_squared_logarithmic_error", "msle", "mean squared logarithmic error", "regression"),
    Loss("mean_absolute_error", "mae", "mean absolute error", "regression"),
    Loss("binary_crossentropy", "bce", "binary cross-entropy", "circles"),
    Loss("hinge", "hinge", "hinge", "circles"),
    Loss("categorical_crossentropy", "cce", "categorical cross-entropy", "blobs"),
    Loss("kl_divergence", "kld", "Kullback-Leibler divergence", "blobs"),
)

_BY_NAME = {name: loss for loss in LOSSES for name in (loss.name, loss.short)}
_Entry = TypeVar("_Entry")


class UnknownNameError(ValueError):
    """A loss, dataset or preset that there is not; the message lists those that there are."""


def loss_named(name: str) -> Loss:
    """Find a loss by its Keras identifier or its short name, whatever the case.

    Raises UnknownNameError, which lists the known names.
    """
    return find("loss", name, _BY_NAME, [loss.short for loss in LOSSES])


def find(kind: str, name: str, known: dict[str, _Entry], shown: Sequence[str]) -> _Entry:
    """Look a name up in a catalogue, or raise UnknownNameError with the names that would have done."""
    entry = known.get(name.strip().lower().replace("-", "_"))
    if entry is None:
        raise UnknownNameError(f"{kind}: {name!r} is not known; choose one of {', '.join(shown)}")
    return entry
