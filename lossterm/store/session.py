"""The store as a trainer uses it: enlist, claim a queued run, record its epochs, end it."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from ..config import ConfigError, RunConfig
from ..runs.loss_files import LossSource
from ..runs.records import ACTIVE, Best, Checkpoint, Epoch, Request, Run, Scores, Snapshot, Status, TrainerState
from .database import Database
from .liveness import Liveness
from .locks import LockFolder
from .loss_files import keep_loss_curve, keep_loss_file
from .reader import StoreReader
from .rows import SCORES, SELECT_RUNS, log_name, stored_number

Key = TypeVar("Key", bound=Hashable)
_Self = TypeVar("_Self", bound="TrainerSession")
# A run that was taken for dead while this trainer was training it is no longer its own.
_MINE = f"id = ? AND trainer = ? AND status IN ({', '.join(repr(status) for status in ACTIVE)})"
_LONGEST_CONFIG = 100_000
_LOOK_AHEAD = 500
"""How many queued runs are looked at for those that train together."""
_QUEUED = "status = 'queued' AND deleted IS NULL"
_CLAIM = (
    "UPDATE runs SET status = 'starting', trainer = ?, started = COALESCE(started, ?), resolved = ?, "
    "device_name = ?, log = ?, phase = 'starting', progress = 0 WHERE id = ?"
)


class TrainerSession:
    """A store with one enlisted trainer: what it writes, it writes as that trainer, on runs that it claimed.

    A trainer that was struck off (its lock was lost) claims nothing and records nothing more. It cannot queue,
    annotate or delete.

    Attributes:
        id: The trainer's number.
        path: The store's file, symbolic links resolved.
        locks: The locks of the processes that live for this store.
    """

    path: Path
    locks: LockFolder

    def __init__(self, path: Path | str, device: str, log: str, slot: int = 0):
        """Open the store and enlist this process as a trainer, alive until it ends.

        Args:
            path: The store's file.
            device: What it was started for.
            log: The path of its log.
            slot: Its number among the trainers that live.

        Raises:
            StoreError: The store cannot be opened or written, or no lock can be held.
        """
        self._database = database = Database(path)
        self._reader = reader = StoreReader(database)
        self.path, self.locks = database.path, database.locks
        # What the parts do, under the session's own name.
        self.in_place = database.in_place
        self.changed, self.run, self.checkpoint = reader.changed, reader.run, reader.checkpoint
        self.watched = Liveness(database, reader).watched
        self._lock = self.locks.hold("trainer")
        self._log = log_name(log)
        with database.writing() as sqlite:
            cursor = sqlite.execute(
                "INSERT INTO trainers (pid, device, started, log, lock, slot) VALUES (?, ?, ?, ?, ?, ?)",
                (os.getpid(), device, time.time(), self._log, self._lock.name, slot),
            )
        self.id = int(cursor.lastrowid or 0)
        self._said: TrainerState | None = None
        self._keys: dict[int, Any] = {}

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def retire(self, devices: Iterable[str]) -> bool:
        """Strike this trainer off unless a run that it could claim is queued; whether it may leave now.

        Whoever queues a run afterwards finds no trainer and starts another, so that no run waits for one that
        was leaving.
        """
        asked = tuple(devices)
        with self._database.writing() as sqlite:
            sqlite.execute(
                "DELETE FROM trainers WHERE id = ? AND NOT EXISTS (SELECT 1 FROM runs WHERE status = 'queued' "
                f"AND deleted IS NULL AND device IN ({', '.join('?' * len(asked))}))",
                (self.id, *asked),
            )
            return not self._enlisted(sqlite)

    def enlisted(self) -> bool:
        """Whether this trainer is still on record; one that is not has lost its lock, and should end."""
        with self._database.reading() as sqlite:
            return self._enlisted(sqlite)

    def close(self) -> None:
        """Strike this trainer off and close the file."""
        try:
            with self._database.writing() as sqlite:
                sqlite.execute("DELETE FROM trainers WHERE id = ?", (self.id,))
        finally:
            self._lock.release()
            self._database.close()

    def say(self, state: TrainerState) -> None:
        """Say what this trainer is doing, unless that is what it said last."""
        if state == self._said:
            return
        with self._database.writing() as sqlite:
            sqlite.execute("UPDATE trainers SET state = ? WHERE id = ?", (state, self.id))
        self._said = state

    def ready(self, resolved: str, device_name: str, tensorflow: str) -> None:
        """Say which device this trainer found, and that it can take runs."""
        with self._database.writing() as sqlite:
            sqlite.execute(
                "UPDATE trainers SET state = 'ready', resolved = ?, device_name = ?, tensorflow = ? WHERE id = ?",
                (resolved, device_name, tensorflow, self.id),
            )
        self._said = "ready"

    def claim(self, devices: Iterable[str], resolved: str, device_name: str) -> Run | None:
        """Take the oldest queued run that asks for one of `devices`, in one transaction, so only one trainer has it.

        One that cannot be read is failed, for nobody could ever train it, and the next is taken.
        """
        queued, asked = _queued_for(devices)
        with self._database.writing() as sqlite:
            if not self._enlisted(sqlite):
                return None
            while True:
                values = sqlite.execute(f"{SELECT_RUNS} WHERE {queued} ORDER BY runs.id LIMIT 1", asked).fetchone()
                if values is None:
                    return None
                run = self._reader.rows.run(values)
                if not run.unreadable:
                    break
                sqlite.execute("UPDATE runs SET status = 'failed' WHERE id = ?", (run.id,))
            sqlite.execute(_CLAIM, (self.id, time.time(), resolved, device_name, self._log, run.id))
        return self.run(run.id)

    def claim_alike(
        self,
        run: Run,
        devices: Iterable[str],
        key: Callable[[RunConfig], Key | None],
        train_together: Callable[[int], int],
    ) -> list[Run]:
        """Take the oldest queued runs that can be trained together with one that was claimed.

        Args:
            run: that was claimed.
            devices: that they may ask for.
            key: equal for configs whose runs train together; None for one whose run trains alone.
            train_together: how many of so many runs to train together, `run` counted.
        """
        wanted = key(run.config)
        if wanted is None:
            return []
        alike = [number for number, its in self.queued_keys(devices, key) if its == wanted]
        chosen = alike[: train_together(1 + len(alike)) - 1]
        if not chosen:
            return []
        values = (self.id, time.time(), run.device, run.device_name, self._log)
        with self._database.writing() as sqlite:
            if not self._enlisted(sqlite):
                return []
            taken = [
                number for number in chosen if sqlite.execute(f"{_CLAIM} AND {_QUEUED}", (*values, number)).rowcount
            ]
        return [self.run(number) for number in taken]

    def queued_keys(
        self, devices: Iterable[str], key: Callable[[RunConfig], Key | None]
    ) -> list[tuple[int, Key | None]]:
        """The oldest queued runs that ask for one of `devices`, each with its key; a config is read only once."""
        queued, asked = _queued_for(devices)
        with self._database.reading() as sqlite:
            ids = [
                row[0]
                for row in sqlite.execute(f"SELECT id FROM runs WHERE {queued} ORDER BY id LIMIT {_LOOK_AHEAD}", asked)
            ]
            new = [number for number in ids if number not in self._keys]
            marks = ", ".join("?" * len(new))
            rows = sqlite.execute(f"{SELECT_RUNS} WHERE runs.id IN ({marks})", new).fetchall() if new else []
        known = {number: self._keys[number] for number in ids if number in self._keys}
        for values in rows:
            one = self._reader.rows.run(values)
            known[one.id] = None if one.unreadable else key(one.config)
        self._keys = known
        return [(number, known[number]) for number in ids if number in known]

    def phase(self, run_id: int, words: str, status: Status) -> None:
        """Say in words what an active run is doing."""
        self._mine(run_id, "phase = ?, status = ?", words, status)

    def begin(self, run_id: int, resolved: str, device_name: str, sample: bytes | None = None) -> None:
        """Say that the first step of a run is about to be trained, and on which device; keep the run's sample."""
        with self._database.writing() as sqlite:
            cursor = sqlite.execute(
                f"UPDATE runs SET phase = '', status = 'running', resolved = ?, device_name = ? WHERE {_MINE}",
                (resolved, device_name, run_id, self.id),
            )
            if sample is not None and cursor.rowcount:
                sqlite.execute("INSERT OR REPLACE INTO samples VALUES (?, ?)", (run_id, sample))

    def record(
        self,
        run_id: int,
        epochs: Sequence[Epoch],
        seconds: float,
        progress: float,
        best: Best | None,
        snapshots: Sequence[Snapshot] = (),
    ) -> Request | None:
        """Append epochs of a running run in one transaction, and read what is asked of it.

        seconds: training time so far. progress: share of the epoch under way. An epoch that is there already
        (trained again after a resume) is replaced, and so is a
        snapshot that was not to be kept. Returns 'stop', 'pause' or None; 'stop' also where the run
        is no longer this trainer's.
        """
        with self._database.writing() as sqlite:
            row = sqlite.execute(
                "UPDATE runs SET status = 'running', phase = '', epochs_done = MAX(epochs_done, ?), seconds = ?, "
                f"progress = ?, best_epoch = ?, best_test_metric = ? WHERE {_MINE} RETURNING request",
                (
                    epochs[-1].epoch if epochs else 0,
                    seconds,
                    progress,
                    best.epoch if best else None,
                    stored_number(best.test_metric) if best else None,
                    run_id,
                    self.id,
                ),
            ).fetchone()
            if row is not None:
                sqlite.executemany(
                    "INSERT OR REPLACE INTO epochs VALUES (?, ?, ?, ?, ?, ?, ?)", [_columns(run_id, e) for e in epochs]
                )
                if snapshots:
                    _show(sqlite, run_id, snapshots)
        return "stop" if row is None else row[0]

    def asked(self, run_id: int) -> Request | None:
        """What is asked of a run of this trainer: 'stop', 'pause' or None."""
        with self._database.reading() as sqlite:
            row = sqlite.execute(f"SELECT request FROM runs WHERE {_MINE}", (run_id, self.id)).fetchone()
        return "stop" if row is None else row[0]

    def keep(self, run_id: int, checkpoint: Checkpoint) -> None:
        """Keep the latest checkpoint of a run of this trainer in place of the one before."""
        with self._database.writing() as sqlite:
            if sqlite.execute(f"SELECT 1 FROM runs WHERE {_MINE}", (run_id, self.id)).fetchone() is not None:
                _keep(sqlite, run_id, checkpoint)

    def finish(
        self,
        run_id: int,
        status: Status,
        message: str = "",
        seconds: float | None = None,
        scores: Scores | None = None,
        final: Checkpoint | None = None,
        all_scores: Mapping[str, object] | None = None,
    ) -> None:
        """End a run of this trainer: its state, its scores and its final weights in one transaction.

        all_scores: every score of each set, as JSON can hold it.
        """
        more = {"baseline": stored_number(scores.baseline) if scores else None, **(all_scores or {})}
        known = {name: value for name, value in more.items() if value is not None}
        written = json.dumps(known) if known else ""
        columns = ", ".join(f"{column} = ?" for column in SCORES)
        values = [stored_number(getattr(scores, column)) if scores else None for column in SCORES]
        with self._database.writing() as sqlite:
            cursor = sqlite.execute(
                f"UPDATE runs SET status = ?, message = ?, ended = ?, seconds = COALESCE(?, seconds), request = NULL, "
                f"phase = '', progress = 0, scores = ?, {columns} WHERE {_MINE}",
                (status, message, time.time(), seconds, written, *values, run_id, self.id),
            )
            if final is not None and cursor.rowcount:
                _keep(sqlite, run_id, final)

    def keep_loss_file(self, source: LossSource) -> None:
        """Keep the text of an own loss's file where it is not kept yet, as in a run that was queued by other means."""
        with self._database.writing() as sqlite:
            keep_loss_file(sqlite, source)

    def keep_loss_curve(self, sha256: str, name: str, curve: str) -> None:
        """Keep the values and the gradient of a loss on one output layer as JSON, by the name of the two."""
        with self._database.writing() as sqlite:
            keep_loss_curve(sqlite, sha256, name, curve)

    def end_stuck(self, run_id: int, message: str) -> None:
        """Fail a run whose own code never ends and strike this trainer off, from a thread beside the one in that code.

        Whoever calls it ends the process next.
        """
        database = Database(self.path)
        with database.writing() as sqlite:
            sqlite.execute(
                f"UPDATE runs SET status = 'failed', message = ?, ended = ?, request = NULL, phase = '' WHERE {_MINE}",
                (message, time.time(), run_id, self.id),
            )
            sqlite.execute("DELETE FROM trainers WHERE id = ?", (self.id,))
        database.close()
        self._lock.release()

    def wanted(self) -> RunConfig | None:
        """What a front end would have compiled beforehand, if anything that can be trained."""
        with self._database.reading() as sqlite:
            row = sqlite.execute(
                "SELECT config FROM warm_up WHERE typeof(config) = 'text' AND length(config) < ?", (_LONGEST_CONFIG,)
            ).fetchone()
        try:
            return None if row is None else RunConfig.from_json(row[0])
        except ConfigError:  # no front end of ours wrote that
            return None

    def keep_warm_sample(self, config: RunConfig, sample: bytes) -> None:
        """Keep a packed sample of the rows that a config trains on, if that is still what a front end wants."""
        with self._database.writing() as sqlite:
            sqlite.execute(
                "UPDATE warm_up SET sample = ? WHERE config = ? AND sample IS NULL", (sample, config.to_json())
            )

    def _mine(self, run_id: int, change: str, *values: object) -> None:
        with self._database.writing() as sqlite:
            sqlite.execute(f"UPDATE runs SET {change} WHERE {_MINE}", (*values, run_id, self.id))

    def _enlisted(self, sqlite: sqlite3.Connection) -> bool:
        return sqlite.execute("SELECT 1 FROM trainers WHERE id = ?", (self.id,)).fetchone() is not None


def _columns(run_id: int, epoch: Epoch) -> tuple[object, ...]:
    values = (epoch.train_loss, epoch.train_metric, epoch.test_loss, epoch.test_metric)
    return (run_id, epoch.epoch, *map(stored_number, values), epoch.seconds)


def _show(sqlite: sqlite3.Connection, run_id: int, snapshots: Sequence[Snapshot]) -> None:
    sqlite.execute("DELETE FROM snapshots WHERE run = ? AND NOT kept", (run_id,))
    sqlite.executemany(
        "INSERT OR REPLACE INTO snapshots (run, epoch, kept, weights) VALUES (?, ?, ?, ?)",
        [(run_id, one.epoch, one.kept, one.weights) for one in snapshots],
    )


def _keep(sqlite: sqlite3.Connection, run_id: int, checkpoint: Checkpoint) -> None:
    sqlite.execute(
        "INSERT OR REPLACE INTO checkpoints (run, epoch, arrays) VALUES (?, ?, ?)",
        (run_id, checkpoint.epoch, checkpoint.arrays),
    )


def _queued_for(devices: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """The condition for queued runs that ask for one of `devices`, and its parameters."""
    asked = tuple(devices)
    return f"{_QUEUED} AND device IN ({', '.join('?' * len(asked))})", asked
