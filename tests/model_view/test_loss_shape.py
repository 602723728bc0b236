"""The loss view as exact text: curves, density strips, what is said, and whatever weights and sizes come."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from lossterm.catalog import MENU_DATASETS, fitting_losses, pairings
from lossterm.catalog.own_loss import LossFile
from lossterm.chart.styles import slot_and_tone
from lossterm.config import RunConfig
from lossterm.model_view import Panel, loss_shape_frame
from lossterm.model_view.density_strip import density
from lossterm.model_view.loss_curve import loss_curve
from lossterm.model_view.loss_shape import within
from lossterm.runs.snapshots import Sample, Weights, weight_shapes

PAIRINGS = [(loss, dataset) for loss, dataset in pairings() if dataset in MENU_DATASETS]


def picture(panels: list[Panel], width: int, height: int, ascii: bool = False) -> list[str]:  # noqa: A002
    """The frame's rows with the blanks at their ends taken off, once its size is what was asked for."""
    frame = loss_shape_frame(panels, width, height, ascii)
    assert (frame.width, frame.height) == (width, height)
    assert [len(row) for row in frame.rows] == [len(row) for row in frame.style_rows] == [width] * height
    return [row.rstrip() for row in frame.rows]


def untrained(loss: str, dataset: str, slot: int = 0, **more: object) -> Panel:
    return Panel(f"#{slot + 1} {loss}", RunConfig.of(loss, dataset=dataset, hidden_units=4), slot, **more)  # type: ignore[arg-type]


def blind(of: Panel, targets: list[float], bias: float = 0.0) -> Panel:
    """A network of zeros but for the output layer's bias, so that every row gets the same output; one target a row."""
    *shapes, (units,) = weight_shapes(of.config)
    zeros = [np.zeros(shape, np.float32) for shape in shapes]
    features = shapes[0][0]
    x, y = np.zeros((len(targets), features), np.float32), np.array(targets, np.float32)[:, None]
    nothing = Sample(x, y, x[:0], y[:0])
    return replace(of, epoch=3, weights=Weights.of([*zeros, np.full(units, bias, np.float32)]), sample=nothing)


def seeing(of: Panel, logits: list[float], targets: list[float]) -> Panel:
    """A network of one unit whose row `n` gets logit `logits[n]`: the first feature, split by the sign."""
    kernel, hidden_bias, out, bias = (np.zeros(shape, np.float32) for shape in weight_shapes(of.config))
    kernel[0, :2], out[:2, 0] = (1, -1), (1, -1)
    x = np.zeros((len(logits), len(kernel)), np.float32)
    x[:, 0] = logits
    y = np.array(targets, np.float32)[:, None]
    weights = Weights.of([kernel, hidden_bias, out, bias])
    return replace(of, epoch=3, weights=weights, sample=Sample(x, y, x[:0], y[:0]))


SPREAD = [-2.0, -1.0, -1.0, -0.5, -0.5, -0.5, 0.0, 0.0, 0.0, 0.0, 0.5, 0.5, 0.5, 1.0, 1.0, 2.0]


def test_mse_on_regression_with_outliers_counted_at_the_edge() -> None:
    assert picture([blind(untrained("mse", "regression"), [*SPREAD, 10, 11, 12, -4])], 60, 16) == [
        "loss by error   ━━━ mse   ┅┅┅ gradient",
        "   5 ┤    ⠈⠢⡀ ·               ·               · ⢀⠔⠁⠠ ⠄⠈ mse'",
        "     │      ⠈⠣⢄                              ⢀⡠⠜⠑ ⠁ mse",
        "     │         ⠑⠢⡀                       ⠠⠐⢀⠖⠊",
        "     │           ⠈⠑⠢⢄⡀             ⢀ ⠄⠐⢀⡡⠔⠊⠁",
        "     │               ⠈⠑⠒⠢⠤⣀⣀⣀⣀⡀⣀⣠⣀⣂⠤⠔⠒⠊⠁",
        "   0 ┤        ·           ⢀ ⠂⠈⠈               ·",
        "     │                ⠄⠐ ⠁",
        "     │          ⢀ ⠄⠂⠈",
        "     │      ⠄⠐ ⠁",
        "  −5 ┤⡀⠠ ⠂⠈   ·               ·               ·",
        "     └────────┬───────────────┬───────────────┬────────",
        "              −2              0               2        error",
        "  mse ‹ 3     ▄       ▆   ▇   █   ▇   ▆       ▄     1 ›",
        "mse: the gradient grows with the error: one outlier pulls",
        "  like many rows",
    ]


def test_the_same_in_ascii() -> None:
    assert picture([blind(untrained("mse", "regression"), [*SPREAD, 10, 11, 12, -4])], 60, 16, ascii=True) == [
        "loss by error   ooo mse   ... gradient",
        "     |    oo                                     oo  .  mse'",
        "   5 +      ooo               .               ooo . mse",
        "     |         ooo                       . ooo",
        "     |            oooo             .  .oooo",
        "     |                ooooooooooooooooo",
        "   0 +        .            .  o               .",
        "     |               .  .",
        "     |         .  .",
        "  -5 +   .  . .               .               .",
        "     |.",
        "     +--------+---------------+---------------+--------",
        "              -2              0               2        error",
        "  mse < 3     =       *   #   @   #   *       =     1 >",
        "mse: the gradient grows with the error: one outlier pulls",
        "  like many rows",
    ]


def test_msle_is_flat_where_outputs_are_negative() -> None:
    assert picture([untrained("msle", "regression", message="press enter to train")], 60, 16) == [
        "loss by error, at target 1   ━━━ msle   ┅┅┅ gradient",
        "   1 ┤        ·               ·              ·      ⢀⣀ msle",
        "     │                                        ⢀⣀⡠⠔⠒⠊⠁",
        "     │⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠑⡄              ⢀ ⣀⣀⡠⠔⠲⠊⠅⠠ ⠄⠠ ⠄⠠ msle'",
        "     │                 ⠈⠑⠢⢄⣀⡀  ⣀⣐⣀⡢⠬⠤⠕⠚⠉⠁",
        "   0 ┤⠁⠈ ⠁⠈ ⠁⠈·⠁⠈ ⠁⠈ ⠁⠂     ⠌⠉⠉⠁             ·",
        "     │                ⡁   ⠄⠁",
        "     │                ⠄ ⡀⠁",
        "  −1 ┤        ·       ⠂⠄      ·              ·",
        "     │                ⡑",
        "     │                ⠁",
        "     └────────┬───────────────┬──────────────┬────────",
        "              −2              0              2         error",
        " msle               press enter to train",
        "msle: flat where the output is negative: those rows teach",
        "  nothing",
    ]


def test_three_losses_on_regression_lie_over_one_another() -> None:
    assert picture(
        [untrained(name, "regression", slot) for slot, name in enumerate(("mse", "mae", "msle"))], 80, 20
    ) == [
        "loss by error, at target 1   ━●━ mse   ━▲━ mae   ━■━ msle   ┅┅┅ gradients",
        "     │      ●⢆⡀                                                ⢀⡰⠊ ⡀⠠ ⠂⠈ ● mse'",
        "   5 ┤        ⠈⠑⢄⡀                     ·                    ●⣠⠪⠁⠂⠈ ● mse",
        "     │⣀⣀⡀        ⠈⠣⢄⡀                                 ⢀ ⠄⢐⡨⠜●        ⢀⣀⣀ ▲ mae",
        "     │  ⠈⠉⠉⠑⠒⠒⠢⠤▲⢄⣀⣀⡈⠑⠢⢄●                       ● ⠄⠐ ⢁⡠⠔⠊⢁⣀⣀⡠⠤⠤⠔▲⠒⠊⠉⠉⠁  ▲ mae'",
        "     │              ⠈⠉⠉⠑⠚⠛⠳⠦▲⣄⣀⣀⡀      ⠠▲⠄⢠ ⠄⢰⣀⣅●⡤⠴⠾▲⠗⠪⠉⠍⠡ ⠄⠠ ⠄⢠▲⣄⣠⣀■⣠⣀⡠ ■ msle",
        "   0 ┤⠍⠩■⠍⠩⠉⠍⠩⠉⠍⠩⠉⠍⠩■⠍⠩⠉⠍⠩⠉⠍⡉⠑⠚⠛■⢛⠛⠟●⠒⢖⠕▲⠓⠛⠛■⠛⠛⠓⠒⠒⠒⠚⠒⠓⠊⠉■⠉⠉⠉⠉⠉⠉⠉ ⠁⠈ ■⠈ ⠁ ■ msle'",
        "     │⠂⠐ ⠂⠐ ⠂⠐ ⠂▲ ⠂⠐ ⠂⠐ ⠂⠐ ⠂▲⠐⢂⠑⠄⠒⠐⠁⠂⠐",
        "     │                  ● ⠄⠐ ⠁",
        "     │             ⡀⠄⠐ ⠁",
        "  −5 ┤      ●⠠ ⠂⠁⠈                     ·                    ·",
        "     │⡀⠠ ⠂⠈",
        "     └───────────┬─────────────────────┬────────────────────┬───────────",
        "                 −2                    0                    2            error",
        "  mse",
        "  mae",
        " msle",
        "mse: the gradient grows with the error: one outlier pulls like many rows",
        "mae: the gradient is −1 or +1: a far-off row pulls no harder than any other",
        "msle: flat where the output is negative: those rows teach nothing",
    ]


def test_bce_and_hinge_are_brought_to_one_range() -> None:
    assert picture(
        [
            seeing(untrained("bce", "circles"), [-2.0, -1.0, 0.0, 1.0, 2.0, 2.0], [1, 1, 1, 1, 1, 0]),
            seeing(untrained("hinge", "circles", 1), [-2.0, -1.0, 0.0, 1.0, 2.0, 2.0], [1, 1, 1, 1, 1, -1]),
        ],
        80,
        20,
    ) == [
        "loss by p of the true class; tanh as (m + 1) / 2   ━●━ bce   ━▲━ hinge",
        "┅┅┅ gradients",
        "   4 ┤ ⠱⡀          ·            ·           ·            ·            ·",
        "     │  ⠈⠢⡄",
        "   2 ┤▲⣀⣀⣀⡈●⠒⠦⢄⣀⡀  ·            ·           ·            ·            ·",
        "     │    ⠈⠉⠉⠉⠉⠉▲⠛⠓⠒⠲●⠦⢤⣤⣤▲⡤⢄⣀⣀⣀⣀⣀⡀",
        "     │                     ⠈⠉⠉⠉●⠒⠒⠚⠛▲⠭⠭⠭⠵●⠶⢖⣒⣒▲⣤⣤⣤⡤⠤⣀⣀⣀⣀▲⣀              ● bce",
        "   0 ┤             ·            ·           ·     ⠈●⠉⠉⠉⠉⠉⠉⠉⠙⠛●⠛⠛⠛⠒▲⠒⠒⠒⠶ ▲ hinge",
        "     │▲⢀ ⡀⢀ ⡀⢀ ⡀▲ ⡀⢀ ⡀⢀ ⡀⢀▲⡀⢀ ⡀⢀ ⡀⢀ ▲⢀ ⡀⢀ ⡀⢀ ⡀▲ ⡀⢀ ⡀⢀ ⡀⢀▲⡀⢀ ⡀⢀ ⡀⢀⢀▲⣀⢀⡀⡀ ● bce'",
        "     │                                   ● ⡀⠠ ⠄⠠ ⠄⠐●⠂⠐ ⠂⠈ ⠁⠈ ●⠈ ⠁      ▲ hinge'",
        "  −2 ┤             ·           ●⢀ ⠄⠐ ⠂⠈ ⠁   ·            ·            ·",
        "     │                    ⠠ ⠂⠐",
        "  −4 ┤             ·  ⡀⠠ ⠁      ·           ·            ·            ·",
        "     └┬────────────┬────────────┬───────────┬────────────┬────────────┬",
        "     0.0          0.2          0.4         0.6          0.8          1.0 p",
        "  bce        █         ▆              ▆              ▆         ▆",
        "hinge  █     ▆                        ▆                        ▆     ▆",
        "bce: the surer and wrong, the steeper: like 1/p, without bound",
        "hinge: one slope up to a margin of 1, flat beyond: a tanh head never quite gets",
        "  there",
    ]


def test_hinge_alone_is_drawn_over_the_margin_in_ascii() -> None:
    assert picture(
        [seeing(untrained("hinge", "circles"), [-1.0, 0.25, 2.0, 3.0], [1, 1, 1, 1])], 60, 14, ascii=True
    ) == [
        "loss by margin, target x output   ooo hinge   ... gradient",
        "   2 +oooooo                 .                      .",
        "     |      oooooooooo",
        "     |                oooooooooo",
        "     |                         oooooooooo",
        "     |                                   oooooooooo",
        "   0 +                       .                     oo hinge",
        "     |",
        "     |.  .  .  .  .  .  .  .  .  .  .  .  .  .  .  . hinge'",
        "     ++----------------------+----------------------+",
        "      -1                     0                      1 margin",
        "hinge      *                       *                @",
        "hinge: one slope up to a margin of 1, flat beyond: a tanh",
        "  head never quite gets there",
    ]


def test_a_small_pane_shows_the_curve_alone() -> None:
    assert picture([blind(untrained("mse", "regression"), SPREAD)], 30, 8) == [
        "loss by error   ━━━ mse",
        "   5 ┤  ⠑⠢⡀       ·      ⢀⡰⠎⠐",
        "     │    ⠈⠢⢄⡀       ⡀⢠⡠⠖⠁",
        "   0 ┤    ·  ⠈⠑⠒⠲⠒⠔⠚⠒⠊⠁  ·",
        "     │      ⠄⠐ ⠁",
        "  −5 ┤⡀⠠ ⠂⠈       ·      ·",
        "     └────┬───────┬──────┬────",
        "          −2      0      2",
    ]


# -- what is shown, and what is said --------------------------------------------------------------------------


def test_each_loss_is_drawn_once_in_its_first_runs_colour_and_runs_are_told_apart_by_number() -> None:
    first, second = (blind(untrained("mse", "regression", slot), SPREAD, bias) for slot, bias in ((2, 0.0), (5, 0.5)))
    rows = picture([first, second], 60, 16)
    assert rows[0] == "loss by error   ━━━ mse   ┅┅┅ gradient"
    assert [row.split()[0] for row in rows[-4:-2]] == ["#3", "#6"]
    style_ids = {
        slot_and_tone(style_id)
        for row in loss_shape_frame([first, second], 60, 16).style_rows[1:10]
        for style_id in row
    }
    assert {found[0] for found in style_ids if found} == {2}


def test_runs_on_other_data_are_left_out_and_it_is_said() -> None:
    panels = [untrained("bce", "circles"), untrained("cce", "blobs", 1), untrained("hinge", "blobs", 2)]
    rows = picture(panels, 70, 18)
    assert "2 runs are on other data and not shown" in rows
    assert "cce" not in rows[0]
    assert "1 run is on other data and not shown" in picture(panels[:2], 70, 18)


def test_the_curves_hold_still_while_the_weights_change() -> None:
    before, after = (picture([blind(untrained("mse", "regression"), SPREAD, bias)], 60, 16) for bias in (0.0, 50.0))
    changed = [row for row, (one, other) in enumerate(zip(before, after, strict=True)) if one != other]
    assert changed == [13]
    assert picture([untrained("mse", "regression", message="waits")], 60, 16)[:13] == before[:13]


def test_a_bias_moves_the_density_strip() -> None:
    of = untrained("mae", "regression")
    assert " 1 ›" in picture([blind(of, [-2.0, 0.0, 0.0], 2.0)], 60, 16)[13]
    assert "‹ 2" in picture([blind(of, [-2.0, 0.0, 0.0], -4.0)], 60, 16)[13]


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), -float("inf"), 3e38])
def test_weights_that_are_not_numbers_neither_raise_nor_warn(weight: float) -> None:
    for loss, dataset in PAIRINGS:
        of = untrained(loss.short, dataset.name)
        shapes = weight_shapes(of.config)
        features, units = shapes[0][0], shapes[-1][0]
        x, y = np.ones((3, features), np.float32), np.eye(3, units, dtype=np.float32)
        panel = replace(
            of, weights=Weights.of([np.full(shape, weight, np.float32) for shape in shapes]), sample=Sample(x, y, x, y)
        )
        assert any(row.startswith("     └") for row in picture([panel], 60, 16))


def test_rows_that_are_infinitely_far_off_are_counted() -> None:
    panel = blind(untrained("mse", "regression"), SPREAD, float("inf"))
    assert " 16 ›" in picture([panel], 60, 16)[13]


@pytest.mark.parametrize("ascii", [False, True])
def test_any_size_will_do(ascii: bool) -> None:  # noqa: A002
    panels = [
        blind(untrained("mse", "regression"), [*SPREAD, 9.0]),
        untrained("mae", "regression", 1, message="no snapshots of this run"),
        untrained("bce", "circles", 2),
    ]
    for width in (0, 1, 2, 5, 9, 14, 23, 24, 31, 49, 50, 80, 131):
        for height in (*range(14), 20, 43):
            text = "".join(picture(panels, width, height, ascii))
            assert text.isascii() or not ascii
    assert picture([], 10, 2) == ["", ""]


def test_every_pairing_and_all_losses_of_a_dataset_have_a_picture() -> None:
    for loss, dataset in PAIRINGS:
        rows = picture([untrained(loss.short, dataset.name)], 70, 18)
        assert f"━━━ {loss.short}   ┅┅┅ gradient" in rows[0]
        assert any(row.startswith(f"{loss.short}: ") for row in rows)
    for dataset in MENU_DATASETS:
        losses = fitting_losses(dataset)
        header = " ".join(
            picture([untrained(loss.short, dataset.name, n) for n, loss in enumerate(losses)], 100, 30)[:3]
        )
        assert [loss.short for loss in losses if f"━ {loss.short}" not in header] == []


def test_one_loss_with_two_parameters_is_two_curves_with_strips_told_apart() -> None:
    configs = [RunConfig.of(f"huber:delta={delta}", hidden_units=4) for delta in (0.5, 2)]
    panels = [Panel(f"#{number} huber", config, number) for number, config in enumerate(configs, start=1)]
    rows = picture(panels, 70, 16)
    assert "huber:delta=0.5" in rows[0]
    assert "huber:delta=2" in rows[0]
    assert [row.split()[0] for row in rows[-3:-1]] == ["#1", "#2"]


def test_a_loss_with_a_height_of_its_own_is_drawn_up_to_it() -> None:
    rows = picture([untrained("mape", "regression")], 70, 16)
    assert any(row.startswith(" 200 ┤") for row in rows)


def test_a_frame_after_the_first_is_fast() -> None:
    panels = [blind(untrained(name, "regression", n), SPREAD) for n, name in enumerate(("mse", "mae", "msle"))]
    loss_shape_frame(panels, 100, 30)
    took = []
    for _ in range(20):
        start = time.perf_counter()
        loss_shape_frame(panels, 100, 30)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.005


# -- the parts ------------------------------------------------------------------------------------------------


def test_a_curve_leaves_the_picture_where_it_crosses_the_cap() -> None:
    xs = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
    inside = within(xs, np.array([4.0, 1.0, 0.0, -1.0, -5.0]), 2.0)
    np.testing.assert_allclose(inside[0], [2 / 3, 1.0, 2.0, 3.0, 3.25])
    np.testing.assert_allclose(inside[1], [2.0, 1.0, 0.0, -1.0, -2.0])
    np.testing.assert_array_equal(within(xs, np.ones(5), 2.0)[0], xs)
    assert len(within(xs, np.full(5, 9.0), 2.0)[0]) == 0


def test_no_more_than_one_piece_of_a_curve_is_within_the_cap() -> None:
    for loss, dataset in PAIRINGS:
        curve = loss_curve(loss, dataset, 601)
        for ys in (curve.value, curve.slope):
            inside = np.abs(ys) <= (6.0 if not dataset.task.has_classes else 4.0)
            assert np.count_nonzero(np.diff(inside.astype(int)) == -1) + inside[-1] == 1


def test_density_is_of_the_rows_inside_alone_in_steps_of_the_root() -> None:
    at = np.array([-9.0, 0.0, 0.25, 0.25, 0.25, 0.25, 1.0, 9.0])
    assert density(at, 0.0, 1.0, 4, 9) == [4, 8, 0, 4]
    assert density(np.array([]), 0.0, 1.0, 3, 9) == [0, 0, 0]
    assert density(at, 0.0, 1.0, 0, 9) == []


def test_an_own_loss_that_was_never_computed_is_drawn_as_nothing() -> None:
    own = RunConfig.of("losses.py:mine", loss_file=LossFile("/losses.py", "a" * 64))
    alone = loss_shape_frame([Panel("#1 mine", own)], 60, 16)
    assert "mine@aaaa" in alone.rows[0]
    beside = loss_shape_frame([Panel("#1 mine", own), Panel("#2 mse", RunConfig.of("mse"), 1)], 60, 16)
    assert "mine@aaaa" in beside.rows[0]
    assert any("\u2801" <= cell <= "\u28ff" for row in beside.rows[1:] for cell in row)
