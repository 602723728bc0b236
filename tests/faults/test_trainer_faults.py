"""Real kills of a real trainer: no epoch is lost, and every run ends in a truthful state and can go on from there."""

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

from ..conftest import freeze

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Program

    from ..terminal import Terminal

LONG = ("--loss", "mae", "--epochs", 2500, "--seed", 3)


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


def test_a_run_killed_twice_goes_on_and_ends_as_if_it_never_was(program: Program, shared: Program) -> None:
    (run_id,) = program.queue(*LONG)
    before = checkpointed(program, run_id)
    (pid,) = program.trainers()
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
    resumed = program.ended(run_id)
    assert (resumed.status, resumed.epochs_done) == ("finished", 2500)

    (whole_id,) = shared.queue(*LONG)
    whole = shared.ended(whole_id)
    assert numbers(program, run_id) == numbers(shared, whole_id)
    assert resumed.scores == whole.scores
    assert resumed.best == whole.best


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_trainer_ended_while_it_loads_is_replaced(program: Program, number: signal.Signals) -> None:
    follower = program.start("run", "--loss", "mse", "--epochs", 2, "--json")
    (pid,) = program.wait(lambda: program.store_path.exists() and program.trainers())
    program.wait(lambda: program.json("status")["queued"])
    os.kill(pid, number)
    out, err = follower.communicate(timeout=120)
    assert follower.returncode == 0, err
    assert json.loads(out)["status"] == "finished"
    assert program.trainers() != [pid]


def test_a_trainer_that_cannot_load_tensorflow_is_not_tried_for_ever(program: Program, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "tensorflow.py").write_text("raise ImportError('libthing.so.9: cannot open')")
    program.environment["PYTHONPATH"] = str(tmp_path / "broken")
    done = program("run", "--loss", "mse", "--json", code=1)
    assert done.stdout == ""
    reason, left = done.stderr.splitlines()
    assert "ended 3 times within a minute (ImportError: libthing.so.9: cannot open); log: " in reason
    assert left == "lossterm: no longer following: run 1 is queued; see lossterm runs"
    assert program("stop", 1).stdout == "run 1: stopped before it started\n"


def test_the_follower_of_a_killed_trainer_says_so_and_ends_with_1(program: Program) -> None:
    follower = program.start("run", "--loss", "mse", "--loss", "mae", "--epochs", 300, "--json")
    program.wait(lambda: program.store_path.exists() and program.trainers())
    program.wait(lambda: program.json("runs"))
    program.reached(1, 1)
    (pid,) = program.trainers()
    os.kill(pid, signal.SIGKILL)
    out, err = follower.communicate(timeout=120)
    first, second = map(json.loads, out.splitlines())
    assert follower.returncode == 1
    assert (first["id"], first["status"], second["id"], second["status"]) == (1, "interrupted", 2, "finished")
    assert f"(pid {pid}) died after epoch" in err
    assert f"log: {program.store_path}.logs/trainer-" in err
    assert "lossterm resume 1" in err


IMPATIENT = """
import sys
from lossterm.supervisor import launch
from lossterm.cli import main, run_monitor
run_monitor.HANG_SECONDS = 2.0
launch.SILENT_SECONDS["ready"] = 2.0
sys.exit(main(sys.argv[1:]))
"""


def test_the_follower_of_a_trainer_that_hangs_says_how_to_end_it(program: Program) -> None:
    words = program.command("run", "--loss", "mse", "--epochs", 1_000_000, "--json")
    follower = subprocess.Popen(
        [sys.executable, "-c", IMPATIENT, *words[words.index("--store") :]],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=program.environment,
    )
    program.wait(lambda: program.store_path.exists() and program.json("runs"), what="the run")
    program.reached(1, 10)
    (pid,) = program.trainers()
    freeze(pid, program.store_path)
    assert follower.stderr is not None
    assert follower.stderr.readline() == (
        f"lossterm: run 1 has not moved for 2 s; kill -9 {pid} ends its trainer, and the run can be resumed\n"
    )
    os.kill(pid, signal.SIGKILL)
    out, err = follower.communicate(timeout=60)
    assert (follower.returncode, json.loads(out)["status"]) == (1, "interrupted")
    assert f"(pid {pid}) died after epoch" in err
    assert "has not moved" not in err


def idle_trainer(program: Program) -> int:
    """Wait for a trainer that is ready, with nothing to train."""
    program.queue("--loss", "mse", "--epochs", 1)
    program.ended(1)
    (pid,) = program.trainers()
    program.wait(lambda: program.json("status")["trainers"][0]["state"] == "ready", what="an idle trainer")
    return pid


def test_an_idle_trainer_leaves_in_order_under_a_storm_of_signals(program: Program) -> None:
    pid = idle_trainer(program)
    for turn in range(10_000):
        try:
            os.kill(pid, (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)[turn % 3])
        except ProcessLookupError:
            break
    program.wait(lambda: not _runs(pid), 20, what="the trainer to leave")
    with program.store() as store:
        assert store.trainers() == [], "it struck itself off"
        assert list(store.locks.path.glob("trainer-*")) == []


@pytest.mark.parametrize("front_end", ["run", "app"])
def test_a_trainer_that_holds_its_lock_and_answers_nothing_is_replaced(
    front_end: str, program: Program, terminal: Callable[..., Terminal]
) -> None:
    silent = idle_trainer(program)
    freeze(silent, program.store_path)
    words = program.command("run", "--loss", "bce", "--epochs", 2)
    command = [sys.executable, "-c", IMPATIENT, *words[words.index("--store") :]]
    notice = f"trainer: pid {silent} does not answer; kill -9 {silent} ends it"
    if front_end == "run":
        done = subprocess.run(command, capture_output=True, text=True, env=program.environment, timeout=90)
        assert done.returncode == 0, done.stderr
        assert done.stderr == f"lossterm: {notice}\n"
        (other,) = set(program.trainers()) - {silent}
    else:
        screen = terminal(command[: command.index("run")], **program.environment)
        screen.until(lambda text: notice in text.splitlines()[0], "the head line")
        program.wait(lambda: len(program.trainers()) == 2, what="another trainer")
        (other,) = set(program.trainers()) - {silent}
        os.kill(silent, signal.SIGKILL)
        screen.until(lambda text: "does not answer" not in text.splitlines()[0], "that it is over")
        assert screen.quit() == 0
    assert _runs(other)


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
        program.wait(lambda: not program.trainers(), 15)
        assert list(store.locks.path.glob("trainer-*")) == []


def test_a_store_that_is_deleted_ends_its_follower_and_its_trainer(program: Program) -> None:
    follower = program.start("run", "--loss", "mse", "--epochs", 1_000_000, "--json")
    program.wait(lambda: program.store_path.exists() and program.json("runs"))
    program.reached(1, 1)
    (pid,) = program.trainers()
    for suffix in ("", "-wal", "-shm"):
        program.store_path.with_name(program.store_path.name + suffix).unlink(missing_ok=True)
    out, err = follower.communicate(timeout=60)
    assert (follower.returncode, out) == (1, "")
    assert f"{program.store_path} was deleted or replaced while open" in err
    program.wait(lambda: not _runs(pid), 20, what="the trainer to leave")
    assert program.json("runs") == [], "a new store"


def _runs(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return state != "" and not state.startswith("Z")
