"""The rows that a loss is drawn for: everything that an output layer can give for one row, along a line.

NumPy is imported inside, for the commands start without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .outputs import OutputLayer

if TYPE_CHECKING:
    from .loss import Floats

ERROR_RANGE = 3.0
"""On regression, errors are drawn from minus this to this; the targets have a standard deviation of 1."""

REGRESSION_TARGET = 1.0
"""The target at which the losses of a regression are drawn; see `Loss.depends_on_target`."""

_CLIPPING_MARGIN = 1e-4
"""A curve over a probability stays this far from 0 and 1, which outputs only near: Keras's clipping bends it there."""


def x_range(layer: OutputLayer) -> tuple[float, float]:
    """The range of x of a loss curve, given the output layer."""
    if layer.decision == "value":
        return (-ERROR_RANGE, ERROR_RANGE)
    return (-1.0, 1.0) if layer.activation == "tanh" else (0.0, 1.0)


def places_on_path(layer: OutputLayer, points: int) -> Floats:
    """The places, (points,), at which a loss curve is computed: even, but just inside 0 and 1 of a probability."""
    import numpy as np

    x = np.linspace(*x_range(layer), points)
    if layer.activation in ("sigmoid", "softmax"):
        x = np.clip(x, _CLIPPING_MARGIN, 1 - _CLIPPING_MARGIN)
    return x


def path(layer: OutputLayer, x: Floats) -> tuple[Floats, Floats, Floats]:
    """The rows that a loss curve goes through.

    On regression there is one target, REGRESSION_TARGET. With one unit the true class is class 1. Behind a softmax the
    other classes share evenly what the true one leaves; several units of sigmoid or tanh stand at their targets but
    for that of the true class.

    Args:
        layer: the output layer.
        x: (points,).

    Returns:
        Targets and outputs, both (points, units), and the derivative of the outputs by x, (points, units).
    """
    import numpy as np

    direction = np.zeros((len(x), layer.units))
    direction[:, 0] = 1.0
    if layer.decision == "value":
        targets = layer.encode(np.full(len(x), REGRESSION_TARGET)).astype(np.float64)
        return targets, targets + x[:, None], direction
    true_class = 0 if layer.units > 1 else 1
    targets = layer.encode(np.full(len(x), true_class)).astype(np.float64)
    outputs = targets.copy()
    outputs[:, 0] = x
    if layer.activation == "softmax":
        outputs[:, 1:] = (1 - x[:, None]) / (layer.units - 1)
        direction[:, 1:] = -1 / (layer.units - 1)
    return targets, outputs, direction
