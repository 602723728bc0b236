"""Two classes on two half circles that reach into one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..dataset import Dataset, DatasetDescription
from ..tasks import BINARY

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def generate(*, samples: int, noise: float, data_seed: int) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """`make_moons`, unprepared."""
    import numpy as np
    from sklearn.datasets import make_moons

    x, y = make_moons(n_samples=samples, noise=noise, random_state=data_seed)
    return x.astype(np.float32), y


DATASET = Dataset(
    name="moons",
    generator="make_moons",
    generate=generate,
    generator_settings=("samples", "noise", "data_seed"),
    task=BINARY,
    features=2,
    classes=2,
    defaults={"data_seed": 1, "samples": 5000, "noise": 0.2, "train_fraction": 0.5, "hidden_layers": (50,)},
    call="make_moons(n_samples={samples}, noise={noise:g}, random_state={data_seed})",
    preparation="none",
    description=DatasetDescription(
        paragraph="Two classes on two half circles that reach into one another, blurred by normal noise: a bent "
        "line parts them.",
        good_score="an accuracy of 0.96; the best straight line scores 0.87, guessing 0.5.",
        corruption="label noise gives that share of the training rows the other class, picked at random; the test "
        "set stays clean, so the score says what was learned in spite of it.",
    ),
)
