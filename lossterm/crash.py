"""Where the trace of an internal error goes: never to the terminal."""

from __future__ import annotations

import os

from . import paths


def keep_trace(trace: str) -> str:
    """Write an exception's trace to a file of the owner's; words that name it, or nothing if it failed."""
    path = paths.state_folder() / "crash.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with open(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(trace)
    except OSError:
        return ""
    return f" (trace: {path})"
