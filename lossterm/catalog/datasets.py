"""The three scikit-learn datasets: their defaults from the tutorial, and how each is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .losses import find

Task = Literal["regression", "binary", "multiclass"]
Metric = Literal["mse", "accuracy"]

SPOILS: dict[str, tuple[Task, ...]] = {"outlier_fraction": ("regression",), "label_noise": ("binary", "multiclass")}
"""The settings that spoil training targets, and the tasks that each is for."""


@dataclass(frozen=True)
class Dataset:
    """One generated dataset; the generator itself is in the trainer.

    name: the name in commands and in the store; generator: the scikit-learn function that makes it.
    features: columns of X; classes: 0 for regression.
    samples: rows in all; train_fraction: the first share of the rows, trained on; the rest is the test set.
    noise: standard deviation of what is added (`noise`), for blobs that of each cluster (`cluster_std`).
    random_state: seeds the data; a run's own seed does not touch it.
    hidden_units: the tutorial's width of the hidden layer for this dataset.
    """

    name: str
    generator: str
    task: Task
    features: int
    classes: int
    samples: int
    train_fraction: float
    noise: float
    random_state: int
    hidden_units: int
    preparation: str

    @property
    def metric(self) -> Metric:
        """The metric that losses are compared on: mean squared error or accuracy."""
        return "mse" if self.task == "regression" else "accuracy"

    def takes(self, setting: str) -> bool:
        """Whether a setting means something here: outliers are for real targets, label noise is for classes."""
        return self.task in SPOILS.get(setting, (self.task,))

    def train_rows(self, samples: int, train_fraction: float) -> int:
        """How many of the first rows are trained on: at least 1, and at least 1 is left to test."""
        return min(max(round(samples * train_fraction), 1), samples - 1)


DATASETS: tuple[Dataset, ...] = (
    Dataset(
        name="regression",
        generator="make_regression",
        task="regression",
        features=20,
        classes=0,
        samples=5000,
        train_fraction=0.5,
        noise=0.1,
        random_state=1,
        hidden_units=25,
        preparation="X and y standardised (StandardScaler)",
    ),
    Dataset(
        name="circles",
        generator="make_circles",
        task="binary",
        features=2,
        classes=2,
        samples=5000,
        train_fraction=0.5,
        noise=0.1,
        random_state=1,
        hidden_units=50,
        preparation="none",
    ),
    Dataset(
        name="blobs",
        generator="make_blobs",
        task="multiclass",
        features=2,
        classes=3,
        samples=5000,
        train_fraction=0.1,
        noise=2.0,
        random_state=2,
        hidden_units=50,
        preparation="one-hot targets",
    ),
)

_BY_NAME = {name: dataset for dataset in DATASETS for name in (dataset.name, dataset.generator)}


def dataset_named(name: str) -> Dataset:
    """Find a dataset by its name or its generator's.

    Raises UnknownNameError, which lists the known names.
    """
    return find("dataset", name, _BY_NAME, [dataset.name for dataset in DATASETS])
