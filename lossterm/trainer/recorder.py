"""Writing a run down as it trains: small batches of epochs, checkpoints now and then, and what is asked of it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Literal

from ..records import Best, Checkpoint, Epoch, Request, Run
from ..store import StoreError, TrainerStore
from .device import Device

_log = logging.getLogger(__name__)

FLUSH_SECONDS = 0.05
PROGRESS_SECONDS = 0.1
CHECKPOINT_SECONDS = 2.0
_POLL_SECONDS = 0.03


class StoreRecorder:
    """Records one run in the store.

    Where the store cannot be written, training goes on and the epochs wait here; they are written as soon as
    it can be.
    """

    def __init__(self, store: TrainerStore, run: Run, leaving: threading.Event):
        """Record `run`; `leaving` is set when this process has been asked to end."""
        self._store = store
        self._run = run
        self._leaving = leaving
        self._pending: list[Epoch] = []
        self._flushed = 0.0
        self._kept = time.monotonic()
        self._best = run.best
        self._lower_is_better = run.experiment.dataset_entry.metric == "mse"
        self.seconds = run.seconds or 0.0
        self.troubled = False

    def phase(self, words: str) -> None:
        """Say in words what is done before the first step."""
        self._store.say("compiling" if words.startswith("compiling") else "training")
        self._store.phase(self._run.id, words, "starting")

    def running(self, device: Device) -> None:
        """The first step is about to run."""
        self._store.say("training")
        self._store.phase(self._run.id, "", "running")

    def progress(self, fraction: float) -> None:
        """How much of a long epoch is done."""
        if time.monotonic() - self._flushed >= PROGRESS_SECONDS:
            self._flush(fraction)

    def epoch(self, epoch: Epoch) -> Literal["go", "stop", "interrupt"]:
        """Take an epoch down; blocks while paused. The answer says whether to go on."""
        self.seconds += epoch.seconds
        self._pending.append(epoch)
        self._best = self._better(epoch)
        request: Request | None = None
        first_or_last = epoch.epoch in (1, self._run.experiment.epochs)
        if first_or_last or time.monotonic() - self._flushed >= FLUSH_SECONDS:
            request = self._flush(0.0)
        if self._leaving.is_set():
            self._flush(0.0)
            return "interrupt"
        if request == "pause":
            return self._paused()
        return "stop" if request == "stop" else "go"

    def checkpoint(self, make: Callable[[], Checkpoint]) -> None:
        """Keep a checkpoint every few seconds."""
        if time.monotonic() - self._kept < CHECKPOINT_SECONDS:
            return
        self._kept = time.monotonic()
        try:
            self._store.keep(self._run.id, make())
        except StoreError as error:
            self._trouble(error)

    def flush(self) -> bool:
        """Write what still waits; False where the store does not take it."""
        self._flush(0.0)
        return not self._pending

    def _paused(self) -> Literal["go", "stop", "interrupt"]:
        self._store.phase(self._run.id, "", "paused")
        self._store.say("paused")
        asked: Request | None = "pause"
        while asked == "pause" and not self._leaving.wait(_POLL_SECONDS):
            if self._store.changed():
                asked = self._store.asked(self._run.id)
        if self._leaving.is_set():
            return "interrupt"
        self._store.say("training")
        if asked == "stop":
            return "stop"
        self._store.phase(self._run.id, "", "running")
        return "go"

    def _flush(self, progress: float) -> Request | None:
        self._flushed = time.monotonic()
        try:
            request = self._store.record(self._run.id, self._pending, self.seconds, progress, self._best)
        except StoreError as error:
            self._trouble(error)
            return None
        self._pending.clear()
        self.troubled = False
        return request

    def _trouble(self, error: StoreError) -> None:
        if not self.troubled:
            _log.error("run %d: %s; training goes on, %d epochs wait", self._run.id, error, len(self._pending))
        self.troubled = True

    def _better(self, epoch: Epoch) -> Best | None:
        value, best = epoch.test_metric, self._best
        if value != value:  # NaN is never the best
            return best
        ahead = best is None or (value < best.test_metric if self._lower_is_better else value > best.test_metric)
        return Best(epoch.epoch, value) if ahead else best
