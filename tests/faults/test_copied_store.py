"""A store that is copied while a trainer works on it has its own trainers, and nothing is running in it."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lossterm.config import RunConfig
from lossterm.store import LockState, Store, TrainerSession

from ..conftest import end_processes

if TYPE_CHECKING:
    from ..conftest import Program


def by_cp(source: Path, target: Path) -> None:
    for suffix in ("", "-wal"):
        with contextlib.suppress(FileNotFoundError):
            shutil.copy(f"{source}{suffix}", f"{target}{suffix}")


def by_vacuum(source: Path, target: Path) -> None:
    with contextlib.closing(sqlite3.connect(source)) as sqlite:
        sqlite.execute("VACUUM INTO ?", (str(target),))


def by_cp_with_its_folders(source: Path, target: Path) -> None:
    by_cp(source, target)
    shutil.copytree(f"{source}.locks", f"{target}.locks")


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """A store in which this process trains a run, and another one waits; and the run's number."""
    path = tmp_path / "runs.db"
    with Store(path) as store:
        run_id, _ = store.queue([RunConfig.of("mse"), RunConfig.of("mae")])
    with TrainerSession(path, "auto", "") as trainer:
        trainer.ready("cpu", "a processor", "2.x")
        run = trainer.claim(("auto",), "cpu", "")
        assert run is not None
        trainer.begin(run_id, "cpu", "")
        yield path, run_id


@pytest.mark.parametrize("copy", [by_cp, by_vacuum, by_cp_with_its_folders])
def test_what_was_running_is_interrupted_in_the_copy_alone(
    busy: tuple[Path, int], copy: Callable[[Path, Path], None], tmp_path: Path
) -> None:
    path, run_id = busy
    other = tmp_path / "copy.db"
    copy(path, other)
    with Store(other) as store:
        assert store.reap() == [run_id]
        assert store.trainers() == []
        run = store.run(run_id)
        assert (run.status, run.can_resume) == ("interrupted", True)
        assert run.message.endswith(" before the first epoch")
    with Store(path) as store:
        assert store.reap() == []
        assert (store.run(run_id).status, len(store.trainers())) == ("running", 1)


def test_a_hard_link_is_no_copy(busy: tuple[Path, int], tmp_path: Path) -> None:
    path, run_id = busy
    other = tmp_path / "other.db"
    other.hardlink_to(path)
    look = f"from lossterm.store import Store\nwith Store({str(other)!r}) as store: print(store.reap())"
    looked = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True)
    assert "[]" in looked.stdout, looked.stderr
    with Store(path) as store:
        assert store.run(run_id).status == "running"


def test_a_copy_starts_its_own_trainer(shared: Program, tmp_path: Path) -> None:
    (run_id,) = shared.queue("--loss", "mse", "--epochs", 20_000)
    shared.reached(run_id, 1)
    copied = replace(shared, store_path=tmp_path / "copy.db")
    by_cp(shared.store_path, copied.store_path)
    try:
        done = copied("run", "--loss", "mse", "--epochs", 1)
        assert "Train: " in done.stdout
        assert not set(copied.trainers()) & set(shared.trainers())
        assert copied.look(run_id).status == "interrupted"
        assert shared.look(run_id).status == "running"
        assert f"run {run_id} has ended already: interrupted" in copied("stop", run_id).stdout
    finally:
        shared("stop", run_id)
        end_processes(str(copied.store_path))
    shared.ended(run_id)


def test_only_a_lock_that_could_be_had_is_a_sign_of_death(tmp_path: Path) -> None:
    with Store(tmp_path / "runs.db") as store:
        lock = store.locks.hold("trainer")
        file = store.locks.path / lock.name
        assert store.locks.state(lock.name) is LockState.HELD
        assert store.locks.state("trainer-" + "0" * 32 + ".lock") is LockState.GONE
        for bad in ("", "../runs.db", "launch.lock", "trainer-1.lock", "trainer-" + "0" * 32 + ".lock\n"):
            assert store.locks.state(bad) is LockState.GONE
        before = file.stat()
        lock.release()
        file.write_text("kept")
        assert store.locks.state(lock.name) is LockState.FREE
        assert file.read_text() == "kept", "a look makes and empties nothing"
        assert before.st_size == 0
