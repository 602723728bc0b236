"""One series made ready to be drawn: smoothed, clipped to the window, downsampled, turned into dots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from .layout import PlotArea
from .raster import Bits, Dots, joined
from .series import AxisPoints, Series, SeriesCache
from .styles import FAINT, FULL, SOFT, StyleId, series_style
from .transforms import Floats, clip_to_heights, clip_to_window
from .view_state import ViewState

DOT_EVERY = 3
"""The distance between the dots of a dotted line, in dots."""

_EXTENT_COLUMNS = 64


@dataclass(frozen=True)
class PlottedCurve:
    """A series in axis coordinates, as one frame shows it.

    Attributes:
        series: the series.
        cache: what is kept of the series between frames.
        key: changes when points, line or band are not those of the frame before with more behind.
        points: the series' own values.
        line: (n,) what the curve shows, smoothed or not, as long as points.
        band: the band's lower and upper edge, each (n,), or None. The lower one is -inf where it lies below a
            logarithmic axis.
        smoothed: whether the line is smoothed.
    """

    series: Series
    cache: SeriesCache
    key: object
    points: AxisPoints
    line: Floats
    band: tuple[Floats, Floats] | None
    smoothed: bool = False
    _visible: dict[tuple[str, PlotArea], tuple[Floats, Floats]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def tone(self) -> int:
        """How strongly the curve is drawn: FULL, SOFT or FAINT."""
        if self.series.dim:
            return FAINT
        return SOFT if self.series.line_style == "dotted" else FULL

    @property
    def style_id(self) -> StyleId:
        """The style of the curve itself."""
        return series_style(self.series.slot, self.tone)

    @property
    def faint_style_id(self) -> StyleId:
        """The style of what lies behind the curve: its band, its raw values."""
        return series_style(self.series.slot, FAINT)

    @property
    def has_raw(self) -> bool:
        """Whether the values themselves are drawn behind the smoothed curve."""
        return self.smoothed and self.band is None

    def visible_points(self, part: str, area: PlotArea) -> tuple[Floats, Floats]:
        """The points of one part of the curve that are in view, downsampled to the columns of the plot.

        Where the curve leaves the range of the y axis, the points on its edge are among them and NaN is between.

        Args:
            part: "line" or "raw".
            area: where the plot is, with its ranges.

        Returns:
            Epochs and axis coordinates, each (m,); NaN for a gap.
        """
        known = self._visible.get((part, area))
        if known is None:
            ys = self.line if part == "line" else self.points.ys
            points = self._downsampled(part, ys, area.x_min, area.x_max, area.width)
            known = self._visible[part, area] = clip_to_heights(*points, area.y_min, area.y_max)
        return known

    def y_extent(self, low: float, high: float) -> tuple[float, float] | None:
        """The lowest and the highest axis coordinate drawn between two epochs, or None if nothing is."""
        parts = {"line": self.line}
        if self.has_raw:
            parts["raw"] = self.points.ys
        if self.band is not None:
            parts["low"], parts["high"] = self.band
        found = []
        for part, values in parts.items():
            _, ys = self._downsampled(f"extent of {part}", values, low, high, _EXTENT_COLUMNS)
            ys = ys[np.isfinite(ys)]
            if len(ys):
                found.append((float(ys.min()), float(ys.max())))
        return (min(pair[0] for pair in found), max(pair[1] for pair in found)) if found else None

    def _downsampled(self, purpose: str, ys: Floats, low: float, high: float, columns: int) -> tuple[Floats, Floats]:
        seen_x, seen_y = clip_to_window(self.points.xs, ys, low, high)
        key = (self.key, low, high, columns)
        return self.cache.downsampler(purpose).downsample(seen_x, seen_y, low, high, columns, key)


def plotted_curve(series: Series, cache: SeriesCache, view: ViewState) -> PlottedCurve:
    """Read a series and smooth it as the view says.

    Args:
        series: the series; its lists may have grown since the frame before.
        cache: what is kept of this series between frames.
        view: how the chart is seen.
    """
    log = bool(view.log)
    points = cache.points(series, log)
    band = None if series.dim else cache.band(series, log)
    key = (cache.version, log, view.smoothing)
    line, smoothed = points.ys, view.smoothing > 0
    if smoothed:
        line = cache.smoothed("line", line, view.smoothing, log)
    if band is not None and smoothed:
        low = cache.smoothed("low", band[0], view.smoothing, log)
        band = low, cache.smoothed("high", band[1], view.smoothing, log)
    if band is not None and log:
        # a band that reaches below zero goes on to the bottom of a logarithmic axis
        band = np.where(np.isnan(band[0]) & ~np.isnan(band[1]), -np.inf, band[0]), band[1]
    return PlottedCurve(series, cache, key, points, line, band, smoothed)


def line_bits(curve: PlottedCurve, area: PlotArea) -> Bits:
    """The dots of the curve itself, (area.height, area.width)."""
    return _bits(curve, "line", *curve.visible_points("line", area), area)


def raw_bits(curve: PlottedCurve, area: PlotArea) -> Bits:
    """The dots of the values as they are, (area.height, area.width), for drawing behind a smoothed curve."""
    return _bits(curve, "raw", *curve.visible_points("raw", area), area)


def curve_rows(curve: PlottedCurve, area: PlotArea, columns: Floats) -> Floats:
    """Where a curve crosses columns of dots.

    Args:
        curve: the curve.
        area: where the plot is, with its ranges.
        columns: (n,) columns of dots, need not be whole.

    Returns:
        (n,) rows of dots from the top, not yet whole; NaN where the curve has no value.
    """
    xs, ys = curve.visible_points("line", area)
    good = np.isfinite(ys)
    if not good.any():
        return np.full(len(columns), np.nan)
    at = area.columns(xs)
    whole = np.interp(columns, at[good], area.rows(ys[good]), left=np.nan, right=np.nan)
    gaps = np.interp(columns, at, (~good).astype(np.float64), left=1.0, right=1.0)
    return np.where(gaps > 0, np.nan, whole)


def _bits(curve: PlottedCurve, part: str, xs: Floats, ys: Floats, area: PlotArea) -> Bits:
    lines = [area.dots(xs[run], ys[run]) for run in _runs(ys)]
    dotted = curve.series.line_style == "dotted"
    if dotted:
        lines = [_spaced(line) for line in lines]
    raster = curve.cache.raster(part)
    return raster.draw(joined(lines), area.width, area.height, connect=not dotted, braille=area.braille)


def _runs(ys: Floats) -> Iterator[slice]:
    """The stretches of finite values."""
    padded = np.concatenate(([False], np.isfinite(ys), [False]))
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        yield slice(start, end)


def _spaced(points: Dots) -> Dots:
    """Points at even distances along a line through the given ones; those of a line's beginning stay as it grows."""
    steps = np.abs(np.diff(points, axis=0)).max(axis=1) if len(points) > 1 else np.empty(0)
    length = np.concatenate(([0.0], np.cumsum(steps)))
    at = np.arange(0.0, length[-1] + 1, DOT_EVERY)
    distinct = np.concatenate(([True], np.diff(length) > 0))
    xs = np.interp(at, length[distinct], points[distinct, 0])
    ys = np.interp(at, length[distinct], points[distinct, 1])
    return np.floor(np.stack([xs, ys], axis=1) + 0.5).astype(np.int64)
