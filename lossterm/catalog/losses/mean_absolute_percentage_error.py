"""Mean absolute percentage error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..loss import EPSILON, Loss, LossDescription, Note
from ..outputs import LINEAR

if TYPE_CHECKING:
    from ..loss import Floats


def value(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    """100 times the mean over the outputs of |p - y| / |y|, with |y| at least EPSILON."""
    import numpy as np

    return np.asarray(100 * np.mean(np.abs(y_pred - y_true) / np.maximum(np.abs(y_true), EPSILON), axis=-1))


def gradient(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    """100 times the sign of p - y, over |y| and the number of outputs."""
    import numpy as np

    return np.asarray(100 * np.sign(y_pred - y_true) / np.maximum(np.abs(y_true), EPSILON) / y_pred.shape[-1])


NEAR_ZERO = Note(
    "MAPE divides by the target: rows whose target is near 0 outweigh all others, of either sign",
    "Keras takes |y| for the size of a target, so negative ones count as positive ones do. The standardised targets "
    "are spread about 0: one of 0.001 pulls like 1000 rows whose target is 1. The gradients are large: with a "
    "learning rate of 0.01 training diverges, with 0.00001 it comes to rest.",
)

LOSS = Loss(
    name="mean_absolute_percentage_error",
    keras_class="MeanAbsolutePercentageError",
    short="mape",
    title="mean absolute percentage error",
    default_dataset="regression",
    outputs={"regression": LINEAR},
    needs="needs targets other than 0",
    value=value,
    gradient=gradient,
    description=LossDescription(
        formula="100 mean(|p - y| / |y|)",
        paragraph="The error as a percentage of the target: 11 for 10 costs as much as 1100 for 1000. Of the absolute "
        "error it keeps the constant slope, but each row has its own, 100 / |y|. The best constant answer is low: too "
        "low costs at most 100, too high has no bound.",
        use="to report relative errors of targets that are all well above 0.",
        avoid="with targets at or near 0, which outweigh all others; codes of classes are 0 and 1. The slopes are "
        "large: with SGD's default learning rate of 0.01 training diverges here, with 0.00001 it does not.",
    ),
    curve_remarks={"regression": "mape: one slope, 100 / |y|: 100 here, 1000 at a target of 0.1"},
    notes={"regression": (NEAR_ZERO,)},
    depends_on_target=True,
    sgd_learning_rate=0.00001,
    curve_height=300.0,
)
