"""Dice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..loss import EPSILON, Loss, LossDescription, Note
from ..outputs import SIGMOID, SOFTMAX

if TYPE_CHECKING:
    from ..loss import Floats


def value(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    """1 - 2 sum(y p) / (sum(y) + sum(p) + EPSILON), the sums over all outputs of a batch."""
    import numpy as np

    axes = tuple(range(1, y_pred.ndim))
    total = np.sum(y_true, axis=axes) + np.sum(y_pred, axis=axes) + EPSILON
    return np.asarray(1 - 2 * np.sum(y_true * y_pred, axis=axes) / total)


def gradient(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    """2 (sum(y p) / T - y) / T, with T the denominator."""
    import numpy as np

    axes = tuple(range(1, y_pred.ndim))
    total = np.sum(y_true, axis=axes, keepdims=True) + np.sum(y_pred, axis=axes, keepdims=True) + EPSILON
    return np.asarray(2 * (np.sum(y_true * y_pred, axis=axes, keepdims=True) / total - y_true) / total)


OVER_BATCH = Note(
    "Dice and Tversky are computed of a batch as a whole: their values depend on the batch size",
    "Keras sums over all rows and outputs of a batch before it divides, so that the loss of a batch is not the mean of "
    "its rows' losses. The loss of a set is the mean over its batches, each weighted by its rows, as in Keras's fit "
    "and evaluate.",
)

ONE_CLASS = Note(
    "Dice and Tversky reward class 1 alone: with two equal classes calling every row class 1 costs only 1/3",
    "With a sigmoid nothing is said of class 0 but that its rows should not be given to class 1. On circles training "
    "ends there, at an accuracy of 0.5. Where class 1 is rare, as in segmentation, that way out is dear.",
)

_ON_CLASSES = "dice: of a batch of one row; in a larger one a row pulls less, by what all rows together have"

LOSS = Loss(
    name="dice",
    keras_class="Dice",
    short="dice",
    title="Dice",
    default_dataset="circles",
    outputs={"binary": SIGMOID, "multiclass": SOFTMAX},
    needs="needs targets in [0, 1]",
    value=value,
    gradient=gradient,
    description=LossDescription(
        formula="1 - 2 sum(y p) / (sum(y) + sum(p))",
        paragraph="1 less the overlap of targets and outputs, as a share of both together; the sums are over all rows "
        "of a batch. Rows of class 0 that are given little probability hardly count, so that a rare class is not "
        "drowned.",
        use="for segmentation, where few pixels are of the class that matters: it is close to the F1 score.",
        avoid="when you need probabilities: outputs are driven to 0 and 1. Small batches, or such without the class, "
        "make it noisy.",
    ),
    curve_remarks={"binary": _ON_CLASSES, "multiclass": _ON_CLASSES},
    notes={"binary": (ONE_CLASS, OVER_BATCH), "multiclass": (OVER_BATCH,)},
    over_batch=True,
)
