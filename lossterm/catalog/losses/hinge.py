"""Hinge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..loss import Loss, LossDescription, Note
from ..outputs import TANH, TANH_PER_CLASS

if TYPE_CHECKING:
    from ..loss import Floats


def value(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    """Mean over the outputs of max(0, 1 - y p), with y -1 or +1."""
    import numpy as np

    return np.asarray(np.mean(np.maximum(1 - y_true * y_pred, 0), axis=-1))


def gradient(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    """-y up to the margin, where y p is exactly 1 included, and 0 beyond; over the number of outputs."""
    import numpy as np

    return np.asarray(np.where(1 - y_true * y_pred >= 0, -y_true, 0.0) / y_pred.shape[-1])


THRESHOLD = Note(
    "hinge decides at 0, not 0.5: its tanh output is -1 to +1",
    "The tutorial scores hinge with Keras's default 0.5 threshold on a tanh output. The targets are -1 and "
    "+1, so the cut that hinge trains for is 0; that is the one used here.",
)

_ON_CLASSES = "hinge: one slope up to a margin of 1, flat beyond: a tanh head never quite gets there"

LOSS = Loss(
    name="hinge",
    keras_class="Hinge",
    short="hinge",
    title="hinge",
    default_dataset="circles",
    outputs={"binary": TANH, "multiclass": TANH_PER_CLASS},
    needs="needs targets of -1 or +1",
    value=value,
    gradient=gradient,
    description=LossDescription(
        formula="mean(max(0, 1 - y p)), y = -1 or +1",
        paragraph="Asks for the right side of 0 with a margin of 1. The slope is constant up to there, and beyond it "
        "the loss is exactly 0: rows that are safely right are left alone. A tanh output only nears -1 and +1, so here "
        "no row is ever quite done.",
        use="where only the decision counts, as in a support vector machine, which uses this loss.",
        avoid="when you need probabilities: its outputs are not. Several classes become one against the rest each, and "
        "with the settings here that trails the cross-entropies.",
    ),
    curve_remarks={
        "binary": _ON_CLASSES,
        "multiclass": _ON_CLASSES,
    },
    notes={"binary": (THRESHOLD,)},
    menu_place=5,
)
