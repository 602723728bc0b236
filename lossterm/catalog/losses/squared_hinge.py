"""Squared hinge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..loss import Loss, LossDescription, Note
from ..outputs import TANH, TANH_PER_CLASS

if TYPE_CHECKING:
    from ..loss import Floats


def value(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    """Mean over the outputs of max(0, 1 - y p)^2, with y -1 or +1."""
    import numpy as np

    return np.asarray(np.mean(np.maximum(1 - y_true * y_pred, 0) ** 2, axis=-1))


def gradient(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    """-2 y max(0, 1 - y p), over the number of outputs."""
    import numpy as np

    return np.asarray(-2 * y_true * np.maximum(1 - y_true * y_pred, 0) / y_pred.shape[-1])


_ON_CLASSES = "sqhinge: the further inside the margin, the steeper; flat beyond it"

LOSS = Loss(
    name="squared_hinge",
    keras_class="SquaredHinge",
    short="sqhinge",
    title="squared hinge",
    default_dataset="circles",
    outputs={"binary": TANH, "multiclass": TANH_PER_CLASS},
    needs="needs targets of -1 or +1",
    value=value,
    gradient=gradient,
    description=LossDescription(
        formula="mean(max(0, 1 - y p)^2), y = -1 or +1",
        paragraph="Hinge, squared: rows far on the wrong side cost four times as much at twice the distance, and the "
        "slope fades towards the margin, so that training comes to rest there instead of bouncing. Behind a tanh, "
        "which never passes 1, it is the squared error of targets -1 and +1.",
        use="where hinge is the right loss and a smooth one trains better.",
        avoid="with wrong labels, which pull harder than in hinge. Its outputs are no probabilities either.",
    ),
    curve_remarks={"binary": _ON_CLASSES, "multiclass": _ON_CLASSES},
    notes={"binary": (Note("squared hinge decides at 0, as hinge does", "Its targets are -1 and +1 as well."),)},
)
