"""The network in NumPy: its outputs against a pass written out in float64, and what a head decides by them."""

from __future__ import annotations

import tracemalloc
import warnings
from typing import Any

import numpy as np
import pytest

from lossterm.catalog import LOSSES, Head, dataset_named, fitting_losses
from lossterm.experiment import Experiment
from lossterm.sight.network import classes_of, decide, outputs
from lossterm.snapshots import Weights

PAIRS = [
    (loss.short, name)
    for name in ("regression", "circles", "blobs")
    for loss in LOSSES
    if loss in fitting_losses(dataset_named(name))
]


def head_of(short: str, dataset: str) -> Head:
    return Experiment.of(short, dataset=dataset).head


def network(features: int, hidden: int, units: int, scale: float = 1.0) -> Weights:
    random = np.random.default_rng(7)
    shapes = ((features, hidden), (hidden,), (hidden, units), (units,))
    return Weights(*((scale * random.normal(size=shape)).astype(np.float32) for shape in shapes))


def rows(count: int, features: int) -> Any:
    return np.random.default_rng(8).normal(size=(count, features)).astype(np.float32)


def passed(weights: Weights, x: Any, activation: str) -> Any:
    """The outputs, one row and one hidden unit after the other, in float64."""
    result = []
    for row in x.astype(float):
        logits = weights.output_bias.astype(float)
        for unit, bias in enumerate(weights.hidden_bias):
            value = float(bias) + float(row @ weights.hidden_kernel[:, unit].astype(float))
            if value > 0:
                logits = logits + value * weights.output_kernel[unit].astype(float)
        powers = np.exp(logits)
        heads = {
            "linear": logits,
            "sigmoid": powers / (1 + powers),
            "tanh": np.tanh(logits),
            "softmax": powers / powers.sum(),
        }
        result.append(heads[activation])
    return np.array(result)


@pytest.mark.parametrize(("short", "dataset"), PAIRS)
def test_the_outputs_of_every_head_are_those_of_a_pass_written_out(short: str, dataset: str) -> None:
    head = head_of(short, dataset)
    features = dataset_named(dataset).features
    weights, x = network(features, 9, head.units, 0.5), rows(40, features)
    ours = outputs(weights, x, head)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, passed(weights, x, head.activation), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("count", [0, 1, 873, 874, 2000])
def test_no_row_is_lost_where_one_part_ends_and_the_next_begins(count: int) -> None:
    head = head_of("cce", "blobs")
    weights, x = network(2, 100, 3, 0.3), rows(count, 2)
    alone = [outputs(weights, row[None, :], head)[0] for row in x]
    np.testing.assert_allclose(outputs(weights, x, head), np.reshape(alone, (count, 3)), rtol=1e-4, atol=1e-6)


def test_a_wide_network_takes_little_memory() -> None:
    head = head_of("bce", "circles")
    weights, x = network(2, 12_500, 1, 0.01), rows(6000, 2)
    tracemalloc.start()
    outputs(weights, x, head)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4e6, "all at once would take 300 MB"


@pytest.mark.parametrize(("short", "dataset"), PAIRS)
@pytest.mark.parametrize("scale", [1e4, 1e30, np.inf, np.nan])
def test_great_weights_saturate_and_broken_ones_are_no_fault(short: str, dataset: str, scale: float) -> None:
    head = head_of(short, dataset)
    features = dataset_named(dataset).features
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        given = outputs(network(features, 9, head.units, scale), rows(50, features), head)
        assert given.shape == (50, head.units)
        if scale == 1e4:
            assert np.isfinite(given).all()
        if head.decision != "value":
            classes, confidence = decide(given, head)
            finite = np.isfinite(given).all(axis=1)
            assert ((classes == -1) == ~finite).all()
            assert ((confidence >= 0) & (confidence <= 1)).all()
            assert (confidence[~finite] == 0).all()


@pytest.mark.parametrize(
    ("short", "dataset", "given", "expected", "sure"),
    [
        ("bce", "circles", [[0.0], [0.5], [0.75], [1.0]], [0, 0, 1, 1], [1, 0, 0.5, 1]),
        ("hinge", "circles", [[-1.0], [0.0], [0.25], [1.0]], [0, 0, 1, 1], [1, 0, 0.25, 1]),
        ("cce", "circles", [[0.5, 0.5], [0.2, 0.8]], [0, 1], [0, 0.6]),
        ("cce", "blobs", [[1.0, 0, 0], [0.2, 0.3, 0.5], [0.4, 0.4, 0.2]], [0, 2, 0], [1, 0.2, 0]),
        ("bce", "blobs", [[0.9, 0.1, 0.6], [1.0, 0.0, 1.0]], [0, 0], [0.3, 0]),
        ("hinge", "blobs", [[-1.0, 1.0, -1.0], [-1.0, -1.0, -0.5]], [1, 2], [1, 0.25]),
    ],
)
def test_a_head_decides_at_its_own_cut_and_says_how_sure_it_is(
    short: str, dataset: str, given: list[list[float]], expected: list[int], sure: list[float]
) -> None:
    classes, confidence = decide(np.array(given, np.float32), head_of(short, dataset))
    assert classes.tolist() == expected
    np.testing.assert_allclose(confidence, sure, atol=1e-6)


def test_a_regression_has_no_classes() -> None:
    with pytest.raises(ValueError, match="no class"):
        decide(np.zeros((1, 1), np.float32), head_of("mse", "regression"))


@pytest.mark.parametrize(
    ("short", "dataset", "targets", "expected"),
    [
        ("bce", "circles", [[0.0], [1.0]], [0, 1]),
        ("hinge", "circles", [[-1.0], [1.0]], [0, 1]),
        ("cce", "blobs", [[0.0, 0, 1], [1, 0, 0]], [2, 0]),
        ("hinge", "blobs", [[-1.0, 1, -1], [-1, -1, 1]], [1, 2]),
    ],
)
def test_targets_stand_for_their_classes(
    short: str, dataset: str, targets: list[list[float]], expected: list[int]
) -> None:
    assert classes_of(np.array(targets, np.float32), head_of(short, dataset)).tolist() == expected
