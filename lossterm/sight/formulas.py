"""The seven losses as NumPy formulas, row by row, with their gradients, as Keras 3 computes them on a head's outputs.

Source: keras/src/losses/losses.py and keras/src/backend/tensorflow/nn.py, Keras 3. Inside a model Keras takes the
cross-entropies from the logits where it can, which is the same up to the clipping here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..catalog import Dataset, Head, Loss, head

Floats = NDArray[np.float64]

EPSILON = 1e-7
"""Keras's `backend.epsilon()`."""

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
    return _FORMULAS[loss][0](np.asarray(targets, np.float64), np.asarray(outputs, np.float64))


def gradient(loss: str, targets: Floats, outputs: Floats) -> Floats:
    """The derivative of each row's loss by its outputs, (rows, units).

    At a kink it is what TensorFlow's automatic differentiation gives: 0 for |x| at 0; hinge's slope still holds where
    target x output is exactly 1. Where Keras clips the output it is 0.
    """
    return _FORMULAS[loss][1](np.asarray(targets, np.float64), np.asarray(outputs, np.float64))


def _mse(t: Floats, p: Floats) -> Floats:
    return np.asarray(np.mean((p - t) ** 2, axis=-1))


def _mse_gradient(t: Floats, p: Floats) -> Floats:
    return np.asarray(2 * (p - t) / p.shape[-1])


def _mae(t: Floats, p: Floats) -> Floats:
    return np.asarray(np.mean(np.abs(p - t), axis=-1))


def _mae_gradient(t: Floats, p: Floats) -> Floats:
    return np.asarray(np.sign(p - t) / p.shape[-1])


def _msle(t: Floats, p: Floats) -> Floats:
    return np.asarray(np.mean((np.log1p(np.maximum(p, EPSILON)) - np.log1p(np.maximum(t, EPSILON))) ** 2, axis=-1))


def _msle_gradient(t: Floats, p: Floats) -> Floats:
    clipped = np.maximum(p, EPSILON)
    apart = np.log1p(clipped) - np.log1p(np.maximum(t, EPSILON))
    return np.asarray(np.where(p >= EPSILON, 2 * apart / (1 + clipped), 0.0) / p.shape[-1])


def _bce(t: Floats, p: Floats) -> Floats:
    q = np.clip(p, EPSILON, 1 - EPSILON)
    return np.asarray(-np.mean(t * np.log(q) + (1 - t) * np.log(1 - q), axis=-1))


def _bce_gradient(t: Floats, p: Floats) -> Floats:
    q = np.clip(p, EPSILON, 1 - EPSILON)
    inside = (p >= EPSILON) & (p <= 1 - EPSILON)
    return np.asarray(np.where(inside, (1 - t) / (1 - q) - t / q, 0.0) / p.shape[-1])


def _hinge(t: Floats, p: Floats) -> Floats:
    return np.asarray(np.mean(np.maximum(1 - t * p, 0), axis=-1))


def _hinge_gradient(t: Floats, p: Floats) -> Floats:
    return np.asarray(np.where(1 - t * p >= 0, -t, 0.0) / p.shape[-1])


def _cce(t: Floats, p: Floats) -> Floats:
    q = np.clip(p / p.sum(axis=-1, keepdims=True), EPSILON, 1 - EPSILON)
    return np.asarray(-np.sum(t * np.log(q), axis=-1))


def _cce_gradient(t: Floats, p: Floats) -> Floats:
    total = p.sum(axis=-1, keepdims=True)
    shares = p / total
    inside = (shares >= EPSILON) & (shares <= 1 - EPSILON)
    by_share = np.where(inside, -t / np.clip(shares, EPSILON, 1 - EPSILON), 0.0)
    return np.asarray((by_share - np.sum(by_share * shares, axis=-1, keepdims=True)) / total)


def _kld(t: Floats, p: Floats) -> Floats:
    s, q = np.clip(t, EPSILON, 1), np.clip(p, EPSILON, 1)
    return np.asarray(np.sum(s * np.log(s / q), axis=-1))


def _kld_gradient(t: Floats, p: Floats) -> Floats:
    return np.asarray(np.where((p >= EPSILON) & (p <= 1), -np.clip(t, EPSILON, 1) / np.clip(p, EPSILON, 1), 0.0))


_Formula = Callable[[Floats, Floats], Floats]
_FORMULAS: dict[str, tuple[_Formula, _Formula]] = {
    "mean_squared_error": (_mse, _mse_gradient),
    "mean_absolute_error": (_mae, _mae_gradient),
    "mean_squared_logarithmic_error": (_msle, _msle_gradient),
    "binary_crossentropy": (_bce, _bce_gradient),
    "hinge": (_hinge, _hinge_gradient),
    "categorical_crossentropy": (_cce, _cce_gradient),
    "kl_divergence": (_kld, _kld_gradient),
}


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
