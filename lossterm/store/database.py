"""The connection to one store's file: reading, writing in transactions, and what lies beside the file."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .connection import connect
from .errors import explained
from .locks import LockFolder

LONGEST_SECONDS = 60.0
"""No statement of ours takes so long; one on a file crafted to never end is given up then."""
_STEPS = 1_000_000


class Database:
    """One open store file, for use in the thread that opened it.

    Attributes:
        path: The file, symbolic links resolved, so that a store is the same by whatever way it is reached.
        locks: The locks of the processes that live for this store.
        log_folder: Where its trainers write their logs.
    """

    def __init__(self, path: Path | str, make: bool = True):
        """Open the store; see `connect` for `make` and for what is refused with StoreError."""
        self.path = Path(os.path.realpath(Path(path).expanduser()))
        self.locks = LockFolder(self.path.with_name(self.path.name + ".locks"))
        self.log_folder = self.path.with_name(self.path.name + ".logs")
        self._connection = connect(self.path, make)
        self._file = _stat(self.path)
        self._data_version = -1
        self._deadline = 0.0
        self._connection.set_progress_handler(self._overdue, _STEPS)

    def close(self) -> None:
        """Close the file; nothing can be read or written afterwards."""
        self._connection.close()

    def in_place(self) -> bool:
        """Whether the file that was opened is still the one at `path`, neither deleted nor replaced."""
        present = _stat(self.path)
        if present is None or self._file is None:
            return present is self._file
        return os.path.samestat(present, self._file)

    def linked(self) -> bool:
        """Whether the file has other names, under which its processes may be known."""
        present = _stat(self.path)
        return present is not None and present.st_nlink > 1

    def changed(self) -> bool:
        """Whether another process has committed anything since the last call; costs next to nothing."""
        with self.reading() as sqlite:
            version = int(sqlite.execute("PRAGMA data_version").fetchone()[0])
        changed, self._data_version = version != self._data_version, version
        return changed

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, to read from. SQLite's errors become StoreError."""
        self._deadline = time.monotonic() + LONGEST_SECONDS
        with explained(self.path):
            yield self._connection

    @contextmanager
    def writing(self, wait: bool = True) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing. SQLite's errors become StoreError.

        Args:
            wait: Whether to wait some seconds for another process that is writing.
        """
        with self.reading() as sqlite:
            self._begin(sqlite, wait)
            try:
                yield sqlite
                sqlite.execute("COMMIT")
            except BaseException:
                if sqlite.in_transaction:
                    sqlite.execute("ROLLBACK")
                raise

    def _begin(self, sqlite: sqlite3.Connection, wait: bool) -> None:
        if wait:
            sqlite.execute("BEGIN IMMEDIATE")
            return
        usual = int(sqlite.execute("PRAGMA busy_timeout").fetchone()[0])
        sqlite.execute("PRAGMA busy_timeout = 0")
        try:
            sqlite.execute("BEGIN IMMEDIATE")
        finally:
            sqlite.execute(f"PRAGMA busy_timeout = {usual}")

    def _overdue(self) -> int:
        return int(time.monotonic() > self._deadline)


def _stat(path: Path) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None
