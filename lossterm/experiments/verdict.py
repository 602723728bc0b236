"""The verdict of a comparison: what the final runs say of every loss and of every pair, and what they cannot say."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ..formatting import number
from ..runs.records import Run, finite
from .comparison import ComparisonPlan, ComparisonRuns
from .statistics import (
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
"""A difference in accuracy, or in another metric between 0 and 1, that does not matter."""
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
    metric = plan.config(plan.losses[0], plan.learning_rates[0], 1).metric
    labels = [plan.config(loss, plan.learning_rates[0], 1).loss_as_typed for loss in plan.losses]
    rates = [runs.learning_rate(loss) for loss in plan.losses]
    table = [[_value(run) for run in runs.final_runs(loss)] for loss in plan.losses]
    diverged = [
        tuple(seed for seed, value in enumerate(row, 1) if value is not None and math.isnan(value)) for row in table
    ]
    seeds = tuple(seed for seed in range(1, plan.seeds + 1) if all(row[seed - 1] is not None for row in table))
    seen = [value for row in table for value in row if value is not None and math.isfinite(value)]
    worst = 0.0 if metric.higher_is_better and metric.low == 0 else max(seen, default=math.nan)
    counted = {
        label: [worst if math.isnan(value) else value for seed in seeds if (value := row[seed - 1]) is not None]
        for label, row in zip(labels, table, strict=True)
    }
    means = {label: float(np.mean(values)) if values else math.nan for label, values in counted.items()}
    order = sorted(range(len(labels)), key=lambda i: (-1 if metric.higher_is_better else 1) * means[labels[i]])
    names = [labels[index] for index in order]
    pairs: list[Pair] = []
    if seeds and seen:
        pairs = compare_pairs(
            {name: counted[name] for name in names}, metric.higher_is_better, _rope(plan, means, metric.high)
        )
    losses = []
    for index in order:
        label, row = labels[index], table[index]
        values = tuple(None if value is None or math.isnan(value) else value for value in row)
        interval = bootstrap_intervals(np.array([counted[label]]))[0] if seeds else (-math.inf, math.inf)
        losses.append(LossResult(label, rates[index], values, means[label], interval, diverged[index]))
    groups = groups_not_told_apart(names, pairs)
    return Verdict(
        plan,
        metric.higher_is_better,
        seeds,
        tuple(losses),
        tuple(pairs),
        tuple(tuple(group) for group in groups),
        tuple(_advice(plan, runs, losses, pairs, counted, seeds)),
    )


def sentence(verdict: Verdict) -> str:
    """The verdict in one sentence, as seen from the baseline, or from the best loss where there is none."""
    if not verdict.pairs:
        return "no seed has been finished by every loss: there is nothing to compare"
    first = verdict.plan.baseline or verdict.losses[0].loss
    found: dict[str, list[str]] = {"a": [], "b": [], "equivalent": [], "undecided": []}
    for one in verdict.losses:
        if one.loss != first:
            found[_outcome(verdict.pairs, first, one.loss)].append(one.loss)
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


def _value(run: Run | None) -> float | None:
    """The metric of a final run on the test rows; NaN where it diverged, None where it did not finish."""
    if run is None or run.status not in ("finished", "diverged"):
        return None
    value = run.scores.test_metric if run.scores is not None and run.status == "finished" else math.nan
    return value if math.isfinite(value) else math.nan


def _rope(plan: ComparisonPlan, means: Mapping[str, float], high: float | None) -> float | dict[tuple[str, str], float]:
    """The differences that do not matter: those asked for, or the metric's own."""
    if plan.rope is not None:
        return plan.rope
    if high is not None:
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
    fewest = fewest_seeds(len(losses))
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


def _outcome(pairs: Sequence[Pair], first: str, other: str) -> str:
    """The verdict on a pair as seen from its first loss: "a" where that is better."""
    for pair in pairs:
        if (pair.a, pair.b) == (first, other):
            return pair.verdict
        if (pair.a, pair.b) == (other, first):
            return {"a": "b", "b": "a"}.get(pair.verdict, pair.verdict)
    return "undecided"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
