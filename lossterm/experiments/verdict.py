"""The verdict of a comparison: what the final runs say of every loss and of every pair, and what they cannot say."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ..catalog import Metric
from ..formatting import number
from ..runs.records import finite
from .comparison import ComparisonPlan, ComparisonRuns
from .statistics import (
    FEWEST_SPLITS,
    Interval,
    Pair,
    bootstrap_intervals,
    compare_pairs,
    fewest_seeds,
    groups_not_told_apart,
    seeds_to_tell,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BOUNDED_ROPE = 0.005
"""A difference that does not matter in accuracy, or in another metric that should be high."""
ERROR_ROPE = 0.01
"""The share of an error that does not matter: of the smaller mean of the two losses."""
_UNEQUAL_SPREAD = 3.0
"""From this ratio of standard deviations on, the spread of two losses is said to be unequal."""


@dataclass(frozen=True)
class LossResult:
    """What the final runs say of one loss.

    Attributes:
        loss: As it is typed.
        learning_rate: The one that it was compared with.
        values: The metric of each seed on the test rows, seed by seed; None where it diverged or did not finish.
        mean: Over the seeds that are compared, a diverged one counted as the worst.
        interval: 95 % confidence interval of the mean.
        diverged: The seeds that diverged.
    """

    loss: str
    learning_rate: float
    values: tuple[float | None, ...]
    mean: float
    interval: Interval
    diverged: tuple[int, ...]


@dataclass(frozen=True)
class Verdict:
    """What a comparison showed.

    Attributes:
        plan: How it was done.
        higher_is_better: Which way the metric is better.
        seeds: The seeds that every loss has a value for, a diverged one included.
        losses: Best first.
        pairs: Every pair, in the order of `losses`.
        groups: The largest sets of losses that were not found to differ.
        advice: What to know before believing it, a sentence each.
    """

    plan: ComparisonPlan
    higher_is_better: bool
    seeds: tuple[int, ...]
    losses: tuple[LossResult, ...]
    pairs: tuple[Pair, ...]
    groups: tuple[tuple[str, ...], ...]
    advice: tuple[str, ...]

    def pairs_with(self, label: str) -> list[Pair]:
        """The pairs that a loss is in, it first, best of the others first."""
        return [pair.seen_from(label) for pair in self.pairs if label in (pair.a, pair.b)]

    @property
    def reference(self) -> str:
        """The loss that the others are measured against: the baseline where it has values, else the best."""
        compared = {name for pair in self.pairs for name in (pair.a, pair.b)}
        return self.plan.baseline if self.plan.baseline in compared else self.losses[0].loss

    def as_json(self, experiment_id: int) -> dict[str, Any]:
        """The verdict as the JSON object that the commands print; infinite ends of an interval are None."""
        return {
            "id": experiment_id,
            "dataset": self.plan.dataset,
            "metric": self.plan.metric,
            "higher_is_better": self.higher_is_better,
            "seeds": len(self.seeds),
            "losses": [
                {
                    "loss": one.loss,
                    "learning_rate": one.learning_rate,
                    "values": [finite(value) for value in one.values],
                    "mean": finite(one.mean),
                    "interval": [finite(end) for end in one.interval],
                    "diverged": len(one.diverged),
                }
                for one in self.losses
            ],
            "pairs": [{**asdict(pair), "interval": [finite(end) for end in pair.interval]} for pair in self.pairs],
            "groups": [list(group) for group in self.groups],
            "advice": list(self.advice),
        }


def verdict_of(runs: ComparisonRuns) -> Verdict:
    """Judge the final runs of a comparison, as far as they have ended.

    A seed that diverged counts as the worst: 0 for a metric between 0 and 1 that should be high, else the worst value
    of any loss and seed. A seed that some loss did not finish is left out for all, and said.
    """
    import numpy as np

    plan = runs.plan
    metric = plan.metric_entry
    rows = [_row(runs, loss) for loss in plan.losses]
    blank = [row.label for row in rows if row.is_blank]
    given = [row for row in rows if not row.is_blank]
    seeds = tuple(seed for seed in range(1, plan.seeds + 1) if all(row.values[seed - 1] is not None for row in given))
    seen = [value for row in given for value in row.values if value is not None and math.isfinite(value)]
    worst = _worst(metric, seen)
    counted = {row.label: row.counted(seeds, worst) for row in given} if seeds and seen else {}
    means = {label: float(np.mean(values)) for label, values in counted.items()}
    names = sorted(counted, key=lambda label: (-1 if metric.higher_is_better else 1) * means[label])
    values = {name: counted[name] for name in names}
    pairs = compare_pairs(values, metric.higher_is_better, _rope(plan, means, metric.higher_is_better), plan.test_share)
    by_label = {row.label: row for row in rows}
    order = [*names, *(row.label for row in rows if row.label not in counted)]
    losses = [by_label[label].result(counted.get(label), means.get(label, math.nan)) for label in order]
    advice = _advice(plan, runs, [one for one in losses if one.loss in counted], pairs, counted, seeds)
    advice += [f"{label} gives no {metric.title}, and is left out" for label in blank]
    groups = groups_not_told_apart(names, pairs)
    return Verdict(
        plan,
        metric.higher_is_better,
        seeds,
        tuple(losses),
        tuple(pairs),
        tuple(tuple(group) for group in groups),
        tuple(advice),
    )


def sentence(verdict: Verdict) -> str:
    """The verdict in one sentence, as seen from the baseline, or from the best loss where there is none."""
    if not verdict.pairs:
        return "no seed has been finished by every loss: there is nothing to compare"
    first = verdict.reference
    found: dict[str, list[str]] = {"a": [], "b": [], "equivalent": [], "undecided": []}
    for pair in verdict.pairs_with(first):
        found[pair.verdict].append(pair.b)
    words = []
    if found["b"]:
        words.append(f"{_listed(found['b'])} {'is' if len(found['b']) == 1 else 'are'} better than {first}")
    if found["a"]:
        words.append(f"{first} is better than {_listed(found['a'])}")
    if found["equivalent"]:
        words.append(f"{_listed([first, *found['equivalent']])} are equivalent")
    if found["undecided"]:
        words.append(f"{len(verdict.seeds)} seeds do not tell {first} from {_listed(found['undecided'])}")
    return "; ".join(words)


@dataclass(frozen=True)
class _Row:
    """The final runs of a loss: the metric of each seed, NaN where it diverged, None where there is none."""

    label: str
    learning_rate: float
    values: tuple[float | None, ...]
    is_blank: bool

    def counted(self, seeds: Sequence[int], worst: float) -> list[float]:
        """The values of some seeds that all have one, the worst in the place of a divergence."""
        found = (self.values[seed - 1] for seed in seeds)
        return [worst if value is None or math.isnan(value) else value for value in found]

    def result(self, counted: Sequence[float] | None, mean: float) -> LossResult:
        """What is said of it."""
        import numpy as np

        values = tuple(None if value is None or math.isnan(value) else value for value in self.values)
        diverged = tuple(s for s, value in enumerate(self.values, 1) if value is not None and math.isnan(value))
        interval = bootstrap_intervals(np.array([counted]))[0] if counted else (-math.inf, math.inf)
        return LossResult(self.label, self.learning_rate, values, mean, interval, diverged)


def _row(runs: ComparisonRuns, loss: str) -> _Row:
    plan = runs.plan
    found = runs.final_runs(loss)
    values = tuple(runs.test_value(run) for run in found)
    finished = [value for run, value in zip(found, values, strict=True) if run is not None and run.status == "finished"]
    blank = bool(finished) and all(value is None for value in finished)
    label = plan.config(loss, plan.learning_rates[0], 1).loss_as_typed
    return _Row(label, runs.learning_rate(loss), values, blank)


def _worst(metric: Metric, seen: Sequence[float]) -> float:
    """What a seed that diverged counts as: the worst that the metric can be, or else the worst of any loss and seed."""
    if metric.higher_is_better and metric.low is not None:
        return metric.low
    return (min if metric.higher_is_better else max)(seen, default=math.nan)


def _rope(
    plan: ComparisonPlan, means: Mapping[str, float], higher_is_better: bool
) -> float | dict[tuple[str, str], float]:
    """The differences that do not matter: those asked for, or the metric's own."""
    if plan.rope is not None:
        return plan.rope
    if higher_is_better:
        return BOUNDED_ROPE
    return {(a, b): ERROR_ROPE * min(abs(means[a]), abs(means[b])) for a in means for b in means if a != b}


def _advice(
    plan: ComparisonPlan,
    runs: ComparisonRuns,
    losses: Sequence[LossResult],
    pairs: Sequence[Pair],
    counted: Mapping[str, Sequence[float]],
    seeds: Sequence[int],
) -> list[str]:
    """What to know before believing a verdict."""
    advice = []
    fewest = fewest_seeds(len(losses)) if plan.test_share is None else FEWEST_SPLITS
    if len(seeds) < fewest:
        advice.append(
            f"{len(seeds)} seeds cannot show a difference among {len(losses)} losses ({len(pairs)} pairs): "
            f"that takes {fewest} or more"
        )
    if len(seeds) < plan.seeds:
        left = [str(seed) for seed in range(1, plan.seeds + 1) if seed not in seeds]
        advice.append(f"seeds left out, for some loss did not finish with them: {', '.join(left)}")
    advice += [
        f"{one.loss} diverged with {len(one.diverged)} of {plan.seeds} seeds; each counts as the worst value"
        for one in losses
        if one.diverged
    ]
    advice += _edge_advice(plan, runs)
    advice += _seeds_advice(losses, pairs, counted, len(seeds))
    advice += _spread_advice(losses, counted)
    if plan.extended_from:
        steps = ", ".join(str(count) for count in plan.extended_from)
        advice.append(f"seeds were added after a look at {steps}: the p-values are too small")
    if plan.test_share is not None:
        advice.append("the seeds' splits of the same rows overlap: the tests and intervals of pairs allow for that")
    if plan.same_data:
        advice.append("every seed had the same rows: this is about that one sample of the data")
    return advice


def _edge_advice(plan: ComparisonPlan, runs: ComparisonRuns) -> list[str]:
    if not plan.tuned:
        return ["learning rates were not tuned: a loss may only suffer from its own"]
    found = [(loss, runs.tuning(loss)) for loss in plan.losses]
    return [
        f"{loss}: its best learning rate, {tuning.best:g}, is at the edge of those that were tried"
        for loss, tuning in found
        if tuning.at_edge
    ]


def _seeds_advice(
    losses: Sequence[LossResult], pairs: Sequence[Pair], counted: Mapping[str, Sequence[float]], seeds: int
) -> list[str]:
    """How many seeds would tell the best loss from those that it is not told from."""
    import numpy as np

    advice = []
    for pair in pairs:
        if pair.verdict != "undecided" or losses[0].loss not in (pair.a, pair.b):
            continue
        differences: NDArray[np.float64] = np.subtract(counted[pair.a], counted[pair.b])
        needed = seeds_to_tell(differences, len(pairs))
        if needed is not None and needed > seeds:
            advice.append(f"{pair.a} and {pair.b}: a difference of this size would take about {needed:,} seeds to show")
    return advice


def _spread_advice(losses: Sequence[LossResult], counted: Mapping[str, Sequence[float]]) -> list[str]:
    import numpy as np

    spreads = {one.loss: float(np.std(counted[one.loss], ddof=1)) for one in losses if len(counted[one.loss]) > 2}
    positive = {loss: spread for loss, spread in spreads.items() if spread > 0}
    if len(positive) < 2:
        return []
    widest, narrowest = max(positive, key=positive.__getitem__), min(positive, key=positive.__getitem__)
    if positive[widest] < _UNEQUAL_SPREAD * positive[narrowest]:
        return []
    return [f"unequal spread: sd {number(positive[widest])} of {widest}, {number(positive[narrowest])} of {narrowest}"]


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
