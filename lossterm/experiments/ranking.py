"""Which loss did best: runs ranked on the metric they share, with the spread over seeds and what is only noise."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ..catalog import Setting
from ..config import SETTINGS
from ..formatting import mean_and_sd, number
from ..runs.records import ENDED, Run

_FEWEST_SEEDS = 3
"""With fewer, nothing can be said of the noise."""

_TOO_FEW = "too few shared seeds to tell noise from difference"
_MOST_SETTINGS = 2
_MOST_ALIKE = 30
"""Labels name so many settings of so many runs of one loss; otherwise they are told apart by their numbers."""

# Student's t, two-sided 95 %, for 1 to 30 degrees of freedom; beyond that the normal's 1.96 is near enough.
_T95 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
    2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """Runs that differ in nothing but seed and device, and their final test metric.

    Attributes:
        label: What it is called.
        runs: Its runs.
        values: The metric of each seed that is compared: finished, with a finite metric.
        seeds: The seeds that count, for better or worse; some may not be compared, for another entry lacks them.
        diverged: Those of them that diverged, or whose metric is not finite: worse than any value.
        left_out: Why further seeds count neither way (stopped, failed, interrupted), and how many.
    """

    label: str
    runs: tuple[Run, ...]
    values: dict[int, float]
    seeds: frozenset[int]
    diverged: frozenset[int] = frozenset()
    left_out: dict[str, int] = field(default_factory=dict)

    @property
    def mean(self) -> float:
        """The mean over the seeds in `values`; not a number where there is none."""
        return math.fsum(self.values.values()) / len(self.values) if self.values else math.nan

    @property
    def sd(self) -> float:
        """The sample standard deviation over the seeds in `values`; 0 for one."""
        return _sd(list(self.values.values()))

    @property
    def words(self) -> str:
        """Label, mean and spread, and how many seeds diverged."""
        return f"{self.label} {self.figures}"

    @property
    def figures(self) -> str:
        """Mean and spread, and how many seeds diverged."""
        if not self.values:
            return "diverged"
        figures = mean_and_sd(self.mean, self.sd if len(self.values) > 1 else None)
        return figures + (f" ({self.divergence})" if self.diverged else "")

    @property
    def divergence(self) -> str:
        """How many seeds diverged, in words; empty where none did."""
        if not self.diverged:
            return ""
        return f"{len(self.diverged)} of {len(self.seeds)} seeds diverged" if len(self.seeds) > 1 else "diverged"


def same_but_seed(runs: Iterable[Run]) -> list[list[Run]]:
    """Group runs that differ in nothing but seed and device, in the order in which they come."""
    groups: dict[tuple[object, ...], list[Run]] = {}
    found: dict[int, list[Run]] = {}  # by the identity of a key: most runs share one, and its hash takes time
    for run in runs:
        key = run.config.but_seed
        if id(key) not in found:
            found[id(key)] = groups.setdefault(key, [])
        found[id(key)].append(run)
    return list(groups.values())


def labels_of(groups: Sequence[Sequence[Run]], with_seed: bool) -> dict[int, str]:
    """Label groups of runs with the loss, and with whatever else tells them apart.

    Args:
        groups: Runs that are drawn as one curve each.
        with_seed: Whether groups may differ in the seed alone.

    Returns:
        A label for each group, by the id of its first run.
    """
    runs = [group[0] for group in groups]
    datasets = len({run.config.dataset for run in runs}) > 1
    seeds = with_seed and len({run.config.seed for run in runs}) > 1
    labels = {}
    for run in runs:
        words = [run.config.loss_as_typed]
        words += [run.config.dataset] if datasets else []
        words += [f"s{run.config.seed}"] if seeds else []
        labels[run.id] = " ".join(words)
    same: dict[str, list[Run]] = {}
    for run in runs:
        same.setdefault(labels[run.id], []).append(run)
    for name, alike in same.items():
        if len(alike) > 1:
            labels.update(_told_apart(name, alike))
    return labels


def _told_apart(name: str, runs: Sequence[Run]) -> dict[int, str]:
    """Labels of runs that share a name: with the settings in which they differ, or their numbers if those won't do."""
    if len(runs) <= _MOST_ALIKE:
        differing = [row for row in SETTINGS.values() if row.compared and _differ(runs, row.name)]
        longer = {run.id: " ".join([name, *(_short(run, row) for row in differing)]) for run in runs}
        if len(differing) <= _MOST_SETTINGS and len(set(longer.values())) == len(runs):
            return longer
    return {run.id: f"{name} #{run.id}" for run in runs}


def _differ(runs: Sequence[Run], setting: str) -> bool:
    first = runs[0].config.setting(setting)
    return any(run.config.setting(setting) != first for run in runs)


def _short(run: Run, setting: Setting) -> str:
    return f"{setting.short} {setting.written(run.config.setting(setting.name))}"


def ranked(runs: Iterable[Run], labels: dict[int, str]) -> list[Entry]:
    """Rank what was trained to its end, best first.

    Losses are compared on the seeds that all of them share, but for losses with too few, where those are enough to
    tell noise from difference; else each on its own. A seed that diverged is worse than any that did not: who has
    fewer of them stands before.

    Args:
        runs: Runs that measure the same metric.
        labels: Each run's label by id; a group takes its first one's.

    Returns:
        An entry for each group with at least one seed that finished or diverged.
    """
    entries = [entry for group in same_but_seed(runs) if (entry := _entry(group, labels)).seeds]
    if not entries:
        return []
    enough = [entry for entry in entries if len(entry.seeds) >= _FEWEST_SEEDS]
    shared: frozenset[int] = frozenset.intersection(*(entry.seeds for entry in enough)) if enough else frozenset()
    if len(shared) >= _FEWEST_SEEDS:
        entries = [_on_seeds(entry, shared) if entry in enough else entry for entry in entries]
    sign = -1 if entries[0].runs[0].config.metric.higher_is_better else 1

    def worseness(entry: Entry) -> tuple[bool, float, float]:
        share = len(entry.diverged) / len(entry.seeds)
        return not entry.values, share, sign * entry.mean if entry.values else 0.0

    return sorted(entries, key=worseness)


def difference_words(entry: Entry, best: Entry) -> str:
    """How far an entry's mean is from the best one's: as "−0.004", "+0.329", "best"; empty where one has no mean."""
    if entry is best:
        return "best"
    difference = entry.mean - best.mean
    if not math.isfinite(difference):
        return ""
    return f"{'+' if difference > 0 else '−'}{number(abs(difference))}" if difference else "="


def clear(first: Entry, second: Entry) -> bool | None:
    """Say whether two entries differ beyond the noise: paired t-test over the seeds that both have, at 95 %.

    Returns:
        None where fewer than three seeds are shared: nothing can be said.
    """
    shared = first.values.keys() & second.values.keys()
    if len(shared) < _FEWEST_SEEDS:
        return None
    differences = [first.values[seed] - second.values[seed] for seed in shared]
    mean, sd = math.fsum(differences) / len(differences), _sd(differences)
    degrees = len(differences) - 1
    critical = _T95[degrees - 1] if degrees <= len(_T95) else 1.96
    return abs(mean) > critical * sd / math.sqrt(len(differences))


def verdict(entries: Sequence[Entry], for_more: str = "A trains several") -> str:
    """Say in one line which neighbours in the ranking the noise does not tell apart, and what speaks against others.

    A loss of which a seed diverged is behind those of which none did, and no figure of its other seeds can change
    that: it is named, and not tested.

    Args:
        entries: What `ranked` gave.
        for_more: What a person does to train several seeds; said where there is one.

    Returns:
        The line; empty where there is nothing to compare.
    """
    if len(entries) < 2:
        return ""
    sound = [entry for entry in entries if not entry.diverged]
    words = [_comparison(sound, for_more)] if len(sound) > 1 else []
    words += [f"{entry.label}: {entry.divergence}" for entry in entries if entry.diverged]
    words += [f"{entry.label}: {_left_out_words(entry)}" for entry in entries if entry.left_out]
    return "; ".join(words)


def _comparison(entries: Sequence[Entry], for_more: str) -> str:
    """What is to be said of entries of which no seed diverged; those with too few seeds are named, and not tested."""
    enough = [entry for entry in entries if len(entry.values) >= _FEWEST_SEEDS]
    few = [entry for entry in entries if entry not in enough]
    if len(enough) < 2:
        fewest = min(len(entry.values) for entry in entries)
        named = few if enough else []
        return _few_seeds(fewest, named, for_more) if fewest == 1 else _TOO_FEW
    words = [_few_seeds(len(few[0].values), few, for_more)] if few else []
    if entries[0] in few:
        return f"{words[0]}; of the others, {_tested(enough)}"
    return "; ".join([_tested(enough), *words])


def _few_seeds(seeds: int, named: Sequence[Entry], for_more: str) -> str:
    """That so few seeds say little of some entries; of all where none is named."""
    subject = "one seed says" if seeds == 1 else "two seeds say"
    if any(len(entry.values) != seeds for entry in named):
        subject = "one or two seeds say"
    return f"{subject} little{' of ' if named else ''}{', '.join(entry.label for entry in named)}: {for_more}"


def _tested(entries: Sequence[Entry]) -> str:
    """Which neighbours in the ranking differ beyond the noise."""
    pairs = list(itertools.pairwise(entries))
    certain = [clear(first, second) for first, second in pairs]
    seeds = min(len(first.values.keys() & second.values.keys()) for first, second in pairs)
    if None in certain:
        return _TOO_FEW
    all_shared = all(len(entry.seeds) == seeds for entry in entries)
    over = f"over {seeds} {'seeds' if all_shared else 'shared seeds'}"
    first, *_, last = (entry.label for entry in entries)
    if len(entries) == 2 and certain[0]:
        return f"{first} is better than {last}, a clear difference {over}"
    if all(certain):
        return f"{first} is best, and every step down the ranking is a clear difference {over}"
    chains = _chains([entry.label for entry in entries], [not is_clear for is_clear in certain])
    words = [f"{first} is best"] if certain[0] else []
    words.append(f"{', '.join(chains)}: no clear difference {over}")
    if certain[-1] and len(entries) > 2:
        words.append(f"{last} is clearly behind")
    return "; ".join(words)


def _entry(group: Sequence[Run], labels: dict[int, str]) -> Entry:
    """What one group's runs say; of several with the same seed, a diverged one counts before a finished one."""
    values: dict[int, float] = {}
    diverged: set[int] = set()
    other: dict[int, str] = {}
    for run in group:
        seed = run.config.seed
        metric = run.scores.test_metric if run.scores else math.nan
        if run.status == "diverged" or (run.status == "finished" and not math.isfinite(metric)):
            diverged.add(seed)
        elif run.status == "finished":
            values[seed] = metric
        elif run.status in ENDED:
            other[seed] = run.status
    values = {seed: value for seed, value in values.items() if seed not in diverged}
    left_out = Counter(status for seed, status in other.items() if seed not in values and seed not in diverged)
    seeds = frozenset(values.keys() | diverged)
    return Entry(labels[group[0].id], tuple(group), values, seeds, frozenset(diverged), dict(left_out))


def _on_seeds(entry: Entry, seeds: frozenset[int]) -> Entry:
    """An entry compared on these seeds alone."""
    return replace(entry, values={seed: value for seed, value in entry.values.items() if seed in seeds})


def _left_out_words(entry: Entry) -> str:
    counts = ", ".join(f"{count} {status}" for status, count in entry.left_out.items())
    return f"{counts}, not counted"


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
