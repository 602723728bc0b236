"""One series made ready for the area: smoothed, cut to the view, thinned, split at its gaps, turned into dots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .area import Area
from .ink import FAINT, FULL, SOFT, ink
from .raster import Bits, Dots, joined
from .series import Series, View
from .thin import in_view
from .track import Points, Track

Floats = NDArray[np.float64]

DOT_EVERY = 3
"""Dots' distance along a dotted line, in dots."""

_EXTENT_COLUMNS = 64


@dataclass(frozen=True)
class Curve:
    """A series on its axis.

    key: changes when points, line or band are not those of the picture before with more behind.
    points: its own values; line: what the curve shows, smoothed or not, as long as points.
    band: the band's edges or None; the lower one is -inf where it lies below a logarithmic axis.
    """

    series: Series
    track: Track
    key: object
    points: Points
    line: Floats
    band: tuple[Floats, Floats] | None
    smoothed: bool = False
    _fits: dict[tuple[str, Area], tuple[Floats, Floats]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def tone(self) -> int:
        """How strongly the curve is drawn."""
        return SOFT if self.series.dim or self.series.style == "dotted" else FULL

    @property
    def ink(self) -> int:
        """The curve's own ink."""
        return ink(self.series.slot, self.tone)

    @property
    def faint(self) -> int:
        """The ink of what lies behind the curve: its band, its raw values."""
        return ink(self.series.slot, FAINT)

    @property
    def has_raw(self) -> bool:
        """Whether the values themselves are drawn behind the smoothed curve."""
        return self.smoothed and self.band is None

    def fitted(self, part: str, area: Area) -> tuple[Floats, Floats]:
        """Epochs and axis coordinates of one part ("line", "raw") in view, thinned to the area's columns."""
        known = self._fits.get((part, area))
        if known is None:
            ys = self.line if part == "line" else self.points.ys
            known = self._fits[part, area] = self._thinned(part, ys, area.low, area.high, area.width)
        return known

    def extent(self, low: float, high: float) -> tuple[float, float] | None:
        """The lowest and the highest axis coordinate drawn between two epochs, or None if nothing is."""
        parts = {"line": self.line}
        if self.has_raw:
            parts["raw"] = self.points.ys
        if self.band is not None:
            parts["low"], parts["high"] = self.band
        found = []
        for part, values in parts.items():
            _, ys = self._thinned(f"extent of {part}", values, low, high, _EXTENT_COLUMNS)
            ys = ys[np.isfinite(ys)]
            if len(ys):
                found.append((float(ys.min()), float(ys.max())))
        return (min(pair[0] for pair in found), max(pair[1] for pair in found)) if found else None

    def _thinned(self, purpose: str, ys: Floats, low: float, high: float, columns: int) -> tuple[Floats, Floats]:
        seen_x, seen_y = in_view(self.points.xs, ys, low, high)
        key = (self.key, low, high, columns)
        return self.track.thinner(purpose).thin(seen_x, seen_y, low, high, columns, key)


def curve(series: Series, track: Track, view: View) -> Curve:
    """Read a series and smooth it as the view says."""
    points = track.points(series, view.log)
    band = track.band(series, view.log)
    key = (track.version, view.log, view.smoothing)
    line, smoothed = points.ys, view.smoothing > 0
    if smoothed:
        line = track.smoothed("line", line, view.smoothing, view.log)
    if band is not None and smoothed:
        low = track.smoothed("low", band[0], view.smoothing, view.log)
        band = low, track.smoothed("high", band[1], view.smoothing, view.log)
    if band is not None and view.log:
        # a band that reaches below zero goes on to the bottom of a logarithmic axis
        band = np.where(np.isnan(band[0]) & ~np.isnan(band[1]), -np.inf, band[0]), band[1]
    return Curve(series, track, key, points, line, band, smoothed)


def line_bits(curve: Curve, area: Area) -> Bits:
    """The dots of the curve itself."""
    return _bits(curve, "line", *curve.fitted("line", area), area)


def raw_bits(curve: Curve, area: Area) -> Bits:
    """The dots of the values as they are, for drawing behind a smoothed curve."""
    return _bits(curve, "raw", *curve.fitted("raw", area), area)


def heights(curve: Curve, area: Area, columns: Floats) -> Floats:
    """The curve's row of dots above each given column of dots; NaN where it has none."""
    xs, ys = curve.fitted("line", area)
    good = np.isfinite(ys)
    if not good.any():
        return np.full(len(columns), np.nan)
    at = area.columns(xs)
    whole = np.interp(columns, at[good], area.rows(ys[good]), left=np.nan, right=np.nan)
    gaps = np.interp(columns, at, (~good).astype(np.float64), left=1.0, right=1.0)
    return np.where(gaps > 0, np.nan, whole)


def _bits(curve: Curve, part: str, xs: Floats, ys: Floats, area: Area) -> Bits:
    lines = [area.dots(xs[run], ys[run]) for run in _runs(ys)]
    dotted = curve.series.style == "dotted"
    if dotted:
        lines = [_spaced(line) for line in lines]
    stroke = curve.track.stroke(part)
    return stroke.draw(joined(lines), area.width, area.height, connect=not dotted, braille=area.braille)


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
