"""Many short runs one after the other with the app open: neither process grows, no run is lost. The long one:
tests/benchmarks/soak.py."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lossterm.config import RunConfig

if TYPE_CHECKING:
    from ..conftest import Program
    from ..terminal import Terminal

WARM, COUNT, EPOCHS = 20, 60, 40
APP_SLACK, TRAINER_SLACK = 12.0, 24.0
"""Megabytes that forty further runs may add. Measured: 2.4 and 0.8; a leak of a megabyte a run would add forty."""


def resident(pid: int) -> float:
    """Resident memory of a process in MB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def test_many_short_runs(program: Program, terminal: Callable[..., Terminal]) -> None:
    screen = terminal(program.command(), **program.environment)
    screen.until(lambda text: "ready" in text and "q quit" in text, "the app")
    samples = []
    (pid,) = program.trainers()
    with program.store() as store:
        losses = ("bce", "hinge")
        ids = store.queue(
            [RunConfig.of(losses[n % 2], dataset="circles", epochs=EPOCHS, seed=n) for n in range(WARM + COUNT)]
        )
        while store.count("queued", "starting", "running"):
            screen.read()
            samples.append((store.count("finished"), resident(screen.process.pid), resident(pid)))
        seconds = [[epoch.seconds for epoch in store.epochs(run_id)] for run_id in ids]
        assert {run.status for run in store.runs()} == {"finished"}
        assert [trainer.pid for trainer in store.trainers()] == [pid], "one trainer did it all"
    assert [len(each) for each in seconds] == [EPOCHS] * len(ids)
    app, trainer = (growth([(done, row[kind]) for done, *row in samples]) for kind in (0, 1))
    assert app < APP_SLACK, f"the app grew by {app:.1f} MB"
    assert trainer < TRAINER_SLACK, f"the trainer grew by {trainer:.1f} MB"
    assert screen.quit() == 0


def growth(samples: list[tuple[int, float]]) -> float:
    """Megabytes from after the first runs, when all is loaded and compiled, to the last quarter."""
    early = [size for done, size in samples if WARM <= done < WARM + COUNT // 4]
    late = [size for done, size in samples if done >= WARM + COUNT - COUNT // 4]
    assert early, "it was looked at in time"
    assert late, "it was looked at in time"
    print(f"{statistics.median(early):.1f} -> {statistics.median(late):.1f}")
    return statistics.median(late) - statistics.median(early)
