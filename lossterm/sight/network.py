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


def decide(given: Floats, head: Head) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The classes that a head's outputs mean, and how sure it is of them.

    given: (rows, units). Returns the classes (rows,), -1 where the outputs are not finite, and the confidence (rows,)
    from 0 (undecided) to 1 (certain): |2p - 1| of a probability, |t| of a tanh, and for several units the winner's
    lead over the next, as a share of the greatest lead that they can have.
    """
    values = given.astype(np.float64)
    if head.decision == "above_half":
        classes, confidence = values[:, 0] > 0.5, np.abs(2 * values[:, 0] - 1)
    elif head.decision == "above_zero":
        classes, confidence = values[:, 0] > 0, np.abs(values[:, 0])
    elif head.decision == "argmax":
        ordered = np.sort(values, axis=1)
        greatest = 2.0 if head.activation == "tanh" else 1.0
        classes, confidence = values.argmax(axis=1), (ordered[:, -1] - ordered[:, -2]) / greatest
    else:
        raise ValueError("regression: there is no class to decide on")
    finite = np.isfinite(values).all(axis=1)
    return np.where(finite, classes, -1).astype(np.int64), np.where(finite, np.clip(confidence, 0, 1), 0.0)


def classes_of(targets: Floats, head: Head) -> NDArray[np.int64]:
    """The classes that targets of a head stand for. targets: (rows, units), coded as `Head.targets` says."""
    if targets.shape[1] > 1:
        return np.asarray(targets.argmax(axis=1), np.int64)
    return np.asarray(targets[:, 0] > (0 if head.targets == "plus_minus_one" else 0.5), np.int64)
