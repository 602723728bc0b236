"""Ranges are round, fit their data, and hold still; so do the axes and the wire over a whole live run."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.chart import Painter, Plot, Series, ViewState, changed_spans
from lossterm.chart.autoscale import SHRINK, AxisLimits, StableRange
from lossterm.chart.glyphs import UNICODE
from lossterm.chart.ticks import y_scale

FREE = AxisLimits()


def fit(axis: StableRange, low: float, high: float, *, kind: object = 0, log: bool = False, ahead: int = 0):
    return axis.fit(low, high, kind=kind, log=log, limits=FREE, ahead=ahead)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_a_range_holds_its_data_and_little_else(one: float, other: float) -> None:
    low, high = sorted((one, other))
    below, above = fit(StableRange(), low, high)
    slack = 1e-6 * (above - below)
    assert below <= low + slack
    assert above >= high - slack
    assert below < above
    if high - low > 1e-3:
        assert high - low >= 0.5 * (above - below)


@given(st.floats(-200, 200), st.floats(0, 100))
def test_a_logarithmic_range_holds_its_data(low: float, height: float) -> None:
    below, above = fit(StableRange(), low, low + height, log=True)
    assert below <= low + 1e-6
    assert above >= low + height - 1e-6
    assert below < above


def test_a_range_holds_still_while_the_data_stay_within() -> None:
    axis = StableRange()
    first = fit(axis, 0.3, 0.7)
    assert [fit(axis, 0.3 + shift, 0.7 - shift) for shift in (0.01, 0.05, 0.1)] == [first] * 3


def test_a_range_that_grows_leaves_room_for_more() -> None:
    axis = StableRange()
    low, high = fit(axis, 0.5, 0.7)
    lower, same = fit(axis, low - 0.01, 0.7)
    assert same == high
    assert lower < low - 0.01 - 0.02
    assert fit(axis, low - 0.03, 0.7) == (lower, same)


def test_a_range_of_which_little_is_filled_shrinks() -> None:
    axis = StableRange()
    low, high = fit(axis, 0.0, 1.0)
    filled = SHRINK * (high - low)
    assert fit(axis, 0.0, filled) == (low, high)
    assert fit(axis, 0.0, filled - 0.01)[1] < high


def test_another_kind_starts_anew() -> None:
    axis = StableRange()
    wide = fit(axis, 0.0, 1.0, kind="all")
    assert fit(axis, 0.2, 0.7, kind="zoomed") != wide


def test_a_new_range_has_room_ahead() -> None:
    still, falling = fit(StableRange(), 0.5, 0.7), fit(StableRange(), 0.5, 0.7, ahead=-1)
    assert falling[0] < still[0]
    assert falling[1] == still[1]


def test_limits_are_not_crossed_but_by_data() -> None:
    limits = AxisLimits(0.0, 1.0)
    fitted = [
        StableRange().fit(low, high, kind=0, log=False, limits=limits, ahead=1)
        for low, high in ((0.03, 0.97), (-0.5, 1.5))
    ]
    assert fitted[0] == (0.0, 1.0)
    assert fitted[1][0] <= -0.5
    assert fitted[1][1] >= 1.5


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.integers(1, 8), st.booleans())
def test_every_axis_has_two_marks_at_least(low: float, height: float, steps: int, log: bool) -> None:
    if log:
        low, height = low / 1e8, height / 1e8
    below, above = fit(StableRange(), low, low + height, log=log)
    scale = y_scale(below, above, log, steps, UNICODE)
    assert len(scale.ticks) >= 2
    assert all(below - 1e-6 * abs(below) <= tick.at <= above + 1e-6 * abs(above) for tick in scale.ticks)


# -- over a whole live run ------------------------------------------------------------------------------------


def frames_of_a_live_run(view: ViewState, epochs: int = 100):
    painter = Painter()
    xs: list[float] = []
    test: list[float] = []
    train: list[float] = []
    for epoch in range(1, epochs + 1):
        xs.append(epoch)
        test.append(0.35 + 0.4 * math.exp(-epoch / 15) + 0.01 * math.sin(epoch))
        train.append(0.3 + 0.4 * math.exp(-epoch / 12))
        series = (Series("train", xs, train, line_style="dotted"), Series("test", xs, test))
        yield painter.paint(Plot(series, x_range=(1, epochs), y_label="loss", floor=0.0), view, 138, 36)


def y_axis(frame) -> list[str]:
    return [row[:7] for row in frame.rows[1:]]


@pytest.mark.parametrize("view", [ViewState(), ViewState(log=True, smoothing=0.6)], ids=["linear", "log"])
def test_the_y_axis_changes_a_few_times_in_a_run(view: ViewState) -> None:
    axes = [y_axis(frame) for frame in frames_of_a_live_run(view)]
    changes = sum(one != other for one, other in pairwise(axes))
    assert 1 <= changes <= 3


def test_the_x_axis_never_moves() -> None:
    assert len({frame.rows[-2:] for frame in frames_of_a_live_run(ViewState())}) == 1


def test_few_cells_change_from_one_epoch_to_the_next() -> None:
    frames = list(frames_of_a_live_run(ViewState()))
    changed = [sum(last - first for _, first, last in changed_spans(*pair)) for pair in pairwise(frames)]
    assert sorted(changed)[len(changed) // 2] <= 40
