"""Binary focal cross-entropy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..loss import EPSILON, LABEL_SMOOTHING, Loss, LossDescription, Parameter
from ..outputs import SIGMOID, SIGMOID_PER_CLASS

if TYPE_CHECKING:
    from ..loss import Floats


def value(
    y_true: Floats,
    y_pred: Floats,
    apply_class_balancing: float = 0.0,
    alpha: float = 0.25,
    gamma: float = 2.0,
    label_smoothing: float = 0.0,
    **parameters: float,
) -> Floats:
    """Mean over the outputs of (1 - t)^gamma times the binary cross-entropy, t the probability given to the truth.

    apply_class_balancing: unless 0, class 1 is weighted by alpha and class 0 by 1 - alpha.
    label_smoothing: moves the targets this share of the way to 1/2.
    """
    import numpy as np

    y_true = y_true * (1 - label_smoothing) + label_smoothing / 2
    entropy, left = _entropy_and_left(y_true, y_pred)
    weight = y_true * alpha + (1 - y_true) * (1 - alpha) if apply_class_balancing else 1.0
    return np.asarray(np.mean(weight * left**gamma * entropy, axis=-1))


def gradient(
    y_true: Floats,
    y_pred: Floats,
    apply_class_balancing: float = 0.0,
    alpha: float = 0.25,
    gamma: float = 2.0,
    label_smoothing: float = 0.0,
    **parameters: float,
) -> Floats:
    """The derivative of both factors, over the number of outputs; 0 for the logarithms where they are clipped."""
    import numpy as np

    y_true = y_true * (1 - label_smoothing) + label_smoothing / 2
    p = np.clip(y_pred, EPSILON, 1 - EPSILON)
    entropy, left = _entropy_and_left(y_true, y_pred)
    inside = (y_pred >= EPSILON) & (y_pred <= 1 - EPSILON)
    of_entropy = np.where(inside, (1 - y_true) / (1 - p) - y_true / p, 0.0)
    weight = y_true * alpha + (1 - y_true) * (1 - alpha) if apply_class_balancing else 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        of_factor = gamma * left ** (gamma - 1) * (1 - 2 * y_true)
        return np.asarray(weight * (of_factor * entropy + left**gamma * of_entropy) / y_pred.shape[-1])


def _entropy_and_left(y_true: Floats, y_pred: Floats) -> tuple[Floats, Floats]:
    """The binary cross-entropy of each output, and the probability that is left to the other class than the true."""
    import numpy as np

    p = np.clip(y_pred, EPSILON, 1 - EPSILON)
    entropy = -y_true * np.log(p) - (1 - y_true) * np.log(1 - p)
    return entropy, 1 - (y_true * y_pred + (1 - y_true) * (1 - y_pred))


_ON_CLASSES = "bfce: as steep as bce where sure and wrong, and flatter the better the answer is"

LOSS = Loss(
    name="binary_focal_crossentropy",
    keras_class="BinaryFocalCrossentropy",
    short="bfce",
    title="binary focal cross-entropy",
    default_dataset="circles",
    outputs={"binary": SIGMOID, "multiclass": SIGMOID_PER_CLASS},
    needs="needs targets in [0, 1]",
    value=value,
    gradient=gradient,
    description=LossDescription(
        formula="mean((1 - t)^gamma (-y log(p) - (1 - y) log(1 - p))), t = y p + (1 - y) (1 - p)",
        paragraph="Binary cross-entropy, faded by how much probability the truth already has: a row at 0.9 counts a "
        "hundredth with a gamma of 2. Training turns to the rows that are still wrong. Alpha has an effect only with "
        "apply_class_balancing=1, as in Keras.",
        use="where easy rows of a frequent class drown a rare one, as in detection.",
        avoid="with wrong labels: they are the rows that it turns to. Its probabilities are drawn towards 1/2.",
    ),
    curve_remarks={"binary": _ON_CLASSES, "multiclass": _ON_CLASSES},
    parameters=(
        Parameter("gamma", 2.0, 0.0, 10.0, "How much rows that are right fade; 0 is binary cross-entropy."),
        Parameter(
            "alpha", 0.25, 0.0, 1.0, "With apply_class_balancing=1 the weight of class 1; class 0 has 1 - alpha."
        ),
        Parameter(
            "apply_class_balancing", 0.0, 0.0, 1.0, "1 weights the classes by alpha, 0 does not.", "balance", True
        ),
        LABEL_SMOOTHING,
    ),
)
