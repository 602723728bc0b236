"""Points to dots, through plotext: exact, and nothing that could end the process gets there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossterm.chart.raster import PEN_UP, LineRaster, joined, rasterise

DOTS = {(0, 0): 1, (0, 1): 2, (0, 2): 4, (1, 0): 8, (1, 1): 16, (1, 2): 32, (0, 3): 64, (1, 3): 128}
sizes = st.tuples(st.integers(1, 30), st.integers(1, 12))


def dots(bits: np.ndarray) -> set[tuple[int, int]]:
    """The dots that are set, by Unicode's numbering of braille patterns."""
    rows, columns = np.nonzero(bits)
    return {
        (2 * column + x, 4 * row + y)
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        for (x, y), bit in DOTS.items()
        if bits[row, column] & bit
    }


@st.composite
def points_in(draw: st.DrawFn) -> tuple[tuple[int, int], np.ndarray]:
    width, height = draw(sizes)
    point = st.tuples(st.integers(0, 2 * width - 1), st.integers(0, 4 * height - 1))
    return (width, height), np.array(draw(st.lists(point, min_size=1, max_size=40)))


@given(points_in())
@settings(deadline=None)
def test_each_point_is_its_own_dot(drawn: tuple[tuple[int, int], np.ndarray]) -> None:
    size, points = drawn
    bits = rasterise(points, *size, connect=False, braille=True)
    assert bits.shape == size[::-1]
    assert dots(bits) == {(x, y) for x, y in points.tolist()}


@given(points_in())
@settings(deadline=None)
def test_lines_touch_their_points_and_leave_no_hole(drawn: tuple[tuple[int, int], np.ndarray]) -> None:
    size, points = drawn
    found = dots(rasterise(points, *size, connect=True, braille=True))
    assert {(x, y) for x, y in points.tolist()} <= found
    reached, edge = set(), {tuple(points[0].tolist())}
    while edge:
        reached |= edge
        edge = {(x + dx, y + dy) for x, y in edge for dx in (-1, 0, 1) for dy in (-1, 0, 1)} & found - reached
    assert reached == found


def test_without_braille_a_cell_is_one_dot() -> None:
    bits = rasterise(np.array([[0, 0], [2, 2]]), 3, 3, connect=True, braille=False)
    assert bits.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_lines_apart_stay_apart() -> None:
    lines = [np.array([[0, 0], [1, 0]]), np.array([[4, 0], [5, 0]])]
    both = joined(lines)
    assert (both == PEN_UP).any()
    assert dots(rasterise(both, 3, 1, connect=True, braille=True)) == {(0, 0), (1, 0), (4, 0), (5, 0)}


def test_nothing_draws_nothing() -> None:
    assert not rasterise(joined([]), 4, 2, connect=True, braille=True).any()


@pytest.mark.parametrize("point", [[6, 0], [0, 8], [-3, 0], [0, -1], [10**17, 0]])
def test_points_outside_never_reach_plotext(point: list[int]) -> None:
    with pytest.raises(ValueError, match="outside"):
        rasterise(np.array([point]), 3, 2, connect=True, braille=True)


@given(points_in(), st.data())
@settings(deadline=None)
def test_a_line_drawn_bit_by_bit_is_the_line_drawn_at_once(drawn, data: st.DataObject) -> None:
    size, points = drawn
    raster = LineRaster()
    cuts = data.draw(st.lists(st.integers(0, len(points)), max_size=5).map(sorted))
    for cut in [*cuts, len(points)]:
        mine = raster.draw(points[:cut], *size, connect=True, braille=True)
        np.testing.assert_array_equal(mine, rasterise(points[:cut], *size, connect=True, braille=True))


def test_a_line_that_changed_in_its_past_is_drawn_anew() -> None:
    raster = LineRaster()
    flat = np.stack([np.arange(60), np.zeros(60, dtype=int)], axis=1)
    raster.draw(flat, 30, 2, connect=True, braille=True)
    lower = flat + np.array([0, 5])
    np.testing.assert_array_equal(
        raster.draw(lower, 30, 2, connect=True, braille=True), rasterise(lower, 30, 2, connect=True, braille=True)
    )
