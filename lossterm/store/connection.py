"""Opening the store: is it ours, can it be written, which version, which journal; nothing foreign is touched."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from importlib import resources
from pathlib import Path

from .errors import StoreError, explained

APPLICATION_ID = 0x4C4F5353  # "LOSS": marks the file as lossterm's in SQLite's own header
_NETWORK = ("nfs", "cifs", "smb", "9p", "afs", "fuse.sshfs", "fuse.glusterfs", "lustre", "gpfs", "beegfs", "ceph")
_BUSY_SECONDS = 5.0
_JOURNAL_TRIES = 100
_JOURNAL_WAIT_SECONDS = 0.02


def connect(path: Path) -> sqlite3.Connection:
    """Open the store at `path`, making or migrating it as needed.

    The connection commits by itself, outside explicit transactions. Raises StoreError for a directory,
    an unwritable place, a file that is no lossterm store, is damaged, or is from a newer version; such a
    file is left as it is.
    """
    _check_file(path)
    with explained(path, opening=True):
        connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def schema_steps() -> list[str]:
    """The SQL of every schema version in order: step 1 makes version 1, each later one migrates to its own."""
    folder = resources.files("lossterm.store") / "schema"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return [f.read_text(encoding="utf-8") for f in files]


def _check_file(path: Path) -> None:
    """Refuse what cannot be a store, and make an empty private file where there is none.

    An existing file is never opened here: closing it would drop the locks that another connection of this
    process holds on it. What it holds is for SQLite to say.
    """
    try:
        if path.is_dir():
            raise StoreError(f"store: {path} is a directory; name a file")
        if path.exists():
            if not path.is_file():
                raise StoreError(f"store: {path} is not a regular file")
            _refuse_emptied(path)
            return
        if path.parent.exists() and not path.parent.is_dir():
            raise StoreError(f"store: {path} cannot be opened: {path.parent} is not a directory")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(f"store: {path} cannot be opened: {error.strerror or error}") from error


def _refuse_emptied(path: Path) -> None:
    """Refuse an empty file beside a write-ahead log that is not: SQLite would delete the log, and runs with it."""
    log = path.with_name(path.name + "-wal")
    # Looked at again at the end, for another process may be making the store just now.
    if not path.stat().st_size and log.exists() and log.stat().st_size and not path.stat().st_size:
        raise StoreError(f"store: {path} is damaged (it is empty, but {log.name} is not); it was left untouched")


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    steps = schema_steps()
    connection.execute("BEGIN")  # all of it at one moment, for another process may be making the store just now
    application, version = _identity(connection)
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    connection.execute("COMMIT")
    if application != APPLICATION_ID and (application or version or tables):
        raise StoreError(f"store: {path} is an SQLite file but not a lossterm store; it was left untouched")
    if version > len(steps):
        raise StoreError(
            f"store: {path} is from a newer lossterm (schema {version}, this one knows {len(steps)}); "
            "it was left untouched"
        )
    _migrate(connection, steps)
    _choose_journal(connection, path)
    connection.execute("PRAGMA foreign_keys = ON")


def _choose_journal(connection: sqlite3.Connection, path: Path) -> None:
    """Use a write-ahead log where the file system allows it.

    SQLite does not wait for its turn to change the journal; where another process keeps the file busy, the
    present one does as well.
    """
    journal = "DELETE" if on_network(path) else "WAL"
    for _ in range(_JOURNAL_TRIES):
        try:
            connection.execute(f"PRAGMA journal_mode = {journal}")
            break
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(_JOURNAL_WAIT_SECONDS)
    present = str(connection.execute("PRAGMA journal_mode").fetchone()[0]).upper()
    connection.execute("PRAGMA synchronous = " + ("NORMAL" if present == "WAL" else "FULL"))


def _identity(connection: sqlite3.Connection) -> tuple[int, int]:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    return application, connection.execute("PRAGMA user_version").fetchone()[0]


def _migrate(connection: sqlite3.Connection, steps: list[str]) -> None:
    """Bring the schema up to date in one transaction; also the proof that the file can be written."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        _, version = _identity(connection)  # again, now that nobody else can be making it
        for step in steps[version:]:
            for statement in _statements(step):
                connection.execute(statement)
        if version < len(steps):
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {len(steps)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _statements(script: str) -> list[str]:
    """Split a script into statements; `executescript` would commit the open transaction."""
    statements: list[str] = []
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return statements


def on_network(path: Path) -> bool:
    """Whether the file system of `path` is a network one, where WAL's shared memory does not work."""
    try:
        mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    real = str(path.resolve())
    best, kind = "", ""
    for fields in (line.split() for line in mounts):
        mount = fields[1].replace("\\040", " ")
        inside = real == mount or real.startswith(mount.rstrip("/") + "/")
        if inside and len(mount) >= len(best):
            best, kind = mount, fields[2]
    return kind.startswith(_NETWORK)
