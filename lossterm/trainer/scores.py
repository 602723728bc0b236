"""The final scores, over the whole train and test set."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from ..config import RunConfig
from ..runs.records import Scores
from .model import FusedModel


def final_scores(model: FusedModel, config: RunConfig) -> Scores:
    """Measure a model on the two sets that it holds: loss and metric, on regression also MAE and R²."""
    train = [model.data[name].value() for name in ("train_x", "train_y")]
    test = [model.data[name].value() for name in ("test_x", "test_y")]
    train_loss, train_metric = model.measure(*train)
    test_loss, test_metric = model.measure(*test)
    if config.task.has_classes:
        return Scores(train_loss, train_metric, test_loss, test_metric)
    train_mae, train_r2 = _mae_and_r2(model, *train)
    test_mae, test_r2 = _mae_and_r2(model, *test)
    return Scores(train_loss, train_metric, test_loss, test_metric, train_mae, test_mae, train_r2, test_r2)


def _mae_and_r2(model: FusedModel, x: Any, y: Any) -> tuple[float, float | None]:
    """Mean absolute error, and R² = 1 - Σ(y - p)² / Σ(y - mean(y))², in float64 over chunks of rows.

    R² is None where all targets are equal.
    """
    rows, size = int(x.shape[0]), model.plan.chunk_rows
    mean = float(tf.reduce_mean(tf.cast(y, tf.float64)))
    absolute = squared = total = 0.0
    for first in range(0, rows, size):
        real = np.asarray(y[first : first + size], np.float64)
        error = real - np.asarray(model(x[first : first + size], training=False), np.float64)
        absolute += float(np.abs(error).sum())
        squared += float((error**2).sum())
        total += float(((real - mean) ** 2).sum())
    return absolute / rows, 1 - squared / total if total > 0 else None
