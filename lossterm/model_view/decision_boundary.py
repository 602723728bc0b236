"""The decision boundary: a plane through the features in half blocks, coloured by what the network decides there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..chart.frame import Canvas, Chars, Frame, StyleIds
from ..chart.glyphs import cell_text
from ..chart.styles import TEXT
from ..chart.ticks import nice_step
from ..runs.snapshots import Floats, Sample
from .network import predict
from .panels import Box, Panel, arrange, class_names, put_left_out, put_message, put_title
from .plane import AXES, plane_of
from .styles import CLASSES, LEVELS, halves_style, point_style, shade

_MARGIN = 0.05
_CELLS_PER_POINT = 12
_LEGEND_FROM_HEIGHT = 10
_NAMES_FROM_HEIGHT = 8
_HALF_BLOCK = "▀"
_UNDECIDED = 0.15
"""Confidence below which a cell has the faintest shade; the other levels share the rest evenly."""


@dataclass(frozen=True)
class _Signs:
    """Characters by class, CLASSES of each.

    Attributes:
        train: what marks a row that is trained on.
        test: what marks a row of the test set.
        fills: what fills the plane where colours cannot, for a network that is unsure and for one that is sure.
    """

    train: str
    test: str
    fills: tuple[str, ...]


_UNICODE = _Signs(
    "●▲■◆▼★◉▶◀♠♣♦♥⬢",
    "○△□◇▽☆◎▷◁♤♧♢♡⬡",
    ("· ", "░▒", "▓█", "╱╳", "─═", "│║", "⠂⠶", "┼╬", "⠉⠛", "⠤⣤", "⡇⣿", "┄┅", "┆┇", "≈≋"),
)
_ASCII = _Signs(
    "OXZABDEGHKNQRT",
    "oxzabdeghknqrt",
    (". ", "-=", "+#", ":%", "/&", "'\"", "!|", "~^", "_@", "<>", "()", "[]", "{}", ";$"),
)


def decision_boundary_frame(
    panels: Sequence[Panel],
    width: int,
    height: int,
    ascii: bool = False,  # noqa: A002
    textured: bool = False,
) -> Frame:
    """Draw a plane as the network of each run decides it, with some rows of its data over it (see `plane_of`).

    Every half cell shows the class at its own centre (see `cell_centres`) and how sure the network is. The plane and
    its range follow from the sample alone, so that it holds still.

    Args:
        panels: the runs, all of a classification.
        width: of the picture in cells, at least 0.
        height: of the picture in cells, at least 0.
        ascii: whether to draw with nothing but ASCII.
        textured: whether to tell classes apart by characters, a cell each, and not by mixed colours; so it is with
            `ascii` too.

    Returns:
        A frame of exactly that size, with style ids of `model_view.styles`.
    """
    canvas = Canvas(width, height)
    if not canvas.width or not canvas.height or not panels:
        return canvas.frame()
    signs = _ASCII if ascii else _UNICODE
    legend = height >= _LEGEND_FROM_HEIGHT
    boxes = arrange(len(panels), width, height - legend)
    for panel, box in zip(panels, boxes, strict=False):
        put_title(canvas, box, panel, ascii, _plane_words(panel))
        if panel.weights is None or panel.sample is None:
            put_message(canvas, box, panel.message, ascii)
        elif box.height > 1:
            _draw(canvas, Box(box.x, box.y + 1, box.width, box.height - 1), panel, signs, ascii or textured)
    room = put_left_out(canvas, len(panels), len(boxes), ascii)
    if legend:
        canvas.put(0, height - 1, _legend(panels, signs, room, ascii), TEXT)
    return canvas.frame()


def _legend(panels: Sequence[Panel], signs: _Signs, width: int, ascii: bool) -> str:  # noqa: A002
    """Which sign stands for which class, in as many words as there is room for."""
    called = max((class_names(panel.config) for panel in panels), key=len)[:CLASSES]
    pairs = [signs.train[number] + signs.test[number] for number in range(len(called))]
    names = "  ".join(f"{pair} {cell_text(name, ascii)}" for pair, name in zip(pairs, called, strict=True))
    how = f"  {signs.train[0]} train {signs.test[0]} test"
    brief = "  ".join(f"{pair} {number}" for number, pair in enumerate(pairs))
    return next((words for words in (names + how, names, brief) if len(words) <= width), "")


def _plane_words(panel: Panel) -> str:
    """What is drawn of data with more than two features."""
    features = 0 if panel.sample is None else panel.sample.train_x.shape[1]
    if panel.sample is None or features <= AXES:
        return ""
    return f"PCA plane: {plane_of(panel.sample).share:.0%} of the variance"


def cell_centres(sample: Sample, width: int, height: int, halves: bool = True) -> Floats:
    """The points of the plane in the middle of each half cell, or of each cell.

    Args:
        sample: rows of the data, from which the range of the plane follows.
        width: of the plane in cells.
        height: of the plane in cells.
        halves: whether half cells are meant, or whole ones.

    Returns:
        (rows, width, 2) float32, rows from the top; there are 2 x height of them with `halves`, else height.
    """
    return _centres(_limits(sample), width, height, halves)


def _limits(sample: Sample) -> tuple[float, float, float, float]:
    """The range of the sample along both axes of the plane, with a margin, between round numbers."""
    rows = plane_of(sample).project(np.concatenate([sample.train_x, sample.test_x])).astype(np.float64)
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


def _draw(canvas: Canvas, body: Box, panel: Panel, signs: _Signs, flat: bool) -> None:
    weights, sample, layer = panel.weights, panel.sample, panel.config.output_layer
    assert weights is not None
    assert sample is not None
    centres = cell_centres(sample, body.width, body.height, halves=not flat)
    layers = plane_of(sample).layers_on_it(weights.layers)
    outputs = predict(layers, centres.reshape(-1, AXES), layer, panel.config.activation)
    classes, confidence = layer.decide(outputs)
    if (classes < 0).all():
        put_message(canvas, body, "the weights are not finite", flat)
        return
    shape = centres.shape[:2]
    levels = _levels(confidence).reshape(shape)
    classes = classes.reshape(shape)
    if flat:
        chars, style_ids, behind = _flat_cells(classes, levels, signs)
    else:
        chars, style_ids, behind = _half_blocks(classes, levels)
    _put_points(chars, style_ids, behind, panel, signs)
    canvas.paint(body.x, body.y, chars, style_ids)
    _put_axis_names(canvas, body, sample)


def _put_axis_names(canvas: Canvas, body: Box, sample: Sample) -> None:
    """Say in two corners what the axes are, where they are no features and there is room."""
    plane = plane_of(sample)
    if not plane.shares or body.height < _NAMES_FROM_HEIGHT:
        return
    fits = max(map(len, plane.names)) <= body.width // 2
    x, y = plane.names if fits else plane.brief_names
    if len(x) <= body.width // 2:
        canvas.put(body.x, body.y, y, TEXT)
        canvas.put(body.x + body.width - len(x), body.y + body.height - 1, x, TEXT)


def _levels(confidence: NDArray[np.float64]) -> NDArray[np.int64]:
    above = (confidence - _UNDECIDED) / (1 - _UNDECIDED) * (LEVELS - 1)
    return np.asarray(np.clip(np.floor(above) + 1, 0, LEVELS - 1), np.int64)


_Cells = tuple[Chars, StyleIds, NDArray[np.int64]]
"""Characters, style ids, and the shade behind a row of the data, each (rows, columns)."""


def _half_blocks(classes: NDArray[np.int64], levels: NDArray[np.int64]) -> _Cells:
    shades = shade(np.maximum(classes, 0), levels)
    upper, lower = shades[0::2], shades[1::2]
    known = (classes[0::2] >= 0) & (classes[1::2] >= 0)
    chars = np.where(known, ord(_HALF_BLOCK), 0).astype(np.uint32)
    return chars, halves_style(upper, lower).astype(np.uint16), upper


def _flat_cells(classes: NDArray[np.int64], levels: NDArray[np.int64], signs: _Signs) -> _Cells:
    fills = np.array([[ord(char) for char in fill] for fill in signs.fills], np.uint32)
    which = np.maximum(classes, 0) % CLASSES
    shades = shade(which, levels)
    chars = np.where(classes >= 0, fills[which, (levels >= LEVELS // 2).astype(int)], 0)
    return chars.astype(np.uint32), halves_style(shades, shades).astype(np.uint16), shades


def _put_points(chars: Chars, style_ids: StyleIds, behind: NDArray[np.int64], panel: Panel, signs: _Signs) -> None:
    """Put some rows of both sets over the plane, so few that it stays to be seen; those trained on lie above."""
    sample, layer = panel.sample, panel.config.output_layer
    assert sample is not None
    height, width = chars.shape
    most = max(width * height // _CELLS_PER_POINT // 2, 1)
    limits = _limits(sample)
    unit_x = _side(limits, width, height)
    unit_y = 2 * unit_x
    middle_x, middle_y = (limits[0] + limits[1]) / 2, (limits[2] + limits[3]) / 2
    for x, y, marks in ((sample.test_x, sample.test_y, signs.test), (sample.train_x, sample.train_y, signs.train)):
        classes = layer.classes_of(y[:most])
        places = plane_of(sample).project(x[:most])
        columns = np.floor((places[:, 0] - middle_x) / unit_x + width / 2).astype(int)
        rows = np.floor((middle_y - places[:, 1]) / unit_y + height / 2).astype(int)
        for column, row, number in zip(columns, rows, classes, strict=True):
            if 0 <= column < width and 0 <= row < height:
                chars[row, column] = ord(marks[number % CLASSES])
                style_ids[row, column] = point_style(int(number), int(behind[row, column]))
