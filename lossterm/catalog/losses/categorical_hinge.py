"""Categorical hinge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..loss import Loss, LossDescription
from ..outputs import SOFTMAX

if TYPE_CHECKING:
    from ..loss import Floats


def value(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    """max(0, 1 + m - t), with t the true class's output and m the greatest of the others."""
    import numpy as np

    greatest = np.max((1 - y_true) * y_pred, axis=-1)
    return np.asarray(np.maximum(greatest - np.sum(y_true * y_pred, axis=-1) + 1, 0))


def gradient(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    """1 at the greatest output of the other classes, shared where several are, and -1 at the true class; else 0."""
    import numpy as np

    others = (1 - y_true) * y_pred
    greatest = np.equal(others, others.max(axis=-1, keepdims=True))
    inside = value(y_true, y_pred)[..., None] >= 0
    shared = greatest / greatest.sum(axis=-1, keepdims=True)
    return np.asarray(np.where(inside, shared * (1 - y_true) - y_true, 0.0))


_ON_CLASSES = "chinge: straight: only the lead of the true class over the next one counts"

LOSS = Loss(
    name="categorical_hinge",
    keras_class="CategoricalHinge",
    short="chinge",
    title="categorical hinge",
    default_dataset="blobs",
    outputs={"binary": SOFTMAX, "multiclass": SOFTMAX},
    needs="needs one-hot targets",
    value=value,
    gradient=gradient,
    description=LossDescription(
        formula="max(0, 1 + max((1 - y) p) - sum(y p))",
        paragraph="Asks that the true class lead the strongest other one by a margin of 1. Only these two outputs are "
        "pulled, each with a slope of 1, however far behind the true class is. Behind a softmax a lead of 1 is reached "
        "only in the limit, so no row is ever quite done.",
        use="where only the decision among several classes counts, as in a multiclass support vector machine.",
        avoid="when you need probabilities that mean something. Where the model is sure and wrong the softmax is flat, "
        "and no logarithm makes up for it: such rows are learnt slowly.",
    ),
    curve_remarks={"binary": _ON_CLASSES, "multiclass": _ON_CLASSES},
)
