"""How far diabetes had got after a year, by ten measurements of the patient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..dataset import Dataset, DatasetDescription
from ..tasks import REGRESSION

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def generate() -> tuple[NDArray[np.float32], NDArray[Any]]:
    """`load_diabetes`, unprepared, in the order in which scikit-learn has the rows."""
    import numpy as np
    from sklearn.datasets import load_diabetes

    x, y = load_diabetes(return_X_y=True)
    return x.astype(np.float32), y


DATASET = Dataset(
    name="diabetes",
    generator="load_diabetes",
    generate=generate,
    generator_settings=(),
    task=REGRESSION,
    features=10,
    classes=0,
    defaults={"data_seed": 1, "train_fraction": 0.7, "hidden_layers": (25,)},
    call="load_diabetes(return_X_y=True)",
    preparation="X and y standardised by the training rows",
    description=DatasetDescription(
        paragraph="Age, sex, body mass, blood pressure and six blood values of 442 patients; the target is how far "
        "the disease had got a year later. Mostly noise.",
        good_score="a test MSE of 0.5 to 0.6; always answering the mean scores about 1.",
        corruption="the outlier fraction adds 10 standard deviations to that share of the training targets; the test "
        "set stays clean, so the score says what was learned in spite of them.",
    ),
    fixed={"samples": 442},
    split="shuffled",
    standardised=True,
)
