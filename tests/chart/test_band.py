"""Mean and band over seeds, against the standard library's statistics."""

from __future__ import annotations

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.chart import mean_and_band

curves = st.integers(1, 8).flatmap(
    lambda length: st.lists(st.lists(st.floats(-1e3, 1e3), min_size=length, max_size=length), min_size=2, max_size=6)
)


@given(curves)
def test_range_is_lowest_and_highest(seeds: list[list[float]]) -> None:
    mean, (low, high) = mean_and_band(seeds, "range")
    epochs = list(zip(*seeds, strict=True))
    assert mean == pytest.approx([statistics.fmean(epoch) for epoch in epochs], abs=1e-9)
    assert (low, high) == ([min(epoch) for epoch in epochs], [max(epoch) for epoch in epochs])


@given(curves)
def test_sd_is_the_sample_standard_deviation(seeds: list[list[float]]) -> None:
    mean, (low, high) = mean_and_band(seeds, "sd")
    for at, epoch in enumerate(zip(*seeds, strict=True)):
        sd = statistics.stdev(epoch)
        assert (low[at], high[at]) == pytest.approx((mean[at] - sd, mean[at] + sd), abs=1e-6)


def test_it_goes_as_far_as_all_started_curves_go() -> None:
    assert mean_and_band([[1.0, 2.0, 3.0], [3.0, 4.0], []], "range") == ([2.0, 3.0], ([1.0, 2.0], [3.0, 4.0]))
    assert mean_and_band([[], []], "sd") == ([], ([], []))


def test_one_curve_has_no_spread() -> None:
    assert mean_and_band([[1.0, 2.0]], "sd") == ([1.0, 2.0], ([1.0, 2.0], [1.0, 2.0]))


def test_a_diverged_seed_is_not_left_out_in_silence() -> None:
    mean, (low, high) = mean_and_band([[1.0, math.nan], [2.0, 3.0]], "range")
    assert (mean[0], low[0], high[0]) == (1.5, 1.0, 2.0)
    assert all(math.isnan(part[1]) for part in (mean, low, high))
