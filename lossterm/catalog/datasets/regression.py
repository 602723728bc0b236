"""A linear target of twenty features with a little noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..dataset import Dataset, DatasetDescription
from ..tasks import REGRESSION

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FEATURES = 20


def generate(*, samples: int, noise: float, data_seed: int) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """`make_regression`, with `StandardScaler` on all of X and all of y, as the tutorial scales before it splits."""
    import numpy as np
    from sklearn.datasets import make_regression
    from sklearn.preprocessing import StandardScaler

    x, y = make_regression(n_samples=samples, n_features=_FEATURES, noise=noise, random_state=data_seed)
    # In place: a million rows are held once, not twice.
    x = StandardScaler(copy=False).fit_transform(x)
    y = StandardScaler(copy=False).fit_transform(y.reshape(-1, 1))
    return x.astype(np.float32), y[:, 0]


DATASET = Dataset(
    name="regression",
    generator="make_regression",
    generate=generate,
    generator_settings=("samples", "noise", "data_seed"),
    task=REGRESSION,
    features=_FEATURES,
    classes=0,
    defaults={"data_seed": 1, "samples": 5000, "noise": 0.1, "train_fraction": 0.5, "hidden_layers": (25,)},
    call=f"make_regression(n_samples={{samples}}, n_features={_FEATURES}, noise={{noise:g}}, "
    f"random_state={{data_seed}})",
    preparation="X and y standardised (StandardScaler)",
    description=DatasetDescription(
        paragraph="The target is a weighted sum of some of the features, plus a little normal noise: a straight line "
        "in many dimensions.",
        good_score="a test MSE below 0.001; always answering the mean scores about 1.",
        corruption="the outlier fraction adds 10 standard deviations to that share of the training targets; the test "
        "set stays clean, so the score says what was learned in spite of them.",
    ),
    menu_place=1,
)
