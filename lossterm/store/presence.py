"""Who is alive, by OS locks that vanish with their process whatever killed it; never by a bare pid."""

from __future__ import annotations

import contextlib
import os
import uuid
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from .errors import StoreError

_TRIES = 20


class Presence:
    """A lock held from creation until `leave` or the end of this process, for others to see."""

    def __init__(self, folder: Path, kind: str):
        """Hold a new lock file `kind`-….lock in `folder`. Raises StoreError where it cannot be made."""
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for _ in range(_TRIES):
                self.path = folder / f"{kind}-{uuid.uuid4().hex}.lock"
                self._lock: BaseFileLock = FileLock(self.path, mode=0o600)
                # A passer-by who clears dead locks away may catch it between its creation and its locking.
                with contextlib.suppress(Timeout):
                    self._lock.acquire(timeout=0)
                    if is_alive(self.path):
                        return
                    self._lock.release()
        except OSError as error:
            raise StoreError(f"store: no lock can be held in {folder}: {error}") from error
        raise StoreError(f"store: no lock can be held in {folder}: locks do not work there")

    def leave(self) -> None:
        """Let go, and take the file away."""
        self._lock.release()
        _remove(self.path)


def is_alive(lock: Path) -> bool:
    """Whether some process still holds this lock file. A lock that is gone is held by nobody."""
    if not lock.exists():
        return False
    probe = FileLock(lock, mode=0o600)
    try:
        probe.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:
        return False
    probe.release()
    return False


def anyone(folder: Path, kind: str) -> bool:
    """Whether any process of this kind is alive; the lock files of dead ones are cleared away."""
    alive = False
    for lock in folder.glob(f"{kind}-*.lock"):
        if is_alive(lock):
            alive = True
        else:
            _remove(lock)
    return alive


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):  # somebody else cleared it away
        os.unlink(path)
