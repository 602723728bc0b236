"""Categorical cross-entropy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..loss import EPSILON, LABEL_SMOOTHING, Loss, LossDescription, Note
from ..outputs import SOFTMAX
from .kl_divergence import MORE, SHORT

if TYPE_CHECKING:
    from ..loss import Floats


def value(y_true: Floats, y_pred: Floats, label_smoothing: float = 0.0, **parameters: float) -> Floats:
    """-Sum over the outputs of y log(p), p scaled to a sum of 1 and clipped to EPSILON from 0 and 1 as in Keras.

    label_smoothing: this share of each target is divided evenly among the classes.
    """
    import numpy as np

    y_true = y_true * (1 - label_smoothing) + label_smoothing / y_true.shape[-1]
    p = np.clip(y_pred / y_pred.sum(axis=-1, keepdims=True), EPSILON, 1 - EPSILON)
    return np.asarray(-np.sum(y_true * np.log(p), axis=-1))


def gradient(y_true: Floats, y_pred: Floats, label_smoothing: float = 0.0, **parameters: float) -> Floats:
    """-y / p through the scaling to a sum of 1; 0 where the scaled output is clipped."""
    import numpy as np

    y_true = y_true * (1 - label_smoothing) + label_smoothing / y_true.shape[-1]
    total = y_pred.sum(axis=-1, keepdims=True)
    shares = y_pred / total
    inside = (shares >= EPSILON) & (shares <= 1 - EPSILON)
    by_share = np.where(inside, -y_true / np.clip(shares, EPSILON, 1 - EPSILON), 0.0)
    return np.asarray((by_share - np.sum(by_share * shares, axis=-1, keepdims=True)) / total)


SAME_AS_KL = Note(SHORT, MORE, beside="kl_divergence", at_default=LABEL_SMOOTHING.name)

_ON_CLASSES = "cce: steep where the true class has little probability: like 1/p, without bound"

LOSS = Loss(
    name="categorical_crossentropy",
    keras_class="CategoricalCrossentropy",
    short="cce",
    title="categorical cross-entropy",
    default_dataset="blobs",
    outputs={"binary": SOFTMAX, "multiclass": SOFTMAX},
    needs="needs one-hot targets",
    value=value,
    gradient=gradient,
    description=LossDescription(
        formula="-sum(y log(p))",
        paragraph="Minus the logarithm of the probability given to the true class; the others count only through the "
        "softmax, which makes them share what is left. Behind a softmax the gradient by its inputs is p - y.",
        use="for classes that exclude one another: it is the usual choice, and its outputs are probabilities.",
        avoid="for labels that may hold together (binary cross-entropy, a sigmoid each). Wrong labels weigh much: the "
        "loss has no bound where the model is sure.",
    ),
    curve_remarks={
        "binary": _ON_CLASSES,
        "multiclass": _ON_CLASSES,
    },
    notes={"binary": (SAME_AS_KL,), "multiclass": (SAME_AS_KL,)},
    parameters=(LABEL_SMOOTHING,),
    aliases=("sparse_categorical_crossentropy",),
    menu_place=6,
)
