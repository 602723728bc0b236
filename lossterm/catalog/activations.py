"""The activations of hidden layers: the names that Keras gives them, and how people write them."""

from __future__ import annotations

from collections.abc import Mapping

ACTIVATIONS: Mapping[str, str] = {
    "relu": "ReLU",
    "tanh": "tanh",
    "gelu": "GELU",
    "elu": "ELU",
    "selu": "SELU",
    "silu": "SiLU",
    "leaky_relu": "leaky ReLU",
    "sigmoid": "sigmoid",
    "linear": "linear",
}
"""Keras's identifier, with Keras's default parameters, and the title. `model_view/network.py` computes each."""
