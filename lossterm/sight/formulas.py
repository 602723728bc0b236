"""The seven losses as NumPy formulas, row by row, with their gradients, as Keras 3 computes them on a head's outputs.

Source: keras/src/losses/losses.py and keras/src/backend/tensorflow/nn.py, Keras 3. Inside a model Keras takes the
cross-entropies from the logits where it can, which is the same up to the clipping here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..catalog import Dataset, Head, Loss, head, loss_named

Floats = NDArray[np.float64]

ERROR_RANGE = 3.0
"""On regression, errors are drawn from minus this to this; the targets have a standard deviation of 1."""

REGRESSION_TARGET = 1.0
"""The target at which a regression's losses are drawn; only MSLE depends on it."""

_CLEAR = 1e-4
"""A probability's curve keeps this far from 0 and 1, which a head only nears: there Keras's clipping bends it."""


def value(loss: str, targets: Floats, outputs: Floats) -> Floats:
    """The loss of each row, as `keras.losses.get(loss)` gives it.

    loss: Keras identifier. targets, outputs: (rows, units); hinge's targets are -1 and +1. Returns (rows,).
    """
    return loss_named(loss).value(np.asarray(targets, np.float64), np.asarray(outputs, np.float64))


def gradient(loss: str, targets: Floats, outputs: Floats) -> Floats:
    """The derivative of each row's loss by its outputs, (rows, units).

    At a kink it is what TensorFlow's automatic differentiation gives: 0 for |x| at 0; hinge's slope still holds where
    target x output is exactly 1. Where Keras clips the output it is 0.
    """
    return loss_named(loss).gradient(np.asarray(targets, np.float64), np.asarray(outputs, np.float64))


@dataclass(frozen=True, eq=False)
class LossCurve:
    """A loss over everything that its head can give for one row.

    x: the error (output - target) on regression; else the output of the true class, 0 to 1, or a tanh head's margin
    target x output, -1 to 1. value: the loss there. slope: its derivative by x. All (points,).
    """

    x: Floats
    value: Floats
    slope: Floats


def span(given: Head) -> tuple[float, float]:
    """The range of x of a head's loss curve."""
    return {"linear": (-ERROR_RANGE, ERROR_RANGE), "tanh": (-1.0, 1.0)}.get(given.activation, (0.0, 1.0))


@lru_cache(maxsize=64)
def loss_curve(loss: Loss, dataset: Dataset, points: int) -> LossCurve:
    """A loss as a function of what the head gives, at `points` evenly spaced places along the path of `path`.

    The slope is the gradient along that path. Raises PairingError where the loss means nothing on the dataset.
    """
    given = head(loss, dataset)
    x = np.linspace(*span(given), points)
    if given.activation in ("sigmoid", "softmax"):
        x = np.clip(x, _CLEAR, 1 - _CLEAR)
    targets, outputs, direction = path(given, x)
    slope = np.sum(gradient(loss.name, targets, outputs) * direction, axis=-1)
    return LossCurve(x, value(loss.name, targets, outputs), slope)


def path(given: Head, x: Floats) -> tuple[Floats, Floats, Floats]:
    """The rows that a loss curve goes through: targets and outputs, (points, units), and the outputs' derivative by x.

    x: (points,). Regression: one target, REGRESSION_TARGET. One unit: the positive class. Softmax: what the true class
    leaves is shared evenly by the others. Several units of sigmoid or tanh: the others stand at their targets.
    """
    shape = (len(x), given.units)
    direction = np.zeros(shape)
    direction[:, 0] = 1.0
    if given.activation == "linear":
        targets = np.full(shape, REGRESSION_TARGET)
        return targets, targets + x[:, None], direction
    low = -1.0 if given.activation == "tanh" else 0.0
    targets = np.full(shape, low)
    targets[:, 0] = 1.0
    outputs = targets.copy()
    outputs[:, 0] = x
    if given.activation == "softmax":
        outputs[:, 1:] = (1 - x[:, None]) / (given.units - 1)
        direction[:, 1:] = -1 / (given.units - 1)
    return targets, outputs, direction


def places(given: Head, targets: NDArray[np.floating], outputs: NDArray[np.floating]) -> Floats:
    """Where rows stand on the x of their loss curve. targets, outputs: (rows, units). Returns (rows,)."""
    t, p = np.asarray(targets, np.float64), np.asarray(outputs, np.float64)
    if given.activation == "linear":
        return np.asarray(p[:, 0] - t[:, 0])
    if given.units > 1:
        return np.asarray(p[np.arange(len(p)), t.argmax(axis=1)])
    if given.activation == "tanh":
        return np.asarray(t[:, 0] * p[:, 0])
    return np.where(t[:, 0] > 0.5, p[:, 0], 1 - p[:, 0])
