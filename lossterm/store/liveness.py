"""Which trainers and front ends of a store are alive; the dead ones are struck off and their runs interrupted."""

from __future__ import annotations

import contextlib
import sqlite3
import time

from ..runs.records import ACTIVE, TRYING_LOSS
from .database import Database
from .errors import StoreError
from .locks import HeldLock, LockState, lock_name
from .reader import StoreReader

_ACTIVE = ", ".join(f"'{status}'" for status in ACTIVE)
_TRYING = f"status = 'starting' AND phase = '{TRYING_LOSS}'"
# A loss that ends its trainer would end the next one too. A run with epochs may go on once the file is mended.
_STATUS = f"CASE WHEN {_TRYING} AND epochs_done = 0 THEN 'failed' ELSE 'interrupted' END"
_TRIED = f"CASE WHEN {_TRYING} THEN 'loss: ' || loss || ' ended its trainer as it was tried: ' ELSE '' END"
_WHEN = "CASE epochs_done WHEN 0 THEN ' before the first epoch' ELSE ' after epoch ' || epochs_done END"


class Liveness:
    """Tells by their locks which processes of one store live."""

    def __init__(self, database: Database, reader: StoreReader):
        """Look at the locks of `database`."""
        self._database = database
        self._reader = reader

    def reap(self) -> list[int]:
        """Strike off trainers that have died; the ids of their runs, which are `interrupted` now.

        One is dead where its lock could be had, or where this store has no such lock, as in a copy of a store.
        A trainer of which that cannot be told stays, and so do all where the store cannot be written just now.
        """
        runs: list[int] = []
        for row in self._reader.trainer_rows():
            state = self._database.locks.state(lock_name(row["lock"]))
            if state is LockState.FREE or (state is LockState.GONE and not self._database.linked()):
                with contextlib.suppress(StoreError):
                    runs += self._strike_off(row, state)
        return runs + self._end_abandoned()

    def watch(self) -> HeldLock:
        """Show that somebody is watching, until released or dead: idle trainers stay for as long."""
        return self._database.locks.hold("watcher")

    def watched(self) -> bool:
        """Whether any front end is watching."""
        return self._database.locks.anyone("watcher")

    def _end_abandoned(self) -> list[int]:
        """Interrupt active runs whose trainer is on record no more: it left while the store could not be written."""
        abandoned = f"status IN ({_ACTIVE}) AND trainer NOT IN (SELECT id FROM trainers)"
        with self._database.reading() as sqlite:
            if sqlite.execute(f"SELECT 1 FROM runs WHERE {abandoned} LIMIT 1").fetchone() is None:
                return []
        with contextlib.suppress(StoreError), self._database.writing(wait=False) as sqlite:
            rows = sqlite.execute(
                f"UPDATE runs SET status = 'interrupted', request = NULL, ended = ?, message = ? || {_WHEN} "
                f"WHERE {abandoned} RETURNING id",
                (time.time(), "its trainer left"),
            ).fetchall()
            return [int(run_id) for (run_id,) in rows]
        return []

    def _strike_off(self, row: sqlite3.Row, state: LockState) -> list[int]:
        died = f"the trainer (pid {row['pid']}) died" if state is LockState.FREE else "this store's trainers lost it"
        with self._database.writing(wait=False) as sqlite:
            rows = sqlite.execute(
                f"UPDATE runs SET status = {_STATUS}, request = NULL, ended = ?, message = {_TRIED} || ? || {_WHEN} "
                f"WHERE trainer = ? AND status IN ({_ACTIVE}) RETURNING id",
                (time.time(), died, row["id"]),
            ).fetchall()
            sqlite.execute("DELETE FROM trainers WHERE id = ?", (row["id"],))
        self._database.locks.clear(lock_name(row["lock"]))
        return [int(run_id) for (run_id,) in rows]
