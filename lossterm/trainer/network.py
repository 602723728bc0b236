"""The layers of the network that a config describes, and the weights that it starts from."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from ..catalog import OutputLayer
from ..config import RunConfig

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Network:
    """A network of dense layers: what its layers are, without their weights.

    Attributes:
        features: its inputs.
        hidden_layers: the width of each hidden layer.
        output_layer: what comes after them.
        activation: of the hidden layers, as Keras names it.
        dropout: the share of each hidden layer's outputs that a training step leaves out.
        l2: times the sum of squares of the hidden layers' kernels, added to the loss.
    """

    features: int
    hidden_layers: tuple[int, ...]
    output_layer: OutputLayer
    activation: str = "relu"
    dropout: float = 0.0
    l2: float = 0.0

    @classmethod
    def of(cls, config: RunConfig) -> Network:
        """The network of a config."""
        return cls(
            config.dataset_entry.features,
            config.hidden_layers,
            config.output_layer,
            config.activation,
            config.dropout,
            config.l2,
        )

    @property
    def widths(self) -> tuple[int, ...]:
        """The features, the units of each hidden layer, and the outputs."""
        return (self.features, *self.hidden_layers, self.output_layer.units)

    @property
    def row_flops(self) -> int:
        """Floating-point operations of training on one row, forward and backward, about."""
        return 6 * sum(inputs * units for inputs, units in pairwise(self.widths))


class MaskedDropout(keras.layers.Layer):  # type: ignore[misc]
    """Dropout whose masks are drawn beforehand, for many steps at once: inside XLA drawing takes longer than a step.

    Attributes:
        kept: the mask of the step that is traced: (rows, units) bool, true for an output that is kept.
    """

    kept: Any = None

    def __init__(self, rate: float, name: str):
        """Leave out the share `rate` of the outputs of the layer before."""
        super().__init__(name=name)
        self.rate = rate

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Leave outputs out while training, and weight the others up, as Keras's own dropout does."""
        return tf.where(self.kept, inputs / (1 - self.rate), 0.0) if training else inputs


def dropout_masks(seed: Any, layer: int, step: Any, shape: Sequence[int], rate: float) -> Any:
    """Draw the dropout masks of some steps.

    Args:
        seed: of the run.
        layer: the number of the hidden layer, from 0.
        step: the number of the first step since the run's start; with seed and layer it says what is drawn.
        shape: steps, rows of a batch, and units of the layer.
        rate: the share that is left out.

    Returns:
        A bool tensor of that shape, true for an output that is kept.
    """
    own = -1 - (seed * 2**8 + layer)  # below 0, where the orders of rows have their seeds
    return tf.random.stateless_uniform(shape, seed=tf.stack([own, step]), alg="philox") >= rate


def make_layers(network: Network, dropout: Callable[..., Any] = keras.layers.Dropout) -> list[Any]:
    """Make the layers of every model: hidden layers with He-uniform initial weights, and the output layer.

    They draw their seeds in order, so that under one seed the hidden layers start the same whatever the output layer.

    Args:
        network: what they are.
        dropout: makes the layer after each hidden one, from its rate and its name; without dropout there is none.
    """
    count = len(network.hidden_layers)
    names = ["hidden"] if count == 1 else [f"hidden_{number + 1}" for number in range(count)]
    layers = [keras.layers.Input((network.features,))]
    for units, name in zip(network.hidden_layers, names, strict=True):
        layers.append(
            keras.layers.Dense(
                units,
                activation=network.activation,
                kernel_initializer="he_uniform",
                kernel_regularizer=keras.regularizers.L2(network.l2) if network.l2 else None,
                name=name,
            )
        )
        if network.dropout:
            layers.append(dropout(network.dropout, name=f"{name}_dropout"))
    layers.append(
        keras.layers.Dense(network.output_layer.units, activation=network.output_layer.activation, name="output")
    )
    return layers


def initial_weights(network: Network, seed: int) -> list[Floats]:
    """The weights that a plain Keras program starts from after `keras.utils.set_random_seed(seed)`.

    Keras draws the seeds of initializers and dropout from Python's generator, layer by layer. Calling `set_random_seed`
    itself would also make TensorFlow forget every function it has ready, at 0.1 s for each that is called next.

    Args:
        network: the network.
        seed: of the run.

    Returns:
        A kernel and a bias a layer: He uniform and zeros for hidden layers, Glorot uniform and zeros for the output.
    """
    before = random.getstate()
    random.seed(seed)
    try:
        initializers = []
        for _ in network.hidden_layers:
            initializers.append(keras.initializers.HeUniform())
            if network.dropout:
                keras.random.SeedGenerator()  # draws as Keras's dropout layer does
        initializers.append(keras.initializers.GlorotUniform())
    finally:
        random.setstate(before)
    weights = []
    with tf.device("/CPU:0"):
        for initializer, (inputs, outputs) in zip(initializers, pairwise(network.widths), strict=True):
            weights += [np.asarray(initializer((inputs, outputs)), np.float32), np.zeros(outputs, np.float32)]
    return weights
