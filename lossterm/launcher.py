"""Start trainers and see that one lives; never imports Keras."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from filelock import FileLock, Timeout

from .records import Trainer
from .store import Store

IDLE_SECONDS = 300.0
_ENLIST_SECONDS = 20.0
_POLL_SECONDS = 0.02


class LaunchError(Exception):
    """A trainer could not be started; the message says why and names its log."""


def serves(trainer: Trainer, device: str) -> bool:
    """Whether a living trainer takes runs that ask for `device`."""
    if trainer.device == device or trainer.resolved == device:
        return True
    return trainer.device == "auto" and device == "cpu"


def ensure(store: Store, device: str, trainers: int = 1) -> list[Trainer]:
    """See to it that `trainers` living trainers take runs for `device`; returns those that do.

    Waits until each new one has enlisted (a fraction of a second, long before TensorFlow has loaded).
    Raises LaunchError where one could not be started.
    """
    store.reap()
    living = [trainer for trainer in store.trainers() if serves(trainer, device)]
    if len(living) >= trainers:
        return living
    store.presence_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        # One at a time, or two front ends that open together would start two.
        with FileLock(store.presence_folder / "launch.lock", timeout=_ENLIST_SECONDS, mode=0o600):
            while len(living := [t for t in store.trainers() if serves(t, device)]) < trainers:
                _start(store, device)
    except (Timeout, OSError) as error:
        raise LaunchError(f"trainer: none could be started: {error}") from error
    return living


def _start(store: Store, device: str) -> None:
    log = _new_log(store.log_folder)
    command = [sys.executable, "-m", "lossterm.trainer", "--store", str(store.path), "--device", device]
    command += ["--log", str(log), "--idle", os.environ.get("LOSSTERM_IDLE", str(IDLE_SECONDS))]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd=store.path.parent,
            env={**os.environ, "PYTHONSAFEPATH": "1"},
        )
    deadline = time.monotonic() + _ENLIST_SECONDS
    while not any(trainer.pid == process.pid for trainer in store.trainers()):
        if process.poll() is not None:
            raise LaunchError(f"trainer: it ended at once ({last_line(log)}); log: {log}")
        if time.monotonic() > deadline:
            raise LaunchError(f"trainer: it did not start within {_ENLIST_SECONDS:g} s; log: {log}")
        time.sleep(_POLL_SECONDS)


def kill(trainer: Trainer) -> None:
    """End a trainer that no longer answers (SIGKILL). Its run becomes `interrupted` at the next reap."""
    try:
        os.kill(trainer.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def last_line(log: Path) -> str:
    """The last line of a log that says anything, or that it says nothing."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return lines[-1].strip() if lines else "its log is empty"


def _new_log(folder: Path) -> Path:
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
