"""Over a whole live run the axes hold still, and the wire with them."""

from __future__ import annotations

import math
from itertools import pairwise

from lossterm.chart import Painter, Plot, Series, ViewState, changed_spans


def frames_of_a_live_run(view: ViewState, epochs: int = 100):
    painter = Painter()
    xs: list[float] = []
    test: list[float] = []
    train: list[float] = []
    for epoch in range(1, epochs + 1):
        xs.append(epoch)
        test.append(0.35 + 0.4 * math.exp(-epoch / 15) + 0.01 * math.sin(epoch))
        train.append(0.3 + 0.4 * math.exp(-epoch / 12))
        series = (Series("train", xs, train, line_style="dotted"), Series("test", xs, test))
        yield painter.paint(Plot(series, x_range=(1, epochs), y_label="loss", floor=0.0), view, 138, 36)


def y_axis(frame) -> list[str]:
    return [row[:7] for row in frame.rows[1:]]


def test_the_y_axis_changes_a_few_times_in_a_run() -> None:
    for view in (ViewState(), ViewState(log=True, smoothing=0.6)):
        axes = [y_axis(frame) for frame in frames_of_a_live_run(view)]
        changes = sum(one != other for one, other in pairwise(axes))
        assert 1 <= changes <= 3


def test_the_x_axis_never_moves() -> None:
    assert len({frame.rows[-2:] for frame in frames_of_a_live_run(ViewState())}) == 1


def test_few_cells_change_from_one_epoch_to_the_next() -> None:
    frames = list(frames_of_a_live_run(ViewState()))
    changed = [sum(last - first for _, first, last in changed_spans(*pair)) for pair in pairwise(frames)]
    assert sorted(changed)[len(changed) // 2] <= 40
