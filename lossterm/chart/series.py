"""What a chart shows, as plain frozen data: series, and the plot that they share."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .raster import LineRaster
from .transforms import Downsampler, Floats, GrowingArray, Smoother

LineStyle = Literal["solid", "dotted"]


@dataclass(frozen=True, eq=False)
class Series:
    """One curve. Compared by identity, since its sequences may still be growing.

    A list may grow by appending while it is shown; values already there must stay as they are, or come in a new list.

    Attributes:
        label: its name in the legend ("bce test").
        xs: epochs, increasing, usually from 1.
        ys: one value an epoch. NaN and infinities are allowed; they leave a gap and are marked.
        slot: its lasting identity, from 0; it decides on marker and colour.
        variant: which of several series of its slot it is, from 1, a digit beside its marker; 0 for the only one.
        line_style: by custom the test curve is solid and the train curve dotted.
        band: lower and upper values, each as long as ys: the spread around a mean.
        best: index into ys of the best epoch, which gets a star.
        end_label: a shorter name for the end of the curve; the label when empty.
        dim: draw it faint, behind the others, without marker, label, band or star.
        front: draw it over the others.
    """

    label: str
    xs: Sequence[float]
    ys: Sequence[float]
    slot: int = 0
    variant: int = 0
    line_style: LineStyle = "solid"
    band: tuple[Sequence[float], Sequence[float]] | None = None
    best: int | None = None
    end_label: str = ""
    dim: bool = False
    front: bool = False


@dataclass(frozen=True, eq=False)
class Plot:
    """Everything that the caller wants shown.

    Attributes:
        series: the curves. Later ones lie over earlier ones, solid ones over dotted ones.
        x_range: first and last planned epoch; None lets the axis follow the data.
        x_label: what the x axis measures.
        y_label: what the y axis measures.
        note: one line below the chart, after the chart's own remarks.
        empty: what to say when no series has a point.
        floor: the lowest value that the quantity can have, so that no room is wasted below it; None if there is none.
        ceiling: the highest value that it can have; None if there is none.
        whole_x: whether x counts something, as epochs do, and gets ticks at whole numbers only.
        last_values: whether a wide chart writes the last value of each curve beside its end label.
        legend: whether the curves are to be named above the plot, where the view shows a legend.
        choose_log: whether the y axis is logarithmic where values span decades, unless the view says otherwise.
        fit: whether the y axis shows the end of the curves and not their start, unless the view says otherwise.
        baseline: a value that every curve should beat, and its name: a thin line, where it is in view.
    """

    series: Sequence[Series] = ()
    x_range: tuple[float, float] | None = None
    x_label: str = "epoch"
    y_label: str = ""
    note: str = ""
    empty: str = "no epochs yet"
    floor: float | None = None
    ceiling: float | None = None
    whole_x: bool = True
    last_values: bool = True
    legend: bool = True
    choose_log: bool = False
    fit: bool = False
    baseline: tuple[float, str] | None = None

    @property
    def full_range(self) -> tuple[float, float]:
        """The first and the last epoch: the planned ones, else those that there are, else 1 and 1."""
        if self.x_range is not None:
            return self.x_range
        ends = [(float(each.xs[0]), float(each.xs[-1])) for each in self.series if len(each.xs)]
        return (min(end[0] for end in ends), max(end[1] for end in ends)) if ends else (1.0, 1.0)


LARGEST = 1e300
"""Values beyond it are drawn there, and on a logarithmic axis those below its inverse: what follows must be finite."""


class SequenceReader:
    """Reads a sequence as an array of doubles; of a list that grows it reads only what was appended.

    Attributes:
        version: goes up whenever the values are not the earlier ones with more behind.
    """

    def __init__(self) -> None:
        self._source: Sequence[float] | None = None
        self._read = GrowingArray()
        self.version = 0

    def read(self, source: Sequence[float]) -> Floats:
        """The values of a sequence now, (n,). The array must not be written to."""
        known = len(self._read)
        if source is self._source and len(source) >= known:
            if len(source) > known:
                self._read.append(np.array(source[known:], dtype=np.float64))
            return self._read.values
        # a NumPy array may be written to, so that it's no proof of the same values that it is the same array
        self._source = source if isinstance(source, (list, tuple, array)) else None
        values: Floats = np.array(source, dtype=np.float64)
        if _starts_with(values, self._read.values):
            self._read.append(values[known:])
        else:
            self.version += 1
            self._read = GrowingArray()
            self._read.append(values)
        return self._read.values


def _starts_with(values: Floats, known: Floats) -> bool:
    # compared as integers, so that NaN equals NaN
    start = values[: len(known)].view(np.int64)
    return len(values) >= len(known) and np.array_equal(start, known.view(np.int64))


@dataclass(frozen=True)
class AxisPoints:
    """The values of a series in axis coordinates: exponents of ten on a logarithmic axis, else the values themselves.

    Attributes:
        xs: (n,) epochs, increasing.
        ys: (n,) axis coordinates, NaN where nothing can be drawn.
        broken: the epochs whose value is NaN or infinite.
        below: the epochs whose value is not positive, if the axis is logarithmic.
    """

    xs: Floats
    ys: Floats
    broken: Floats
    below: Floats


class _AxisPointsCache:
    """The points of a growing series, of which each is converted once."""

    def __init__(self, log: bool) -> None:
        self._log = log
        self._ys, self._broken, self._below = GrowingArray(), GrowingArray(), GrowingArray()

    def extend(self, xs: Floats, ys: Floats) -> AxisPoints:
        """The points of the whole series; those given in earlier calls must be unchanged."""
        new_xs, new = xs[len(self._ys) :], ys[len(self._ys) :]
        if len(new):
            finite = np.isfinite(new)
            self._ys.append(axis_coordinates(new, self._log))
            self._broken.append(new_xs[~finite])
            if self._log:
                self._below.append(new_xs[finite & (new <= 0)])
        return AxisPoints(xs, self._ys.values, self._broken.values, self._below.values)


class SeriesCache:
    """The values of one series and what was derived from them: axis coordinates, smoothed values, dots."""

    def __init__(self) -> None:
        self._xs, self._ys = SequenceReader(), SequenceReader()
        self._low, self._high = SequenceReader(), SequenceReader()
        self._points: tuple[object, _AxisPointsCache] | None = None
        self._smoothers: dict[str, tuple[object, Smoother]] = {}
        self._downsamplers: dict[str, Downsampler] = {}
        self._rasters: dict[str, LineRaster] = {}

    @property
    def version(self) -> tuple[int, ...]:
        """Changes when the values are not the earlier ones with more behind."""
        return self._xs.version, self._ys.version, self._low.version, self._high.version

    def stamp(self, series: Series) -> tuple[int, ...]:
        """Reads the series; the result changes whenever its values do."""
        parts = [(self._xs, series.xs), (self._ys, series.ys)]
        if series.band is not None:
            parts += [(self._low, series.band[0]), (self._high, series.band[1])]
        return (*(len(reader.read(source)) for reader, source in parts), *self.version)

    def values(self, series: Series) -> tuple[Floats, Floats]:
        """The epochs and the values as they are, cut to the shorter of the two."""
        xs, ys = self._xs.read(series.xs), self._ys.read(series.ys)
        length = min(len(xs), len(ys))
        return xs[:length], ys[:length]

    def points(self, series: Series, log: bool) -> AxisPoints:
        """The series in axis coordinates; log: whether the axis is logarithmic."""
        xs, ys = self.values(series)
        key = (self.version, log)
        if self._points is None or self._points[0] != key:
            self._points = key, _AxisPointsCache(log)
        return self._points[1].extend(xs, ys)

    def band(self, series: Series, log: bool) -> tuple[Floats, Floats] | None:
        """The band's edges in axis coordinates (NaN for what the axis cannot show), if it is as long as the series."""
        if series.band is None:
            return None
        low, high = self._low.read(series.band[0]), self._high.read(series.band[1])
        if not len(low) == len(high) == len(self.values(series)[1]):
            return None
        return axis_coordinates(low, log), axis_coordinates(high, log)

    def smoothed(self, part: str, values: Floats, weight: float, log: bool) -> Floats:
        """Smooth one part of the curve exponentially.

        Args:
            part: "line", "low" or "high"; each has a smoother of its own.
            values: (n,) axis coordinates, the whole part.
            weight: of the past, 0 <= weight < 1.
            log: whether the axis is logarithmic.

        Returns:
            (n,) axis coordinates.
        """
        key = (self.version, log, weight)
        known = self._smoothers.get(part)
        if known is None or known[0] != key:
            known = self._smoothers[part] = (key, Smoother(weight))
        return known[1].extend(values)

    def downsampler(self, purpose: str) -> Downsampler:
        """The downsampler for one purpose; each has its own, since it remembers what it kept."""
        return self._downsamplers.setdefault(purpose, Downsampler())

    def raster(self, part: str) -> LineRaster:
        """The dots of one part of the curve ("line" or "raw")."""
        return self._rasters.setdefault(part, LineRaster())


def axis_coordinates(values: Floats, log: bool) -> Floats:
    """Values on an axis: exponents of ten on a logarithmic one; NaN for what the axis cannot show."""
    good = np.isfinite(values) & (values > 0) if log else np.isfinite(values)
    clipped = np.clip(np.where(good, values, 1.0), 1 / LARGEST if log else -LARGEST, LARGEST)
    return np.where(good, np.log10(clipped) if log else clipped, np.nan)
