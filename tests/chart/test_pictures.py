"""Whole pictures, as exact text."""

from __future__ import annotations

import math

from lossterm.chart import Painter, Plot, Series, ViewState, paint


def picture(plot: Plot, view: ViewState, width: int, height: int) -> str:
    """The frame's text as one can write it down: with its blanks at the lines' ends taken off."""
    frame = paint(plot, view, width, height)
    assert [len(row) for row in frame.rows] == [width] * height
    return "\n".join(row.rstrip() for row in frame.rows)


def test_a_live_run_shows_both_curves_their_names_and_where_they_end() -> None:
    train = Series("train", [1, 2, 3, 4, 5], [0.7, 0.5, 0.4, 0.35, 0.33], line_style="dotted")
    test = Series("test", [1, 2, 3, 4, 5], [0.72, 0.56, 0.47, 0.44, 0.43])
    plot = Plot((train, test), x_range=(1, 10), y_label="binary cross-entropy", floor=0.0)
    assert picture(plot, ViewState(), 64, 14).split("\n") == [
        "binary cross-entropy   ┅┅┅ train   ━━━ test",
        "     │⡀",
        "     │⠉⣢",
        "     │  ⠕⢄",
        " 0.6 ┤   ⠂⠣⡀                 ·                           ·",
        "     │   ⠈⢀⠈⠒⢄⡀",
        "     │     ⠠  ⠈⠒⢄⡀",
        "     │       ⠁⠠  ⠈⠑⠒⠢⠤⢄⣀⣀⣀⡀",
        " 0.4 ┤          ⠁⠠ ⡀      ⠈⠉⠉⠁ test                      ·",
        "     │              ⠈ ⠂⠠ ⡀⢀",
        "     │                      ⠁  train",
        "     │",
        "     └┬──────────────────────┬───────────────────────────┬",
        "      1                      5                           10",
    ]


def test_no_points_yet() -> None:
    plot = Plot((Series("test", [], []),), x_range=(1, 50), y_label="loss", empty="press enter to train")
    assert picture(plot, ViewState(), 40, 5).split("\n") == [
        "loss   ━━━ test",
        "",
        "          press enter to train",
        "",
        "",
    ]


def test_one_point() -> None:
    plot = Plot((Series("test", [1], [0.5]),), x_range=(1, 50))
    assert picture(plot, ViewState(), 50, 9).split("\n") == [
        "━━━ test",
        "0.55 ┤               ·              ·       ·",
        "     │",
        "     │",
        "0.50 ┤⠁ test         ·              ·       ·",
        "     │",
        "0.45 ┤               ·              ·       ·",
        "     └┬──────────────┬──────────────┬───────┬",
        "      1              20             40      50",
    ]


def test_all_values_equal() -> None:
    plot = Plot((Series("test", [1, 2, 3, 4], [0.0] * 4),), x_range=(1, 4), floor=0.0)
    assert picture(plot, ViewState(), 50, 9).split("\n") == [
        "━━━ test",
        "   1 ┤             ·           ·            ·",
        "     │",
        "     │",
        "     │",
        "     │",
        "   0 ┤⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀ test",
        "     └┬────────────┬───────────┬────────────┬",
        "      1            2           3            4",
    ]


def test_tiny_values() -> None:
    plot = Plot((Series("test", [1, 2, 3], [1e-12, 2.5e-12, 1.5e-12]),), x_range=(1, 3))
    assert picture(plot, ViewState(), 50, 12).split("\n") == [
        "━━━ test",
        "      │                  ⢀⢄⡀",
        "      │                ⡠⠒⠁ ⠈⠑⠤⣀",
        "      │              ⡠⠊        ⠑⠢⢄",
        "2e-12 ┤           ⢀⠔⠉     ·       ⠉⠒⠤⡀      ·",
        "      │         ⡠⠔⠁                  ⠈⠑⠢⣀",
        "      │       ⡠⠊                         ⠉⠢⢄⡀",
        "      │    ⢀⠔⠊                              ⠈ test",
        "      │  ⢀⠔⠁",
        "1e-12 ┤⡠⠊⠁                ·                 ·",
        "      └┬──────────────────┬─────────────────┬",
        "       1                  2                 3",
    ]


def test_huge_values() -> None:
    plot = Plot((Series("test", [1, 2, 3], [1e12, 2.5e12, -1e12]),), x_range=(1, 3))
    assert picture(plot, ViewState(), 50, 12).split("\n") == [
        "━━━ test",
        "     │               ⣀⡠⠤⠒⠉⠢⡀",
        "2e12 ┤          ⣀⡠⠔⠒⠉    · ⠈⠢⢄              ·",
        "     │     ⣀⠤⠔⠊⠉              ⠑⢄",
        "     │⣀⠤⠒⠊⠉                     ⠑⢄",
        "     │                            ⠑⠤⡀",
        "     │                              ⠈⠢⡀",
        "   0 ┤                   ·            ⠈⠢⡀   ·",
        "     │                                  ⠈⠒⢄",
        "     │                                     ⠑⢄ test",
        "     └┬──────────────────┬──────────────────┬",
        "      1                  2                  3",
    ]


def test_accuracy_goes_no_higher_than_one() -> None:
    plot = Plot((Series("test", [1, 2, 3, 4], [0.62, 0.9, 0.97, 0.99]),), x_range=(1, 4), floor=0.0, ceiling=1.0)
    assert picture(plot, ViewState(), 50, 10).split("\n") == [
        "━━━ test",
        " 1.0 ┤             ·        ⣀⣀⡠⠤⠤⠤⠤⠤⠤⠤⠔⠒⠒⠒⠒⠒⠒ test",
        "     │             ⣀⡠⠤⠤⠒⠒⠊⠉⠉",
        "     │          ⣀⠔⠉",
        " 0.8 ┤       ⢀⠤⠊   ·           ·            ·",
        "     │    ⢀⡠⠊⠁",
        "     │  ⡠⠔⠁",
        " 0.6 ┤⠔⠊           ·           ·            ·",
        "     └┬────────────┬───────────┬────────────┬",
        "      1            2           3            4",
    ]


def test_a_logarithmic_axis_is_marked_at_powers_of_ten() -> None:
    plot = Plot((Series("mse", [1, 2, 3, 4, 5, 6], [3.0, 0.5, 0.06, 0.008, 0.002, 0.001]),), x_range=(1, 6))
    assert picture(plot, ViewState(log=True), 50, 16).split("\n") == [
        "━━━ mse                                        log",
        "     │⠑⠢⣀",
        "   1 ┤   ⠑⠤⡀  ·              ·               ·",
        "     │     ⠈⠑⠤⡀",
        "     │        ⠈⠢⣀",
        "     │           ⠑⢄",
        "     │             ⠑⠤⡀",
        "     │               ⠈⠢⡀",
        "     │                 ⠈⠑⢄",
        "     │                    ⠑⢄⡀",
        "0.01 ┤        ·             ⠈⠢⣀              ·",
        "     │                         ⠉⠒⠤⡀",
        "     │                            ⠈⠑⠢⢄⣀",
        "     │                                 ⠉⠉⠒⠒⠤⠤⣀ mse",
        "     └┬───────┬──────────────┬───────────────┬",
        "      1       2              4               6",
    ]


def test_a_short_logarithmic_axis_is_marked_at_1_2_5() -> None:
    plot = Plot((Series("mse", [1, 2, 3, 4], [1.0, 0.4, 0.2, 0.1]),), x_range=(1, 4))
    assert picture(plot, ViewState(log=True), 50, 20).split("\n") == [
        "━━━ mse                                        log",
        "   1 ┤⠑⢄           ·            ·            ·",
        "     │  ⠑⢄",
        "     │    ⠑⢄",
        "     │      ⠱⡀",
        "     │       ⠈⠢⡀",
        " 0.5 ┤         ⠈⠢⡀ ·            ·            ·",
        "     │           ⠈⠢⡀",
        "     │             ⠈⠑⢄⡀",
        "     │                ⠈⠢⢄",
        "     │                   ⠑⠢⡀",
        "     │                     ⠈⠑⢄⡀",
        " 0.2 ┤             ·          ⠈⠢⢄            ·",
        "     │                           ⠑⠢⡀",
        "     │                             ⠈⠑⢄⡀",
        "     │                                ⠈⠢⣀",
        "     │                                   ⠑⠤⡀",
        " 0.1 ┤             ·            ·          ⠈⠒⢄ mse",
        "     └┬────────────┬────────────┬────────────┬",
        "      1            2            3            4",
    ]


def test_a_narrow_logarithmic_axis_is_marked_in_even_steps() -> None:
    plot = Plot((Series("mse", [1, 2, 3, 4], [0.36, 0.35, 0.345, 0.342]),), x_range=(1, 4))
    assert picture(plot, ViewState(log=True), 50, 12).split("\n") == [
        "━━━ mse                                        log",
        "0.36 ┤⠑⠢⡀          ·            ·            ·",
        "     │  ⠈⠑⢄⡀",
        "     │     ⠈⠢⢄",
        "     │        ⠉⠢⣀",
        "0.35 ┤           ⠑⠤⣀            ·            ·",
        "     │              ⠉⠑⠢⠤⣀⡀",
        "     │                   ⠈⠑⠒⠤⢄⡀",
        "     │                        ⠈⠉⠒⠒⠤⠤⣀⣀",
        "     │                                ⠉⠉⠑⠒⠢⠤⢄⣀ mse",
        "     └┬────────────┬────────────┬────────────┬",
        "      1            2            3            4",
    ]


def test_what_a_logarithmic_axis_cannot_show_is_marked_and_counted() -> None:
    plot = Plot((Series("mse", [1, 2, 3, 4, 5, 6], [1.0, 0.1, 0.0, -1.0, 0.01, 0.02]),), x_range=(1, 6))
    assert picture(plot, ViewState(log=True), 60, 12).split("\n") == [
        "━━━ mse                                                  log",
        "   1 ┤⠑⠤⡀       ·                  ·                   ·",
        "     │  ⠈⠢⢄",
        "     │     ⠑⠤⡀",
        "     │       ⠈⠢⢄",
        "     │          ⠁",
        "     │",
        "     │                                              ⢀⣀⡠⠤ mse",
        "0.01 ┤          ·                  ·         ⢀⡠⠤⠔⠒⠊⠉⠁  ·",
        "     └┬─────────┬─────────▾────────▾───────────────────┬",
        "      1         2                  4                   6",
        "▾ mse: 2 values ≤ 0, not on a log axis",
    ]


def test_nan_and_infinity_leave_a_gap_and_are_marked() -> None:
    ys = [0.9, 0.7, math.nan, 0.5, 0.4, math.inf, 0.3, 0.2]
    plot = Plot((Series("mse", range(1, 9), ys),), x_range=(1, 8))
    assert picture(plot, ViewState(), 60, 12).split("\n") == [
        "━━━ mse",
        "     │⠑⠢⣀",
        " 0.8 ┤   ⠑⠢⢄ ·             ·             ·             ·",
        "     │      ⠉⠂",
        " 0.6 ┤       ·             ·             ·             ·",
        "     │                     ⠤⣀⣀",
        " 0.4 ┤       ·             ·  ⠉⠉⠒⠒⠤      ·             ·",
        "     │                                          ⢀⡀",
        " 0.2 ┤       ·             ·             ·       ⠈⠉⠑⠒⠤⠤⣀ mse",
        "     └┬──────┬──────✗──────┬─────────────✗─────────────┬",
        "      1      2             4             6             8",
        "✗ mse: not finite at epoch 3 and 1 more",
    ]


def test_a_diverged_run_is_drawn_up_to_where_it_broke() -> None:
    plot = Plot((Series("mse", [1, 2, 3, 4], [1.0, 4.0, 9.0, math.nan]),), x_range=(1, 10), note="diverged at epoch 4")
    assert picture(plot, ViewState(), 60, 12).split("\n") == [
        "━━━ mse",
        "  10 ┤                      ·                          ·",
        "     │          ⢀⠄ mse",
        "     │         ⢠⠊",
        "     │        ⡰⠁",
        "   5 ┤      ⢀⠎              ·                          ·",
        "     │     ⡠⠃",
        "     │  ⢀⠔⠉",
        "     │⡠⠒⠁",
        "     └┬───────────────✗─────┬──────────────────────────┬",
        "      1                     5                          10",
        "✗ mse: not finite at epoch 4 · diverged at epoch 4",
    ]


def test_nothing_but_nan() -> None:
    plot = Plot((Series("mse", [1, 2], [math.nan, math.nan]),), x_range=(1, 10))
    assert picture(plot, ViewState(), 60, 9).split("\n") == [
        "━━━ mse",
        "",
        "",
        "                   no value to show here",
        "",
        "",
        "",
        "",
        "✗ mse: not finite at epoch 1 and 1 more",
    ]


def test_smoothing_keeps_the_values_behind_the_curve() -> None:
    ys = [1.0, 0.2, 0.9, 0.1, 0.8, 0.0, 0.7, 0.1, 0.6, 0.0]
    plot = Plot((Series("test", range(1, 11), ys),), x_range=(1, 10), floor=0.0)
    assert picture(plot, ViewState(smoothing=0.8), 60, 14).split("\n") == [
        "━━━ test                                         smooth 0.80",
        " 1.0 ┤⠱⡀                   ·                          ·",
        "     │⠈⠱⡀       ⢠⢣",
        "     │ ⠸⠘⡄     ⢀⠎⠘⡄        ⡰⡀",
        "     │  ⢣⠈⢆    ⣀⠤⠢⡀       ⢠⠃⢣         ⡰⡀",
        "     │  ⠈⡆⠈⢆⠤⠒⠉⠁  ⠈⠢⢄    ⢀⣀⠤⣀⡆       ⢠⠃⢱        ⢠⢆",
        " 0.5 ┤   ⢱   ⢠⠃    ⢸ ⠑⠤⠒⠊⠁ · ⠑⠢⢄    ⣀⣀⠤⢄⡀      ⢠⠃⠈⢆   ·",
        "     │    ⢇  ⡎      ⢇   ⡰⠁    ⢣ ⠉⠒⠉⠉⡜   ⠈⠉⠒⠤⠤⠒⠒⠒⠉⠉⠒⠢⢄⣀",
        "     │    ⠘⡄⡜       ⠸⡀ ⢠⠃     ⠘⡄   ⡸     ⠘⡄  ⢠⠃    ⠸⡀ ⠉ test",
        "     │     ⠱⠁        ⢣⢀⠎       ⢱  ⢠⠃      ⢱ ⢠⠃      ⠱⡀",
        "     │               ⠘⡜         ⢇⢀⠎        ⢣⠃        ⢣",
        " 0.0 ┤                     ·    ⠘⡜                    ⢣",
        "     └┬────────────────────┬──────────────────────────┬",
        "      1                    5                          10",
    ]


def test_a_band_lies_behind_its_mean() -> None:
    mean = [0.5, 0.6, 0.7, 0.75, 0.78]
    low, high = [0.3, 0.45, 0.6, 0.7, 0.75], [0.7, 0.75, 0.8, 0.8, 0.8]
    plot = Plot((Series("mse ×5", [1, 2, 3, 4, 5], mean, band=(low, high)),), x_range=(1, 5))
    assert picture(plot, ViewState(), 60, 14).split("\n") == [
        "━━━ mse ×5",
        " 0.8 ┤           ·  ⣀⣀⣠⣤⣤⣴⣶⣶⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣀⣀⣀⣀⣀⣀⠤⠤⠤ mse ×5",
        "     │   ⣀⣀⣀⣤⣤⣴⣶⣶⣾⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣀⣀⡠⠤⠤⠒⠒⠉⠉⠉⠉⣿⣿⣿⠿⠿⠟⠛⠛⠉",
        "     │⣾⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣀⡠⠤⠒⠒⠉⠉⣿⣿⣿⣿⣿⡿⠿⠛⠋⠉⠉",
        "     │⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣀⡠⠤⠒⠊⠉⣿⣿⣿⣿⣿⣿⣿⠿⠟⠛⠉",
        " 0.6 ┤⣿⣿⣿⣿⣿⣿⣿⣿⢀⣀⠤⠒⠊⠉⣿⣿⣿⣿⣿⣿⣿⣿⡿⠛⠋⠉         ·          ·",
        "     │⣿⣿⣿⢀⡠⠤⠒⠊⠁⣿⣿⣿⣿⣿⣿⣿⣿⣿⡿⠟⠋⠁",
        "     │⠤⠒⠉⠁⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⠿⠛⠉",
        "     │⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⡿⠟⠋",
        " 0.4 ┤⣿⣿⣿⣿⣿⣿⣿⣿⠿⠋⠁·                       ·          ·",
        "     │⣿⣿⣿⣿⡿⠛⠉",
        "     │⡿⠟⠋⠁",
        "     └┬──────────┬───────────────────────┬──────────┬",
        "      1          2                       4          5 epoch",
    ]


def test_the_best_epoch_has_a_star() -> None:
    plot = Plot((Series("test", [1, 2, 3, 4, 5], [0.9, 0.5, 0.3, 0.4, 0.6], best=2),), x_range=(1, 5))
    assert picture(plot, ViewState(), 60, 10).split("\n") == [
        "━━━ test",
        "     │⠑⠤⡀",
        " 0.8 ┤  ⠈⠒⢄       ·           ·           ·           ·",
        "     │     ⠉⠢⣀",
        " 0.6 ┤        ⠑⠤⡀ ·           ·           ·         ⢀⣀⠤ test",
        "     │          ⠈⠑⠤⣀⡀                          ⢀⡠⠤⠒⠊⠁",
        " 0.4 ┤            · ⠈⠑⠒⠤⢄⣀    ·          ⣀⣀⡠⠔⠒⠉⠁      ·",
        "     │                    ⠉⠑⠢⠤★⣀⠤⠤⠤⠒⠒⠒⠉⠉⠉",
        "     └┬───────────┬───────────┬───────────┬───────────┬",
        "      1           2           3           4           5",
    ]


def test_the_crosshair_reads_every_value_out() -> None:
    bce = Series("bce", [1, 2, 3, 4], [0.51234567, 0.6, 0.7, 0.71])
    hinge = Series("hinge", [1, 2, 3], [0.4, 0.55, 0.56], slot=1)
    plot = Plot((bce, hinge), x_range=(1, 4), y_label="accuracy")
    assert picture(plot, ViewState(crosshair=4), 60, 12).split("\n") == [
        "accuracy   epoch 4      ━●━ bce 0.71",
        "━▲━ hinge -",
        "     │                                             │",
        "     │                        ⢀●⡠⠤⠒⠒⠉⠉⠉⠉⠉●⠉⠉⠉⠉⠉⠉⠉⠉⠉● ● bce",
        "     │                  ⣀⡠⠤⠔⠒⠉⠁                    │",
        " 0.6 ┤          ⢀⣀⡠⠤⠔●⠉⠉            ·              │",
        "     │   ⣀⣀●⠤⠒⠊⠉⠁  ⢀⡠⠤⠤⠤⠤⠤▲⠤⠤⠒⠒⠒⠒⠒⠒⠒▲ ▲ hinge      │",
        "     │⠒⠉⠉      ⣀▲⠒⠊⠁                               │",
        "     │    ⢀⡠⠔⠊⠉                                    │",
        " 0.4 ┤▲⠤⠒⠉⠁          ·              ·              │",
        "     └┬──────────────┬──────────────┬──────────────┬",
        "      1              2              3              4 epoch",
    ]


def test_a_zoomed_view_cuts_curves_at_its_edges() -> None:
    plot = Plot((Series("test", [1, 11, 21, 31], [1.0, 0.0, 1.0, 0.0]),), x_range=(1, 31))
    assert picture(plot, ViewState(window=(6.0, 16.0)), 50, 10).split("\n") == [
        "━━━ test                                 zoom 6-16",
        " 0.5 ┤⠑⠢⣀            ·                  · ⢀⠔⠊",
        "     │   ⠑⠤⡀                           ⢀⠤⠊⠁",
        "     │     ⠈⠑⠤⡀                     ⢀⡠⠒⠁",
        "     │        ⠈⠑⢄⡀                ⡠⠔⠁",
        "     │           ⠈⠒⢄⡀          ⡠⠔⠉",
        "     │              ⠈⠒⢄     ⣀⠔⠊",
        " 0.0 ┤               · ⠉⠢⢄⠤⠊            ·",
        "     └┬──────────────┬──────────────────┬────",
        "      6              10                 15   epoch",
    ]


def test_seven_runs_are_told_apart_by_their_markers() -> None:
    names = ["mse", "mae", "msle", "bce", "hinge", "cce", "kld"]
    series = [
        Series(name, [1, 2, 3, 4], [0.5 + 0.04 * at, 0.6 + 0.05 * at, 0.62 + 0.05 * at, 0.63 + 0.05 * at], slot=at)
        for at, name in enumerate(names)
    ]
    plot = Plot(series, x_range=(1, 4), y_label="test accuracy", ceiling=1.0)
    assert picture(plot, ViewState(), 90, 20).split("\n") == [
        "test accuracy   ━●━ mse   ━▲━ mae   ━■━ msle   ━◆━ bce   ━▼━ hinge   ━✚━ cce   ━◉━ kld",
        "     │                                                          ⢀⣀⣀⣀⣀⣀⣀⣀◉⣀⣀⣀ ◉ kld 0.930",
        "     │                       ⣀⣀⣀⣀⠤⠤⠤⠤⠤⠤⠤⠤⠒⠒⠒◉⠒⠒⠒⠒⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠁",
        "     │                   ⣀⠤⠒⠉                             ⢀⣀⣀⣀⣀⣀⣀⣀⣀⣀✚⣀⠤⠤⠤⠤⠤⠤ ✚ cce 0.880",
        "     │               ⣀⠤⠒⠉   ⢀⣀⣀⣀⣀⠤⠤⠤⠤⠤⠤⠤✚⠒⠒⠒⠒⠒⠒⠒⠒⠉⠉⠉⠉⠉⠉⠉⠉⠉⠁",
        "     │           ⢀⠤⠒⠉   ⢀⡠⠔⠊⠁                    ⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀▼⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤ ▼ hinge 0.830",
        " 0.8 ┤       ⢀⡠⠔◉⠁  ⢀⡠⠔⠊⠁  ⢀⡠⠤⠤⠤⠤⠒⠒⠒▼⠒⠒⠒⠒⠉⠉⠉⠉⠉⠉⠉⠉   ·                      ·",
        "     │   ⢀⡠⠔⠊⠁  ⣀⠤⠔⠊⠁  ⣀⡠⠔⠊⠁                     ⣀⣀⣀⣀⣀⣀⣀⣀⣀⡠⠤◆⠤⠤⠤⠤⠤⠤⠤⠤⠤⠒⠒⠒⠒⠒⠒ ◆ bce 0.780",
        "     │⡠⠔⠊⠁  ✚⠤⠒⠉   ⣀⠤⠒⠉    ⢀⡠⠤⠤⠤◆⠒⠒⠒⠒⠒⠒⠒⠒⠉⠉⠉⠉⠉⠉⠉⠉",
        "     │  ⣀⠤⠒⠉  ⢀⡠⠔⠒⠉   ⢀⣀⠤⠒⠉⠁             ⣀⣀⣀⣀⣀⣀⣀⣀⠤⠤⠤⠤⠤⠤⠤■⠤⠤⠤⠤⠤⠤⠤⠔⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒ ■ msle 0.730",
        "     │⠒⠉  ⣀⠤⠔⠊⠁  ⢀⣀⠤⠒⠊⠁   ⣀⡠■⠒⠒⠒⠒⠉⠉⠉⠉⠉⠉⠉⠉",
        "     │⣀⠤▼⠉   ⣀⠤⠔⠊⠁   ⣀⠤⠔⠒⠉               ⣀⣀⣀⣀⣀⣀⣀⣀⠤⠤⠤▲⠤⠤⠤⠤⠤⠔⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠉⠉⠉⠉⠉⠉ ▲ mae 0.680",
        "     │  ⣀⡠⠔⠊⠉   ⣀⠤⠔⠊⠉    ⢀⣀⠤⠔⠒⠒⠒⠒⠉⠉⠉⠉⠉⠉⠉⠉",
        "     │⠒⠉  ⢀⣀⠤⠔⠊⠉    ⣀⡠⠤⠒▲⠁       ⣀⣀⣀⣀⣀⣀⣀⣀⠤⠤⠤⠤⠤⠤⠤●⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉ ● mse 0.630",
        " 0.6 ┤⣀⠤⠒⠊⠁   ⣀⡠⠤⠒⠊⠉    ⣀⡠⠤⠒⠊⠉⠉⠉⠉                   ·                      ·",
        "     │  ⢀⣀⠤⠔⠊⠉   ⢀⣀⡠●⠒⠊⠉",
        "     │⠒⠉⠁  ⢀⣀⠤⠔⠒⠉⠁",
        "     │⣀⠤⠔⠒⠉⠁",
        "     └┬──────────────────────┬──────────────────────┬──────────────────────┬",
        "      1                      2                      3                      4 epoch",
    ]


def test_ascii_needs_no_other_character() -> None:
    train = Series("train", [1, 2, 3, 4, 5], [0.7, 0.5, 0.4, 0.35, 0.33], line_style="dotted")
    test = Series("test ±", [1, 2, 3, 4, 5], [0.72, 0.56, 0.47, 0.44, 0.45], best=3)
    plot = Plot((train, test), x_range=(1, 5), y_label="Δ loss", note="10 – 20 × ≤ 5")
    assert picture(plot, ViewState(ascii=True), 60, 14).split("\n") == [
        "? loss   ... train   ooo test +-",
        "     |",
        "     |oo",
        "     |  oooo",
        " 0.6 +      oooo .                      .          .",
        "     |         .oooo",
        "     |            . ooooooo",
        "     |               .  .  ooooooooooooo*ooooooooooo test +-",
        " 0.4 +           .         .  .  .      .          .",
        "     |                              .  .  .  .  .  . train",
        "     |",
        "     ++----------+----------------------+----------+",
        "      1          2                      4          5 epoch",
        "10 - 20 x <= 5",
    ]


# -- charts whose x counts nothing: ticks between whole numbers, and ends of curves without their values --------

FRACTIONS = [0.0, 0.25, 0.5, 0.75, 1.0]
SLOPE = Series("bce", FRACTIONS, [2.0, 1.5, 1.0, 0.5, 0.0])


def test_x_is_marked_in_fractions() -> None:
    plot = Plot((SLOPE,), (0.0, 1.0), "p", whole_x=False)
    assert picture(plot, ViewState(), 60, 8).split("\n") == [
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
    assert picture(plot, ViewState(), 40, 8).split("\n") == [
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
    assert picture(plot, ViewState(ascii=True), 40, 8).split("\n") == [
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
        paint(Plot((SLOPE,), (0.0, 1.0), last_values=v), ViewState(), 90, 10).text for v in (True, False)
    )
    assert "bce 0.000" in with_values
    assert "bce 0.000" not in without
    assert " bce" in without.split("\n", 1)[1]


def test_a_painter_notices_that_the_marks_are_others() -> None:
    painter = Painter()
    whole, fractions, plain = (
        painter.paint(Plot((SLOPE,), (0.0, 1.0), whole_x=w, last_values=v), ViewState(), 90, 8)
        for w, v in ((True, True), (False, True), (False, False))
    )
    assert "0.4" not in whole.rows[-1]
    assert "0.4" in fractions.rows[-1]
    assert plain != fractions
