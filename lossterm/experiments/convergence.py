"""How soon each of several losses came close to the best final value of the metric that they share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..catalog import Metric
from ..runs.records import Run
from .baseline import baseline_of, is_no_better
from .ranking import Entry

REACH = 0.95
"""How much of the best final value counts as within reach."""

WITHIN_REACH = (
    "A loss is within reach of the best from the first epoch at which its mean test metric is at least 95 % of the "
    "best loss's final value. Where lower is better: from the first epoch at which it has gone 95 % of the way down to "
    "the best final value from where the losses began, which is the worst of their means after the first epoch."
)
"""The definition, for the help."""


def within_reach(metric: Metric, best: float, firsts: Iterable[float]) -> float:
    """The value of a metric that counts as close to the best final value.

    Args:
        metric: What is measured.
        best: The best final mean of the losses that are compared.
        firsts: The mean of each loss after its first epoch. Only for a metric where lower is better: an error has no
            natural size, so it is measured against where the losses began.

    Returns:
        0.95 x `best` where higher is better. Where lower is better, `best` plus 5 % of the distance from it to the
        worst finite first value. Not a number where it cannot be said.
    """
    if metric.higher_is_better:
        return REACH * best
    worst = max((value for value in firsts if math.isfinite(value)), default=math.nan)
    return best + (1 - REACH) * (worst - best) if worst >= best else math.nan


def first_epoch_within(metric: Metric, values: Sequence[float], target: float) -> int | None:
    """The first epoch, from 1, at which a metric is at the target or better; None where it never is.

    Args:
        metric: What is measured.
        values: Its value after each epoch, from the first.
        target: What counts as close enough.
    """
    for epoch, value in enumerate(values, start=1):
        if value == target or metric.is_better(value, than=target):
            return epoch
    return None


@dataclass(frozen=True)
class Convergence:
    """How soon losses came within reach of the best final value.

    Attributes:
        target: The value that counts as within reach; not a number where it cannot be said.
        epochs: For each loss, by its label, the first epoch within reach; None where it never was.
    """

    target: float = math.nan
    epochs: Mapping[str, int | None] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Whether it can be said."""
        return math.isfinite(self.target)

    def words(self, label: str) -> str:
        """The epoch of a loss in words: as "ep 9", "never", or nothing where it cannot be said."""
        if not self.known or label not in self.epochs:
            return ""
        epoch = self.epochs[label]
        return "never" if epoch is None else f"ep {epoch}"

    @property
    def sentence(self) -> str:
        """Which loss was within reach first and which last, where one took at least twice as long; else nothing."""
        reached = sorted((epoch, label) for label, epoch in self.epochs.items() if epoch is not None)
        if len(reached) < 2 or reached[-1][0] < 2 * reached[0][0]:
            return ""
        (soonest, quick), (latest, slow) = reached[0], reached[-1]
        more = sum(epoch == soonest for epoch, _ in reached) - 1
        leaders = f"{quick} and {more} more" if more else quick
        return f"soonest within reach of the best: {leaders} (epoch {soonest}), latest: {slow} ({latest})"


def convergence(entries: Sequence[Entry], test_metric: Callable[[Run], Sequence[float]]) -> Convergence:
    """How soon the losses of a ranking came within reach of the best one's final value.

    Nothing is said where the best one learned nothing: all were as good from the first epoch on.

    Args:
        entries: What `ranked` gave.
        test_metric: A run's test metric after each epoch, from the first; empty where it has not been read.
    """
    if len(entries) < 2 or not entries[0].values:
        return Convergence()
    best = entries[0]
    metric = best.runs[0].config.metric
    baseline = baseline_of(run for entry in entries for run in entry.runs)
    if baseline is not None and is_no_better(best.runs[0], best.mean, baseline):
        return Convergence()
    means = {entry.label: _mean_curve(entry, test_metric) for entry in entries if entry.values}
    if not all(means.values()):
        return Convergence()
    target = within_reach(metric, best.mean, (mean[0] for mean in means.values()))
    return Convergence(target, {label: first_epoch_within(metric, mean, target) for label, mean in means.items()})


def _mean_curve(entry: Entry, test_metric: Callable[[Run], Sequence[float]]) -> list[float]:
    """The mean over the seeds that count, as far as all of them go."""
    curves = [test_metric(run) for run in entry.runs if run.status == "finished" and run.config.seed in entry.values]
    return [math.fsum(values) / len(values) for values in zip(*curves)]  # noqa: B905
