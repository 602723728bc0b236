"""A trainer that is forked for the tests is a process as one that lossterm starts; one that could differ is started."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Program

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forked on Linux alone")


def words_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def is_forked(pid: int) -> bool:
    return any("trainer_server" in word for word in words_of(parent_of(pid)))


def test_a_forked_trainer_is_a_process_of_its_own(program: Program) -> None:
    program.ended(program.queue("--loss", "mse", "--epochs", 1)[0])
    (pid,) = program.trainers()
    assert is_forked(pid)
    assert words_of(pid)[1:5] == ["-m", "lossterm.trainer", "--store", str(program.store_path)]
    assert os.getsid(pid) == os.getpgid(pid) == pid
    (log,) = Path(f"{program.store_path}.logs").iterdir()
    opened = [Path(f"/proc/{pid}/fd/{number}").resolve() for number in range(3)]
    assert opened == [Path("/dev/null"), log, log]
    assert Path(f"/proc/{pid}/cwd").resolve() == log.parent
    caught = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("SigCgt"))
    assert int(caught.split()[1], 16) & (1 << 14), "it heeds SIGTERM"


def test_a_trainer_under_other_circumstances_is_started(program: Program) -> None:
    program.environment["PYTHONWARNINGS"] = "default"
    program.queue("--loss", "mse", "--epochs", 1)
    (pid,) = program.trainers()
    assert not is_forked(pid)
