"""How long runs will take: estimated from the epochs that this store's runs have trained."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from ..config import SETTINGS, RunConfig
from ..formatting import duration
from ..runs.records import ENDED, Run

_SAMPLE = 20
"""So many of the newest runs that are like a config count."""
_LOOKED_AT = 5000
"""So many of the newest runs are looked at."""
_COSTLESS = ("epochs", "learning_rate", "data_seed")
_COSTS = tuple(row.name for row in SETTINGS.values() if row.compared and row.name not in _COSTLESS)
_COMPILED = tuple(row.name for row in SETTINGS.values() if row.compiled)
_PROGRAM_SECONDS = 0.9
_BATCH_SECONDS = 3e-5
"""What a program takes to compile and a batch to train on two cores, where no run has been measured yet."""


class Pace(NamedTuple):
    """How fast a run trains.

    Attributes:
        epoch: Seconds an epoch.
        overhead: Seconds around its epochs: it is compiled, its data is made, its scores are measured.
    """

    epoch: float
    overhead: float

    def seconds(self, config: RunConfig) -> float:
        """How long a run of these settings takes."""
        return self.epoch * config.epochs + self.overhead


def pace_of(config: RunConfig, runs: Iterable[Run]) -> Pace | None:
    """Estimate how fast a run trains.

    Args:
        config: The settings of the run.
        runs: The runs that there are, newest first; those that have trained no epoch don't count.

    Returns:
        The median over the newest runs that agree with `config` on everything but loss, seed and epochs; where there
        are none, over those on its dataset; None where there are none either.
    """
    alike: list[Run] = []
    on_dataset: list[Run] = []
    key = _cost(config)
    for run in itertools.islice(runs, _LOOKED_AT):
        if run.unreadable or not run.seconds or not run.epochs_done or run.config.dataset != config.dataset:
            continue
        on_dataset.append(run)
        if _cost(run.config) == key:
            alike.append(run)
            if len(alike) == _SAMPLE:
                break
    measured = alike or on_dataset[:_SAMPLE]
    if not measured:
        return None
    epoch = statistics.median((run.seconds or 0.0) / run.epochs_done for run in measured)
    return Pace(epoch, statistics.median(map(_overhead, measured)))


def seconds_of(configs: Iterable[RunConfig], runs: Sequence[Run]) -> float | None:
    """Estimate how long runs take one after the other.

    Args:
        configs: The settings of each run.
        runs: The runs that there are, newest first.

    Returns:
        The seconds; None where nothing is known of one of them.
    """
    known: dict[tuple[object, ...], Pace | None] = {}
    total = 0.0
    for config in configs:
        key = _cost(config)
        if key not in known:
            known[key] = pace_of(config, runs)
        pace = known[key]
        if pace is None:
            return None
        total += pace.seconds(config)
    return total


def seconds_expected(configs: Iterable[RunConfig]) -> float:
    """Roughly how long runs take one after the other, before any has been measured here."""
    known = list(configs)
    programs = {(one.loss, one.loss_parameters, *map(one.setting, _COMPILED)) for one in known}
    batches = sum(-(-one.train_rows // one.batch_size) * one.epochs for one in known)
    return _PROGRAM_SECONDS * len(programs) + _BATCH_SECONDS * batches


def time_words(configs: Sequence[RunConfig], runs: Sequence[Run] = ()) -> str:
    """Say how long runs take, as "about 25 s": by the runs that there are, newest first, where any is like them."""
    measured = seconds_of(configs, runs)
    seconds = seconds_expected(configs) if measured is None else measured
    return f"about {rough(seconds)}" if seconds < 90 else f"about {seconds / 60:.0f} min"


def seconds_left(runs: Sequence[Run], now: float, others: Callable[[], Sequence[Run]] = tuple) -> float | None:
    """Estimate how long it takes until the last of some runs has ended.

    Args:
        runs: Runs that are trained together.
        now: The time, in seconds since 1970.
        others: Gives the runs that there are, newest first; asked while none of `runs` has trained an epoch.

    Returns:
        The seconds, by the pace at which these runs were trained so far, side by side or not; 0 where all have
        ended; None where it is not known yet.
    """
    unfinished = [run for run in runs if run.status not in ENDED]
    left = sum(max(run.config.epochs - run.epochs_done - run.progress, 0.0) for run in unfinished)
    if not unfinished:
        return 0.0
    begun = [run for run in runs if run.started is not None and run.epochs_done]
    done = sum(run.epochs_done for run in begun)
    elapsed = now - min((run.started or now for run in begun), default=now)
    if done and elapsed > 0:
        return left * elapsed / done
    return seconds_of([run.config for run in unfinished], others())


def rough(seconds: float) -> str:
    """Write an estimated time without more figures than it is worth: as "3 s", "25 s", "2:10"."""
    return f"{max(seconds, 1):.0f} s" if seconds < 59.5 else duration(seconds)


def _overhead(run: Run) -> float:
    if run.started is None or run.ended is None or run.seconds is None:
        return 0.0
    return max(run.ended - run.started - run.seconds, 0.0)


def _cost(config: RunConfig) -> tuple[object, ...]:
    """What the time of an epoch turns on."""
    return (config.dataset, *(getattr(config, name) for name in _COSTS))
