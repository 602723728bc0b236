"""Smoothing by its definition, downsampling that keeps extremes and gaps, mean and band against statistics."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.chart import mean_and_band
from lossterm.chart.transforms import Downsampler, Smoother, clip_to_window

# -- smoothing ------------------------------------------------------------------------------------------------

weights = st.sampled_from([0.0, 0.3, 0.6, 0.9, 0.99])
any_floats = st.one_of(st.floats(-1e6, 1e6), st.sampled_from([math.nan, math.inf, -math.inf]))


def by_definition(values: list[float], weight: float) -> list[float]:
    """Each finite value's weighted mean of the finite values up to it, summed anew."""
    smoothed: list[float] = []
    past: list[float] = []
    for value in values:
        if math.isfinite(value):
            past.insert(0, value)
            powers = [weight**k for k in range(len(past))]
            smoothed.append(math.fsum(w * x for w, x in zip(powers, past, strict=True)) / math.fsum(powers))
        else:
            smoothed.append(math.nan)
    return smoothed


@given(st.lists(any_floats, max_size=60), weights)
def test_it_is_the_weighted_mean_of_the_past(ys: list[float], weight: float) -> None:
    np.testing.assert_allclose(Smoother(weight).extend(np.array(ys)), by_definition(ys, weight), rtol=1e-9, atol=1e-6)


@given(st.lists(st.lists(any_floats, max_size=20), max_size=8), weights)
def test_appending_goes_on_where_it_stopped(batches: list[list[float]], weight: float) -> None:
    growing, ys = Smoother(weight), np.empty(0)
    for batch in batches:
        ys = np.concatenate((ys, batch))
        np.testing.assert_allclose(growing.extend(ys), by_definition(ys.tolist(), weight), rtol=1e-9, atol=1e-6)


def test_the_first_value_is_not_biased_towards_zero() -> None:
    assert Smoother(0.99).extend(np.array([5.0, 5.0, 5.0])).tolist() == pytest.approx([5.0, 5.0, 5.0])


@pytest.mark.parametrize("weight", [-0.1, 1.0, 1.5, math.nan])
def test_a_weight_that_is_no_share_of_the_past_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="smoothing weight"):
        Smoother(weight)


# -- downsampling and clipping --------------------------------------------------------------------------------

gappy_floats = st.one_of(st.floats(-100, 100), st.just(float("nan")))


def downsampled(ys: np.ndarray, columns: int) -> tuple[np.ndarray, np.ndarray]:
    xs = np.arange(1.0, len(ys) + 1)
    return Downsampler().downsample(xs, ys, 1.0, float(len(ys)), columns)


@given(st.lists(gappy_floats, min_size=30, max_size=300), st.integers(1, 14))
def test_each_column_keeps_its_extremes_in_their_order(ys: list[float], columns: int) -> None:
    xs = np.arange(1.0, len(ys) + 1)
    kept_x, kept_y = downsampled(np.array(ys), columns)
    assert (np.diff(kept_x) > 0).all()
    np.testing.assert_array_equal(kept_y, np.array(ys)[kept_x.astype(int) - 1])
    edges = np.linspace(1.0, len(ys), columns + 1)[1:-1]
    for column in range(columns):
        mine = np.array(ys)[np.searchsorted(edges, xs, "right") == column]
        kept = kept_y[np.searchsorted(edges, kept_x, "right") == column]
        assert len(kept) <= 2
        if np.isfinite(mine).any():
            assert (np.nanmin(kept), np.nanmax(kept)) == (np.nanmin(mine), np.nanmax(mine))


def test_a_column_of_nan_stays_a_gap() -> None:
    ys = np.ones(100)
    ys[40:60] = np.nan
    _, kept = downsampled(ys, 10)
    assert np.isnan(kept).any()
    assert np.isfinite(kept[[0, -1]]).all()


def test_few_points_are_kept_whole() -> None:
    ys = np.array([3.0, 1.0, 2.0])
    assert downsampled(ys, 2)[1] is ys


@given(st.lists(st.lists(gappy_floats, max_size=40), min_size=1, max_size=12), st.integers(1, 10))
def test_a_growing_line_is_downsampled_as_one_that_was_always_whole(batches: list[list[float]], columns: int) -> None:
    whole = np.array([value for batch in batches for value in batch])
    xs = np.arange(1.0, len(whole) + 1)
    growing, length = Downsampler(), 0
    for batch in batches:
        length += len(batch)
        mine = growing.downsample(xs[:length], whole[:length], 1.0, 400.0, columns, key="same")
        fresh = Downsampler().downsample(xs[:length], whole[:length], 1.0, 400.0, columns)
        np.testing.assert_array_equal(mine, fresh)


def test_another_key_forgets() -> None:
    xs, growing = np.arange(1.0, 101.0), Downsampler()
    growing.downsample(xs, xs, 1.0, 100.0, 5, key="rising")
    _, kept = growing.downsample(xs, -xs, 1.0, 100.0, 5, key="falling")
    np.testing.assert_array_equal(kept, -growing.downsample(xs, xs, 1.0, 100.0, 5, key="rising again")[1])


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (1.0, 4.0, [(1, 0), (2, 10), (3, 20), (4, 0)]),
        (1.5, 3.5, [(1.5, 5), (2, 10), (3, 20), (3.5, 10)]),
        (2.2, 2.8, [(2.2, 12), (2.8, 18)]),
        (0.0, 1.5, [(1, 0), (1.5, 5)]),
        (5.0, 9.0, []),
        (-2.0, 0.5, []),
    ],
)
def test_lines_are_cut_at_the_edges_of_the_view(low: float, high: float, expected: list[tuple[float, float]]) -> None:
    xs, ys = clip_to_window(np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.0, 10.0, 20.0, 0.0]), low, high)
    assert list(zip(xs.tolist(), ys.tolist(), strict=True)) == [pytest.approx(point) for point in expected]


def test_a_line_into_a_gap_has_no_point_at_the_edge() -> None:
    xs, _ = clip_to_window(np.array([1.0, 2.0, 3.0]), np.array([0.0, np.nan, 5.0]), 1.5, 3.0)
    assert xs.tolist() == [2.0, 3.0]


# -- mean and band --------------------------------------------------------------------------------------------

seeds_of_one_loss = st.integers(1, 8).flatmap(
    lambda length: st.lists(st.lists(st.floats(-1e3, 1e3), min_size=length, max_size=length), min_size=2, max_size=6)
)


@given(seeds_of_one_loss)
def test_range_is_lowest_and_highest(seeds: list[list[float]]) -> None:
    mean, (low, high) = mean_and_band(seeds, "range")
    epochs = list(zip(*seeds, strict=True))
    assert mean == pytest.approx([statistics.fmean(epoch) for epoch in epochs], abs=1e-9)
    assert (low, high) == ([min(epoch) for epoch in epochs], [max(epoch) for epoch in epochs])


@given(seeds_of_one_loss)
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


def test_of_positive_values_the_band_does_not_go_down_to_nothing() -> None:
    seeds = [[1e-4, 0.5], [3e-4, 0.6], [9e-3, 0.7]]
    assert mean_and_band(seeds, "sd")[1][0][0] < 0
    low, high = mean_and_band(seeds, "sd", positive=True)[1]
    assert low == pytest.approx([1e-4, 0.5])
    assert high[1] == pytest.approx(0.7)
