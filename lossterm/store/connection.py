"""Opening the store: is it ours, can it be written, which version, which journal; nothing foreign is touched."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import time
from contextlib import closing
from functools import lru_cache, partial
from importlib import resources
from pathlib import Path

from .configs import config_of_columns
from .errors import StoreError, explained

APPLICATION_ID = 0x4C4F5353  # "LOSS": marks the file as lossterm's in SQLite's own header
_MOST_OBJECTS = 1000
_LITERAL_OR_SPACE = re.compile(r"('(?:[^']|'')*')|(?:--[^\n]*|\s)+")  # a comment is space

Objects = frozenset[tuple[str, str, str, str]]


@lru_cache(maxsize=1)
def schema_steps() -> tuple[str, ...]:
    """The SQL of every schema version in order: step 1 makes version 1, each later one migrates to its own."""
    folder = resources.files("lossterm.store") / "schema"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return tuple(f.read_text(encoding="utf-8") for f in files)


def run_step(connection: sqlite3.Connection, step: str) -> None:
    """Do one of the schema's steps in the transaction that is open; what no version allows is migrated as it is."""
    connection.create_function("config_of_columns", -1, config_of_columns)
    connection.execute("PRAGMA ignore_check_constraints = ON")
    try:
        for statement in _statements(step):
            connection.execute(statement)
    finally:
        connection.execute("PRAGMA ignore_check_constraints = OFF")


def make_schema(connection: sqlite3.Connection, steps: tuple[str, ...]) -> None:
    """Make the schema of these steps in an empty file, or in memory."""
    for step in steps:
        run_step(connection, step)


@lru_cache(maxsize=16)
def expected_objects(steps: tuple[str, ...]) -> Objects:
    """The tables, indexes and triggers that these steps make."""
    with closing(sqlite3.connect(":memory:")) as memory:
        make_schema(memory, steps)
        return present_objects(memory)


def present_objects(connection: sqlite3.Connection) -> Objects:
    """What a file's schema holds, its SQL without comments and spaces; SQLite's own statistics do not count."""
    rows = connection.execute(
        "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat_' LIMIT ?",
        (_MOST_OBJECTS,),
    )
    return frozenset((str(kind), str(name), str(table), _plain(str(sql))) for kind, name, table, sql in rows)


def _plain(sql: str) -> str:
    """SQL text without comments, with single spaces, its string literals as they are."""
    return _LITERAL_OR_SPACE.sub(lambda found: found.group(1) or " ", sql).strip()


def _statements(script: str) -> list[str]:
    """Split a script into statements; `executescript` would commit the open transaction."""
    found: list[str] = []
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            found.append(pending)
            pending = ""
    return found


_NETWORK = ("nfs", "cifs", "smb", "9p", "afs", "fuse.sshfs", "fuse.glusterfs", "lustre", "gpfs", "beegfs", "ceph")
_BUSY_SECONDS = 5.0
_JOURNAL_TRIES = 100
_JOURNAL_WAIT_SECONDS = 0.02
_LONGEST_VALUE = 256 * 1024 * 1024
_DEFENCES = ("trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0")
_SQLITE_LIMIT_LENGTH = 0


def connect(path: Path, make: bool = True) -> sqlite3.Connection:
    """Open the store at `path`. The connection commits by itself, outside explicit transactions.

    Args:
        path: The file, symbolic links resolved.
        make: Whether the store is to be written: it is made where there is none. Without it, a store that does not
            exist reads as an empty one, one that cannot be written can be read, and no file or folder is made.
            A store of an earlier version is migrated in either case.

    Raises:
        StoreError: For a directory, a place that cannot be used, a file that is no lossterm store, is damaged, has
            another schema than lossterm makes, or is from a newer version; such a file is left as it is.
    """
    if not _is_there(path, make):
        return _empty()
    with explained(path, opening=True):
        if make or os.access(path, os.W_OK) or _log(path).exists():
            try:
                return _open(path, str(path), make)
            except sqlite3.OperationalError:
                if make or not _needs_no_log(path):
                    raise
        # Where it may not write, SQLite cannot share memory with writers; but without a log there are none.
        return _open(path, path.as_uri() + "?mode=ro&immutable=1", make)


def _open(path: Path, name: str, make: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(name, timeout=_BUSY_SECONDS, isolation_level=None, uri=name.startswith("file:"))
    try:
        _defend(connection)
        _prepare(connection, path, make)
    except BaseException:
        connection.close()
        raise
    return connection


def _empty() -> sqlite3.Connection:
    """A store without runs, in memory alone."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    make_schema(connection, schema_steps())
    return connection


def _defend(connection: sqlite3.Connection) -> None:
    """Trust nothing that the file says; text that is no UTF-8 reads as far as it can."""
    connection.text_factory = partial(str, encoding="utf-8", errors="replace")
    if hasattr(connection, "setlimit"):  # from Python 3.11 on
        connection.setlimit(_SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    for defence in _DEFENCES:
        connection.execute(f"PRAGMA {defence}")


def _is_there(path: Path, make: bool) -> bool:
    """Whether there is a file to open, made where it is to be. Raises StoreError for what cannot be a store.

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
            if make and not os.access(path, os.W_OK):
                raise StoreError(f"store: {path} cannot be written: it is read-only")
            return make or path.stat().st_size > 0
        if path.parent.exists() and not path.parent.is_dir():
            raise StoreError(f"store: {path} cannot be opened: {path.parent} is not a directory")
        if make:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with contextlib.suppress(FileExistsError):
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        return make
    except OSError as error:
        raise StoreError(f"store: {path} cannot be opened: {error.strerror or error}") from error


def _refuse_emptied(path: Path) -> None:
    """Refuse an empty file beside a write-ahead log that is not: SQLite would delete the log, and runs with it."""
    # Looked at again at the end, for another process may be making the store just now.
    if not path.stat().st_size and not _needs_no_log(path) and not path.stat().st_size:
        raise StoreError(f"store: {path} is damaged (it is empty, but {path.name}-wal is not); it was left untouched")


def _needs_no_log(path: Path) -> bool:
    """Whether no write-ahead log holds anything beside the file."""
    log = _log(path)
    return not log.exists() or not log.stat().st_size


def _log(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _prepare(connection: sqlite3.Connection, path: Path, make: bool) -> None:
    steps = schema_steps()
    connection.execute("BEGIN")  # all of it at one moment, for another process may be making the store just now
    application, version = _identity(connection)
    objects = present_objects(connection)
    connection.execute("COMMIT")
    if application != APPLICATION_ID and (application or version or objects):
        raise StoreError(f"store: {path} is an SQLite file but not a lossterm store; it was left untouched")
    if version > len(steps):
        raise StoreError(
            f"store: {path} is from a newer lossterm (schema {version}, this one knows {len(steps)}); "
            "it was left untouched"
        )
    if version < 0 or objects != expected_objects(tuple(steps[:version])):
        raise StoreError(
            f"store: {path} has other tables than a lossterm store (schema {version}); it was left untouched"
        )
    if version < len(steps):
        if not make and not os.access(path, os.W_OK):
            raise StoreError(
                f"store: {path} is from an older lossterm (schema {version}) and cannot be brought up to date: "
                "it is read-only; copy it and open the copy"
            )
        _migrate(connection, steps)
    _choose_journal(connection, path, make)
    connection.execute("PRAGMA foreign_keys = ON")


def _choose_journal(connection: sqlite3.Connection, path: Path, make: bool) -> None:
    """Use a write-ahead log where the file system allows it.

    SQLite does not wait for its turn to change the journal; where another process keeps the file busy, the
    present one does as well. Whoever only reads leaves the journal as it is.
    """
    wanted = "DELETE" if on_network(path) else "WAL"
    for _ in range(_JOURNAL_TRIES if make and _journal(connection) != wanted else 0):
        try:
            connection.execute(f"PRAGMA journal_mode = {wanted}")
            break
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(_JOURNAL_WAIT_SECONDS)
    connection.execute("PRAGMA synchronous = " + ("NORMAL" if _journal(connection) == "WAL" else "FULL"))


def _journal(connection: sqlite3.Connection) -> str:
    return str(connection.execute("PRAGMA journal_mode").fetchone()[0]).upper()


def _identity(connection: sqlite3.Connection) -> tuple[int, int]:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    return application, connection.execute("PRAGMA user_version").fetchone()[0]


def _migrate(connection: sqlite3.Connection, steps: tuple[str, ...]) -> None:
    """Bring the schema up to date in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        _, version = _identity(connection)  # again, now that nobody else can be making it
        for step in steps[version:]:
            run_step(connection, step)
        if version < len(steps):
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {len(steps)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


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
