"""Huber."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..loss import Loss, LossDescription, Parameter
from ..outputs import LINEAR, SIGMOID, SOFTMAX

if TYPE_CHECKING:
    from ..loss import Floats


def value(y_true: Floats, y_pred: Floats, delta: float = 1.0, **parameters: float) -> Floats:
    """Mean over the outputs of e^2 / 2 for an error e of at most delta, and of delta |e| - delta^2 / 2 beyond."""
    import numpy as np

    error = np.abs(y_pred - y_true)
    return np.asarray(np.mean(np.where(error <= delta, error**2 / 2, delta * error - delta**2 / 2), axis=-1))


def gradient(y_true: Floats, y_pred: Floats, delta: float = 1.0, **parameters: float) -> Floats:
    """The error, p - y, cut to -delta and delta; over the number of outputs."""
    import numpy as np

    return np.asarray(np.clip(y_pred - y_true, -delta, delta) / y_pred.shape[-1])


_ON_CLASSES = "huber: with delta 1 half of mse, for no error exceeds 1; a smaller delta nears mae"

LOSS = Loss(
    name="huber",
    keras_class="Huber",
    short="huber",
    title="Huber",
    default_dataset="regression",
    outputs={"regression": LINEAR, "binary": SIGMOID, "multiclass": SOFTMAX},
    value=value,
    gradient=gradient,
    description=LossDescription(
        formula="mean(m (|p - y| - m / 2)), m = min(|p - y|, delta)",
        paragraph="Squared for errors of at most delta, and linear beyond, joined without a kink: small errors are "
        "averaged as by the squared error, and a far-off row pulls no harder than delta. The best constant answer lies "
        "between the mean and the median.",
        use="for regression with some outliers, with delta about the size of an ordinary error.",
        avoid="without thinking of delta: it is in the targets' units. Far above all errors it is half the squared "
        "error, far below them delta times the absolute one.",
    ),
    curve_remarks={
        "regression": "huber: the gradient grows with the error up to delta and no further",
        "binary": _ON_CLASSES,
        "multiclass": _ON_CLASSES,
    },
    parameters=(Parameter("delta", 1.0, 0.001, 1000.0, "The error at which the loss turns from squared to linear."),),
)
