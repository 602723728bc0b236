"""The store as a front end uses it: queue runs, follow them, ask them to stop, keep notes on them."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from ..experiment import DEVICE, Experiment
from ..records import ACTIVE, ENDED, Checkpoint, Epoch, Run, Snapshot, Trainer
from .database import Database
from .errors import RESCUE, StoreError, UnknownRunError
from .locks import HeldLock, LockFolder, LockState, lock_name
from .rows import EXPERIMENT, LAST_EPOCH, MOST_SNAPSHOTS, SELECT_RUNS, RunReader, epoch_of

_Self = TypeVar("_Self", bound="Store")
_ACTIVE = ", ".join(f"'{status}'" for status in ACTIVE)
_MOST_TRAINERS = 1000
_MOST_REVISION = 2**53


class Store:
    """One SQLite file of runs, the only wire between front ends and trainers.

    For use in the thread that made it. Every method raises StoreError, with the file's name and the reason,
    when the file cannot be read or written; nothing is half done then.
    """

    def __init__(self, path: Path | str, make: bool = True):
        """Open the store.

        Args:
            path: The file; a symbolic link leads to the store that it names.
            make: Whether it is made where there is none. Without it, a store that does not exist reads as empty,
                and one that may not be written can be read.

        Raises:
            StoreError: See `connect` for what is refused.
        """
        self._database = Database(path, make)
        self.path = self._database.path
        self._reader = RunReader(self._database.log_folder)
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

    def in_place(self) -> bool:
        """Whether the file that was opened is still the one at `path`, neither deleted nor replaced."""
        return self._database.in_place()

    @property
    def locks(self) -> LockFolder:
        """The locks that trainers and watchers hold while they are alive."""
        return self._database.locks

    @property
    def log_folder(self) -> Path:
        """Where trainers write their logs."""
        return self._database.log_folder

    # -- queueing and following ---------------------------------------------------------------------------

    def queue(self, experiments: Sequence[Experiment]) -> list[int]:
        """Queue a run for each experiment, all or none; the new ids in the same order."""
        sql = (
            f"INSERT INTO runs ({', '.join(EXPERIMENT)}, created) "
            f"VALUES ({', '.join(f':{field}' for field in EXPERIMENT)}, :created)"
        )
        ids: list[int] = []
        with self._database.writing() as sqlite:
            for experiment in experiments:
                cursor = sqlite.execute(sql, {**_columns(experiment), "created": time.time()})
                ids.append(int(cursor.lastrowid or 0))
        return ids

    def changed(self) -> bool:
        """Whether another process has committed anything since the last call; costs next to nothing."""
        return self._database.changed()

    def runs(self, since: int = -1) -> list[Run]:
        """Every run that is not deleted, newest first; with `since`, all those changed after that revision.

        With `since` the deleted ones are among them (`Run.deleted`), so that a follower can drop them.
        """
        where = "deleted IS NULL ORDER BY runs.id DESC" if since < 0 else "revision > ? ORDER BY revision"
        with self._database.reading() as sqlite:
            rows = sqlite.execute(f"{SELECT_RUNS} WHERE {where}", () if since < 0 else (since,))
            return [self._reader.run(values) for values in _once_each(rows, self.path)]

    def run(self, run_id: int) -> Run:
        """One run. Raises UnknownRunError where there is none."""
        with self._database.reading() as sqlite:
            values = sqlite.execute(f"{SELECT_RUNS} WHERE runs.id = ? AND deleted IS NULL", (run_id,)).fetchone()
        if values is None:
            raise UnknownRunError(f"run: there is no run {run_id}")
        return self._reader.run(values)

    def epochs(self, run_id: int, after: int = 0, limit: int = -1) -> list[Epoch]:
        """The recorded epochs of a run beyond epoch `after`, in order; at most `limit` of them unless negative."""
        with self._database.reading() as sqlite:
            rows = sqlite.execute(
                "SELECT epoch, train_loss, train_metric, test_loss, test_metric, seconds FROM epochs "
                "WHERE run = ? AND epoch > ? AND epoch <= ? AND typeof(epoch) = 'integer' ORDER BY epoch LIMIT ?",
                (run_id, max(after, 0), LAST_EPOCH, limit),
            )
            return [epoch_of(row) for row in _once_each(rows, self.path)]

    def checkpoint(self, run_id: int) -> Checkpoint | None:
        """The latest checkpoint of a run, if it has one; see `checkpoints.unpack_arrays` for what it is worth."""
        with self._database.reading() as sqlite:
            row = sqlite.execute(
                "SELECT epoch, arrays FROM checkpoints WHERE run = ? AND typeof(epoch) = 'integer' "
                "AND epoch BETWEEN 0 AND ? AND typeof(arrays) = 'blob'",
                (run_id, LAST_EPOCH),
            ).fetchone()
        return None if row is None else Checkpoint(*row)

    def snapshots(self, run_id: int, after: int = -1) -> list[Snapshot]:
        """The snapshots of a run beyond epoch `after`, in order; the last may be one that is not kept."""
        with self._database.reading() as sqlite:
            rows = sqlite.execute(
                "SELECT epoch, kept, weights FROM snapshots WHERE run = ? AND epoch > ? AND epoch <= ? "
                "AND typeof(epoch) = 'integer' AND typeof(weights) = 'blob' ORDER BY epoch LIMIT ?",
                (run_id, max(after, -1), LAST_EPOCH, MOST_SNAPSHOTS),
            ).fetchall()
        return [Snapshot(epoch, bool(kept), weights) for epoch, kept, weights in rows]

    def sample(self, run_id: int) -> bytes | None:
        """The packed sample of a run's rows, if it has begun; see `snapshots.unpack_sample`."""
        with self._database.reading() as sqlite:
            row = sqlite.execute(
                "SELECT rows FROM samples WHERE run = ? AND typeof(rows) = 'blob'", (run_id,)
            ).fetchone()
        return None if row is None else bytes(row[0])

    def count(self, *statuses: str) -> int:
        """How many runs stand in one of these states."""
        marks = ", ".join("?" * len(statuses))
        with self._database.reading() as sqlite:
            row = sqlite.execute(
                f"SELECT count(*) FROM runs WHERE status IN ({marks}) AND deleted IS NULL", statuses
            ).fetchone()
        return int(row[0])

    def queued_devices(self) -> list[str]:
        """The devices that queued runs ask for, each once."""
        with self._database.reading() as sqlite:
            rows = sqlite.execute(
                "SELECT DISTINCT device FROM runs WHERE status = 'queued' AND deleted IS NULL ORDER BY device"
            ).fetchall()
        return [device for (device,) in rows if isinstance(device, str) and DEVICE.fullmatch(device)]

    # -- asking -------------------------------------------------------------------------------------------

    def stop(self, run_id: int) -> Run:
        """Ask a run to stop: a queued one stops at once, an active one after its epoch, an ended one stays."""
        self._update(
            run_id,
            "status = 'stopped', ended = ?, request = NULL, message = CASE epochs_done "
            "WHEN 0 THEN 'stopped before it started' ELSE 'stopped after epoch ' || epochs_done END",
            "status = 'queued'",
            time.time(),
        )
        return self._update(run_id, "request = 'stop'", f"status IN ({_ACTIVE})")

    def stop_all(self) -> list[int]:
        """Ask every queued and active run to stop; their ids."""
        with self._database.reading() as sqlite:
            rows = sqlite.execute(f"SELECT id FROM runs WHERE status IN ('queued', {_ACTIVE}) ORDER BY id DESC")
            ids = [int(run_id) for (run_id,) in rows.fetchall()]
        for run_id in ids:
            self.stop(run_id)
        return ids

    def pause(self, run_id: int) -> Run:
        """Ask an active run to pause after its epoch. Anything else stays as it is."""
        return self._update(run_id, "request = 'pause'", "status IN ('starting', 'running') AND request IS NULL")

    def resume(self, run_id: int) -> Run:
        """Let a paused run go on, or queue an interrupted or stopped one again from its last checkpoint.

        One that cannot be read stays as it is.
        """
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

    def warm_up(self, experiment: Experiment) -> None:
        """Tell idle trainers what the person is looking at, so that they can compile it beforehand."""
        with self._database.writing() as sqlite:
            sqlite.execute(
                "INSERT INTO warm_up (id, experiment) VALUES (1, ?) "
                "ON CONFLICT (id) DO UPDATE SET experiment = excluded.experiment",
                (json.dumps(experiment.model_dump()),),
            )

    # -- the person's own -----------------------------------------------------------------------------------

    def annotate(self, run_id: int, note: str) -> Run:
        """Keep a note on a run."""
        return self._update(run_id, "note = ?", "1", note)

    def pin(self, run_id: int, pinned: bool) -> Run:
        """Pin a run to the top of the table, or let it go."""
        return self._update(run_id, "pinned = ?", "1", int(pinned))

    def delete(self, run_ids: Iterable[int]) -> list[int]:
        """Take ended and unreadable runs out of sight; `restore` brings them back. The ids that were taken."""
        taken: list[int] = []
        with self._database.writing() as sqlite:
            for run_id in run_ids:
                values = sqlite.execute(f"{SELECT_RUNS} WHERE runs.id = ? AND deleted IS NULL", (run_id,)).fetchone()
                if values is not None and self._reader.run(values).status in ENDED:
                    sqlite.execute("UPDATE runs SET deleted = ? WHERE id = ?", (time.time(), run_id))
                    taken.append(run_id)
        return taken

    def restore(self, run_ids: Iterable[int]) -> None:
        """Bring deleted runs back."""
        with self._database.writing() as sqlite:
            sqlite.executemany("UPDATE runs SET deleted = NULL WHERE id = ?", [(run_id,) for run_id in run_ids])

    # -- trainers -------------------------------------------------------------------------------------------

    def trainers(self) -> list[Trainer]:
        """The trainers on record, oldest first; call `reap` before to be sure that they live."""
        found = (self._reader.trainer(row, self.locks.path) for row in self._trainer_rows())
        return [trainer for trainer in found if trainer is not None]

    def reap(self) -> list[int]:
        """Strike off trainers that have died; the ids of their runs, which are `interrupted` now.

        One is dead where its lock could be had, or where this store has no such lock, as in a copy of a store.
        A trainer of which that cannot be told stays, and so do all where the store cannot be written just now.
        """
        runs: list[int] = []
        for row in self._trainer_rows():
            name = lock_name(row["lock"])
            state = self.locks.state(name)
            if state is LockState.FREE or (state is LockState.GONE and not self._database.linked()):
                with contextlib.suppress(StoreError):
                    runs += self._bury(row, state)
        return runs

    def watch(self) -> HeldLock:
        """Show that somebody is watching, until released or dead: idle trainers stay for as long."""
        return self.locks.hold("watcher")

    def watched(self) -> bool:
        """Whether any front end is watching."""
        return self.locks.anyone("watcher")

    def _trainer_rows(self) -> list[sqlite3.Row]:
        with self._database.reading() as sqlite:
            cursor = sqlite.cursor()
            cursor.row_factory = sqlite3.Row
            return cursor.execute("SELECT * FROM trainers ORDER BY id LIMIT ?", (_MOST_TRAINERS,)).fetchall()

    def _bury(self, row: sqlite3.Row, state: LockState) -> list[int]:
        died = f"the trainer (pid {row['pid']}) died" if state is LockState.FREE else "this store's trainers lost it"
        with self._database.writing(wait=False) as sqlite:
            rows = sqlite.execute(
                "UPDATE runs SET status = 'interrupted', request = NULL, ended = ?, message = ? || "
                "CASE epochs_done WHEN 0 THEN ' before the first epoch' ELSE ' after epoch ' || epochs_done END "
                f"WHERE trainer = ? AND status IN ({_ACTIVE}) RETURNING id",
                (time.time(), died, row["id"]),
            ).fetchall()
            sqlite.execute("DELETE FROM trainers WHERE id = ?", (row["id"],))
        self.locks.clear(lock_name(row["lock"]))
        return [int(run_id) for (run_id,) in rows]

    # -- SQL ------------------------------------------------------------------------------------------------

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


def _columns(experiment: Experiment) -> dict[str, object]:
    return {"loss": experiment.loss, "dataset": experiment.dataset, **experiment.settings}


def _once_each(rows: Iterable[tuple[Any, ...]], path: Path) -> Iterator[tuple[Any, ...]]:
    """Rows with their number first, none of which comes twice but in a file crafted to have no end."""
    seen: set[int] = set()
    for count, values in enumerate(rows, 1):
        seen.add(values[0])
        if len(seen) < count:
            raise StoreError(f"store: {path} is damaged (it has {values[0]} twice); {RESCUE}")
        yield values
