"""The axes that the chart chooses by itself and says: a logarithmic one, one fitted to the ends of the curves."""

from __future__ import annotations

from lossterm.chart import Frame, Painter, Plot, Series, ViewState, paint

EPOCHS = list(range(1, 51))
FALLING = [10 ** (-epoch / 10) for epoch in EPOCHS]
"""From 0.8 to 1e-5."""


def rising(end: float, pace: float) -> list[float]:
    return [end - 0.4 * 2 ** (-epoch / pace) for epoch in EPOCHS]


RACE = [Series("a", EPOCHS, rising(0.83, 3.0), slot=0), Series("b", EPOCHS, rising(0.84, 3.0), slot=1)]


def test_values_that_span_decades_are_on_a_logarithmic_axis_unless_asked_otherwise() -> None:
    plot = Plot([Series("test", EPOCHS, FALLING)], x_range=(1, 50), floor=0.0, choose_log=True)
    assert "log: spans decades (l: linear)" in paint(plot, ViewState(), 100, 20).text
    assert "log " not in paint(plot, ViewState(log=False), 100, 20).text
    narrow = Plot([Series("test", EPOCHS[:8], FALLING[:8])], x_range=(1, 50), floor=0.0, choose_log=True)
    assert "log" not in paint(narrow, ViewState(), 100, 20).text


def test_a_value_that_no_logarithmic_axis_shows_keeps_the_axis_linear() -> None:
    plot = Plot([Series("test", EPOCHS, [*FALLING[:-1], 0.0])], x_range=(1, 50), choose_log=True)
    assert "log" not in paint(plot, ViewState(), 100, 20).text


def test_the_logarithmic_axis_stays_while_values_come_and_go_by_a_little() -> None:
    painter = Painter()
    values = [1.0, 0.0099]
    plot = Plot([Series("test", [1, 2], values)], x_range=(1, 50), choose_log=True)
    assert "log" in painter.paint(plot, ViewState(), 100, 20).text
    almost = Plot([Series("test", [1, 2], [1.0, 0.02])], x_range=(1, 50), choose_log=True)
    assert "log" in painter.paint(almost, ViewState(), 100, 20).text
    assert "log" not in paint(almost, ViewState(), 100, 20).text


def ticks(frame: Frame) -> list[float]:
    """The numbers at the y axis."""
    return [float(row.split("┤")[0]) for row in frame.rows if "┤" in row]


def test_a_comparison_shows_where_the_curves_end_and_says_so() -> None:
    plot = Plot(RACE, x_range=(1, 50), fit=True)
    fitted, whole = paint(plot, ViewState(), 110, 24), paint(plot, ViewState(fit=False), 110, 24)
    assert "y fits the ends (f: whole)" in fitted.text
    assert "fits" not in whole.text
    assert min(ticks(fitted)) > 0.8 > 0.6 > min(ticks(whole))


def test_a_curve_is_cut_where_it_leaves_the_axis_and_lies_on_no_edge() -> None:
    plot = Plot(RACE, x_range=(1, 50), fit=True)
    rows = paint(plot, ViewState(), 110, 24).rows
    lowest = next(row for row in reversed(rows) if "│" in row or "┤" in row)
    assert sum(character not in " ·" for character in lowest[7:90]) <= 4


def test_nothing_is_cut_before_all_curves_are_past_their_start() -> None:
    waiting = [*RACE, Series("c", [], [], slot=3)]
    assert "fits" not in paint(Plot(waiting, x_range=(1, 50), fit=True), ViewState(), 110, 24).text
    begun = [Series(one.label, one.xs[:6], one.ys[:6], slot=one.slot) for one in RACE]
    assert "fits" not in paint(Plot(begun, x_range=(1, 50), fit=True), ViewState(), 110, 24).text


def test_nothing_is_cut_where_the_ends_take_all_the_height() -> None:
    apart = [RACE[0], Series("b", EPOCHS, [0.4] * 50, slot=1)]
    assert "fits" not in paint(Plot(apart, x_range=(1, 50), fit=True), ViewState(), 110, 24).text


def test_a_faint_curve_does_not_set_the_axis() -> None:
    alone = [RACE[0], Series("b", EPOCHS, [40.0] * 50, slot=1, dim=True)]
    assert max(ticks(paint(Plot(alone, x_range=(1, 50)), ViewState(), 110, 24))) < 1


def test_variants_of_one_slot_are_told_apart_by_a_digit() -> None:
    series = [Series(f"huber {n}", EPOCHS, rising(0.7 + n / 10, 3.0), slot=0, variant=n) for n in (1, 2)]
    frame = paint(Plot(series, x_range=(1, 50)), ViewState(), 110, 24)
    assert "━●1━ huber 1   ━●2━ huber 2" in frame.rows[0]
    assert {sign for row in frame.rows[1:20] for sign in row[8:85] if sign in "●12"} == {"●", "1", "2"}


def test_many_spreads_are_bars_and_two_are_bands() -> None:
    def banded(count: int) -> str:
        series = [
            Series(f"{n}", EPOCHS, [n / 10] * 50, slot=n, band=([n / 10 - 0.2] * 50, [n / 10 + 0.2] * 50))
            for n in range(count)
        ]
        return paint(Plot(series, x_range=(1, 50)), ViewState(), 110, 24).text

    assert "⣿" in banded(2)
    assert "⣿" not in banded(5)
    assert sum(row.count("│") > 2 for row in banded(5).split("\n")) > 8


def test_the_baseline_is_a_thin_line_with_its_name_where_it_is_in_view() -> None:
    plot = Plot(RACE, x_range=(1, 50), baseline=(0.5, "chance"))
    assert "╌ chance ╌" in paint(plot, ViewState(), 110, 24).text
    assert "chance" not in paint(plot, ViewState(fit=True), 110, 24).text


def test_the_name_of_the_baseline_gives_way_to_curves() -> None:
    in_the_way = Series("mse", range(1, 51), [0.5 - 0.2 * (epoch > 15) for epoch in range(50)])
    text = paint(
        Plot((in_the_way,), x_range=(1, 50), floor=0, ceiling=1, baseline=(0.5, "chance")), ViewState(), 80, 24
    )
    assert " chance " in text.text
