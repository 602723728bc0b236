"""The store as a front end uses it: it reads, and does what the commands ask."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from ..catalog import DataFile
from ..config import RunConfig
from ..runs.loss_files import LossSource
from ..runs.records import ACTIVE, ENDED, Experiment, Run
from ..text import one_line
from . import commands
from .commands import Command
from .configs import CONFIG, stored_config
from .database import Database
from .liveness import Liveness
from .locks import LockFolder
from .loss_files import keep_loss_file
from .reader import StoreReader
from .rows import LONGEST_NAME

_Self = TypeVar("_Self", bound="Store")
_Result = TypeVar("_Result")
_ACTIVE = ", ".join(f"'{status}'" for status in ACTIVE)
_QUEUE = (
    f"INSERT INTO runs (experiment_id, created, {', '.join(CONFIG)}) "
    f"VALUES (:experiment_id, :created, {', '.join(f':{column}' for column in CONFIG)})"
)
_MOST_REVISION = 2**53


class Store:
    """One SQLite file of runs, the only wire between front ends and trainers.

    For use in the thread that made it. Every method raises StoreError, with the file's name and the reason,
    when the file cannot be read or written; nothing is half done then.

    Attributes:
        path: The file, symbolic links resolved.
        locks: The locks that trainers and watchers hold while they are alive.
        log_folder: Where trainers write their logs.
    """

    path: Path
    locks: LockFolder
    log_folder: Path

    def __init__(self, path: Path | str, make: bool = True):
        """Open the store.

        Args:
            path: The file; a symbolic link leads to the store that it names.
            make: Whether it is made where there is none. Without it, a store that does not exist reads as empty,
                and one that may not be written can be read.

        Raises:
            StoreError: See `connect` for what is refused.
        """
        self._database = database = Database(path, make)
        self._reader = reader = StoreReader(database)
        liveness = Liveness(database, reader)
        self.path, self.locks, self.log_folder = database.path, database.locks, database.log_folder
        # What the parts do, under the store's own name.
        self.in_place = database.in_place
        self.changed, self.runs, self.run, self.epochs = reader.changed, reader.runs, reader.run, reader.epochs
        self.checkpoint, self.snapshots, self.sample = reader.checkpoint, reader.snapshots, reader.sample
        self.runs_of, self.experiment, self.experiments = reader.runs_of, reader.experiment, reader.experiments
        self.preferences, self.warm_sample = reader.preferences, reader.warm_sample
        self.loss_file = reader.loss_file
        self.own_datasets, self.scores = reader.own_datasets, reader.scores
        self.datasets_version = reader.datasets_version
        self.open_comparisons = reader.open_comparisons
        self.count, self.queued_devices, self.trainers = reader.count, reader.queued_devices, reader.trainers
        self.reap, self.watch, self.watched = liveness.reap, liveness.watch, liveness.watched
        if make:
            self._mend_revisions()

    def close(self) -> None:
        """Close the file; the store is not usable afterwards."""
        self._database.close()

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- commands -------------------------------------------------------------------------------------------

    def do(self, command: Command[_Result]) -> _Result:
        """Carry out a command, and return its result."""
        result: _Result = _METHODS[type(command)](self, **vars(command))
        return result

    def queue(
        self,
        configs: Sequence[RunConfig],
        experiment: str | None = None,
        experiment_id: int | None = None,
        plan: str = "",
    ) -> list[int]:
        """See `QueueRuns`."""
        ids: list[int] = []
        now = time.time()
        with self._database.writing() as sqlite:
            if experiment is not None:
                experiment_id = _new_experiment(sqlite, experiment, plan)
            for config in configs:
                columns = {**stored_config(config), "experiment_id": experiment_id, "created": now}
                ids.append(int(sqlite.execute(_QUEUE, columns).lastrowid or 0))
        return ids

    def keep_loss_file(self, source: LossSource) -> None:
        """See `KeepLossFile`."""
        with self._database.writing() as sqlite:
            keep_loss_file(sqlite, source)

    def change_plan(self, experiment_id: int, plan: str) -> None:
        """See `ChangePlan`."""
        with self._database.writing() as sqlite:
            sqlite.execute("UPDATE experiments SET plan = ? WHERE id = ?", (plan, experiment_id))
            _note_change(sqlite, experiment_id)

    def stop(self, run_id: int) -> Run:
        """See `StopRun`."""
        self._update(
            run_id,
            "status = 'stopped', ended = ?, request = NULL, message = CASE epochs_done "
            "WHEN 0 THEN 'stopped before it started' ELSE 'stopped after epoch ' || epochs_done END",
            "status = 'queued'",
            time.time(),
        )
        return self._update(run_id, "request = 'stop'", f"status IN ({_ACTIVE})")

    def stop_all(self) -> list[int]:
        """See `StopAllRuns`."""
        with self._database.reading() as sqlite:
            rows = sqlite.execute(f"SELECT id FROM runs WHERE status IN ('queued', {_ACTIVE}) ORDER BY id DESC")
            ids = [int(run_id) for (run_id,) in rows.fetchall()]
        for run_id in ids:
            self.stop(run_id)
        return ids

    def pause(self, run_id: int) -> Run:
        """See `PauseRun`."""
        return self._update(run_id, "request = 'pause'", "status IN ('starting', 'running') AND request IS NULL")

    def resume(self, run_id: int) -> Run:
        """See `ResumeRun`."""
        if (run := self.run(run_id)).unreadable:
            return run
        self._update(run_id, "request = NULL", f"status IN ({_ACTIVE}) AND request = 'pause'")
        return self._update(
            run_id,
            "status = 'queued', request = NULL, ended = NULL, message = '', trainer = NULL, "
            "train_loss = NULL, train_metric = NULL, test_loss = NULL, test_metric = NULL, "
            "train_mae = NULL, test_mae = NULL, train_r2 = NULL, test_r2 = NULL",
            "status = 'interrupted' OR (status = 'stopped' AND epochs_done < epochs)",
        )

    def annotate(self, run_id: int, note: str) -> Run:
        """See `AnnotateRun`."""
        return self._update(run_id, "note = ?", "1", note)

    def pin(self, run_id: int, pinned: bool) -> Run:
        """See `PinRun`."""
        return self._update(run_id, "pinned = ?", "1", int(pinned))

    def delete(self, run_ids: Iterable[int]) -> list[int]:
        """See `DeleteRuns`."""
        taken: list[int] = []
        with self._database.writing() as sqlite:
            for run_id in run_ids:
                run = self._reader.run_in(sqlite, run_id)
                if run is not None and run.status in ENDED:
                    _take_out_of_sight(sqlite, run_id)
                    taken.append(run_id)
        return taken

    def restore(self, run_ids: Iterable[int]) -> None:
        """See `RestoreRuns`."""
        with self._database.writing() as sqlite:
            sqlite.executemany("UPDATE runs SET deleted = NULL WHERE id = ?", [(run_id,) for run_id in run_ids])

    def rename_experiment(self, experiment_id: int, name: str) -> Experiment:
        """See `RenameExperiment`."""
        self._reader.experiment(experiment_id)
        with self._database.writing() as sqlite:
            name = one_line(name)[:LONGEST_NAME]
            sqlite.execute("UPDATE experiments SET name = ? WHERE id = ?", (name, experiment_id))
            _note_change(sqlite, experiment_id)
        return self._reader.experiment(experiment_id)

    def set_preference(self, name: str, value: object) -> None:
        """See `SetPreference`."""
        with self._database.writing() as sqlite:
            if value is None:
                sqlite.execute("DELETE FROM preferences WHERE name = ?", (name,))
            else:
                sqlite.execute("INSERT OR REPLACE INTO preferences VALUES (?, ?)", (name, json.dumps(value)))

    def add_dataset(self, file: DataFile, report: Mapping[str, object]) -> None:
        """See `AddDataset`."""
        description = json.dumps({"file": file.model_dump(), "report": report})
        with self._database.writing() as sqlite:
            sqlite.execute(
                "INSERT OR REPLACE INTO own_datasets VALUES (?, ?, ?)", (file.name, description, time.time())
            )

    def remove_dataset(self, name: str) -> bool:
        """See `RemoveDataset`."""
        with self._database.writing() as sqlite:
            return sqlite.execute("DELETE FROM own_datasets WHERE name = ?", (name,)).rowcount > 0

    def warm_up(self, config: RunConfig) -> None:
        """See `WarmUp`."""
        with self._database.writing() as sqlite:
            sqlite.execute(
                "INSERT INTO warm_up (id, config) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET "
                "config = excluded.config, sample = CASE WHEN config = excluded.config THEN sample END",
                (config.to_json(),),
            )

    def _update(self, run_id: int, change: str, where: str, *values: object) -> Run:
        with self._database.writing() as sqlite:
            sqlite.execute(f"UPDATE runs SET {change} WHERE id = ? AND ({where})", (*values, run_id))
        return self.run(run_id)

    def _mend_revisions(self) -> None:
        """See that revisions are numbers that can grow, or nobody who follows would learn of a change."""
        with self._database.reading() as sqlite:
            (last,) = sqlite.execute("SELECT MAX(revision) FROM runs").fetchone()
        if last is not None and not (type(last) is int and 0 <= last < _MOST_REVISION):
            with self._database.writing() as sqlite:
                sqlite.execute(
                    "UPDATE runs SET revision = 0 WHERE typeof(revision) != 'integer' OR revision >= ?",
                    (_MOST_REVISION,),
                )


_METHODS: dict[type[Any], Callable[..., Any]] = {
    commands.QueueRuns: Store.queue,
    commands.KeepLossFile: Store.keep_loss_file,
    commands.ChangePlan: Store.change_plan,
    commands.StopRun: Store.stop,
    commands.StopAllRuns: Store.stop_all,
    commands.PauseRun: Store.pause,
    commands.ResumeRun: Store.resume,
    commands.AnnotateRun: Store.annotate,
    commands.PinRun: Store.pin,
    commands.DeleteRuns: Store.delete,
    commands.RestoreRuns: Store.restore,
    commands.RenameExperiment: Store.rename_experiment,
    commands.SetPreference: Store.set_preference,
    commands.AddDataset: Store.add_dataset,
    commands.RemoveDataset: Store.remove_dataset,
    commands.WarmUp: Store.warm_up,
}


def _new_experiment(sqlite: sqlite3.Connection, name: str, plan: str) -> int:
    """Make an experiment; its number."""
    cursor = sqlite.execute(
        "INSERT INTO experiments (name, created, plan) VALUES (?, ?, ?)",
        (one_line(name)[:LONGEST_NAME], time.time(), plan),
    )
    return int(cursor.lastrowid or 0)


def _note_change(sqlite: sqlite3.Connection, experiment_id: int) -> None:
    """Let whoever follows the store know that an experiment changed: they read the experiments of runs that did."""
    sqlite.execute(
        "UPDATE runs SET pinned = pinned WHERE id = (SELECT MAX(id) FROM runs WHERE experiment_id = ?)",
        (experiment_id,),
    )


def _take_out_of_sight(sqlite: sqlite3.Connection, run_id: int) -> None:
    """Mark a run as deleted; one that cannot be read waits for no trainer any more."""
    sqlite.execute("UPDATE runs SET deleted = ? WHERE id = ?", (time.time(), run_id))
    sqlite.execute(f"UPDATE runs SET status = 'failed' WHERE id = ? AND status IN ('queued', {_ACTIVE})", (run_id,))
