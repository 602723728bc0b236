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
