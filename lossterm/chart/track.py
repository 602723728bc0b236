"""What is remembered about one series between pictures, so that drawing it again costs only what is new."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .growing import Floats, Growing, Reader
from .series import Series
from .smooth import Smoother
from .stroke import Stroke
from .thin import Thinner

HUGE = 1e300
"""Values beyond it, or on a logarithmic axis below its inverse, are drawn there: what follows must stay finite."""


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


class _OnAxis:
    """A growing series' points, of which each is looked at once."""

    def __init__(self, log: bool) -> None:
        self._log = log
        self._ys, self._broken, self._below = Growing(), Growing(), Growing()

    def extend(self, xs: Floats, ys: Floats) -> Points:
        """The points of the whole series; those given in earlier calls must be unchanged."""
        new_xs, new = xs[len(self._ys) :], ys[len(self._ys) :]
        if len(new):
            finite = np.isfinite(new)
            self._ys.append(on_axis(new, self._log))
            self._broken.append(new_xs[~finite])
            if self._log:
                self._below.append(new_xs[finite & (new <= 0)])
        return Points(xs, self._ys.values, self._broken.values, self._below.values)


class Track:
    """One series' values, smoothed values, thinned points and dots."""

    def __init__(self) -> None:
        self._xs, self._ys = Reader(), Reader()
        self._low, self._high = Reader(), Reader()
        self._axis: tuple[object, _OnAxis] | None = None
        self._smoothers: dict[str, tuple[object, Smoother]] = {}
        self._thinners: dict[str, Thinner] = {}
        self._strokes: dict[str, Stroke] = {}

    @property
    def version(self) -> tuple[int, ...]:
        """Changes when the values are not the earlier ones with more behind."""
        return self._xs.version, self._ys.version, self._low.version, self._high.version

    def stamp(self, series: Series) -> tuple[int, ...]:
        """Changes when the values do."""
        parts = [(self._xs, series.xs), (self._ys, series.ys)]
        if series.band is not None:
            parts += [(self._low, series.band[0]), (self._high, series.band[1])]
        return (*(len(reader.read(source)) for reader, source in parts), *self.version)

    def values(self, series: Series) -> tuple[Floats, Floats]:
        """The epochs and the values as they are, cut to the shorter of the two."""
        xs, ys = self._xs.read(series.xs), self._ys.read(series.ys)
        length = min(len(xs), len(ys))
        return xs[:length], ys[:length]

    def points(self, series: Series, log: bool) -> Points:
        """The series in axis coordinates."""
        xs, ys = self.values(series)
        key = (self.version, log)
        if self._axis is None or self._axis[0] != key:
            self._axis = key, _OnAxis(log)
        return self._axis[1].extend(xs, ys)

    def band(self, series: Series, log: bool) -> tuple[Floats, Floats] | None:
        """The band's edges in axis coordinates (NaN for what the axis cannot show), if it is as long as the series."""
        if series.band is None:
            return None
        low, high = self._low.read(series.band[0]), self._high.read(series.band[1])
        if not len(low) == len(high) == len(self.values(series)[1]):
            return None
        return on_axis(low, log), on_axis(high, log)

    def smoothed(self, part: str, values: Floats, weight: float, log: bool) -> Floats:
        """The exponentially smoothed values of one part ("line", "low", "high"), in axis coordinates."""
        key = (self.version, log, weight)
        known = self._smoothers.get(part)
        if known is None or known[0] != key:
            known = self._smoothers[part] = (key, Smoother(weight))
        return known[1].extend(values)

    def thinner(self, part: str) -> Thinner:
        """What thins one part, for one purpose."""
        return self._thinners.setdefault(part, Thinner())

    def stroke(self, part: str) -> Stroke:
        """What draws one part."""
        return self._strokes.setdefault(part, Stroke())


def on_axis(values: Floats, log: bool) -> Floats:
    """Values in axis coordinates: logarithms of ten on a logarithmic axis; NaN for what the axis cannot show."""
    good = np.isfinite(values) & (values > 0) if log else np.isfinite(values)
    clipped = np.clip(np.where(good, values, 1.0), 1 / HUGE if log else -HUGE, HUGE)
    return np.where(good, np.log10(clipped) if log else clipped, np.nan)
