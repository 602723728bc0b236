"""Start trainers and what else needs TensorFlow, each in a process of its own; never imports Keras."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .logs import last_line, new_log, newest_log, prune_logs
from .records import ACTIVE, Trainer, TrainerState
from .store import LockFolder, LockState, Store
from .store.health import TrainerHealth, read_health, remove_stale

IDLE_SECONDS = 300.0
_ENLIST_SECONDS = 20.0
_POLL_SECONDS = 0.02
_LAUNCHES = 3
_LAUNCH_WINDOW = 60.0
_SILENT_SECONDS: dict[TrainerState, float] = {
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


class ToolError(Exception):
    """What was asked of another process could not be done; the message says why, in one line.

    asked_wrongly: whether the request itself was at fault.
    """

    def __init__(self, message: str, asked_wrongly: bool):
        super().__init__(message)
        self.asked_wrongly = asked_wrongly


@dataclass(frozen=True)
class FoundDevice:
    """A device that Keras can train on here.

    device: cpu, or gpu:N. name: the hardware's own name. note: what to know about it; empty if nothing.
    """

    device: str
    name: str
    note: str


def serves(trainer: Trainer, device: str) -> bool:
    """Whether a living trainer takes runs that ask for `device`."""
    if trainer.device == device or trainer.resolved == device:
        return True
    return trainer.device == "auto" and device == "cpu"


def answers(health: TrainerHealth | None) -> bool:
    """Whether a living trainer is at work, as far as can be known; one that deadlocked, say, is not."""
    return health is None or health.age < _SILENT_SECONDS[health.state]


def ensure(store: Store, device: str, trainers: int = 1) -> list[Trainer]:
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
        with store.locks.launching(_ENLIST_SECONDS):  # or two front ends that open together would start two
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
            env={**os.environ, "PYTHONSAFEPATH": "1"},
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


class Keeper:
    """Keeps trainers alive for the runs that wait, and gives up for a while on ones that keep dying.

    Attributes:
        trouble: Why some trainer cannot do its work (a full disk, say), as it said at the last look; empty if none.
        silent: Which trainer does not answer, and how to end it; empty if each does.
    """

    def __init__(self, trainers: int | None = None) -> None:
        """`trainers`: how many at most, as runs wait for them; None for `usual_trainers`."""
        self._most = trainers or usual_trainers()
        self._launched: list[float] = []
        self._silent_before: set[int] = set()
        self.trouble = self.silent = ""

    def keep(self, store: Store, devices: Iterable[str]) -> None:
        """Start trainers for each of `devices`: one, or as many as there are runs to train, up to the most.

        Costs next to nothing when enough live and answer. Trainers that have died must have been reaped before.
        Raises LaunchError.
        """
        trainers = store.trainers()
        asked = list(dict.fromkeys(devices))
        silent = self._look(store, trainers, asked)
        wanted = min(self._most, max(store.count("queued", *ACTIVE), 1)) if self._most > 1 else 1
        for device in asked:
            if sum(serves(trainer, device) for trainer in trainers if trainer not in silent) < wanted:
                self._launch(store, device, wanted)

    def _look(self, store: Store, trainers: Sequence[Trainer], devices: Sequence[str]) -> list[Trainer]:
        """Take note of the trainers' health; those that did not answer now and at the look before.

        Twice, for a machine that was halted wakes the one who looks first, perhaps.
        """
        healths = {trainer.id: read_health(store.locks.path, trainer.id) for trainer in trainers}
        self.trouble = next((health.trouble for health in healths.values() if health and health.trouble), "")
        silent = [trainer for trainer in trainers if not answers(healths[trainer.id])]
        lasting = [trainer for trainer in silent if trainer.id in self._silent_before]
        self._silent_before = {trainer.id for trainer in silent}
        pids = [t.pid for t in lasting if any(serves(t, device) for device in devices)]
        self.silent = f"trainer: pid {pids[0]} does not answer; kill -9 {pids[0]} ends it" if pids else ""
        return lasting

    def _launch(self, store: Store, device: str, wanted: int) -> None:
        now = time.monotonic()
        self._launched = [at for at in self._launched if now - at < _LAUNCH_WINDOW]
        if len(self._launched) >= _LAUNCHES * self._most:
            log = newest_log(store)
            end = f" ({last_line(log)}); log: {log}" if log else ""
            raise LaunchError(f"trainer: it ended {len(self._launched)} times within a minute{end}")
        self._launched.append(now)
        ensure(store, device, wanted)


def devices() -> list[FoundDevice]:
    """What Keras can train on here, the CPU first. Takes seconds: TensorFlow loads. Raises ToolError."""
    found = json.loads(_run_tool("lossterm.trainer.list_devices"))
    return [FoundDevice(**entry) for entry in found]


def export(store: Path, run_ids: Sequence[int], form: str, targets: Sequence[Path]) -> None:
    """Write runs as TensorBoard event files or Keras models, one target a run. Raises ToolError."""
    pairs = [word for run_id, to in zip(run_ids, targets, strict=True) for word in (str(run_id), str(to))]
    _run_tool("lossterm.trainer.export", "--store", str(store), "--format", form, *pairs)


def plain_epochs(device: str, losses: Sequence[str]) -> Iterator[tuple[str, float]]:
    """Milliseconds an epoch of plain `model.fit` on each loss's own dataset, as they are measured. Raises ToolError."""
    command = [sys.executable, "-m", "lossterm.trainer.plain", "--device", device, *losses]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONSAFEPATH": "1"},
    ) as process:
        assert process.stdout is not None
        said = ""
        for said in process.stdout:
            if said.startswith("{"):
                entry = json.loads(said)
                yield entry["loss"], entry["milliseconds"]
    if process.returncode:
        raise ToolError(said.strip() or "plain Keras ended badly", asked_wrongly=process.returncode == 2)


def _run_tool(module: str, *arguments: str) -> str:
    """Run a module in a process of its own and return the last line it printed.

    A module that ends with 2 was asked wrongly; that line says why.
    """
    environment = {**os.environ, "PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        env=environment,
    )
    said = _last(done.stdout)
    if done.returncode == 2 and said:
        raise ToolError(said, asked_wrongly=True)
    if done.returncode:
        raise ToolError(f"{module} ended with {done.returncode} ({_last(done.stderr)})", asked_wrongly=False)
    return said


def _last(output: str) -> str:
    return (output.strip().splitlines() or [""])[-1].strip()


def _reap_children() -> None:
    """Take note of the trainers started here that have ended, which would stay zombies otherwise."""
    children[:] = [child for child in children if child.poll() is None]


def kill(trainer: Trainer) -> None:
    """End a trainer that no longer answers (SIGKILL). Its run becomes `interrupted` at the next reap."""
    lock = Path(trainer.lock)
    if LockFolder(lock.parent).state(lock.name) is LockState.HELD:  # else its number may be another process's by now
        with contextlib.suppress(ProcessLookupError):
            os.kill(trainer.pid, signal.SIGKILL)
