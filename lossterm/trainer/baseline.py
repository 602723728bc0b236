"""What the best constant answer scores: a model that does no better has learned nothing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..config import RunConfig


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
