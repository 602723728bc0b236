"""Two classes on two circles about one centre."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..dataset import Dataset, DatasetDescription
from ..tasks import BINARY

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def generate(*, samples: int, noise: float, data_seed: int) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """`make_circles`, unprepared."""
    import numpy as np
    from sklearn.datasets import make_circles

    x, y = make_circles(n_samples=samples, noise=noise, random_state=data_seed)
    return x.astype(np.float32), y


DATASET = Dataset(
    name="circles",
    generator="make_circles",
    generate=generate,
    generator_settings=("samples", "noise", "data_seed"),
    task=BINARY,
    features=2,
    classes=2,
    defaults={"data_seed": 1, "samples": 5000, "noise": 0.1, "train_fraction": 0.5, "hidden_layers": (50,)},
    call="make_circles(n_samples={samples}, noise={noise:g}, random_state={data_seed})",
    preparation="none",
    description=DatasetDescription(
        paragraph="Two classes on two circles about one centre, the inner with 0.8 of the outer's radius, blurred by "
        "normal noise: no straight line parts them.",
        good_score="an accuracy of 0.84. The circles overlap, and no model can do better in the long run; guessing "
        "scores 0.5.",
        corruption="label noise gives that share of the training rows the other class, picked at random; the test set "
        "stays clean, so the score says what was learned in spite of it.",
    ),
    menu_place=2,
)
