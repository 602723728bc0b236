"""The formulas of the losses, against NumPy written down independently, Keras's own functions and TensorFlow's tape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lossterm.catalog import (
    DATASETS,
    LOSSES,
    Dataset,
    Head,
    Loss,
    PairingError,
    dataset_named,
    head,
    loss_named,
    pairings,
)
from lossterm.sight.formulas import REGRESSION_TARGET, gradient, loss_curve, path, places, span, value

Floats = NDArray[np.float64]

PAIRINGS = pairings()
NAMES = [f"{loss.short}-{dataset.name}" for loss, dataset in PAIRINGS]
each_pairing = pytest.mark.parametrize(("loss", "dataset"), PAIRINGS, ids=NAMES)


def rows(given: Head, seed: int = 0, count: int = 200) -> tuple[Floats, Floats]:
    """Random targets as a head has them, and random outputs as it gives them, both as float32 numbers."""
    random = np.random.default_rng(seed)
    shape = (count, given.units)
    logits = 3 * random.standard_normal(shape)
    activations: dict[str, Callable[[Floats], Floats]] = {
        "linear": lambda x: x / 2,
        "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
        "tanh": np.tanh,
        "softmax": lambda x: np.exp(x) / np.exp(x).sum(axis=1, keepdims=True),
    }
    classes = random.integers(0, max(given.units, 2), count)
    one_hot = np.eye(max(given.units, 2))[classes]
    targets = {
        "real": random.standard_normal(shape),
        "zero_one": classes[:, None].astype(float),
        "plus_minus_one": classes[:, None] * 2.0 - 1,
        "one_hot": one_hot,
        "one_vs_rest": one_hot * 2 - 1,
    }[given.targets]
    outputs = activations[given.activation](logits)
    return tuple(array.astype(np.float32).astype(np.float64) for array in (targets, outputs))  # type: ignore[return-value]


# -- against formulas written down for one row ----------------------------------------------------------------


def by_hand(loss: Loss, y: list[float], p: list[float]) -> float:
    """The textbook's formula of one row, well inside the range where Keras clips nothing but MSLE's negatives."""
    pairs = list(zip(y, p, strict=True))
    if loss.short == "mse":
        return sum((b - a) ** 2 for a, b in pairs) / len(pairs)
    if loss.short == "mae":
        return sum(abs(b - a) for a, b in pairs) / len(pairs)
    if loss.short == "msle":
        return sum((np.log(max(b, 0) + 1) - np.log(max(a, 0) + 1)) ** 2 for a, b in pairs) / len(pairs)
    if loss.short == "bce":
        return sum(-np.log(b if a == 1 else 1 - b) for a, b in pairs) / len(pairs)
    if loss.short == "hinge":
        return sum(max(0.0, 1 - a * b) for a, b in pairs) / len(pairs)
    return -float(np.log(p[y.index(1.0)]))


@each_pairing
def test_values_are_the_textbooks(loss: Loss, dataset: Dataset) -> None:
    targets, outputs = rows(head(loss, dataset))
    expected = [by_hand(loss, list(y), list(p)) for y, p in zip(targets, outputs, strict=True)]
    np.testing.assert_allclose(value(loss.name, targets, outputs), expected, atol=1e-5)


@each_pairing
def test_gradients_are_the_values_central_differences(loss: Loss, dataset: Dataset) -> None:
    targets, outputs = rows(head(loss, dataset))
    slopes = gradient(loss.name, targets, outputs)
    assert slopes.shape == outputs.shape
    step = 1e-6
    for unit in range(outputs.shape[1]):
        beside = np.zeros(outputs.shape)
        beside[:, unit] = step
        rise = value(loss.name, targets, outputs + beside) - value(loss.name, targets, outputs - beside)
        size = np.abs(outputs)
        clear = ((size > 2e-4) & (np.abs(size - 1) > 2e-4)).all(axis=1)  # neither at a kink nor clipped
        assert clear.sum() > 100
        np.testing.assert_allclose(slopes[clear, unit], (rise / (2 * step))[clear], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.short)
def test_a_perfect_output_costs_nothing(loss: Loss) -> None:
    perfect = np.array([[1.0, -1.0]]) if loss.short == "hinge" else np.array([[1.0, 0.0]])
    assert value(loss.name, perfect, perfect)[0] == pytest.approx(0, abs=3e-7)


def test_cross_entropies_are_clipped_as_keras_clips_them() -> None:
    sure_and_wrong = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    bound = -np.log(1e-7)
    assert value("binary_crossentropy", *sure_and_wrong)[0] == pytest.approx(bound)
    assert value("categorical_crossentropy", *sure_and_wrong)[0] == pytest.approx(bound)
    assert value("kl_divergence", *sure_and_wrong)[0] == pytest.approx(bound, rel=1e-5)


def test_categorical_crossentropy_takes_shares_of_the_sum() -> None:
    targets = np.array([[0.0, 1.0, 0.0]])
    assert value("categorical_crossentropy", targets, np.array([[1.0, 2.0, 1.0]]))[0] == pytest.approx(np.log(2))
    assert value("kl_divergence", targets, np.array([[0.25, 0.5, 0.25]]))[0] == pytest.approx(np.log(2), abs=1e-5)


# -- against Keras and TensorFlow -----------------------------------------------------------------------------


def keras_value_and_gradient(loss: Loss, targets: Floats, outputs: Floats) -> tuple[Floats, Floats]:
    """Each row's loss from Keras, and its derivative by the outputs from TensorFlow, in float64."""
    import keras
    import tensorflow as tf

    given = tf.constant(outputs, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(given)
        each = getattr(keras.losses, loss.name)(tf.constant(targets, tf.float64), given)
        total = tf.reduce_sum(each)
    return each.numpy(), tape.gradient(total, given).numpy()


@pytest.mark.keras
@each_pairing
def test_values_and_gradients_are_kerass(loss: Loss, dataset: Dataset) -> None:
    targets, outputs = rows(head(loss, dataset), seed=1)
    values, slopes = keras_value_and_gradient(loss, targets, outputs)
    np.testing.assert_allclose(value(loss.name, targets, outputs), values, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(gradient(loss.name, targets, outputs), slopes, rtol=1e-9, atol=1e-9)


@pytest.mark.keras
@each_pairing
def test_a_rows_mean_is_what_keras_reports_in_float32(loss: Loss, dataset: Dataset) -> None:
    import keras

    targets, outputs = rows(head(loss, dataset), seed=2)
    reported = float(keras.losses.get(loss.name)(targets.astype(np.float32), outputs.astype(np.float32)).numpy().mean())
    assert value(loss.name, targets, outputs).mean() == pytest.approx(reported, rel=1e-5, abs=1e-5)


KINKS: dict[str, list[tuple[list[float], list[float]]]] = {
    "mse": [([1.0], [1.0])],
    "mae": [([1.0], [1.0]), ([0.0, 1.0], [0.0, 0.5])],
    "msle": [([1.0], [0.0]), ([1.0], [-2.0]), ([-1.0], [0.5]), ([1.0], [float(np.float32(1e-7))])],
    "bce": [([1.0], [0.0]), ([1.0], [1.0]), ([0.0], [1.0]), ([1.0], [1e-7]), ([1.0], [1 - 1e-7])],
    "hinge": [([1.0], [1.0]), ([-1.0], [-1.0]), ([1.0], [1.5]), ([1.0, -1.0], [1.0, 0.0])],
    "cce": [([1.0, 0.0], [0.0, 1.0]), ([1.0, 0.0], [1.0, 0.0]), ([0.0, 1.0], [0.6, 0.6])],
    "kld": [([1.0, 0.0], [0.0, 1.0]), ([1.0, 0.0], [1.0, 0.0]), ([1.0, 0.0], [1e-7, 1.0])],
}


@pytest.mark.keras
@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.short)
def test_at_kinks_and_where_outputs_are_clipped_the_gradient_is_tensorflows(loss: Loss) -> None:
    for y, p in KINKS[loss.short]:
        targets, outputs = np.array([y]), np.array([p])
        values, slopes = keras_value_and_gradient(loss, targets, outputs)
        np.testing.assert_allclose(
            value(loss.name, targets, outputs), values, rtol=1e-9, atol=1e-12, err_msg=f"{y} {p}"
        )
        np.testing.assert_allclose(gradient(loss.name, targets, outputs), slopes, rtol=1e-9, err_msg=f"{y} {p}")


# -- the curves -----------------------------------------------------------------------------------------------


@each_pairing
def test_a_curve_spans_what_the_head_can_give(loss: Loss, dataset: Dataset) -> None:
    given = head(loss, dataset)
    curve = loss_curve(loss, dataset, 101)
    low, high = span(given)
    assert (low, high) == {"linear": (-3, 3), "tanh": (-1, 1)}.get(given.activation, (0, 1))
    assert len(curve.x) == len(curve.value) == len(curve.slope) == 101
    np.testing.assert_allclose(curve.x, np.linspace(low, high, 101), atol=2e-4)
    assert np.isfinite([curve.value, curve.slope]).all()


@each_pairing
def test_a_curves_slope_is_its_values_central_difference(loss: Loss, dataset: Dataset) -> None:
    curve = loss_curve(loss, dataset, 6001)
    middle = slice(1, -1)
    measured = (curve.value[2:] - curve.value[:-2]) / (curve.x[2:] - curve.x[:-2])
    smooth = np.abs(np.diff(curve.slope, 2)) < 1e-2  # neither at a kink nor where a logarithm bends within a step
    assert smooth.mean() > 0.85
    np.testing.assert_allclose(measured[smooth], curve.slope[middle][smooth], atol=2e-3)


@pytest.mark.keras
@each_pairing
def test_a_curves_slope_is_tensorflows_along_its_path(loss: Loss, dataset: Dataset) -> None:
    import keras
    import tensorflow as tf

    given = head(loss, dataset)
    curve = loss_curve(loss, dataset, 301)
    x = tf.constant(curve.x, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        each = getattr(keras.losses, loss.name)(*_path(tf, given, x))
        total = tf.reduce_sum(each)
    np.testing.assert_allclose(curve.value, each.numpy(), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(curve.slope, tape.gradient(total, x).numpy(), rtol=1e-6, atol=1e-6)


def _path(tf: Any, given: Head, x: Any) -> tuple[Any, Any]:
    """Targets and outputs along a curve, written in TensorFlow so that it differentiates through them."""
    if given.activation == "linear":
        targets = REGRESSION_TARGET * tf.ones_like(x)[:, None]
        return targets, targets + x[:, None]
    low = -1.0 if given.activation == "tanh" else 0.0
    targets = tf.stack([tf.ones_like(x)] + [low * tf.ones_like(x)] * (given.units - 1), axis=1)
    rest = (1 - x) / (given.units - 1) if given.activation == "softmax" else low * tf.ones_like(x)
    return targets, tf.stack([x] + [rest] * (given.units - 1), axis=1)


def test_a_softmax_gives_what_is_left_to_the_others() -> None:
    _, outputs, direction = path(head(loss_named("cce"), dataset_named("blobs")), np.array([0.4]))
    np.testing.assert_allclose(outputs, [[0.4, 0.3, 0.3]])
    np.testing.assert_allclose(direction, [[1.0, -0.5, -0.5]])


def test_the_textbooks_shapes() -> None:
    regression = dataset_named("regression")
    mse, mae, msle = (loss_curve(loss_named(name), regression, 601) for name in ("mse", "mae", "msle"))
    np.testing.assert_allclose(mse.value, mse.x**2, atol=1e-12)
    np.testing.assert_allclose(mse.slope, 2 * mse.x, atol=1e-12)
    assert set(np.sign(mae.x)) == set(mae.slope) == {-1.0, 0.0, 1.0}
    assert (msle.slope[msle.x < -1.001] == 0).all()
    assert (msle.slope[(msle.x > -0.999) & (msle.x < 0)] < 0).all()
    hinge = loss_curve(loss_named("hinge"), dataset_named("circles"), 201)
    np.testing.assert_allclose(hinge.value, 1 - hinge.x, atol=1e-12)
    np.testing.assert_allclose(hinge.slope, -1)


def test_kl_divergence_is_categorical_crossentropy_on_one_hot_targets() -> None:
    cce, kld = (loss_curve(loss_named(name), dataset_named("blobs"), 301) for name in ("cce", "kld"))
    np.testing.assert_allclose(kld.value, cce.value, atol=1e-5)
    np.testing.assert_allclose(kld.slope, cce.slope, atol=3e-3, rtol=1e-5)


def test_a_pairing_that_means_nothing_has_no_curve() -> None:
    with pytest.raises(PairingError, match="binary cross-entropy"):
        loss_curve(loss_named("bce"), dataset_named("regression"), 11)


# -- where rows stand -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("loss", "dataset", "targets", "outputs", "expected"),
    [
        ("mse", "regression", [[1.0], [-2.0]], [[1.5], [-2.5]], [0.5, -0.5]),
        ("bce", "circles", [[1.0], [0.0]], [[0.75], [0.75]], [0.75, 0.25]),
        ("hinge", "circles", [[1.0], [-1.0]], [[0.5], [0.5]], [0.5, -0.5]),
        ("cce", "circles", [[1.0, 0.0], [0.0, 1.0]], [[0.75, 0.25], [0.75, 0.25]], [0.75, 0.25]),
        ("bce", "blobs", [[0.0, 0.0, 1.0]], [[0.5, 0.75, 0.25]], [0.25]),
        ("hinge", "blobs", [[-1.0, 1.0, -1.0]], [[0.5, -0.25, 0.75]], [-0.25]),
    ],
)
def test_rows_stand_at_the_output_of_their_true_class(
    loss: str, dataset: str, targets: list[list[float]], outputs: list[list[float]], expected: list[float]
) -> None:
    given = head(loss_named(loss), dataset_named(dataset))
    np.testing.assert_allclose(places(given, np.array(targets), np.array(outputs)), expected)


@each_pairing
def test_rows_on_the_path_stand_where_the_curve_is(loss: Loss, dataset: Dataset) -> None:
    given = head(loss, dataset)
    x = loss_curve(loss, dataset, 51).x
    targets, outputs, _ = path(given, x)
    np.testing.assert_allclose(places(given, targets, outputs), x, atol=1e-12)


def test_every_dataset_and_loss_is_met() -> None:
    assert {dataset for _, dataset in PAIRINGS} == set(DATASETS)
    assert {loss for loss, _ in PAIRINGS} == set(LOSSES)
