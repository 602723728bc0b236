"""The losses as NumPy, against formulas written down independently, Keras's own functions and TensorFlow's tape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lossterm.catalog import (
    LOSSES,
    MENU_DATASETS,
    TASKS,
    Dataset,
    Loss,
    OutputLayer,
    loss_named,
    output_layer,
    pairings,
)

Floats = NDArray[np.float64]

PAIRINGS = [(loss, dataset) for loss, dataset in pairings() if dataset in MENU_DATASETS]
"""Other datasets give a loss no other kinds of targets."""
NAMES = [f"{loss.short}-{dataset.name}" for loss, dataset in PAIRINGS]
each_pairing = pytest.mark.parametrize(("loss", "dataset"), PAIRINGS, ids=NAMES)


def rows(layer: OutputLayer, seed: int = 0, count: int = 200) -> tuple[Floats, Floats]:
    """Random targets as an output layer has them, and random outputs as it gives them, both as float32 numbers."""
    random = np.random.default_rng(seed)
    shape = (count, layer.units)
    logits = 3 * random.standard_normal(shape)
    activations: dict[str, Callable[[Floats], Floats]] = {
        "linear": lambda x: x / 2,
        "softplus": lambda x: np.logaddexp(x, 0),
        "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
        "tanh": np.tanh,
        "softmax": lambda x: np.exp(x) / np.exp(x).sum(axis=1, keepdims=True),
    }
    classes = random.integers(0, max(layer.units, 2), count)
    one_hot = np.eye(max(layer.units, 2))[classes]
    targets = {
        "real": random.standard_normal(shape),
        "zero_one": classes[:, None].astype(float),
        "plus_minus_one": classes[:, None] * 2.0 - 1,
        "one_hot": one_hot,
        "one_vs_rest": one_hot * 2 - 1,
    }[layer.targets]
    outputs = activations[layer.activation](logits)
    return tuple(array.astype(np.float32).astype(np.float64) for array in (targets, outputs))  # type: ignore[return-value]


def parameters_of(loss: Loss) -> list[dict[str, float]]:
    """The parameters to try: the defaults, and over the range of each the ends, the middle, and one near the default.

    The others then take their defaults.
    """
    tried: list[dict[str, float]] = [{}]
    for one in loss.parameters:
        near = one.default * 1.5 if one.low <= one.default * 1.5 <= one.high else one.default / 2
        tried += [{one.name: value} for value in (one.low, near, (one.low + one.high) / 2, one.high)]
    if loss.short == "bfce":
        tried += [{"apply_class_balancing": 1, "alpha": alpha} for alpha in (0.0, 0.25, 1.0)]
    return tried


# -- against formulas written down for one row ----------------------------------------------------------------


def mean_of(term: Callable[[float, float], float]) -> Callable[[list[float], list[float]], float]:
    """The mean over the outputs of a term of target and output."""
    return lambda y, p: sum(term(a, b) for a, b in zip(y, p, strict=True)) / len(y)


def of_true_class(y: list[float], p: list[float]) -> float:
    return -float(np.log(p[y.index(1.0)]))


TEXTBOOK: dict[str, Callable[[list[float], list[float]], float]] = {
    "mse": mean_of(lambda y, p: (p - y) ** 2),
    "mae": mean_of(lambda y, p: abs(p - y)),
    "msle": mean_of(lambda y, p: float(np.log(max(p, 0) + 1) - np.log(max(y, 0) + 1)) ** 2),
    "bce": mean_of(lambda y, p: -float(np.log(p if y == 1 else 1 - p))),
    "hinge": mean_of(lambda y, p: max(0.0, 1 - y * p)),
    "huber": mean_of(lambda y, p: (p - y) ** 2 / 2 if abs(p - y) <= 1 else abs(p - y) - 0.5),
    "cce": of_true_class,
    "kld": of_true_class,
    "logcosh": mean_of(lambda y, p: float(np.log(np.cosh(p - y)))),
    "mape": mean_of(lambda y, p: 100 * abs((p - y) / y)),
    "poisson": mean_of(lambda y, p: p - y * float(np.log(p + 1e-7))),
    "sqhinge": mean_of(lambda y, p: max(0.0, 1 - y * p) ** 2),
    "chinge": lambda y, p: max(0.0, 1 + max(b for a, b in zip(y, p, strict=True) if a == 0) - p[y.index(1.0)]),
    "cosine": lambda y, p: -p[y.index(1.0)] / sum(b * b for b in p) ** 0.5,
    "bfce": mean_of(lambda y, p: -((1 - p if y == 1 else p) ** 2) * float(np.log(p if y == 1 else 1 - p))),
    "cfce": lambda y, p: 0.25 * (1 - p[y.index(1.0)]) ** 2 * of_true_class(y, p),
    "gce": lambda y, p: 2 * (1 - p[y.index(1.0)] ** 0.5),
    "dice": lambda y, p: 1 - 2 * sum(a * b for a, b in zip(y, p, strict=True)) / (sum(y) + sum(p)),
    "tversky": lambda y, p: 1 - 2 * sum(a * b for a, b in zip(y, p, strict=True)) / (sum(y) + sum(p)),
}
"""The formula of one row, well inside the range where Keras clips nothing but MSLE's negatives."""

IN_TEXTBOOK = [pair for pair in PAIRINGS if pair[0].short in TEXTBOOK]


@pytest.mark.parametrize(
    ("loss", "dataset"), IN_TEXTBOOK, ids=[f"{loss.short}-{dataset.name}" for loss, dataset in IN_TEXTBOOK]
)
def test_values_are_the_textbooks(loss: Loss, dataset: Dataset) -> None:
    targets, outputs = rows(output_layer(loss, dataset))
    expected = [TEXTBOOK[loss.short](list(y), list(p)) for y, p in zip(targets, outputs, strict=True)]
    np.testing.assert_allclose(loss.value(targets, outputs), expected, atol=1e-5)


@each_pairing
def test_gradients_are_the_values_central_differences(loss: Loss, dataset: Dataset) -> None:
    for parameters in parameters_of(loss):
        _check_differences(loss, dataset, parameters)


def _check_differences(loss: Loss, dataset: Dataset, parameters: dict[str, float]) -> None:
    targets, outputs = rows(output_layer(loss, dataset))
    slopes = loss.gradient(targets, outputs, **parameters)
    assert slopes.shape == outputs.shape
    step = 1e-6
    for unit in range(outputs.shape[1]):
        beside = np.zeros(outputs.shape)
        beside[:, unit] = step
        rise = loss.value(targets, outputs + beside, **parameters) - loss.value(targets, outputs - beside, **parameters)
        size = np.abs(outputs)
        clear = ((size > 5e-4) & (np.abs(size - 1) > 5e-4)).all(axis=1)  # neither at a kink nor clipped
        assert clear.sum() > 100
        np.testing.assert_allclose(slopes[clear, unit], (rise / (2 * step))[clear], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("loss", map(loss_named, TEXTBOOK), ids=list(TEXTBOOK))
def test_a_perfect_output_costs_nothing(loss: Loss) -> None:
    signs = any(coding.activation == "tanh" for coding in loss.outputs.values())
    perfect = np.array([[1.0, -1.0]]) if signs else np.array([[1.0, 0.0]])
    least = {"cosine": -1, "poisson": 0.5}.get(loss.short, 0)
    assert loss.value(perfect, perfect)[0] == pytest.approx(least, abs=3e-7)


def test_cross_entropies_are_clipped_as_keras_clips_them() -> None:
    sure_and_wrong = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    bound = -np.log(1e-7)
    assert loss_named("binary_crossentropy").value(*sure_and_wrong)[0] == pytest.approx(bound)
    assert loss_named("categorical_crossentropy").value(*sure_and_wrong)[0] == pytest.approx(bound)
    assert loss_named("kl_divergence").value(*sure_and_wrong)[0] == pytest.approx(bound, rel=1e-5)


def test_categorical_crossentropy_takes_shares_of_the_sum() -> None:
    targets = np.array([[0.0, 1.0, 0.0]])
    assert loss_named("categorical_crossentropy").value(targets, np.array([[1.0, 2.0, 1.0]]))[0] == pytest.approx(
        np.log(2)
    )
    assert loss_named("kl_divergence").value(targets, np.array([[0.25, 0.5, 0.25]]))[0] == pytest.approx(
        np.log(2), abs=1e-5
    )


# -- against Keras and TensorFlow -----------------------------------------------------------------------------


def keras_value_and_gradient(
    loss: Loss, targets: Floats, outputs: Floats, **parameters: float
) -> tuple[Floats, Floats]:
    """Each row's loss from Keras, and its derivative by the outputs from TensorFlow, in float64.

    Of a loss over the whole batch: with each row as a batch.
    """
    import keras
    import tensorflow as tf

    given = tf.constant(outputs, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(given)
        wanted = targets.argmax(axis=1) if loss.takes_class_numbers else tf.constant(targets, tf.float64)
        rows_alone = {"axis": -1} if loss.over_batch else {}
        each = getattr(keras.losses, loss.keras_class)(**parameters, **rows_alone).call(wanted, given)
        total = tf.reduce_sum(each)
    return each.numpy(), tape.gradient(total, given).numpy()


CLOSE: dict[str, Any] = {"rtol": 1e-9, "atol": 1e-8}
"""Keras takes the log of 2 in log-cosh in float32, whatever the outputs are."""


@pytest.mark.keras
@each_pairing
def test_values_and_gradients_are_kerass(loss: Loss, dataset: Dataset) -> None:
    targets, outputs = rows(output_layer(loss, dataset), seed=1)
    for parameters in parameters_of(loss):
        values, slopes = keras_value_and_gradient(loss, targets, outputs, **parameters)
        said = str(parameters)
        np.testing.assert_allclose(loss.value(targets, outputs, **parameters), values, **CLOSE, err_msg=said)
        np.testing.assert_allclose(loss.gradient(targets, outputs, **parameters), slopes, **CLOSE, err_msg=said)


@pytest.mark.keras
@each_pairing
def test_a_rows_mean_is_what_keras_reports_in_float32(loss: Loss, dataset: Dataset) -> None:
    import keras

    targets, outputs = rows(output_layer(loss, dataset), seed=2)
    wanted = targets.argmax(axis=1) if loss.takes_class_numbers else targets.astype(np.float32)
    reported = float(getattr(keras.losses, loss.keras_class)()(wanted, outputs.astype(np.float32)))
    mine = loss.value(targets[None], outputs[None])[0] if loss.over_batch else loss.value(targets, outputs).mean()
    assert mine == pytest.approx(reported, rel=1e-5, abs=1e-5)


OVER_BATCH = [pair for pair in PAIRINGS if pair[0].over_batch]


@pytest.mark.keras
@pytest.mark.parametrize(
    ("loss", "dataset"), OVER_BATCH, ids=[f"{loss.short}-{dataset.name}" for loss, dataset in OVER_BATCH]
)
def test_of_whole_batches_values_and_gradients_are_kerass(loss: Loss, dataset: Dataset) -> None:
    import keras
    import tensorflow as tf

    targets, outputs = (array.reshape(10, 20, -1) for array in rows(output_layer(loss, dataset), seed=3))
    for parameters in parameters_of(loss):
        function = getattr(keras.losses, loss.keras_class)(dtype="float64", **parameters)
        for y, p in zip(targets, outputs, strict=True):
            given = tf.constant(p)
            with tf.GradientTape() as tape:
                tape.watch(given)
                value = function(tf.constant(y), given)
            slopes = tape.gradient(value, given).numpy()
            np.testing.assert_allclose(loss.value(y[None], p[None], **parameters), [value.numpy()], **CLOSE)
            np.testing.assert_allclose(loss.gradient(y[None], p[None], **parameters)[0], slopes, **CLOSE)


KINKS: dict[str, list[tuple[list[float], list[float]]]] = {
    "mse": [([1.0], [1.0])],
    "mae": [([1.0], [1.0]), ([0.0, 1.0], [0.0, 0.5])],
    "msle": [([1.0], [0.0]), ([1.0], [-2.0]), ([-1.0], [0.5]), ([1.0], [float(np.float32(1e-7))])],
    "bce": [([1.0], [0.0]), ([1.0], [1.0]), ([0.0], [1.0]), ([1.0], [1e-7]), ([1.0], [1 - 1e-7])],
    "hinge": [([1.0], [1.0]), ([-1.0], [-1.0]), ([1.0], [1.5]), ([1.0, -1.0], [1.0, 0.0])],
    "cce": [([1.0, 0.0], [0.0, 1.0]), ([1.0, 0.0], [1.0, 0.0]), ([0.0, 1.0], [0.6, 0.6])],
    "kld": [([1.0, 0.0], [0.0, 1.0]), ([1.0, 0.0], [1.0, 0.0]), ([1.0, 0.0], [1e-7, 1.0])],
    "huber": [([1.0], [2.0]), ([1.0], [0.0]), ([1.0], [1.0])],
    "logcosh": [([1.0], [1.0]), ([1.0], [-50.0]), ([0.0, 1.0], [40.0, 1.0])],
    "poisson": [([1.0], [0.0]), ([-1.0], [0.0]), ([0.0], [0.0]), ([1.0], [1.0])],
    "mape": [([1.0], [1.0]), ([0.0], [1.0]), ([-1.0], [0.5]), ([1e-9], [0.0])],
    "sqhinge": [([1.0], [1.0]), ([-1.0], [-1.0]), ([1.0], [1.5]), ([1.0, -1.0], [1.0, 0.0])],
    "chinge": [([1.0, 0.0], [1.0, 0.0]), ([1.0, 0.0, 0.0], [0.4, 0.3, 0.3]), ([0.0, 1.0], [1.0, 0.0])],
    "cosine": [([1.0, 0.0], [1.0, 0.0]), ([1.0, 0.0], [0.0, 1.0]), ([0.0, 1.0], [0.5, 0.5])],
    "bfce": [([1.0], [0.0]), ([1.0], [1.0]), ([0.0], [1.0]), ([0.0], [0.0]), ([1.0], [1e-8])],
    "cfce": [([1.0, 0.0], [0.0, 1.0]), ([1.0, 0.0], [1.0, 0.0]), ([0.0, 1.0], [0.6, 0.6])],
    "gce": [([1.0, 0.0], [1.0, 0.0]), ([1.0, 0.0], [1e-12, 1.0])],
    "dice": [([1.0, 0.0], [1.0, 0.0]), ([0.0, 0.0], [0.0, 0.0]), ([0.0], [0.0]), ([1.0], [0.0])],
    "tversky": [([1.0, 0.0], [1.0, 0.0]), ([0.0, 0.0], [0.0, 0.0]), ([0.0], [0.0]), ([1.0], [0.0])],
}


@pytest.mark.keras
@pytest.mark.parametrize("loss", map(loss_named, KINKS), ids=list(KINKS))
def test_at_kinks_and_where_outputs_are_clipped_the_gradient_is_tensorflows(loss: Loss) -> None:
    for y, p in KINKS[loss.short]:
        targets, outputs = np.array([y]), np.array([p])
        values, slopes = keras_value_and_gradient(loss, targets, outputs)
        np.testing.assert_allclose(loss.value(targets, outputs), values, **CLOSE, err_msg=f"{y} {p}")
        np.testing.assert_allclose(loss.gradient(targets, outputs), slopes, rtol=1e-9, err_msg=f"{y} {p}")


def test_every_dataset_and_loss_is_met() -> None:
    assert {dataset.task for _, dataset in PAIRINGS} == set(TASKS)
    assert {loss for loss, _ in PAIRINGS} == set(LOSSES)
