"""Wines of three growers by their chemistry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..dataset import Dataset, DatasetDescription
from ..tasks import MULTICLASS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def generate() -> tuple[NDArray[np.float32], NDArray[Any]]:
    """`load_wine`, unprepared, in the order in which scikit-learn has the rows."""
    import numpy as np
    from sklearn.datasets import load_wine

    x, y = load_wine(return_X_y=True)
    return x.astype(np.float32), y


DATASET = Dataset(
    name="wine",
    generator="load_wine",
    generate=generate,
    generator_settings=(),
    task=MULTICLASS,
    features=13,
    classes=3,
    defaults={"data_seed": 1, "train_fraction": 0.7, "hidden_layers": (16,)},
    call="load_wine(return_X_y=True)",
    preparation="X standardised by the training rows; one-hot targets",
    description=DatasetDescription(
        paragraph="Thirteen measurements of the chemistry of 178 Italian wines from three growers. Without "
        "standardising, proline, in the hundreds, would hide the others.",
        good_score="an accuracy of 0.96; guessing scores 0.4.",
        corruption="label noise gives that share of the training rows one of the other classes, picked at random; the "
        "test set stays clean, so the score says what was learned in spite of it.",
    ),
    fixed={"samples": 178},
    split="shuffled",
    standardised=True,
)
