"""Draws the curves in layers, one over the other: bands, raw values, dotted curves, solid curves, markers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .curve import PlottedCurve, curve_rows, line_bits, raw_bits
from .frame import Canvas, Chars, StyleIds
from .glyphs import Glyphs
from .layout import PlotArea
from .raster import BRAILLE, Bits, dots_per_cell
from .styles import BLANK, CROSSHAIR, FAINT, FULL, GRID, ON_BAND, SLOTS, StyleId, series_style
from .transforms import Floats

_DOT_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.uint8)
_DOT_COUNT = np.array([number.bit_count() for number in range(256)])
_NO_BAND = -1
_MARKER_EVERY = 10
_BEST_FROM_WIDTH = 30


class Layers:
    """The cells of a plot while it is being drawn.

    Attributes:
        area: where the plot is, with its ranges.
        glyphs: the characters to draw with.
        chars: (height, width) code points; 0 where nothing has been drawn yet.
        style_ids: (height, width).
    """

    def __init__(self, area: PlotArea, glyphs: Glyphs) -> None:
        self.area, self.glyphs = area, glyphs
        self.chars: Chars = np.zeros((area.height, area.width), dtype=np.uint32)
        self.style_ids: StyleIds = np.full((area.height, area.width), BLANK, dtype=np.uint16)
        self._lines: Bits = np.zeros((area.height, area.width), dtype=np.uint8)
        self._distance: Floats = np.full((area.height, area.width), np.inf)
        self._banded: NDArray[np.int64] = np.full((area.height, area.width), _NO_BAND)

    def band(self, bits: Bits, distance: Floats, slot: int) -> None:
        """Draw a band. Where bands overlap, each cell belongs to the one whose curve is nearest.

        A curve in a cell that its own band mostly fills is drawn on the band.

        Args:
            bits: (height, width) the dots of the band.
            distance: (height, width) the distance of each cell from the band's curve, in rows of dots.
            slot: the slot of its series, 0 to SLOTS - 1.
        """
        mask = (bits > 0) & (distance < self._distance)
        self._distance[mask] = distance[mask]
        across, down = dots_per_cell(self.glyphs.braille)
        self._banded[mask] = np.where(_DOT_COUNT[bits[mask]] * 2 > across * down, slot, _NO_BAND)
        self.behind(np.where(mask, bits, 0), series_style(slot, FAINT), self.glyphs.shade)

    def behind(self, bits: Bits, style_id: StyleId, char: str) -> None:
        """Draw something faint. A later faint thing replaces it, and so does any curve.

        Args:
            bits: (height, width) its dots.
            style_id: its style.
            char: what to draw it with if there is no braille.
        """
        mask = bits > 0
        self.chars[mask] = (BRAILLE + bits[mask].astype(np.uint32)) if self.glyphs.braille else ord(char)
        self.style_ids[mask] = style_id

    def line(self, bits: Bits, slot: int, tone: int, char: str) -> None:
        """Draw a curve. Where it crosses another, the cell keeps the dots of both and takes the later one's style.

        Args:
            bits: (height, width) its dots.
            slot: the slot of its series.
            tone: FULL or SOFT.
            char: what to draw it with if there is no braille.
        """
        mask = bits > 0
        self._lines[mask] |= bits[mask]
        self.chars[mask] = (BRAILLE + self._lines[mask].astype(np.uint32)) if self.glyphs.braille else ord(char)
        self.style_ids[mask] = series_style(slot, tone)
        self.style_ids[mask & (self._banded == slot % SLOTS)] = series_style(slot, ON_BAND)

    def put(self, column: int, row: int, char: str, slot: int, tone: int = FULL) -> None:
        """Draw one character in the style of a series over whatever is there.

        Args:
            column: within the plot.
            row: within the plot.
            char: one cell wide.
            slot: the slot of the series.
            tone: its tone where the cell is not on the series' own band.
        """
        self.chars[row, column] = ord(char)
        self.style_ids[row, column] = series_style(slot, ON_BAND if self._banded[row, column] == slot % SLOTS else tone)


def draw_curves(layers: Layers, curves: Sequence[PlottedCurve]) -> None:
    """Draw all curves with what lies behind them, in their order but faint and dotted ones first and some in front."""
    glyphs, area = layers.glyphs, layers.area
    for each in curves:
        if each.band is not None and not as_bars(curves):
            layers.band(_band_bits(each, area), _distance(each, area), each.series.slot % SLOTS)
    for each in curves:
        if each.has_raw:
            layers.behind(raw_bits(each, area), each.faint_style_id, glyphs.raw)
    for each in sorted(curves, key=_depth):
        dotted = each.series.line_style == "dotted"
        char = glyphs.dots if dotted else glyphs.marker(each.series.slot)
        layers.line(line_bits(each, area), each.series.slot, each.tone, char)


_MOST_BANDS = 2


def as_bars(curves: Sequence[PlottedCurve]) -> bool:
    """Whether spreads are drawn as bars at the markers: more bands than two would smear into one another."""
    return sum(each.band is not None for each in curves) > _MOST_BANDS


def _depth(curve: PlottedCurve) -> tuple[bool, bool, bool]:
    """What decides on which curve lies over which; the lowest first."""
    series = curve.series
    return not series.dim, series.line_style == "solid", series.front


def _distance(curve: PlottedCurve, area: PlotArea) -> Floats:
    """Each cell's distance from the curve, up or down, in rows of dots; very far where the curve has no value."""
    across, down = dots_per_cell(area.braille)
    middles = np.arange(area.width, dtype=np.float64) * across + (across - 1) / 2
    rows = np.arange(area.height) * down + (down - 1) / 2
    return np.nan_to_num(np.abs(rows[:, None] - curve_rows(curve, area, middles)[None, :]), nan=1e9)


def _band_bits(curve: PlottedCurve, area: PlotArea) -> Bits:
    """All dots between the band's edges."""
    across, down = dots_per_cell(area.braille)
    columns = np.arange(area.width * across, dtype=np.float64)
    low, high = curve.band or (curve.line, curve.line)
    edges = [_edge(curve, part, area, columns) for part in (high, low)]
    rows = np.arange(area.height * down)[:, None]
    with np.errstate(invalid="ignore"):
        filled = (rows >= np.floor(edges[0] + 0.5)) & (rows <= np.floor(edges[1] + 0.5))
    if not area.braille:
        return np.asarray(filled, dtype=np.uint8)
    cells = filled.reshape(area.height, down, area.width, across)
    bits = np.bitwise_or.reduce(np.where(cells, _DOT_BITS[None, :, None, :], 0), axis=(1, 3))
    return np.asarray(bits, dtype=np.uint8)


def _edge(curve: PlottedCurve, values: Floats, area: PlotArea, columns: Floats) -> Floats:
    """The row of dots of one edge of a band in each column; beyond the plot where the edge is."""
    xs = curve.points.xs
    good = ~np.isnan(values)
    if not good.any():
        return np.full(len(columns), np.nan)
    heights = np.where(np.isneginf(values), area.y_min, values)[good]
    return np.interp(columns, area.columns(xs[good]), area.free_rows(heights), left=np.nan, right=np.nan)


def draw_markers(layers: Layers, curves: Sequence[PlottedCurve]) -> None:
    """Put the marker of its slot on each curve at even distances, the markers of the curves beside one another.

    On one of several variants of a slot, its digit takes turns with the marker.
    """
    area = layers.area
    across, down = dots_per_cell(area.braille)
    marked = [each for each in curves if not each.series.dim]
    identities = sorted({(each.series.slot, each.series.variant) for each in marked})
    every = max(_MARKER_EVERY, 4 * len(identities))
    taken: set[tuple[int, int]] = set()
    bars = as_bars(curves)
    for each in sorted(marked, key=lambda one: not one.series.front):
        series = each.series
        place = identities.index((series.slot, series.variant))
        columns = range((every // 2 + place * every // len(identities)) % every, area.width, every)
        middles = np.array(columns, dtype=np.float64) * across + (across - 1) / 2
        signs = itertools.cycle(layers.glyphs.mark(series.slot, series.variant))
        if bars:
            _draw_bars(layers, each, columns, middles)
        for column, dot_row in zip(columns, curve_rows(each, area, middles).tolist(), strict=True):
            if math.isfinite(dot_row) and (cell := (column, int(dot_row + 0.5) // down)) not in taken:
                taken.add(cell)
                layers.put(*cell, next(signs), series.slot, each.tone)


def _draw_bars(layers: Layers, curve: PlottedCurve, columns: Sequence[int], middles: Floats) -> None:
    """Draw the spread around a curve as upright bars where its markers stand, and only through empty cells."""
    if curve.band is None:
        return
    _, down = dots_per_cell(layers.area.braille)
    low, high = curve.band
    upper, lower = (_edge(curve, part, layers.area, middles) for part in (high, low))
    for column, first, last in zip(columns, upper.tolist(), lower.tolist(), strict=True):
        if math.isfinite(first) and math.isfinite(last):
            rows = range(max(int(first + 0.5) // down, 0), min(int(last + 0.5) // down, layers.area.height - 1) + 1)
            for row in rows:
                if layers.chars[row, column] == 0:
                    layers.put(column, row, layers.glyphs.crosshair, curve.series.slot, FAINT)


def draw_baseline(canvas: Canvas, area: PlotArea, height: float, glyphs: Glyphs) -> None:
    """Draw a thin line at a height; nothing where that is out of view.

    Args:
        canvas: with nothing but the grid inside the plot.
        area: where the plot is, with its ranges.
        height: an axis coordinate.
        glyphs: the characters to draw with.
    """
    if area.shows_height(height):
        canvas.put(area.left, area.top + area.row(height), glyphs.baseline * area.width, GRID)


def draw_baseline_name(canvas: Canvas, area: PlotArea, height: float, name: str) -> None:
    """Write the baseline's name on its line, or next to it, where no curve is in the way; nowhere if there is no room.

    Args:
        canvas: with everything else inside the plot.
        area: where the plot is, with its ranges.
        height: an axis coordinate.
        name: one cell a character.
    """
    if not area.shows_height(height):
        return
    words, line = f" {name} ", area.top + area.row(height)
    for row in (line, line - 1, line + 1):
        if not area.top <= row < area.top + area.height:
            continue
        for column in range(area.left + 2, area.left + area.width - len(words) + 1):
            if canvas.is_free(column, row, len(words)):
                canvas.put(column, row, words, GRID)
                return


def draw_best(layers: Layers, curves: Sequence[PlottedCurve]) -> None:
    """Put a star on each curve's best epoch, in a plot that is wide enough for it to hide nothing else."""
    if layers.area.width < _BEST_FROM_WIDTH:
        return
    for each in curves:
        best = each.series.best
        if best is None or each.series.dim or not 0 <= best < len(each.points.xs):
            continue
        x, y = float(each.points.xs[best]), float(each.line[best])
        if layers.area.shows(x) and layers.area.shows_height(y):
            layers.put(*layers.area.cell(x, y), layers.glyphs.best, each.series.slot)


def draw_crosshair(
    canvas: Canvas, area: PlotArea, curves: Sequence[PlottedCurve], glyphs: Glyphs, epoch: float
) -> None:
    """Draw a line down the plot through its empty cells, and the marker of each curve where it crosses the curve."""
    if not area.shows(epoch):
        return
    _, down = dots_per_cell(area.braille)
    column = area.left + area.column(epoch)
    for row in range(area.top, area.top + area.height):
        if canvas.is_free(column, row, 1):
            canvas.put(column, row, glyphs.crosshair, CROSSHAIR)
    for each in curves:
        dot_row = curve_rows(each, area, area.columns(np.array([epoch])))[0]
        if np.isfinite(dot_row):
            marker = glyphs.marker(each.series.slot)
            canvas.put(column, area.top + int(dot_row + 0.5) // down, marker, series_style(each.series.slot, FULL))
