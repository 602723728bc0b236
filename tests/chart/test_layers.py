"""What lies over what, and what hides nothing."""

from __future__ import annotations

import numpy as np
import pytest

from lossterm.chart import Frame, Plot, Series, ViewState, marker, paint
from lossterm.chart.styles import CROSSHAIR, FAINT, FULL, ON_BAND, SLOTS, SOFT, series_style, slot_and_tone

EPOCHS = list(range(1, 41))


def flat(label: str, height: float, slot: int, **about) -> Series:
    return Series(label, EPOCHS, [height] * 40, slot=slot, **about)


def styles_of(frame: Frame, plot_rows: slice = slice(2, -2)) -> np.ndarray:
    return np.array([list(row) for row in frame.style_rows])[plot_rows]


def test_solid_curves_lie_over_dotted_ones_and_later_over_earlier_and_faint_ones_under_all() -> None:
    series = [flat("a", 0.5, 0), flat("b", 0.5, 1), flat("c", 0.5, 2, line_style="dotted"), flat("d", 0.5, 3, dim=True)]
    frame = paint(Plot(series, x_range=(1, 40)), ViewState(legend=False), 100, 15)
    (line,) = (row[8:60] for row in frame.style_rows if series_style(1) in row[8:60])
    assert [marker(slot) in frame.text for slot in range(4)] == [True, True, True, False]
    assert line.count(series_style(1)) > 40
    assert line.count(series_style(0)) + line.count(series_style(2, SOFT)) + line.count(series_style(3, FAINT)) < 12


def test_a_series_in_front_lies_over_later_ones() -> None:
    series = [flat("a", 0.5, 0, front=True), flat("b", 0.5, 1)]
    frame = paint(Plot(series, x_range=(1, 40)), ViewState(legend=False), 100, 15)
    (line,) = (row[8:60] for row in frame.style_rows if series_style(0) in row[8:60])
    assert line.count(series_style(0)) > 40


@pytest.mark.parametrize("ascii", [False, True])
def test_fourteen_overlaid_series_each_show_their_marker_on_their_curve(ascii: bool) -> None:  # noqa: A002
    series = [flat(f"run {slot}", 0.5 + 0.01 * slot, slot) for slot in range(SLOTS)]
    frame = paint(Plot(series, x_range=(1, 40)), ViewState(ascii=ascii, legend=False), 140, 40)
    assert len({marker(slot, ascii) for slot in range(SLOTS)}) == SLOTS
    for slot in range(SLOTS):
        assert any(
            sign == marker(slot, ascii) and number == series_style(slot)
            for text, style_ids in zip(frame.rows, frame.style_rows, strict=True)
            for sign, number in zip(text[:110], style_ids[:110], strict=True)
        )


def test_curves_on_one_another_still_show_all_their_markers() -> None:
    series = [flat(f"run {slot}", 0.5, slot) for slot in range(7)]
    frame = paint(Plot(series, x_range=(1, 40)), ViewState(legend=False), 140, 40)
    middle = max(frame.rows, key=lambda row: sum(marker(slot) in row[:110] for slot in range(7)))
    assert all(marker(slot) in middle[:110] for slot in range(7))


def test_one_run_needs_no_marker() -> None:
    frame = paint(
        Plot([flat("train", 0.5, 0, line_style="dotted"), flat("test", 0.6, 0)], x_range=(1, 40)), ViewState(), 100, 20
    )
    assert marker(0) not in frame.text


def test_where_bands_overlap_each_cell_belongs_to_the_nearest_mean() -> None:
    def banded(label: str, height: float, slot: int) -> Series:
        return flat(label, height, slot, band=([0.0] * 40, [1.0] * 40))

    frame = paint(
        Plot([banded("low", 0.2, 0), banded("high", 0.8, 1)], x_range=(1, 40)), ViewState(legend=False), 100, 30
    )
    column = [slot_and_tone(row[50]) for row in frame.style_rows[:-2]]
    bands = [found[0] for found in column if found is not None and found[1] == FAINT]
    assert bands == sorted(bands, reverse=True)
    assert set(bands) == {0, 1}


def test_a_curve_inside_its_band_says_so() -> None:
    wide = flat("wide", 0.5, 0, band=([0.0] * 40, [1.0] * 40))
    narrow = flat("narrow", 0.5, 0, band=([0.5] * 40, [0.5] * 40))
    assert tones_of(wide) == {ON_BAND, FAINT, FULL}
    assert tones_of(narrow) == {FULL}


def tones_of(series: Series) -> set[int]:
    """The tones in which a series is drawn, its label included."""
    frame = paint(Plot([series], x_range=(1, 40)), ViewState(legend=False), 80, 24)
    found = (slot_and_tone(number) for row in frame.style_rows for number in row)
    return {tone for _, tone in filter(None, found)}


def test_the_crosshair_and_labels_hide_no_data() -> None:
    rng = np.random.default_rng(3)
    series = [Series(f"run {slot}", EPOCHS[:30], rng.normal(0.5, 0.1, 30).tolist(), slot=slot) for slot in range(5)]
    plot = Plot(series, x_range=(1, 40), y_label="accuracy")
    without = paint(plot, ViewState(crosshair=-5), 120, 30)
    with_it = paint(plot, ViewState(crosshair=12), 120, 30)
    data = np.vectorize(lambda number: slot_and_tone(number) is not None)(styles_of(without))
    crossed = styles_of(with_it) == CROSSHAIR
    assert crossed.any()
    assert not (data & crossed).any()
    changed = (styles_of(without) != styles_of(with_it)) & data
    assert changed.sum() <= len(series)


def test_labels_at_the_ends_stand_in_the_order_of_the_curves() -> None:
    heights = {"best": 0.83, "second": 0.8299, "third": 0.8298, "last": 0.3}
    series = [flat(name, height, slot) for slot, (name, height) in enumerate(heights.items())]
    frame = paint(Plot(series[::-1], x_range=(1, 40)), ViewState(legend=False), 120, 24)
    rows = [next(y for y, row in enumerate(frame.rows) if f" {name} " in row[90:] + " ") for name in heights]
    assert rows == sorted(rows)
    assert len(set(rows)) == len(rows)


def test_labels_are_left_out_where_there_is_no_room() -> None:
    series = [flat("a long name for a run", 0.5, 0)]
    assert "a long name" not in paint(Plot(series, x_range=(1, 40)), ViewState(legend=False), 40, 12).text
    assert "a long name" in paint(Plot(series, x_range=(1, 40)), ViewState(legend=False), 120, 12).text


def test_many_entries_wrap_and_the_rest_is_counted() -> None:
    series = [flat(f"run number {slot}", 0.5, slot) for slot in range(14)]
    top = paint(Plot(series, x_range=(1, 40), y_label="accuracy"), ViewState(), 60, 16).rows[:4]
    shown = sum(f"run number {slot} " in row + " " for slot in range(14) for row in top)
    assert 3 <= shown < 14
    assert f"…+{14 - shown}" in top[3]
