"""Two classes in twenty features, of which few tell them apart; one class may be rare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..dataset import Dataset, DatasetDescription
from ..tasks import BINARY

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FEATURES = 20
_INFORMATIVE = 5


def generate(
    *, samples: int, noise: float, imbalance: float, data_seed: int
) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """`make_classification`, unprepared; `noise` is the share of rows whose class is drawn by lot."""
    import numpy as np
    from sklearn.datasets import make_classification

    x, y = make_classification(
        n_samples=samples,
        n_features=_FEATURES,
        n_informative=_INFORMATIVE,
        flip_y=noise,
        weights=[(1 + imbalance) / 2],
        random_state=data_seed,
    )
    return x.astype(np.float32), y


DATASET = Dataset(
    name="classification",
    generator="make_classification",
    generate=generate,
    generator_settings=("samples", "noise", "imbalance", "data_seed"),
    task=BINARY,
    features=_FEATURES,
    classes=2,
    defaults={
        "data_seed": 1,
        "samples": 5000,
        "noise": 0.05,
        "imbalance": 0.0,
        "train_fraction": 0.5,
        "hidden_layers": (50,),
    },
    call=f"make_classification(n_samples={{samples}}, n_features={_FEATURES}, n_informative={_INFORMATIVE}, "
    f"flip_y={{noise:g}}, weights=[(1 + {{imbalance:g}}) / 2], random_state={{data_seed}})",
    preparation="none",
    description=DatasetDescription(
        paragraph="Two classes, each two clouds of points in five of the twenty features; two more are mixtures of "
        "those, the others noise. Set the imbalance to make class 1 rare.",
        good_score="an accuracy of 0.9; guessing scores 0.5.",
        corruption="label noise gives that share of the training rows the other class, picked at random; the test "
        "set stays clean, so the score says what was learned in spite of it.",
    ),
)
