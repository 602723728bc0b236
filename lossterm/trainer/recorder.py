"""Writing a run down as it trains: small batches of epochs, checkpoints now and then, and what is asked of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..catalog.own_loss import curve_name
from ..runs.records import Best, Checkpoint, Epoch, Request, Run, Snapshot, TrainerState
from ..runs.snapshots import kept_epochs
from ..store import StoreError, TrainerSession
from ..store.health import HealthFile
from .device import Device
from .shutdown import ShutdownFlag

if TYPE_CHECKING:
    from .outcome import Verdict

_log = logging.getLogger(__name__)

FLUSH_SECONDS = 0.05
PROGRESS_SECONDS = 0.1
CHECKPOINT_SECONDS = 2.0
SNAPSHOT_SECONDS = 0.3
"""Between two snapshots that are there only to be watched."""
TROUBLED_SECONDS = 1.0


class StoreRecorder:
    """Records one run in the store.

    Where the store cannot be written, training goes on and the epochs wait here; they are written as soon as
    it can be.
    """

    def __init__(self, store: TrainerSession, run: Run, shutdown: ShutdownFlag, health: HealthFile):
        """Record `run`, and in `health` that it goes on; `shutdown` is set when this process was asked to end."""
        self._store = store
        self._run = run
        self._shutdown = shutdown
        self._health = health
        self._pending: list[Epoch] = []
        self._sample: bytes | None = None
        self._snapshots: list[Snapshot] = []
        self._kept_epochs = kept_epochs(run.config)
        self._seen_epoch = -1
        self._flushed = self._seen = 0.0
        self._kept = time.monotonic()
        self._best = run.best
        self._metric = run.config.metric
        self.seconds = run.seconds or 0.0
        self.troubled = False
        self._lost = False
        self._said_paused = 0.0

    def phase(self, words: str) -> None:
        """Say in words what is done before the first step."""
        self._enter("compiling" if words.startswith("compiling") else "training")
        self._tell(lambda: self._store.phase(self._run.id, words, "starting"))

    def running(self, device: Device) -> None:
        """The first step is about to run."""
        self._enter("training")
        self._tell(lambda: self._store.begin(self._run.id, device.id, device.name, self._sample))

    def sample(self, rows: bytes) -> None:
        """Rows to see the model on; written as the run begins."""
        self._sample = rows

    def snapshot(self, epoch: int, make: Callable[[], bytes], last: bool = False) -> None:
        """Take the weights after an epoch where they are to be kept, or some time after those that were seen before."""
        restored = last and self._run.config.early_stopping > 0  # perhaps other weights than those after the epoch
        if not self._kept_epochs or (epoch == self._seen_epoch and not restored):
            return
        kept = epoch in self._kept_epochs
        if not kept and not last and time.monotonic() - self._seen < SNAPSHOT_SECONDS:
            return
        self._seen, self._seen_epoch = time.monotonic(), epoch
        self._snapshots = [*(one for one in self._snapshots if one.kept), Snapshot(epoch, kept, make())]

    def progress(self, fraction: float) -> Verdict | None:
        """How much of a long epoch is done; the answer gives it up where the run is to end."""
        self._health.beat()
        if self._shutdown.is_set() or self._lost:
            return "interrupt"
        if time.monotonic() - self._flushed < PROGRESS_SECONDS:
            return None
        return "stop" if self._try_to_write(fraction) == "stop" else None

    def epoch(self, epoch: Epoch) -> Verdict:
        """Take an epoch down. The answer says whether to go on."""
        self._health.beat()
        self.seconds += epoch.seconds
        self._pending.append(epoch)
        self._best = self._better(epoch)
        request: Request | None = None
        first_or_last = epoch.epoch in (1, self._run.config.epochs)
        if first_or_last or time.monotonic() - self._flushed >= FLUSH_SECONDS:
            request = self._try_to_write(0.0)
        if self._shutdown.is_set():
            self._try_to_write(0.0)
        if self._shutdown.is_set() or self._lost:
            return "interrupt"
        if request == "pause" and epoch.epoch < self._run.config.epochs:
            self._tell(lambda: self._store.phase(self._run.id, "", "paused"))
            self._said_paused = time.monotonic()
            return "pause"
        return "stop" if request == "stop" else "go"

    def still_paused(self, alone: bool) -> Verdict:
        """Whether to wait on; `alone` says that nothing else trains in the meantime."""
        self._health.beat()
        if alone:
            self._enter("paused")
        asked: Request | None = "pause"
        try:
            if self.troubled and time.monotonic() - self._said_paused >= TROUBLED_SECONDS:
                self._said_paused = time.monotonic()
                self._store.phase(self._run.id, "", "paused")
                self._recovered()
            asked = self._store.asked(self._run.id)
        except StoreError as error:
            self._trouble(error)
        if self._shutdown.is_set():
            return "interrupt"
        if asked == "pause":
            return "pause"
        self._enter("training")
        if asked == "stop":
            return "stop"
        self._tell(lambda: self._store.phase(self._run.id, "", "running"))
        return "go"

    def loss_curve(self, curve: str) -> None:
        """Keep the curve of an own loss."""
        config = self._run.config
        if config.loss_file is not None:
            sha256, name = config.loss_file.sha256, curve_name(config.loss, config.output_layer)
            self._tell(lambda: self._store.keep_loss_curve(sha256, name, curve))

    def checkpoint(self, make: Callable[[], Checkpoint]) -> None:
        """Keep a checkpoint every few seconds."""
        if time.monotonic() - self._kept < CHECKPOINT_SECONDS:
            return
        self._kept = time.monotonic()
        self._try_to_write(0.0)
        if not self._pending:  # a checkpoint ahead of its epochs would leave a gap in the curve after a kill
            self._tell(lambda: self._store.keep(self._run.id, make()))

    def flush(self) -> None:
        """Write what still waits. Raises StoreError where the store does not take it."""
        self._write(0.0)

    def _try_to_write(self, progress: float) -> Request | None:
        try:
            return self._write(progress)
        except StoreError as error:
            self._trouble(error)
            self._flushed = time.monotonic() + TROUBLED_SECONDS
            return None

    def _write(self, progress: float) -> Request | None:
        self._flushed = time.monotonic()
        self._lost = not self._store.in_place()
        if self._lost:  # SQLite would write on, into a file that nobody can see
            raise StoreError(f"store: {self._store.path} was deleted or replaced")
        request = self._store.record(self._run.id, self._pending, self.seconds, progress, self._best, self._snapshots)
        self._pending.clear()
        self._snapshots.clear()
        self._recovered()
        return request

    def _enter(self, state: TrainerState) -> None:
        self._health.enter(state)
        self._tell(lambda: self._store.say(state))

    def _tell(self, work: Callable[[], None]) -> None:
        """Write something that training can do without."""
        try:
            work()
        except StoreError as error:
            self._trouble(error)

    def _trouble(self, error: StoreError) -> None:
        if not self.troubled:
            _log.error("run %d: %s; training goes on, %d epochs wait", self._run.id, error, len(self._pending))
        self.troubled = True
        self._health.report(f"{error}; training goes on, its epochs wait")

    def _recovered(self) -> None:
        self.troubled = False
        self._health.report("")

    def _better(self, epoch: Epoch) -> Best | None:
        value, best = epoch.test_metric, self._best
        if value != value:  # NaN is never the best
            return best
        ahead = best is None or self._metric.is_better(value, than=best.test_metric)
        return Best(epoch.epoch, value) if ahead else best
