"""The variables of a run: set to its start, packed into a checkpoint, and taken back from one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from ..config import RunConfig
from ..runs.checkpoints import BEST, LOSS_STATE, STEPS, names_of_weights, pack_arrays, unpack_arrays
from ..runs.records import Checkpoint
from ..runs.snapshots import pack_weights
from .model import FusedModel
from .network import Floats, initial_weights
from .optimizer import optimizer_variables


def start(model: FusedModel, seed: int, learning_rate: float) -> None:
    """Set every variable to the start of a run, whatever the model did before."""
    weights = initial_weights(model.spec.network, seed)
    for variable, value in zip(model.trainable_variables, weights, strict=True):
        variable.assign(value)
    for variable, initial in _optimizer_variables(model).values():
        variable.assign(np.full(variable.shape, initial, variable.dtype))
    for variable, first in model.loss_state:
        variable.assign(first)
    model.optimizer.learning_rate = learning_rate


def pack(model: FusedModel, epoch: int, more: Mapping[str, Any] | None = None) -> Checkpoint:
    """Pack the weights, the optimizer's variables and `more` arrays after `epoch` epochs.

    The order and the dropout of every later epoch follow from the seed and the epoch's number, so no random state is
    needed.
    """
    arrays = {name: np.asarray(variable) for name, variable in _variables(model).items()}
    if model.loss_state:
        arrays[LOSS_STATE] = _bytes_as_floats(b"".join(variable.numpy().tobytes() for variable, _ in model.loss_state))
    return pack_arrays(epoch, {**arrays, **(more or {})})


def weights(model: FusedModel, config: RunConfig) -> bytes:
    """The present weights, packed for a snapshot."""
    return pack_weights(weight_arrays(model), config)


def weight_arrays(model: FusedModel) -> list[Floats]:
    """The present weights. Called as epochs end, so by the shortest way that TensorFlow has."""
    handles = [variable.value.handle for variable in model.trainable_variables]
    return [tf.raw_ops.ReadVariableOp(resource=handle, dtype=tf.float32).numpy() for handle in handles]


def set_weights(model: FusedModel, weights: Sequence[Floats]) -> None:
    """Give the model these weights, in Keras's order; none leave it as it is."""
    for variable, value in zip(model.trainable_variables, weights, strict=False):
        variable.assign(value)


def restore(model: FusedModel, checkpoint: Checkpoint, config: RunConfig) -> dict[str, Any]:
    """Set the weights and the optimizer's variables from a checkpoint of this config's network.

    Returns:
        The arrays of early stopping, if there are any.

    Raises:
        ValueError: It is damaged or of another network.
    """
    arrays = unpack_arrays(checkpoint, config)
    _restore_loss(model, arrays.pop(LOSS_STATE, None))
    best = {name: arrays.pop(name) for name in list(arrays) if name.startswith(BEST)}
    steps = checkpoint.epoch * model.plan.steps
    arrays.setdefault(STEPS, np.asarray(steps, np.int64))  # earlier versions, which knew SGD alone, kept no number
    variables = _variables(model)
    if arrays.keys() != variables.keys():
        raise ValueError("checkpoint: it is of another network")
    for name, variable in variables.items():
        variable.assign(arrays[name])
    return best


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
    """The weights and the optimizer's variables, by the names that they have in a checkpoint."""
    weights = dict(zip(_names(model), model.trainable_variables, strict=True))
    return weights | {name: variable for name, (variable, _) in _optimizer_variables(model).items()}


def _optimizer_variables(model: FusedModel) -> dict[str, tuple[Any, float]]:
    """The optimizer's variables and their values before the first step."""
    return optimizer_variables(model.spec.optimizer, model.optimizer, _names(model))


def _names(model: FusedModel) -> list[str]:
    return names_of_weights(len(model.spec.network.hidden_layers) + 1)
