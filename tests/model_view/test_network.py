"""The network in NumPy, of any depth: against Keras, and against a pass written out in float64."""

from __future__ import annotations

import os
import tracemalloc
import warnings
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from lossterm.catalog import ACTIVATIONS, OutputLayer, dataset_named, loss_named, output_layer, pairings
from lossterm.model_view.network import ACTIVATION_FUNCTIONS, DenseLayers, predict

PAIRS = list({output_layer(loss, data): (loss.short, data.name) for loss, data in pairings()}.values())
"""One pairing for each output layer."""


def layer_of(short: str, dataset: str) -> OutputLayer:
    return output_layer(loss_named(short), dataset_named(dataset))


def network(*sizes: int, scale: float = 1.0) -> DenseLayers:
    """Random layers; sizes: features, the width of each hidden layer, the units of the output layer."""
    random = np.random.default_rng(7)

    def some(*shape: int) -> Any:
        return (scale * random.normal(size=shape)).astype(np.float32)

    return [(some(inputs, units), some(units)) for inputs, units in pairwise(sizes)]


def rows(count: int, features: int) -> Any:
    return np.random.default_rng(8).normal(size=(count, features)).astype(np.float32)


def passed(layers: DenseLayers, x: Any, activation: str) -> Any:
    """The outputs, one row and one unit after the other, in float64."""
    result = []
    for row in x.astype(float):
        values = list(row)
        for depth, (kernel, bias) in enumerate(layers, start=1):
            sums = [
                float(bias[unit])
                + sum(value * float(weight) for value, weight in zip(values, kernel[:, unit], strict=True))
                for unit in range(len(bias))
            ]
            values = sums if depth == len(layers) else [max(value, 0.0) for value in sums]
        logits = np.array(values)
        powers = np.exp(logits)
        outputs = {
            "linear": logits,
            "softplus": np.log(1 + powers),
            "sigmoid": powers / (1 + powers),
            "tanh": np.tanh(logits),
            "softmax": powers / powers.sum(),
        }
        result.append(outputs[activation])
    return np.array(result)


@pytest.mark.parametrize("hidden", [(), (9,), (9, 4), (5, 7, 3)], ids=str)
@pytest.mark.parametrize(("short", "dataset"), PAIRS)
def test_the_outputs_of_every_output_layer_are_those_of_a_pass_written_out(
    short: str, dataset: str, hidden: tuple[int, ...]
) -> None:
    layer = layer_of(short, dataset)
    features = dataset_named(dataset).features
    layers, x = network(features, *hidden, layer.units, scale=0.5), rows(20, features)
    ours = predict(layers, x, layer)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, passed(layers, x, layer.activation), rtol=1e-4, atol=1e-5)


@pytest.mark.keras
@pytest.mark.parametrize("hidden", [(), (25,), (8, 8), (16, 5, 12, 3)], ids=str)
@pytest.mark.parametrize(
    ("short", "dataset"), [("mse", "regression"), ("bce", "circles"), ("hinge", "blobs"), ("cce", "blobs")]
)
def test_the_outputs_are_kerass_whatever_the_number_of_hidden_layers(
    short: str, dataset: str, hidden: tuple[int, ...]
) -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    layer = layer_of(short, dataset)
    features = dataset_named(dataset).features
    layers, x = network(features, *hidden, layer.units, scale=0.5), rows(50, features)
    model = keras.Sequential(
        [
            keras.Input((features,)),
            *(keras.layers.Dense(units, activation="relu") for units in hidden),
            keras.layers.Dense(layer.units, activation=layer.activation),
        ]
    )
    model.set_weights([array for pair in layers for array in pair])
    np.testing.assert_allclose(predict(layers, x, layer), model.predict(x, verbose=0), rtol=1e-4, atol=1e-5)


@pytest.mark.keras
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_is_kerass(activation: str) -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    x = np.linspace(-12, 12, 4001, dtype=np.float32)
    np.testing.assert_allclose(
        ACTIVATION_FUNCTIONS[activation](x), np.asarray(keras.activations.get(activation)(x)), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_is_applied_to_the_hidden_layers_alone(activation: str) -> None:
    layer = layer_of("mse", "regression")
    layers, x = network(20, 5, 4, 1, scale=0.5), rows(30, 20)
    values = x
    for kernel, bias in layers[:-1]:
        values = ACTIVATION_FUNCTIONS[activation](values @ kernel + bias)
    given = predict(layers, x, layer, activation)
    assert given.dtype == np.float32
    np.testing.assert_allclose(given, values @ layers[-1][0] + layers[-1][1], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("count", [0, 1, 873, 874, 2000])
def test_no_row_is_lost_where_one_part_ends_and_the_next_begins(count: int) -> None:
    layer = layer_of("cce", "blobs")
    layers, x = network(2, 100, 3, scale=0.3), rows(count, 2)
    alone = [predict(layers, row[None, :], layer)[0] for row in x]
    np.testing.assert_allclose(predict(layers, x, layer), np.reshape(alone, (count, 3)), rtol=1e-4, atol=1e-6)


def test_a_wide_network_takes_little_memory() -> None:
    layers, x = network(2, 12_500, 1, scale=0.01), rows(6000, 2)
    tracemalloc.start()
    predict(layers, x, layer_of("bce", "circles"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4e6, "all at once would take 300 MB"


@pytest.mark.parametrize(("short", "dataset"), PAIRS)
@pytest.mark.parametrize("scale", [1e4, 1e30, np.inf, np.nan])
def test_great_weights_saturate_and_broken_ones_are_no_fault(short: str, dataset: str, scale: float) -> None:
    layer = layer_of(short, dataset)
    features = dataset_named(dataset).features
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        given = predict(network(features, 9, layer.units, scale=scale), rows(50, features), layer)
        assert given.shape == (50, layer.units)
        if scale == 1e4:
            assert np.isfinite(given).all()
        if layer.decision != "value":
            classes, confidence = layer.decide(given)
            finite = np.isfinite(given).all(axis=1)
            assert ((classes == -1) == ~finite).all()
            assert ((confidence >= 0) & (confidence <= 1)).all()
            assert (confidence[~finite] == 0).all()
