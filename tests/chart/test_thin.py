"""Thinning keeps what stands out, cutting keeps lines whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.chart.transforms import Downsampler, clip_to_window

values = st.one_of(st.floats(-100, 100), st.just(float("nan")))


def thinned(ys: np.ndarray, columns: int) -> tuple[np.ndarray, np.ndarray]:
    xs = np.arange(1.0, len(ys) + 1)
    return Downsampler().downsample(xs, ys, 1.0, float(len(ys)), columns)


@given(st.lists(values, min_size=30, max_size=300), st.integers(1, 14))
def test_each_column_keeps_its_extremes_in_their_order(ys: list[float], columns: int) -> None:
    xs = np.arange(1.0, len(ys) + 1)
    kept_x, kept_y = thinned(np.array(ys), columns)
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
    _, kept = thinned(ys, 10)
    assert np.isnan(kept).any()
    assert np.isfinite(kept[[0, -1]]).all()


def test_few_points_are_kept_whole() -> None:
    ys = np.array([3.0, 1.0, 2.0])
    assert thinned(ys, 2)[1] is ys


@given(st.lists(st.lists(values, max_size=40), min_size=1, max_size=12), st.integers(1, 10))
def test_a_growing_line_is_thinned_as_one_that_was_always_whole(batches: list[list[float]], columns: int) -> None:
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
