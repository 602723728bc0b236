"""What is remembered between pictures is never wrong: grown, changed and replaced series are drawn as new ones."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from lossterm.chart import Painter, Plot, Series, ViewState, paint
from lossterm.chart.series import SequenceReader

VIEWS = [ViewState(), ViewState(log=True, smoothing=0.6), ViewState(ascii=True), ViewState(window=(3.0, 9.0))]
KINDS: list[Callable[[Sequence[float]], Any]] = [list, tuple, np.array, lambda values: array("d", values)]


def values(count: int, seed: int = 1) -> list[float]:
    noise = np.random.default_rng(seed).normal(0, 0.02, count)
    return (1.0 + np.exp(-np.arange(count) / 10) + noise).tolist()


def plot_of(ys: Any, xs: Sequence[float] | None = None) -> Plot:
    """A growing run beside one that has ended, whose extremes keep the axes where they are."""
    ended = Series("ended", [1, 2, 400], [0.5, 3.0, 0.5], slot=1)
    xs = list(range(1, len(ys) + 1)) if xs is None else xs
    return Plot((ended, Series("test", xs, ys)), x_range=(1, 400))


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_series_that_grows_in_a_new_sequence(
    view: ViewState, kind: Callable[[Sequence[float]], Sequence[float]]
) -> None:
    painter, ys = Painter(), values(400)
    for count in (1, 2, 3, 10, 50, 51, 300, 301, 400):
        mine = painter.paint(plot_of(kind(ys[:count])), view, 60, 16)
    assert mine.text == paint(plot_of(ys), view, 60, 16).text


@pytest.mark.parametrize("view", VIEWS)
def test_a_list_that_grows_in_place(view: ViewState) -> None:
    painter, ys = Painter(), values(400)
    xs: list[float] = []
    growing: list[float] = []
    for count in (1, 2, 3, 10, 50, 51, 300, 301, 400):
        xs.extend(range(len(xs) + 1, count + 1))
        growing.extend(ys[len(growing) : count])
        mine = painter.paint(plot_of(growing, xs), view, 60, 16)
    assert mine.text == paint(plot_of(ys), view, 60, 16).text


@pytest.mark.parametrize("view", VIEWS)
def test_other_values_under_the_same_name(view: ViewState) -> None:
    painter = Painter()
    painter.paint(plot_of(values(400, seed=1)), view, 60, 16)
    other = values(400, seed=2)
    assert painter.paint(plot_of(other), view, 60, 16).text == paint(plot_of(other), view, 60, 16).text


def test_an_array_written_to_in_place() -> None:
    painter, ys = Painter(), np.array(values(30))
    painter.paint(plot_of(ys), ViewState(), 60, 16)
    ys[10] = 2.9
    assert painter.paint(plot_of(ys), ViewState(), 60, 16).text == paint(plot_of(ys), ViewState(), 60, 16).text


def test_the_same_again_is_the_same_frame() -> None:
    painter = Painter()
    first = painter.paint(plot_of(values(30)), ViewState(), 60, 16)
    assert painter.paint(plot_of(values(30)), ViewState(), 60, 16) is first


def test_a_reader_says_when_the_past_changed() -> None:
    reader = SequenceReader()
    reader.read([1.0, float("nan")])
    before = reader.version
    reader.read([1.0, float("nan"), 3.0])
    assert reader.version == before
    reader.read([1.0, 2.0, 3.0])
    assert reader.version > before
    assert reader.read([]).tolist() == []


def test_two_series_of_one_name_are_both_drawn() -> None:
    plot = Plot((Series("run", [1, 2], [0.0, 0.0]), Series("run", [1, 2], [1.0, 1.0])), x_range=(1, 2))
    frame = paint(plot, ViewState(), 60, 12)
    assert sum("⠤" in row or "⣀" in row or "⠉" in row for row in frame.rows) >= 2
