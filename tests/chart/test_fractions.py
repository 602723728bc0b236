"""Charts whose x counts nothing: marks between whole numbers; and ends of curves without their values."""

from __future__ import annotations

from lossterm.chart import Painter, Plot, Series, ViewState, paint

XS = [0.0, 0.25, 0.5, 0.75, 1.0]
CURVE = Series("bce", XS, [2.0, 1.5, 1.0, 0.5, 0.0])


def picture(plot: Plot, view: ViewState, width: int, height: int) -> list[str]:
    return [row.rstrip() for row in paint(plot, view, width, height).rows]


def test_x_is_marked_in_fractions() -> None:
    plot = Plot((CURVE,), (0.0, 1.0), "p", whole_x=False)
    assert picture(plot, ViewState(), 60, 8) == [
        "━━━ bce",
        "   2 ┤⠉⠑⠒⠒⠤⠤⢄⣀⣀                ·                       ·",
        "     │         ⠉⠉⠑⠒⠒⠤⠤⢄⣀⣀",
        "     │                   ⠉⠉⠑⠒⠒⠤⠤⠤⣀⣀⣀",
        "     │                              ⠉⠉⠉⠒⠒⠒⠤⠤⢄⣀⣀",
        "   0 ┤                         ·               ⠉⠉⠑⠒⠒⠤⠤⢄⣀ bce",
        "     └┬────────────────────────┬───────────────────────┬",
        "     0.0                      0.5                     1.0 p",
    ]


def test_negative_x_has_the_minus_of_y() -> None:
    plot = Plot((Series("mse", [-3.0, 0.0, 3.0], [6.0, 0.0, -6.0]),), (-3.0, 3.0), "error", whole_x=False)
    assert picture(plot, ViewState(), 40, 8) == [
        "━━━ mse",
        "   5 ┤⠉⠒⠒⠤⢄⣀           ·          ·",
        "     │      ⠉⠉⠒⠢⠤⢄⣀",
        "   0 ┤     ·       ⠉⠑⠒⠢⠤⣀⣀        ·",
        "     │                    ⠉⠉⠒⠢⠤⢄⣀⡀",
        "  −5 ┤     ·           ·         ⠈⠉⠒⠒⠤⠤⣀",
        "     └─────┬───────────┬──────────┬─────",
        "           −2          0          2",
    ]


def test_negative_x_in_ascii() -> None:
    plot = Plot((Series("mse", [-3.0, 0.0, 3.0], [6.0, 0.0, -6.0]),), (-3.0, 3.0), "error", whole_x=False)
    assert picture(plot, ViewState(ascii=True), 40, 8) == [
        "ooo mse",
        "   5 +ooooo .          .          .",
        "     |     oooooooo",
        "   0 +      .      ooooooooo      .",
        "     |                      oooooooo",
        "  -5 +      .          .          . oooo",
        "     +------+----------+----------+-----",
        "            -2         0          2",
    ]


def test_a_wide_charts_last_values_can_be_left_out() -> None:
    with_values, without = (
        paint(Plot((CURVE,), (0.0, 1.0), last_values=v), ViewState(), 90, 10).text for v in (True, False)
    )
    assert "bce 0.000" in with_values
    assert "bce 0.000" not in without
    assert " bce" in without.split("\n", 1)[1]


def test_a_painter_notices_that_the_marks_are_others() -> None:
    painter = Painter()
    whole, fractions, plain = (
        painter.paint(Plot((CURVE,), (0.0, 1.0), whole_x=w, last_values=v), ViewState(), 90, 8)
        for w, v in ((True, True), (False, True), (False, False))
    )
    assert "0.4" not in whole.rows[-1]
    assert "0.4" in fractions.rows[-1]
    assert plain != fractions
