"""Every kind of process × every signal × every phase of a run: nothing is lost or stuck, the terminal is clean.

Trainers are forked from a process that has loaded TensorFlow, but for those that are to be seen as they load.
CI tries a diagonal: a trainer in every phase, and every signal for each kind; all sixty: pytest -m slow tests/faults
"""

from __future__ import annotations

import itertools
import os
import re
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lossterm.config import RunConfig
from lossterm.runs.records import ACTIVE, ENDED, Epoch, Run
from lossterm.store import Store

from ..conftest import DEADLINE, Program, end_processes, isolated

if TYPE_CHECKING:
    from ..terminal import Terminal

VICTIMS = ("trainer", "app", "run")
PHASES = ("loading", "compiling", "training", "pausing", "ending")
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL)
LEFT_OUT = (("app", "loading"), ("run", "ending"))
"""Cases of the diagonal whose signal that kind gets in another phase too."""
_numbers = itertools.count(10)


def _cases() -> Iterator[Any]:
    for (v, victim), (p, phase), (s, number) in itertools.product(
        enumerate(VICTIMS), enumerate(PHASES), enumerate(SIGNALS)
    ):
        common = (v + p) % len(SIGNALS) == s and (victim, phase) not in LEFT_OUT
        marks = () if common else pytest.mark.slow
        yield pytest.param(victim, phase, number, id=f"{victim}-{phase}-{number.name}", marks=marks)


def settings(phase: str) -> dict[str, Any]:
    """A run that passes through a phase for long enough; a new shape each time, so that it has to be compiled."""
    if phase == "ending":  # its scores over many rows take a while
        return {"epochs": 3, "samples": 100_000, "train_fraction": 0.02, "hidden_units": next(_numbers)}
    return {"epochs": 6000, "samples": 200, "hidden_units": next(_numbers)}


class Rig:
    """One store for all the kills, and the one trainer that lives on it, until it is killed."""

    def __init__(self, program: Program, preloaded: dict[str, str]):
        self.program = program
        self._starting, self._forking = program.environment, program.environment | preloaded
        self.store = program.store()

    def trainer(self) -> int:
        """The process number of the one trainer, 0 where there is none."""
        pids = self.program.trainers()
        assert len(pids) <= 1, "LOSSTERM_TRAINERS=1"
        return pids[0] if pids else 0

    @property
    def pid(self) -> int:
        """The process number of the trainer on record, for while the store can only be read."""
        return self.store.trainers()[0].pid

    def prepare(self, phase: str) -> None:
        """A trainer that is ready; to see one load, none."""
        self.program.environment = self._forking if phase != "loading" else self._starting
        if phase == "loading":
            end_processes(f"lossterm.trainer --store {self.program.store_path}")
            self.program.wait(lambda: not self.trainer(), what="the end of the trainer")
        elif not self.trainer():
            self.program("run", "--loss", "mse", "--epochs", 1, "--json")

    def catch(self, run_id: int, phase: str) -> None:
        """Wait until a run passes through a phase; for `ending`, `held` has it already."""
        deadline = time.monotonic() + DEADLINE
        while not self._is_in(run_id, phase):
            run = self.store.run(run_id)
            assert run.status not in ENDED, f"{phase} was missed: {run.status} {run.message}"
            assert time.monotonic() < deadline, f"{phase} never came: {run}"
            time.sleep(0.002)
        if phase == "pausing":
            self.store.pause(run_id)

    def _is_in(self, run_id: int, phase: str) -> bool:
        run = self.store.run(run_id)
        if phase == "loading":
            return run.status == "queued" and [t.state for t in self.store.trainers()] == ["loading"]
        if phase == "compiling":
            return (run.status, run.phase) == ("starting", "compiling")
        return run.status == "running" and run.epochs_done >= 5

    @contextmanager
    def held(self, run_id: int, phase: str) -> Iterator[None]:
        """While open, a run is in a phase: its end cannot be written while another process holds the store."""
        if phase != "ending":
            self.catch(run_id, phase)
            yield
            return
        with closing(sqlite3.connect(self.program.store_path, isolation_level=None, timeout=30)) as other:
            self.program.wait(lambda: (run := self.store.run(run_id)).epochs_done == run.config.epochs)
            other.execute("BEGIN IMMEDIATE")
            status = other.execute("SELECT status FROM runs WHERE id = ?", (run_id,)).fetchone()[0]
            assert status == "running", "the end was missed"
            yield
            other.execute("ROLLBACK")

    def claims(self, run_id: int) -> int:
        """How often trainers took a run, by their logs."""
        logs = [path.read_text() for path in Path(f"{self.program.store_path}.logs").iterdir()]
        return sum(len(re.findall(rf"INFO run {run_id}: loss=", log)) for log in logs)

    def whole(self, run_id: int, known: list[Epoch]) -> Run:
        """The run, once it has been seen that the store opens, and that it lost nothing and contradicts nothing."""
        with closing(sqlite3.connect(self.program.store_path)) as sqlite:
            assert sqlite.execute("PRAGMA quick_check").fetchone() == ("ok",)
        with Store(self.program.store_path) as store:
            store.reap()
            run, epochs = store.run(run_id), store.epochs(run_id)
            assert [epoch.epoch for epoch in epochs] == list(range(1, run.epochs_done + 1))
            assert epochs[: len(known)] == known
            living = {trainer.id for trainer in store.trainers()}
            assert run.status not in ACTIVE or run.trainer in living
        return run


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory, preloaded: dict[str, str]) -> Iterator[Rig]:
    folder = tmp_path_factory.mktemp("matrix")
    program = Program(folder / "runs.db", {**isolated(folder), "LOSSTERM_IDLE": "600"})
    rig = Rig(program, preloaded)
    yield rig
    rig.store.close()
    end_processes(str(program.store_path))


def words(values: dict[str, Any]) -> list[Any]:
    return [word for name, value in values.items() for word in (f"--{name.replace('_', '-')}", value)]


@pytest.mark.parametrize(("victim", "phase", "number"), _cases())
def test_kill(rig: Rig, terminal: Callable[..., Terminal], victim: str, phase: str, number: signal.Signals) -> None:
    rig.prepare(phase)
    {"trainer": kill_trainer, "app": kill_front, "run": kill_front}[victim](rig, terminal, victim, phase, number)


def kill_trainer(rig: Rig, _terminal: object, _victim: str, phase: str, number: signal.Signals) -> None:
    (run_id,) = rig.program.queue("--loss", "mse", *words(settings(phase)))
    with rig.held(run_id, phase):
        pid = rig.pid
        known = rig.store.epochs(run_id)
        os.kill(pid, number)
        if number == signal.SIGKILL:
            rig.program.wait(lambda: not _lives(pid), what="its end")
    rig.program.wait(lambda: not rig.trainer(), what="the end of the trainer")
    run = rig.whole(run_id, known)
    end = "finished" if phase == "ending" and number != signal.SIGKILL else "interrupted"
    assert run.status == ("queued" if phase == "loading" else end), run.message
    assert rig.claims(run_id) == (phase != "loading")
    if run.status == "interrupted":
        assert run.can_resume
        rig.program("resume", run_id)
    elif run.status == "queued":  # it waits for whoever comes next
        rig.program("run", "--loss", "mse", "--epochs", 1)
    finished = rig.program.ended(run_id)
    assert (finished.status, finished.epochs_done) == ("finished", finished.config.epochs), finished.message
    assert finished.scores is not None
    rig.whole(run_id, [])
    assert rig.claims(run_id) == 1 + (run.status == "interrupted")


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def kill_front(rig: Rig, terminal: Callable[..., Terminal], victim: str, phase: str, number: signal.Signals) -> None:
    screen, run_id = _opened(rig, terminal, victim, phase)
    with rig.held(run_id, phase):
        pid = rig.pid
        known = rig.store.epochs(run_id)
        screen.process.send_signal(number)
        if number == signal.SIGKILL:
            screen.process.wait()
    code = screen.ended()
    if number == signal.SIGKILL:
        assert code == -number
    else:
        assert code == 128 + number
        assert screen.is_as_it_was()
        assert b"Traceback" not in screen.written
    assert rig.trainer() == pid, "training goes on"
    if rig.store.run(run_id).request == "pause" or rig.store.run(run_id).status == "paused":
        rig.whole(run_id, known)
        rig.store.resume(run_id)
    rig.program.ended(run_id)
    run = rig.whole(run_id, known)
    stopped = (victim, number) == ("run", signal.SIGINT) and phase != "ending"  # what Ctrl-C is for
    assert run.status == ("stopped" if stopped else "finished"), run.message
    assert rig.claims(run_id) == (0 if stopped and phase == "loading" else 1)
    assert rig.trainer() == pid


def _opened(rig: Rig, terminal: Callable[..., Terminal], victim: str, phase: str) -> tuple[Terminal, int]:
    """A front end that follows a new run."""
    config = settings(phase)
    if victim == "app":
        screen = terminal(rig.program.command(), **rig.program.environment)
        screen.until(lambda text: "q quit" in text and "Runs" in text, "the app")
        screen.raw(b"\x1b[?1049h")
        with rig.program.store() as store:
            rig.program.wait(store.watched, what="its feed")
            (run_id,) = store.queue([RunConfig.of("mse", **config)])
        return screen, run_id
    known = max([run.id for run in rig.store.runs()], default=0)
    screen = terminal(rig.program.command("run", "--loss", "mse", *words(config)), **rig.program.environment)
    rig.program.wait(lambda: rig.store.runs()[:1] and rig.store.runs()[0].id > known, what="its run")
    return screen, known + 1
