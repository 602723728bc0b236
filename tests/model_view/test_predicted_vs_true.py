"""The fit of a regression as exact pictures, and that no size and no weights break it."""

from __future__ import annotations

import math
import re
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossterm.config import RunConfig
from lossterm.model_view import Panel, predicted_vs_true_frame
from lossterm.model_view.network import predict
from lossterm.model_view.predicted_vs_true import residual_range
from lossterm.runs.snapshots import Sample, Weights

TRAINED = np.load(Path(__file__).with_name("trained.npz"))
WEIGHTS = ("kernel_0", "bias_0", "kernel_1", "bias_1")


def trained(title: str = "#1 msle") -> Panel:
    """The tutorial's MSLE run, which never learns to predict a negative."""
    weights = Weights.of([TRAINED[f"msle_{name}"] for name in WEIGHTS])
    sample = Sample(*(TRAINED[f"msle_{name}"] for name in Sample.__dataclass_fields__))
    return Panel(title, RunConfig.of("msle"), 1, 50, weights, sample)


def text(panels: list[Panel], width: int, height: int, ascii_only: bool = False) -> list[str]:
    frame = predicted_vs_true_frame(panels, width, height, ascii_only)
    assert [len(row) for row in frame.rows] == [width] * height
    return [row.rstrip() for row in frame.rows]


def test_msle_predicts_no_negatives() -> None:
    assert text([trained()], 40, 22) == [
        "#1 msle · epoch 50 · MSE 0.528 (60 rows)",
        "    │                                ⣀⠔⠊",
        "    │                             ⣀⠔⠊",
        "   2┤                          ⢀⠴⠊",
        "    │                       ⢀⡴⠚⠁",
        "    │                    ⣀⡤⠎⠁",
        "    │                 ⣀⠴⠚⠁",
        "   0┤    ⠔⠄⠤⠠⠂⠒⠒⠚⠒⠲⢒⡻⠚⠁",
        "    │           ⢀⡠⠒⠁",
        "    │        ⢀⡠⠒⠁",
        "  −2┤      ⡠⠒⠁",
        "    │   ⡠⠔⠉",
        "    │⡠⠔⠉",
        "    └──────┬──────────┬───────────┬─────",
        "           −2         0           2",
        "                   ▃█",
        "                   ██",
        "                   ██",
        "                   ██  ▅▂▃▆▂ ▃ ▃  ▃ ▃▂▂▂",
        "────────────────────┬───────────────────",
        "−2              residual            1› 2",
        "predicted over true · paler: train",
    ]


def test_in_ascii() -> None:
    assert text([trained()], 40, 22, ascii_only=True) == [
        "#1 msle / epoch 50 / MSE 0.528 (60 rows)",
        "    |                                 //",
        "    |                             o/..",
        "   2+                           o./",
        "    |                       .ooo",
        "    |                    ooo/",
        "    |                 oooo",
        "   0+    oooooo.oooo.oo",
        "    |           ////",
        "    |        ///",
        "  -2+     ///",
        "    |  ///",
        "    |//",
        "    +------+----------+----------+------",
        "           -2         0          2",
        "                   :#",
        "                   ##",
        "                   ##",
        "                   ##  |.:|. : :  : :...",
        "--------------------+-------------------",
        "-2              residual            1> 2",
        "predicted over true: o test . train",
    ]


def test_a_low_pane_shows_the_scatter_alone() -> None:
    assert text([trained()], 36, 9, ascii_only=True) == [
        "#1 msle / epoch 50",
        "    |                           /../",
        "   2+                     oooo.o/",
        "    |               ooooo..",
        "   0+   ooo.ooooooooo",
        "  -2+   ///////",
        "    |////",
        "    +-----+---------+---------+-----",
        "          -2        0         2",
    ]


def by(panel: Panel, change: float) -> Panel:
    """The same run with other weights."""
    assert panel.weights is not None
    weights = Weights.of([array * change for array in panel.weights.arrays])
    return Panel(panel.title, panel.config, panel.slot, panel.epoch, weights, panel.sample)


def test_the_axes_hold_still_and_what_lies_beyond_is_counted() -> None:
    axes = [[row[:5] for row in text([by(trained(), change)], 40, 22)[1:15]] for change in (0.1, 1.0, 9.0)]
    assert axes[0] == axes[1] == axes[2]
    assert not any("beyond" in row for row in text([by(trained(), 0.1)], 40, 22))
    panel = by(trained(), 9.0)
    assert panel.sample is not None
    assert panel.weights is not None
    low, high = -3.0, 2.5
    layer = panel.config.output_layer
    count = 0
    for x, y in ((panel.sample.train_x, panel.sample.train_y), (panel.sample.test_x, panel.sample.test_y)):
        predicted, true = predict(panel.weights.layers, x, layer)[:, 0], y[:, 0]
        count += int(((predicted < low) | (predicted > high) | (true < low) | (true > high)).sum())
    assert f"{count} beyond" in "\n".join(text([panel], 40, 22))


def test_the_mean_squared_error_is_that_of_the_test_rows() -> None:
    panel = trained()
    assert panel.sample is not None
    assert panel.weights is not None
    error = predict(panel.weights.layers, panel.sample.test_x, panel.config.output_layer) - panel.sample.test_y
    rows = len(panel.sample.test_x)
    assert rows < panel.config.test_rows
    assert f"MSE {np.mean(error**2):.3f} ({rows} rows)" in text([panel], 50, 20)[0]


@pytest.mark.parametrize(
    ("residuals", "reach"),
    [
        ([0.0003, -0.0004, 0.0001], 0.0005),
        ([0.9, -1.8] * 10, 2.0),
        ([0.1] * 99 + [50.0], 0.1),
        ([math.nan, math.inf], 1),
    ],
)
def test_the_axis_of_the_residuals_fits_them(residuals: list[float], reach: float) -> None:
    assert residual_range(np.array(residuals)) == pytest.approx(reach)


def test_no_part_of_an_epoch_is_left_out() -> None:
    panel = replace(trained(), epoch=30000)
    for width in range(8, 60):
        found = re.search(r"\b3\d*$|\b3\d* ", text([panel], width, 12)[0])
        assert found is None or found[0].strip() == "30000"


def test_the_words_on_what_is_left_out_stand_apart() -> None:
    rows = text([trained(f"#{number} msle") for number in range(9)], 40, 14)
    assert re.search(r"(^|   )\d more: z shows all$", rows[-1].lstrip())


def test_a_run_that_diverged_is_drawn_without_its_points_and_nothing_warns() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for bad in (np.nan, np.inf, 1e38):
            assert "120 beyond" in "\n".join(text([by(trained(), bad)], 40, 22))


@settings(deadline=None, max_examples=60)
@given(width=st.integers(0, 90), height=st.integers(0, 45), count=st.integers(0, 4), ascii_only=st.booleans())
def test_any_size_is_filled_exactly(width: int, height: int, count: int, ascii_only: bool) -> None:
    frame = predicted_vs_true_frame([trained()] * count, width, height, ascii_only)
    assert (frame.width, frame.height) == (width, height)
    assert [len(row) for row in frame.rows] == [width] * height
    if ascii_only:
        assert all(row.isascii() for row in frame.rows)
