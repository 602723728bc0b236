"""A small part of tests/benchmarks/simulate_statistics.py, with a fixed seed: few false alarms, true intervals."""

from __future__ import annotations

import numpy as np
import pytest

from lossterm.experiments.statistics import sign_flip_p

from ..benchmarks.simulate_statistics import (
    coverage,
    found,
    independent,
    overlapping,
    resampled,
    sign_flips,
)

pytestmark = pytest.mark.unit


def test_the_quick_sign_flips_are_those_of_the_program() -> None:
    sample = np.random.default_rng(1).normal(size=(20, 8))
    np.testing.assert_allclose(sign_flips(sample), sign_flip_p(sample))


@pytest.mark.parametrize("seeds", [5, 10])
def test_losses_that_do_not_differ_are_seldom_told_apart(seeds: int) -> None:
    random = np.random.default_rng(2)
    paired = found(independent(random, 400, 7, seeds), sign_flips).any(axis=1).mean()
    corrected = found(overlapping(random, 400, 7, seeds), resampled).any(axis=1).mean()
    assert paired <= 0.075, "5 %, and the error of 400 comparisons"
    assert corrected <= 0.075


def test_a_difference_of_one_standard_deviation_is_often_found() -> None:
    values = independent(np.random.default_rng(3), 300, 3, 10)
    values[:, 1:] = (values[:, :1] + values[:, 1:]) / 2  # as a seed's losses go together
    values[:, 0] += 1.5
    assert found(values, sign_flips)[:, 0].mean() > 0.6


def test_intervals_hold_the_true_mean() -> None:
    assert 0.91 <= coverage(np.random.default_rng(4), 300, 10, "normal") <= 0.99
