"""The thread between the screen and the store: it reads what changed, does what is asked, and keeps a trainer alive.

The screen never touches the store, so a slow disk or a locked file cannot freeze it.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from textual.message import Message

from ..config import ConfigError, RunConfig
from ..experiments.summary import experiment_name
from ..runs.data_files import DataFileChangedError, check_in_place
from ..runs.loss_files import LossFileError, allow
from ..runs.records import ENDED, Epoch, Run, Trainer
from ..store import Store, StoreError
from ..store.commands import KeepLossFile, QueueRuns
from ..supervisor import launch, tools
from ..supervisor.hangs import LastingText
from ..supervisor.supervisor import Supervisor
from .aside import AsideRequest, QueueReadRuns, answer_to, log_text, read_own_losses
from .comparison_worker import ComparisonWorker
from .data_reading import FILE_REQUESTS, DataReading
from .messages import (
    AllowLossFile,
    DatasetsChanged,
    DraftSampleLoaded,
    ExportRuns,
    ExtendComparison,
    FindLosses,
    FollowComparison,
    FollowRuns,
    FollowSnapshots,
    KillTrainer,
    LogRead,
    Notification,
    PreferencesRead,
    ReadLog,
    ReadRunPage,
    Request,
    RunPageRead,
    RunsChanged,
    RunsQueued,
    SnapshotsLoaded,
    StartComparison,
    StartRuns,
    StoreRequest,
    StoreUnavailable,
    UnfollowRuns,
    WarmUp,
    WriteReport,
)

POLL_SECONDS = 0.03
LIVE_SECONDS = 0.1
REAP_SECONDS = 1.0
NOTICE_SECONDS = 30.0
_CHUNK = 20_000
"""How many epochs are read at once at most; the screen takes them in before the next ones come."""
_PAGE_LINES = 40
"""So many lines of its log the page of a run shows."""

Post = Callable[[Message], object]
_Asked = TypeVar("_Asked")


class StoreWorker(threading.Thread):
    """Follows one store for one screen. `send` and `close` may be called from any thread."""

    def __init__(self, path: Path, device: str, post: Post, trainers: int | None = None):
        """Follow a store.

        Args:
            path: The store's file.
            device: What trainers are started for.
            post: Takes the messages.
            trainers: How many trainers at most; None for as many as help.
        """
        super().__init__(name="store-worker", daemon=True)
        self._path = path
        self._device = device
        self._post = post
        self._inbox: queue.SimpleQueue[StoreRequest | QueueReadRuns | None] = queue.SimpleQueue()
        self._reading: list[threading.Thread] = []
        """Those that read own losses; each puts what is to be queued then into the inbox."""
        self._data = DataReading(post)
        self._closing = threading.Event()
        self._revision = -1
        self._followed: dict[int, int] = {}
        self._unread: set[int] = set()
        self._warmed: RunConfig | None = None
        """What a trainer was told to warm up, until the sample of its rows is known."""
        self._snapshots_after: dict[int, int] = {}
        self._datasets_version: object = []
        self._resumed: set[int] = set()
        self._trainers: list[Trainer] = []
        self._supervisor = Supervisor(trainers)
        self._comparisons = ComparisonWorker(path, post, trainers)
        self._reaped = self._rest_until = 0.0
        self._trouble = ""
        self._lasting = LastingText()
        self._noticed = ("", 0.0)

    def send(self, request: Request) -> None:
        """Ask for something; returns at once. Files of data are read even while the store cannot be had."""
        if isinstance(request, FILE_REQUESTS):
            self._data.do(request)
        else:
            self._inbox.put(request)

    def close(self) -> None:
        """End the thread, after what was asked before."""
        self._closing.set()
        self._inbox.put(None)
        self.join(timeout=5)
        self._comparisons.close()
        self._data.cancel()

    def run(self) -> None:
        """Open the store and follow it; when it cannot be had, say so and try again until it can."""
        while not self._closing.is_set():
            try:
                with Store(self._path) as store:
                    self._serve(store)
            except (StoreError, OSError) as error:
                self._say_trouble(str(error))
                self._closing.wait(1.0)

    def _serve(self, store: Store) -> None:
        watching = store.watch()
        try:
            self._unread = set(self._followed)
            first = self._revision < 0
            self._read_datasets(store)
            if first:
                self._post(PreferencesRead(store.preferences()))
            self._read(store, first)
            self._say_trouble("")
            self._keep_trainers(store, [self._device])
            stale = True
            while not self._closing.is_set() or self._asked():
                worked = self._work(store)
                self._look_after(store)
                stale = store.changed() or bool(self._unread) or stale
                if worked or (stale and time.monotonic() >= self._rest_until):
                    self._read(store)
                    self._read_datasets(store)
                    stale = False
        finally:
            watching.release()

    # -- doing what is asked --------------------------------------------------------------------------------

    def _work(self, store: Store) -> bool:
        """Do what is asked, waiting a little for it; True if anything was."""
        worked = False
        with contextlib.suppress(queue.Empty):
            request = self._inbox.get(timeout=POLL_SECONDS)
            while True:
                worked = True
                try:
                    if request is not None:
                        self._carry_out(store, request)
                except (StoreError, LossFileError) as error:
                    self._post(Notification(str(error), "error"))
                except launch.LaunchError as error:
                    self._say_trouble(str(error))
                request = self._inbox.get_nowait()
        return worked

    def _asked(self) -> bool:
        """Whether anything is left to do of what was asked."""
        self._reading = [thread for thread in self._reading if thread.is_alive()]
        return bool(self._reading) or not self._inbox.empty()

    def _carry_out(self, store: Store, request: StoreRequest | QueueReadRuns) -> None:
        match request:
            case StartRuns() | QueueReadRuns() | AllowLossFile():
                self._start_runs(store, request)
            case StartComparison() | ExtendComparison() | FollowComparison():
                self._comparisons.carry_out(store, request)
            case FollowRuns(run_ids):
                self._follow(run_ids)
            case UnfollowRuns(run_ids):
                for run_id in run_ids:
                    self._followed.pop(run_id, None)
            case FollowSnapshots(after):
                self._snapshots_after = dict(after)
            case KillTrainer(trainer):
                launch.kill_trainer(trainer)
            case ExportRuns() | FindLosses() | WriteReport():
                self._beside(self._do_aside, request)
            case ReadLog() | ReadRunPage():
                self._read_log(store, request)
            case _:
                self._warmed = request.config if isinstance(request, WarmUp) else self._warmed
                store.do(request)

    def _follow(self, run_ids: Iterable[int]) -> None:
        for run_id in run_ids:
            if run_id not in self._followed:
                self._followed[run_id] = 0
                self._unread.add(run_id)

    def _start_runs(self, store: Store, request: StartRuns | QueueReadRuns | AllowLossFile) -> None:
        """Queue runs, those with own files once these have been looked at, or note that an own loss was picked."""
        match request:
            case StartRuns(configs, mark) if not any(config.loss_file or config.data_file for config in configs):
                self._queue(store, configs, mark)
            case StartRuns():
                self._reading.append(self._beside(self._look_at_files, request))
            case QueueReadRuns(read, sources, edited):
                for source in sources:
                    store.do(KeepLossFile(source))
                self._queue(store, read.configs, read.mark)
                if edited:
                    self._post(Notification(edited))
            case AllowLossFile(source):
                allow(source.file)
                store.do(KeepLossFile(source))

    def _queue(self, store: Store, configs: tuple[RunConfig, ...], mark: bool) -> None:
        run_ids = store.do(QueueRuns(configs, experiment_name(configs)))
        self._follow(run_ids)
        self._post(RunsQueued(run_ids, mark))

    def _beside(self, work: Callable[[_Asked], None], request: _Asked) -> threading.Thread:
        """Do something in a thread of its own, which ends with the app."""
        thread = threading.Thread(target=work, args=(request,), name="aside", daemon=True)
        thread.start()
        return thread

    def _do_aside(self, request: AsideRequest) -> None:
        self._post(answer_to(request, self._path))

    def _look_at_files(self, request: StartRuns) -> None:
        """Have files of one's own looked at, and the runs queued then; say why where one cannot be trained on."""
        try:
            for file in {config.data_file for config in request.configs if config.data_file is not None}:
                check_in_place(file)
            self._inbox.put(read_own_losses(request))
        except (tools.ToolError, LossFileError, ConfigError, DataFileChangedError) as error:
            self._post(Notification(str(error), "error"))

    def _read_log(self, store: Store, request: ReadLog | ReadRunPage) -> None:
        log = store.run(request.run_id).log if request.run_id is not None else ""
        if isinstance(request, ReadRunPage):
            text = log_text(log, _PAGE_LINES) if log else "no trainer has run it yet"
            self._post(RunPageRead(request.run_id, text, store.scores(request.run_id)))
            return
        if not log and self._trainers:
            log = self._trainers[0].log
        if not log:
            self._post(Notification("no trainer has run yet: there is no log", "warning"))
            return
        self._post(LogRead(log, log_text(log)))

    # -- reading --------------------------------------------------------------------------------------------

    def _read(self, store: Store, first: bool = False) -> None:
        runs = store.runs(self._revision)
        self._revision = max([run.revision for run in runs], default=self._revision)
        self._read_anew(runs)
        self._unread.update(run.id for run in runs if run.id in self._followed)
        trainers = store.trainers()
        epochs = self._read_epochs(store)
        if epochs:
            self._rest_until = time.monotonic() + LIVE_SECONDS
        if runs or epochs or first or trainers != self._trainers:
            self._trainers = trainers
            numbers = {run.experiment_id for run in runs if run.experiment_id is not None}
            experiments = store.experiments(None if first else numbers) if numbers else []
            found = [run for run in runs if not (first and run.deleted)]
            self._post(RunsChanged(found, epochs, trainers, experiments, first))
        self._comparisons.take(store, runs, first)
        self._read_snapshots(store)
        sample = store.warm_sample(self._warmed) if self._warmed is not None else None
        if self._warmed is not None and sample is not None:
            self._post(DraftSampleLoaded(self._warmed, sample))
            self._warmed = None

    def _read_datasets(self, store: Store) -> None:
        version = store.datasets_version()
        if version != self._datasets_version:
            self._datasets_version = version
            self._post(DatasetsChanged(tuple(store.own_datasets())))

    def _read_epochs(self, store: Store) -> dict[int, list[Epoch]]:
        """New epochs of the followed runs that changed, no more than _CHUNK; `_unread` keeps what is left."""
        epochs: dict[int, list[Epoch]] = {}
        left = _CHUNK
        for run_id in list(self._unread):
            if run_id in self._followed and left > 0:
                new = store.epochs(run_id, after=self._followed[run_id], limit=left)
                left -= len(new)
                if new:
                    epochs[run_id] = new
                    self._followed[run_id] = new[-1].epoch
                if left <= 0:
                    break
            self._unread.discard(run_id)
        return epochs

    def _read_anew(self, runs: Iterable[Run]) -> None:
        """Send runs that ended after a resume once more: epochs after their checkpoint were replaced by new ones."""
        for run in runs:
            if run.status in ("queued", "starting") and run.epochs_done:
                self._resumed.add(run.id)
            elif run.status in ENDED and run.id in self._resumed:
                self._resumed.remove(run.id)
                for sent, none in ((self._followed, 0), (self._snapshots_after, -1)):
                    if run.id in sent:
                        sent[run.id] = none

    def _read_snapshots(self, store: Store) -> None:
        for run_id, after in self._snapshots_after.items():
            new = store.snapshots(run_id, after)
            if new:
                self._snapshots_after[run_id] = new[-1].epoch
                if after < 0:
                    self._post(SnapshotsLoaded(run_id, store.sample(run_id), new, _curves(store, run_id)))
                else:
                    self._post(SnapshotsLoaded(run_id, None, new))
            elif after < 0 and store.run(run_id).status in ENDED:  # it has none, nor will have
                self._snapshots_after[run_id] = 0
                self._post(SnapshotsLoaded(run_id, None, []))

    # -- looking after ----------------------------------------------------------------------------------------

    def _look_after(self, store: Store) -> None:
        """Once a second: are the trainers alive, is the file still ours, does every queued run have a trainer."""
        now = time.monotonic()
        if now - self._reaped < REAP_SECONDS:
            return
        self._reaped = now
        if not store.in_place():
            self._revision, self._followed, self._snapshots_after, self._resumed = -1, {}, {}, set()
            raise StoreError(f"store: {self._path} was deleted or replaced while open; opening what is there now")
        for run_id in store.reap():
            self._post(Notification(f"run {run_id}: {store.run(run_id).message}; r resumes it", "error"))
        self._keep_trainers(store, [self._device, *store.queued_devices()])

    def _keep_trainers(self, store: Store, devices: Sequence[str]) -> None:
        """Start a trainer where none lives that is needed, and what goes on with comparisons."""
        try:
            self._supervisor.check(store, devices)
            self._comparisons.look_after(store)
            self._say_trouble(self._supervisor.trouble or self._supervisor.silent)
        except launch.LaunchError as error:
            self._say_trouble(str(error))

    def _say_trouble(self, text: str) -> None:
        """Say it for as long as it lasts, and in a notice too, which has room for all of it and stays a while."""
        text = self._lasting.update(text, time.monotonic())
        if text == self._trouble:
            return
        self._trouble = text
        self._post(StoreUnavailable(text))
        now = time.monotonic()
        if text and (text != self._noticed[0] or now > self._noticed[1] + NOTICE_SECONDS):
            self._noticed = text, now
            self._post(Notification(text, "error"))


def _curves(store: Store, run_id: int) -> Mapping[str, object]:
    """The curves of a run's own loss, as the store keeps them; none for a loss of the catalogue."""
    file = store.run(run_id).config.loss_file
    kept = None if file is None else store.loss_file(file.sha256)
    return {} if kept is None else kept.curves
