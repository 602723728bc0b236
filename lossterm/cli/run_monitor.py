"""Follow queued runs until they have ended, or until a signal ends that: training goes on by itself."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from ..runs.records import ENDED, Run, Trainer
from ..store import Store, StoreError
from ..store.logs import last_line
from ..supervisor.hangs import HANG_SECONDS, HangDetector, LastingText
from ..supervisor.supervisor import Supervisor

POLL_SECONDS = 0.05
_CHECK_SECONDS = 1.0
_PATIENCE_SECONDS = 60.0
_ENDING = (signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Update:
    """What the store held when it was read; one comes every POLL_SECONDS or so, mostly with nothing new.

    Attributes:
        changed: The followed runs that changed, each as it is now.
        trainers: The trainers on record.
        trouble: Why the store cannot be used at present, by us or by a trainer; empty when it can.
        stuck: Which run hangs or which trainer does not answer, and what can be done.
    """

    changed: Sequence[Run]
    trainers: Sequence[Trainer]
    trouble: str = ""
    stuck: str = ""


class RunMonitor:
    """Follows some runs of a store: reads it as it changes, and keeps trainers alive for the runs that wait."""

    def __init__(self, store: Store, run_ids: Sequence[int], trainers: int | None = None):
        """Follow runs, whatever state they are in.

        Args:
            store: Where they are.
            run_ids: Their numbers, at least one.
            trainers: How many of them train at once at most; None for as many as help.
        """
        self._store = store
        self._runs = {run_id: store.run(run_id) for run_id in run_ids}
        self._revision = min(run.revision for run in self._runs.values()) - 1
        self._supervisor = Supervisor(trainers)
        self._checked = -_CHECK_SECONDS
        self._stale = True
        self._bad_since: float | None = None
        self._hangs = HangDetector()
        self._trouble = LastingText()
        for run_id in self._runs:
            self._hangs.moved(run_id, time.monotonic())

    @property
    def runs(self) -> list[Run]:
        """The followed runs as they were read last, in the order in which they were given."""
        return list(self._runs.values())

    @property
    def open(self) -> list[Run]:
        """The followed runs that have not ended."""
        return [run for run in self.runs if run.status not in ENDED]

    def test_metric(self, run: Run) -> list[float]:
        """The test metric of a run after each of its epochs; empty where the store cannot be read."""
        try:
            return [epoch.test_metric for epoch in self._store.epochs(run.id)]
        except StoreError:
            return []

    def updates(self) -> Iterator[Update]:
        """Read the store again and again until every run has ended; the last update has the last end.

        Raises:
            StoreError: The store cannot be used for a minute, or is another file by now.
            LaunchError: No trainer can be kept alive for the runs that wait.
        """
        trainers: Sequence[Trainer] = ()
        changed: Sequence[Run]
        while True:
            try:
                changed, trainers = self._read(trainers)
                self._bad_since = None
                trouble = self._supervisor.trouble
            except StoreError as error:
                self._wait_out(error)
                changed, trouble = (), str(error)
            shown = self._trouble.update(trouble, time.monotonic())
            yield Update(changed, trainers, shown, "" if shown else self._stuck(trainers))
            if not self.open:
                return
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """Ask every run that has not ended to stop. Raises StoreError."""
        for run in self.open:
            self._store.stop(run.id)
        self._stale = True

    def _read(self, trainers: Sequence[Trainer]) -> tuple[list[Run], Sequence[Trainer]]:
        now = time.monotonic()
        if now - self._checked >= _CHECK_SECONDS:
            self._checked = now
            if not self._store.in_place():
                raise StoreError(f"store: {self._store.path} was deleted or replaced while open")
            if self._store.reap():
                self._stale = True
            self._supervisor.check(self._store, [r.config.device for r in self.open if r.status == "queued"])
        if not (self._store.changed() or self._stale):
            return [], trainers
        changed = []
        for run in self._store.runs(since=self._revision):
            self._revision = max(self._revision, run.revision)
            if run.id in self._runs:
                self._runs[run.id] = run
                self._hangs.moved(run.id, now)
                changed.append(run)
        self._stale = False
        return changed, self._store.trainers()

    def _stuck(self, trainers: Sequence[Trainer]) -> str:
        """A run that should move but has not for long, or a trainer that does not answer; empty where there is none."""
        by_id = {trainer.id: trainer for trainer in trainers}
        on_record = (run for run in self.open if run.trainer in by_id)
        run = self._hangs.hanging(on_record, time.monotonic(), HANG_SECONDS)
        if run is None or run.trainer is None:
            return self._supervisor.silent
        trainer = by_id[run.trainer]
        kill = f"kill -9 {trainer.pid} ends its trainer, and the run can be resumed"
        said = last_line(Path(trainer.log))
        reason = f" (its log ends: {said})" if " ERROR " in said else ""
        return f"run {run.id} has not moved for {HANG_SECONDS:.0f} s{reason}; {kill}"

    def _wait_out(self, error: StoreError) -> None:
        """Give a store that cannot be read now a minute, and then give up."""
        self._stale = True
        now = time.monotonic()
        self._bad_since = now if self._bad_since is None else self._bad_since
        if not self._store.in_place() or now - self._bad_since > _PATIENCE_SECONDS:
            raise error


class EndedBySignalError(SystemExit):
    """The process was asked to end; the code is 128 and the signal's number."""


class RunSignals:
    """Signals while runs are followed; training goes on, whatever comes.

    SIGINT (Ctrl-C) is counted. SIGTERM and SIGHUP raise EndedBySignalError: at once within `interruptible`, else when
    this is left.

    Attributes:
        interrupts: How many SIGINT came.
        answered: For whoever acts on the first of them, to say that it is done.
    """

    def __init__(self) -> None:
        self.interrupts = 0
        self.answered = False
        self._interruptible = False
        self._ending = 0
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> RunSignals:
        self._before = {number: signal.getsignal(number) for number in (signal.SIGINT, *_ENDING)}
        signal.signal(signal.SIGINT, self._count)
        for number in _ENDING:
            if self._before[number] is not signal.SIG_IGN:  # as under nohup
                signal.signal(number, self._end)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self._ending and kind is None:
            raise EndedBySignalError(128 + self._ending)

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Let signals end what is done within; outside, as while the terminal is taken or given back, they wait."""
        self._interruptible = True
        try:
            if self._ending:
                raise EndedBySignalError(128 + self._ending)
            yield
        finally:
            self._interruptible = False

    def _count(self, _number: int, _frame: FrameType | None) -> None:
        self.interrupts += 1

    def _end(self, number: int, _frame: FrameType | None) -> None:
        self._ending = number
        if self._interruptible:
            self._interruptible = False  # a second one does not disturb the way out
            raise EndedBySignalError(128 + number)
