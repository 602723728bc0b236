"""The ways a store can refuse, each with a message that names the file or the run."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RESCUE = "what can be read of it: sqlite3 FILE .recover"


class StoreError(Exception):
    """The store cannot be opened, read or written; the message names the file and the reason."""


class UnknownRunError(StoreError):
    """There is no run, or no experiment, of this number."""


@contextmanager
def explained(path: Path, opening: bool = False) -> Iterator[None]:
    """Turn SQLite's errors into a StoreError that names the file and says what to do.

    opening: nothing was written yet, so that a damaged file was left untouched.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"store: {path} {_reason(error, opening)}") from error


def _reason(error: sqlite3.Error, opening: bool) -> str:
    name = getattr(error, "sqlite_errorname", "") or ""
    text = " ".join(str(error).split())
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or "locked" in text:
        return "is locked by another process; try again when it has let go"
    if name == "SQLITE_FULL" or "disk is full" in text:
        return "cannot be written: the disk is full"
    if name.startswith("SQLITE_READONLY") or "readonly" in text:
        return "cannot be written: it is read-only, or was replaced while open"
    if name == "SQLITE_NOTADB" or "not a database" in text:
        return "is not a lossterm store; it was left untouched"
    if name.startswith("SQLITE_CORRUPT") or "malformed" in text:
        return f"is damaged ({text}); " + ("it was left untouched" if opening else RESCUE)
    if name == "SQLITE_TOOBIG" or "too big" in text:
        return f"holds a value that no lossterm wrote ({text})"
    if name == "SQLITE_INTERRUPT" or text == "interrupted":
        return f"took too long to read; it may be damaged: {RESCUE}"
    if name.startswith(("SQLITE_IOERR", "SQLITE_CANTOPEN")):
        return f"cannot be read or written ({text})"
    return f"could not be used ({text})"
