"""Which processes of a store are alive, by OS locks that vanish with their process whatever killed it.

A lock's file bears a random name in the folder of the store's own locks, so that a copy of the store, which has
another folder, has no living processes. Nothing here follows a symbolic link or touches what is no regular file.
"""

from __future__ import annotations

import contextlib
import enum
import errno
import fcntl
import os
import re
import stat
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from .errors import StoreError

Task = Literal["launch", "stage", "comparisons"]
"""What one process of a store alone does at a time."""

_NAME = re.compile(r"(trainer|watcher)-[0-9a-f]{32}\.lock", re.ASCII)
_TRIES = 20
_POLL_SECONDS = 0.02
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_FILE = os.O_NOFOLLOW | os.O_NONBLOCK
_NOT_OURS = (errno.ELOOP, errno.EMLINK, errno.ENOTDIR, errno.ENXIO)
"""What opening says of a symbolic link, a socket, or a file where a folder should be: no process of ours holds that."""
_HELD_BY_ANOTHER = (errno.EWOULDBLOCK, errno.EAGAIN)


class LockState(enum.Enum):
    """What a look at a lock tells.

    HELD: a process is alive. FREE: it died, for the lock could be had. GONE: there is no such lock here.
    UNKNOWN: it could not be looked at (no permission, no descriptor left); that is no sign of death.
    """

    HELD = "held"
    FREE = "free"
    GONE = "gone"
    UNKNOWN = "unknown"


def lock_name(text: object) -> str:
    """The plain name of a lock file out of what a store says; empty where that is no such name.

    Earlier versions stored a path; only its last part counts.
    """
    name = text.rpartition("/")[2] if isinstance(text, str) else ""
    return name if _NAME.fullmatch(name) else ""


class HeldLock:
    """A lock held from its making until `release` or the end of this process, for others to see."""

    def __init__(self, folder: LockFolder, name: str, descriptor: int):
        self.name = name
        self._folder = folder
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go, and take the file away."""
        if self._descriptor < 0:
            return
        with contextlib.suppress(OSError):  # somebody else took it away
            self._folder.unlink(self.name)
        os.close(self._descriptor)
        self._descriptor = -1


class LockFolder:
    """The folder of a store's locks. It need not exist; only holding a lock makes it."""

    def __init__(self, path: Path):
        self.path = path

    def hold(self, kind: str) -> HeldLock:
        """Make and hold a new lock.

        Args:
            kind: `trainer` or `watcher`.

        Raises:
            StoreError: It cannot be made, or the folder is a symbolic link.
        """
        try:
            self._make()
            for _ in range(_TRIES):
                name = f"{kind}-{uuid.uuid4().hex}.lock"
                descriptor = self._locked(name, os.O_CREAT | os.O_EXCL)
                if descriptor is not None:
                    return HeldLock(self, name, descriptor)
        except OSError as error:
            raise StoreError(f"store: no lock can be held in {self.path}: {_words(error)}") from error
        raise StoreError(f"store: no lock can be held in {self.path}: locks do not work there")

    @contextlib.contextmanager
    def alone(self, task: Task, seconds: float) -> Iterator[None]:
        """Be the one process that does something.

        Args:
            task: Starting trainers, queueing a comparison's next stage, or taking comparisons from stage to stage.
            seconds: How long to wait for another one.

        Raises:
            OSError: The lock cannot be had; TimeoutError where another process is at it for longer.
        """
        deadline = time.monotonic() + seconds
        self._make()
        while (descriptor := self._locked(f"{task}.lock", os.O_CREAT)) is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"another process has been at it for {seconds:g} s")
            time.sleep(_POLL_SECONDS)
        try:
            yield
        finally:
            os.close(descriptor)

    def taken(self, task: Task) -> bool:
        """Whether some process does something that one alone does. Raises OSError."""
        self._make()
        descriptor = self._locked(f"{task}.lock", os.O_CREAT)
        if descriptor is not None:
            os.close(descriptor)
        return descriptor is None

    def state(self, name: str) -> LockState:
        """Whether some process holds this lock. Neither makes nor changes a file."""
        try:
            with self._open(lock_name(name)) as descriptor:
                return LockState.HELD if descriptor is None else LockState.FREE
        except FileNotFoundError:
            return LockState.GONE
        except OSError as error:
            return LockState.GONE if error.errno in _NOT_OURS else LockState.UNKNOWN

    def clear(self, name: str) -> None:
        """Take a lock's file away where nobody holds it."""
        with contextlib.suppress(OSError), self._open(lock_name(name)) as descriptor:
            if descriptor is not None:
                self.unlink(name)

    def anyone(self, kind: str) -> bool:
        """Whether any process of this kind may be alive; the lock files of dead ones are cleared away."""
        alive = False
        try:
            with _descriptor(os.open(self.path, _FOLDER)) as folder:
                names = [name for name in os.listdir(folder) if name.startswith(f"{kind}-") and lock_name(name)]
        except FileNotFoundError:
            return False
        except OSError as error:
            return error.errno not in _NOT_OURS
        for name in names:
            if self.state(name) in (LockState.HELD, LockState.UNKNOWN):
                alive = True
            else:
                self.clear(name)
        return alive

    def unlink(self, name: str) -> None:
        """Take a file of this folder away. Raises OSError."""
        with _descriptor(os.open(self.path, _FOLDER)) as folder:
            os.unlink(name, dir_fd=folder)

    def _make(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)

    def _locked(self, name: str, flags: int) -> int | None:
        """A descriptor that holds a lock file made with `flags`; None where another process has it or took it away."""
        with _descriptor(os.open(self.path, _FOLDER)) as folder:
            descriptor = os.open(name, os.O_RDWR | _FILE | flags, 0o600, dir_fd=folder)
            try:
                # Whoever clears dead locks away may catch it between its making and its locking.
                if _try_lock(descriptor, fcntl.LOCK_EX) and _is_at(descriptor, name, folder):
                    return descriptor
            except BaseException:
                os.close(descriptor)
                raise
        os.close(descriptor)
        return None

    @contextlib.contextmanager
    def _open(self, name: str) -> Iterator[int | None]:
        """Look at a lock: a descriptor while this process shares it, None where another one holds it.

        Raises FileNotFoundError where it is not there, and OSError where that cannot be told.
        """
        if not name:
            raise FileNotFoundError
        with _descriptor(os.open(self.path, _FOLDER)) as folder:
            descriptor = os.open(name, os.O_RDONLY | _FILE, dir_fd=folder)
        with _descriptor(descriptor):
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise FileNotFoundError
            yield descriptor if _try_lock(descriptor, fcntl.LOCK_SH) else None


def _try_lock(descriptor: int, kind: int) -> bool:
    """Lock an open file unless another process holds it. Raises OSError where locks do not work."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _HELD_BY_ANOTHER:
            return False
        raise
    return True


def _is_at(descriptor: int, name: str, folder: int) -> bool:
    """Whether an open file is still the one of this name."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(name, dir_fd=folder, follow_symlinks=False))
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def _descriptor(descriptor: int) -> Iterator[int]:
    """Close a descriptor at the end."""
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _words(error: OSError) -> str:
    if error.errno in _NOT_OURS:
        return "it is a symbolic link or no folder"
    return error.strerror or str(error)
