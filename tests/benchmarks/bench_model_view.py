"""What the model view costs: a run's time, its share of the store, and bytes on the wire while it is live.

    python tests/benchmarks/bench_model_view.py

The first two are measured in this process, with and without snapshots in turn; the last with the app in a
pseudo-terminal of 140×40 in front of a long run, chart and model view side by side.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path
from typing import Any

from lossterm.config import RunConfig
from lossterm.store import Store, TrainerSession
from lossterm.store.health import HealthFile


def _one(store: TrainerSession, config: RunConfig, cache: Any, seen: bool) -> tuple[float, int]:
    """Train a run as a trainer does; its wall time in seconds, and its number."""
    from lossterm.trainer.fit import fit
    from lossterm.trainer.recorder import StoreRecorder
    from lossterm.trainer.shutdown import ShutdownFlag

    with Store(store.path) as front_end:
        front_end.queue([config])
    run = store.claim(("auto", "cpu"), "cpu", "")
    assert run is not None
    recorder = StoreRecorder(store, run, ShutdownFlag(), HealthFile(store.locks.path, store.id))
    if not seen:
        recorder._kept_epochs = frozenset()
        recorder.sample = lambda rows: None  # type: ignore[method-assign]
    began = time.perf_counter()
    outcome = fit(run.config, recorder, cache=cache)
    recorder.flush()
    store.finish(run.id, outcome.status, "", recorder.seconds, outcome.scores, outcome.final)
    return time.perf_counter() - began, run.id


def overhead(folder: Path, times: int, epochs: int) -> None:
    """A run with snapshots against the same run without, in pairs whose order changes; few pairs of a long run."""
    from lossterm.trainer.device import prepare_environment

    prepare_environment("cpu")
    from lossterm.trainer.fit import ModelCache

    cache = ModelCache()
    print("a run with snapshots against one without (median of the pairs' ratios), and what it adds to the store")
    with TrainerSession(folder / "overhead.db", "auto", "") as store:
        cases = [(loss, epochs, times) for loss in ("bce", "mse", "cce")] + [("bce", 80 * epochs, -(-times // 10))]
        for loss, long, pairs in cases:
            config = RunConfig.of(loss, epochs=long, device="cpu")
            _one(store, config, cache, True)
            ratios = []
            for number in range(pairs):
                first = bool(number % 2)
                took = {seen: _one(store, config, cache, seen) for seen in (first, not first)}
                ratios.append(took[True][0] / took[False][0])
            with Store(store.path) as front_end:
                kept = front_end.snapshots(took[True][1])
                size = sum(len(one.weights) for one in kept) + len(front_end.sample(took[True][1]) or b"")
            ratio = statistics.median(ratios)
            print(f"  {loss:<5} {long:>5} epochs: {ratio:.3f}   {len(kept)} snapshots, {size / 1000:.0f} kB")


def wire(folder: Path, loss: str, seconds: float) -> None:
    """Bytes a second and processor time of the app in front of live runs."""
    store = folder / f"wire-{loss}.db"
    env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LOSSTERM_IDLE": "1"}
    command = [sys.executable, "-m", "lossterm", "--store", str(store)]
    subprocess.run([*command, "run", "--loss", loss, "--epochs", "100000", "--detach"], env=env, check=True,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 140, 0, 0))
    app = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=env, start_new_session=True)
    with Store(store) as watched:
        while watched.run(1).epochs_done < 5:
            _read(ours, 0.1)
        _read(ours, 1.0)
        before = _cpu(app.pid)
        sent = _read(ours, seconds)
        cpu = _cpu(app.pid) - before
        print(f"  {loss:<5} live, model view and chart: {sent / seconds / 1000:.1f} kB/s, "
              f"{cpu / seconds:.0%} of a core, {watched.run(1).epochs_done} epochs done")  # fmt: skip
        watched.stop_all()
    app.terminate()
    while app.poll() is None:
        _read(ours, 0.05)
    os.close(theirs)
    os.close(ours)


def _read(terminal: int, seconds: float) -> int:
    """Bytes that came within so long."""
    count, end = 0, time.perf_counter() + seconds
    while (left := end - time.perf_counter()) > 0:
        if select.select([terminal], [], [], left)[0]:
            count += len(os.read(terminal, 1 << 16))
    return count


def _cpu(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--pairs", type=int, default=30, help="how often a run is trained with snapshots and without")
    parser.add_argument("--epochs", type=int, default=50, help="of those runs; one case has eighty times as many")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each live run is watched; 0 for none")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        overhead(Path(folder), options.pairs, options.epochs)
        if options.seconds:
            print(f"on the wire at 140×40, over {options.seconds:g} s")
            for loss in ("bce", "cce", "mse"):
                wire(Path(folder), loss, options.seconds)


if __name__ == "__main__":
    main()
