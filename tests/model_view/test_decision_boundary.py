"""The decision boundary as exact pictures, cell by cell, and that no size and no weights break it."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossterm.config import RunConfig
from lossterm.model_view import Panel, decision_boundary_frame
from lossterm.model_view.decision_boundary import cell_centres
from lossterm.model_view.styles import LEVELS, halves_of, point_of
from lossterm.runs.snapshots import Sample, Weights

TRAINED = np.load(Path(__file__).with_name("trained.npz"))
WEIGHTS = ("kernel_0", "bias_0", "kernel_1", "bias_1")


def trained(short: str, title: str = "", rows: int = 60, **more: Any) -> Panel:
    weights = Weights.of([TRAINED[f"{short}_{name}"] for name in WEIGHTS])
    sample = Sample(*(TRAINED[f"{short}_{name}"][:rows] for name in Sample.__dataclass_fields__))
    return Panel(title or f"#1 {short}", RunConfig.of(short), 3, 50, weights, sample, **more)


def without_rows(panel: Panel) -> Panel:
    """The same plane with one row of data at its edges only, for the range."""
    sample = panel.sample
    assert sample is not None
    every = np.concatenate([sample.train_x, sample.test_x])
    ends = np.array([every.min(axis=0), every.max(axis=0)])
    only = Sample(ends, sample.train_y[:2], ends[:0], sample.test_y[:0])
    return Panel(panel.title, panel.config, panel.slot, panel.epoch, panel.weights, only)


def classes(panel: Panel, width: int, height: int) -> list[str]:
    """The class of every half cell as a digit, `*` where a row of data lies, read from the style_ids."""
    frame = decision_boundary_frame([panel], width, height)
    lines = []
    for style_ids in frame.style_rows[1:]:
        halves = [halves_of(style_id) for style_id in style_ids]
        lines += ["".join("*" if p is None else str(p[half] // LEVELS) for p in halves) for half in (0, 1)]
    return lines


def text(panels: list[Panel], width: int, height: int, **how: bool) -> list[str]:
    frame = decision_boundary_frame(panels, width, height, **how)
    assert [len(row) for row in frame.rows] == [width] * height
    return [row.rstrip() for row in frame.rows]


def test_circles_are_a_ring_around_a_disc() -> None:
    assert classes(without_rows(trained("bce")), 24, 9) == [
        "0000000000000000000*0000",
        "0000000000000000000*0000",
        "000000000111110000000000",
        "000000001111111100000000",
        "000000011111111110000000",
        "000000011111111110000000",
        "000000011111111111000000",
        "000000111111111111000000",
        "000000011111111110000000",
        "000000011111111110000000",
        "000000011111111110000000",
        "000000001111111100000000",
        "000000000011110000000000",
        "000000000000000000000000",
        "0000*0000000000000000000",
        "0000*0000000000000000000",
    ]


def test_blobs_are_three_regions() -> None:
    assert classes(without_rows(trained("cce")), 24, 9) == [
        "2222222222111111*1111111",
        "2222222222111111*1111111",
        "222222222221111111111111",
        "222222222221111111111111",
        "222222222222111111111111",
        "222222222222111111111111",
        "222222222222111111111111",
        "222222222222111111111111",
        "222222222000001111111111",
        "222200000000000011111111",
        "220000000000000000111111",
        "000000000000000000001111",
        "000000000000000000000011",
        "000000000000000000000000",
        "0000000*0000000000000000",
        "0000000*0000000000000000",
    ]


def test_circles_in_ascii_with_rows_of_the_data() -> None:
    assert text([trained("bce")], 36, 18, ascii=True) == [
        "#1 bce / epoch 50",
        "",
        "                ox O  Xo",
        "          o .-=====X==-.O",
        "         .-==xx==========X",
        "        O=X===============XX    o",
        "      O.=o==X===============-",
        "       -X==================xX.",
        "      .=X===================x. O",
        "      .-=X==================-",
        "       .O================X==.",
        "    o   O-=================. o",
        "        o -xo==========xx-. O",
        "          O .o--===x--..o  o",
        "",
        "             O",
        "",
        "Oo class 0  Xx class 1",
    ]


def test_blobs_in_ascii_with_rows_of_the_data() -> None:
    assert text([trained("cce")], 36, 18, ascii=True) == [
        "#1 cce / epoch 50",
        "############+-==========x===========",
        "##############+=====================",
        "############Z#+X-===X===============",
        "##############++-X==x===x===========",
        "#########x#####+x-XXX===============",
        "############ZzzZzXzX=x==============",
        "##########Zz####zZ--===z============",
        "###############++X--================",
        "######+++++Z.. o    ..--============",
        "+++...            o     ..--========",
        "             o   OO O        ..-====",
        "            o  O   O             ..-",
        "",
        "                O",
        "",
        "",
        "Oo class 0  Xx class 1  Zz class 2",
    ]


def test_without_colours_classes_are_told_apart_by_texture() -> None:
    assert text([trained("cce")], 36, 12, textured=True) == [
        "#1 cce · epoch 50",
        "███████████████░▒▒▒▒▒▒△▒▒▒▒▒▒▒▒▒▒▒▒▒",
        "██████████████■█▲▒▒▲▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒",
        "████████████████▓△■△▒▒△▒▒▒▒▒▒▒▒▒▒▒▒▒",
        "████████████△█■█■▲▲▲△▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒",
        "█████████████■███▓░▒▒□▒▒▒▒▒▒▒▒▒▒▒▒▒▒",
        "█████████▓▓▓··  ○ ○ ·░▒▒▒▒▒▒▒▒▒▒▒▒▒▒",
        "████▓··          ●●●     ·░▒▒▒▒▒▒▒▒▒",
        "··            ○              ░▒▒▒▒▒▒",
        "                                ·▒▒▒",
        "                                   ·",
        "●○ class 0  ▲△ class 1  ■□ class 2",
    ]


def test_two_runs_stand_side_by_side() -> None:
    assert text([trained("bce", "#1 bce"), trained("bce", "#2 hinge")], 41, 12, ascii=True) == [
        "#1 bce / epoch 50    #2 hinge / epoch 50",
        "",
        "       .--X.X               .--X.X",
        "     -=x======-           -=x======-",
        "   O==X=======X=.       O==X=======X=.",
        "   .X==========x-       .X==========x-",
        "   .============.       .============.",
        "    o==========.o        o==========.o",
        "      x-===o-. o           x-===o-. o",
        "       O                    O",
        "       O                    O",
        "Oo class 0  Xx class 1  O train o test",
    ]


def test_a_ring_is_one_class_inside_and_the_other_outside() -> None:
    panel = without_rows(trained("bce"))
    assert panel.sample is not None
    grid = np.array([[int(cell) if cell != "*" else 0 for cell in line] for line in classes(panel, 60, 31)])
    radius = np.linalg.norm(cell_centres(panel.sample, 60, 30), axis=-1)
    assert (grid[radius < 0.6] == 1).all()
    assert (grid[radius > 1.2] == 0).all()


def test_half_cells_are_squares_and_rows_of_data_lie_on_their_own_cells() -> None:
    panel = trained("cce")
    assert panel.sample is not None
    centres = cell_centres(panel.sample, 40, 20)
    assert centres.shape == (40, 40, 2)
    across, down = centres[0, 1] - centres[0, 0], centres[0, 0] - centres[1, 0]
    assert across[0] == pytest.approx(down[1], rel=1e-4)
    frame = decision_boundary_frame([panel], 40, 22)
    ones = [
        (row, column, found[0])
        for row, style_ids in enumerate(frame.style_rows[1:21])
        for column, style_id in enumerate(style_ids)
        if (found := point_of(style_id)) is not None
    ]
    assert len(ones) > 20
    x = np.concatenate([panel.sample.train_x, panel.sample.test_x])
    y = np.concatenate([panel.sample.train_y, panel.sample.test_y]).argmax(axis=1)
    for row, column, number in ones:
        middle = centres[2 * row : 2 * row + 2, column].mean(axis=0)
        near = np.abs(x - middle) <= np.array([across[0] / 2, across[0]]) + 1e-3
        assert number in y[near.all(axis=1)]


def test_the_plane_holds_still_whatever_the_weights() -> None:
    panel = trained("bce")
    assert panel.weights is not None
    other = Weights.of([array * 0.1 for array in panel.weights.arrays])
    moved = Panel(panel.title, panel.config, panel.slot, 1, other, panel.sample)
    first, second = (decision_boundary_frame([one], 40, 20) for one in (panel, moved))

    def rows_of_data(frame: Any) -> list[tuple[int, int]]:
        return [(y, x) for y, row in enumerate(frame.rows[1:19]) for x, char in enumerate(row) if char in "●○▲△"]

    assert rows_of_data(first) == rows_of_data(second)


def test_a_surer_network_has_stronger_shades() -> None:
    panel = without_rows(trained("bce"))
    assert panel.weights is not None
    weak = Weights.of([array * 0.2 for array in panel.weights.arrays])

    def strength(weights: Weights) -> float:
        frame = decision_boundary_frame([Panel("", panel.config, 0, 1, weights, panel.sample)], 30, 14)
        halves = [halves_of(style_id) for row in frame.style_rows[1:13] for style_id in row]
        return float(np.mean([half % LEVELS for pair in halves if pair is not None for half in pair]))

    assert strength(panel.weights) > strength(weak) + 1


def test_what_is_not_there_yet_is_said() -> None:
    waiting = Panel("#7 bce", RunConfig.of("bce"), message="waits for its first step")
    assert text([waiting], 30, 8) == ["#7 bce", "", "", "   waits for its first step", "", "", "", ""]


def test_a_run_that_diverged_has_no_boundary_and_nothing_warns() -> None:
    panel = trained("bce")
    assert panel.weights is not None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for bad in (np.nan, np.inf, 1e38):
            broken = Weights.of([np.full_like(array, bad) for array in panel.weights.arrays])
            frame = decision_boundary_frame([Panel("#1 bce", panel.config, 0, 9, broken, panel.sample)], 40, 12)
            assert len(frame.rows) == 12
        broken = Weights.of([np.full_like(array, np.nan) for array in panel.weights.arrays])
        assert (
            "not finite" in decision_boundary_frame([Panel("", panel.config, 0, 9, broken, panel.sample)], 40, 12).text
        )


def test_seven_share_the_picture_and_those_without_room_are_counted() -> None:
    panels = [trained("bce", f"#{number} bce") for number in range(1, 8)]
    whole = decision_boundary_frame(panels, 100, 40).text
    assert all(f"#{number} bce" in whole for number in range(1, 8))
    little = decision_boundary_frame(panels, 40, 14, ascii=True).text
    shown = sum(f"#{number} bce" in little for number in range(1, 8))
    assert 0 < shown < 7
    assert f"{7 - shown} more" in little


@settings(deadline=None, max_examples=60)
@given(
    width=st.integers(0, 90),
    height=st.integers(0, 45),
    count=st.integers(0, 7),
    ascii_only=st.booleans(),
    textured=st.booleans(),
)
def test_any_size_is_filled_exactly(width: int, height: int, count: int, ascii_only: bool, textured: bool) -> None:
    shorts = ["bce", "cce"]
    for short in shorts:
        panels = [trained(short)] * count
        frame = decision_boundary_frame(panels, width, height, ascii_only, textured)
        assert (frame.width, frame.height) == (width, height)
        assert [len(row) for row in frame.rows] == [width] * height
        if ascii_only:
            assert all(row.isascii() for row in frame.rows)


# -- cell by cell, against the network written out at the centre of each ------------------------------------

WIDTH, HEIGHT = 48, 22
BODY = HEIGHT - 2
"""Rows of cells between the title and the legend."""

FILLS = {"ascii": (". ", "-=", "+#"), "textured": ("· ", "░▒", "▓█")}


def panel_of(short: str, weights: Weights | None = None) -> Panel:
    weights = weights or Weights.of([TRAINED[f"{short}_{name}"] for name in WEIGHTS])
    sample = Sample(*(TRAINED[f"{short}_{name}"] for name in Sample.__dataclass_fields__))
    return Panel("", RunConfig.of(short), 0, 50, weights, sample)


def expected(of: Panel, halves: bool) -> tuple[Any, Any]:
    """The class at each centre, and where it is too near a tie for float32 to settle."""
    weights, sample = of.weights, of.sample
    assert weights is not None
    assert sample is not None
    centres = cell_centres(sample, WIDTH, BODY, halves).astype(float)
    (hidden_kernel, hidden_bias), (output_kernel, output_bias) = weights.layers
    hidden = np.maximum(np.einsum("yxf,fh->yxh", centres, hidden_kernel) + hidden_bias, 0)
    logits = np.einsum("yxh,hu->yxu", hidden, output_kernel) + output_bias
    if logits.shape[-1] == 1:
        return (logits[..., 0] > 0).astype(int), np.abs(logits[..., 0]) < 1e-4
    ordered = np.sort(logits, axis=-1)
    return logits.argmax(axis=-1), ordered[..., -1] - ordered[..., -2] < 1e-4


@pytest.mark.parametrize("short", ["bce", "cce"])
def test_half_blocks_show_the_class_at_each_half_cells_centre(short: str) -> None:
    of = panel_of(short)
    classes, close = expected(of, halves=True)
    frame = decision_boundary_frame([of], WIDTH, HEIGHT)
    compared = 0
    for y, style_ids in enumerate(frame.style_rows[1 : 1 + BODY]):
        for x, style_id in enumerate(style_ids):
            halves = halves_of(style_id)
            if halves is None:
                continue
            assert frame.rows[1 + y][x] == "▀"
            for half, shade in enumerate(halves):
                compared += 1
                assert close[2 * y + half, x] or shade // LEVELS == classes[2 * y + half, x], (x, y, half)
    assert compared > 0.85 * classes.size


@pytest.mark.parametrize("how", ["ascii", "textured"])
@pytest.mark.parametrize("short", ["bce", "cce"])
def test_characters_alone_show_the_class_at_each_cells_centre(short: str, how: str) -> None:
    of = panel_of(short)
    classes, close = expected(of, halves=False)
    frame = decision_boundary_frame([of], WIDTH, HEIGHT, **{how: True})
    of_char = {char: number for number, fill in enumerate(FILLS[how]) for char in fill}
    drawn = np.array([[of_char.get(char, -1) for char in row] for row in frame.rows[1 : 1 + BODY]])
    compared = (drawn >= 0) & ~close
    assert compared.mean() > 0.85
    np.testing.assert_array_equal(drawn[compared], classes[compared])


EDGE = float(np.finfo(np.float32).max) / 3e38 - 1


def overflowing(feature: int, sign: int) -> Panel:
    """Beyond EDGE on a side of one feature two hidden units overflow, and the difference of infinities is no number."""
    kernel, bias = np.zeros((2, 2), np.float32), np.full(2, 3e38, np.float32)
    kernel[feature] = sign * 3e38
    out, last = np.array([[2e-38], [-2e-38]], np.float32), np.array([9], np.float32)
    return panel_of("bce", Weights.of([kernel, bias, out, last]))


@pytest.mark.parametrize("how", ["colours", "ascii", "textured"])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("feature", [0, 1])
def test_cells_with_any_half_that_is_not_finite_stay_blank(feature: int, sign: int, how: str) -> None:
    of, colours = overflowing(feature, sign), how == "colours"
    assert of.sample is not None
    cut = 0
    for body in range(17, 25):
        along = sign * cell_centres(of.sample, WIDTH, body, halves=colours)[..., feature]
        broken = (along > EDGE).reshape(body, -1, WIDTH)
        blank = broken.any(axis=1)
        cut += int((blank & ~broken.all(axis=1)).sum())
        frame = decision_boundary_frame([of], WIDTH, body + 2, **({} if colours else {how: True}))
        drawn = np.array([list(row) for row in frame.rows[1 : 1 + body]])
        row_of_data = np.isin(drawn, list("OXox●▲○△"))
        assert row_of_data.mean() < 0.15
        assert set(drawn[blank & ~row_of_data]) == {" "}
        assert set(drawn[~blank & ~row_of_data]) == {"▀" if colours else FILLS[how][1][1]}
    assert (cut > 0) == (colours and feature == 1), "the edge runs through the middle of some cells"


def test_one_panel_beside_another_is_drawn_as_it_is_alone() -> None:
    alone = decision_boundary_frame([panel_of("cce")], 30, 16)
    both = decision_boundary_frame([panel_of("cce"), panel_of("cce")], 61, 16)
    for y in range(15):
        assert both.style_rows[y][:30] == both.style_rows[y][31:] == alone.style_rows[y]
