"""Tumours, malignant or benign, by the shape of their cell nuclei."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..dataset import Dataset, DatasetDescription
from ..tasks import BINARY

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def generate() -> tuple[NDArray[np.float32], NDArray[Any]]:
    """`load_breast_cancer`, unprepared, in the order in which scikit-learn has the rows."""
    import numpy as np
    from sklearn.datasets import load_breast_cancer

    x, y = load_breast_cancer(return_X_y=True)
    return x.astype(np.float32), y


DATASET = Dataset(
    name="breast_cancer",
    generator="load_breast_cancer",
    generate=generate,
    generator_settings=(),
    task=BINARY,
    features=30,
    classes=2,
    defaults={"data_seed": 1, "train_fraction": 0.7, "hidden_layers": (16,)},
    call="load_breast_cancer(return_X_y=True)",
    preparation="X standardised by the training rows",
    description=DatasetDescription(
        paragraph="Thirty measurements of the cell nuclei of 569 breast tumours (Wisconsin, diagnostic): class 0 is "
        "malignant, class 1 benign. Almost linear.",
        good_score="an accuracy of 0.96; always answering benign scores 0.63.",
        corruption="label noise gives that share of the training rows the other class, picked at random; the test "
        "set stays clean, so the score says what was learned in spite of it.",
    ),
    fixed={"samples": 569},
    split="shuffled",
    standardised=True,
)
