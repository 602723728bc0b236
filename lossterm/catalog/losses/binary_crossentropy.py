"""Binary cross-entropy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..loss import EPSILON, LABEL_SMOOTHING, Loss, LossDescription
from ..outputs import SIGMOID, SIGMOID_PER_CLASS

if TYPE_CHECKING:
    from ..loss import Floats


def value(y_true: Floats, y_pred: Floats, label_smoothing: float = 0.0, **parameters: float) -> Floats:
    """Mean over the outputs of -y log(p) - (1 - y) log(1 - p), with p clipped to EPSILON from 0 and 1 as Keras does.

    label_smoothing: moves the targets this share of the way to 1/2.
    """
    import numpy as np

    y_true = y_true * (1 - label_smoothing) + label_smoothing / 2
    p = np.clip(y_pred, EPSILON, 1 - EPSILON)
    return np.asarray(-np.mean(y_true * np.log(p) + (1 - y_true) * np.log(1 - p), axis=-1))


def gradient(y_true: Floats, y_pred: Floats, label_smoothing: float = 0.0, **parameters: float) -> Floats:
    """(1 - y) / (1 - p) - y / p, over the number of outputs; 0 where the output is clipped."""
    import numpy as np

    y_true = y_true * (1 - label_smoothing) + label_smoothing / 2
    p = np.clip(y_pred, EPSILON, 1 - EPSILON)
    inside = (y_pred >= EPSILON) & (y_pred <= 1 - EPSILON)
    return np.asarray(np.where(inside, (1 - y_true) / (1 - p) - y_true / p, 0.0) / y_pred.shape[-1])


_ON_CLASSES = "bce: the surer and wrong, the steeper: like 1/p, without bound"

LOSS = Loss(
    name="binary_crossentropy",
    keras_class="BinaryCrossentropy",
    short="bce",
    title="binary cross-entropy",
    default_dataset="circles",
    outputs={"binary": SIGMOID, "multiclass": SIGMOID_PER_CLASS},
    needs="needs targets in [0, 1]",
    value=value,
    gradient=gradient,
    description=LossDescription(
        formula="mean(-y log(p) - (1 - y) log(1 - p))",
        paragraph="Minus the logarithm of the probability given to the truth: near 0 when sure and right, without "
        "bound when sure and wrong. Behind a sigmoid the gradient by its input is just p - y, which never fades while "
        "the answer is wrong.",
        use="for yes or no, and for labels that may hold together, a sigmoid each. Its outputs are probabilities.",
        avoid="for real-valued targets. For classes that exclude one another categorical cross-entropy is the better "
        "fit. A few wrong labels can cost more than all the right ones.",
    ),
    curve_remarks={
        "binary": _ON_CLASSES,
        "multiclass": _ON_CLASSES,
    },
    parameters=(LABEL_SMOOTHING,),
    menu_place=4,
)
