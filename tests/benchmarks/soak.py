"""Continuous training with the app open in front of it: does memory stay flat, and the pace?

    python tests/benchmarks/soak.py [--minutes 60]

Runs of all 17 pairings follow one another in a real trainer; the app stands in a pseudo-terminal of 140×40 and is used
now and then. Prints a line a minute, and at the end the slopes after the first fifth of the time.
"""

from __future__ import annotations

import argparse
import itertools
import os
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from terminal import Terminal  # beside this file

from lossterm.catalog import pairings
from lossterm.config import RunConfig
from lossterm.store import Store

KEYS = ("v", "v", "v", "m", "m", "\x1b[B", "\x1b[A", ",", ",", ".", ".", "z", "z", "z", "z", "?", "\x1b")
EPOCHS = (50, 300, 2000)


@dataclass
class Sample:
    """One look: seconds since the start, resident memory in MB, epochs recorded and the store's size in MB."""

    seconds: float
    app: float
    trainer: float
    epochs: int
    store: float


def resident(pid: int) -> float:
    """Resident memory of a process in MB; 0 if it has gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        return 0.0


def look(store: Store, app: int, began: float) -> Sample:
    """How things stand."""
    runs = store.runs()
    size = sum(path.stat().st_size for path in store.path.parent.glob(store.path.name + "*") if path.is_file())
    trainers = sum(resident(trainer.pid) for trainer in store.trainers())
    return Sample(time.monotonic() - began, resident(app), trainers, sum(run.epochs_done for run in runs), size / 2**20)


def soak(minutes: float, every: float = 60.0, show: bool = True) -> list[Sample]:
    """Train for so long, and return a look every so many seconds."""
    samples: list[Sample] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "soak.db"
        terminal = Terminal([sys.executable, "-m", "lossterm", "--store", str(path)], (140, 40))
        terminal.until(b"quit")
        configs = (
            RunConfig.of(loss.name, dataset=dataset.name, epochs=epochs, seed=seed, device="auto")
            for seed in itertools.count(1)
            for epochs in EPOCHS
            for loss, dataset in pairings()
        )
        keys = itertools.cycle(KEYS)
        began = time.monotonic()
        with Store(path) as store:
            while (now := time.monotonic() - began) < minutes * 60:
                if store.count("queued") < 3:
                    store.queue(list(itertools.islice(configs, 4)))
                terminal.read(0.5)
                terminal.press(next(keys))
                if now >= every * (len(samples) + 1):
                    samples.append(look(store, terminal.process.pid, began))
                    if show:
                        one = samples[-1]
                        print(
                            f"{one.seconds / 60:6.1f} min   app {one.app:6.1f} MB   trainer {one.trainer:7.1f} MB   "
                            f"{one.epochs:9,} epochs   store {one.store:6.1f} MB",
                            flush=True,
                        )
            bad = [run.id for run in store.runs() if run.ended_badly]
            assert not bad, f"runs that ended badly: {bad}"
            assert terminal.process.poll() is None, "the app is still there"
            store.stop_all()
            pids = [trainer.pid for trainer in store.trainers()]
        terminal.close()
        for pid in pids:
            os.kill(pid, signal.SIGTERM)
        while any(resident(pid) for pid in pids):
            time.sleep(0.1)
    return samples


def slope(samples: list[Sample], field: str) -> float:
    """Growth of a field per hour, by least squares, after the first fifth."""
    later = samples[len(samples) // 5 :]
    return float(np.polyfit([one.seconds / 3600 for one in later], [getattr(one, field) for one in later], 1)[0])


def main() -> None:
    """Soak, and print the slopes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=60.0)
    minutes = parser.parse_args().minutes
    samples = soak(minutes, every=min(60.0, minutes * 6))
    print(f"per hour: app {slope(samples, 'app'):+.1f} MB, trainer {slope(samples, 'trainer'):+.1f} MB")
    pace = np.diff([one.epochs for one in samples]) / np.diff([one.seconds for one in samples])
    third = max(len(pace) // 3, 1)
    print(f"epochs a second: first third {pace[:third].mean():.0f}, last third {pace[-third:].mean():.0f}")


if __name__ == "__main__":
    main()
