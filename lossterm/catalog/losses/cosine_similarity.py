"""Cosine similarity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..loss import EPSILON, Loss, LossDescription
from ..outputs import SOFTMAX

if TYPE_CHECKING:
    from ..loss import Floats


def value(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    """Minus the cosine of the angle between targets and outputs as vectors."""
    import numpy as np

    return np.asarray(-np.sum(_unit(y_true) * _unit(y_pred), axis=-1))


def gradient(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    """Minus the part of the target's direction that is across the output's, over the output's length."""
    import numpy as np

    target, output = _unit(y_true), _unit(y_pred)
    along = np.sum(target * output, axis=-1, keepdims=True)
    return np.asarray((along * output - target) / np.linalg.norm(y_pred, axis=-1, keepdims=True))


def _unit(vectors: Floats) -> Floats:
    """Vectors scaled to a length of 1, as Keras does it."""
    import numpy as np

    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), EPSILON))


_ON_CLASSES = "cosine: bounded, and flat at either end: sure and wrong pulls hardly at all"

LOSS = Loss(
    name="cosine_similarity",
    keras_class="CosineSimilarity",
    short="cosine",
    title="cosine similarity",
    default_dataset="blobs",
    outputs={"binary": SOFTMAX, "multiclass": SOFTMAX},
    needs="needs several outputs, for of a single number it sees the sign alone",
    value=value,
    gradient=gradient,
    description=LossDescription(
        formula="-sum(y p) / (norm(y) norm(p))",
        paragraph="Minus the cosine of the angle between target and output, both taken as vectors: -1 where they point "
        "the same way, 0 at a right angle, +1 where opposite. Lengths do not count. Outputs of a softmax are never "
        "negative, so that it stays between -1 and 0.",
        use="for embeddings and other vectors of which only the direction means something.",
        avoid="for classes, but to compare: it is bounded and lets wrong labels be, yet learns slowly where the model "
        "is sure and wrong. A single output has no direction.",
    ),
    curve_remarks={"binary": _ON_CLASSES, "multiclass": _ON_CLASSES},
)
