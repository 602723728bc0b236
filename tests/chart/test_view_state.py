"""Zooming, panning, smoothing and the crosshair, as changes of a view."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.chart import Plot, Series, ViewState
from lossterm.chart.view_state import SMOOTHING_STEPS, crosshair_moved, last_epoch, panned, smoothed, zoomed

FULL = (1.0, 51.0)


def test_zooming_in_keeps_the_point_under_the_pointer() -> None:
    window = zoomed(ViewState(), FULL, 1, around=11.0).window
    assert window is not None
    assert window == pytest.approx((1 + 10 * 0.4, 11 + 40 * 0.6))
    assert (11 - window[0]) / (window[1] - window[0]) == pytest.approx(0.2)


def test_zooming_out_again_shows_all() -> None:
    once = zoomed(ViewState(), FULL, 2, around=30.0)
    assert once.window is not None
    assert zoomed(once, FULL, -2, around=30.0).window is None


@given(st.lists(st.tuples(st.sampled_from(["zoom", "pan"]), st.integers(-3, 3), st.floats(-10, 80)), max_size=12))
def test_no_window_leaves_the_plot_or_gets_too_narrow(steps: list[tuple[str, int, float]]) -> None:
    view = ViewState()
    for what, by, around in steps:
        view = zoomed(view, FULL, by, around) if what == "zoom" else panned(view, FULL, by)
        if view.window is not None:
            low, high = view.window
            assert low >= FULL[0] - 1e-9
            assert high <= FULL[1] + 1e-9
            assert high - low >= 4 - 1e-9


def test_panning_moves_a_zoomed_view_to_the_edge_and_no_further() -> None:
    view = ViewState(window=(20.0, 30.0))
    assert panned(view, FULL, 1).window == (22.0, 32.0)
    assert panned(view, FULL, 100).window == (41.0, 51.0)
    assert panned(view, FULL, -100).window == (1.0, 11.0)
    assert panned(ViewState(), FULL, 1) == ViewState()


def test_smoothing_goes_up_and_down_its_steps() -> None:
    view = ViewState()
    for expected in (*SMOOTHING_STEPS[1:], SMOOTHING_STEPS[-1]):
        view = smoothed(view, 1)
        assert view.smoothing == expected
    assert smoothed(view, -100).smoothing == 0.0


def test_the_crosshair_stays_on_the_epochs_and_takes_a_zoomed_view_along() -> None:
    assert crosshair_moved(ViewState(), FULL, 1).crosshair is None
    assert crosshair_moved(ViewState(crosshair=51.0), FULL, 1).crosshair == 51.0
    assert crosshair_moved(ViewState(crosshair=3.0), FULL, -9).crosshair == 1.0
    moved = crosshair_moved(ViewState(crosshair=30.0, window=(20.0, 30.0)), FULL, 1)
    assert (moved.crosshair, moved.window) == (31.0, (21.0, 31.0))
    moved = crosshair_moved(ViewState(crosshair=20.0, window=(20.0, 30.0)), FULL, -2)
    assert (moved.crosshair, moved.window) == (18.0, (18.0, 28.0))


def test_the_whole_range_is_the_planned_one_or_what_there_is() -> None:
    run = Series("run", [3, 4, 5], [1, 1, 1])
    assert Plot((run,), x_range=(1, 50)).full_range == (1, 50)
    assert Plot((run, Series("empty", [], []))).full_range == (3, 5)
    assert Plot().full_range == (1, 1)
    assert last_epoch(Plot((run,), x_range=(1, 50)), ViewState()) == 5
    assert last_epoch(Plot((run,), x_range=(1, 50)), ViewState(window=(1.0, 4.0))) == 4
