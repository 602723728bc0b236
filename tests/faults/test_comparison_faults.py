"""A comparison whose trainer is killed: it goes on by itself, and its numbers are those of one that was left alone."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..conftest import Program


def test_killed_trainers_cost_a_comparison_nothing(program: Program) -> None:
    words = ("--dataset", "circles", "--loss", "bce", "--loss", "hinge", "--samples", 2000, "--seeds", 2)
    command = ("compare", *words, "--epochs", 250, "--learning-rates", "0.01,0.03", "--json")
    comparing = program.start(*command)
    for first, last in ((1_000_001, 1_000_003), (1, 2)):  # tuning, and the runs that are compared
        program.wait(lambda first=first, last=last: _trains(program, first, last))  # type: ignore[misc]
        for pid in program.trainers():
            os.kill(pid, signal.SIGKILL)
    out, error = comparing.communicate(timeout=120)
    assert comparing.returncode == 0, error
    killed = json.loads(out)
    untouched = program.json(*command[:-1])
    assert {**killed, "id": 0} == {**untouched, "id": 0}


def _trains(program: Program, first: int, last: int) -> bool:
    """Whether a run with one of these seeds is in the middle of its epochs."""
    with program.store() as store:
        return any(
            run.epochs_done and run.status == "running" and first <= run.config.seed <= last for run in store.runs()
        )
