"""An own loss tried on a small batch before it trains, and computed as a function for front ends to draw."""

from __future__ import annotations

import json
import logging
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from ..catalog import OutputLayer
from ..catalog.loss_path import path, places_on_path
from ..catalog.own_loss import LossFile
from ..runs.loss_files import OwnLossError
from .own_code import error_in, own_code
from .own_loss import OwnLoss, line_of_function, load
from .time_limit import OWN_CODE_SECONDS

_log = logging.getLogger(__name__)

_MOST_ROWS = 64
"""A loss is tried on one batch, and of a large one on so many rows."""
_NEEDS_TENSORFLOW = frozenset(
    ("EagerPyFunc", "PyFunc", "PyFuncStateless", "Assert", "CheckNumerics", "CheckNumericsV2", "Print", "PrintV2")
)
"""Operations that XLA does not know or silently leaves out: a loss with one of them trains without it."""
_CURVE_POINTS = 121
_xla: dict[tuple[str, LossFile, OutputLayer], bool] = {}
"""Of each loss that was tried in this process whether XLA compiles it."""


def was_tried(name: str, file: LossFile, layer: OutputLayer) -> bool:
    """Whether an own loss was tried on an output layer in this process, and did."""
    return (name, file, layer) in _xla


def try_loss(name: str, file: LossFile, layer: OutputLayer, targets: npt.NDArray[np.float32], batch_size: int) -> None:
    """Try an own loss on a small batch: eagerly, as a compiled function, and with XLA.

    Args:
        name: as typed, `FILE.py:FUNCTION`.
        file: where it comes from.
        layer: the output layer, whose outputs are made up.
        targets: (rows, units) of the training set, coded for that layer.
        batch_size: of the run.

    Raises:
        OwnLossError: it cannot be trained with; the message says why.
    """
    key = (name, file, layer)
    loss = load(name, file)
    y_true, y_pred = _batch(layer, targets, batch_size)
    with own_code(name, file):
        _check(loss, y_true, y_pred, *value_and_gradient(loss, y_true, y_pred))
        traced = tf.function(lambda t, p: value_and_gradient(loss, t, p)[1:], autograph=False)
        units = tf.TensorSpec([None, y_pred.shape[1]])
        concrete = traced.get_concrete_function(units, units)
        _check_numbers(loss, *concrete(y_true, y_pred))
    _xla[key] = not (_operations(concrete) & _NEEDS_TENSORFLOW) and _compiles(loss, y_true, y_pred)
    _log.info("%s: tried; %s", name, "XLA compiles it" if _xla[key] else "trains without XLA")


def uses_xla(name: str, file: LossFile, layer: OutputLayer) -> bool:
    """Whether XLA compiles a loss that was tried in this process."""
    return _xla.get((name, file, layer), True)


def _batch(layer: OutputLayer, targets: npt.NDArray[np.float32], batch_size: int) -> tuple[Any, Any]:
    """Targets of some training rows, and outputs that an untrained network could give for them."""
    rows = min(batch_size, len(targets), _MOST_ROWS)
    if rows == layer.units and rows < len(targets):  # else (rows,) and (units,) could not be told apart
        rows += 1
    random = np.random.default_rng(0)
    y_true = targets[random.permutation(len(targets))[:rows]]
    activation = keras.activations.get(layer.activation)
    y_pred = activation(tf.constant(random.normal(size=(rows, layer.units)), tf.float32))
    return tf.constant(y_true), tf.convert_to_tensor(y_pred)


def value_and_gradient(loss: OwnLoss, y_true: Any, y_pred: Any) -> tuple[Any, Any, Any]:
    """What the loss returns, its mean as Keras takes it, and the derivative of that by the outputs."""
    with tf.GradientTape() as tape:
        tape.watch(y_pred)
        values = loss.values(y_true, y_pred)
        if values is None or isinstance(values, (str, bytes, tuple, list, dict)):
            what = "nothing" if values is None else f"a {type(values).__name__}"
            raise error_in(loss.name, f"it returns {what}; a loss returns a number for each row, or one", _line(loss))
        values = tf.convert_to_tensor(values)
        _check_form(loss, values, y_pred)
        mean = _reduced(loss, values, y_true, y_pred)
    gradient = tape.gradient(mean, y_pred)
    if gradient is None:
        words = "it has no gradient by y_pred: NumPy, a cast to whole numbers, rounding or argmax cuts it off"
        raise error_in(loss.name, words, _line(loss))
    return values, mean, tf.convert_to_tensor(gradient)


def _reduced(loss: OwnLoss, values: Any, y_true: Any, y_pred: Any) -> Any:
    """The number that Keras trains on."""
    if not isinstance(loss.function, keras.losses.Loss):
        return tf.reduce_mean(values)
    reduced = tf.convert_to_tensor(loss.function(y_true, y_pred))
    if reduced.shape.rank != 0:
        raise error_in(loss.name, f"its reduction leaves shape {reduced.shape}; Keras needs one number", _line(loss))
    return reduced


def _check_form(loss: OwnLoss, values: Any, y_pred: Any) -> None:
    """Raise OwnLossError unless values are floats, one a row or one in all."""
    if not values.dtype.is_floating:
        raise error_in(loss.name, f"it returns {values.dtype.name}; it must return floats", _line(loss))
    if values.shape.rank is None:
        words = "the shape that it returns is not known once it is compiled: give it one with tf.ensure_shape"
        raise error_in(loss.name, words, _line(loss))
    if values.shape.rank == 0 or (values.shape.rank == 1 and values.shape[0] in (None, y_pred.shape[0])):
        return
    rows = y_pred.shape[0]
    hint = "; take the mean over axis -1" if values.shape.rank == 2 else ""
    words = f"it returns shape {tuple(values.shape)} for {rows} rows; it must return ({rows},) or one number{hint}"
    raise error_in(loss.name, words, _line(loss))


def _check(loss: OwnLoss, y_true: Any, y_pred: Any, values: Any, mean: Any, gradient: Any) -> None:
    _check_numbers(loss, mean, gradient)
    if not np.any(gradient):
        words = "its gradient by y_pred is 0 for every row of the trial batch: nothing would be learned"
        raise error_in(loss.name, words, _line(loss))


def _check_numbers(loss: OwnLoss, mean: Any, gradient: Any) -> None:
    """Raise OwnLossError unless the loss and its gradient are finite."""
    if not np.isfinite(mean):
        words = f"it is {float(mean)} on the trial batch (rows of the training set, outputs of an untrained network)"
        raise error_in(loss.name, words, _line(loss))
    if not np.all(np.isfinite(gradient)):
        raise error_in(loss.name, "its gradient is not finite on the trial batch", _line(loss))


def _operations(concrete: Any) -> set[str]:
    """The kinds of operations in a compiled function, those of the functions that it calls included."""
    graph = concrete.graph.as_graph_def()
    nodes = [*graph.node, *(node for function in graph.library.function for node in function.node_def)]
    return {node.op for node in nodes}


def _compiles(loss: OwnLoss, y_true: Any, y_pred: Any) -> bool:
    """Whether XLA compiles the loss and its gradient."""
    compiled = tf.function(lambda t, p: value_and_gradient(loss, t, p)[1:], autograph=False, jit_compile=True)
    try:
        with own_code(loss.name, loss.file, 3 * OWN_CODE_SECONDS):
            compiled(y_true, y_pred)
    except OwnLossError as error:
        _log.info("%s: not for XLA: %s", loss.name, error)
        return False
    return True


def _line(loss: OwnLoss) -> int | None:
    """The line where a loss is defined."""
    instance = isinstance(loss.function, keras.losses.Loss)
    return line_of_function(loss.function.call if instance else loss.function, loss.file)


def tabulate(name: str, file: LossFile, layer: OutputLayer) -> str:
    """The loss as a function of what an output layer gives, as JSON, for front ends to draw.

    Args:
        name: as typed, `FILE.py:FUNCTION`.
        file: where it comes from.
        layer: the output layer.

    Returns:
        An object of three lists, `x`, `value` and `slope`, with null for what is not finite; the value and the slope
        are those of batches of one row, each along the path of `loss_path.path`.

    Raises:
        OwnLossError: it cannot be computed.
    """
    loss = load(name, file)
    x = places_on_path(layer, _CURVE_POINTS)
    targets, outputs, direction = path(layer, x)
    spec = tf.TensorSpec([1, layer.units])
    rows = []
    with own_code(name, file):
        of_row = tf.function(lambda t, p: value_and_gradient(loss, t, p)[1:], autograph=False)
        concrete = of_row.get_concrete_function(spec, spec)
        for target, output, along in zip(np.float32(targets), np.float32(outputs), direction, strict=True):
            value, gradient = concrete(tf.constant(target[None]), tf.constant(output[None]))
            rows.append((float(value), float(np.sum(gradient.numpy()[0] * along))))
    columns = zip(("x", "value", "slope"), (x, *np.transpose(rows)), strict=True)
    return json.dumps({column: [float(f"{v:.7g}") if np.isfinite(v) else None for v in vs] for column, vs in columns})
