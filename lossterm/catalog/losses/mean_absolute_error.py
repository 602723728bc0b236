"""Mean absolute error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..loss import Loss, LossDescription
from ..outputs import LINEAR, SIGMOID, SOFTMAX

if TYPE_CHECKING:
    from ..loss import Floats


def value(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    """Mean over the outputs of |p - y|."""
    import numpy as np

    return np.asarray(np.mean(np.abs(y_pred - y_true), axis=-1))


def gradient(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    """The sign of p - y, 0 where they are equal, over the number of outputs."""
    import numpy as np

    return np.asarray(np.sign(y_pred - y_true) / y_pred.shape[-1])


_ON_CLASSES = "mae: one slope everywhere: wrong rows pull no harder than those almost right"

LOSS = Loss(
    name="mean_absolute_error",
    keras_class="MeanAbsoluteError",
    short="mae",
    title="mean absolute error",
    default_dataset="regression",
    outputs={"regression": LINEAR, "binary": SIGMOID, "multiclass": SOFTMAX},
    value=value,
    gradient=gradient,
    description=LossDescription(
        formula="mean(|p - y|)",
        paragraph="Each error counts as it is. The slope is -1 or +1 whatever the error's size, so a far-off row pulls "
        "no harder than any other. The best constant answer is the median of the targets.",
        use="for regression with outliers, or when the typical error is what you report.",
        avoid="where the last decimals count: the slope does not fade near the answer, so steps overshoot it unless "
        "the learning rate falls. On a softmax it shrugs off wrong labels, but learns slowly and can underfit.",
    ),
    curve_remarks={
        "regression": "mae: the gradient is −1 or +1: a far-off row pulls no harder than any other",
        "binary": _ON_CLASSES,
        "multiclass": _ON_CLASSES,
    },
    menu_place=3,
)
