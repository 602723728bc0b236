"""The scores of a trained network by scikit-learn: what losses are compared on, and never their own value."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from ..catalog import OutputLayer
from ..config import RunConfig

Floats = npt.NDArray[np.float64]
NumbersByName = dict[str, float | None]

OWN_UNITS = "own_units"
"""Under this name are the errors of a regression on a person's own data in the target's own unit."""


def constant_score(config: RunConfig, train_y: npt.NDArray[np.float32], test_y: npt.NDArray[np.float32]) -> float:
    """The test metric of the best constant answer.

    Args:
        config: Of the run.
        train_y: (rows, units) the training targets as they are trained on, corrupted ones included.
        test_y: (rows, units) the test targets.

    Returns:
        The share of the test set's largest class; or on regression the mean squared error of always answering the
        mean of the training targets.
    """
    if config.task.has_classes:
        counts = np.bincount(config.output_layer.classes_of(test_y))
        return float(counts.max() / counts.sum())
    error = test_y.astype(np.float64) - train_y.mean(axis=0, dtype=np.float64)
    return float(np.mean(error**2))


def scores(config: RunConfig, targets: npt.NDArray[Any], outputs: npt.NDArray[Any]) -> dict[str, Any]:
    """Score a network on a set of rows.

    Args:
        config: of the run.
        targets: (rows, units), coded for the output layer.
        outputs: (rows, units) of the network.

    Returns:
        The scores by name. Of classes: accuracy, balanced_accuracy, f1 (of class 1, or the mean over several classes),
        roc_auc (of several classes the mean of each against the rest), log_loss and brier; of a regression: mse, rmse,
        mae, r2, median_absolute_error, and on a person's own data the errors in the target's unit under OWN_UNITS. None
        where a score means nothing: log_loss and brier where the outputs are no probabilities, roc_auc where a class is
        missing, everything where the outputs are not finite.
    """
    from sklearn import config_context

    known = bool(np.isfinite(outputs).all())
    with config_context(assume_finite=True, skip_parameter_validation=True):
        if config.task.has_classes:
            return _of_classes(config.output_layer, config.dataset_entry.classes, targets, outputs, known)
        found: dict[str, Any] = dict(_of_numbers(targets[:, 0], outputs[:, 0], known))
    if config.data_file is not None:
        scale = config.data_file.target_scale
        factors = {"mse": scale**2, "rmse": scale, "mae": scale, "median_absolute_error": scale}
        found[OWN_UNITS] = {name: _times(found[name], factor) for name, factor in factors.items()}
    return found


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _of_numbers(targets: npt.NDArray[Any], outputs: npt.NDArray[Any], known: bool) -> NumbersByName:
    from sklearn import metrics

    y, p = targets.astype(np.float64), outputs.astype(np.float64)
    mse = _value(lambda: metrics.mean_squared_error(y, p), known)
    return {
        "mse": mse,
        "rmse": None if mse is None else math.sqrt(mse),
        "mae": _value(lambda: metrics.mean_absolute_error(y, p), known),
        "r2": _value(lambda: metrics.r2_score(y, p), known and len(y) > 1),
        "median_absolute_error": _value(lambda: metrics.median_absolute_error(y, p), known),
    }


def _of_classes(
    layer: OutputLayer, classes: int, targets: npt.NDArray[Any], outputs: npt.NDArray[Any], known: bool
) -> NumbersByName:
    from sklearn import metrics

    if not known:
        return dict.fromkeys(("accuracy", "balanced_accuracy", "f1", "roc_auc", "log_loss", "brier"))
    y = layer.classes_of(targets)
    decided = layer.decide(outputs)[0]
    values = outputs.astype(np.float64)
    average = "binary" if classes == 2 else "macro"
    labels = np.arange(classes)
    probabilities = _probabilities(layer, values)
    one_hot = np.equal(y[:, None], labels)
    ranks = _ranks(values)
    all_there = bool(one_hot.any(axis=0).all())
    return {
        "accuracy": _value(lambda: metrics.accuracy_score(y, decided)),
        "balanced_accuracy": _value(lambda: _balanced_accuracy(y, decided, one_hot)),
        "f1": _value(lambda: metrics.f1_score(y, decided, average=average, zero_division=0.0)),
        "roc_auc": _value(lambda: _roc_auc(y, one_hot, ranks), all_there),
        "log_loss": _value(lambda: metrics.log_loss(y, probabilities, labels=labels), probabilities is not None),
        "brier": _value(lambda: _brier(one_hot, probabilities), probabilities is not None),
    }


def _balanced_accuracy(y: npt.NDArray[Any], decided: npt.NDArray[Any], one_hot: npt.NDArray[Any]) -> float:
    """The mean over the classes that there are of the share of their rows decided right, as scikit-learn has it.

    Its own function warns of decisions for classes that no row has.
    """
    there = one_hot[:, one_hot.any(axis=0)]
    right = (decided == y).astype(np.float64)
    return float(np.mean(right @ there / there.sum(axis=0)))


def _ranks(values: Floats) -> Floats:
    """What rows are ordered by for each class, (rows, classes): any output will do for that."""
    return values if values.shape[1] > 1 else np.concatenate([-values, values], axis=1)


def _roc_auc(y: npt.NDArray[Any], one_hot: npt.NDArray[Any], ranks: Floats) -> float:
    from sklearn import metrics

    if one_hot.shape[1] == 2:
        return float(metrics.roc_auc_score(y, ranks[:, 1] - ranks[:, 0]))
    return float(metrics.roc_auc_score(one_hot, ranks, average="macro"))


def _probabilities(layer: OutputLayer, values: Floats) -> Floats | None:
    """The probability of each class, (rows, classes); None where the outputs are none."""
    if layer.activation == "softmax":
        return np.asarray(values / values.sum(axis=1, keepdims=True))
    if layer.activation == "sigmoid" and layer.units == 1:
        return np.concatenate([1 - values, values], axis=1)
    return None


def _brier(one_hot: npt.NDArray[Any], probabilities: Floats | None) -> float:
    """The mean squared error of the probabilities: of class 1 for two classes, summed over several."""
    assert probabilities is not None
    squares = (probabilities - one_hot) ** 2
    return float(squares[:, 1].mean() if squares.shape[1] == 2 else squares.sum(axis=1).mean())


def _value(compute: Callable[[], Any], known: bool = True) -> float | None:
    """A score as a finite number, or None."""
    if not known:
        return None
    number = float(compute())
    return number if math.isfinite(number) else None
