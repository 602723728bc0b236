"""Mean squared logarithmic error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..loss import EPSILON, Loss, LossDescription, Note
from ..outputs import LINEAR, SIGMOID, SOFTMAX

if TYPE_CHECKING:
    from ..loss import Floats


def value(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    """Mean over the outputs of (log(1 + p) - log(1 + y))^2, both clipped at EPSILON from below as Keras does."""
    import numpy as np

    difference = np.log1p(np.maximum(y_pred, EPSILON)) - np.log1p(np.maximum(y_true, EPSILON))
    return np.asarray(np.mean(difference**2, axis=-1))


def gradient(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    """2 (log(1 + p) - log(1 + y)) / (1 + p), over the number of outputs; 0 where the output is clipped."""
    import numpy as np

    clipped = np.maximum(y_pred, EPSILON)
    difference = np.log1p(clipped) - np.log1p(np.maximum(y_true, EPSILON))
    return np.asarray(np.where(y_pred >= EPSILON, 2 * difference / (1 + clipped), 0.0) / y_pred.shape[-1])


NEGATIVES = Note(
    "MSLE clips negatives to 0 before the logarithm: half of these targets do not count",
    "Keras clips targets and predictions below 1e-7 before log(1 + x). The standardised targets are half "
    "negative, so MSLE nears 0 as soon as the positive half fits, while the MSE stays near 0.3.",
)

_ON_CLASSES = "msle: bounded like mse, and flatter"

LOSS = Loss(
    name="mean_squared_logarithmic_error",
    keras_class="MeanSquaredLogarithmicError",
    short="msle",
    title="mean squared logarithmic error",
    default_dataset="regression",
    outputs={"regression": LINEAR, "binary": SIGMOID, "multiclass": SOFTMAX},
    value=value,
    gradient=gradient,
    description=LossDescription(
        formula="mean((log(1 + p) - log(1 + y))^2)",
        paragraph="The squared error of log(1 + value): large values count by their ratio, so 200 for 100 costs about "
        "as much as 2000 for 1000. Too low costs more than too high by the same amount.",
        use="for targets that are never negative and span several magnitudes: counts, prices, sizes.",
        avoid="where targets or outputs can be negative. Keras takes everything below 1e-7 for 1e-7: the loss is flat "
        "there, and a negative output gets no gradient to leave by.",
    ),
    curve_remarks={
        "regression": "msle: flat where the output is negative: those rows teach nothing",
        "binary": _ON_CLASSES,
        "multiclass": _ON_CLASSES,
    },
    notes={"regression": (NEGATIVES,)},
    depends_on_target=True,
    menu_place=2,
)
