"""The fit of a regression: predicted against true, and how far the predictions lie off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..chart.frame import Canvas, Frame
from ..chart.glyphs import Glyphs, glyphs
from ..chart.layout import PlotArea
from ..chart.raster import BRAILLE, Dots, rasterise
from ..chart.styles import AXIS, GRID, SOFT, TEXT, TICK_LABEL, series_style
from ..chart.ticks import linear_ticks, nice_step, short_text, tick_labels
from ..snapshots import Sample, Weights
from .network import outputs
from .panel import Panel
from .panes import Pane, arrange, left_out, put_title, put_words

_LEFT = 5
_RESIDUAL_ROWS = 4
_RESIDUALS_FROM = 14
_LEGEND_ROWS_FROM = 10
_RESIDUAL = "residual"
_LEGEND = "predicted over true · paler: train"
_LEGEND_ASCII = "predicted over true: o test . train"
_BARS = " ▁▂▃▄▅▆▇█"
_ASCII_BARS = " ..::||##"
RESIDUAL_RANGE = 1.0
"""Residuals are counted from minus this to this; the targets have a standard deviation of 1."""


@dataclass(frozen=True)
class _Seen:
    """True targets and predictions of both sets, (rows,) float64; predictions may be infinite or NaN."""

    train_true: NDArray[np.float64]
    train_predicted: NDArray[np.float64]
    test_true: NDArray[np.float64]
    test_predicted: NDArray[np.float64]

    @classmethod
    def of(cls, panel: Panel, weights: Weights, sample: Sample) -> _Seen:
        head = panel.experiment.head
        train, test = (outputs(weights, x, head)[:, 0].astype(np.float64) for x in (sample.train_x, sample.test_x))
        return cls(sample.train_y[:, 0].astype(np.float64), train, sample.test_y[:, 0].astype(np.float64), test)

    @property
    def words(self) -> str:
        """The test rows' errors."""
        with np.errstate(all="ignore"):
            error = self.test_predicted - self.test_true
            return f"MSE {short_text(float(np.mean(error**2)))}" if len(error) else ""


def fit_frame(panels: Sequence[Panel], width: int, height: int, ascii: bool = False) -> Frame:  # noqa: A002
    """Draw predicted against true targets of each panel's sample, with the diagonal, and the test rows' residuals.

    The axes follow from the sample's clean test targets alone, so that they hold still; what lies beyond them is at
    the edge, and counted.
    """
    canvas = Canvas(width, height)
    if not canvas.width or not canvas.height or not panels:
        return canvas.frame()
    signs = glyphs(ascii)
    legend = height >= _LEGEND_ROWS_FROM
    panes = arrange(len(panels), width, height - legend)
    for panel, pane in zip(panels, panes, strict=False):
        if panel.weights is None or panel.sample is None:
            put_title(canvas, pane, panel, ascii)
            put_words(canvas, pane, panel.words, ascii)
            continue
        seen = _Seen.of(panel, panel.weights, panel.sample)
        put_title(canvas, pane, panel, ascii, seen.words)
        _draw(canvas, Pane(pane.x, pane.y + 1, pane.width, pane.height - 1), panel, seen, signs)
    if legend:
        canvas.put(0, height - 1, _LEGEND_ASCII if ascii else _LEGEND, TEXT)
    left_out(canvas, len(panels), len(panes), ascii)
    return canvas.frame()


def _draw(canvas: Canvas, body: Pane, panel: Panel, seen: _Seen, signs: Glyphs) -> None:
    residuals = _RESIDUAL_ROWS + 2 if body.height >= _RESIDUALS_FROM else 0
    scatter = Pane(body.x, body.y, body.width, body.height - residuals)
    if scatter.height > 0:
        _draw_scatter(canvas, scatter, panel, seen, signs)
    if residuals:
        below = Pane(body.x, body.y + scatter.height, body.width, residuals)
        _draw_residuals(canvas, below, panel, seen.test_predicted - seen.test_true, signs)


# -- predicted against true -----------------------------------------------------------------------------------


def _range(seen: _Seen) -> tuple[float, float, float]:
    """The axes' low and high end and their step, from the test targets."""
    true = seen.test_true if len(seen.test_true) else np.zeros(1)
    low, high = float(true.min()), float(true.max())
    step = nice_step(max(high - low, 1e-6), 4)
    half = step / 2
    return np.floor(low / half) * half, np.ceil(high / half) * half, step


def _draw_scatter(canvas: Canvas, body: Pane, panel: Panel, seen: _Seen, signs: Glyphs) -> None:
    low, high, step = _range(seen)
    left = _LEFT if body.width >= 3 * _LEFT else 0
    axis = 2 if body.height >= 6 else 0
    area = PlotArea(body.x + left, body.y, body.width - left, body.height - axis, low, high, low, high, signs.braille)
    if area.width < 1 or area.height < 1:
        return
    _draw_axes(canvas, area, linear_ticks(low, high, step), signs, bool(left), bool(axis))
    diagonal = np.linspace(low, high, max(area.width * 2, area.height * 4))
    _dots(canvas, area, diagonal, diagonal, GRID, signs, "/")
    beyond = 0
    for true, predicted, number, char in (
        (seen.train_true, seen.train_predicted, series_style(panel.slot, SOFT), "."),
        (seen.test_true, seen.test_predicted, series_style(panel.slot), "o"),
    ):
        known = np.isfinite(predicted)
        beyond += int((~((predicted >= low) & (predicted <= high) & (true >= low) & (true <= high))).sum())
        _dots(canvas, area, np.clip(true[known], low, high), np.clip(predicted[known], low, high), number, signs, char)
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
    xs: NDArray[np.float64],
    ys: NDArray[np.float64],
    number: int,
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
    style_ids[:] = np.where(bits > 0, number, style_ids)


# -- residuals ------------------------------------------------------------------------------------------------


def _draw_residuals(canvas: Canvas, body: Pane, panel: Panel, residuals: NDArray[np.float64], signs: Glyphs) -> None:
    """A histogram of predicted minus true, what lies beyond the range counted in words at its ends."""
    heights = _heights(residuals, body.width)
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
        below, above = int((residuals < -RESIDUAL_RANGE).sum()), int((residuals > RESIDUAL_RANGE).sum())
    less, more = ("‹", "›") if signs.braille else ("<", ">")
    low = f"{signs.minus}{RESIDUAL_RANGE:g}" + (f" {less}{below}" if below else "")
    high = (f"{above}{more} " if above else "") + f"{RESIDUAL_RANGE:g}"
    canvas.put(body.x, row + 1, low, TICK_LABEL)
    canvas.put(body.x + body.width - len(high), row + 1, high, TICK_LABEL)
    middle = body.x + (body.width - len(_RESIDUAL)) // 2
    if middle > body.x + len(low) and middle + len(_RESIDUAL) < body.x + body.width - len(high):
        canvas.put(middle, row + 1, _RESIDUAL, TEXT)


def _heights(residuals: NDArray[np.float64], bins: int) -> NDArray[np.float64]:
    """Rows in each of `bins` equal parts of the range, as a share of the fullest part."""
    inside = residuals[np.isfinite(residuals) & (np.abs(residuals) <= RESIDUAL_RANGE)]
    counts, _ = np.histogram(inside, bins=max(bins, 1), range=(-RESIDUAL_RANGE, RESIDUAL_RANGE))
    return counts / max(int(counts.max()), 1)
