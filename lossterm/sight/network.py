"""The network as NumPy computes it: its outputs for any rows, and what its head decides by them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..catalog import Head
from ..snapshots import Floats, Weights

_PRODUCTS_AT_ONCE = 1 << 18
"""Multiplications in one matrix product: so few that OpenBLAS starts no threads, which would wait for the cores that
a trainer keeps busy, and that what they need stays in the cache.
"""


def outputs(weights: Weights, x: Floats, head: Head) -> Floats:
    """What the network gives for rows: a hidden ReLU layer, then the head.

    x: (rows, features). Returns (rows, units) float32. Weights that are not finite give outputs that are not, without
    a warning.
    """
    at_once = max(_PRODUCTS_AT_ONCE // max(weights.hidden_kernel.size, weights.output_kernel.size, 1), 1)
    with np.errstate(all="ignore"):
        parts = [_outputs(weights, x[first : first + at_once], head) for first in range(0, len(x), at_once)]
    return np.concatenate(parts) if parts else np.zeros((0, head.units), np.float32)


def _outputs(weights: Weights, x: Floats, head: Head) -> Floats:
    hidden = np.maximum(x @ weights.hidden_kernel + weights.hidden_bias, 0)
    logits = hidden @ weights.output_kernel + weights.output_bias
    if head.activation == "sigmoid":
        small = np.exp(-np.abs(logits))
        return np.asarray(np.where(logits >= 0, 1 / (1 + small), small / (1 + small)), np.float32)
    if head.activation == "tanh":
        return np.asarray(np.tanh(logits), np.float32)
    if head.activation == "softmax":
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)
    return np.asarray(logits, np.float32)


def decide(given: Floats, head: Head) -> tuple[NDArray[np.int64], NDArray[np.float64]]:  # compat
    """See `OutputLayer.decide`."""
    return head.decide(given)


def classes_of(targets: Floats, head: Head) -> NDArray[np.int64]:  # compat
    """See `OutputLayer.classes_of`."""
    return head.classes_of(targets)
