"""Whatever is shown, at whatever size: nothing is raised, and the frame is exactly that size."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from lossterm.chart import Painter, Plot, Series, ViewState
from lossterm.chart.styles import STYLE_COUNT
from lossterm.chart.view_state import SMOOTHING_STEPS

values = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(0, 1),
    st.sampled_from([0.0, -1.0, 1e-12, 1e12, 5e-324, 1.7e308, -1.7e308]),
)


@st.composite
def series(draw: st.DrawFn) -> Series:
    count = draw(st.integers(0, 60))
    some = st.lists(values, min_size=count, max_size=count)
    return Series(
        label=draw(st.text(max_size=12)),
        xs=list(range(1, count + 1)),
        ys=draw(some),
        slot=draw(st.integers(0, 20)),
        line_style=draw(st.sampled_from(["solid", "dotted"])),
        band=draw(st.none() | st.tuples(some, some)),
        best=draw(st.none() | st.integers(-2, 70)),
        dim=draw(st.booleans()),
    )


plots = st.builds(
    Plot,
    series=st.lists(series(), max_size=4),
    x_range=st.none() | st.sampled_from([(1.0, 50.0), (1.0, 1.0), (1.0, 100_000.0)]),
    y_label=st.text(max_size=20),
    note=st.text(max_size=40),
    floor=st.none() | st.floats(-2, 2),
    ceiling=st.none() | st.floats(-2, 2),
)
views = st.builds(
    ViewState,
    log=st.booleans(),
    smoothing=st.sampled_from(SMOOTHING_STEPS),
    window=st.none() | st.tuples(st.floats(-5, 30), st.floats(31, 70)),
    crosshair=st.none() | st.floats(-10, 80),
    legend=st.booleans(),
    ascii=st.booleans(),
)


@given(plots, st.lists(views, min_size=1, max_size=3), st.integers(0, 300), st.integers(0, 60))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_plot_in_any_view_at_any_size(plot: Plot, seen: list[ViewState], width: int, height: int) -> None:
    painter = Painter()
    for view in seen:
        frame = painter.paint(plot, view, width, height)
        assert (frame.width, frame.height) == (width, height)
        assert [len(row) for row in frame.rows] == [width] * height
        assert [cell_len(row) for row in frame.rows] == [width] * height
        assert [len(style_ids) for style_ids in frame.style_rows] == [width] * height
        assert all(style_id < STYLE_COUNT for style_ids in frame.style_rows for style_id in style_ids)
        assert not view.ascii or frame.text.isascii()


def test_all_widths_and_heights() -> None:
    run = Series("test", list(range(1, 51)), [1 / epoch for epoch in range(1, 51)], best=49)
    painter = Painter()
    for width, height in [(width, 20) for width in range(301)] + [(60, height) for height in range(121)]:
        frame = painter.paint(Plot((run,), x_range=(1, 50), note="a note"), ViewState(crosshair=7), width, height)
        assert [len(row) for row in frame.rows] == [width] * height
