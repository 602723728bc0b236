"""Tversky."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..loss import EPSILON, Loss, LossDescription, Parameter
from ..outputs import SIGMOID, SOFTMAX
from .dice import ONE_CLASS, OVER_BATCH

if TYPE_CHECKING:
    from ..loss import Floats


def value(y_true: Floats, y_pred: Floats, alpha: float = 0.5, beta: float = 0.5, **parameters: float) -> Floats:
    """1 - t / (t + alpha sum(y (1 - p)) + beta sum(p (1 - y)) + EPSILON), t = sum(y p), over all outputs of a batch."""
    import numpy as np

    axes = tuple(range(1, y_pred.ndim))
    overlap, total = _parts(y_true, y_pred, alpha, beta)
    return np.asarray(1 - np.squeeze(overlap / total, axis=axes))


def gradient(y_true: Floats, y_pred: Floats, alpha: float = 0.5, beta: float = 0.5, **parameters: float) -> Floats:
    """(t T' / T - y) / T, with T the denominator and T' = y - alpha y + beta (1 - y) its derivative."""
    import numpy as np

    overlap, total = _parts(y_true, y_pred, alpha, beta)
    of_total = y_true - alpha * y_true + beta * (1 - y_true)
    return np.asarray((overlap * of_total / total - y_true) / total)


def _parts(y_true: Floats, y_pred: Floats, alpha: float, beta: float) -> tuple[Floats, Floats]:
    """Numerator and denominator of each batch, with axes of length 1 in the place of those that are summed over."""
    import numpy as np

    axes = tuple(range(1, y_pred.ndim))
    overlap = np.sum(y_true * y_pred, axis=axes, keepdims=True)
    missed = np.sum(y_true * (1 - y_pred), axis=axes, keepdims=True)
    wrong = np.sum(y_pred * (1 - y_true), axis=axes, keepdims=True)
    return np.asarray(overlap), np.asarray(overlap + alpha * missed + beta * wrong + EPSILON)


_ON_CLASSES = "tversky: of a batch of one row; a larger alpha is steeper where the true class is missed"

LOSS = Loss(
    name="tversky",
    keras_class="Tversky",
    short="tversky",
    title="Tversky",
    default_dataset="circles",
    outputs={"binary": SIGMOID, "multiclass": SOFTMAX},
    needs="needs targets in [0, 1]",
    value=value,
    gradient=gradient,
    description=LossDescription(
        formula="1 - t / (t + alpha sum(y (1 - p)) + beta sum(p (1 - y))), t = sum(y p)",
        paragraph="Dice with a weight for each kind of error: alpha for what is missed of the class, beta for what is "
        "wrongly given to it; the sums are over all rows of a batch. Both at 0.5 are Dice. Keras's documentation names "
        "them the other way round; this is what it computes.",
        use="where one kind of error is worse: a larger alpha finds more of a rare class, with more false alarms.",
        avoid="when you need probabilities, or with small batches; as with Dice.",
    ),
    curve_remarks={"binary": _ON_CLASSES, "multiclass": _ON_CLASSES},
    notes={"binary": (ONE_CLASS, OVER_BATCH), "multiclass": (OVER_BATCH,)},
    parameters=(
        Parameter("alpha", 0.5, 0.0, 10.0, "The weight of what is missed of the true class."),
        Parameter("beta", 0.5, 0.0, 10.0, "The weight of what is wrongly given to a class."),
    ),
    over_batch=True,
)
