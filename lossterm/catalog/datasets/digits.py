"""Handwritten digits of 8 x 8 pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..dataset import Dataset, DatasetDescription
from ..tasks import MULTICLASS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def generate() -> tuple[NDArray[np.float32], NDArray[Any]]:
    """`load_digits`, unprepared, in the order in which scikit-learn has the rows."""
    import numpy as np
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    return x.astype(np.float32), y


DATASET = Dataset(
    name="digits",
    generator="load_digits",
    generate=generate,
    generator_settings=(),
    task=MULTICLASS,
    features=64,
    classes=10,
    defaults={"data_seed": 1, "train_fraction": 0.7, "hidden_layers": (50,)},
    call="load_digits(return_X_y=True)",
    preparation="X standardised by the training rows; one-hot targets",
    description=DatasetDescription(
        paragraph="Images of 8 x 8 pixels of 1,797 handwritten digits, ten classes of nearly the same size. Some "
        "pixels are always empty.",
        good_score="an accuracy of 0.97; guessing scores 0.1.",
        corruption="label noise gives that share of the training rows one of the other classes, picked at random; the "
        "test set stays clean, so the score says what was learned in spite of it.",
    ),
    fixed={"samples": 1797},
    split="shuffled",
    standardised=True,
)
