"""What a dataset of the catalogue is made of; each dataset is one file in `datasets/`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .tasks import Metric, Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class DatasetDescription:
    """A dataset in words (ASCII).

    Attributes:
        paragraph: what the generator makes.
        good_score: which score to hope for, with the default settings.
        corruption: what its setting for corrupted targets does.
    """

    paragraph: str
    good_score: str
    corruption: str


@dataclass(frozen=True, eq=False)
class Dataset:
    """One dataset.

    Attributes:
        name: the name in commands and in the store.
        generator: the scikit-learn function that makes it.
        generate: makes its rows from the settings named in `generator_settings`, taken by keyword: the features,
            (rows, features) float32, and the targets, (rows,), real values or class numbers from 0. What is heavy
            (scikit-learn) is imported inside, for the catalogue stays light.
        generator_settings: the settings that `generate` takes.
        task: what is predicted.
        features: columns of X.
        classes: 0 for regression.
        defaults: the settings that depend on the dataset, by name: how it is made, and the tutorial's network for it.
            A setting of the data that is not here means nothing on it.
        call: the scikit-learn call with its settings in braces, as one would type it.
        preparation: what is done to its rows, in words.
        description: what it is, in words.
        random_state: seeds the rows and the corruption; a run's own seed does not touch them.
        menu_place: its place in the menu that the app opens with, from 1; None for one that is a step behind.
    """

    name: str
    generator: str
    generate: Callable[..., tuple[NDArray[np.float32], NDArray[Any]]]
    generator_settings: tuple[str, ...]
    task: Task
    features: int
    classes: int
    defaults: Mapping[str, Any]
    call: str
    preparation: str
    description: DatasetDescription
    random_state: int
    menu_place: int | None = None

    @property
    def names(self) -> Sequence[str]:
        """The names that it is found by."""
        return (self.name, self.generator)

    @property
    def metric(self) -> Metric:
        """The metric that losses are compared on."""
        return self.task.metric

    @property
    def generator_call(self) -> str:
        """The scikit-learn call that makes it with its default settings."""
        return self.call.format(**self.defaults)

    @property
    def split_words(self) -> str:
        """How many of the default rows are trained on, and how many tested on."""
        samples = int(self.defaults["samples"])
        train = self.train_rows(samples, float(self.defaults["train_fraction"]))
        return f"the first {train} rows train, the last {samples - train} test"

    def train_rows(self, samples: int, train_fraction: float) -> int:
        """How many of the first rows are trained on: at least 1, and at least 1 is left to test."""
        return min(max(round(samples * train_fraction), 1), samples - 1)

    def __repr__(self) -> str:
        return f"<Dataset {self.name}>"
