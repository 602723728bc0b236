"""A store that cannot be used for a while under a run that trains: clear words, and nothing lost."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ..conftest import own_mounts

if TYPE_CHECKING:
    from ..conftest import Program

EPOCHS = 1000
RUN = ("run", "--loss", "mse", "--epochs", EPOCHS, "--json")


@pytest.fixture
def following(shared: Program) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A followed run that has begun, and its number."""
    with shared.store() as store:
        known = {run.id for run in store.runs()}
    follower = shared.start(*RUN)

    def begun() -> int:
        with shared.store() as store:
            new = [run.id for run in store.runs() if run.id not in known and run.epochs_done]
        return new[0] if new else 0

    yield follower, shared.wait(begun, what="the run")
    follower.kill()
    follower.communicate()


def ends_whole(shared: Program, follower: subprocess.Popen[str], run_id: int) -> None:
    out, err = follower.communicate(timeout=120)
    assert (follower.returncode, json.loads(out)["status"]) == (0, "finished"), err
    with shared.store() as store:
        assert [epoch.epoch for epoch in store.epochs(run_id)] == list(range(1, EPOCHS + 1))
        assert store.run(run_id).epochs_done == EPOCHS


def test_a_store_locked_by_another_process_for_long(
    shared: Program, following: tuple[subprocess.Popen[str], int]
) -> None:
    follower, run_id = following
    log = Path(shared.look(run_id).log)
    with contextlib.closing(sqlite3.connect(shared.store_path, isolation_level=None, timeout=30)) as other:
        other.execute("BEGIN IMMEDIATE")
        done = shared("stop", run_id, code=2)
        assert done.stderr == (
            f"lossterm: store: {shared.store_path} is locked by another process; try again when it has let go\n"
        )
        shared.wait(lambda: "is locked by another process" in log.read_text(), what="the trainer's words")
        assert follower.poll() is None
        other.execute("ROLLBACK")
    ends_whole(shared, follower, run_id)


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs prlimit")
def test_a_trainer_whose_file_may_not_grow(shared: Program, following: tuple[subprocess.Popen[str], int]) -> None:
    """A file size limit set on the living trainer: the kernel refuses its writes, and its log's in the end."""
    follower, run_id = following
    log = Path(shared.look(run_id).log)
    said = log.stat().st_size
    (pid,) = shared.trainers()
    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (said + 4096, hard))
    try:
        shared.wait(lambda: "training goes on" in log.read_text()[said:], what="the trainer's words")
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))
    ends_whole(shared, follower, run_id)


FULL_DISK = """
import json, subprocess, sys, time
from pathlib import Path
from lossterm.store import Store

folder, epochs = Path(sys.argv[1]), int(sys.argv[2])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1500k", "none", str(folder)], check=True)
path = folder / "runs.db"
lossterm = [sys.executable, "-m", "lossterm", "--store", str(path)]
run = [*lossterm, "run", "--loss", "mse"]
pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
follower = subprocess.Popen([*run, "--epochs", str(epochs), "--json"], text=True, **pipes)
while not path.exists():
    time.sleep(0.02)
with Store(path) as store:
    while not (runs := store.runs()) or not runs[0].epochs_done:
        time.sleep(0.02)
    with open(folder / "filler", "wb", buffering=0) as filler:
        try:
            while True:
                filler.write(bytes(4096))
        except OSError as error:
            full = error.errno
    refused = subprocess.run([*run, "--detach"], capture_output=True, text=True)
    said = follower.stderr.readline()
    before = store.run(1).epochs_done
    time.sleep(1)
    stuck = store.run(1).epochs_done
    (folder / "filler").unlink()
    out, err = follower.communicate()
    ended = [epoch.epoch for epoch in store.epochs(1)]
    for trainer in store.trainers():
        subprocess.run(["kill", "-9", str(trainer.pid)], check=True)
print(json.dumps({
    "errno": full, "refused": [refused.returncode, refused.stderr], "stuck": [before, stuck],
    "said": said + err,
    "code": follower.returncode, "status": json.loads(out)["status"], "epochs": ended,
}))
"""


def test_a_full_disk(program: Program, tmp_path: Path) -> None:
    """A small file system, filled up under a run and emptied again."""
    allowed = own_mounts()
    folder = program.store_path.parent
    folder.mkdir()
    done = subprocess.run(
        [*allowed, sys.executable, "-c", FULL_DISK, str(folder), str(EPOCHS)],
        capture_output=True,
        text=True,
        env=program.environment,
        timeout=150,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["errno"] == 28, "the disk was full"
    code, words = found["refused"]
    assert (code, words.count("\n")) == (2, 1)
    assert f"{program.store_path} cannot be written: the disk is full" in words
    why = f"lossterm: store: {program.store_path} cannot be written: the disk is full"
    assert found["said"].splitlines()[0] == f"{why}; training goes on, its epochs wait"
    assert found["said"].count("\n") == 1 + found["said"].count("store: it can be used again")
    assert found["stuck"][0] == found["stuck"][1] < EPOCHS
    assert (found["code"], found["status"]) == (0, "finished")
    assert found["epochs"] == list(range(1, EPOCHS + 1)), "what could not be written waited"


def test_a_store_on_a_read_only_file_system(program: Program) -> None:
    allowed = own_mounts()
    folder = program.store_path.parent
    with program.store():
        pass
    command = shlex.join(program.command("run", "--loss", "mse", "--detach"))
    script = f"mount --bind {folder} {folder} && mount -o remount,ro,bind {folder} && {command}"
    done = subprocess.run([*allowed, "sh", "-c", script], capture_output=True, text=True, env=program.environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert str(program.store_path) in done.stderr
    assert os.listdir(folder) == [program.store_path.name]


IMPATIENT = """
import sys
from lossterm.cli import main, run_monitor
run_monitor.HANG_SECONDS = 2.5
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("limit", ["disk", "file size"])
def test_a_disk_that_never_takes_a_run_is_no_hang(limit: str, program: Program) -> None:
    """The trainer's words reach the front end although nothing more can be written; they are said once."""
    program.store_path.parent.mkdir()
    words = program.command("run", "--loss", "mse", "--epochs", 1_000_000, "--json")
    command = [sys.executable, "-c", IMPATIENT, *words[words.index("--store") :]]
    if limit == "disk":
        setup = f"mount -t tmpfs -o size=256k none {program.store_path.parent}"
        prefix, why = [*own_mounts(), "sh", "-ec"], "cannot be written: the disk is full"
    else:
        setup, prefix, why = "ulimit -f 168", ["sh", "-ec"], "cannot be read or written (disk I/O error)"
    follower = subprocess.Popen(
        [*prefix, f'{setup}; exec "$@"', "sh", *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=program.environment,
    )
    assert follower.stderr is not None
    said = follower.stderr.readline()
    assert said == f"lossterm: store: {program.store_path} {why}; training goes on, its epochs wait\n"
    with contextlib.suppress(subprocess.TimeoutExpired):
        follower.wait(timeout=4)
    follower.terminate()
    (left,) = follower.communicate()[1].splitlines() or [""]
    assert left == ""
