"""Squared error of signs: the worked example of CONTRIBUTING.md, which a test adds to a copy of the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..loss import Loss, LossDescription, Note
from ..outputs import TANH, TANH_PER_CLASS

if TYPE_CHECKING:
    from ..loss import Floats


def value(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    """Mean over the outputs of (p - y)^2, with y -1 or +1."""
    import numpy as np

    return np.asarray(np.mean((y_pred - y_true) ** 2, axis=-1))


def gradient(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    """2 (p - y), over the number of outputs."""
    import numpy as np

    return np.asarray(2 * (y_pred - y_true) / y_pred.shape[-1])


_ON_CLASSES = "signmse: the further from its target, the steeper; a tanh output never passes it"

LOSS = Loss(
    name="signed_squared_error",
    keras_class="MeanSquaredError",
    short="signmse",
    title="squared error of signs",
    default_dataset="circles",
    outputs={"binary": TANH, "multiclass": TANH_PER_CLASS},
    needs="needs targets of -1 or +1",
    value=value,
    gradient=gradient,
    description=LossDescription(
        formula="mean((p - y)^2), y = -1 or +1",
        paragraph="Mean squared error for classes that are coded as -1 and +1, behind a tanh: least squares as in a "
        "linear discriminant, or in a generative network's critic. The slope fades towards the target, so that "
        "training comes to rest there.",
        use="where only the decision counts and hinge trains restlessly.",
        avoid="with wrong labels, which pull hardest of all. Its outputs are no probabilities.",
    ),
    curve_remarks={"binary": _ON_CLASSES, "multiclass": _ON_CLASSES},
    notes={"binary": (Note("this squared error decides at 0, as hinge does", "Its targets are -1 and +1 as well."),)},
    menu_place=8,
)
