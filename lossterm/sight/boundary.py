"""The decision boundary: the plane of two features in half blocks, coloured by what the network decides there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..chart.frame import Canvas, Frame
from ..chart.styles import TEXT
from ..chart.ticks import nice_step
from ..snapshots import Floats, Sample
from .ink import LEVELS, pair, point, shade
from .network import classes_of, decide, outputs
from .panel import Panel
from .panes import Pane, arrange, left_out, put_title, put_words

_MARGIN = 0.05
_CELLS_A_POINT = 12
_LEGEND_ROWS_FROM = 10
_HALF_BLOCK = "▀"
_UNDECIDED = 0.15
"""Confidence below which a cell has the faintest shade; the other levels share the rest evenly."""


@dataclass(frozen=True)
class _Signs:
    """Glyphs of train and test rows by class; and what fills a class, faint and full, where colours cannot."""

    train: str
    test: str
    fills: tuple[str, ...]


_UNICODE = _Signs("●▲■", "○△□", ("· ", "░▒", "▓█"))
_ASCII = _Signs("OXZ", "oxz", (". ", "-=", "+#"))


def boundary_frame(
    panels: Sequence[Panel],
    width: int,
    height: int,
    ascii: bool = False,  # noqa: A002
    textured: bool = False,
) -> Frame:
    """Draw the plane of each panel as its network decides it, with some rows of its data over it.

    Every half cell shows the class at its own centre (see `cell_centres`) and how sure the network is. The plane's
    range follows from the panel's sample alone, so that it holds still.
    textured: tell classes apart by characters, a cell each, not by mixed colours; `ascii` does so too.
    """
    canvas = Canvas(width, height)
    if not canvas.width or not canvas.height or not panels:
        return canvas.frame()
    signs = _ASCII if ascii else _UNICODE
    legend = height >= _LEGEND_ROWS_FROM
    panes = arrange(len(panels), width, height - legend)
    for panel, pane in zip(panels, panes, strict=False):
        put_title(canvas, pane, panel, ascii)
        if panel.weights is None or panel.sample is None:
            put_words(canvas, pane, panel.words, ascii)
        elif pane.height > 1:
            _draw(canvas, Pane(pane.x, pane.y + 1, pane.width, pane.height - 1), panel, signs, ascii or textured)
    if legend:
        canvas.put(0, height - 1, _legend(panels[0], signs, width), TEXT)
    left_out(canvas, len(panels), len(panes), ascii)
    return canvas.frame()


def _legend(panel: Panel, signs: _Signs, width: int) -> str:
    classes = range(max(panel.experiment.dataset_entry.classes, 2))
    names = "  ".join(f"{signs.train[number]}{signs.test[number]} class {number}" for number in classes)
    how = f"  {signs.train[0]} train {signs.test[0]} test"
    return names + how if len(names + how) <= width else names[:width]


def cell_centres(sample: Sample, width: int, height: int, halves: bool = True) -> Floats:
    """The points of the plane in the middle of each half cell (or cell) of a panel's body of width x height cells.

    Returns (rows, width, 2) float32, rows from the top: 2 x height of them with `halves`.
    """
    return _centres(_limits(sample), width, height, halves)


def _limits(sample: Sample) -> tuple[float, float, float, float]:
    """The range of both features in the sample, with a margin, between round numbers."""
    rows = np.concatenate([sample.train_x, sample.test_x]).astype(np.float64)
    ends: list[float] = []
    for column in (0, 1):
        values = rows[:, column] if len(rows) else np.zeros(1)
        low, high = float(values.min()), float(values.max())
        step = nice_step(max(high - low, 1e-6), 20)
        margin = _MARGIN * (high - low)
        ends += [np.floor((low - margin) / step) * step, np.ceil((high + margin) / step) * step]
    return ends[0], ends[1], ends[2], ends[3]


@lru_cache(maxsize=64)
def _centres(limits: tuple[float, float, float, float], width: int, height: int, halves: bool) -> Floats:
    left, right, bottom, top = limits
    rows = height * 2 if halves else height
    side = _side(limits, width, height)
    unit_x, unit_y = side, side if halves else 2 * side
    xs = (left + right) / 2 + (np.arange(width) - (width - 1) / 2) * unit_x
    ys = (bottom + top) / 2 - (np.arange(rows) - (rows - 1) / 2) * unit_y
    grid = np.stack(np.broadcast_arrays(xs[None, :], ys[:, None]), axis=-1).astype(np.float32)
    grid.flags.writeable = False
    return grid


def _side(limits: tuple[float, float, float, float], width: int, height: int) -> float:
    """The side of a half cell's square, with which the whole range fits into width x height cells."""
    left, right, bottom, top = limits
    return max((right - left) / max(width, 1), (top - bottom) / max(2 * height, 1), 1e-9)


def _draw(canvas: Canvas, body: Pane, panel: Panel, signs: _Signs, flat: bool) -> None:
    weights, sample, head = panel.weights, panel.sample, panel.experiment.head
    assert weights is not None
    assert sample is not None
    centres = cell_centres(sample, body.width, body.height, halves=not flat)
    classes, confidence = decide(outputs(weights, centres.reshape(-1, 2), head), head)
    if (classes < 0).all():
        put_words(canvas, Pane(body.x, body.y, body.width, body.height), "the weights are not finite", flat)
        return
    shape = centres.shape[:2]
    levels = _levels(confidence).reshape(shape)
    classes = classes.reshape(shape)
    if flat:
        chars, inks, behind = _flat_cells(classes, levels, signs)
    else:
        chars, inks, behind = _half_blocks(classes, levels)
    _put_points(chars, inks, behind, sample, panel, signs)
    canvas.paint(body.x, body.y, chars, inks)


def _levels(confidence: NDArray[np.float64]) -> NDArray[np.int64]:
    above = (confidence - _UNDECIDED) / (1 - _UNDECIDED) * (LEVELS - 1)
    return np.asarray(np.clip(np.floor(above) + 1, 0, LEVELS - 1), np.int64)


_Cells = tuple[NDArray[np.uint32], NDArray[np.uint16], NDArray[np.int64]]


def _half_blocks(classes: NDArray[np.int64], levels: NDArray[np.int64]) -> _Cells:
    shades = shade(np.maximum(classes, 0), levels)
    upper, lower = shades[0::2], shades[1::2]
    known = (classes[0::2] >= 0) & (classes[1::2] >= 0)
    chars = np.where(known, ord(_HALF_BLOCK), 0).astype(np.uint32)
    return chars, pair(upper, lower).astype(np.uint16), upper


def _flat_cells(classes: NDArray[np.int64], levels: NDArray[np.int64], signs: _Signs) -> _Cells:
    fills = np.array([[ord(char) for char in fill] for fill in signs.fills], np.uint32)
    which = np.maximum(classes, 0)
    shades = shade(which, levels)
    chars = np.where(classes >= 0, fills[which, (levels >= LEVELS // 2).astype(int)], 0)
    return chars.astype(np.uint32), pair(shades, shades).astype(np.uint16), shades


def _put_points(
    chars: NDArray[np.uint32],
    inks: NDArray[np.uint16],
    behind: NDArray[np.int64],
    sample: Sample,
    panel: Panel,
    signs: _Signs,
) -> None:
    """Some rows of both sets, so few that the plane stays to be seen; those that are trained on lie above."""
    height, width = chars.shape
    most = max(width * height // _CELLS_A_POINT // 2, 1)
    limits, head = _limits(sample), panel.experiment.head
    unit_x = _side(limits, width, height)
    unit_y = 2 * unit_x
    middle_x, middle_y = (limits[0] + limits[1]) / 2, (limits[2] + limits[3]) / 2
    for x, y, marks in ((sample.test_x, sample.test_y, signs.test), (sample.train_x, sample.train_y, signs.train)):
        classes = classes_of(y[:most], head)
        columns = np.floor((x[:most, 0] - middle_x) / unit_x + width / 2).astype(int)
        rows = np.floor((middle_y - x[:most, 1]) / unit_y + height / 2).astype(int)
        for column, row, number in zip(columns, rows, classes, strict=True):
            if 0 <= column < width and 0 <= row < height:
                chars[row, column] = ord(marks[number])
                inks[row, column] = point(int(number), int(behind[row, column]))
