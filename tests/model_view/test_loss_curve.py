"""Loss curves: their slopes, the path that they follow, and where rows of the data lie on them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lossterm.catalog import (
    LOSSES,
    MENU_DATASETS,
    Dataset,
    Loss,
    OutputLayer,
    PairingError,
    dataset_named,
    loss_named,
    output_layer,
    pairings,
)
from lossterm.catalog.loss_path import REGRESSION_TARGET
from lossterm.catalog.own_loss import LossFile
from lossterm.config import RunConfig
from lossterm.model_view.loss_curve import curve_of_own_loss, loss_curve, path, places, x_range
from lossterm.tui.draft import Draft

PAIRINGS = [(loss, dataset) for loss, dataset in pairings() if dataset in MENU_DATASETS]
NAMES = [f"{loss.short}-{dataset.name}" for loss, dataset in PAIRINGS]
each_pairing = pytest.mark.parametrize(("loss", "dataset"), PAIRINGS, ids=NAMES)


# -- the curves -----------------------------------------------------------------------------------------------


@each_pairing
def test_a_curve_spans_what_the_output_layer_can_give(loss: Loss, dataset: Dataset) -> None:
    layer = output_layer(loss, dataset)
    curve = loss_curve(loss, dataset, 101)
    low, high = x_range(layer)
    assert (low, high) == {"linear": (-3, 3), "softplus": (-3, 3), "tanh": (-1, 1)}.get(layer.activation, (0, 1))
    assert len(curve.x) == len(curve.value) == len(curve.slope) == 101
    np.testing.assert_allclose(curve.x, np.linspace(low, high, 101), atol=2e-4)
    reached = curve.x > -REGRESSION_TARGET if layer.activation == "softplus" else np.ones(101, bool)
    assert (np.isfinite([curve.value, curve.slope]) == reached).all()


@each_pairing
def test_a_curves_slope_is_its_values_central_difference(loss: Loss, dataset: Dataset) -> None:
    curve = loss_curve(loss, dataset, 6001)
    middle = slice(1, -1)
    measured = (curve.value[2:] - curve.value[:-2]) / (curve.x[2:] - curve.x[:-2])
    smooth = np.abs(np.diff(curve.slope, 2)) < 1e-2  # neither at a kink nor where a logarithm bends within a step
    assert smooth.sum() > 0.85 * np.isfinite(curve.value).sum()
    np.testing.assert_allclose(measured[smooth], curve.slope[middle][smooth], atol=2e-3)


@pytest.mark.parametrize("loss", [loss for loss in LOSSES if loss.parameters], ids=lambda loss: loss.short)
def test_the_parameter_that_a_key_steps_moves_the_curve(loss: Loss) -> None:
    dataset = dataset_named(loss.default_dataset)
    for steps in (1, -1):
        stepped = Draft(loss, dataset).with_step(steps if loss.parameters[0].default else 1)[0].config()
        before, after = (
            loss_curve(loss, dataset, 101, parameters).value for parameters in ((), stepped.loss_parameters)
        )
        assert not np.allclose(before, after, equal_nan=True)


@pytest.mark.keras
@each_pairing
def test_a_curves_slope_is_tensorflows_along_its_path(loss: Loss, dataset: Dataset) -> None:
    import keras
    import tensorflow as tf

    layer = output_layer(loss, dataset)
    curve = loss_curve(loss, dataset, 301)
    x = tf.constant(curve.x, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        targets, outputs = _path(tf, layer, x)
        wanted = tf.argmax(targets, axis=1) if loss.takes_class_numbers else targets
        each = getattr(keras.losses, loss.keras_class)(**({"axis": -1} if loss.over_batch else {})).call(
            wanted, outputs
        )
        total = tf.reduce_sum(each)
    reached = np.isfinite(curve.value)
    np.testing.assert_allclose(curve.value[reached], each.numpy()[reached], rtol=1e-9, atol=1e-8)
    np.testing.assert_allclose(curve.slope[reached], tape.gradient(total, x).numpy()[reached], rtol=1e-6, atol=1e-6)


def _path(tf: Any, layer: OutputLayer, x: Any) -> tuple[Any, Any]:
    """Targets and outputs along a curve, written in TensorFlow so that it differentiates through them."""
    if layer.decision == "value":
        targets = REGRESSION_TARGET * tf.ones_like(x)[:, None]
        return targets, targets + x[:, None]
    low = -1.0 if layer.activation == "tanh" else 0.0
    targets = tf.stack([tf.ones_like(x)] + [low * tf.ones_like(x)] * (layer.units - 1), axis=1)
    rest = (1 - x) / (layer.units - 1) if layer.activation == "softmax" else low * tf.ones_like(x)
    return targets, tf.stack([x] + [rest] * (layer.units - 1), axis=1)


def test_a_softmax_gives_what_is_left_to_the_others() -> None:
    _, outputs, direction = path(output_layer(loss_named("cce"), dataset_named("blobs")), np.array([0.4]))
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
    layer = output_layer(loss_named(loss), dataset_named(dataset))
    np.testing.assert_allclose(places(layer, np.array(targets), np.array(outputs)), expected)


@each_pairing
def test_rows_on_the_path_stand_where_the_curve_is(loss: Loss, dataset: Dataset) -> None:
    layer = output_layer(loss, dataset)
    x = loss_curve(loss, dataset, 51).x
    targets, outputs, _ = path(layer, x)
    np.testing.assert_allclose(places(layer, targets, outputs), x, atol=1e-12)


OWN = RunConfig.of("losses.py:mine", loss_file=LossFile("/losses.py", "a" * 64))
TABLE = {"x": [-3.0, 0.0, 3.0], "value": [9.0, 0.0, None], "slope": [-6.0, 0.0, 6.0]}


def own_curve(table: object) -> Any:
    return curve_of_own_loss({"mine linear real 1": table}, OWN.loss_entry, OWN.output_layer)


def test_an_own_loss_is_drawn_from_the_values_that_a_trainer_kept() -> None:
    curve = loss_curve(OWN.loss_entry, OWN.dataset_entry, 5, (), own_curve(TABLE))
    np.testing.assert_allclose(curve.x, [-3, -1.5, 0, 1.5, 3])
    np.testing.assert_allclose(curve.value, [9, 4.5, 0, np.nan, np.nan])
    np.testing.assert_allclose(curve.slope, [-6, -3, 0, 3, 6])
    assert curve_of_own_loss({"mine sigmoid zero_one 1": TABLE}, OWN.loss_entry, OWN.output_layer) is None


@pytest.mark.parametrize(
    "table",
    [
        None,
        [],
        {},
        {**TABLE, "x": None},
        {**TABLE, "x": [1.0, 1.0, 1.0]},
        {**TABLE, "x": [0.0, None, 2.0]},
        {**TABLE, "value": [1.0, 2.0]},
        {**TABLE, "value": ["a", [], {}]},
        {**TABLE, "value": [10**400, 0, 0]},
        {name: [0.0] * 20_000 for name in TABLE},
    ],
)
def test_a_crafted_table_is_no_curve(table: object) -> None:
    assert own_curve(table) is None
