"""The final scores against formulas in NumPy, written out here from the losses' definitions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from lossterm.catalog import MENU_DATASETS, MENU_LOSSES, loss_named, pairings
from lossterm.config import RunConfig
from lossterm.runs.checkpoints import unpack_arrays
from lossterm.runs.records import Checkpoint
from lossterm.trainer.data import load
from lossterm.trainer.fit import fit

pytestmark = pytest.mark.keras

ON_OTHERS = {
    task: loss_named(name) for task, name in (("regression", "mae"), ("binary", "hinge"), ("multiclass", "cce"))
}
PAIRS = [
    pytest.param(
        loss.short,
        data.name,
        id=f"{loss.short}-{data.name}",
        marks=() if data in MENU_DATASETS or loss == ON_OTHERS[data.task.name] else pytest.mark.slow,
    )
    for loss, data in pairings()
    if loss in MENU_LOSSES
]
"""Every loss of the menu on the datasets of the menu, and one on each of the others; all of them: pytest -m slow."""

Array = npt.NDArray[np.float64]

EPSILON = 1e-7


def clipped(p: Array) -> Array:
    return np.clip(p, EPSILON, 1 - EPSILON)


LOSSES: dict[str, Callable[[Array, Array], Any]] = {
    "mse": lambda y, p: np.mean((y - p) ** 2),
    "mae": lambda y, p: np.mean(np.abs(y - p)),
    "msle": lambda y, p: np.mean((np.log1p(np.maximum(y, EPSILON)) - np.log1p(np.maximum(p, EPSILON))) ** 2),
    # Compiled, Keras takes the logits of these two, and so clips nothing.
    "bce": lambda y, p: np.mean(-y * np.log(p) - (1 - y) * np.log(1 - p)),
    "cce": lambda y, p: np.mean(np.sum(-y * np.log(p), axis=1)),
    "hinge": lambda y, p: np.mean(np.maximum(1 - y * p, 0)),
    "kld": lambda y, p: np.mean(np.sum(clipped(y) * np.log(clipped(y) / clipped(p)), axis=1)),
}

ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "linear": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "softmax": lambda z: (
        np.exp(z - z.max(axis=1, keepdims=True)) / np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)
    ),
}

DECISIONS: dict[str, Callable[[Array, Array], Any]] = {
    "value": lambda y, p: np.mean((y - p) ** 2),
    "above_half": lambda y, p: np.mean((p > 0.5) == (y == 1)),
    "above_zero": lambda y, p: np.mean((p > 0) == (y == 1)),
    "argmax": lambda y, p: np.mean(p.argmax(axis=1) == y.argmax(axis=1)),
}


def predict(config: RunConfig, checkpoint: Checkpoint, x: npt.NDArray[Any]) -> Array:
    arrays = {name: array.astype(np.float64) for name, array in unpack_arrays(checkpoint, config).items()}
    hidden = np.maximum(x.astype(np.float64) @ arrays["kernel_0"] + arrays["bias_0"], 0)
    return ACTIVATIONS[config.output_layer.activation](hidden @ arrays["kernel_1"] + arrays["bias_1"])


@pytest.mark.parametrize(("loss", "dataset"), PAIRS)
def test_scores_are_what_the_formulas_give(
    loss: str, dataset: str, small: Callable[..., RunConfig], models: Any, record: Any
) -> None:
    config = small(loss, dataset, seed=3)
    outcome = fit(config, record(), cache=models)
    data, scores = load(config), outcome.scores
    assert scores is not None
    for x, y, loss_value, metric in (
        (data.train_x, data.train_y, scores.train_loss, scores.train_metric),
        (data.test_x, data.test_y, scores.test_loss, scores.test_metric),
    ):
        target, output = y.astype(np.float64), predict(config, outcome.final, x)
        assert loss_value == pytest.approx(LOSSES[loss](target, output), rel=1e-4, abs=1e-6)
        assert metric == pytest.approx(DECISIONS[config.output_layer.decision](target, output), rel=1e-4, abs=1e-6)


def test_regression_also_has_mae_and_r2(small: Callable[..., RunConfig], models: Any, record: Any) -> None:
    config = small("mse")
    outcome = fit(config, record(), cache=models)
    data, scores = load(config), outcome.scores
    assert scores is not None
    for x, y, mae, r2 in (
        (data.train_x, data.train_y, scores.train_mae, scores.train_r2),
        (data.test_x, data.test_y, scores.test_mae, scores.test_r2),
    ):
        target, output = y.astype(np.float64), predict(config, outcome.final, x)
        assert mae == pytest.approx(np.mean(np.abs(target - output)), rel=1e-4)
        assert r2 == pytest.approx(1 - np.sum((target - output) ** 2) / np.sum((target - target.mean()) ** 2), rel=1e-4)


def test_classes_have_neither(small: Callable[..., RunConfig], models: Any, record: Any) -> None:
    scores = fit(small("bce"), record(), cache=models).scores
    assert scores is not None
    assert scores.test_mae is None
    assert scores.test_r2 is None


def test_hinge_decides_at_zero(small: Callable[..., RunConfig], models: Any, record: Any) -> None:
    """Outputs between 0 and 0.5 count for the positive class, which Keras's default threshold would deny."""
    config = small("hinge", "circles")
    outcome = fit(config, record(), cache=models)
    output = predict(config, outcome.final, load(config).test_x)
    between = np.mean((output > 0) & (output <= 0.5))
    assert between > 0.05
    assert outcome.scores is not None
    assert outcome.scores.test_metric == pytest.approx(np.mean((output > 0) == (load(config).test_y == 1)))
