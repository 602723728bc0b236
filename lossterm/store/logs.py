"""The trainers' logs: one file a trainer, beside the store.

The folder may have come with a store from elsewhere: no symbolic link is followed, and only regular files with the
names that lossterm gives are read or deleted.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ..runs.records import BAD_ENDS
from .errors import StoreError
from .rows import log_name

if TYPE_CHECKING:
    from .store import Store

KEPT = 20
RECENT_SECONDS = 30 * 86_400.0
TAIL_BYTES = 64 * 1024
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


def new_log(folder: Path) -> Path:
    """An empty log file that nobody else can read. Raises OSError."""
    if folder.is_symlink():
        raise OSError(errno.ELOOP, f"{folder} is a symbolic link")
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


def read_log(log: Path, most: int = TAIL_BYTES) -> str:
    """The end of a log. Raises OSError where it is none of ours or cannot be read.

    Args:
        log: The path of a trainer's log.
        most: How many bytes to read at most.
    """
    if not log_name(log.name):
        raise OSError(errno.EINVAL, "that is no trainer's log")
    folder = os.open(log.parent, _FOLDER)
    try:
        descriptor = os.open(log.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    finally:
        os.close(folder)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "that is no regular file")
        file.seek(max(found.st_size - most, 0))
        return file.read(most).decode("utf-8", errors="replace")


def last_line(log: Path) -> str:
    """The last line of a log that says anything, or that it says nothing."""
    try:
        lines = read_log(log).strip().splitlines()
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
    with contextlib.suppress(OSError):
        opened = os.open(folder, _FOLDER)
        try:
            for name in filter(log_name, os.listdir(opened)):
                with contextlib.suppress(OSError):
                    found = os.stat(name, dir_fd=opened, follow_symlinks=False)
                    if stat.S_ISREG(found.st_mode):
                        aged.append((found.st_mtime, folder / name))
        finally:
            os.close(opened)
    return [path for _, path in sorted(aged)]
