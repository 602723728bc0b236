"""The trainers' logs: one file a trainer, beside the store."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from .records import BAD_ENDS
from .store import Store, StoreError

KEPT = 20
RECENT_SECONDS = 30 * 86_400.0


def new_log(folder: Path) -> Path:
    """An empty log file that nobody else can read."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    stem = time.strftime("trainer-%Y%m%d-%H%M%S")
    for number in range(1, 10_000):
        path = folder / f"{stem}-{number}.log"
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            continue
        return path
    raise OSError(f"{folder} is full of logs of this second")


def newest_log(store: Store) -> Path | None:
    """The log of the trainer that was started last, if there is one."""
    logs = _by_age(store.log_folder)
    return logs[-1] if logs else None


def last_line(log: Path) -> str:
    """The last line of a log that says anything, or that it says nothing."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return lines[-1].strip() if lines else "its log is empty"


def prune_logs(store: Store, now: float | None = None) -> list[Path]:
    """Delete the logs that nobody will ask for; those that were deleted.

    Kept are the newest KEPT, those of living trainers, and those of runs that failed, diverged, were interrupted
    or have not ended, unless that was RECENT_SECONDS ago. Where the store cannot be read, all are kept.
    """
    logs = _by_age(store.log_folder)[:-KEPT]
    if not logs:
        return []
    long_ago = (time.time() if now is None else now) - RECENT_SECONDS
    try:
        wanted = {Path(trainer.log) for trainer in store.trainers()}
        wanted |= {
            Path(run.log)
            for run in store.runs()
            if run.ended is None or (run.status in BAD_ENDS and run.ended >= long_ago)
        }
    except StoreError:
        return []
    unwanted = [log for log in logs if log not in wanted]
    for log in unwanted:
        with contextlib.suppress(OSError):  # somebody else deleted it
            log.unlink()
    return unwanted


def _by_age(folder: Path) -> list[Path]:
    """The trainers' logs, the one written to last at the end. Others' files in the folder are none of our business."""
    aged = []
    for path in folder.glob("trainer-*.log"):
        with contextlib.suppress(OSError):
            aged.append((path.stat().st_mtime, path))
    return [path for _, path in sorted(aged)]
