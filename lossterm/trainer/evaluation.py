"""A trained model measured at the end of its run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from ..config import RunConfig
from ..runs.records import Scores
from .model import FusedModel
from .scores import constant_score, scores

AllScores = dict[str, dict[str, Any]]
"""Scores by set and name."""


def evaluate(model: FusedModel, config: RunConfig) -> tuple[Scores, AllScores]:
    """Measure a model at the end of a run, on the sets that it holds; see `scores_of`."""
    held = {name: [model.data[f"{name}_{part}"].value() for part in "xy"] for name in ("train", "validation", "test")}
    measured = (*model.measure(*held["train"]), *model.measure(*held["test"]))
    targets = {name: np.asarray(y) for name, (_, y) in held.items()}
    return scores_of(config, measured, targets, lambda name: _outputs(model, held[name][0]), model.plan.chunk_rows)


def scores_of(
    config: RunConfig,
    measured: tuple[float, float, float, float],
    targets: Mapping[str, npt.NDArray[np.float32]],
    outputs_on: Callable[[str], npt.NDArray[np.float32]],
    chunk: int,
) -> tuple[Scores, AllScores]:
    """Score a run at its end.

    Args:
        config: of the run.
        measured: loss and metric on the training set, then on the test set.
        targets: (rows, units) of the sets `train`, `validation` and `test`.
        outputs_on: gives the network's outputs for a set, (rows, units).
        chunk: rows that errors are taken of at a time.

    Returns:
        Loss and metric on the training and the test set, on regression MAE and R² too; and every score of the rows that
        it was not trained on, by set (test, and validation where rows are held out) and name, see `scores`.
    """
    baseline = constant_score(config, targets["train"], targets["test"])
    unseen = ("validation", "test") if config.held_out_rows else ("test",)
    outputs = {name: outputs_on(name) for name in unseen}
    more = {name: scores(config, targets[name], outputs[name]) for name in unseen}
    if config.task.has_classes:
        return Scores(*measured, baseline=baseline), more
    train_mae, train_r2 = _mae_and_r2(targets["train"], outputs_on("train"), chunk)
    test_mae, test_r2 = _mae_and_r2(targets["test"], outputs["test"], chunk)
    return Scores(*measured, train_mae, test_mae, train_r2, test_r2, baseline), more


def _outputs(model: FusedModel, x: Any) -> npt.NDArray[np.float32]:
    """What the network gives for rows, (rows, units), a chunk of them at a time."""
    size = model.plan.chunk_rows
    chunks = range(0, int(x.shape[0]), size)
    return np.concatenate([np.asarray(model(x[first : first + size], training=False)) for first in chunks])


def _mae_and_r2(
    targets: npt.NDArray[np.float32], outputs: npt.NDArray[np.float32], size: int
) -> tuple[float, float | None]:
    """Mean absolute error, and R² = 1 - Σ(y - p)² / Σ(y - mean(y))², in float64 over chunks of `size` rows.

    R² is None where all targets are equal.
    """
    rows = len(targets)
    mean = float(tf.reduce_mean(tf.cast(targets, tf.float64)))
    absolute = squared = total = 0.0
    for first in range(0, rows, size):
        real = np.asarray(targets[first : first + size], np.float64)
        error = real - np.asarray(outputs[first : first + size], np.float64)
        absolute += float(np.abs(error).sum())
        squared += float((error**2).sum())
        total += float(((real - mean) ** 2).sum())
    return absolute / rows, 1 - squared / total if total > 0 else None
