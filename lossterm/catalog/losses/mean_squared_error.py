"""Mean squared error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..loss import Loss, LossDescription
from ..outputs import LINEAR, SIGMOID, SOFTMAX

if TYPE_CHECKING:
    from ..loss import Floats


def value(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    """Mean over the outputs of (p - y)^2."""
    import numpy as np

    return np.asarray(np.mean((y_pred - y_true) ** 2, axis=-1))


def gradient(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    """2 (p - y), over the number of outputs."""
    import numpy as np

    return np.asarray(2 * (y_pred - y_true) / y_pred.shape[-1])


_ON_CLASSES = "mse: the gradient is bounded: sure and wrong pulls little harder than unsure"

LOSS = Loss(
    name="mean_squared_error",
    keras_class="MeanSquaredError",
    short="mse",
    title="mean squared error",
    default_dataset="regression",
    outputs={"regression": LINEAR, "binary": SIGMOID, "multiclass": SOFTMAX},
    value=value,
    gradient=gradient,
    description=LossDescription(
        formula="mean((p - y)^2)",
        paragraph="Squares each error: twice as wrong costs four times as much, and the gradient, 2 (p - y), grows "
        "with the error. The best constant answer is the mean of the targets.",
        use="for regression where errors are roughly normal and large ones matter most.",
        avoid="with outliers, since one row that is 100 off pulls like 100 rows that are 1 off. On a sigmoid or "
        "softmax it learns slowly from rows that are confidently wrong: the output layer is flat there.",
    ),
    curve_remarks={
        "regression": "mse: the gradient grows with the error: one outlier pulls like many rows",
        "binary": _ON_CLASSES,
        "multiclass": _ON_CLASSES,
    },
    menu_place=1,
)
