"""A run that needs more memory than there is ends with words, and the trainer takes the next one."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ..conftest import Program

SPARE = 600 * 2**20


def size(pid: int) -> int:
    """The address space of a process in bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs prlimit")
def test_runs_that_do_not_fit(program: Program) -> None:
    """The kernel refuses the living trainer more address space: first to NumPy, then to TensorFlow."""
    program("run", "--loss", "mse", "--epochs", 1)
    (pid,) = program.trainers()
    resource.prlimit(pid, resource.RLIMIT_AS, (size(pid) + SPARE, resource.RLIM_INFINITY))
    (data,) = program.queue("--loss", "mse", "--samples", 10_000_000)
    run = program.ended(data)
    assert (run.status, run.epochs_done) == ("failed", 0)
    assert run.message.startswith("out of memory: ")
    (net,) = program.queue(
        "--loss", "cce", "--hidden-units", 65_536, "--samples", 20_000, "--batch-size", 10_000, "--train-fraction", 0.9
    )
    run = program.ended(net)
    assert (run.status, run.epochs_done) == ("failed", 0), run.message
    assert run.message.startswith("out of memory: ")
    assert program.trainers() == [pid]
    (small,) = program.queue("--loss", "mse", "--epochs", 1)
    assert program.ended(small).status == "finished"
    assert program.trainers() == [pid]
