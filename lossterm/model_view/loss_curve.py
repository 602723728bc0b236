"""A loss as a function of what a network can give for one row, and where rows of the data lie on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..catalog import Dataset, Loss, LossParameters, OutputLayer, output_layer
from ..catalog.loss_path import ERROR_RANGE, path, places_on_path, x_range
from ..catalog.own_loss import curve_name

__all__ = ["ERROR_RANGE", "LossCurve", "loss_curve", "path", "places", "x_range"]

Floats = NDArray[np.float64]

_MOST_POINTS = 10_000


@dataclass(frozen=True, eq=False)
class LossCurve:
    """A loss over everything that the output layer can give for one row.

    Attributes:
        x: (points,) on regression the error, output - target; else the output of the true class, 0 to 1, or the margin
            of a tanh, target x output, -1 to 1.
        value: (points,) the loss there; not a number where the output layer cannot get.
        slope: (points,) its derivative by x; likewise.
    """

    x: Floats
    value: Floats
    slope: Floats


def curve_of_own_loss(curves: Mapping[str, object], loss: Loss, layer: OutputLayer) -> LossCurve | None:
    """The curve of a person's own loss, which a trainer computed.

    Args:
        curves: what the store keeps with the loss's file, whoever wrote it: JSON values by `own_loss.curve_name`.
        loss: the loss.
        layer: its output layer.

    Returns:
        The curve, not a number where the loss is not finite; None where there is none.
    """
    kept = curves.get(curve_name(loss.name, layer))
    if not isinstance(kept, dict):
        return None
    columns = [column for name in ("x", "value", "slope") if isinstance(column := kept.get(name), list)]
    if len(columns) < 3 or not all(2 <= len(column) <= _MOST_POINTS for column in columns):
        return None
    try:
        x, value, slope = (np.array([np.nan if v is None else float(v) for v in column]) for column in columns)
    except (TypeError, ValueError, OverflowError):
        return None
    rising = np.isfinite(x).all() and (np.diff(x) > 0).all()
    return LossCurve(x, value, slope) if rising and len(x) == len(value) == len(slope) else None


def _between(curve: LossCurve, x: Floats) -> LossCurve:
    """A curve at other places, between those where it is known."""
    return LossCurve(x, np.interp(x, curve.x, curve.value), np.interp(x, curve.x, curve.slope))


@lru_cache(maxsize=64)
def loss_curve(
    loss: Loss, dataset: Dataset, points: int, parameters: LossParameters = (), own: LossCurve | None = None
) -> LossCurve:
    """A loss as a function of what the network gives.

    Args:
        loss: the loss.
        dataset: what it is trained on; decides on the output layer.
        points: at how many evenly spaced places to compute it, at least 2.
        parameters: of the loss; those that are left out take their defaults.
        own: the curve of a person's own loss; without it that is nowhere a number.

    Returns:
        The curve along the path of `path`; its slope is the gradient along that path.

    Raises:
        PairingError: the loss means nothing on the dataset.
    """
    layer = output_layer(loss, dataset)
    x = places_on_path(layer, points)
    if loss.file is not None:
        unknown = np.full(points, np.nan)
        return LossCurve(x, unknown, unknown) if own is None else _between(own, x)
    targets, outputs, direction = path(layer, x)
    values = dict(parameters)
    slope = np.sum(loss.gradient(targets, outputs, **values) * direction, axis=-1)
    reached = (outputs > 0).all(axis=-1) | (layer.activation != "softplus")
    return LossCurve(
        x, np.where(reached, loss.value(targets, outputs, **values), np.nan), np.where(reached, slope, np.nan)
    )


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
    if layer.decision == "value":
        return np.asarray(p[:, 0] - t[:, 0])
    if layer.units > 1:
        return np.asarray(p[np.arange(len(p)), layer.classes_of(t)])
    if layer.activation == "tanh":
        return np.asarray(t[:, 0] * p[:, 0])
    return np.where(layer.classes_of(t) == 1, p[:, 0], 1 - p[:, 0])
