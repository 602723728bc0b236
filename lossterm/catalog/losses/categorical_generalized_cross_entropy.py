"""Categorical generalized cross-entropy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..loss import Loss, LossDescription, Parameter
from ..outputs import SOFTMAX

if TYPE_CHECKING:
    from ..loss import Floats


def value(y_true: Floats, y_pred: Floats, q: float = 0.5, **parameters: float) -> Floats:
    """(1 - t^q) / q, with t the true class's output; not a number where t is negative."""
    import numpy as np

    with np.errstate(invalid="ignore"):
        return np.asarray((1 - np.sum(y_true * y_pred, axis=-1) ** q) / q)


def gradient(y_true: Floats, y_pred: Floats, q: float = 0.5, **parameters: float) -> Floats:
    """-t^(q - 1) at the true class, 0 at the others."""
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(-y_true * np.sum(y_true * y_pred, axis=-1, keepdims=True) ** (q - 1))


_ON_CLASSES = "gce: bounded by 1 / q, between the cross-entropy's steepness and the straight line of mae"

LOSS = Loss(
    name="categorical_generalized_cross_entropy",
    keras_class="CategoricalGeneralizedCrossEntropy",
    short="gce",
    title="generalized cross-entropy",
    default_dataset="blobs",
    outputs={"binary": SOFTMAX, "multiclass": SOFTMAX},
    needs="needs targets that are classes",
    value=value,
    gradient=gradient,
    description=LossDescription(
        formula="(1 - t^q) / q, t = sum(y p)",
        paragraph="Lies between cross-entropy, which it becomes as q nears 0, and the absolute error, as q nears 1. "
        "Rows that are sure and wrong pull less than in cross-entropy and more than in the absolute error, and it "
        "has a bound, 1 / q.",
        use="with labels of which some are wrong: a larger q forgives more of them.",
        avoid="with clean labels, where cross-entropy learns faster. Keras takes class numbers for its targets, so the "
        "exported model wants these too; see Zhang and Sabuncu, 2018.",
    ),
    curve_remarks={"binary": _ON_CLASSES, "multiclass": _ON_CLASSES},
    parameters=(Parameter("q", 0.5, 0.001, 0.999, "Near 0 it is cross-entropy, near 1 the absolute error."),),
    takes_class_numbers=True,
)
