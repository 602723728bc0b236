"""Three kinds of iris by the size of their flowers (Fisher, 1936)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..dataset import Dataset, DatasetDescription
from ..tasks import MULTICLASS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def generate() -> tuple[NDArray[np.float32], NDArray[Any]]:
    """`load_iris`, unprepared, in the order in which scikit-learn has the rows."""
    import numpy as np
    from sklearn.datasets import load_iris

    x, y = load_iris(return_X_y=True)
    return x.astype(np.float32), y


DATASET = Dataset(
    name="iris",
    generator="load_iris",
    generate=generate,
    generator_settings=(),
    task=MULTICLASS,
    features=4,
    classes=3,
    defaults={"data_seed": 1, "train_fraction": 0.7, "hidden_layers": (16,)},
    call="load_iris(return_X_y=True)",
    preparation="X standardised by the training rows; one-hot targets",
    description=DatasetDescription(
        paragraph="Four lengths and widths, in cm, of 150 iris flowers of three kinds. One kind is far from the "
        "others, which overlap a little.",
        good_score="an accuracy of 0.95; guessing scores 0.33.",
        corruption="label noise gives that share of the training rows one of the other classes, picked at random; the "
        "test set stays clean, so the score says what was learned in spite of it.",
    ),
    fixed={"samples": 150},
    split="shuffled",
    standardised=True,
)
