"""Two classes on two spirals that wind around one another (Lang and Witbrock, 1988)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..dataset import Dataset, DatasetDescription
from ..tasks import BINARY

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_TURNS = 1.5


def generate(*, samples: int, noise: float, data_seed: int) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """Points on two arms of 1.5 turns, the radius growing with the angle up to 1; `noise` is a standard deviation."""
    import numpy as np

    random = np.random.default_rng(data_seed)
    y = random.permutation(np.arange(samples) % 2)
    along = np.sqrt(random.uniform(0.01, 1, samples))  # as many points on a length of the arm everywhere
    angle = 2 * np.pi * _TURNS * along + np.pi * y
    x = along[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return (x + random.normal(scale=noise, size=x.shape)).astype(np.float32), y


DATASET = Dataset(
    name="spirals",
    generator="spirals",
    generate=generate,
    generator_settings=("samples", "noise", "data_seed"),
    task=BINARY,
    features=2,
    classes=2,
    defaults={"data_seed": 1, "samples": 5000, "noise": 0.03, "train_fraction": 0.5, "hidden_layers": (100,)},
    call=f"spirals(samples={{samples}}, noise={{noise:g}}, turns={_TURNS:g}, random_state={{data_seed}})",
    preparation="none",
    description=DatasetDescription(
        paragraph="Two classes on the two arms of a spiral of one and a half turns, blurred by normal noise. A hard "
        "one for a small network: the border must wind as well.",
        good_score="an accuracy of 0.95, and more with more epochs or units; guessing scores 0.5.",
        corruption="label noise gives that share of the training rows the other class, picked at random; the test "
        "set stays clean, so the score says what was learned in spite of it.",
    ),
)
