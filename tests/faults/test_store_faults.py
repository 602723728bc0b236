"""A store that cannot be used for a while, or any more, under a run that trains."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Program

RUN = ("run", "--loss", "mse", "--epochs", 1500, "--json")


@pytest.fixture
def following(shared: Program) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A followed run that has begun, and its number."""
    with shared.store() as store:
        known = {run.id for run in store.runs()}
    follower = shared.start(*RUN)

    def begun() -> int | None:
        with shared.store() as store:
            new = [run.id for run in store.runs() if run.id not in known and run.epochs_done]
        return new[0] if new else None

    yield follower, shared.wait(begun, what="the run")
    follower.kill()
    follower.communicate()


def finished_whole(shared: Program, follower: subprocess.Popen[str], run_id: int) -> str:
    out, err = follower.communicate(timeout=120)
    assert (follower.returncode, json.loads(out)["status"]) == (0, "finished"), err
    with shared.store() as store:
        assert [epoch.epoch for epoch in store.epochs(run_id)] == list(range(1, 1501))
    return err


def test_a_store_locked_by_another_process_for_long_loses_nothing(
    shared: Program, following: tuple[subprocess.Popen[str], int]
) -> None:
    follower, run_id = following
    with contextlib.closing(sqlite3.connect(shared.store_path, isolation_level=None, timeout=30)) as other:
        other.execute("BEGIN IMMEDIATE")
        (log,) = {run.log for run in [shared_run(other, run_id)]}
        shared.wait(lambda: "is locked by another process" in open_text(log), what="the trainer's words")
        done = shared("stop", run_id, code=2)
        assert done.stderr == (
            f"lossterm: store: {shared.store_path} is locked by another process; try again when it has let go\n"
        )
        other.execute("ROLLBACK")
    finished_whole(shared, follower, run_id)
