"""A loss as a function of what a network can give for one row, and where rows of the data lie on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..catalog import Dataset, Loss, LossParameters, OutputLayer, output_layer

Floats = NDArray[np.float64]

ERROR_RANGE = 3.0
"""On regression, errors are drawn from minus this to this; the targets have a standard deviation of 1."""

REGRESSION_TARGET = 1.0
"""The target at which the losses of a regression are drawn; see `Loss.depends_on_target`."""

_CLIPPING_MARGIN = 1e-4
"""A curve over a probability stays this far from 0 and 1, which outputs only near: Keras's clipping bends it there."""


@dataclass(frozen=True, eq=False)
class LossCurve:
    """A loss over everything that the output layer can give for one row.

    Attributes:
        x: (points,) on regression the error, output - target; else the output of the true class, 0 to 1, or the margin
            of a tanh, target x output, -1 to 1.
        value: (points,) the loss there.
        slope: (points,) its derivative by x.
    """

    x: Floats
    value: Floats
    slope: Floats


def x_range(layer: OutputLayer) -> tuple[float, float]:
    """The range of x of a loss curve, given the output layer."""
    return {"linear": (-ERROR_RANGE, ERROR_RANGE), "tanh": (-1.0, 1.0)}.get(layer.activation, (0.0, 1.0))


@lru_cache(maxsize=64)
def loss_curve(loss: Loss, dataset: Dataset, points: int, parameters: LossParameters = ()) -> LossCurve:
    """A loss as a function of what the network gives.

    Args:
        loss: the loss.
        dataset: what it is trained on; decides on the output layer.
        points: at how many evenly spaced places to compute it, at least 2.
        parameters: of the loss; those that are left out take their defaults.

    Returns:
        The curve along the path of `path`; its slope is the gradient along that path.

    Raises:
        PairingError: the loss means nothing on the dataset.
    """
    layer = output_layer(loss, dataset)
    x = np.linspace(*x_range(layer), points)
    if layer.activation in ("sigmoid", "softmax"):
        x = np.clip(x, _CLIPPING_MARGIN, 1 - _CLIPPING_MARGIN)
    if loss.file is not None:
        return LossCurve(x, np.full(points, np.nan), np.full(points, np.nan))
    targets, outputs, direction = path(layer, x)
    values = dict(parameters)
    slope = np.sum(loss.gradient(targets, outputs, **values) * direction, axis=-1)
    return LossCurve(x, loss.value(targets, outputs, **values), slope)


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
    direction = np.zeros((len(x), layer.units))
    direction[:, 0] = 1.0
    if layer.activation == "linear":
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


def places(layer: OutputLayer, targets: NDArray[np.floating], outputs: NDArray[np.floating]) -> Floats:
    """Where rows of the data lie on the x of their loss curve.

    Args:
        layer: the output layer.
        targets: (rows, units) coded for that layer.
        outputs: (rows, units) of that layer.

    Returns:
        (rows,) in the units of `LossCurve.x`; what the network gives for a row may lie outside the curve's range.
    """
    t, p = np.asarray(targets, np.float64), np.asarray(outputs, np.float64)
    if layer.activation == "linear":
        return np.asarray(p[:, 0] - t[:, 0])
    if layer.units > 1:
        return np.asarray(p[np.arange(len(p)), layer.classes_of(t)])
    if layer.activation == "tanh":
        return np.asarray(t[:, 0] * p[:, 0])
    return np.where(layer.classes_of(t) == 1, p[:, 0], 1 - p[:, 0])
