"""The statistics of a comparison against SciPy, brute force and simulation."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lossterm.experiments.statistics import (
    LEVEL,
    Pair,
    bootstrap_intervals,
    compare_pairs,
    fewest_seeds,
    groups_not_told_apart,
    holm,
    resampled_t,
    seeds_to_tell,
    sign_flip_p,
)

pytestmark = pytest.mark.unit


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_is_its_definition(p_values: list[float]) -> None:
    """p_holm(i) = max over j with p(j) <= p(i) of (m - rank(j)) p(j), at most 1; found by sorting anew for each."""
    count = len(p_values)
    order = sorted(range(count), key=lambda i: p_values[i])
    for place, index in enumerate(order):
        expected = max(min(1.0, (count - rank) * p_values[j]) for rank, j in enumerate(order[: place + 1]))
        assert holm(p_values)[index] == expected


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=8))
@settings(max_examples=30)
def test_a_sign_flip_p_counts_every_flip(numbers: list[int]) -> None:
    differences = np.array(numbers, float)
    observed = abs(differences.mean())
    flips = [abs(np.mean(differences * signs)) for signs in itertools.product((1, -1), repeat=len(numbers))]
    expected = np.mean([value >= observed - 1e-12 for value in flips])
    assert sign_flip_p(differences[None])[0] == pytest.approx(expected)


def test_an_interval_of_many_values_is_scipys() -> None:
    """With many values nothing is left of the widening for few."""
    values = np.random.default_rng(3).gamma(2.0, size=400)
    ours = bootstrap_intervals(values[None])[0]
    theirs = stats.bootstrap((values,), np.mean, method="BCa", rng=np.random.default_rng(5)).confidence_interval
    width = theirs.high - theirs.low
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.03 * width)


def test_an_interval_of_ten_values_holds_the_mean_19_times_in_20() -> None:
    samples = np.random.default_rng(4).normal(0.3, 1.0, size=(600, 10))
    held = np.mean([low <= 0.3 <= high for low, high in bootstrap_intervals(samples)])
    assert 0.93 - 0.02 <= held <= 0.97 + 0.02  # two standard errors of 600 tries


def test_intervals_of_what_does_not_vary() -> None:
    rows = np.array([[0.25] * 5, [1.0, 2.0, 3.0, 4.0, 6.0]])
    constant, other = bootstrap_intervals(rows)
    assert constant == (0.25, 0.25)
    assert other[0] < 3.2 < other[1]
    (nearly,) = bootstrap_intervals(np.array([[0.3, 0.3 + 1e-9]]))
    assert nearly[0] <= 0.3 <= nearly[1]
    assert bootstrap_intervals(np.array([[1.0]])) == [(-math.inf, math.inf)]


def test_the_resampled_test_without_overlap_is_students() -> None:
    differences = np.random.default_rng(6).normal(0.5, 1.0, size=(1, 12))
    (p,), (interval,) = resampled_t(differences, 0.0)
    theirs = stats.ttest_1samp(differences[0], 0.0)
    assert p == pytest.approx(theirs.pvalue)
    assert interval == pytest.approx(tuple(theirs.confidence_interval()))
    (corrected,), (wider,) = resampled_t(differences, 0.25)
    assert corrected > p
    assert wider[0] < interval[0]
    assert wider[1] > interval[1]


def test_verdicts_come_in_their_order() -> None:
    """A sure difference that is too small to matter is equivalence; a large unsure one is undecided."""
    noise = np.random.default_rng(7).normal(0, 0.01, size=12)
    base = 0.8 + noise
    values = {
        "base": list(base),
        "hair": list(base + 0.001),
        "worse": list(base - 0.05 + noise / 10),
        "wild": list(base + np.random.default_rng(8).normal(0, 0.2, size=12)),
    }
    pairs = {(pair.a, pair.b): pair for pair in compare_pairs(values, higher_is_better=True, rope=0.005)}
    assert pairs["base", "hair"].verdict == "equivalent"
    assert pairs["base", "worse"].verdict == "a"
    assert pairs["base", "worse"].share_a_better == 1.0
    assert pairs["base", "wild"].verdict == "undecided"
    lower = {(pair.a, pair.b): pair for pair in compare_pairs(values, higher_is_better=False, rope=0.005)}
    assert lower["base", "worse"].verdict == "b"
    assert lower["base", "worse"].difference == pairs["base", "worse"].difference
    assert lower["base", "worse"].share_a_better == 0.0


def test_three_seeds_can_show_nothing() -> None:
    values = {"a": [1.0, 1.1, 1.2], "b": [5.0, 5.1, 5.2]}
    (pair,) = compare_pairs(values, higher_is_better=False, rope=0.01)
    assert pair.verdict == "undecided"
    assert pair.p == pytest.approx(2 / 2**3)


@pytest.mark.parametrize(("losses", "seeds"), [(2, 6), (3, 7), (7, 10)])
def test_the_fewest_seeds_are_those_that_could_show_a_difference(losses: int, seeds: int) -> None:
    assert fewest_seeds(losses) == seeds
    pairs = losses * (losses - 1) // 2
    assert 2 / 2**seeds * pairs <= LEVEL < 2 / 2 ** (seeds - 1) * pairs


def test_the_advised_seeds_show_a_difference_four_times_in_five() -> None:
    random = np.random.default_rng(9)
    sample = random.normal(size=10)
    sample = (sample - sample.mean()) / sample.std(ddof=1) + 1.0  # mean 1, sd 1
    advised = seeds_to_tell(sample, pairs=3)
    assert advised is not None
    found = [stats.ttest_1samp(random.normal(1.0, 1.0, size=advised), 0.0).pvalue <= LEVEL / 3 for _ in range(600)]
    assert 0.6 < np.mean(found) < 0.95
    assert seeds_to_tell(np.zeros(5), pairs=3) is None


def _pair(a: str, b: str, apart: bool) -> Pair:
    return Pair(a, b, 0.0, (0.0, 0.0), 1.0, 1.0, 0.5, "a" if apart else "undecided")


@given(st.integers(1, 7).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.booleans(), min_size=21, max_size=21))))
def test_groups_are_all_the_largest_sets_of_what_is_alike(case: tuple[int, list[bool]]) -> None:
    count, differ = case
    labels = [f"loss{number}" for number in range(count)]
    pairs = [_pair(a, b, apart) for (a, b), apart in zip(itertools.combinations(labels, 2), differ, strict=False)]
    apart = {frozenset((pair.a, pair.b)) for pair in pairs if pair.verdict == "a"}
    sets = [
        set(some)
        for size in range(1, count + 1)
        for some in itertools.combinations(labels, size)
        if not any(frozenset(two) in apart for two in itertools.combinations(some, 2))
    ]
    expected = {frozenset(one) for one in sets if not any(one < other for other in sets)}
    assert {frozenset(group) for group in groups_not_told_apart(labels, pairs)} == expected
