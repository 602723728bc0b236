"""Logarithm of the hyperbolic cosine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..loss import Loss, LossDescription
from ..outputs import LINEAR, SIGMOID, SOFTMAX

if TYPE_CHECKING:
    from ..loss import Floats


def value(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    """Mean over the outputs of log(cosh(e)) for an error e."""
    import numpy as np

    error = np.abs(y_pred - y_true)
    return np.asarray(np.mean(error + np.log1p(np.exp(-2 * error)) - np.log(2), axis=-1))


def gradient(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    """The hyperbolic tangent of the error, over the number of outputs."""
    import numpy as np

    return np.asarray(np.tanh(y_pred - y_true) / y_pred.shape[-1])


_ON_CLASSES = "logcosh: on errors below 1 close to half of mse, and as slow where the output layer is flat"

LOSS = Loss(
    name="log_cosh",
    keras_class="LogCosh",
    short="logcosh",
    title="log-cosh",
    default_dataset="regression",
    outputs={"regression": LINEAR, "binary": SIGMOID, "multiclass": SOFTMAX},
    value=value,
    gradient=gradient,
    description=LossDescription(
        formula="mean(log(cosh(p - y)))",
        paragraph="About half the squared error of small errors, and the absolute error less log 2 of large ones, with "
        "a smooth passage between. The gradient is tanh(p - y): never steeper than 1, so that outliers pull no harder "
        "than other rows.",
        use="where Huber would do and every derivative should be smooth.",
        avoid="for targets in large units: the passage is at an error of about 1 and cannot be moved, unlike Huber's "
        "delta, so that it would be the absolute error almost everywhere.",
    ),
    curve_remarks={
        "regression": "logcosh: the gradient nears −1 and +1 smoothly: an outlier pulls as an error of 2 does",
        "binary": _ON_CLASSES,
        "multiclass": _ON_CLASSES,
    },
)
