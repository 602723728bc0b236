"""What is read of a store: runs, their epochs, snapshots and checkpoints, and the trainers on record."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..catalog.settings import DeviceName
from ..config import RunConfig
from ..runs.records import ACTIVE, Checkpoint, Epoch, Experiment, OwnDataset, Run, Snapshot, Trainer
from .database import Database
from .errors import RESCUE, StoreError, UnknownRunError
from .loss_files import KeptLossFile, read_loss_file
from .rows import LAST_EPOCH, MOST_SNAPSHOTS, SELECT_RUNS, RowReader, epoch_of, experiment_of, own_dataset_of, scores_of

_MOST_TRAINERS = 1000
_MOST_PREFERENCES = 100
_LONGEST_PLAN = 1_000_000
_SELECT_EXPERIMENTS = f"SELECT id, name, created, substr(plan, 1, {_LONGEST_PLAN}) FROM experiments"
_LONGEST_PREFERENCE = 1_000_000
_LONGEST_SAMPLE = 10_000_000
_LONGEST_SCORES = 100_000
_MOST_DATASETS = 1000
_LONGEST_DESCRIPTION = 10_000_000


class StoreReader:
    """Reads one store. Every method raises StoreError, with the file's name and the reason, where it cannot be read."""

    def __init__(self, database: Database):
        """Read from `database`."""
        self._database = database
        self.rows = RowReader(database.log_folder, database.locks.path)

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
            return [self.rows.run(values) for values in _once_each(rows, self._database.path)]

    def run(self, run_id: int) -> Run:
        """One run. Raises UnknownRunError where there is none."""
        with self._database.reading() as sqlite:
            run = self.run_in(sqlite, run_id)
        if run is None:
            raise UnknownRunError(f"run: there is no run {run_id}")
        return run

    def run_in(self, sqlite: sqlite3.Connection, run_id: int) -> Run | None:
        """One run as a transaction sees it; None where there is none."""
        values = sqlite.execute(f"{SELECT_RUNS} WHERE runs.id = ? AND deleted IS NULL", (run_id,)).fetchone()
        return None if values is None else self.rows.run(values)

    def runs_of(self, experiment_id: int, deleted: bool = False) -> list[Run]:
        """The runs of an experiment in the order in which they were queued; with `deleted`, those alone that are.

        Raises:
            UnknownRunError: There is no such experiment.
        """
        self.experiment(experiment_id)
        gone = "NOT NULL" if deleted else "NULL"
        with self._database.reading() as sqlite:
            rows = sqlite.execute(
                f"{SELECT_RUNS} WHERE experiment_id = ? AND deleted IS {gone} ORDER BY runs.id", (experiment_id,)
            )
            return [self.rows.run(values) for values in _once_each(rows, self._database.path)]

    def experiment(self, experiment_id: int) -> Experiment:
        """One experiment. Raises UnknownRunError where there is none."""
        found = self.experiments([experiment_id])
        if not found:
            raise UnknownRunError(f"experiment: there is no experiment {experiment_id}")
        return found[0]

    def experiments(self, ids: Iterable[int] | None = None) -> list[Experiment]:
        """The experiments, or those with these numbers, oldest first."""
        with self._database.reading() as sqlite:
            if ids is None:
                rows = sqlite.execute(f"{_SELECT_EXPERIMENTS} ORDER BY id").fetchall()
            else:
                one = f"{_SELECT_EXPERIMENTS} WHERE id = ?"
                rows = [row for number in sorted(ids) for row in sqlite.execute(one, (number,)).fetchall()]
        return [experiment_of(*row) for row in rows]

    def preferences(self) -> dict[str, object]:
        """What a person chose in the app, by name; a value that is no JSON is left out."""
        with self._database.reading() as sqlite:
            rows = sqlite.execute(
                "SELECT name, value FROM preferences WHERE typeof(name) = 'text' AND typeof(value) = 'text' "
                "AND length(value) <= ? LIMIT ?",
                (_LONGEST_PREFERENCE, _MOST_PREFERENCES),
            ).fetchall()
        read = {name: _read_json(text) for name, text in rows}
        return {name: value for name, value in read.items() if value is not None}

    def own_datasets(self) -> list[OwnDataset]:
        """The person's own datasets by name; rows that no lossterm wrote are left out."""
        with self._database.reading() as sqlite:
            rows = sqlite.execute(
                "SELECT name, description, created FROM own_datasets WHERE typeof(description) = 'text' "
                "AND length(description) < ? ORDER BY name LIMIT ?",
                (_LONGEST_DESCRIPTION, _MOST_DATASETS),
            ).fetchall()
        found = (own_dataset_of(*row) for row in rows)
        return [dataset for dataset in found if dataset is not None]

    def datasets_version(self) -> object:
        """Another value once an own dataset was added, added anew or removed; cheap, whatever was found in them."""
        with self._database.reading() as sqlite:
            return sqlite.execute("SELECT name, created FROM own_datasets ORDER BY name").fetchmany(_MOST_DATASETS)

    def epochs(self, run_id: int, after: int = 0, limit: int = -1) -> list[Epoch]:
        """The recorded epochs of a run beyond epoch `after`, in order; at most `limit` of them unless negative."""
        with self._database.reading() as sqlite:
            rows = sqlite.execute(
                "SELECT epoch, train_loss, train_metric, test_loss, test_metric, seconds FROM epochs "
                "WHERE run = ? AND epoch > ? AND epoch <= ? AND typeof(epoch) = 'integer' ORDER BY epoch LIMIT ?",
                (run_id, max(after, 0), LAST_EPOCH, limit),
            )
            return [epoch_of(row) for row in _once_each(rows, self._database.path)]

    def scores(self, run_id: int) -> dict[str, dict[str, Any]]:
        """Every final score of a run by set and name; empty where it has none."""
        with self._database.reading() as sqlite:
            row = sqlite.execute(
                "SELECT scores FROM runs WHERE id = ? AND typeof(scores) = 'text' AND length(scores) < ?",
                (run_id, _LONGEST_SCORES),
            ).fetchone()
        return scores_of(_read_json(row[0])) if row else {}

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

    def warm_sample(self, config: RunConfig) -> bytes | None:
        """The packed sample of the rows that `config` trains on, if a trainer was told to warm it up and has it."""
        with self._database.reading() as sqlite:
            row = sqlite.execute(
                "SELECT sample FROM warm_up WHERE config = ? AND typeof(sample) = 'blob' AND length(sample) <= ?",
                (config.to_json(), _LONGEST_SAMPLE),
            ).fetchone()
        return None if row is None else bytes(row[0])

    def loss_file(self, sha256: str) -> KeptLossFile | None:
        """The file of an own loss as it was when its run was queued, if it was kept."""
        with self._database.reading() as sqlite:
            return read_loss_file(sqlite, sha256)

    def count(self, *statuses: str) -> int:
        """How many runs stand in one of these states."""
        marks = ", ".join("?" * len(statuses))
        with self._database.reading() as sqlite:
            row = sqlite.execute(
                f"SELECT count(*) FROM runs WHERE status IN ({marks}) AND deleted IS NULL", statuses
            ).fetchone()
        return int(row[0])

    def open_comparisons(self) -> list[Experiment]:
        """The comparisons of which a run is queued or active."""
        states = ("queued", *ACTIVE)
        marks = ", ".join("?" * len(states))
        with self._database.reading() as sqlite:
            rows = sqlite.execute(
                f"{_SELECT_EXPERIMENTS} WHERE plan != '' AND id IN (SELECT experiment_id FROM runs "
                f"WHERE status IN ({marks}) AND deleted IS NULL AND experiment_id IS NOT NULL)",
                states,
            ).fetchall()
        return [experiment_of(*row) for row in rows]

    def queued_devices(self) -> list[str]:
        """The devices that queued runs ask for, each once."""
        with self._database.reading() as sqlite:
            rows = sqlite.execute(
                "SELECT DISTINCT device FROM runs WHERE status = 'queued' AND deleted IS NULL ORDER BY device"
            ).fetchall()
        return [device for (device,) in rows if _is_device(device)]

    def trainers(self) -> list[Trainer]:
        """The trainers on record, oldest first; reap before to be sure that they live."""
        found = map(self.rows.trainer, self.trainer_rows())
        return [trainer for trainer in found if trainer is not None]

    def trainer_rows(self) -> list[sqlite3.Row]:
        """The rows of the trainers on record, whatever they hold."""
        with self._database.reading() as sqlite:
            cursor = sqlite.cursor()
            cursor.row_factory = sqlite3.Row
            return cursor.execute("SELECT * FROM trainers ORDER BY id LIMIT ?", (_MOST_TRAINERS,)).fetchall()


def _is_device(text: object) -> bool:
    """Whether a device is one that runs may ask for."""
    try:
        return DeviceName().read(text) == text
    except ValueError:
        return False


def _read_json(text: str) -> object:
    """The value of a JSON text; None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _once_each(rows: Iterable[tuple[Any, ...]], path: Path) -> Iterator[tuple[Any, ...]]:
    """Rows with their number first, none of which comes twice but in a file crafted to have no end."""
    seen: set[int] = set()
    for count, values in enumerate(rows, 1):
        seen.add(values[0])
        if len(seen) < count:
            raise StoreError(f"store: {path} is damaged (it has {values[0]} twice); {RESCUE}")
        yield values
