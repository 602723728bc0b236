"""A person's own loss in the trainer: its file is run, and the loss taken from it."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import keras
import tensorflow as tf

from ..catalog.own_loss import LossFile, split_own_loss
from ..runs.loss_files import LossSource, OwnLossError, read_loss_file
from .own_code import error_in, file_of, own_code


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
            f"loss: {file_of(name)} defines no {attribute!r}; " + (f"it has {there}" if there else "no loss")
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
            raise error_in(name, f"{attribute} is a class, but no keras.losses.Loss")
        needed = _needed(found)
        if needed:
            words = f"{attribute} is made with no arguments, but needs {needed}: give it a default"
            raise error_in(name, words, line_of_function(vars(found).get("__init__"), file))
        with own_code(name, file):
            return found()
    if isinstance(found, keras.losses.Loss):
        return found
    if not callable(found):
        raise error_in(name, f"{attribute} is no function (its type is {type(found).__name__})")
    try:
        inspect.signature(found).bind(None, None)
    except TypeError as error:
        words = f"{attribute} cannot be called with (y_true, y_pred): {error}"
        raise error_in(name, words, line_of_function(found, file)) from None
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


def line_of_function(function: Any, file: LossFile) -> int | None:
    """The line where a function begins, if it is one of the file's."""
    code: Any = getattr(function, "__code__", None)
    return code.co_firstlineno if code is not None and code.co_filename == file.path else None


def _own_call(loss: Any) -> bool:
    """Whether an instance of Loss defines `call`, and leaves the reduction to Keras."""
    return type(loss).call is not keras.losses.Loss.call and type(loss).__call__ is keras.losses.Loss.__call__


def variables(loss: OwnLoss, units: int) -> list[Any]:
    """TensorFlow's variables that a loss reads or writes, such as the counter of a Loss subclass, in a fixed order."""
    spec = tf.TensorSpec([None, units])
    call: Callable[[Any, Any], Any] = lambda t, p: loss.function(t, p)  # noqa: E731
    with own_code(loss.name, loss.file):
        concrete = tf.function(call, autograph=False).get_concrete_function(spec, spec)
    return list(concrete.graph.variables)
