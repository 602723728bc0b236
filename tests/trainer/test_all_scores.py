"""The scores that losses are compared on: scikit-learn, called on plain classes and probabilities, is the oracle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn import metrics

from lossterm.config import RunConfig
from lossterm.trainer.scores import scores

random = np.random.default_rng(3)


def softmax(values: Any) -> Any:
    powers = np.exp(values)
    return powers / powers.sum(axis=1, keepdims=True)


def test_two_classes_with_probabilities() -> None:
    y, p = random.integers(0, 2, 200), random.random(200)
    found = scores(RunConfig.of("bce"), y[:, None].astype(np.float32), p[:, None].astype(np.float32))
    decided = p > 0.5
    assert found == pytest.approx(
        {
            "accuracy": metrics.accuracy_score(y, decided),
            "balanced_accuracy": metrics.balanced_accuracy_score(y, decided),
            "f1": metrics.f1_score(y, decided),
            "roc_auc": metrics.roc_auc_score(y, p),
            "log_loss": metrics.log_loss(y, p),
            "brier": metrics.brier_score_loss(y, p),
        },
        rel=1e-5,
    )


def test_several_classes_with_probabilities() -> None:
    y, p = random.integers(0, 3, 300), softmax(random.normal(size=(300, 3)))
    found = scores(RunConfig.of("cce"), np.eye(3, dtype=np.float32)[y], p.astype(np.float32))
    decided = p.argmax(axis=1)
    assert found == pytest.approx(
        {
            "accuracy": metrics.accuracy_score(y, decided),
            "balanced_accuracy": metrics.balanced_accuracy_score(y, decided),
            "f1": metrics.f1_score(y, decided, average="macro"),
            "roc_auc": metrics.roc_auc_score(y, p, multi_class="ovr"),
            "log_loss": metrics.log_loss(y, p),
            "brier": np.mean(np.sum((p - np.eye(3)[y]) ** 2, axis=1)),
        },
        rel=1e-5,
    )


def test_margins_are_no_probabilities_but_can_be_ordered() -> None:
    y, margins = random.integers(0, 2, 100), np.tanh(random.normal(size=100)).astype(np.float32)
    found = scores(RunConfig.of("hinge"), (2 * y - 1)[:, None].astype(np.float32), margins[:, None])
    assert (found["log_loss"], found["brier"]) == (None, None)
    assert found["roc_auc"] == pytest.approx(metrics.roc_auc_score(y, margins))
    assert found["accuracy"] == pytest.approx(np.mean((margins > 0) == y))
    on_classes = scores(RunConfig.of("hinge", dataset="blobs"), 2 * np.eye(3)[[0, 1, 2]] - 1, np.eye(3))
    assert (on_classes["log_loss"], on_classes["accuracy"], on_classes["roc_auc"]) == (None, 1.0, 1.0)


def test_two_classes_as_two_outputs() -> None:
    y, p = random.integers(0, 2, 100), softmax(random.normal(size=(100, 2)))
    config = RunConfig.of("cce", dataset="circles")
    found = scores(config, np.eye(2, dtype=np.float32)[y], p.astype(np.float32))
    assert found["roc_auc"] == pytest.approx(metrics.roc_auc_score(y, p[:, 1]), rel=1e-6)
    assert found["brier"] == pytest.approx(metrics.brier_score_loss(y, p[:, 1]), rel=1e-5)


def test_numbers() -> None:
    y, p = random.normal(size=(2, 100, 1)).astype(np.float32)
    found = scores(RunConfig.of("mae"), y, p)
    assert found == pytest.approx(
        {
            "mse": metrics.mean_squared_error(y, p),
            "rmse": metrics.mean_squared_error(y, p) ** 0.5,
            "mae": metrics.mean_absolute_error(y, p),
            "r2": metrics.r2_score(y, p),
            "median_absolute_error": metrics.median_absolute_error(y, p),
        },
        rel=1e-5,
    )


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize(("loss", "dataset"), [("mse", "regression"), ("hinge", "circles"), ("cce", "blobs")])
def test_outputs_that_are_not_finite_have_no_scores(loss: str, dataset: str, bad: float) -> None:
    config = RunConfig.of(loss, dataset=dataset)
    outputs = np.full((5, config.output_layer.units), 0.5, np.float32)
    outputs[3] = bad
    found = scores(config, config.output_layer.encode(np.array([0, 1, 0, 1, 1])), outputs)
    assert set(found.values()) == {None}


def test_a_set_without_one_of_the_classes_has_the_scores_that_mean_something() -> None:
    found = scores(RunConfig.of("cce"), np.eye(3)[[0, 1, 1]], softmax(np.array([[2.0, 1, 0], [0, 1, 2], [0, 2, 1]])))
    assert found["roc_auc"] is None
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["balanced_accuracy"] == pytest.approx((1 + 0.5) / 2)
    assert found["log_loss"] is not None
