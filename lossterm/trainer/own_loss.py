"""A person's own loss in the trainer: its file is run, and the loss tried on a small batch before it trains."""

from __future__ import annotations

import contextlib
import inspect
import io
import json
import logging
import os
import re
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from ..catalog import OutputLayer
from ..catalog.loss_path import path, places_on_path
from ..catalog.own_loss import LossFile, split_own_loss
from ..runs.loss_files import LossSource, OwnLossError, read_loss_file
from .time_limit import OWN_CODE_SECONDS, TimeLimitError, time_limit

_log = logging.getLogger(__name__)

_MOST_ROWS = 64
"""A loss is tried on one batch, and of a large one on so many rows."""
_NEEDS_TENSORFLOW = frozenset(
    ("EagerPyFunc", "PyFunc", "PyFuncStateless", "Assert", "CheckNumerics", "CheckNumericsV2", "Print", "PrintV2")
)
"""Operations that XLA does not know or silently leaves out: a loss with one of them trains without it."""
_RAISED = re.compile(r"(?:.* )?([A-Z]\w*(?:Error|Exception)): (.*)")
_AROUND_AN_ERROR = ("Graph execution error", "Detected at node", "File ", "Traceback ", "[[")
"""How the lines begin that TensorFlow writes around what went wrong in a compiled function."""
_LONGEST_REASON = 200
_CURVE_POINTS = 121
_forbidden: list[str] = []
"""While a person's own code runs: what it belongs to."""
_xla: dict[tuple[str, LossFile, OutputLayer], bool] = {}
"""Of each loss that was tried in this process whether XLA compiles it."""


@dataclass(frozen=True)
class OwnLoss:
    """An own loss, made from its file.

    Attributes:
        name: as typed, `FILE.py:FUNCTION`.
        file: where it comes from.
        function: what Keras is given: a function, or an instance of a `keras.losses.Loss`.
    """

    name: str
    file: LossFile
    function: Any

    def values(self, y_true: Any, y_pred: Any) -> Any:
        """What the loss returns before Keras reduces it."""
        if isinstance(self.function, keras.losses.Loss) and _own_call(self.function):
            return self.function.call(y_true, y_pred)
        return self.function(y_true, y_pred)


def load(name: str, file: LossFile, source: LossSource | None = None) -> OwnLoss:
    """Run the file of an own loss, and take the loss from it: anew each time, so that runs share no state.

    Args:
        name: as typed, `FILE.py:FUNCTION`.
        file: where it comes from.
        source: its text; read from the file where left out, which must have the hash then.

    Raises:
        OwnLossError: the file cannot be run, or has no such loss.
    """
    source = source or read_loss_file(file.path)
    if source.file.sha256 != file.sha256:
        raise OwnLossError(f"loss: {file.path} has changed since the run was queued")
    attribute = split_own_loss(name)[1]
    module = ModuleType(f"lossterm_own_loss_{file.sha256[:12]}")
    module.__file__ = file.path
    sys.modules[module.__name__] = module  # where dataclasses, say, look for it
    with own_code(name, file):
        exec(compile(source.text, file.path, "exec", dont_inherit=True), module.__dict__)
    found = getattr(module, attribute, None)
    if found is None:
        there = ", ".join(_losses_of(module))
        raise OwnLossError(
            f"loss: {_file(name)} defines no {attribute!r}; " + (f"it has {there}" if there else "no loss")
        )
    return OwnLoss(name, file, _made(name, file, found))


def _losses_of(module: ModuleType) -> list[str]:
    """The names of the losses that a module defines itself."""
    mine = {name: value for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__}
    return [name for name, value in mine.items() if callable(value) and not name.startswith("_")]


def _made(name: str, file: LossFile, found: Any) -> Any:
    """A function as it is; of a Loss subclass an instance."""
    attribute = split_own_loss(name)[1]
    if isinstance(found, type):
        if not issubclass(found, keras.losses.Loss):
            raise _error(name, f"{attribute} is a class, but no keras.losses.Loss")
        needed = _needed(found)
        if needed:
            words = f"{attribute} is made with no arguments, but needs {needed}: give it a default"
            raise _error(name, words, _line_of_function(vars(found).get("__init__"), file))
        with own_code(name, file):
            return found()
    if isinstance(found, keras.losses.Loss):
        return found
    if not callable(found):
        raise _error(name, f"{attribute} is no function (its type is {type(found).__name__})")
    try:
        inspect.signature(found).bind(None, None)
    except TypeError as error:
        words = f"{attribute} cannot be called with (y_true, y_pred): {error}"
        raise _error(name, words, _line_of_function(found, file)) from None
    except ValueError:  # a function of C says nothing of its arguments
        pass
    return found


def _needed(loss: type) -> str:
    """The arguments that a class cannot be made without, in words; empty if there are none."""
    empty, several = inspect.Parameter.empty, (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    try:
        parameters = inspect.signature(loss).parameters.values()
    except (TypeError, ValueError):
        return ""
    return " and ".join(one.name for one in parameters if one.default is empty and one.kind not in several)


def _line_of_function(function: Any, file: LossFile) -> int | None:
    code: Any = getattr(function, "__code__", None)
    return code.co_firstlineno if code is not None and code.co_filename == file.path else None


# -- what a person's own code does -------------------------------------------------------------------------------


@contextlib.contextmanager
def own_code(name: str, file: LossFile, seconds: float = OWN_CODE_SECONDS) -> Iterator[None]:
    """Run a person's own code within: what it raises becomes an OwnLossError, and what it changes is put back.

    Args:
        name: the loss, as typed.
        file: where it comes from.
        seconds: how long it may take.

    Raises:
        OwnLossError: it raised, ended, or took too long.
    """
    with _put_back(), _no_processes(name):
        try:
            with time_limit(seconds):
                yield
        except TimeLimitError as error:
            words = f"did not end within {seconds:g} s (is there a loop without an end?)"
            raise _error(name, words, line_of(error, file)) from None
        except OwnLossError:
            raise
        except BaseException as error:
            raise explained(error, name, file) from error


def explained(error: BaseException, name: str, file: LossFile) -> OwnLossError:
    """What went wrong in a loss, in one line with the line of its file.

    Args:
        error: what was raised, by the loss or by TensorFlow where it ran the loss.
        name: the loss, as typed.
        file: where it comes from.
    """
    if isinstance(error, SyntaxError) and error.filename == file.path:
        return _error(name, error.msg, error.lineno)
    if isinstance(error, SystemExit):
        return _error(name, "it asks the program to exit", line_of(error, file))
    if isinstance(error, (MemoryError, tf.errors.ResourceExhaustedError)):
        return _error(name, "out of memory", line_of(error, file))
    kind, words = _said(error)
    return _error(name, f"{kind}: {words}", line_of(error, file))


def line_of(error: BaseException, file: LossFile) -> int | None:
    """The line of the file where an error came from, as far as its traceback or TensorFlow's words tell."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file.path]
    if not lines:
        lines = [int(line) for line in re.findall(rf'File "{re.escape(file.path)}", line (\d+)', str(error))]
    return lines[-1] if lines else None


def _said(error: BaseException) -> tuple[str, str]:
    """The kind of an error and its first sentence; of one that TensorFlow wraps in its own, those of that one."""
    kind = type(error).__name__
    lines = [line.strip() for line in str(error).splitlines()]
    lines = [line for line in lines if line and not line.startswith(_AROUND_AN_ERROR)]
    if isinstance(error, tf.errors.OpError):
        wrapped = next(filter(None, map(_RAISED.fullmatch, lines)), None)
        if wrapped:
            kind, lines = wrapped.group(1), [wrapped.group(2)]
    first = lines[0] if lines else "(it says nothing)"
    return kind, first.split(". ")[0][:_LONGEST_REASON]


def _error(name: str, words: str, line: int | None = None) -> OwnLossError:
    where = _file(name) if line is None else f"{_file(name)}, line {line}"
    return OwnLossError(f"loss: {where}: {' '.join(words.split())}")


def _file(name: str) -> str:
    return split_own_loss(name)[0]


@contextlib.contextmanager
def _put_back() -> Iterator[None]:
    """Put back what the process's next runs depend on, and let nothing be read from standard input."""
    folder = os.getcwd()
    environment = dict(os.environ)
    path, stdin, stdout = list(sys.path), sys.stdin, sys.stdout
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    numbers = (keras.config.floatx(), keras.config.epsilon(), keras.config.image_data_format())
    policy, eagerly = keras.config.dtype_policy(), tf.config.functions_run_eagerly()
    sys.stdin, sys.stdout = io.StringIO(), sys.stderr
    try:
        yield
    finally:
        sys.path[:], sys.stdin, sys.stdout = path, stdin, stdout
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        with contextlib.suppress(ValueError):  # not in the main thread
            for number, handler in handlers.items():
                signal.signal(number, handler)
        keras.config.set_floatx(numbers[0])
        keras.config.set_epsilon(numbers[1])
        keras.config.set_image_data_format(numbers[2])
        keras.config.set_dtype_policy(policy)
        tf.config.run_functions_eagerly(eagerly)


@contextlib.contextmanager
def _no_processes(name: str) -> Iterator[None]:
    """Refuse a fork within: the copy would go on as a second trainer."""
    if not _hooked:
        _hooked.append(True)
        sys.addaudithook(_refuse_fork)
    _forbidden.append(name)
    try:
        yield
    finally:
        _forbidden.pop()


_hooked: list[bool] = []


def _refuse_fork(event: str, _arguments: tuple[Any, ...]) -> None:
    if _forbidden and event in ("os.fork", "os.forkpty"):
        raise PermissionError("a loss may not fork the trainer")


# -- the trial ----------------------------------------------------------------------------------------------------


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
        _check(loss, y_true, y_pred, *_value_and_gradient(loss, y_true, y_pred))
        traced = tf.function(lambda t, p: _value_and_gradient(loss, t, p)[1:], autograph=False)
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


def _value_and_gradient(loss: OwnLoss, y_true: Any, y_pred: Any) -> tuple[Any, Any, Any]:
    """What the loss returns, its mean as Keras takes it, and the derivative of that by the outputs."""
    with tf.GradientTape() as tape:
        tape.watch(y_pred)
        values = loss.values(y_true, y_pred)
        if values is None or isinstance(values, (str, bytes, tuple, list, dict)):
            what = "nothing" if values is None else f"a {type(values).__name__}"
            raise _error(loss.name, f"it returns {what}; a loss returns a number for each row, or one", _line(loss))
        values = tf.convert_to_tensor(values)
        _check_form(loss, values, y_pred)
        mean = _reduced(loss, values, y_true, y_pred)
    gradient = tape.gradient(mean, y_pred)
    if gradient is None:
        words = "it has no gradient by y_pred: NumPy, a cast to whole numbers, rounding or argmax cuts it off"
        raise _error(loss.name, words, _line(loss))
    return values, mean, tf.convert_to_tensor(gradient)


def _reduced(loss: OwnLoss, values: Any, y_true: Any, y_pred: Any) -> Any:
    """The number that Keras trains on."""
    if not isinstance(loss.function, keras.losses.Loss):
        return tf.reduce_mean(values)
    reduced = tf.convert_to_tensor(loss.function(y_true, y_pred))
    if reduced.shape.rank != 0:
        raise _error(loss.name, f"its reduction leaves shape {reduced.shape}; Keras needs one number", _line(loss))
    return reduced


def _check_form(loss: OwnLoss, values: Any, y_pred: Any) -> None:
    """Raise OwnLossError unless values are floats, one a row or one in all."""
    if not values.dtype.is_floating:
        raise _error(loss.name, f"it returns {values.dtype.name}; it must return floats", _line(loss))
    if values.shape.rank is None:
        words = "the shape that it returns is not known once it is compiled: give it one with tf.ensure_shape"
        raise _error(loss.name, words, _line(loss))
    if values.shape.rank == 0 or (values.shape.rank == 1 and values.shape[0] in (None, y_pred.shape[0])):
        return
    rows = y_pred.shape[0]
    hint = "; take the mean over axis -1" if values.shape.rank == 2 else ""
    words = f"it returns shape {tuple(values.shape)} for {rows} rows; it must return ({rows},) or one number{hint}"
    raise _error(loss.name, words, _line(loss))


def _check(loss: OwnLoss, y_true: Any, y_pred: Any, values: Any, mean: Any, gradient: Any) -> None:
    _check_numbers(loss, mean, gradient)
    if not np.any(gradient):
        words = "its gradient by y_pred is 0 for every row of the trial batch: nothing would be learned"
        raise _error(loss.name, words, _line(loss))


def _check_numbers(loss: OwnLoss, mean: Any, gradient: Any) -> None:
    """Raise OwnLossError unless the loss and its gradient are finite."""
    if not np.isfinite(mean):
        words = f"it is {float(mean)} on the trial batch (rows of the training set, outputs of an untrained network)"
        raise _error(loss.name, words, _line(loss))
    if not np.all(np.isfinite(gradient)):
        raise _error(loss.name, "its gradient is not finite on the trial batch", _line(loss))


def _operations(concrete: Any) -> set[str]:
    """The kinds of operations in a compiled function, those of the functions that it calls included."""
    graph = concrete.graph.as_graph_def()
    nodes = [*graph.node, *(node for function in graph.library.function for node in function.node_def)]
    return {node.op for node in nodes}


def _compiles(loss: OwnLoss, y_true: Any, y_pred: Any) -> bool:
    """Whether XLA compiles the loss and its gradient."""
    compiled = tf.function(lambda t, p: _value_and_gradient(loss, t, p)[1:], autograph=False, jit_compile=True)
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
    return _line_of_function(loss.function.call if instance else loss.function, loss.file)


def _own_call(loss: Any) -> bool:
    """Whether an instance of Loss defines `call`, and leaves the reduction to Keras."""
    return type(loss).call is not keras.losses.Loss.call and type(loss).__call__ is keras.losses.Loss.__call__


# -- the loss as a function, and its state ------------------------------------------------------------------------


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
        of_row = tf.function(lambda t, p: _value_and_gradient(loss, t, p)[1:], autograph=False)
        concrete = of_row.get_concrete_function(spec, spec)
        for target, output, along in zip(np.float32(targets), np.float32(outputs), direction, strict=True):
            value, gradient = concrete(tf.constant(target[None]), tf.constant(output[None]))
            rows.append((float(value), float(np.sum(gradient.numpy()[0] * along))))
    columns = zip(("x", "value", "slope"), (x, *np.transpose(rows)), strict=True)
    return json.dumps({column: [float(f"{v:.7g}") if np.isfinite(v) else None for v in vs] for column, vs in columns})


def variables(loss: OwnLoss, units: int) -> list[Any]:
    """TensorFlow's variables that a loss reads or writes, such as the counter of a Loss subclass, in a fixed order."""
    spec = tf.TensorSpec([None, units])
    call: Callable[[Any, Any], Any] = lambda t, p: loss.function(t, p)  # noqa: E731
    with own_code(loss.name, loss.file):
        concrete = tf.function(call, autograph=False).get_concrete_function(spec, spec)
    return list(concrete.graph.variables)
