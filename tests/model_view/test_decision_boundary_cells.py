"""Every cell of a boundary against the network written out at the cell's centre, however it is drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lossterm.config import RunConfig
from lossterm.model_view import Panel, decision_boundary_frame
from lossterm.model_view.decision_boundary import cell_centres
from lossterm.model_view.styles import LEVELS, halves_of
from lossterm.snapshots import Sample, Weights

TRAINED = np.load(Path(__file__).with_name("trained.npz"))
WIDTH, HEIGHT = 48, 22
BODY = HEIGHT - 2
"""Rows of cells between the title and the legend."""

FILLS = {"ascii": (". ", "-=", "+#"), "textured": ("· ", "░▒", "▓█")}


def panel(short: str, weights: Weights | None = None) -> Panel:
    weights = weights or Weights(*(TRAINED[f"{short}_{name}"] for name in Weights.__dataclass_fields__))
    sample = Sample(*(TRAINED[f"{short}_{name}"] for name in Sample.__dataclass_fields__))
    return Panel("", RunConfig.of(short), 0, 50, weights, sample)


def expected(of: Panel, halves: bool) -> tuple[Any, Any]:
    """The class at each centre, and where it is too near a tie for float32 to settle."""
    weights, sample = of.weights, of.sample
    assert weights is not None
    assert sample is not None
    centres = cell_centres(sample, WIDTH, BODY, halves).astype(float)
    hidden = np.maximum(np.einsum("yxf,fh->yxh", centres, weights.hidden_kernel) + weights.hidden_bias, 0)
    logits = np.einsum("yxh,hu->yxu", hidden, weights.output_kernel) + weights.output_bias
    if logits.shape[-1] == 1:
        return (logits[..., 0] > 0).astype(int), np.abs(logits[..., 0]) < 1e-4
    ordered = np.sort(logits, axis=-1)
    return logits.argmax(axis=-1), ordered[..., -1] - ordered[..., -2] < 1e-4


@pytest.mark.parametrize("short", ["bce", "cce"])
def test_half_blocks_show_the_class_at_each_half_cells_centre(short: str) -> None:
    of = panel(short)
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
    of = panel(short)
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
    return panel("bce", Weights(kernel, bias, np.array([[2e-38], [-2e-38]], np.float32), np.array([9], np.float32)))


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
    alone = decision_boundary_frame([panel("cce")], 30, 16)
    both = decision_boundary_frame([panel("cce"), panel("cce")], 61, 16)
    for y in range(15):
        assert both.style_rows[y][:30] == both.style_rows[y][31:] == alone.style_rows[y]
