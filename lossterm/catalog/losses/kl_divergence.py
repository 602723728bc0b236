"""Kullback-Leibler divergence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..loss import EPSILON, Loss, LossDescription, Note
from ..outputs import SOFTMAX

if TYPE_CHECKING:
    from ..loss import Floats


def value(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    """Sum over the outputs of y log(y / p), both clipped to EPSILON and 1 as Keras does."""
    import numpy as np

    y, p = np.clip(y_true, EPSILON, 1), np.clip(y_pred, EPSILON, 1)
    return np.asarray(np.sum(y * np.log(y / p), axis=-1))


def gradient(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    """-y / p; 0 where the output is clipped."""
    import numpy as np

    inside = (y_pred >= EPSILON) & (y_pred <= 1)
    return np.asarray(np.where(inside, -np.clip(y_true, EPSILON, 1) / np.clip(y_pred, EPSILON, 1), 0.0))


SHORT = "on one-hot targets KL divergence equals categorical cross-entropy: the curves coincide"
MORE = (
    "KL(y || p) = H(y, p) - H(y), and a one-hot y has entropy H(y) = 0, so the two losses and their gradients "
    "are the same. Seeing one curve for both is the right answer, not a bug. Only where the true class gets less than "
    "1e-7 do they part: Keras clips KL's probabilities there, and takes cross-entropy from the logits. On blobs, whose "
    "inputs are not scaled, that happens in the first epochs. With label smoothing the targets of "
    "cross-entropy are no longer one-hot: its curve is another one then, and stays above 0."
)
SAME_AS_CROSSENTROPY = Note(SHORT, MORE, beside="categorical_crossentropy")

_ON_CLASSES = "kld: on one-hot targets the same curve as cce"

LOSS = Loss(
    name="kl_divergence",
    keras_class="KLDivergence",
    short="kld",
    title="Kullback-Leibler divergence",
    default_dataset="blobs",
    outputs={"binary": SOFTMAX, "multiclass": SOFTMAX},
    needs="needs probabilities as targets",
    value=value,
    gradient=gradient,
    description=LossDescription(
        formula="sum(y log(y / p))",
        paragraph="How far the outputs, as a distribution, are from the targets' distribution: categorical "
        "cross-entropy less the entropy of the targets, so that 0 means a perfect match. The gradients are the same.",
        use="when targets are distributions themselves: soft labels, another model's outputs.",
        avoid="for one-hot targets in hope of something new: their entropy is 0, so it is categorical cross-entropy "
        "again. Nor for anything but probabilities. Mind the order, too: swapping y and p gives another value.",
    ),
    curve_remarks={
        "binary": _ON_CLASSES,
        "multiclass": _ON_CLASSES,
    },
    notes={"binary": (SAME_AS_CROSSENTROPY,), "multiclass": (SAME_AS_CROSSENTROPY,)},
    menu_place=7,
)
