"""Many front ends on one store while its trainers are killed at random: each run is trained once and ends truthfully.

CI tries a small crowd; a large one for a minute or two: pytest -m slow tests/faults
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lossterm.runs.records import ACTIVE, ENDED, Run

if TYPE_CHECKING:
    import subprocess

    from ..conftest import Program
    from ..terminal import Terminal

LOSSES = ("mse",)


@dataclass(frozen=True)
class Crowd:
    """How many take part. epochs: of each run. kills: of trainers, spread evenly over the runs. trainers: at once."""

    apps: int
    commands: int
    runs: int
    epochs: int
    kills: int
    trainers: int


SMALL = Crowd(apps=2, commands=2, runs=16, epochs=3000, kills=2, trainers=1)
LARGE = Crowd(apps=4, commands=4, runs=200, epochs=2000, kills=7, trainers=2)


class Killer:
    """Kills a trainer, each time in another way, whenever another share of the work is done or given up."""

    def __init__(self, program: Program, crowd: Crowd):
        self.program = program
        self.crowd = crowd
        self.kills: list[tuple[int, signal.Signals]] = []
        self._random = random.Random(4)

    def look(self) -> list[Run]:
        """Every run as it is; a trainer is killed if it is time."""
        with self.program.store() as store:
            runs = store.runs()
            shares = [1 if run.status in ENDED else run.epochs_done / self.crowd.epochs for run in runs]
            due = int(sum(shares) * (self.crowd.kills + 1) / self.crowd.runs)
            trainers = [trainer for trainer in store.trainers() if trainer.state != "loading"]
        if not self.kills:  # the first is killed in the middle of a run, the others wherever they are
            amid = {run.trainer for run in runs if 0 < run.epochs_done < 0.9 * self.crowd.epochs}
            trainers = [trainer for trainer in trainers if trainer.id in amid]
        living = [trainer.pid for trainer in trainers]
        killed = {pid for pid, _ in self.kills}
        living = [pid for pid in living if pid not in killed]
        if len(self.kills) < min(due, self.crowd.kills) and living:
            number = signal.SIGKILL if not self.kills else self._random.choice([signal.SIGKILL, signal.SIGTERM])
            self.kills.append((self._random.choice(living), number))
            os.kill(*self.kills[-1])
        return runs


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "crowd", [pytest.param(SMALL, id="small"), pytest.param(LARGE, id="large", marks=pytest.mark.slow)]
)
def test_many_at_once(program: Program, terminal: Callable[..., Terminal], crowd: Crowd) -> None:
    program.environment["LOSSTERM_TRAINERS"] = str(crowd.trainers)
    commands = _start_commands(program, crowd)
    program.wait(lambda: program.store_path.exists() and _count(program) == crowd.runs, what="the queue")
    apps = [terminal(program.command(), **program.environment) for _ in range(crowd.apps)]
    killer = Killer(program, crowd)

    def over() -> bool:
        for app in apps:
            app.drain()
        runs = killer.look()
        return all(run.status in ENDED for run in runs)

    program.wait(over, 600, what="the end of every run")
    told = [number for command in commands for number in _told(command)]
    assert len(told) == len(set(told)), "each command tells of its runs once"
    assert len(killer.kills) == crowd.kills
    interrupted = _check(program, crowd, resumed=set())
    assert interrupted, "a SIGKILL while training leaves one"
    assert len(interrupted) <= 10 * crowd.kills, "those that trained together at most"
    _resume(program, interrupted, apps)
    assert _check(program, crowd, resumed=interrupted) == set()
    for app in apps:
        assert app.quit() == 0
        assert app.is_as_it_was()


def _start_commands(program: Program, crowd: Crowd) -> list[subprocess.Popen[str]]:
    each = crowd.runs // crowd.commands // len(LOSSES)
    words: list[Any] = ["run", "--epochs", crowd.epochs, "--samples", 500, "--json"]
    words += [word for loss in LOSSES for word in ("--loss", loss)]
    commands = []
    for number in range(crowd.commands):
        seeds = range(number * each, (number + 1) * each)
        commands.append(program.start(*words, *(word for seed in seeds for word in ("--seed", seed))))
    return commands


def _count(program: Program) -> int:
    with program.store() as store:
        return len(store.runs())


def _told(command: subprocess.Popen[str]) -> list[int]:
    """The numbers of the runs whose end a command told; it may have given up where trainers died again and again."""
    out, err = command.communicate(timeout=60)
    assert "Traceback" not in err
    runs = [json.loads(line) for line in out.splitlines()]
    whole = command.returncode == 0
    assert whole == (bool(runs) and all(run["status"] == "finished" for run in runs) and "no longer" not in err), err
    return [run["id"] for run in runs]


def _check(program: Program, crowd: Crowd, resumed: set[int]) -> set[int]:
    """See that every run is in a truthful state; the numbers of the interrupted ones."""
    with closing(sqlite3.connect(program.store_path)) as sqlite:
        assert sqlite.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    claims: Counter[int] = Counter()
    for log in Path(f"{program.store_path}.logs").iterdir():
        claims.update(int(number) for number in re.findall(r"INFO run (\d+): loss=", log.read_text()))
    interrupted = set()
    with program.store() as store:
        store.reap()
        runs = store.runs()
        assert len(runs) == crowd.runs
        assert store.count("queued", *ACTIVE) == 0
        for run in runs:
            assert [epoch.epoch for epoch in store.epochs(run.id)] == list(range(1, run.epochs_done + 1))
            assert claims[run.id] <= 1 + (run.id in resumed), f"run {run.id} was claimed {claims[run.id]} times"
            caught = run.status == "interrupted" and not run.epochs_done  # killed before it could write of its claim
            assert claims[run.id] or caught, f"run {run.id} is {run.status} and was never claimed"
            assert run.status in ("finished", "interrupted")
            assert (run.scores is not None) == (run.status == "finished")
            assert run.epochs_done == crowd.epochs or run.status == "interrupted"
            if run.status == "interrupted":
                assert run.can_resume
                interrupted.add(run.id)
    return interrupted


def _resume(program: Program, numbers: set[int], apps: list[Terminal]) -> None:
    with program.store() as store:
        for number in numbers:
            store.resume(number)

    def over() -> bool:
        for app in apps:
            app.drain()
        with program.store() as store:
            store.reap()
            return all(store.run(number).status in ENDED for number in numbers)

    began = time.monotonic()
    program.wait(over, 180, what="the resumed runs")  # the apps start a trainer once a minute has passed since the last
    assert time.monotonic() - began < 180
