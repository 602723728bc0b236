"""How a living trainer fares: a small file beside its lock that is rewritten in place, so it needs no free disk.

The file is as large from the start as it will ever be. Its name follows from the trainer's number; what it holds is
shown to a person and used for nothing else.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from ..runs.records import TrainerState

BEAT_SECONDS = 1.0
_BYTES = 1024
_TROUBLE_CHARACTERS = 400


@dataclass(frozen=True)
class TrainerHealth:
    """What a trainer last said of itself.

    Attributes:
        age: Seconds since it said so, not below 0.
        state: What it was doing.
        trouble: Why it cannot do its work, in one line; empty when it can.
    """

    age: float
    state: TrainerState
    trouble: str


class HealthFile:
    """A trainer's health, kept by the trainer itself. Nothing here raises: training goes on without it."""

    def __init__(self, folder: Path, trainer_id: int):
        """Make the file of this trainer in `folder`, readable by its owner alone."""
        self._path = _path(folder, trainer_id)
        self._state: TrainerState = "loading"
        self._trouble = ""
        self._beaten = 0.0
        self._file: int | None = None
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
            self._file = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        self._write()

    def beat(self) -> None:
        """Say that the trainer is at work; cheap enough for every turn of a loop."""
        if time.monotonic() - self._beaten >= BEAT_SECONDS:
            self._write()

    def enter(self, state: TrainerState) -> None:
        """Say what the trainer does from now on."""
        if state != self._state:
            self._state = state
            self._write()

    def report(self, trouble: str) -> None:
        """Say why the trainer cannot do its work, or with an empty text that it can again."""
        if trouble != self._trouble:
            self._trouble = trouble
            self._write()

    def remove(self) -> None:
        """Take the file away, unless another trainer's is in its place by now."""
        if self._file is None:
            return
        with contextlib.suppress(OSError):
            if os.path.samestat(os.fstat(self._file), os.stat(self._path, follow_symlinks=False)):
                os.unlink(self._path)
        with contextlib.suppress(OSError):
            os.close(self._file)
        self._file = None

    def _write(self) -> None:
        self._beaten = time.monotonic()
        if self._file is None:
            return
        said = {"at": self._beaten, "state": self._state, "trouble": self._trouble[:_TROUBLE_CHARACTERS]}
        text = json.dumps(said, ensure_ascii=True)
        while len(text) > _BYTES:  # characters beyond ASCII take several bytes each
            said["trouble"] = str(said["trouble"])[:-50]
            text = json.dumps(said, ensure_ascii=True)
        with contextlib.suppress(OSError):
            os.pwrite(self._file, text.ljust(_BYTES).encode("ascii"), 0)


def read_health(folder: Path, trainer_id: int) -> TrainerHealth | None:
    """What a trainer last said of itself; None where it cannot be read.

    The clock is the machine's monotonic one, which trainers and front ends share.
    """
    try:
        file = os.open(_path(folder, trainer_id), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            regular = stat.S_ISREG(os.fstat(file).st_mode)
            data = os.pread(file, _BYTES, 0) if regular else b""
        finally:
            os.close(file)
    except OSError:
        return None
    try:
        return _health_of(json.loads(data))
    except (ValueError, RecursionError):  # it is being written just now, or is none of ours
        return None


def remove_stale(folder: Path, living: Iterable[int]) -> None:
    """Clear the files of trainers that are no longer on record away."""
    wanted = {_path(folder, trainer_id) for trainer_id in living}
    for path in folder.glob("trainer-*.health"):
        if path not in wanted:
            with contextlib.suppress(OSError):
                path.unlink()


def _path(folder: Path, trainer_id: int) -> Path:
    return folder / f"trainer-{int(trainer_id)}.health"


def _health_of(said: Any) -> TrainerHealth | None:
    if not isinstance(said, dict):
        return None
    at, trouble = said.get("at"), said.get("trouble")
    state: TrainerState | None = next((known for known in get_args(TrainerState) if known == said.get("state")), None)
    if state is None or not isinstance(at, float) or not isinstance(trouble, str):
        return None
    return TrainerHealth(max(time.monotonic() - at, 0.0), state, " ".join(trouble.split()))
