"""How fast lossterm trains against the tutorial's plain Keras: ratios within one run of this script.

    python tests/benchmarks/bench_training.py [epochs] [cold] [loaded] [large] [--repeats N] [--rows N]

epochs: milliseconds an epoch, program by program. cold: whole processes of 50 epochs. loaded: from the call of
`fit` to its first epoch and to its scores. large: one epoch of a million rows, and memory. Medians of N repeats.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any, Literal

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

PROGRAMS = ("mse", "msle", "mae", "bce", "hinge", "cce", "kld")

OURS = """
import sys
from lossterm.trainer.device import load_tensorflow, prepare_environment
prepare_environment("cpu")
load_tensorflow()
sys.path.insert(0, {here!r})
from bench_training import train
train({losses!r})
"""

PLAIN = """
import sys
sys.path.insert(0, {here!r})
from bench_training import plain
for loss in {losses!r}:
    plain(loss, epochs=50)
"""


class Timer:
    """A recorder that only notes when each epoch ended, and how long it took."""

    def __init__(self) -> None:
        self.ends: list[float] = []
        self.seconds: list[float] = []

    def phase(self, words: str) -> None: ...
    def running(self, device: object) -> None: ...
    def progress(self, fraction: float) -> None: ...
    def loss_curve(self, curve: str) -> None:
        pass

    def checkpoint(self, make: Callable[[], object]) -> None: ...
    def still_paused(self, alone: bool) -> Literal["go"]:
        return "go"

    def sample(self, rows: bytes) -> None: ...
    def snapshot(self, epoch: int, make: Callable[[], bytes], last: bool = False) -> None: ...

    def epoch(self, epoch: Any) -> Literal["go"]:
        self.ends.append(time.perf_counter())
        self.seconds.append(epoch.seconds)
        return "go"


def train(losses: tuple[str, ...], cache: Any = None, **settings: Any) -> tuple[Timer, float, float]:
    """Train with lossterm; returns the last run's timer, its start and its end."""
    from lossterm.config import RunConfig
    from lossterm.trainer.fit import ModelCache, fit

    cache = cache if cache is not None else ModelCache()
    for loss in losses:
        timer, start = Timer(), time.perf_counter()
        fit(RunConfig.of(loss, device="cpu", **settings), timer, cache=cache)
    return timer, start, time.perf_counter()


def plain(loss: str, epochs: int, **settings: Any) -> list[float]:
    """Train the tutorial's program with plain `model.fit`; returns the seconds of each epoch."""
    from lossterm.config import RunConfig
    from lossterm.trainer.plain import plain_epochs

    return plain_epochs(RunConfig.of(loss, device="cpu", **settings), epochs)


def later(seconds: list[float]) -> float:
    """The median epoch in milliseconds, the first (which compiles) left out."""
    return statistics.median(seconds[1:]) * 1000


def bench_epochs(repeats: int) -> None:
    from lossterm.trainer.fit import ModelCache

    cache = ModelCache()
    for loss in PROGRAMS:
        ratios, slow, fast = [], [], []
        for _ in range(repeats):
            slow.append(later(plain(loss, epochs=4)))
            fast.append(later(train((loss,), cache)[0].seconds))
            ratios.append(slow[-1] / fast[-1])
        say("epoch", loss=loss, plain_ms=slow, fused_ms=fast, ratio=ratios)


def bench_cold(repeats: int) -> None:
    here = os.path.dirname(os.path.abspath(__file__))

    def process(program: str, losses: tuple[str, ...]) -> float:
        start = time.perf_counter()
        code = program.format(here=here, losses=losses)
        subprocess.run([sys.executable, "-c", code], check=True, stderr=subprocess.DEVNULL)
        return time.perf_counter() - start

    for losses in (("bce",), PROGRAMS):
        slow = [process(PLAIN, losses) for _ in range(repeats)]
        fast = [process(OURS, losses) for _ in range(repeats)]
        ratio = [a / b for a, b in zip(slow, fast, strict=True)]
        say("cold process", losses=" ".join(losses), plain_s=slow, fused_s=fast, ratio=ratio)


def bench_loaded(repeats: int) -> None:
    from lossterm.trainer.fit import ModelCache

    train(("mae",))  # a loaded trainer has compiled something
    unseen, unseen_end, seen, seen_end = [], [], [], []
    for _ in range(repeats):
        cache = ModelCache()
        timer, start, end = train(("bce",), cache)
        unseen.append(timer.ends[0] - start)
        unseen_end.append(end - start)
        timer, start, end = train(("bce",), cache, seed=2)
        seen.append(timer.ends[0] - start)
        seen_end.append(end - start)
    say("loaded", first_epoch_unseen_s=unseen, scores_unseen_s=unseen_end, first_epoch_s=seen, scores_s=seen_end)


def bench_large(repeats: int, rows: int) -> None:
    from lossterm.config import RunConfig
    from lossterm.trainer.data import load
    from lossterm.trainer.fit import ModelCache

    cache = ModelCache()
    train(("mse",), cache, epochs=1)
    base, _ = memory()
    nbytes = load(RunConfig.of("mse", samples=rows)).nbytes
    made = memory()[1]
    fast = [later(train(("mse",), cache, samples=rows, epochs=3)[0].seconds) for _ in range(repeats)]
    after, trained = memory()
    say(
        "large memory, MB",
        data=nbytes / 1e6,
        made=(made - base) / 1e6,
        trained=(trained - base) / 1e6,
        after=(after - base) / 1e6,
    )
    slow = plain("mse", epochs=1, samples=rows)[0] * 1000
    say("large epoch", rows=rows, plain_ms=slow, fused_ms=fast, ratio=[slow / ms for ms in fast])


def memory() -> tuple[int, int]:
    """Resident bytes now, and at their highest since this was called last."""
    with open("/proc/self/status") as file:
        lines = dict(line.split(":", 1) for line in file)
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    return tuple(int(lines[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))  # type: ignore[return-value]


def say(what: str, **figures: Any) -> None:
    """Print one line of JSON; lists become their median and range."""
    shown = {}
    for name, value in figures.items():
        if isinstance(value, list):
            shown[name] = round(statistics.median(value), 3)
            shown[f"{name}_range"] = [round(min(value), 3), round(max(value), 3)]
        else:
            shown[name] = round(value, 3) if isinstance(value, float) else value
    print(json.dumps({"what": what} | shown), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=["epochs", "cold", "loaded", "large"])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    from lossterm.trainer.device import load_tensorflow, prepare_environment

    prepare_environment("cpu")
    load_tensorflow()
    for part in options.parts:
        if part == "large":
            bench_large(options.repeats, options.rows)
        else:
            {"epochs": bench_epochs, "cold": bench_cold, "loaded": bench_loaded}[part](options.repeats)


if __name__ == "__main__":
    main()
