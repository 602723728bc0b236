"""Start trainers, each in a process of its own, and end them."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

from ..runs.records import Trainer, TrainerState
from ..store import LockFolder, LockState, Store
from ..store.health import TrainerHealth, read_health, remove_stale
from ..store.logs import last_line, new_log, prune_logs
from .tools import child_environment

IDLE_SECONDS = 300.0
_ENLIST_SECONDS = 20.0
_POLL_SECONDS = 0.02
SILENT_SECONDS: dict[TrainerState, float] = {
    "loading": 60.0,
    "ready": 8.0,
    "compiling": 60.0,
    "training": 60.0,
    "paused": 8.0,
}
"""After so long without a sign of life a trainer does not answer: one that waits gives a sign each second, but for the
5 s that it waits for a locked store; one that loads TensorFlow or compiles can give none."""
_MOST_SILENT = 3
# A trainer outlives whoever started it.
warnings.filterwarnings("ignore", r"subprocess \d+ is still running", ResourceWarning)

children: list[subprocess.Popen[bytes]] = []
"""The trainers that this process started and has not seen end."""


class LaunchError(Exception):
    """A trainer could not be started; the message says why and names its log."""


def serves(trainer: Trainer, device: str) -> bool:
    """Whether a living trainer takes runs that ask for `device`."""
    if trainer.device == device or trainer.resolved == device:
        return True
    return trainer.device == "auto" and device == "cpu"


def answers(health: TrainerHealth | None) -> bool:
    """Whether a living trainer is at work, as far as can be known; one that deadlocked, say, is not."""
    return health is None or health.age < SILENT_SECONDS[health.state]


def ensure_trainers(store: Store, device: str, trainers: int = 1) -> list[Trainer]:
    """See to it that `trainers` living trainers take runs for `device`; returns those that do.

    Waits until each new one has enlisted (a fraction of a second, long before TensorFlow has loaded). A trainer that
    does not answer is left alone, for a run may be safe with it yet, but does not count.
    Raises LaunchError where one could not be started.
    """
    _reap_children()
    store.reap()
    living = _serving(store, device)
    if len(living) >= trainers:
        return living
    try:
        with store.locks.alone("launch", _ENLIST_SECONDS):  # or two front ends that open together would start two
            while len(living := _serving(store, device)) < trainers:
                _start(store, device, threads_each(trainers))
    except OSError as error:
        raise LaunchError(f"trainer: none could be started: {error}") from error
    return living


def _serving(store: Store, device: str) -> list[Trainer]:
    """The trainers that take runs for a device and answer. Raises LaunchError where too many do not answer."""
    serving = [trainer for trainer in store.trainers() if serves(trainer, device)]
    answering = [t for t in serving if answers(read_health(store.locks.path, t.id))]
    silent = [str(trainer.pid) for trainer in serving if trainer not in answering]
    if len(silent) >= _MOST_SILENT and not answering:
        raise LaunchError(f"trainer: {len(silent)} of them do not answer; kill -9 {' '.join(silent)} ends them")
    return answering


def usual_trainers() -> int:
    """How many trainers help here: one a GPU that is shown to us, else one for every two cores, at most four.

    LOSSTERM_TRAINERS, a number above 0, overrides it.
    """
    given = os.environ.get("LOSSTERM_TRAINERS", "")
    if given.isdecimal() and int(given):
        return int(given)
    shown = os.environ.get("CUDA_VISIBLE_DEVICES")
    gpus = len(list(Path("/proc/driver/nvidia/gpus").glob("*")))
    if shown is not None:
        gpus = min(gpus, len([number for number in shown.split(",") if number.strip() not in ("", "-1")]))
    return gpus or min(max((os.cpu_count() or 1) // 2, 1), 4)


def threads_each(trainers: int) -> int | None:
    """TensorFlow's threads for each of several trainers on the same cores; None leaves TensorFlow its own choice."""
    return None if trainers == 1 else max((os.cpu_count() or 1) // trainers, 1)


def _start(store: Store, device: str, threads: int | None) -> None:
    log = new_log(store.log_folder)
    prune_logs(store)
    others = store.trainers()
    remove_stale(store.locks.path, [trainer.id for trainer in others])
    taken = {trainer.slot for trainer in others}
    slot = next(number for number in itertools.count() if number not in taken)
    command = [sys.executable, "-m", "lossterm.trainer", "--store", str(store.path), "--device", device]
    command += ["--log", str(log), "--idle", os.environ.get("LOSSTERM_IDLE") or str(IDLE_SECONDS)]
    command += ["--slot", str(slot)] + (["--threads", str(threads)] if threads else [])
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd=log.parent,  # a folder of our own: nothing there can be imported by mistake
            env=child_environment(),
        )
    children.append(process)
    deadline = time.monotonic() + _ENLIST_SECONDS
    while not any(trainer.pid == process.pid for trainer in store.trainers()):
        if process.poll() is not None:
            raise LaunchError(f"trainer: it ended at once ({last_line(log)}); log: {log}")
        if time.monotonic() > deadline:
            process.kill()
            raise LaunchError(f"trainer: it did not start within {_ENLIST_SECONDS:g} s; log: {log}")
        time.sleep(_POLL_SECONDS)


def _reap_children() -> None:
    """Take note of the trainers started here that have ended, which would stay zombies otherwise."""
    children[:] = [child for child in children if child.poll() is None]


def kill_trainer(trainer: Trainer) -> None:
    """End a trainer that no longer answers (SIGKILL). Its run becomes `interrupted` at the next reap."""
    lock = Path(trainer.lock)
    if LockFolder(lock.parent).state(lock.name) is LockState.HELD:  # else its number may be another process's by now
        with contextlib.suppress(ProcessLookupError):
            os.kill(trainer.pid, signal.SIGKILL)
