"""A person's own code while it runs in the trainer: what it raises is one line, and what it changes is put back."""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
import sys
import traceback
from collections.abc import Iterator
from typing import Any

import keras
import tensorflow as tf

from ..catalog.own_loss import LossFile, split_own_loss
from ..runs.loss_files import OwnLossError
from .time_limit import OWN_CODE_SECONDS, TimeLimitError, time_limit

_RAISED = re.compile(r"(?:.* )?([A-Z]\w*(?:Error|Exception)): (.*)")
_AROUND_AN_ERROR = ("Graph execution error", "Detected at node", "File ", "Traceback ", "[[")
"""How the lines begin that TensorFlow writes around what went wrong in a compiled function."""
_LONGEST_REASON = 200
_forbidden: list[str] = []
"""While a person's own code runs: what it belongs to."""


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
            raise error_in(name, words, line_of(error, file)) from None
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
        return error_in(name, error.msg, error.lineno)
    if isinstance(error, SystemExit):
        return error_in(name, "it asks the program to exit", line_of(error, file))
    if isinstance(error, (MemoryError, tf.errors.ResourceExhaustedError)):
        return error_in(name, "out of memory", line_of(error, file))
    kind, words = _said(error)
    return error_in(name, f"{kind}: {words}", line_of(error, file))


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


def error_in(name: str, words: str, line: int | None = None) -> OwnLossError:
    """What is wrong with a loss, as one line that names its file and, where it is known, the line in it."""
    where = file_of(name) if line is None else f"{file_of(name)}, line {line}"
    return OwnLossError(f"loss: {where}: {' '.join(words.split())}")


def file_of(name: str) -> str:
    """The file of an own loss, as typed."""
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
