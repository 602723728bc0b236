"""Real kills of a real trainer: no epoch is lost, and every run ends in a truthful state and can go on from there.

A trainer costs seconds to start, so those that a test leaves alive serve the next: most tests share one store.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lossterm.runs.records import Run

from ..conftest import Program, end_processes, freeze, isolated
from ..preloaded import SERVER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..terminal import Terminal

SAME = ("--loss", "mae", "--seed", 3)
LONG = (*SAME, "--epochs", 1_000_000)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, preloaded: dict[str, str]) -> Iterator[Program]:
    """The command line on a store that the tests of this module share, with the trainer that the last test left.

    Its trainers are forked, but for those that are to be seen as they load: see `empty`.
    """
    folder = tmp_path_factory.mktemp("trainers")
    program = Program(folder / "runs.db", {**isolated(folder), **preloaded, "LOSSTERM_IDLE": "600"})
    yield program
    end_processes(str(program.store_path))


@pytest.fixture
def ready(kept: Program) -> tuple[Program, int]:
    """That store with one trainer that has nothing to do, and its process number."""
    with kept.store() as store:
        store.stop_all()
    kept.ended(kept.queue("--loss", "mse", "--epochs", 1)[0])
    if len(kept.trainers()) != 1:
        end_processes(str(kept.store_path))
        kept.wait(lambda: not kept.trainers(), what="the locks to be free")
        kept.ended(kept.queue("--loss", "mse", "--epochs", 1)[0])
    (pid,) = kept.trainers()
    with kept.store() as store:
        kept.wait(lambda: store.trainers()[0].state == "ready", what="an idle trainer")
    return kept, pid


@pytest.fixture
def empty(kept: Program) -> Program:
    """That store without a trainer and with nothing to do, and a command line that starts trainers as a person does."""
    end_processes(str(kept.store_path))
    kept.wait(lambda: not kept.trainers(), what="its lock to be free")
    with kept.store() as store:
        store.stop_all()
    return Program(kept.store_path, {name: value for name, value in kept.environment.items() if name != SERVER})


def queued_by(program: Program, before: int) -> int:
    """Wait until a front end has queued a run, and give its number; `before` is the last one until then."""

    def look() -> int:
        with program.store() as store:
            return min((run.id for run in store.runs() if run.id > before), default=0)

    return program.wait(look, what="the run")


def newest(program: Program) -> int:
    """The number of the newest run; 0 where there is none."""
    with program.store() as store:
        return max((run.id for run in store.runs()), default=0)


def numbers(program: Program, run_id: int) -> list[tuple[float, ...]]:
    """What every epoch gave, its time aside."""
    with program.store() as store:
        epochs = store.epochs(run_id)
    return [(e.epoch, e.train_loss, e.train_metric, e.test_loss, e.test_metric) for e in epochs]


def checkpointed(program: Program, run_id: int, beyond: int = 0) -> Run:
    """Wait until a run has a checkpoint beyond an epoch."""

    def look() -> bool:
        with program.store() as store:
            kept = store.checkpoint(run_id)
        return kept is not None and kept.epoch > beyond

    program.wait(look, what="a checkpoint")
    return program.look(run_id)


def test_a_run_killed_twice_goes_on_and_ends_as_if_it_never_was(ready: tuple[Program, int]) -> None:
    program, pid = ready
    (run_id,) = program.queue(*LONG)
    before = checkpointed(program, run_id)
    os.kill(pid, signal.SIGKILL)
    program.wait(lambda: program.look(run_id).status == "interrupted")
    killed = program.look(run_id)
    assert killed.epochs_done >= before.epochs_done > 0
    assert killed.message == f"the trainer (pid {pid}) died after epoch {killed.epochs_done}"
    assert [row[0] for row in numbers(program, run_id)] == list(range(1, killed.epochs_done + 1))
    assert program.trainers() == []

    assert "goes on from epoch" in program("resume", run_id).stdout
    program.reached(run_id, killed.epochs_done + 1)
    (pid,) = program.trainers()
    os.kill(pid, signal.SIGTERM)
    asked = program.ended(run_id)
    assert (asked.status, asked.message) == (
        "interrupted",
        "the trainer was asked to end; resume goes on from here",
    )
    with program.store() as store:
        kept = store.checkpoint(run_id)
    assert kept is not None
    assert kept.epoch == asked.epochs_done, "asked to end, it keeps everything"

    assert f"goes on from epoch {asked.epochs_done}" in program("resume", run_id).stdout
    program.reached(run_id, asked.epochs_done + 10)
    program("stop", run_id)
    resumed = program.ended(run_id)
    assert resumed.status == "stopped"

    (whole_id,) = program.queue(*SAME, "--epochs", resumed.epochs_done)
    whole = program.ended(whole_id)
    assert whole.status == "finished"
    assert numbers(program, run_id) == numbers(program, whole_id)
    assert resumed.scores == whole.scores
    assert resumed.best == whole.best


def test_ten_runs_that_train_together_are_killed_resumed_and_as_if_they_never_were(ready: tuple[Program, int]) -> None:
    program, pid = ready
    seeds = [word for seed in range(1, 11) for word in ("--seed", seed)]
    ids = program.queue("--loss", "mae", "--samples", 20_000, *seeds, "--epochs", 1_000_000)
    assert len(ids) == 10
    before = [checkpointed(program, run_id) for run_id in ids]
    assert all(run.status == "running" and run.epochs_done for run in before), "all ten at once"
    os.kill(pid, signal.SIGKILL)
    killed = [program.ended(run_id) for run_id in ids]
    assert {run.status for run in killed} == {"interrupted"}

    with program.store() as store:
        for run_id in ids:
            store.resume(run_id)
    program.queue("--loss", "mse", "--epochs", 1)  # which starts a trainer
    for run in killed:
        program.reached(run.id, run.epochs_done + 1)
    with program.store() as store:
        assert len({run.trainer for run in map(store.run, ids)}) == 1
        store.stop(ids[3])
        program.wait(lambda: program.look(ids[3]).status == "stopped")
        assert {run.status for run in map(store.run, ids) if run.id != ids[3]} == {"running"}
        store.stop_all()
    ends = [program.ended(run_id) for run_id in ids]
    for run_id, run in zip(ids, ends, strict=True):
        assert run.status == "stopped"
        assert [row[0] for row in numbers(program, run_id)] == list(range(1, run.epochs_done + 1))
    for place in (3, 7):
        words = ("--loss", "mae", "--samples", 20_000, "--seed", place + 1)
        (alone,) = program.queue(*words, "--epochs", ends[place].epochs_done)
        assert program.ended(alone).scores == ends[place].scores
        assert numbers(program, alone) == numbers(program, ids[place])


def test_the_follower_of_a_killed_trainer_says_so_and_ends_with_1(ready: tuple[Program, int]) -> None:
    program, pid = ready
    before = newest(program)
    follower = program.start("run", "--loss", "mse", "--loss", "mae", "--epochs", 2000, "--json")
    run_id = queued_by(program, before)
    program.reached(run_id, 1)
    os.kill(pid, signal.SIGKILL)
    out, err = follower.communicate(timeout=120)
    first, second = map(json.loads, out.splitlines())
    assert follower.returncode == 1
    assert (first["id"], first["status"]) == (run_id, "interrupted")
    assert (second["id"], second["status"]) == (run_id + 1, "finished")
    assert f"(pid {pid}) died after epoch" in err
    assert f"log: {program.store_path}.logs/trainer-" in err
    assert f"lossterm resume {run_id}" in err


IMPATIENT = """
import sys
from lossterm.supervisor import launch
from lossterm.cli import main, run_monitor
{patience} = 2.0
sys.exit(main(sys.argv[1:]))
"""
HANGS = IMPATIENT.format(patience="run_monitor.HANG_SECONDS")
"""A command that takes a run for stuck after 2 s; no run of the tests may compile then, which may take longer."""
SILENT = IMPATIENT.format(patience="launch.SILENT_SECONDS['ready']")
"""A command that takes an idle trainer for silent after 2 s."""


def test_the_follower_of_a_trainer_that_hangs_says_how_to_end_it(ready: tuple[Program, int]) -> None:
    program, pid = ready
    before = newest(program)
    words = program.command("run", "--loss", "mse", "--epochs", 1_000_000, "--json")
    follower = subprocess.Popen(
        [sys.executable, "-c", HANGS, *words[words.index("--store") :]],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=program.environment,
    )
    run_id = queued_by(program, before)
    program.reached(run_id, 10)
    freeze(pid, program.store_path)
    assert follower.stderr is not None
    assert follower.stderr.readline() == (
        f"lossterm: run {run_id} has not moved for 2 s; kill -9 {pid} ends its trainer, and the run can be resumed\n"
    )
    os.kill(pid, signal.SIGKILL)
    out, err = follower.communicate(timeout=60)
    assert (follower.returncode, json.loads(out)["status"]) == (1, "interrupted")
    assert f"(pid {pid}) died after epoch" in err
    assert "has not moved" not in err


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_trainer_ended_while_it_loads_is_replaced(empty: Program, number: signal.Signals) -> None:
    program = empty
    follower = program.start("run", "--loss", "mse", "--epochs", 2, "--json")
    (pid,) = program.wait(program.trainers)
    with program.store() as store:
        program.wait(lambda: store.count("queued"), what="the run")
    os.kill(pid, number)
    out, err = follower.communicate(timeout=120)
    assert follower.returncode == 0, err
    assert json.loads(out)["status"] == "finished"
    assert program.trainers() != [pid]


def test_an_idle_trainer_leaves_in_order_under_a_storm_of_signals(ready: tuple[Program, int]) -> None:
    program, pid = ready
    for turn in range(10_000):
        try:
            os.kill(pid, (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)[turn % 3])
        except ProcessLookupError:
            break
    program.wait(lambda: not _runs(pid), what="the trainer to leave")
    with program.store() as store:
        assert store.trainers() == [], "it struck itself off"
        assert list(store.locks.path.glob("trainer-*")) == []


@pytest.mark.parametrize("front_end", ["run", "app"])
def test_a_trainer_that_holds_its_lock_and_answers_nothing_is_replaced(
    front_end: str, ready: tuple[Program, int], terminal: Callable[..., Terminal]
) -> None:
    program, silent = ready
    freeze(silent, program.store_path)
    words = program.command("run", "--loss", "bce", "--epochs", 2)
    command = [sys.executable, "-c", SILENT, *words[words.index("--store") :]]
    notice = f"trainer: pid {silent} does not answer; kill -9 {silent} ends it"
    if front_end == "run":
        done = subprocess.run(command, capture_output=True, text=True, env=program.environment, timeout=90)
        assert done.returncode == 0, done.stderr
        assert done.stderr == f"lossterm: {notice}\n"
        (other,) = set(program.trainers()) - {silent}
        os.kill(silent, signal.SIGKILL)
    else:
        screen = terminal(command[: command.index("run")], **program.environment)
        screen.until(lambda text: notice in text.splitlines()[0], "the head line")
        program.wait(lambda: len(program.trainers()) == 2, what="another trainer")
        (other,) = set(program.trainers()) - {silent}
        os.kill(silent, signal.SIGKILL)
        screen.until(lambda text: "does not answer" not in text.splitlines()[0], "that it is over")
        assert screen.quit() == 0
    assert _runs(other)


def test_a_store_that_is_deleted_ends_its_follower_and_its_trainer(ready: tuple[Program, int]) -> None:
    program, pid = ready
    before = newest(program)
    follower = program.start("run", "--loss", "mse", "--epochs", 1_000_000, "--json")
    program.reached(queued_by(program, before), 1)
    for suffix in ("", "-wal", "-shm"):
        program.store_path.with_name(program.store_path.name + suffix).unlink(missing_ok=True)
    out, err = follower.communicate(timeout=60)
    assert (follower.returncode, out) == (1, "")
    assert f"{program.store_path} was deleted or replaced while open" in err
    program.wait(lambda: not _runs(pid), what="the trainer to leave")
    assert program.json("runs") == [], "a new store"


def test_a_trainer_that_cannot_load_tensorflow_is_not_tried_for_ever(program: Program, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "tensorflow.py").write_text("raise ImportError('libthing.so.9: cannot open')")
    path = os.pathsep.join([str(tmp_path / "broken"), program.environment.get("PYTHONPATH", "")])
    program.environment["PYTHONPATH"] = path.rstrip(os.pathsep)
    done = program("run", "--loss", "mse", "--json", code=1)
    assert done.stdout == ""
    reason, left = done.stderr.splitlines()
    assert "ended 3 times within a minute (ImportError: libthing.so.9: cannot open); log: " in reason
    assert left == "lossterm: no longer following: run 1 is queued; see lossterm runs"
    assert program("stop", 1).stdout == "run 1: stopped before it started\n"


def test_an_idle_trainer_leaves_and_a_watched_one_stays(program: Program) -> None:
    program.environment["LOSSTERM_IDLE"] = "0.5"
    with program.store() as store:
        watching = store.watch()
        (run_id,) = program.queue("--loss", "mse", "--epochs", 1)
        assert program.ended(run_id).status == "finished"
        ended = time.monotonic()
        program.wait(lambda: time.monotonic() - ended > 1.5)
        assert len(program.trainers()) == 1, "somebody watches"
        watching.release()
        program.wait(lambda: not program.trainers(), what="the trainer to leave")
        assert list(store.locks.path.glob("trainer-*")) == []


def _runs(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return state != "" and not state.startswith("Z")
