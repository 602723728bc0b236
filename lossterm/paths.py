"""Where lossterm keeps what is the person's own."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "LOSSTERM_STORE"


def state_folder() -> Path:
    """The folder for what lossterm remembers, by the platform's custom; it may not exist yet."""
    import platformdirs

    return Path(platformdirs.user_state_dir("lossterm", appauthor=False))


def store_path(given: str | None) -> Path:
    """The store's file: what was given, else what LOSSTERM_STORE names, else the file in the state folder."""
    named = given if given is not None else os.environ.get(VARIABLE)
    return Path(named).expanduser().absolute() if named else state_folder() / "runs.sqlite3"


def keep_trace(trace: str) -> str:
    """Write the trace of an internal error to a private file, for it never goes to the terminal.

    Returns:
        Words that name the file; empty where it could not be written.
    """
    path = state_folder() / "crash.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with open(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(trace)
    except OSError:
        return ""
    return f" (trace: {path})"
