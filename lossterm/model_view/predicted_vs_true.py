"""A regression: predicted against true targets, and how far the predictions are off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..chart.frame import Canvas, Frame
from ..chart.glyphs import Glyphs, glyphs
from ..chart.layout import PlotArea
from ..chart.raster import BRAILLE, Dots, rasterise
from ..chart.styles import AXIS, GRID, SOFT, TEXT, TICK_LABEL, StyleId, series_style
from ..chart.ticks import linear_ticks, nice_step, short_text, tick_labels
from ..runs.snapshots import Sample, Weights
from .network import predict
from .panels import Box, Panel, arrange, in_own_unit, put_left_out, put_message, put_title

Floats = NDArray[np.float64]

_LEFT = 5
_RESIDUAL_ROWS = 4
_RESIDUALS_FROM_HEIGHT = 14
_LEGEND_FROM_HEIGHT = 10
_RESIDUAL = "residual"
_LEGEND = "predicted over true · paler: train"
_LEGEND_ASCII = "predicted over true: o test . train"
_BARS = " ▁▂▃▄▅▆▇█"
_ASCII_BARS = " ..::||##"
_MOST_RESIDUALS = 95
"""The axis of the residuals shows so many percent of them, and counts the others at its ends."""


@dataclass(frozen=True)
class _Predictions:
    """True targets and predictions of both sets in their own unit, (rows,) float64; predictions may not be finite."""

    train_true: Floats
    train_predicted: Floats
    test_true: Floats
    test_predicted: Floats

    @classmethod
    def of(cls, panel: Panel, weights: Weights, sample: Sample) -> _Predictions:
        layer, activation = panel.config.output_layer, panel.config.activation
        train, test = (
            predict(weights.layers, x, layer, activation)[:, 0].astype(np.float64)
            for x in (sample.train_x, sample.test_x)
        )
        found = (sample.train_y[:, 0].astype(np.float64), train, sample.test_y[:, 0].astype(np.float64), test)
        return cls(*(in_own_unit(panel.config, values) for values in found))

    def score(self, test_rows: int) -> str:
        """The mean squared error of the test rows that are here, and how many they are of `test_rows`, in words."""
        with np.errstate(all="ignore"):
            error = self.test_predicted - self.test_true
            words = f"MSE {short_text(float(np.mean(error**2)))}" if len(error) else ""
        return f"{words} ({len(error)} rows)" if 0 < len(error) < test_rows else words


def predicted_vs_true_frame(
    panels: Sequence[Panel],
    width: int,
    height: int,
    ascii: bool = False,  # noqa: A002
) -> Frame:
    """Draw predicted against true targets of each run's sample, with the diagonal, and the residuals of the test rows.

    The axes follow from the sample's clean test targets alone, so that they hold still; what lies beyond them is at
    the edge, and counted.

    Args:
        panels: the runs, all of a regression.
        width: of the picture in cells, at least 0.
        height: of the picture in cells, at least 0.
        ascii: whether to draw with nothing but ASCII.

    Returns:
        A frame of exactly that size.
    """
    canvas = Canvas(width, height)
    if not canvas.width or not canvas.height or not panels:
        return canvas.frame()
    signs = glyphs(ascii)
    legend = height >= _LEGEND_FROM_HEIGHT
    boxes = arrange(len(panels), width, height - legend)
    for panel, box in zip(panels, boxes, strict=False):
        if panel.weights is None or panel.sample is None:
            put_title(canvas, box, panel, ascii)
            put_message(canvas, box, panel.message, ascii)
            continue
        found = _Predictions.of(panel, panel.weights, panel.sample)
        put_title(canvas, box, panel, ascii, found.score(panel.config.validation_rows))
        _draw(canvas, Box(box.x, box.y + 1, box.width, box.height - 1), panel, found, signs)
    room = put_left_out(canvas, len(panels), len(boxes), ascii)
    words = _LEGEND_ASCII if ascii else _LEGEND
    if legend and len(words) <= room:
        canvas.put(0, height - 1, words, TEXT)
    return canvas.frame()


def _draw(canvas: Canvas, body: Box, panel: Panel, found: _Predictions, signs: Glyphs) -> None:
    residuals = _RESIDUAL_ROWS + 2 if body.height >= _RESIDUALS_FROM_HEIGHT else 0
    scatter = Box(body.x, body.y, body.width, body.height - residuals)
    if scatter.height > 0:
        _draw_scatter(canvas, scatter, panel, found, signs)
    if residuals:
        below = Box(body.x, body.y + scatter.height, body.width, residuals)
        _draw_residuals(canvas, below, panel, found.test_predicted - found.test_true, signs)


# -- predicted against true -----------------------------------------------------------------------------------


def _range(found: _Predictions) -> tuple[float, float, float]:
    """The axes' low and high end and their step, from the test targets."""
    true = found.test_true if len(found.test_true) else np.zeros(1)
    low, high = float(true.min()), float(true.max())
    step = nice_step(max(high - low, 1e-6), 4)
    half = step / 2
    return np.floor(low / half) * half, np.ceil(high / half) * half, step


def _draw_scatter(canvas: Canvas, body: Box, panel: Panel, found: _Predictions, signs: Glyphs) -> None:
    low, high, step = _range(found)
    left = _LEFT if body.width >= 3 * _LEFT else 0
    axis = 2 if body.height >= 6 else 0
    area = PlotArea(body.x + left, body.y, body.width - left, body.height - axis, low, high, low, high, signs.braille)
    if area.width < 1 or area.height < 1:
        return
    _draw_axes(canvas, area, linear_ticks(low, high, step), signs, bool(left), bool(axis))
    diagonal = np.linspace(low, high, max(area.width * 2, area.height * 4))
    _dots(canvas, area, diagonal, diagonal, GRID, signs, "/")
    beyond = 0
    for true, predicted, style_id, char in (
        (found.train_true, found.train_predicted, series_style(panel.slot, SOFT), "."),
        (found.test_true, found.test_predicted, series_style(panel.slot), "o"),
    ):
        known = np.isfinite(predicted)
        beyond += int((~((predicted >= low) & (predicted <= high) & (true >= low) & (true <= high))).sum())
        _dots(
            canvas, area, np.clip(true[known], low, high), np.clip(predicted[known], low, high), style_id, signs, char
        )
    if beyond:
        words = f"{beyond} beyond"
        canvas.put(area.left + 1, area.top, words[: max(area.width - 1, 0)], TEXT)


def _draw_axes(canvas: Canvas, area: PlotArea, ticks: list[float], signs: Glyphs, left: bool, below: bool) -> None:
    labels = tick_labels(ticks, signs)
    if left:
        for row in range(area.top, area.top + area.height):
            canvas.put(area.left - 1, row, signs.vertical, AXIS)
        for tick, label in zip(ticks, labels, strict=True):
            canvas.put(area.left - 1, area.top + area.row(tick), signs.y_tick, AXIS)
            canvas.put(area.left - 1 - len(label), area.top + area.row(tick), label, TICK_LABEL)
    if below:
        row = area.top + area.height
        canvas.put(area.left - 1, row, signs.corner + signs.horizontal * area.width, AXIS)
        for tick, label in zip(ticks, labels, strict=True):
            column = area.left + area.column(tick)
            canvas.put(column, row, signs.x_tick, AXIS)
            canvas.put(min(column, area.left + area.width - len(label)), row + 1, label, TICK_LABEL)


def _dots(
    canvas: Canvas,
    area: PlotArea,
    xs: Floats,
    ys: Floats,
    style_id: StyleId,
    signs: Glyphs,
    char: str,
) -> None:
    """Set a dot for each point; in braille the dots that are there already stay, in the later colour."""
    if not len(xs):
        return
    dots: Dots = area.dots(xs, ys)
    bits = rasterise(dots, area.width, area.height, connect=False, braille=signs.braille)
    rows, columns = slice(area.top, area.top + area.height), slice(area.left, area.left + area.width)
    chars, style_ids = canvas.chars[rows, columns], canvas.style_ids[rows, columns]
    bits = bits[: chars.shape[0], : chars.shape[1]]
    if signs.braille:
        there = np.where(chars >= BRAILLE, chars - BRAILLE, 0).astype(np.uint32)
        chars[:] = np.where(bits > 0, BRAILLE + (there | bits), chars)
    else:
        chars[:] = np.where(bits > 0, ord(char), chars)
    style_ids[:] = np.where(bits > 0, style_id, style_ids)


# -- residuals ------------------------------------------------------------------------------------------------


def _draw_residuals(canvas: Canvas, body: Box, panel: Panel, residuals: Floats, signs: Glyphs) -> None:
    """A histogram of predicted minus true, what lies beyond the range counted in words at its ends."""
    reach = residual_range(residuals)
    heights = _heights(residuals, body.width, reach)
    bars = _BARS if signs.braille else _ASCII_BARS
    levels = len(bars) - 1
    for column, height in enumerate(heights):
        eighths = round(height * _RESIDUAL_ROWS * levels)
        for row in range(_RESIDUAL_ROWS):
            part = min(max(eighths - row * levels, 0), levels)
            if part:
                canvas.put(body.x + column, body.y + _RESIDUAL_ROWS - 1 - row, bars[part], series_style(panel.slot))
    row = body.y + _RESIDUAL_ROWS
    canvas.put(body.x, row, signs.horizontal * body.width, AXIS)
    canvas.put(body.x + body.width // 2, row, signs.x_tick, AXIS)
    with np.errstate(invalid="ignore"):
        below, above = int((residuals < -reach).sum()), int((residuals > reach).sum())
    less, more = ("‹", "›") if signs.braille else ("<", ">")
    low = f"{signs.minus}{reach:g}" + (f" {less}{below}" if below else "")
    high = (f"{above}{more} " if above else "") + f"{reach:g}"
    canvas.put(body.x, row + 1, low, TICK_LABEL)
    canvas.put(body.x + body.width - len(high), row + 1, high, TICK_LABEL)
    middle = body.x + (body.width - len(_RESIDUAL)) // 2
    if middle > body.x + len(low) and middle + len(_RESIDUAL) < body.x + body.width - len(high):
        canvas.put(middle, row + 1, _RESIDUAL, TEXT)


def residual_range(residuals: Floats) -> float:
    """How far the axis of the residuals goes to either side.

    Args:
        residuals: (rows,) predicted minus true; some may be infinite or NaN.

    Returns:
        The smallest 1, 2 or 5 x 10^k that most of them lie within; 1 where none is finite, or all are 0.
    """
    sizes = np.abs(residuals[np.isfinite(residuals)])
    far = float(np.percentile(sizes, _MOST_RESIDUALS)) if len(sizes) else 0.0
    return nice_step(far, 1) if far > 0 else 1.0


def _heights(residuals: Floats, bins: int, reach: float) -> Floats:
    """Rows in each of `bins` equal parts of the range, as a share of the fullest part."""
    inside = residuals[np.isfinite(residuals) & (np.abs(residuals) <= reach)]
    counts, _ = np.histogram(inside, bins=max(bins, 1), range=(-reach, reach))
    return counts / max(int(counts.max()), 1)
