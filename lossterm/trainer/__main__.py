"""The trainer process: claims queued runs, trains them, together where they can be, and ends when nobody needs it."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import click

from ..catalog import SGD
from ..config import RunConfig
from ..runs.loss_files import LossFileError, OwnLossError, unchanged
from ..runs.records import Run, Status, TrainerState
from ..store import StoreError, TrainerSession
from ..store.health import HealthFile
from ..text import one_line
from . import time_limit
from .shutdown import ShutdownFlag

if TYPE_CHECKING:
    from . import fit
    from .recorder import StoreRecorder

_log = logging.getLogger("lossterm.trainer")

_POLL_SECONDS = 0.03
_LOOK_SECONDS = 5.0
_MOST_BUILT = 100
_RETRY_SECONDS = 0.5
_PATIENCE_SECONDS = 60.0
_LEAVING_SECONDS = 10.0
_Result = TypeVar("_Result")


class Service:
    """One trainer: its store, its device, and its models kept compiled between runs."""

    def __init__(
        self, store: TrainerSession, health: HealthFile, device: str, idle: float, slot: int, threads: int | None
    ):
        """Load TensorFlow and find the device; `slot` says which of several GPUs, `threads` how large the pools are.

        Raises DeviceError where an explicit device is not to be had.
        """
        from . import device as devices

        devices.prepare_environment(device, threads)
        version = devices.load_tensorflow()
        from . import fit

        self._fit = fit
        self._store = store
        self._health = health
        self._idle = idle
        self._device = devices.detect(device, slot)
        self._cache = fit.ModelCache(self._device)
        self._warmed: RunConfig | None = None
        self._claims = _claims(device, self._device.id)
        self.shutdown = ShutdownFlag()
        self._idle_since = self._looked = time.monotonic()
        store.ready(self._device.id, self._device.name, version)
        health.enter("ready")
        _log.info("ready on %s (%s) %s", self._device.id, self._device.name, self._device.note)

    def serve(self) -> None:
        """Train what is queued until asked to leave, or until idle for long with nobody watching."""
        try:
            self._serve()
        finally:
            self._cache.close()

    def _serve(self) -> None:
        self._idle_since = self._looked = time.monotonic()
        look = True
        while not self.shutdown.is_set():
            self._health.beat()
            look = self._insist(self._store.changed) or look
            runs = self._insist(self._claim) if look else []
            if runs:
                self._train(runs)
                self._idle_since = time.monotonic()
                continue
            if look:
                look = False
                self._insist(self._warm_up)
            if self._insist(self._may_leave):
                return
            self.shutdown.wait(_POLL_SECONDS)

    def _claim(self) -> list[Run]:
        run = self._store.claim(self._claims, self._device.id, self._device.name)
        if run is None:
            return []
        runs = [run, *self._store.claim_alike(run, self._claims, self._cache.stack_key, self._fit.train_together)]
        waiting = Counter(key for _, key in self._store.queued_keys(self._claims, self._cache.stack_key))
        self._fit.compile_ahead(self._cache, [(self._cache.stack_key(run.config), len(runs)), *waiting.items()])
        return runs

    def _may_leave(self) -> bool:
        """Every few seconds: whether nobody needs this trainer, or its store is no longer there."""
        now = time.monotonic()
        if now - self._looked < min(_LOOK_SECONDS, self._idle):
            return False
        self._looked = now
        if not self._store.in_place() or not self._store.enlisted():
            _log.error("the store was replaced, or this trainer struck off: leaving")
            return True
        if self._cache.built >= _MOST_BUILT and self._store.retire(self._claims):
            _log.info(
                "built %d models, of each of which TensorFlow keeps a little: a fresh trainer is due", _MOST_BUILT
            )
            return True
        if now - self._idle_since < self._idle or self._store.watched() or not self._store.retire(self._claims):
            return False
        _log.info("idle for %.0f s and nobody watching: leaving", now - self._idle_since)
        return True

    def _train(self, runs: Sequence[Run]) -> None:
        """Train runs together, each to its own end."""
        from .recorder import StoreRecorder

        taken: list[tuple[Run, StoreRecorder]] = []
        members: list[fit.Member] = []
        for run in runs:
            _log.info("run %d: %s", run.id, run.config)
            recorder = StoreRecorder(self._store, run, self.shutdown, self._health)
            try:
                if run.config.loss_file is not None:
                    self._prepare_loss(run)
                checkpoint = self._store.checkpoint(run.id) if run.epochs_done else None
            except Exception as error:
                self._end(run, recorder, error)
            else:
                taken.append((run, recorder))
                members.append(self._fit.Member(run.config, recorder, checkpoint))
        if members:
            self._fit.fit_together(members, self._cache, lambda number, end: self._end(*taken[number], end))
        self._insist(lambda: self._enter("ready"))

    def _end(self, run: Run, recorder: StoreRecorder, end: fit.Outcome | Exception) -> None:
        """Write down how a run ended."""
        outcome = None if isinstance(end, Exception) else end
        status, message = _ending(run, end)
        self._insist(recorder.flush)
        self._insist(lambda: self._finish(run.id, status, message, recorder.seconds, outcome))
        _log.info("run %d: %s %s", run.id, status, message)

    def _finish(
        self, run_id: int, status: Status, message: str, seconds: float | None, outcome: fit.Outcome | None
    ) -> None:
        scores, final = (outcome.scores, outcome.final) if outcome else (None, None)
        more = outcome.all_scores if outcome else {}
        self._store.finish(run_id, status, message, seconds, scores, final, more)

    def _prepare_loss(self, run: Run) -> None:
        """See that the code of a run's own loss may be run, keep its text, and be ready to be replaced.

        Raises:
            LossFileError: it may not; the message says why, and what helps.
        """
        source = unchanged(run.config, run.id)
        self._insist(lambda: self._store.keep_loss_file(source))

        command = [sys.executable, "-m", "lossterm.trainer", *sys.argv[1:]]
        folder, environment = os.getcwd(), dict(os.environ)  # before the person's code may change them

        def replace_process() -> None:
            took = f"did not end within {time_limit.OWN_CODE_SECONDS:g} s, nor when it was stopped"
            self._store.end_stuck(run.id, one_line(f"loss: {run.config.loss}: {took}; its trainer was replaced"))
            self._health.remove()
            os.chdir(folder)
            os.execve(sys.executable, command, environment)

        time_limit.when_stuck[:] = [replace_process]

    def _enter(self, state: TrainerState) -> None:
        """Say what this trainer does from now on."""
        self._health.enter(state)
        self._store.say(state)

    def _insist(self, work: Callable[[], _Result]) -> _Result:
        """Do something with the store, again and again while it cannot be used.

        Gives up after a while, raising StoreError: a run in hand becomes `interrupted` then.
        """
        began = time.monotonic()
        while True:
            self._health.beat()
            try:
                result = work()
                self._health.report("")
                return result
            except StoreError as error:
                self._health.report(str(error))
                patience = _LEAVING_SECONDS if self.shutdown.is_set() else _PATIENCE_SECONDS
                if not self._store.in_place() or time.monotonic() - began > patience:
                    raise
                _log.error("%s; trying again", error)
                time.sleep(_RETRY_SECONDS)

    def _warm_up(self) -> None:
        wanted = self._store.wanted()
        if wanted is None or wanted == self._warmed or wanted.device not in self._claims:
            return
        self._warmed = wanted
        self._enter("compiling")
        try:
            sample = self._cache.sample(wanted)
            self._insist(lambda: self._store.keep_warm_sample(wanted, sample))
            if wanted.loss_file is None:  # a person's own code runs for a run alone
                self._fit.warm(wanted, self._cache)
        except StoreError:
            raise
        except Exception:
            _log.exception("warming up %s failed", wanted)
        self._enter("ready")


def _claims(asked: str, resolved: str) -> tuple[str, ...]:
    """The devices that runs may ask for to be trained here."""
    claims = {asked, resolved}
    if asked == "auto":
        claims.add("cpu")
    if resolved.startswith("gpu"):
        claims.add("gpu")
    return tuple(sorted(claims))


def _smaller_steps(config: RunConfig) -> str:
    """What helps a run that diverged."""
    words = f"a smaller learning rate helps (it was {config.learning_rate:g}"
    rate = config.loss_entry.sgd_learning_rate
    if rate is not None and config.optimizer == SGD.name and config.learning_rate > rate:
        words += f"; {config.loss_entry.short} trains with {rate:.5f}"
    return f"{words})"


def _ending(run: Run, end: fit.Outcome | Exception) -> tuple[Status, str]:
    """The status and the message of a run that ended, or for which something was raised."""
    from .tables.files import DataFileError

    if not isinstance(end, Exception):
        if end.status == "interrupted":
            return "interrupted", "the trainer was asked to end; resume goes on from here"
        diverged = end.status == "diverged"
        return end.status, f"{end.message}; {_smaller_steps(run.config)}" if diverged else end.message
    # What was trained is not lost: with its file back in its place, resume goes on from there.
    if isinstance(end, DataFileError):
        _log.error("run %d: %s", run.id, end)
        return "interrupted" if run.epochs_done else "failed", one_line(str(end))
    _log.error("run %d failed", run.id, exc_info=end)
    if isinstance(end, LossFileError):
        put_back = run.epochs_done and not isinstance(end, OwnLossError)
        return "interrupted" if put_back else "failed", one_line(str(end))
    return "failed", _words(end)


def _words(error: Exception) -> str:
    """An exception as one line for a person."""
    name = type(error).__name__
    if isinstance(error, MemoryError) or name == "ResourceExhaustedError":
        return f"out of memory: {_first_line(error) or name}"
    return f"{name}: {_first_line(error)}"


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:300] if lines else ""


def _fail_unserved(store: TrainerSession, device: str, reason: str) -> None:
    """End the runs that asked for a device which is not to be had."""
    while (run := store.claim((device,), device, "")) is not None:
        store.finish(run.id, "failed", reason)


@click.command()
@click.option("--store", "path", required=True)
@click.option("--device", default="auto")
@click.option("--log", default="")
@click.option("--idle", type=float, default=300.0)
@click.option("--slot", type=int, default=0)
@click.option("--threads", type=int, default=None)
def main(path: str, device: str, log: str, idle: float, slot: int, threads: int | None) -> None:
    """Serve the store until idle; see Service."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    try:
        store = TrainerSession(path, device, log, slot)
    except StoreError as error:
        sys.exit(str(error))
    health = HealthFile(store.locks.path, store.id)
    try:
        _serve(store, lambda: Service(store, health, device, idle, slot, threads), device)
    except StoreError as error:
        _log.error("%s; leaving", error)
        sys.exit(1)
    finally:
        health.remove()
        try:
            store.close()
        except StoreError as error:
            _log.error("%s", error)


def _serve(store: TrainerSession, load: Callable[[], Service], device: str) -> None:
    """Load and serve. Until that is loaded there is nothing to lose: a signal ends the process at once."""
    from .device import DeviceError

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        service = load()
    except DeviceError as error:
        _log.error("%s", error)
        _fail_unserved(store, device, str(error))
        return
    service.shutdown.heed(_SIGNALS)
    service.serve()


_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


if __name__ == "__main__":
    main()
