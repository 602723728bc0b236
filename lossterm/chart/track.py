"""What is remembered about one series between pictures, so that drawing it again costs only what is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .raster import Bits, Dots, rasterise
from .series import Series
from .smooth import Smoother

Floats = NDArray[np.float64]

HUGE = 1e300
"""Values beyond it are drawn there: sums and differences of doubles must stay finite."""

_TAIL = 24


class Reader:
    """A sequence as an array of doubles; of a list that grows only what was appended is read."""

    def __init__(self) -> None:
        self._source: Sequence[float] | None = None
        self._values: Floats = np.empty(0)
        self.version = 0

    def read(self, source: Sequence[float]) -> Floats:
        """The values now. `version` goes up whenever they are not the earlier ones with more behind."""
        known = self._values
        if isinstance(source, (list, tuple)):
            if source is self._source and len(source) >= len(known):
                fresh = np.array(source[len(known) :], dtype=np.float64)
                self._values = np.concatenate((known, fresh)) if len(fresh) else known
                return self._values
            self._source = source
        values = np.array(source, dtype=np.float64)
        if not _starts_with(values, known):
            self.version += 1
        self._values = values
        return values


def _starts_with(values: Floats, known: Floats) -> bool:
    # compared as integers, so that NaN equals NaN
    start = values[: len(known)].view(np.int64)
    return len(values) >= len(known) and np.array_equal(start, known.view(np.int64))


@dataclass(frozen=True)
class Points:
    """A series on its axis: increasing xs, ys in axis coordinates (NaN where nothing can be drawn).

    broken: epochs whose value is NaN or infinite.
    below: epochs whose value is not positive, when the axis is logarithmic.
    """

    xs: Floats
    ys: Floats
    broken: Floats
    below: Floats


class Stroke:
    """The dots of one line, redrawn only from where it changed."""

    def __init__(self) -> None:
        self._key: object = None
        self._settled: Dots = np.empty((0, 2), dtype=np.int64)
        self._bits: Bits = np.zeros((0, 0), dtype=np.uint8)
        self._last: tuple[Dots, Bits] | None = None

    def draw(self, points: Dots, width: int, height: int, *, connect: bool, braille: bool) -> Bits:
        """As `rasterise`. The result must not be written to."""
        key = (width, height, connect, braille)
        if key != self._key or not _begins(points, self._settled):
            self._key, self._last = key, None
            self._settled, self._bits = points[:0], np.zeros((height, width), dtype=np.uint8)
        if self._last is not None and np.array_equal(self._last[0], points):
            return self._last[1]
        if len(points) - len(self._settled) > _TAIL:
            self._settle(points[: len(points) - _TAIL // 4], connect, braille)
        tail = points[max(len(self._settled) - 1, 0) :]
        bits = self._bits | rasterise(tail, width, height, connect=connect, braille=braille)
        self._last = points, bits
        return bits

    def _settle(self, points: Dots, connect: bool, braille: bool) -> None:
        height, width = self._bits.shape
        fresh = points[max(len(self._settled) - 1, 0) :]
        self._bits = self._bits | rasterise(fresh, width, height, connect=connect, braille=braille)
        self._settled = points


def _begins(points: Dots, known: Dots) -> bool:
    return len(points) >= len(known) and np.array_equal(points[: len(known)], known)


class Track:
    """One series' values, smoothed values and dots."""

    def __init__(self) -> None:
        self._xs, self._ys = Reader(), Reader()
        self._low, self._high = Reader(), Reader()
        self._smoothers: dict[str, tuple[object, Smoother]] = {}
        self._strokes: dict[str, Stroke] = {}

    def stamp(self, series: Series) -> tuple[int, ...]:
        """Numbers that change when the series' values do."""
        parts = [(self._xs, series.xs), (self._ys, series.ys)]
        if series.band is not None:
            parts += [(self._low, series.band[0]), (self._high, series.band[1])]
        return tuple(number for reader, source in parts for number in (len(reader.read(source)), reader.version))

    def values(self, series: Series) -> tuple[Floats, Floats]:
        """The epochs and the values as they are, cut to the shorter of the two."""
        xs, ys = self._xs.read(series.xs), self._ys.read(series.ys)
        length = min(len(xs), len(ys))
        return xs[:length], ys[:length]

    def points(self, series: Series, log: bool) -> Points:
        """The series in axis coordinates."""
        xs, ys = self.values(series)
        finite = np.isfinite(ys)
        shown = on_axis(ys, log)
        below = finite & (ys <= 0) if log else np.zeros(len(ys), dtype=bool)
        return Points(xs, shown, xs[~finite], xs[below])

    def band(self, series: Series, log: bool) -> tuple[Floats, Floats] | None:
        """The band's lower and upper edge in axis coordinates; on a logarithmic axis -inf where it reaches below 0."""
        if series.band is None:
            return None
        low, high = self._low.read(series.band[0]), self._high.read(series.band[1])
        length = min(len(low), len(high), len(series.xs), len(series.ys))
        low, high = low[:length], high[:length]
        edges = on_axis(low, log), on_axis(high, log)
        if log:
            edges[0][(low <= 0) & np.isfinite(edges[1])] = -HUGE
        return edges

    def smoothed(self, part: str, values: Floats, weight: float, log: bool) -> Floats:
        """The exponentially smoothed values of one part ("line", "low", "high"), in axis coordinates."""
        versions = (self._ys.version, self._low.version, self._high.version)
        key = (weight, log, versions)
        known = self._smoothers.get(part)
        if known is None or known[0] != key:
            known = self._smoothers[part] = (key, Smoother(weight))
        return known[1].extend(values)

    def stroke(self, part: str) -> Stroke:
        """The remembered dots of one part ("line", "raw")."""
        return self._strokes.setdefault(part, Stroke())


def on_axis(values: Floats, log: bool) -> Floats:
    """Values in axis coordinates: logarithms of ten on a logarithmic axis; NaN for what the axis cannot show."""
    good = np.isfinite(values) & (values > 0) if log else np.isfinite(values)
    clipped = np.clip(np.where(good, values, 1.0), -HUGE, HUGE)
    return np.where(good, np.log10(clipped) if log else clipped, np.nan)
