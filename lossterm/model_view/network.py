"""The network as NumPy computes it: the outputs of its last layer for any rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ..catalog import OutputLayer
from ..runs.snapshots import Floats

_PRODUCTS_AT_ONCE = 1 << 18
"""Multiplications in one matrix product: so few that OpenBLAS starts no threads, which would wait for the cores that
a trainer keeps busy, and that what they need stays in the cache.
"""

Activation = Callable[[Floats], Floats]

DenseLayers = Sequence[tuple[Floats, Floats]]
"""The layers of a network from the first to the output layer: a kernel (inputs, units) and a bias (units,) each."""


def predict(layers: DenseLayers, x: Floats, output_layer: OutputLayer, activation: str = "relu") -> Floats:
    """What a network gives for rows, as `keras.Model.predict` does.

    Args:
        layers: any number of hidden layers and the output layer, float32.
        x: (rows, features) float32.
        output_layer: the output layer, whose activation is applied at the end.
        activation: of the hidden layers, as Keras names it.

    Returns:
        (rows, units) float32. Weights that are not finite give outputs that are not, without a warning.
    """
    largest = max(max((kernel.size for kernel, _ in layers), default=1), 1)
    at_once = max(_PRODUCTS_AT_ONCE // largest, 1)
    with np.errstate(all="ignore"):
        parts = [
            _outputs(layers, x[first : first + at_once], output_layer, ACTIVATION_FUNCTIONS[activation])
            for first in range(0, len(x), at_once)
        ]
    return np.concatenate(parts) if parts else np.zeros((0, output_layer.units), np.float32)


def _outputs(layers: DenseLayers, x: Floats, output_layer: OutputLayer, activate: Activation) -> Floats:
    *hidden_layers, (output_kernel, output_bias) = layers
    for kernel, bias in hidden_layers:
        x = activate(x @ kernel + bias)
    logits = x @ output_kernel + output_bias
    if output_layer.activation == "softmax":
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)
    return np.asarray(ACTIVATION_FUNCTIONS[output_layer.activation](logits), np.float32)


def _relu(x: Floats) -> Floats:
    return np.maximum(x, 0)


def _sigmoid(x: Floats) -> Floats:
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, 1 / (1 + small), small / (1 + small)), x.dtype)


def _elu(x: Floats) -> Floats:
    return np.asarray(np.where(x > 0, x, np.expm1(np.minimum(x, 0))), x.dtype)


def _erf(x: Floats) -> Floats:
    """The error function within 1.5e-7: Abramowitz and Stegun, 7.1.26. SciPy's takes 0.3 s to import."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return np.asarray(np.sign(x) * (1 - series * np.exp(-x * x)), x.dtype)


ACTIVATION_FUNCTIONS: Mapping[str, Activation] = {
    "relu": _relu,
    "tanh": np.tanh,
    "gelu": lambda x: x * (0.5 + 0.5 * _erf(x / np.float32(2**0.5))),
    "elu": _elu,
    "selu": lambda x: np.float32(1.0507009873554805) * np.where(x > 0, x, np.float32(1.6732632423543772) * _elu(x)),
    "silu": lambda x: x * _sigmoid(x),
    "leaky_relu": lambda x: np.where(x > 0, x, np.float32(0.2) * x),
    "sigmoid": _sigmoid,
    "linear": lambda x: x,
    "softplus": lambda x: np.logaddexp(x, 0),
}
"""Each activation of the catalogue as Keras computes it with its default parameters."""
