"""Poisson."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..loss import EPSILON, Loss, LossDescription, Note
from ..outputs import POSITIVE, SIGMOID, SOFTMAX

if TYPE_CHECKING:
    from ..loss import Floats


def value(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    """Mean over the outputs of p - y log(p + EPSILON); not a number where p is negative."""
    import numpy as np

    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.mean(y_pred - y_true * np.log(y_pred + EPSILON), axis=-1))


def gradient(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    """1 - y / (p + EPSILON), over the number of outputs."""
    import numpy as np

    return np.asarray((1 - y_true / (y_pred + EPSILON)) / y_pred.shape[-1])


NEGATIVES = Note(
    "Poisson is for counts: half of these targets are negative, and drive the output to 0",
    "Its output layer is softplus, for a negative output has no logarithm. A negative target makes the loss "
    "p + |y| log(p + 1e-7), which falls, down to -16 |y|, as the output nears 0: the loss ends far below 0, and "
    "the MSE no lower than MSLE's, for negative targets are not reached.",
)

_ON_CLASSES = "poisson: like cross-entropy where the true class has little probability, flat at a sure and right answer"

LOSS = Loss(
    name="poisson",
    keras_class="Poisson",
    short="poisson",
    title="Poisson",
    default_dataset="regression",
    outputs={"regression": POSITIVE, "binary": SIGMOID, "multiclass": SOFTMAX},
    value=value,
    gradient=gradient,
    description=LossDescription(
        formula="mean(p - y log(p))",
        paragraph="Minus the logarithm of the probability that a Poisson distribution of mean p gives the count y, "
        "less what does not depend on p. Errors count by the size of what is expected: 10 for 20 weighs more than 110 "
        "for 120. It is not 0 at its best, which is p = y.",
        use="for counts: events an hour, sales a day. Its outputs must be positive, hence the softplus.",
        avoid="where targets can be negative: the loss then falls without end as the output nears 0. For classes the "
        "cross-entropies say the same more directly.",
    ),
    curve_remarks={
        "regression": "poisson: steep towards an output of 0, nearly straight above the target",
        "binary": _ON_CLASSES,
        "multiclass": _ON_CLASSES,
    },
    notes={"regression": (NEGATIVES,)},
    depends_on_target=True,
)
