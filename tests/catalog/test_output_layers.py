"""What an output layer decides by its outputs, and which classes its targets stand for."""

from __future__ import annotations

import numpy as np
import pytest

from lossterm.catalog import OutputLayer, dataset_named, loss_named, output_layer


def layer_of(short: str, dataset: str) -> OutputLayer:
    return output_layer(loss_named(short), dataset_named(dataset))


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
def test_an_output_layer_decides_at_its_own_cut_and_says_how_sure_it_is(
    short: str, dataset: str, given: list[list[float]], expected: list[int], sure: list[float]
) -> None:
    classes, confidence = layer_of(short, dataset).decide(np.array(given, np.float32))
    assert classes.tolist() == expected
    np.testing.assert_allclose(confidence, sure, atol=1e-6)


def test_a_regression_has_no_classes() -> None:
    with pytest.raises(ValueError, match="no class"):
        layer_of("mse", "regression").decide(np.zeros((1, 1), np.float32))


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
    assert layer_of(short, dataset).classes_of(np.array(targets, np.float32)).tolist() == expected
