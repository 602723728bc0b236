"""Old names of the descriptions, until every room uses the new ones."""  # compat

from __future__ import annotations

from dataclasses import dataclass

from .dataset import Dataset
from .loss import Loss
from .outputs import OutputLayer


@dataclass(frozen=True)
class AboutLoss:
    """One loss in words."""

    formula: str
    paragraph: str
    use: str
    avoid: str
    keras: str


@dataclass(frozen=True)
class AboutDataset:
    """One dataset in words."""

    paragraph: str
    good: str
    spoiled: str


def about_loss(loss: Loss) -> AboutLoss:
    """A loss in words."""
    words = loss.description
    return AboutLoss(words.formula, words.paragraph, words.use, words.avoid, f"keras.losses.{loss.keras_class}")


def about_dataset(dataset: Dataset) -> AboutDataset:
    """A dataset in words."""
    words = dataset.description
    return AboutDataset(words.paragraph, words.good_score, words.corruption)


def generator_call(dataset: Dataset) -> str:
    """The call."""
    return dataset.generator_call


def split_words(dataset: Dataset) -> str:
    """The split."""
    return dataset.split_words


def head_words(given: OutputLayer) -> str:
    """The output layer."""
    return given.words
