"""The store as a front end uses it: queue runs, follow them, ask them to stop, keep notes on them."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from ..experiment import Experiment
from ..records import ACTIVE, Checkpoint, Epoch, Run, Snapshot, Trainer
from . import presence
from .connection import connect
from .errors import UnknownRunError, explained
from .rows import EXPERIMENT, SELECT_RUNS, epoch_of, run_of, trainer_of

_Self = TypeVar("_Self", bound="Store")
_ACTIVE = ", ".join(f"'{status}'" for status in ACTIVE)


class Store:
    """One SQLite file of runs, the only wire between front ends and trainers.

    For use in the thread that made it. Every method raises StoreError, with the file's name and the reason,
    when the file cannot be read or written; nothing is half done then.
    """

    def __init__(self, path: Path | str):
        """Open the store, making or migrating it as needed; see `connect` for what is refused."""
        self.path = Path(path).expanduser().absolute()
        self._connection = connect(self.path)
        self._connection.row_factory = sqlite3.Row
        self._file = os.stat(self.path)
        self._data_version = -1

    def close(self) -> None:
        """Close the file; the store is not usable afterwards."""
        self._connection.close()

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def in_place(self) -> bool:
        """Whether the file that was opened is still the one at `path`, neither deleted nor replaced."""
        try:
            return os.path.samestat(os.stat(self.path), self._file)
        except OSError:
            return False

    @property
    def presence_folder(self) -> Path:
        """Where trainers and watchers hold the locks that show they are alive."""
        return self.path.with_name(self.path.name + ".locks")

    @property
    def log_folder(self) -> Path:
        """Where trainers write their logs."""
        return self.path.with_name(self.path.name + ".logs")

    # -- queueing and following ---------------------------------------------------------------------------

    def queue(self, experiments: Sequence[Experiment]) -> list[int]:
        """Queue a run for each experiment, all or none; the new ids in the same order."""
        sql = (
            f"INSERT INTO runs ({', '.join(EXPERIMENT)}, created) "
            f"VALUES ({', '.join(f':{field}' for field in EXPERIMENT)}, :created)"
        )
        ids: list[int] = []
        with self._writing() as sqlite:
            for experiment in experiments:
                cursor = sqlite.execute(
                    sql, {**experiment.model_dump(), "hidden_units": experiment.hidden_units, "created": time.time()}
                )
                ids.append(int(cursor.lastrowid or 0))
        return ids

    def changed(self) -> bool:
        """Whether another process has committed anything since the last call; costs next to nothing."""
        with self._reading() as sqlite:
            version = int(sqlite.execute("PRAGMA data_version").fetchone()[0])
        changed, self._data_version = version != self._data_version, version
        return changed

    def runs(self, since: int = -1) -> list[Run]:
        """Every run that is not deleted, newest first; with `since`, all those changed after that revision.

        With `since` the deleted ones are among them (`Run.deleted`), so that a follower can drop them.
        """
        where = "deleted IS NULL ORDER BY runs.id DESC" if since < 0 else "revision > ? ORDER BY revision"
        with self._reading() as sqlite:
            rows = sqlite.execute(f"{SELECT_RUNS} WHERE {where}", () if since < 0 else (since,)).fetchall()
        return [run_of(row) for row in rows]

    def run(self, run_id: int) -> Run:
        """One run. Raises UnknownRunError where there is none."""
        with self._reading() as sqlite:
            row = sqlite.execute(f"{SELECT_RUNS} WHERE runs.id = ? AND deleted IS NULL", (run_id,)).fetchone()
        if row is None:
            raise UnknownRunError(f"run: there is no run {run_id}")
        return run_of(row)

    def epochs(self, run_id: int, after: int = 0, limit: int = -1) -> list[Epoch]:
        """The recorded epochs of a run beyond epoch `after`, in order; at most `limit` of them unless negative."""
        with self._reading() as sqlite:
            rows = sqlite.execute(
                "SELECT epoch, train_loss, train_metric, test_loss, test_metric, seconds FROM epochs "
                "WHERE run = ? AND epoch > ? ORDER BY epoch LIMIT ?",
                (run_id, after, limit),
            ).fetchall()
        return [epoch_of(row) for row in rows]

    def checkpoint(self, run_id: int) -> Checkpoint | None:
        """The latest checkpoint of a run, if it has one."""
        with self._reading() as sqlite:
            row = sqlite.execute("SELECT epoch, arrays FROM checkpoints WHERE run = ?", (run_id,)).fetchone()
        return None if row is None else Checkpoint(row["epoch"], row["arrays"])

    def snapshots(self, run_id: int, after: int = -1) -> list[Snapshot]:
        """The snapshots of a run beyond epoch `after`, in order; the last may be one that is not kept."""
        with self._reading() as sqlite:
            rows = sqlite.execute(
                "SELECT epoch, kept, weights FROM snapshots WHERE run = ? AND epoch > ? ORDER BY epoch", (run_id, after)
            ).fetchall()
        return [Snapshot(row["epoch"], bool(row["kept"]), row["weights"]) for row in rows]

    def sample(self, run_id: int) -> bytes | None:
        """The packed sample of a run's rows, if it has begun; see `snapshots.unpack_sample`."""
        with self._reading() as sqlite:
            row = sqlite.execute("SELECT rows FROM samples WHERE run = ?", (run_id,)).fetchone()
        return None if row is None else bytes(row["rows"])

    def count(self, *statuses: str) -> int:
        """How many runs stand in one of these states."""
        marks = ", ".join("?" * len(statuses))
        with self._reading() as sqlite:
            row = sqlite.execute(
                f"SELECT count(*) FROM runs WHERE status IN ({marks}) AND deleted IS NULL", statuses
            ).fetchone()
        return int(row[0])

    def queued_devices(self) -> list[str]:
        """The devices that queued runs ask for, each once."""
        with self._reading() as sqlite:
            rows = sqlite.execute(
                "SELECT DISTINCT device FROM runs WHERE status = 'queued' AND deleted IS NULL ORDER BY device"
            ).fetchall()
        return [str(row["device"]) for row in rows]

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
        with self._reading() as sqlite:
            rows = sqlite.execute(f"SELECT id FROM runs WHERE status IN ('queued', {_ACTIVE}) ORDER BY id DESC")
            ids = [int(row["id"]) for row in rows.fetchall()]
        for run_id in ids:
            self.stop(run_id)
        return ids

    def pause(self, run_id: int) -> Run:
        """Ask an active run to pause after its epoch. Anything else stays as it is."""
        return self._update(run_id, "request = 'pause'", "status IN ('starting', 'running') AND request IS NULL")

    def resume(self, run_id: int) -> Run:
        """Let a paused run go on, or queue an interrupted or stopped one again from its last checkpoint."""
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
        with self._writing() as sqlite:
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
        """Take ended runs out of sight; `restore` brings them back. The ids that were taken."""
        taken: list[int] = []
        with self._writing() as sqlite:
            for run_id in run_ids:
                cursor = sqlite.execute(
                    f"UPDATE runs SET deleted = ? WHERE id = ? AND status NOT IN ('queued', {_ACTIVE})",
                    (time.time(), run_id),
                )
                if cursor.rowcount:
                    taken.append(run_id)
        return taken

    def restore(self, run_ids: Iterable[int]) -> None:
        """Bring deleted runs back."""
        with self._writing() as sqlite:
            sqlite.executemany("UPDATE runs SET deleted = NULL WHERE id = ?", [(run_id,) for run_id in run_ids])

    # -- trainers -------------------------------------------------------------------------------------------

    def trainers(self) -> list[Trainer]:
        """The trainers on record, oldest first; call `reap` before to be sure that they live."""
        with self._reading() as sqlite:
            rows = sqlite.execute("SELECT * FROM trainers ORDER BY id").fetchall()
        return [trainer_of(row) for row in rows]

    def reap(self) -> list[int]:
        """Strike off trainers that have died; the ids of their runs, which are `interrupted` now."""
        runs: list[int] = []
        for trainer in self.trainers():
            if not presence.is_alive(Path(trainer.lock)):
                runs += self._bury(trainer)
        return runs

    def watch(self) -> presence.Presence:
        """Show that somebody is watching, until left or dead: idle trainers stay for as long."""
        return presence.Presence(self.presence_folder, "watcher")

    def watched(self) -> bool:
        """Whether any front end is watching."""
        return presence.anyone(self.presence_folder, "watcher")

    def _bury(self, trainer: Trainer) -> list[int]:
        with self._writing() as sqlite:
            rows = sqlite.execute(
                "UPDATE runs SET status = 'interrupted', request = NULL, ended = ?, message = "
                "'the trainer (pid ' || ? || ') died' || CASE epochs_done WHEN 0 THEN ' before the first epoch' "
                "ELSE ' after epoch ' || epochs_done END "
                f"WHERE trainer = ? AND status IN ({_ACTIVE}) RETURNING id",
                (time.time(), trainer.pid, trainer.id),
            ).fetchall()
            sqlite.execute("DELETE FROM trainers WHERE id = ?", (trainer.id,))
        Path(trainer.lock).unlink(missing_ok=True)
        return [int(row["id"]) for row in rows]

    # -- SQL ------------------------------------------------------------------------------------------------

    def _update(self, run_id: int, change: str, where: str, *values: object) -> Run:
        with self._writing() as sqlite:
            sqlite.execute(f"UPDATE runs SET {change} WHERE id = ? AND ({where})", (*values, run_id))
        return self.run(run_id)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with explained(self.path):
            yield self._connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing."""
        with explained(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
