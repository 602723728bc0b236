"""The network as NumPy computes it: the outputs of its last layer for any rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..catalog import OutputLayer
from ..runs.snapshots import Floats

_PRODUCTS_AT_ONCE = 1 << 18
"""Multiplications in one matrix product: so few that OpenBLAS starts no threads, which would wait for the cores that
a trainer keeps busy, and that what they need stays in the cache.
"""

DenseLayers = Sequence[tuple[Floats, Floats]]
"""The layers of a network from the first to the output layer: a kernel (inputs, units) and a bias (units,) each."""


def predict(layers: DenseLayers, x: Floats, output_layer: OutputLayer) -> Floats:
    """What a network gives for rows, as `keras.Model.predict` does.

    Args:
        layers: any number of hidden ReLU layers and the output layer, float32.
        x: (rows, features) float32.
        output_layer: the output layer, whose activation is applied at the end.

    Returns:
        (rows, units) float32. Weights that are not finite give outputs that are not, without a warning.
    """
    largest = max(max((kernel.size for kernel, _ in layers), default=1), 1)
    at_once = max(_PRODUCTS_AT_ONCE // largest, 1)
    with np.errstate(all="ignore"):
        parts = [_outputs(layers, x[first : first + at_once], output_layer) for first in range(0, len(x), at_once)]
    return np.concatenate(parts) if parts else np.zeros((0, output_layer.units), np.float32)


def _outputs(layers: DenseLayers, x: Floats, output_layer: OutputLayer) -> Floats:
    *hidden_layers, (output_kernel, output_bias) = layers
    for kernel, bias in hidden_layers:
        x = np.maximum(x @ kernel + bias, 0)
    logits = x @ output_kernel + output_bias
    if output_layer.activation == "sigmoid":
        small = np.exp(-np.abs(logits))
        return np.asarray(np.where(logits >= 0, 1 / (1 + small), small / (1 + small)), np.float32)
    if output_layer.activation == "tanh":
        return np.asarray(np.tanh(logits), np.float32)
    if output_layer.activation == "softmax":
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)
    return np.asarray(logits, np.float32)
