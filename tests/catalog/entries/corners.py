"""Four classes, a cloud of points at each corner of a square: a dataset that a test adds to a copy of the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..dataset import Dataset, DatasetDescription
from ..tasks import MULTICLASS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_CORNERS = ((-3, -3), (-3, 3), (3, -3), (3, 3))


def generate(*, samples: int, noise: float, data_seed: int) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """`make_blobs` around the corners; `noise` is each cloud's standard deviation."""
    import numpy as np
    from sklearn.datasets import make_blobs

    x, y = make_blobs(samples, centers=np.array(_CORNERS, float), cluster_std=noise, random_state=data_seed)
    return x.astype(np.float32), y


DATASET = Dataset(
    name="corners",
    generator="make_blobs(centers=corners)",
    generate=generate,
    generator_settings=("samples", "noise", "data_seed"),
    task=MULTICLASS,
    features=2,
    classes=4,
    defaults={"data_seed": 5, "samples": 1000, "noise": 1.0, "train_fraction": 0.5, "hidden_layers": (16,)},
    call="make_blobs({samples}, centers=corners, cluster_std={noise:g}, random_state={data_seed})",
    preparation="one-hot targets",
    description=DatasetDescription(
        paragraph="One round normal cloud of points at each corner of a square; each corner is a class.",
        good_score="an accuracy of 0.99; guessing scores 0.25.",
        corruption="label noise gives that share of the training rows one of the other classes.",
    ),
    menu_place=4,
)
