"""How often the statistics of a comparison cry wolf, find what is there, and how often their intervals hold the truth.

    python tests/benchmarks/simulate_statistics.py

Nothing is asserted here; tests/experiments/test_error_rates.py does that on a small part of it.
"""

from __future__ import annotations

import argparse
import itertools
import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from lossterm.experiments.statistics import LEVEL, bootstrap_intervals, holm, resampled_t, sign_flip_p

Floats = npt.NDArray[np.float64]
Test = Callable[[Floats], list[float]]
_FLIPS = 2**14
_AT_ONCE = 400
TEST_SHARE = 0.25
"""Test rows over training rows of the resampled splits."""


def pairs_of(values: Floats) -> Floats:
    """The differences of every pair, (comparisons, pairs, seeds), of values (comparisons, losses, seeds)."""
    names = list(itertools.combinations(range(values.shape[1]), 2))
    return np.stack([values[:, a] - values[:, b] for a, b in names], axis=1)


def sign_flips(differences: Floats) -> list[float]:
    """What `sign_flip_p` gives for (rows, seeds), by matrix products, which many rows need."""
    seeds = differences.shape[1]
    if 2**seeds <= _FLIPS:
        signs = np.array(list(itertools.product((-1.0, 1.0), repeat=seeds)))
    else:
        signs = np.random.default_rng(0).choice((-1.0, 1.0), size=(_FLIPS, seeds))
    found = []
    for first in range(0, len(differences), _AT_ONCE):
        rows = differences[first : first + _AT_ONCE]
        sums = np.abs(rows.sum(axis=1))
        extreme = (np.abs(rows @ signs.T) >= sums[:, None] * (1 - 1e-12)).sum(axis=1)
        found += list(extreme / len(signs) if 2**seeds <= _FLIPS else (extreme + 1) / (len(signs) + 1))
    return [float(p) for p in found]


def resampled(differences: Floats) -> list[float]:
    """The corrected resampled t-test."""
    return resampled_t(differences, TEST_SHARE)[0]


def found(values: Floats, test: Test) -> Any:
    """For each comparison which pairs differ after Holm's correction, (comparisons, pairs)."""
    differences = pairs_of(values)
    p_values = np.array(test(differences.reshape(-1, differences.shape[2]))).reshape(differences.shape[:2])
    return np.array([holm(list(row)) for row in p_values]) <= LEVEL


def neighbours(values: Floats) -> Any:
    """The rule of before: neighbours in the ranking by a paired t-test each; which comparisons call one clear."""
    order = np.argsort(values.mean(axis=2), axis=1)
    ranked = np.take_along_axis(values, order[:, :, None], axis=1)
    p_values = stats.ttest_rel(ranked[:, 1:], ranked[:, :-1], axis=2).pvalue
    return (p_values < LEVEL).any(axis=1)


def independent(random: np.random.Generator, comparisons: int, losses: int, seeds: int) -> Floats:
    """Values of losses that do not differ, rows drawn anew for each seed."""
    return random.normal(size=(comparisons, losses, seeds))


def overlapping(random: np.random.Generator, comparisons: int, losses: int, seeds: int) -> Floats:
    """The same over splits that overlap: values of one loss share what their common rows make of it.

    The correlation is that of Nadeau and Bengio: test rows over all rows.
    """
    shared = TEST_SHARE / (1 + TEST_SHARE)
    common = random.normal(size=(comparisons, losses, 1))
    return math.sqrt(shared) * common + math.sqrt(1 - shared) * random.normal(size=(comparisons, losses, seeds))


def coverage(random: np.random.Generator, rows: int, seeds: int, draw: str) -> float:
    """How often the interval of a mean holds the true mean."""
    sample = random.normal(size=(rows, seeds)) if draw == "normal" else random.exponential(size=(rows, seeds)) - 1
    held = 0
    for first in range(0, rows, 50):
        held += sum(low <= 0 <= high for low, high in bootstrap_intervals(sample[first : first + 50]))
    return held / rows


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--comparisons", type=int, default=2000, help="how many are simulated of each kind")
    random, comparisons = np.random.default_rng(16), parser.parse_args().comparisons
    print(f"any pair called different among 7 losses that do not differ, {comparisons} comparisons")
    for seeds in (5, 10, 20):
        began = time.monotonic()
        values = independent(random, comparisons, 7, seeds)
        splits = overlapping(random, comparisons, 7, seeds)
        paired, corrected = found(values, sign_flips), found(splits, resampled)
        plain = found(splits, lambda d: list(stats.ttest_1samp(d, 0, axis=1).pvalue))
        print(
            f"  n {seeds:2}: paired {paired.any(axis=1).mean():.1%}, resampled {corrected.any(axis=1).mean():.1%} "
            f"(uncorrected t {plain.any(axis=1).mean():.1%}), neighbours as before {neighbours(values).mean():.1%}"
            f"   [{time.monotonic() - began:.0f} s]"
        )
    print("3 losses, one better by 1 sd, 10 seeds: how often it is found")
    for correlation in (0.0, 0.5, 0.8):
        common = random.normal(size=(comparisons, 1, 10))
        values = math.sqrt(correlation) * common + math.sqrt(1 - correlation) * independent(random, comparisons, 3, 10)
        values[:, 0] += 1.0
        better = found(values, sign_flips)[:, :2]
        print(
            f"  values of a seed correlated {correlation:.1f}: from one of the others {better.any(axis=1).mean():.0%}, "
            f"from both {better.all(axis=1).mean():.0%}"
        )
    print("95 % intervals hold the true mean")
    for draw, seeds in itertools.product(("normal", "exponential"), (5, 10, 20)):
        print(f"  {draw}, n {seeds:2}: {coverage(random, comparisons, seeds, draw):.1%}")
    sample = random.normal(size=(20, 8))
    assert np.allclose(sign_flips(sample), sign_flip_p(sample)), "the quick way is the program's"


if __name__ == "__main__":
    main()
