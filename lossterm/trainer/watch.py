"""What is told of a run as it trains, and the Keras callback that tells it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any, Literal, Protocol

import keras

from ..experiment import Experiment
from ..records import Checkpoint, Epoch
from . import state
from .device import Device

Verdict = Literal["go", "stop", "interrupt"]
Ending = tuple[Literal["stopped", "diverged", "interrupted"], str]

PROGRESS_SECONDS = 0.2


class Recorder(Protocol):
    """What is told of a run as it trains."""

    def phase(self, words: str) -> None:
        """Say what is done before the first step, in words."""

    def running(self, device: Device) -> None:
        """The first step is about to run, on this device."""

    def progress(self, fraction: float) -> Verdict | None:
        """Within a long epoch, after each block: the share of it that is done, above 0 and below 1.

        "stop" or "interrupt" gives the unfinished epoch up; None is "go".
        """

    def epoch(self, epoch: Epoch) -> Verdict:
        """An epoch has ended. May block while paused; that time does not count."""

    def sample(self, rows: bytes) -> None:
        """Before the first step: a packed sample of the data's rows, to see the model on."""

    def snapshot(self, epoch: int, make: Callable[[], bytes], last: bool = False) -> None:
        """Offered before the first epoch, at each and at the `last`: call `make` for the packed weights."""

    def checkpoint(self, make: Callable[[], Checkpoint]) -> None:
        """Offered after each epoch: call `make` to have a checkpoint, before returning."""


class Watch(keras.callbacks.Callback):  # type: ignore[misc]
    """Turns Keras's callbacks into a recorder's calls, and a recorder's verdicts into Keras's `stop_training`.

    done: whole epochs trained. ended: how and why the run ended before its last epoch, or None.
    seconds: wall time of the epochs, without what the recorder took.
    """

    def __init__(self, experiment: Experiment, recorder: Recorder, done: int):
        super().__init__()
        self.done = done
        self.ended: Ending | None = None
        self.seconds = 0.0
        self._experiment = experiment
        self._recorder = recorder
        self._blocks = 1
        self._before: Checkpoint | None = None
        self._began = self._told = 0.0

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Keras's `fit` begins."""
        self._blocks = self.params["steps"]

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """An epoch begins; a long one may be given up, so what it began from is kept."""
        if self._blocks > 1:
            self._before = state.pack(self.model, self.done)
        self._began = self._told = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """A block has ended."""
        now = time.perf_counter()
        if batch + 1 == self._blocks or now - self._told < PROGRESS_SECONDS:
            return
        self._told = now
        verdict = self._recorder.progress((batch + 1) / self._blocks)
        if verdict in ("stop", "interrupt") and self._before is not None:
            state.restore(self.model, self._before)
            self._end(*_asked(verdict, self.done))

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """An epoch has ended: record it, and see whether to go on."""
        if self.ended is not None:
            return
        if not logs:  # Keras takes TensorFlow's OutOfRangeError, whatever raised it, for the end of the data
            raise RuntimeError(f"epoch {epoch + 1} ended without a result")
        result = _epoch(epoch + 1, logs, time.perf_counter() - self._began)
        self.done = result.epoch
        self.seconds += result.seconds
        self._recorder.snapshot(self.done, lambda: state.weights(self.model, self._experiment))
        verdict = self._recorder.epoch(result)
        if not (math.isfinite(result.train_loss) and math.isfinite(result.test_loss)):
            self._end("diverged", f"diverged at epoch {self.done}: the loss is not a finite number")
            return
        self._recorder.checkpoint(lambda: state.pack(self.model, self.done))
        if verdict != "go" and self.done < self._experiment.epochs:
            self._end(*_asked(verdict, self.done))

    def _end(self, status: Literal["stopped", "diverged", "interrupted"], message: str) -> None:
        self.ended = (status, message)
        self.model.stop_training = True


def _asked(verdict: Verdict | None, done: int) -> Ending:
    """The ending that a recorder asked for."""
    return ("stopped", f"stopped after epoch {done}") if verdict == "stop" else ("interrupted", f"after epoch {done}")


def _epoch(number: int, logs: dict[str, Any], seconds: float) -> Epoch:
    return Epoch(
        epoch=number,
        train_loss=float(logs["loss"]),
        train_metric=float(logs["metric"]),
        test_loss=float(logs["test_loss"]),
        test_metric=float(logs["test_metric"]),
        seconds=seconds,
    )
