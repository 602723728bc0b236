"""What a loss and a dataset mean together: the head, the targets, the decision, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .datasets import DATASETS, Dataset, Task, dataset_named
from .losses import LOSSES, Loss

Activation = Literal["linear", "sigmoid", "tanh", "softmax"]
Targets = Literal["real", "zero_one", "plus_minus_one", "one_hot", "one_vs_rest"]
Decision = Literal["value", "above_half", "above_zero", "argmax"]


@dataclass(frozen=True)
class Head:
    """The output layer `Dense(units, activation)`, the targets it is trained on, and how it decides.

    targets: real (n, 1) float; zero_one (n, 1) in {0, 1}; plus_minus_one (n, 1) in {-1, +1};
    one_hot (n, k) in {0, 1}; one_vs_rest (n, k) in {-1, +1}.
    decision: value (regression), above_half (output > 0.5), above_zero (output > 0), argmax.
    """

    units: int
    activation: Activation
    targets: Targets
    decision: Decision


@dataclass(frozen=True)
class Note:
    """What a person should be told about a pairing: one short line, and the longer story for the help."""

    short: str
    more: str


class PairingError(ValueError):
    """A loss that means nothing on a dataset; the message says why."""


_NEEDS = {
    "binary_crossentropy": "needs targets in [0, 1]",
    "hinge": "needs targets of -1 or +1",
    "categorical_crossentropy": "needs one-hot targets",
    "kl_divergence": "needs probabilities as targets",
}

_BINARY_SOFTMAX = ("categorical_crossentropy", "kl_divergence")


def refusal(loss: Loss, dataset: Dataset) -> str | None:
    """Say why this pairing means nothing, in one line, or None where it trains."""
    needs = brief_refusal(loss, dataset)
    return needs and f"{loss.title} {needs}; {dataset.generator}'s are real numbers"


def brief_refusal(loss: Loss, dataset: Dataset) -> str | None:
    """The reason of `refusal` without its subject, short enough for a menu."""
    return _NEEDS.get(loss.name) if dataset.task == "regression" else None


def head(loss: Loss, dataset: Dataset) -> Head:
    """Choose the output layer, targets and decision that a loss needs on a dataset.

    Raises PairingError for the four pairings that mean nothing.
    """
    reason = refusal(loss, dataset)
    if reason is not None:
        raise PairingError(f"loss: {reason}")
    if dataset.task == "regression":
        return Head(1, "linear", "real", "value")
    if dataset.task == "binary":
        if loss.name in _BINARY_SOFTMAX:
            return Head(2, "softmax", "one_hot", "argmax")
        if loss.name == "hinge":
            return Head(1, "tanh", "plus_minus_one", "above_zero")
        return Head(1, "sigmoid", "zero_one", "above_half")
    if loss.name == "hinge":
        return Head(dataset.classes, "tanh", "one_vs_rest", "argmax")
    if loss.name == "binary_crossentropy":
        return Head(dataset.classes, "sigmoid", "one_hot", "argmax")
    return Head(dataset.classes, "softmax", "one_hot", "argmax")


def fitting_losses(dataset: Dataset) -> tuple[Loss, ...]:
    """The losses that train on a dataset, in the catalogue's order."""
    return tuple(loss for loss in LOSSES if refusal(loss, dataset) is None)


def fitting_dataset(loss: Loss, present: Dataset) -> Dataset:
    """The dataset to move to when a loss is picked: the present one if it fits, else the loss's own."""
    return present if refusal(loss, present) is None else dataset_named(loss.home)


def pairings() -> tuple[tuple[Loss, Dataset], ...]:
    """All the pairings that train (17 of 21), dataset by dataset."""
    return tuple((loss, dataset) for dataset in DATASETS for loss in fitting_losses(dataset))


_MSLE = Note(
    "MSLE clips negatives to 0 before the logarithm: half of these targets do not count",
    "Keras clips targets and predictions below 1e-7 before log(1 + x). The standardised targets are half "
    "negative, so MSLE nears 0 as soon as the positive half fits, while the MSE stays near 0.3.",
)
_HINGE = Note(
    "hinge decides at 0, not 0.5: its tanh output is -1 to +1",
    "The tutorial scores hinge with Keras's default 0.5 threshold on a tanh output. The targets are -1 and "
    "+1, so the cut that hinge trains for is 0; that is the one used here.",
)
_KLD = Note(
    "on one-hot targets KL divergence equals categorical cross-entropy: the curves coincide",
    "KL(y || p) = H(y, p) - H(y), and a one-hot y has entropy H(y) = 0, so the two losses and their gradients "
    "are the same. Seeing one curve for both is the right answer, not a bug. Only where the true class gets less than "
    "1e-7 do they part: Keras clips KL's probabilities there, and takes cross-entropy from the logits. On blobs, whose "
    "inputs are not scaled, that happens in the first epochs.",
)

NOT_COMPARABLE = Note(
    "values of different losses are not comparable: compare the metric",
    "A loss of 0.3 in one unit says nothing about 0.3 in another. Runs are ranked on the metric they share "
    "(accuracy, or MSE on regression); losses laid over one another are labelled as not comparable.",
)


def notes(loss: Loss, task: Task) -> tuple[Note, ...]:
    """What to tell a person who trains this loss on this task, where it happens."""
    if loss.name == "mean_squared_logarithmic_error" and task == "regression":
        return (_MSLE,)
    if loss.name == "hinge" and task == "binary":
        return (_HINGE,)
    if loss.name in _BINARY_SOFTMAX and task != "regression":
        return (_KLD,)
    return ()


def all_notes() -> tuple[Note, ...]:
    """Every note, for the help."""
    return (_MSLE, _HINGE, _KLD, NOT_COMPARABLE)
