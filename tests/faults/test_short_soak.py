"""Many short runs one after the other with the app open: neither process grows, no run is lost. The long one:
tests/benchmarks/soak.py."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lossterm.config import RunConfig

if TYPE_CHECKING:
    from ..conftest import Program
    from ..terminal import Terminal

WARM, COUNT, BATCH, EPOCHS = 20, 60, 20, 10
LOSSES = ("bce", "hinge")
APP_SLACK, TRAINER_SLACK = 12.0, 24.0
"""Megabytes that sixty further runs may add. Measured: 2.4 and 0.8; a leak of a megabyte a run would add sixty."""


def resident(pid: int) -> float:
    """Resident memory of a process in MB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def test_many_short_runs(shared: Program, terminal: Callable[..., Terminal]) -> None:
    program = shared
    screen = terminal(program.command(), **program.environment)
    screen.until(lambda text: "ready" in text and "q quit" in text, "the app")
    samples: list[tuple[float, float]] = []
    ids: list[int] = []
    (pid,) = program.trainers()
    with program.store() as store:
        for first in range(0, WARM + COUNT, BATCH):
            seeds = range(first, first + BATCH)
            configs = [RunConfig.of(LOSSES[n % 2], dataset="circles", epochs=EPOCHS, seed=n) for n in seeds]
            ids += store.queue(configs)
            screen.until(lambda _: not store.count("queued", "starting", "running"), "the end of some runs")
            samples.append((resident(screen.process.pid), resident(pid)))
        seconds = [[epoch.seconds for epoch in store.epochs(run_id)] for run_id in ids]
        assert {store.run(run_id).status for run_id in ids} == {"finished"}
        assert [trainer.pid for trainer in store.trainers()] == [pid], "one trainer did it all"
    assert [len(each) for each in seconds] == [EPOCHS] * len(ids)
    warm = samples[WARM // BATCH - 1]  # all is loaded and compiled by then
    app, trainer = (after - before for before, after in zip(warm, samples[-1], strict=True))
    assert app < APP_SLACK, f"the app grew by {app:.1f} MB"
    assert trainer < TRAINER_SLACK, f"the trainer grew by {trainer:.1f} MB"
    assert screen.quit() == 0
