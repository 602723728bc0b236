"""The curves' cells, one layer over the other: bands, raw values, dotted curves, solid curves, markers, labels."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .area import Area, Floats
from .curve import Curve, heights, line_bits, raw_bits
from .frame import Canvas, is_free
from .glyphs import Glyphs
from .ink import BLANK, CROSS, FAINT, FULL, ON_BAND, SLOTS, ink
from .raster import BRAILLE, Bits, dots_per_cell

_DOT_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.uint8)
_COUNT = np.array([number.bit_count() for number in range(256)])
NOT_BANDED = -1
_MARKER_EVERY = 10
_BEST_FROM = 30


class Layers:
    """The plot's cells while it is being drawn. `chars` is 0 where nothing has been drawn yet."""

    def __init__(self, area: Area, glyphs: Glyphs) -> None:
        self.area, self.glyphs = area, glyphs
        self.chars: NDArray[np.uint32] = np.zeros((area.height, area.width), dtype=np.uint32)
        self.inks: NDArray[np.uint8] = np.full((area.height, area.width), BLANK, dtype=np.uint8)
        self._lines: Bits = np.zeros((area.height, area.width), dtype=np.uint8)
        self._distance: Floats = np.full((area.height, area.width), np.inf)
        self._banded: NDArray[np.int64] = np.full((area.height, area.width), NOT_BANDED)

    def band(self, bits: Bits, distance: Floats, slot: int) -> None:
        """Draw a band. Where bands overlap, each cell belongs to the one whose curve is nearest.

        A curve in a cell that its own band mostly fills is drawn on the band.
        """
        mask = (bits > 0) & (distance < self._distance)
        self._distance[mask] = distance[mask]
        across, down = dots_per_cell(self.glyphs.braille)
        self._banded[mask] = np.where(_COUNT[bits[mask]] * 2 > across * down, slot, NOT_BANDED)
        self.behind(np.where(mask, bits, 0), ink(slot, FAINT), self.glyphs.shade)

    def behind(self, bits: Bits, number: int, char: str) -> None:
        """Draw something faint. A later faint thing replaces it, and so does any curve."""
        mask = bits > 0
        self.chars[mask] = (BRAILLE + bits[mask].astype(np.uint32)) if self.glyphs.braille else ord(char)
        self.inks[mask] = number

    def line(self, bits: Bits, slot: int, tone: int, char: str) -> None:
        """Draw a curve. Where it crosses another, the cell keeps both curves' dots and takes the later one's ink."""
        mask = bits > 0
        self._lines[mask] |= bits[mask]
        self.chars[mask] = (BRAILLE + self._lines[mask].astype(np.uint32)) if self.glyphs.braille else ord(char)
        self.inks[mask] = ink(slot, tone)
        self.inks[mask & (self._banded == slot % SLOTS)] = ink(slot, ON_BAND)

    def put(self, column: int, row: int, char: str, slot: int, tone: int = FULL) -> None:
        """Draw one character of a slot over whatever is there."""
        self.chars[row, column] = ord(char)
        self.inks[row, column] = ink(slot, ON_BAND if self._banded[row, column] == slot % SLOTS else tone)


def draw_curves(layers: Layers, curves: Sequence[Curve]) -> None:
    """Draw all curves with what lies behind them, in their order, dotted and subdued ones first."""
    glyphs, area = layers.glyphs, layers.area
    for each in curves:
        if each.band is not None:
            layers.band(band_bits(each, area), _distance(each, area), each.series.slot % SLOTS)
    for each in curves:
        if each.has_raw:
            layers.behind(raw_bits(each, area), each.faint, glyphs.raw)
    for each in sorted(curves, key=lambda one: (not one.series.dim, one.series.style == "solid")):
        dotted = each.series.style == "dotted"
        char = glyphs.dots if dotted else glyphs.markers[each.series.slot % SLOTS]
        layers.line(line_bits(each, area), each.series.slot, each.tone, char)


def _distance(curve: Curve, area: Area) -> Floats:
    """Each cell's distance from the curve, up or down, in rows of dots; very far where the curve has no value."""
    across, down = dots_per_cell(area.braille)
    middles = np.arange(area.width, dtype=np.float64) * across + (across - 1) / 2
    rows = np.arange(area.height) * down + (down - 1) / 2
    return np.nan_to_num(np.abs(rows[:, None] - heights(curve, area, middles)[None, :]), nan=1e9)


def band_bits(curve: Curve, area: Area) -> Bits:
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


def _edge(curve: Curve, values: NDArray[np.float64], area: Area, columns: NDArray[np.float64]) -> NDArray[np.float64]:
    xs = curve.points.xs
    good = ~np.isnan(values)
    if not good.any():
        return np.full(len(columns), np.nan)
    return np.interp(columns, area.columns(xs[good]), area.rows(values[good]), left=np.nan, right=np.nan)


def draw_markers(layers: Layers, curves: Sequence[Curve]) -> None:
    """Put each slot's glyph on its curve at even distances, the slots' glyphs beside one another."""
    area = layers.area
    across, down = dots_per_cell(area.braille)
    slots = sorted({each.series.slot for each in curves})
    every = max(_MARKER_EVERY, 4 * len(slots))
    taken: set[tuple[int, int]] = set()
    for each in curves:
        first = (every // 2 + slots.index(each.series.slot) * every // len(slots)) % every
        columns = range(first, area.width, every)
        middles = np.array(columns, dtype=np.float64) * across + (across - 1) / 2
        for column, height in zip(columns, heights(each, area, middles).tolist(), strict=True):
            if math.isfinite(height) and (cell := (column, int(height + 0.5) // down)) not in taken:
                taken.add(cell)
                layers.put(*cell, layers.glyphs.markers[each.series.slot % SLOTS], each.series.slot, each.tone)


def draw_best(layers: Layers, curves: Sequence[Curve]) -> None:
    """Put a star on each curve's best epoch, in a plot that is wide enough for it to hide nothing else."""
    if layers.area.width < _BEST_FROM:
        return
    for each in curves:
        best = each.series.best
        if best is None or not 0 <= best < len(each.points.xs):
            continue
        x, y = float(each.points.xs[best]), float(each.line[best])
        if layers.area.shows(x) and np.isfinite(y):
            layers.put(*layers.area.cell(x, y), layers.glyphs.best, each.series.slot)


def draw_crosshair(canvas: Canvas, area: Area, curves: Sequence[Curve], glyphs: Glyphs, epoch: float) -> None:
    """A line down the plot through its empty cells, and each curve's glyph where it crosses the curve."""
    if not area.shows(epoch):
        return
    _, down = dots_per_cell(area.braille)
    column = area.left + area.column(epoch)
    for row in range(area.top, area.top + area.height):
        if is_free(canvas, column, row, 1):
            canvas.put(column, row, glyphs.cross, CROSS)
    for each in curves:
        height = heights(each, area, area.columns(np.array([epoch])))[0]
        if np.isfinite(height):
            glyph = glyphs.markers[each.series.slot % SLOTS]
            canvas.put(column, area.top + int(height + 0.5) // down, glyph, ink(each.series.slot, FULL))
