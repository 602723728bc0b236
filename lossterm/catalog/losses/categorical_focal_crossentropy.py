"""Categorical focal cross-entropy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..loss import EPSILON, LABEL_SMOOTHING, Loss, LossDescription, Parameter
from ..outputs import SOFTMAX

if TYPE_CHECKING:
    from ..loss import Floats


def value(
    y_true: Floats,
    y_pred: Floats,
    alpha: float = 0.25,
    gamma: float = 2.0,
    label_smoothing: float = 0.0,
    **parameters: float,
) -> Floats:
    """-Sum over the outputs of alpha (1 - p)^gamma y log(p), p scaled to a sum of 1 and clipped as in Keras.

    label_smoothing: this share of each target is divided evenly among the classes.
    """
    import numpy as np

    y_true = y_true * (1 - label_smoothing) + label_smoothing / y_true.shape[-1]
    p = np.clip(y_pred / y_pred.sum(axis=-1, keepdims=True), EPSILON, 1 - EPSILON)
    return np.asarray(-np.sum(alpha * (1 - p) ** gamma * y_true * np.log(p), axis=-1))


def gradient(
    y_true: Floats,
    y_pred: Floats,
    alpha: float = 0.25,
    gamma: float = 2.0,
    label_smoothing: float = 0.0,
    **parameters: float,
) -> Floats:
    """The derivative through the scaling to a sum of 1; 0 where the scaled output is clipped."""
    import numpy as np

    y_true = y_true * (1 - label_smoothing) + label_smoothing / y_true.shape[-1]
    total = y_pred.sum(axis=-1, keepdims=True)
    shares = y_pred / total
    p = np.clip(shares, EPSILON, 1 - EPSILON)
    inside = (shares >= EPSILON) & (shares <= 1 - EPSILON)
    slope = alpha * y_true * (gamma * (1 - p) ** (gamma - 1) * np.log(p) - (1 - p) ** gamma / p)
    by_share = np.where(inside, slope, 0.0)
    return np.asarray((by_share - np.sum(by_share * shares, axis=-1, keepdims=True)) / total)


_ON_CLASSES = "cfce: a quarter of cce where the true class has no probability, and flatter the more it has"

LOSS = Loss(
    name="categorical_focal_crossentropy",
    keras_class="CategoricalFocalCrossentropy",
    short="cfce",
    title="categorical focal cross-entropy",
    default_dataset="blobs",
    outputs={"binary": SOFTMAX, "multiclass": SOFTMAX},
    needs="needs one-hot targets",
    value=value,
    gradient=gradient,
    description=LossDescription(
        formula="-sum(alpha (1 - p)^gamma y log(p))",
        paragraph="Categorical cross-entropy, faded by how much probability the true class already has, and scaled by "
        "alpha. Training turns to the rows that are still wrong. Alpha weighs all classes alike here: it acts like a "
        "smaller learning rate.",
        use="where easy rows of frequent classes drown rare ones.",
        avoid="with wrong labels: they are the rows that it turns to. Its probabilities are drawn towards even ones. "
        "With Keras's alpha of 0.25 it trains slower than cross-entropy at the same learning rate.",
    ),
    curve_remarks={"binary": _ON_CLASSES, "multiclass": _ON_CLASSES},
    parameters=(
        Parameter("alpha", 0.25, 0.001, 10.0, "Scales the whole loss."),
        Parameter("gamma", 2.0, 0.0, 10.0, "How much rows that are right fade; 0 is cross-entropy, scaled by alpha."),
        LABEL_SMOOTHING,
    ),
)
