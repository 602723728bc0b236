"""The variables of a run: set to its start, packed into a checkpoint, and taken back from one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from ..config import RunConfig
from ..runs.checkpoints import LOSS_STATE, pack_arrays, unpack_arrays
from ..runs.records import Checkpoint
from ..runs.snapshots import pack_weights
from .model import FusedModel

Floats = npt.NDArray[np.float32]


def initial_weights(features: int, hidden_layers: Sequence[int], units: int, seed: int) -> list[Floats]:
    """The weights that a plain Keras program starts from after `keras.utils.set_random_seed(seed)`.

    Args:
        features: the network's inputs.
        hidden_layers: the width of each hidden layer.
        units: the network's outputs.
        seed: of the run.

    Returns:
        A kernel and a bias a layer: He uniform and zeros for hidden layers, Glorot uniform and zeros for the output.
    """
    weights = []
    with tf.device("/CPU:0"):
        widths = pairwise((features, *hidden_layers, units))
        for initializer, (inputs, outputs) in zip(_initializers(seed, len(hidden_layers)), widths, strict=True):
            weights += [np.asarray(initializer((inputs, outputs)), np.float32), np.zeros(outputs, np.float32)]
    return weights


def _initializers(seed: int, hidden_layers: int) -> list[Any]:
    """The kernels' initializers, with the seeds that they draw after `keras.utils.set_random_seed(seed)`.

    Keras draws them from Python's generator, layer by layer. Calling `set_random_seed` itself would also make
    TensorFlow forget every function it has ready, at 0.1 s for each that is called next.
    """
    before = random.getstate()
    random.seed(seed)
    try:
        return [keras.initializers.HeUniform() for _ in range(hidden_layers)] + [keras.initializers.GlorotUniform()]
    finally:
        random.setstate(before)


def start(model: FusedModel, seed: int, learning_rate: float) -> None:
    """Set every variable to the start of a run, whatever the model did before."""
    spec = model.spec
    weights = initial_weights(spec.features, spec.hidden_layers, spec.output_layer.units, seed)
    for variable, value in zip(model.trainable_variables, weights, strict=True):
        variable.assign(value)
    for variable in (model.optimizer.iterations, *_slots(model).values()):
        variable.assign(np.zeros(variable.shape, variable.dtype))
    for variable, first in model.loss_state:
        variable.assign(first)
    model.optimizer.learning_rate = learning_rate


def pack(model: FusedModel, epoch: int) -> Checkpoint:
    """Pack the weights and the optimizer's variables after `epoch` epochs.

    The order of every later epoch follows from the seed and the epoch's number, so no random state is needed.
    """
    arrays = {name: np.asarray(variable) for name, variable in _variables(model).items()}
    if model.loss_state:
        arrays[LOSS_STATE] = _bytes_as_floats(b"".join(variable.numpy().tobytes() for variable, _ in model.loss_state))
    return pack_arrays(epoch, arrays)


def weights(model: FusedModel, config: RunConfig) -> bytes:
    """The present weights, packed for a snapshot. Called as epochs end, so by the shortest way that TensorFlow has."""
    handles = [variable.value.handle for variable in model.trainable_variables]
    return pack_weights([tf.raw_ops.ReadVariableOp(resource=h, dtype=tf.float32).numpy() for h in handles], config)


def restore(model: FusedModel, checkpoint: Checkpoint, config: RunConfig) -> None:
    """Set the weights and the optimizer's variables from a checkpoint of this config's network.

    Raises ValueError where it is damaged or of another network.
    """
    arrays = unpack_arrays(checkpoint, config)
    _restore_loss(model, arrays.pop(LOSS_STATE, None))
    variables = _variables(model)
    if arrays.keys() != variables.keys():
        raise ValueError("checkpoint: it is of another network")
    for name, variable in variables.items():
        variable.assign(arrays[name])


def _restore_loss(model: FusedModel, state: Floats | None) -> None:
    """Set the variables of an own loss. Raises ValueError where the checkpoint has not as many bytes as they need."""
    data = b"" if state is None else state.tobytes()
    needed = sum(np.asarray(first).nbytes for _, first in model.loss_state)
    if len(data) != len(_bytes_as_floats(bytes(needed)).tobytes()):
        raise ValueError("checkpoint: it is of another loss")
    place = 0
    for variable, first in model.loss_state:
        like = np.asarray(first)
        variable.assign(np.frombuffer(data, like.dtype, like.size, place).reshape(like.shape))
        place += like.nbytes


def _bytes_as_floats(data: bytes) -> Floats:
    """Any numbers, bit by bit, as an array that a checkpoint takes: filled up to whole floats."""
    return np.frombuffer(data.ljust(-(-len(data) // 4) * 4, b"\0"), np.float32)


def _variables(model: FusedModel) -> dict[str, Any]:
    """The weights and what the optimizer keeps for each, by the names that they have in a checkpoint."""
    return dict(zip(_names(model), model.trainable_variables, strict=True)) | _slots(model)


def _slots(model: FusedModel) -> dict[str, Any]:
    """What the optimizer keeps for each weight, by name; an optimizer may have no need of it (momentum 0)."""
    return {
        f"{name}_{slot}": variable
        for slot, attribute in model.spec.optimizer.slots.items()
        for name, variable in zip(_names(model), getattr(model.optimizer, attribute), strict=False)
    }


def _names(model: FusedModel) -> list[str]:
    layers = len(model.trainable_variables) // 2
    return [f"{part}_{layer}" for layer in range(layers) for part in ("kernel", "bias")]
