"""Statistics of a comparison: every pair of losses over the seeds that they share, with Holm's correction.

Differences are paired: seed i gave every loss the same data, split, initial weights and order. What is done is in
Bouthillier et al. 2021 (arXiv 2103.03098) and, for overlapping splits of one file, Nadeau and Bengio 2003.
scipy is imported inside, for the commands must not load it.
"""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEVEL = 0.05
"""The probability that a family of pairs without any difference shows one."""
CONFIDENCE = 0.95
FEWEST_SPLITS = 2
"""With one split there is no spread to test by."""
POWER = 0.8
"""How sure the advised number of seeds is to show a difference of the size that was seen."""
RESAMPLES = 9999
"""Bootstrap resamples of an interval."""
_MOST_SIGN_FLIPS = 2**14
"""Up to that many sign flips, 14 seeds, all are tried; beyond it as many are drawn."""
_RANDOM_STATE = 0
_MOST_SEEDS = 10_000

Outcome = Literal["a", "b", "equivalent", "undecided"]
Interval = tuple[float, float]


@dataclass(frozen=True)
class Pair:
    """What the seeds say of two losses, a and b.

    Attributes:
        a, b: Their labels.
        difference: Mean over the seeds of a's metric minus b's.
        interval: 95 % confidence interval of the mean difference, its ends.
        p: Two-sided probability of a mean difference at least this large if neither loss is better.
        p_holm: `p` after Holm's correction over all pairs.
        share_a_better: Share of the seeds in which a is better; a tie counts half.
        verdict: "equivalent" where the interval lies inside the range of practical equivalence, else "a" or "b" for
            the better one where `p_holm` is at most LEVEL, else "undecided".
    """

    a: str
    b: str
    difference: float
    interval: Interval
    p: float
    p_holm: float
    share_a_better: float
    verdict: Outcome

    @property
    def verdict_words(self) -> str:
        """The verdict with the name of the better loss in it."""
        return verdict_words(self.a, self.b, self.verdict)

    def seen_from(self, label: str) -> Pair:
        """The same pair with `label`, one of its two losses, as a."""
        if label == self.a:
            return self
        low, high = self.interval
        outcome: Outcome = "b" if self.verdict == "a" else "a" if self.verdict == "b" else self.verdict
        share = 1 - self.share_a_better
        return Pair(self.b, self.a, -self.difference, (-high, -low), self.p, self.p_holm, share, outcome)


def verdict_words(a: str, b: str, verdict: Outcome) -> str:
    """What is said of a pair: which of the two is better, or the verdict as it is."""
    return {"a": f"{a} better", "b": f"{b} better"}.get(verdict, verdict)


def compare_pairs(
    values: Mapping[str, Sequence[float]],
    higher_is_better: bool,
    rope: float | Mapping[tuple[str, str], float],
    test_share: float | None = None,
) -> list[Pair]:
    """Compare every pair of losses.

    Args:
        values: For each label the metric of every seed, in the same order of seeds, all finite.
        higher_is_better: Which way the metric is better.
        rope: Differences up to this size do not matter; one for all, or one a pair.
        test_share: For splits of one file, which overlap: test rows over training rows, for the corrected resampled
            t-test. None for data that is drawn anew for each seed.

    Returns:
        The pairs in the order of `values`.

    Raises:
        ValueError: if the losses have not the same number of seeds.
    """
    import numpy as np

    arrays = {label: np.asarray(series, np.float64) for label, series in values.items()}
    if len({len(series) for series in arrays.values()}) > 1:
        raise ValueError("values: every loss must have the same seeds")
    names = list(itertools.combinations(arrays, 2))
    if not names:
        return []
    differences = np.stack([arrays[a] - arrays[b] for a, b in names])
    if test_share is None:
        p_values, intervals = sign_flip_p(differences), bootstrap_intervals(differences)
    else:
        p_values, intervals = resampled_t(differences, test_share)
    rows = zip(names, differences, p_values, intervals, holm(p_values), strict=True)
    pairs = []
    for (a, b), difference, p, interval, p_holm in rows:
        better = difference if higher_is_better else -difference
        share = float(np.mean(better > 0) + np.mean(better == 0) / 2)
        mean = float(np.mean(difference))
        width = rope if isinstance(rope, (int, float)) else rope[a, b]
        verdict = _verdict(mean if higher_is_better else -mean, interval, p_holm, width)
        pairs.append(Pair(a, b, mean, interval, p, p_holm, share, verdict))
    return pairs


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values by Holm's step-down method (Holm 1979), in the order in which they came."""
    count = len(p_values)
    adjusted = [0.0] * count
    largest = 0.0
    for rank, index in enumerate(sorted(range(count), key=lambda i: p_values[i])):
        largest = max(largest, min(1.0, (count - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted


def sign_flip_p(differences: Floats) -> list[float]:
    """Two-sided p-values of paired permutation tests on means: the signs of the differences flipped in every way.

    Exact up to 14 differences, so at least 2/2^n; beyond that 16,384 flips are drawn from a fixed random state.

    Args:
        differences: (pairs, seeds).
    """
    import numpy as np
    from scipy import stats

    found = stats.permutation_test(
        (differences,),
        np.mean,
        permutation_type="samples",
        vectorized=True,
        axis=-1,
        n_resamples=_MOST_SIGN_FLIPS,
        rng=np.random.default_rng(_RANDOM_STATE),
    ).pvalue
    return [float(p) for p in np.atleast_1d(found)]


def bootstrap_intervals(differences: Floats) -> list[Interval]:
    """95 % BCa bootstrap intervals of means, widened for few seeds.

    A bootstrap interval of n values is too narrow by about sqrt((n - 1)/n) and takes the normal's quantile for
    Student's; over 10 seeds it holds the true mean in 90 % of cases. The level that is asked for makes up for both
    (Hesterberg 2015, "What teachers should know about the bootstrap", section 5.4).

    Args:
        differences: (pairs, seeds).

    Returns:
        The ends of each interval: the mean twice where all values of a row are equal, infinite ones for one seed,
        Student's where the resamples are degenerate.
    """
    import numpy as np
    from scipy import stats

    seeds = differences.shape[1]
    if seeds < 2:
        return [(-math.inf, math.inf)] * len(differences)
    quantile = math.sqrt(seeds / (seeds - 1)) * float(stats.t.ppf((1 + CONFIDENCE) / 2, seeds - 1))
    level = 1 - 2 * float(stats.norm.sf(quantile))
    means = differences.mean(axis=1)
    constant = np.ptp(differences, axis=1) <= 1e-12 * np.maximum(1.0, np.abs(means))
    intervals = [(float(mean), float(mean)) for mean in means]
    for index, interval in zip(np.flatnonzero(~constant), _bca(differences[~constant], level), strict=True):
        half = quantile * float(differences[index].std(ddof=0)) / math.sqrt(seeds)
        student = (float(means[index]) - half, float(means[index]) + half)
        intervals[index] = interval if all(map(math.isfinite, interval)) else student
    return intervals


def _bca(rows: Floats, level: float) -> list[Interval]:
    """BCa intervals of the means of rows; not numbers where scipy finds the resamples degenerate."""
    import numpy as np
    from scipy import stats

    if not len(rows):
        return []
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = stats.bootstrap(
            (rows,),
            np.mean,
            axis=-1,
            confidence_level=level,
            n_resamples=RESAMPLES,
            method="BCa",
            vectorized=True,
            rng=np.random.default_rng(_RANDOM_STATE),
        ).confidence_interval
    return [(float(low), float(high)) for low, high in zip(found.low, found.high, strict=True)]


def resampled_t(differences: Floats, test_share: float) -> tuple[list[float], list[Interval]]:
    """Corrected resampled t-tests (Nadeau and Bengio 2003): the variance of a mean over overlapping splits.

    Args:
        differences: (pairs, splits).
        test_share: Test rows over training rows.

    Returns:
        The two-sided p-values, and the 95 % intervals of the mean differences.
    """
    import numpy as np
    from scipy import stats

    count = differences.shape[1]
    means = [float(mean) for mean in differences.mean(axis=1)]
    if count < 2:
        return [1.0] * len(means), [(-math.inf, math.inf)] * len(means)
    errors = np.sqrt((1 / count + test_share) * differences.var(axis=1, ddof=1))
    quantile = float(stats.t.ppf((1 + CONFIDENCE) / 2, count - 1))
    p_values = [
        float(2 * stats.t.sf(abs(mean) / error, count - 1)) if error > 0 else float(mean == 0)
        for mean, error in zip(means, errors, strict=True)
    ]
    return p_values, [
        (mean - quantile * float(error), mean + quantile * float(error))
        for mean, error in zip(means, errors, strict=True)
    ]


def fewest_seeds(losses: int) -> int:
    """Seeds below which no pair of so many losses can differ: the least exact p is 2/2^n, times the pairs."""
    pairs = losses * (losses - 1) // 2
    return max(2, math.ceil(math.log2(2 * max(pairs, 1) / LEVEL)))


def seeds_to_tell(differences: Floats, pairs: int) -> int | None:
    """Seeds that would probably show a difference of the size and spread seen here, tested among so many pairs.

    By the normal approximation with a power of 80 %; None where it is more than 10,000 or there is no spread to go by.
    """
    import numpy as np
    from scipy import stats

    mean, sd = abs(float(np.mean(differences))), float(np.std(differences, ddof=1)) if len(differences) > 1 else 0.0
    if mean == 0 or sd == 0:
        return None
    quantiles = float(stats.norm.ppf(1 - LEVEL / (2 * pairs)) + stats.norm.ppf(POWER))
    count = max(math.ceil((quantiles * sd / mean) ** 2), math.ceil(math.log2(2 * pairs / LEVEL)))
    return count if count <= _MOST_SEEDS else None


def groups_not_told_apart(labels: Sequence[str], pairs: Sequence[Pair]) -> list[list[str]]:
    """The largest sets of losses of which no two were found to differ, in the order of `labels`.

    A loss may stand in several: a and b may be alike, and b and c, while a and c differ.
    """
    apart = {frozenset((pair.a, pair.b)) for pair in pairs if pair.verdict in ("a", "b")}
    alike = {
        label: {other for other in labels if other != label and frozenset((label, other)) not in apart}
        for label in labels
    }
    found: list[list[str]] = []

    def extend(group: set[str], candidates: set[str], done: set[str]) -> None:
        """Grow a group by every label that is alike to all of it (Bron and Kerbosch 1973)."""
        if not candidates and not done:
            found.append([label for label in labels if label in group])
        for label in sorted(candidates, key=labels.index):
            extend(group | {label}, candidates & alike[label], done & alike[label])
            candidates = candidates - {label}
            done = done | {label}

    extend(set(), set(labels), set())
    return sorted(found, key=lambda group: [labels.index(label) for label in group])


def _verdict(gain: float, interval: Interval, p_holm: float, rope: float) -> Outcome:
    """The verdict on a pair; `gain` is above 0 where a is better."""
    if -rope <= interval[0] and interval[1] <= rope:
        return "equivalent"
    if p_holm <= LEVEL and gain != 0:
        return "a" if gain > 0 else "b"
    return "undecided"
