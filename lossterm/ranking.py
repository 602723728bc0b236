"""Which loss did best: runs ranked on the metric they share, with the spread over seeds and what is only noise."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .records import Run

# Student's t, two-sided 95 %, for 1 to 30 degrees of freedom; beyond that the normal's 1.96 is near enough.
_T95 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
    2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """Runs that differ in nothing but seed and device, and their final test metric.

    values: the metric of each seed. mean and sd (sample standard deviation; 0 for one seed) are over seeds.
    """

    label: str
    runs: tuple[Run, ...]
    values: dict[int, float]

    @property
    def mean(self) -> float:
        """The mean over seeds."""
        return math.fsum(self.values.values()) / len(self.values)

    @property
    def sd(self) -> float:
        """The sample standard deviation over seeds."""
        return _sd(list(self.values.values()))

    @property
    def words(self) -> str:
        """Label, mean and spread."""
        spread = f" ± {self.sd:.3f}" if len(self.values) > 1 else ""
        return f"{self.label} {self.mean:.3f}{spread}"


def same_but_seed(runs: Iterable[Run]) -> list[list[Run]]:
    """Group runs that differ in nothing but seed and device, in the order in which they come."""
    groups: dict[tuple[object, ...], list[Run]] = {}
    for run in runs:
        groups.setdefault(run.experiment.but_seed, []).append(run)
    return list(groups.values())


def ranked(runs: Iterable[Run], labels: dict[int, str]) -> list[Entry]:
    """Rank what has final scores, best first: lowest MSE or highest accuracy.

    All runs must measure the same metric. `labels` gives each run's label; a group takes its first one's.
    A run whose metric is not finite is left out.
    """
    entries = []
    for group in same_but_seed(runs):
        values = {
            r.experiment.seed: r.scores.test_metric for r in group if r.scores and math.isfinite(r.scores.test_metric)
        }
        if values:
            entries.append(Entry(labels[group[0].id], tuple(group), values))
    if not entries:
        return []
    lower_is_better = entries[0].runs[0].experiment.dataset_entry.metric == "mse"
    return sorted(entries, key=lambda entry: entry.mean if lower_is_better else -entry.mean)


def clear(first: Entry, second: Entry) -> bool | None:
    """Whether two entries differ beyond the noise: paired t-test over the seeds both have, at 95 %.

    None where fewer than three seeds are shared: nothing can be said.
    """
    shared = first.values.keys() & second.values.keys()
    if len(shared) < 3:
        return None
    differences = [first.values[seed] - second.values[seed] for seed in shared]
    mean, sd = math.fsum(differences) / len(differences), _sd(differences)
    degrees = len(differences) - 1
    critical = _T95[degrees - 1] if degrees <= len(_T95) else 1.96
    return abs(mean) > critical * sd / math.sqrt(len(differences))


def verdict(entries: Sequence[Entry]) -> str:
    """Say in one line which neighbours in the ranking the noise does not tell apart."""
    if len(entries) < 2:
        return ""
    seeds = min(len(entry.values) for entry in entries)
    pairs = list(itertools.pairwise(entries))
    told = [clear(first, second) for first, second in pairs]
    if None in told:
        return (
            "one seed says little: A trains several"
            if seeds == 1
            else "too few shared seeds to tell noise from difference"
        )
    chains = _chains([entry.label for entry in entries], [not is_clear for is_clear in told])
    if not chains:
        return f"every step is a clear difference over {seeds} seeds"
    return f"{', '.join(chains)}: no clear difference over {seeds} seeds"


def _chains(labels: Sequence[str], tied: Sequence[bool | None]) -> list[str]:
    """Runs of neighbours that are tied, each as "a ~ b ~ c"."""
    chains: list[list[str]] = []
    for at, is_tied in enumerate(tied):
        if not is_tied:
            continue
        if at and tied[at - 1]:
            chains[-1].append(labels[at + 1])
        else:
            chains.append([labels[at], labels[at + 1]])
    return [" ~ ".join(chain) for chain in chains]


def _sd(values: Sequence[float]) -> float:
    if len(values) < 2:
        return 0.0
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))
