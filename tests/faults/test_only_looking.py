"""Commands that only read: they need no lock, make no file, and harm no run whatever they lack."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lossterm.config import RunConfig

from ..conftest import without_privileges

if TYPE_CHECKING:
    from ..conftest import Program

READING: list[tuple[str | int, ...]] = [("runs",), ("runs", "--json"), ("show", 1), ("status",), ("status", "--json")]


@pytest.fixture(scope="module")
def training(shared: Program) -> Iterator[int]:
    """A long run that trains on the shared store, and its number."""
    (run_id,) = shared.queue("--loss", "mse", "--epochs", 1_000_000)
    shared.reached(run_id, 1)
    yield run_id
    shared("stop", run_id)
    shared.ended(run_id)


@pytest.mark.parametrize("kind", ["IMMEDIATE", "EXCLUSIVE"])
def test_reading_needs_no_lock(program: Program, kind: str) -> None:
    with program.store() as store:
        store.queue([RunConfig.of("mse")] * 2)
    with contextlib.closing(sqlite3.connect(program.store_path, isolation_level=None)) as other:
        other.execute(
            "INSERT INTO trainers (id, pid, device, started, log, lock) VALUES (1, 2, 'auto', 1e9, '', 'trainer-dead')"
        )
        other.execute("UPDATE runs SET status = 'running', trainer = 1 WHERE id = 1")
        other.execute(f"BEGIN {kind}")
        began = time.monotonic()
        for command in READING:
            assert program(*command).stderr == ""
        assert time.monotonic() - began < 5 * len(READING), "none waits for the lock"
        assert [run["status"] for run in program.json("runs")] == ["queued", "running"]
        assert "is locked by another process" in program("stop", 2, code=2).stderr
        other.execute("ROLLBACK")
    assert [run["status"] for run in program.json("runs")] == ["queued", "interrupted"]


def test_a_store_that_does_not_exist_reads_as_empty_and_stays_so(program: Program) -> None:
    home = program.store_path.parent.parent
    before = sorted(home.rglob("*"))
    assert program.json("runs") == []
    assert program("runs").stdout.startswith("no runs yet")
    assert program.json("status")["trainers"] == []
    assert "there is no run 1" in program("show", 1, code=2).stderr
    assert "there is no run 1" in program("stop", 1, code=2).stderr
    assert "there is no run 1" in program("resume", 1, code=2).stderr
    assert "there is no run 1" in program("export", 1, "--format", "csv", "--to", "-", code=2).stderr
    assert program("stop", "all").stdout == "nothing is queued or training\n"
    assert sorted(home.rglob("*")) == before


def test_an_empty_file_reads_as_empty_and_stays_so(program: Program) -> None:
    program.store_path.parent.mkdir()
    program.store_path.touch()
    assert program.json("runs") == []
    assert program.store_path.read_bytes() == b""
    assert os.listdir(program.store_path.parent) == [program.store_path.name]


@pytest.mark.parametrize("folder", [0o555, 0o755])
def test_a_read_only_store_is_listed(program: Program, folder: int) -> None:
    plain = without_privileges()
    with program.store() as store:
        store.queue([RunConfig.of("mse")])
    program.store_path.chmod(0o444)
    program.store_path.parent.chmod(folder)
    try:
        for command in (*READING, ("stop", 1), ("run", "--loss", "mse", "--detach")):
            done = subprocess.run(
                [*plain, *program.command(*command)], capture_output=True, text=True, env=program.environment
            )
            assert "Traceback" not in done.stderr
            if command in READING:
                assert (done.returncode, done.stderr) == (0, ""), command
                assert done.stdout
            else:
                assert (done.returncode, done.stderr.count("\n")) == (2, 1)
                assert "read-only" in done.stderr
        assert os.listdir(program.store_path.parent) == [program.store_path.name]
    finally:
        program.store_path.parent.chmod(0o755)


def test_few_descriptors_harm_no_run(shared: Program, training: int) -> None:
    listed = 0
    for most in range(4, 12):
        command = shlex.join(shared.command("runs", "--json"))
        done = subprocess.run(
            ["sh", "-c", f"ulimit -n {most}; exec {command}"], capture_output=True, text=True, env=shared.environment
        )
        if done.returncode == 0:
            listed += 1
            assert next(run for run in json.loads(done.stdout) if run["id"] == training)["status"] == "running"
        assert shared.look(training).status == "running"
    assert listed, "some of them could list it"


def test_locks_that_may_not_be_looked_at_harm_no_run(shared: Program, training: int) -> None:
    plain = without_privileges()
    locks = Path(f"{shared.store_path}.locks")
    locks.chmod(0)
    try:
        for command in READING:
            done = subprocess.run(
                [*plain, *shared.command(*command)], capture_output=True, text=True, env=shared.environment
            )
            assert (done.returncode, done.stderr) == (0, "")
        done = subprocess.run(
            [
                *plain,
                sys.executable,
                "-c",
                f"from lossterm.store import Store; print(Store({str(locks)[:-6]!r}).reap())",
            ],
            capture_output=True,
            text=True,
            env=shared.environment,
        )
        assert done.stdout == "[]\n"
    finally:
        locks.chmod(0o700)
    assert shared.json("show", training)["status"] == "running"
    shared.reached(training, shared.look(training).epochs_done + 1)
