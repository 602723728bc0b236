"""What a config trains on, before it is trained: rows of its dataset as points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..chart.frame import Canvas, Frame
from ..chart.glyphs import Glyphs, cell_text, glyphs, marker
from ..chart.layout import PlotArea
from ..chart.raster import BRAILLE, rasterise
from ..chart.styles import AXIS, TEXT, TITLE, series_style
from ..config import RunConfig
from ..runs.snapshots import Sample
from .panels import Box, put_message
from .plane import plane_of

Floats = NDArray[np.float64]

_MARGIN = 0.05
"""The share of the range that is left free at each edge."""
_CELLS_A_MARKER = 3
"""With fewer cells a point than this, points of different classes are dots of one colour a cell, not markers."""
_LEAST = 3
_OVER = " over "
_WAITING = "its rows show once the trainer is ready"


def data_frame(
    config: RunConfig,
    sample: Sample | None,
    slot: int,
    width: int,
    height: int,
    ascii: bool = False,  # noqa: A002
    markers: bool = False,
) -> Frame:
    """Draw some of the rows that a config trains on.

    Args:
        config: the settings.
        sample: rows of their dataset; None while they are not known.
        slot: of the config's loss; decides on the colour of a regression's points.
        width: of the picture in cells, at least 0.
        height: of the picture in cells, at least 0.
        ascii: whether to draw with nothing but ASCII.
        markers: whether classes have to be told apart without colours.

    Returns:
        A frame of exactly that size: two features with a marker or a colour a class, the two first principal
        components where there are more features, or on regression the target over the feature that says most of it.
    """
    canvas = Canvas(width, height)
    if height < _LEAST or width < 2 * _LEAST:
        return canvas.frame()
    canvas.put(0, 0, cell_text(_title(config, width), ascii)[:width], TITLE)
    body = Box(0, 1, width, height - 1)
    if sample is None or not len(sample.train_x):
        put_message(canvas, body, _WAITING, ascii)
    elif config.task.has_classes:
        _draw_classes(canvas, body, config, sample, ascii, markers)
    else:
        _draw_regression(canvas, body, sample, slot, ascii)
    return canvas.frame()


def _title(config: RunConfig, width: int) -> str:
    """How many rows there are, in as many words as fit."""
    counts = {"train": config.train_rows, "validation": config.held_out_rows, "test": config.test_rows}
    train = f"{config.train_rows:,} train"
    sets = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
    ways = (f"{config.dataset}: {sets} rows", f"{config.dataset}: {sets}", sets, train)
    return next((words for words in ways if len(words) <= width), train)


def _draw_classes(
    canvas: Canvas,
    body: Box,
    config: RunConfig,
    sample: Sample,
    ascii: bool,  # noqa: A002
    markers: bool,
) -> None:
    plane = plane_of(sample)
    x = plane.project(sample.train_x).astype(np.float64)
    names = plane.names if sum(map(len, plane.names)) + len(_OVER) <= body.width - 2 else plane.brief_names
    classes = config.output_layer.classes_of(sample.train_y.astype(np.float64))
    area = _area(body, x, glyphs(ascii))
    _draw_axes(canvas, area, names, glyphs(ascii))
    roomy = area.width * area.height >= _CELLS_A_MARKER * len(x)
    if roomy or ascii or markers:
        most = max(area.width * area.height // (2 if ascii else _CELLS_A_MARKER), 1)
        some = np.unique(np.linspace(0, len(x) - 1, min(len(x), most)).astype(np.int64))
        for point, number in zip(x[some], classes[some], strict=True):
            column, row = area.cell(*point)
            canvas.put(area.left + column, area.top + row, marker(int(number), ascii), series_style(int(number)))
        return
    for number in np.unique(classes):
        _put_dots(canvas, area, x[classes == number], int(number))


def _draw_regression(canvas: Canvas, body: Box, sample: Sample, slot: int, ascii: bool) -> None:  # noqa: A002
    target = sample.train_y[:, 0].astype(np.float64)
    feature, correlation = _telling_feature(sample.train_x.astype(np.float64), target)
    points = np.stack([sample.train_x[:, feature], target], axis=1).astype(np.float64)
    area = _area(body, points, glyphs(ascii))
    _draw_axes(canvas, area, (f"feature {feature + 1}, r = {correlation:.2f}", "target"), glyphs(ascii))
    if not ascii:
        _put_dots(canvas, area, points, slot)
        return
    for point in points:
        column, row = area.cell(*point)
        canvas.put(area.left + column, area.top + row, ".", series_style(slot))


def _telling_feature(x: Floats, target: Floats) -> tuple[int, float]:
    """The feature that is correlated most with the target, from 0, and the correlation."""
    centred, off = x - x.mean(axis=0), target - target.mean()
    scale = np.sqrt((centred**2).sum(axis=0) * (off**2).sum())
    found = np.divide(centred.T @ off, scale, out=np.zeros(x.shape[1]), where=scale > 0)
    feature = int(np.argmax(np.abs(found)))
    return feature, float(found[feature])


def _area(body: Box, points: Floats, signs: Glyphs) -> PlotArea:
    """The rectangle of the points, a column for the y axis left of it and two rows for the x axis below."""
    low, high = points.min(axis=0), points.max(axis=0)
    margin = np.where(high > low, (high - low) * _MARGIN, 1.0)
    (x_min, y_min), (x_max, y_max) = low - margin, high + margin
    width, height = max(body.width - 2, 1), max(body.height - 2, 1)
    return PlotArea(body.x + 2, body.y, width, height, x_min, x_max, y_min, y_max, signs.braille)


def _draw_axes(canvas: Canvas, area: PlotArea, names: tuple[str, str], signs: Glyphs) -> None:
    """The axes with their names: that of y stands at its upper end, for there are no figures to read off."""
    for row in range(area.top, area.top + area.height):
        canvas.put(area.left - 1, row, signs.vertical, AXIS)
    canvas.put(area.left - 1, area.top + area.height, signs.corner + signs.horizontal * area.width, AXIS)
    words = f"{names[1]}{_OVER}{names[0]}"
    canvas.put(area.left + area.width - len(words), area.top + area.height + 1, words, TEXT)


def _put_dots(canvas: Canvas, area: PlotArea, points: Floats, slot: int) -> None:
    """Set a dot of braille for each point; dots that are there already stay, in the later colour."""
    dots = area.dots(points[:, 0], points[:, 1])
    bits = rasterise(dots, area.width, area.height, connect=False, braille=True)
    rows, columns = slice(area.top, area.top + area.height), slice(area.left, area.left + area.width)
    chars, style_ids = canvas.chars[rows, columns], canvas.style_ids[rows, columns]
    bits = bits[: chars.shape[0], : chars.shape[1]]
    there = np.where(chars >= BRAILLE, chars - BRAILLE, 0).astype(np.uint32)
    chars[:] = np.where(bits > 0, BRAILLE + (there | bits), chars)
    style_ids[:] = np.where(bits > 0, series_style(slot), style_ids)
