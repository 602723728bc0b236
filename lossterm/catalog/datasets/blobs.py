"""Three classes, a round cloud of points each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..dataset import Dataset, DatasetDescription
from ..tasks import MULTICLASS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_CLASSES = 3
_FEATURES = 2


def generate(*, samples: int, noise: float, data_seed: int) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """`make_blobs`, unprepared; `noise` is each cloud's standard deviation."""
    import numpy as np
    from sklearn.datasets import make_blobs

    x, y = make_blobs(
        n_samples=samples, centers=_CLASSES, n_features=_FEATURES, cluster_std=noise, random_state=data_seed
    )
    return x.astype(np.float32), y


DATASET = Dataset(
    name="blobs",
    generator="make_blobs",
    generate=generate,
    generator_settings=("samples", "noise", "data_seed"),
    task=MULTICLASS,
    features=_FEATURES,
    classes=_CLASSES,
    defaults={"data_seed": 2, "samples": 5000, "noise": 2.0, "train_fraction": 0.1, "hidden_layers": (50,)},
    call=f"make_blobs(n_samples={{samples}}, centers={_CLASSES}, n_features={_FEATURES}, cluster_std={{noise:g}}, "
    f"random_state={{data_seed}})",
    preparation="one-hot targets",
    description=DatasetDescription(
        paragraph="One round normal cloud of points a class, in the plane; the clouds overlap.",
        good_score="an accuracy of 0.81. About 0.82 is the best that any model can do; guessing scores 0.33.",
        corruption="label noise gives that share of the training rows one of the other classes, picked at random; the "
        "test set stays clean, so the score says what was learned in spite of it.",
    ),
    menu_place=3,
)
