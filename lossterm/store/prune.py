"""Deleting runs for good, and giving back to the disk the space that they took."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType

from ..runs.records import ACTIVE, Run
from .connection import connect
from .errors import explained

_PARTS = ("epochs", "checkpoints", "snapshots", "samples")
_IDLE = f"status NOT IN ({', '.join(repr(status) for status in ('queued', *ACTIVE))})"
_UNUSED_LOSS_FILES = (
    "DELETE FROM loss_files WHERE NOT EXISTS "
    "(SELECT 1 FROM runs WHERE instr(loss, '.py:') AND instr(config, loss_files.sha256))"
)
_AT_ONCE = 100
"""Runs that one transaction deletes: what a trainer that wants to write waits for at most."""
_TOMBSTONE = "deleted for good"


def is_tombstone(run: Run) -> bool:
    """Whether a deleted run is what `Pruner.delete` left of the last one: there is nothing to delete of it."""
    return run.deleted and run.message == _TOMBSTONE


class Pruner:
    """Deletes runs of a store for good. A connection of its own: shrinking takes longer than others may."""

    def __init__(self, path: Path):
        """Open the store at `path`. Raises StoreError."""
        self._path = path
        self._connection = connect(path, make=path.exists())

    def __enter__(self) -> Pruner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def hide(self, run_ids: Iterable[int]) -> None:
        """Mark runs as deleted, so that whoever follows the store lets go of them before they are no more.

        Queued and active ones stay.
        """
        with explained(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(
                f"UPDATE runs SET deleted = ? WHERE id = ? AND deleted IS NULL AND {_IDLE}",
                [(time.time(), run_id) for run_id in run_ids],
            )
            self._connection.execute("COMMIT")

    def delete(self, run_ids: Sequence[int]) -> int:
        """Delete runs that are marked as deleted, with all that belongs to them.

        Args:
            run_ids: Their numbers. One that was taken back meanwhile (restored, resumed) stays.

        Returns:
            How many were deleted.
        """
        count = 0
        with explained(self._path):
            for first in range(0, len(run_ids), _AT_ONCE):
                count += self._delete(run_ids[first : first + _AT_ONCE])
        return count

    def size(self) -> int:
        """The bytes of the file and of its write-ahead log."""
        files = (self._path, self._path.with_name(f"{self._path.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def has_unused(self) -> bool:
        """Whether part of the file holds nothing, so that `shrink` makes it smaller."""
        with explained(self._path):
            return bool(self._connection.execute("PRAGMA freelist_count").fetchone()[0])

    def shrink(self) -> None:
        """Write the file anew without its unused parts. Others cannot write meanwhile: seconds for a GB."""
        with explained(self._path):
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _delete(self, run_ids: Sequence[int]) -> int:
        """Delete some runs in one transaction."""
        sqlite = self._connection
        sqlite.execute("BEGIN IMMEDIATE")
        try:
            revision = _revision(sqlite)
            marks = ", ".join("?" * len(run_ids))
            chosen = f"id IN ({marks}) AND deleted IS NOT NULL AND {_IDLE}"
            left = sqlite.execute(f"SELECT MAX(id) FROM runs WHERE NOT ({chosen})", run_ids).fetchone()[0]
            leaves_tombstone = left is None
            if leaves_tombstone:
                left = _empty(sqlite)
            count = sqlite.execute(f"DELETE FROM runs WHERE {chosen} AND id <> ?", (*run_ids, left)).rowcount
            sqlite.execute(
                "DELETE FROM experiments WHERE NOT EXISTS (SELECT 1 FROM runs WHERE experiment_id = experiments.id)"
            )
            # Followers ask for what is newer than the highest revision that they saw: it must not become lower.
            if _revision(sqlite) < revision:
                sqlite.execute("UPDATE runs SET revision = ? WHERE id = ?", (revision + 1, left))
            sqlite.execute(_UNUSED_LOSS_FILES)
            sqlite.execute("COMMIT")
        except BaseException:
            if sqlite.in_transaction:
                sqlite.execute("ROLLBACK")
            raise
        return count + leaves_tombstone


def _empty(sqlite: sqlite3.Connection) -> int:
    """Take everything from the newest run but its row, which keeps the highest revision; its number."""
    newest = int(sqlite.execute("SELECT MAX(id) FROM runs").fetchone()[0])
    for table in _PARTS:
        sqlite.execute(f"DELETE FROM {table} WHERE run = ?", (newest,))
    sqlite.execute("UPDATE runs SET message = ?, note = '' WHERE id = ?", (_TOMBSTONE, newest))
    return newest


def _revision(sqlite: sqlite3.Connection) -> int:
    return int(sqlite.execute("SELECT COALESCE(MAX(revision), 0) FROM runs").fetchone()[0])
