"""The training loop of one run: epoch by epoch, block by block, with every step told to a recorder."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Literal, Protocol

import numpy as np

from ..config import RunConfig
from ..runs.records import Checkpoint, Epoch
from . import state
from .device import Device
from .model import FusedModel

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


class TrainingLoop:
    """Trains a compiled model epoch by epoch, until its last one or until the recorder asks it to end.

    Attributes:
        done: Whole epochs trained, those before a resume included.
        ended: How and why the run ended before its last epoch, or None.
        seconds: Wall time of the epochs trained here, without what the recorder took.
    """

    def __init__(self, model: FusedModel, config: RunConfig, recorder: Recorder, done: int = 0):
        """Train `config` with `model`, whose data is on the device, from the end of epoch `done`."""
        self.done = done
        self.ended: Ending | None = None
        self.seconds = 0.0
        self._model = model
        self._config = config
        self._recorder = recorder

    def run(self) -> None:
        """Train every epoch that is left; raises what TensorFlow and the recorder raise."""
        blocks = self._model.plan.blocks()
        steps = np.empty((len(blocks), 2 + blocks.shape[1]), np.int64)
        steps[:, 0], steps[:, 2:] = self._config.seed, blocks
        while self.done < self._config.epochs and self.ended is None:
            steps[:, 1] = self.done
            began = time.perf_counter()
            results = self._train_epoch(steps, began)
            if results is not None:
                self._finish_epoch(results, time.perf_counter() - began)

    def _train_epoch(self, steps: np.ndarray[tuple[int, ...], np.dtype[np.int64]], began: float) -> list[float] | None:
        """Run an epoch's blocks; its four means, or None where the recorder gave the epoch up."""
        before = state.pack(self._model, self.done) if len(steps) > 1 else None
        told = began
        for number, step in enumerate(steps, 1):
            results = self._model.run_block(step)
            now = time.perf_counter()
            if before is None or number == len(steps) or now - told < PROGRESS_SECONDS:
                continue
            told = now
            verdict = self._recorder.progress(number / len(steps))
            if verdict in ("stop", "interrupt"):
                state.restore(self._model, before, self._config)
                self.ended = _asked(verdict, self.done)
                return None
        return [float(value) for value in results.numpy()]

    def _finish_epoch(self, results: list[float], seconds: float) -> None:
        """Record an epoch, and see whether to go on."""
        train_loss, train_metric, test_loss, test_metric = results
        result = Epoch(self.done + 1, train_loss, train_metric, test_loss, test_metric, seconds)
        self.done = result.epoch
        self.seconds += seconds
        self._recorder.snapshot(self.done, lambda: state.weights(self._model, self._config))
        verdict = self._recorder.epoch(result)
        if not (math.isfinite(result.train_loss) and math.isfinite(result.test_loss)):
            self.ended = ("diverged", f"diverged at epoch {self.done}: the loss is not a finite number")
            return
        self._recorder.checkpoint(lambda: state.pack(self._model, self.done))
        if verdict != "go" and self.done < self._config.epochs:
            self.ended = _asked(verdict, self.done)


def _asked(verdict: Verdict | None, done: int) -> Ending:
    """The ending that a recorder asked for."""
    return ("stopped", f"stopped after epoch {done}") if verdict == "stop" else ("interrupted", f"after epoch {done}")
