"""A target that bends: five of ten features matter, in a product, a square and two lines (Friedman, 1991)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..dataset import Dataset, DatasetDescription
from ..tasks import REGRESSION

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FEATURES = 10


def generate(*, samples: int, noise: float, data_seed: int) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """`make_friedman1`, unprepared."""
    import numpy as np
    from sklearn.datasets import make_friedman1

    x, y = make_friedman1(n_samples=samples, n_features=_FEATURES, noise=noise, random_state=data_seed)
    return x.astype(np.float32), y


DATASET = Dataset(
    name="friedman1",
    generator="make_friedman1",
    generate=generate,
    generator_settings=("samples", "noise", "data_seed"),
    task=REGRESSION,
    features=_FEATURES,
    classes=0,
    defaults={"data_seed": 1, "samples": 5000, "noise": 1.0, "train_fraction": 0.5, "hidden_layers": (25,)},
    call=f"make_friedman1(n_samples={{samples}}, n_features={_FEATURES}, noise={{noise:g}}, "
    f"random_state={{data_seed}})",
    preparation="X and y standardised by the training rows",
    description=DatasetDescription(
        paragraph="10 sin(pi x0 x1) + 20 (x2 - 0.5)^2 + 10 x3 + 5 x4 with x from 0 to 1, plus normal noise; five "
        "more features mean nothing.",
        good_score="a test MSE of 0.06 to 0.08; the noise alone makes 0.04, and always answering the mean 1.",
        corruption="the outlier fraction adds 10 standard deviations to that share of the training targets; the test "
        "set stays clean, so the score says what was learned in spite of them.",
    ),
    standardised=True,
)
