"""The thread between the screen and the store: it reads what changed, does what is asked, and keeps a trainer alive.

The screen never touches the store, so a slow disk or a locked file cannot freeze it.
"""

from __future__ import annotations

import contextlib
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from textual.message import Message

from .. import launcher
from ..experiment import Experiment
from ..records import ENDED, Epoch, Run, Snapshot, Trainer
from ..store import Store, StoreError

POLL_SECONDS = 0.03
LIVE_SECONDS = 0.1
REAP_SECONDS = 1.0
NOTICE_SECONDS = 30.0
_CHUNK = 5000


@dataclass
class Changed(Message):
    """What changed in the store since the last one.

    runs: the changed runs, deleted ones among them. epochs: new epochs of the runs that are followed; from the first
    on again where a run that was resumed has ended, for it trained some of them anew.
    trainers: all that live. first: this is the whole history, of a store that was opened just now.
    """

    runs: list[Run]
    epochs: dict[int, list[Epoch]]
    trainers: list[Trainer]
    first: bool = False


@dataclass
class Glimpsed(Message):
    """New snapshots of a run that is looked at; all of them, with the packed sample of its rows, where it has one."""

    run_id: int
    sample: bytes | None
    snapshots: list[Snapshot]


@dataclass
class Queued(Message):
    """Runs that were asked for are in the store now; `mark` says whether they are to be compared."""

    ids: list[int]
    mark: bool


@dataclass
class Trouble(Message):
    """The store or a trainer cannot be had; an empty text says that all is well again."""

    text: str


@dataclass
class Told(Message):
    """Something worth a short notice happened."""

    text: str
    severity: str = "information"


Post = Callable[[Message], object]


class Feed(threading.Thread):
    """Follows one store for one screen. Its methods may be called from any thread and return at once."""

    def __init__(self, path: Path, device: str, post: Post, trainers: int | None = None):
        """Follow the store at `path`; messages go to `post`.

        device: what trainers are started for. trainers: how many at most; None for as many as help.
        """
        super().__init__(name="feed", daemon=True)
        self._path = path
        self._device = device
        self._post = post
        self._inbox: queue.SimpleQueue[Callable[[Store], object]] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._revision = -1
        self._followed: dict[int, int] = {}
        self._looked_at: dict[int, int] = {}
        self._resumed: set[int] = set()
        self._trainers: list[Trainer] = []
        self._keeper = launcher.Keeper(trainers)
        self._reaped = self._rest_until = 0.0
        self._trouble = ""
        self._noticed = ("", 0.0)

    # -- asked by the screen --------------------------------------------------------------------------------

    def queue(self, experiments: Sequence[Experiment], mark: bool = False) -> None:
        """Queue runs; answered by Queued."""

        def work(store: Store) -> None:
            ids = store.queue(experiments)
            self._followed.update(dict.fromkeys(ids, 0))
            self._post(Queued(ids, mark))

        self._inbox.put(work)

    def follow(self, run_ids: Iterable[int]) -> None:
        """Send the epochs of these runs, what there is and what will come."""
        wanted = list(run_ids)

        def work(_store: Store) -> None:
            for run_id in wanted:
                self._followed.setdefault(run_id, 0)

        self._inbox.put(work)

    def unfollow(self, run_ids: Iterable[int]) -> None:
        """Send no more epochs of these runs; once followed again they are all sent anew."""
        unwanted = list(run_ids)

        def work(_store: Store) -> None:
            for run_id in unwanted:
                self._followed.pop(run_id, None)

        if unwanted:
            self._inbox.put(work)

    def look_at(self, runs: Mapping[int, int]) -> None:
        """Send the snapshots of these runs and of no others; each goes with the epoch of the last one had, or -1."""
        wanted = dict(runs)

        def work(_store: Store) -> None:
            self._looked_at = wanted

        self._inbox.put(work)

    def ask(self, work: Callable[[Store], object]) -> None:
        """Do something with the store: stop, pause, resume, annotate, and the like."""
        self._inbox.put(work)

    def kill(self, trainer: Trainer) -> None:
        """End a trainer that hangs; its run becomes `interrupted`."""
        self.ask(lambda _store: launcher.kill(trainer))

    def export(self, run_ids: Sequence[int], form: str, path: str) -> None:
        """Export runs in a process of its own (`lossterm export`); answered by Told."""
        names = [str(run_id) for run_id in run_ids]
        command = [sys.executable, "-m", "lossterm", "--store", str(self._path), "export", *names]

        def work() -> None:
            done = subprocess.run(
                [*command, "--format", form, "--to", path], capture_output=True, text=True, stdin=subprocess.DEVNULL
            )
            if done.returncode == 0:
                self._post(Told(f"exported to {path}"))
            else:
                self._post(Told(done.stderr.strip() or "the export failed", "error"))

        threading.Thread(target=work, name="export", daemon=True).start()

    def close(self) -> None:
        """End the thread, after what was asked before."""
        self._closing.set()
        self._inbox.put(lambda _store: None)
        self.join(timeout=5)

    # -- the thread -----------------------------------------------------------------------------------------

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
            self._read(store, first=self._revision < 0)
            self._say_trouble("")
            self._keep_trainers(store, [self._device])
            stale = True
            while not self._closing.is_set() or not self._inbox.empty():
                worked = self._work(store)
                self._look_after(store)
                stale = store.changed() or stale
                if worked or (stale and time.monotonic() >= self._rest_until):
                    self._read(store)
                    stale = False
        finally:
            watching.release()

    def _work(self, store: Store) -> bool:
        """Do what is asked, waiting a little for it; True if anything was."""
        worked = False
        with contextlib.suppress(queue.Empty):
            work = self._inbox.get(timeout=POLL_SECONDS)
            while True:
                worked = True
                try:
                    work(store)
                except StoreError as error:
                    self._post(Told(str(error), "error"))
                work = self._inbox.get_nowait()
        return worked

    def _read(self, store: Store, first: bool = False) -> None:
        runs = store.runs(self._revision)
        self._revision = max([run.revision for run in runs], default=self._revision)
        self._read_anew(runs)
        trainers = store.trainers()
        epochs: dict[int, list[Epoch]] = {}
        for run_id, seen in self._followed.items():
            new = store.epochs(run_id, after=seen, limit=_CHUNK)
            if new:
                epochs[run_id] = new
                self._followed[run_id] = new[-1].epoch
        if epochs:
            self._rest_until = time.monotonic() + LIVE_SECONDS
        if runs or epochs or first or trainers != self._trainers:
            self._trainers = trainers
            self._post(Changed([r for r in runs if not (first and r.deleted)], epochs, trainers, first))
        self._look(store)
        if any(len(new) == _CHUNK for new in epochs.values()):
            self._inbox.put(lambda _store: None)  # there is more: read on without waiting

    def _read_anew(self, runs: Iterable[Run]) -> None:
        """Send runs that ended after a resume once more: epochs after their checkpoint were replaced by new ones."""
        for run in runs:
            if run.status in ("queued", "starting") and run.epochs_done:
                self._resumed.add(run.id)
            elif run.status in ENDED and run.id in self._resumed:
                self._resumed.remove(run.id)
                for sent, none in ((self._followed, 0), (self._looked_at, -1)):
                    if run.id in sent:
                        sent[run.id] = none

    def _look(self, store: Store) -> None:
        for run_id, after in self._looked_at.items():
            new = store.snapshots(run_id, after)
            if new:
                self._looked_at[run_id] = new[-1].epoch
                self._post(Glimpsed(run_id, store.sample(run_id) if after < 0 else None, new))

    def _look_after(self, store: Store) -> None:
        """Once a second: are the trainers alive, is the file still ours, does every queued run have a trainer."""
        now = time.monotonic()
        if now - self._reaped < REAP_SECONDS:
            return
        self._reaped = now
        if not store.in_place():
            self._revision, self._followed, self._looked_at, self._resumed = -1, {}, {}, set()
            raise StoreError(f"store: {self._path} was deleted or replaced while open; opening what is there now")
        for run_id in store.reap():
            self._post(Told(f"run {run_id}: {store.run(run_id).message}; r resumes it", "error"))
        self._keep_trainers(store, [self._device, *store.queued_devices()])

    def _keep_trainers(self, store: Store, devices: Sequence[str]) -> None:
        """Start a trainer where none lives that is needed."""
        try:
            self._keeper.keep(store, devices)
            self._say_trouble("")
        except launcher.LaunchError as error:
            self._say_trouble(str(error))

    def _say_trouble(self, text: str) -> None:
        """Say it for as long as it lasts, and in a notice too, which has room for all of it and stays a while."""
        if text == self._trouble:
            return
        self._trouble = text
        self._post(Trouble(text))
        now = time.monotonic()
        if text and (text != self._noticed[0] or now > self._noticed[1] + NOTICE_SECONDS):
            self._noticed = text, now
            self._post(Told(text, "error"))
