"""What is computed from the values of a curve before it is drawn: smoothing, clipping, downsampling, mean and band.

Smoothing and downsampling keep their state, so that a growing curve costs only what is new in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BandKind = Literal["range", "sd"]


class GrowingArray:
    """An array of doubles, to which appending takes amortised constant time."""

    def __init__(self) -> None:
        self._buffer: Floats = np.empty(64)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def values(self) -> Floats:
        """All values. The array stays as it is when more are appended; it must not be written to."""
        return self._buffer[: self._length]

    def append(self, values: Floats) -> None:
        """Append values, (n,)."""
        needed = self._length + len(values)
        if needed > len(self._buffer):
            larger: Floats = np.empty(max(needed, 2 * len(self._buffer)))
            larger[: self._length] = self.values
            self._buffer = larger
        self._buffer[self._length : needed] = values
        self._length = needed


class Smoother:
    """Exponential smoothing of a growing sequence, without bias at its start.

    With weight w, smoothed value t is the mean of all finite values so far, each step back counting w times less:
    sum of w^k x[t-k] over sum of w^k. It is what TensorBoard draws (Adam's bias correction, Kingma and Ba 2015,
    algorithm 1). A value that is not finite smooths to NaN and leaves the others as they would be without it.
    """

    def __init__(self, weight: float) -> None:
        """Start with no values.

        Args:
            weight: of the past, 0 <= weight < 1.

        Raises:
            ValueError: the weight is out of range.
        """
        if not 0 <= weight < 1:
            raise ValueError(f"smoothing weight {weight} is not in [0, 1)")
        self._weight = weight
        self._sum = 0.0
        self._count = 0.0
        self._done = GrowingArray()

    def extend(self, values: Floats) -> Floats:
        """Smooth the whole sequence; only what is new is computed.

        Args:
            values: (n,) the whole sequence; values given in earlier calls must be unchanged.

        Returns:
            (n,) the smoothed values. The array must not be written to.
        """
        new = values[len(self._done) :]
        if len(new):
            self._done.append(self._smooth(new))
        return self._done.values[: len(values)]

    def _smooth(self, values: Floats) -> Floats:
        finite = np.isfinite(values)
        sums = self._decayed(values[finite], self._sum)
        counts = self._decayed(np.ones(len(sums)), self._count)
        if len(sums):
            self._sum, self._count = float(sums[-1]), float(counts[-1])
        smoothed: Floats = np.full(len(values), np.nan)
        smoothed[finite] = sums / counts
        return smoothed

    def _decayed(self, values: Floats, before: float) -> Floats:
        """Running sums s[t] = w s[t-1] + x[t], by doubling the reach: as many passes as the decay has binary digits."""
        sums: Floats = values.copy()
        if not len(sums):
            return sums
        sums[0] += self._weight * before
        reach, weight = 1, self._weight
        while reach < len(sums) and weight > 0:
            sums[reach:] = sums[reach:] + weight * sums[:-reach]
            reach, weight = 2 * reach, weight * weight
        return sums


class Downsampler:
    """Downsamples one growing line without losing an extreme; looks again only at the columns that grew."""

    def __init__(self) -> None:
        self._key: object = None
        self._kept: list[int] = []
        self._done = 0

    def downsample(
        self, xs: Floats, ys: Floats, low: float, high: float, columns: int, key: object = None
    ) -> tuple[Floats, Floats]:
        """Keep at most two points a column: the lowest and the highest, in the order in which they come.

        Args:
            xs: (n,) increasing, within low..high.
            ys: (n,) NaN for a gap. A column without a finite value keeps one NaN, so that the gap is kept.
            low: where the first column begins.
            high: where the last column ends.
            columns: how many columns divide low..high evenly, at least 1.
            key: as long as it is the same and not None, the points must be those of the call before with more behind.

        Returns:
            The xs and ys of the points kept. Up to two points a column on average are returned as they are.
        """
        if key is None or key != self._key:
            self._key, self._kept, self._done = key, [], 0
        if len(xs) <= 2 * columns or not high > low:
            return xs, ys
        edges = np.searchsorted(xs, np.linspace(low, high, columns + 1)[1:-1], "left")
        bounds: list[int] = [0, *edges.tolist(), len(xs)]
        # the column of the last point may get more, all before it are done with
        complete = int(np.searchsorted(edges, len(xs) - 1, "right"))
        self._kept.extend(_extremes(ys, bounds[self._done : complete + 1]))
        self._done = max(self._done, complete)
        kept = self._kept + _extremes(ys, bounds[complete:])
        return xs[kept], ys[kept]


def _extremes(ys: Floats, bounds: Sequence[int]) -> list[int]:
    """Where the lowest and the highest value between each two bounds are."""
    kept: list[int] = []
    for start, end in pairwise(bounds):
        if start < end:
            part = ys[start:end]
            finite = np.isfinite(part)
            lowest = int(np.where(finite, part, np.inf).argmin())
            highest = int(np.where(finite, part, -np.inf).argmax())
            kept.extend(sorted({start + lowest, start + highest}))
    return kept


def clip_to_window(xs: Floats, ys: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    """The part of a line between two epochs.

    Args:
        xs: (n,) increasing.
        ys: (n,) NaN for a gap.
        low: the first epoch shown.
        high: the last epoch shown.

    Returns:
        The xs and ys of the points with low <= x <= high, and of a point on each edge that the line crosses.
    """
    first, last = int(np.searchsorted(xs, low, "left")), int(np.searchsorted(xs, high, "right"))
    inside_x, inside_y = xs[first:last], ys[first:last]
    before, after = _crossing(xs, ys, first, low), _crossing(xs, ys, last, high)
    if before is not None:
        inside_x, inside_y = np.insert(inside_x, 0, low), np.insert(inside_y, 0, before)
    if after is not None:
        inside_x, inside_y = np.append(inside_x, high), np.append(inside_y, after)
    return inside_x, inside_y


def _crossing(xs: Floats, ys: Floats, right: int, edge: float) -> float | None:
    """The height at `edge` of the line between points right-1 and right, if there is one."""
    if not 0 < right < len(xs) or not xs[right - 1] < edge < xs[right]:
        return None
    part = (edge - xs[right - 1]) / (xs[right] - xs[right - 1])
    height = ys[right - 1] * (1 - part) + ys[right] * part
    return float(height) if np.isfinite(height) else None


HEIGHT_SLACK = 1e-6
"""The part of the range of heights by which a point may lie beyond it for nothing but rounding."""


def clip_to_heights(xs: Floats, ys: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    """The part of a line between two heights.

    Args:
        xs: (n,) increasing.
        ys: (n,) NaN for a gap.
        low: the lowest height shown.
        high: the highest height shown, above low.

    Returns:
        The xs and ys of the points between the two, those where the line crosses one, and NaN where it is beyond. A
        line that stays between them is returned as it is.
    """
    slack = HEIGHT_SLACK * (high - low)
    with np.errstate(invalid="ignore"):
        beyond = (ys < low - slack) | (ys > high + slack)
    if not beyond.any():
        return xs, ys
    kept_x: list[float] = []
    kept_y: list[float] = []
    for at, (x, y) in enumerate(zip(xs.tolist(), ys.tolist(), strict=True)):
        if at:
            for crossing_x, crossing_y in _height_crossings(xs[at - 1], ys[at - 1], x, y, low, high):
                kept_x.append(crossing_x)
                kept_y.append(crossing_y)
        kept_x.append(x)
        kept_y.append(math.nan if beyond[at] else y)
    return np.array(kept_x), np.array(kept_y)


def _height_crossings(
    x0: float, y0: float, x1: float, y1: float, low: float, high: float
) -> Iterator[tuple[float, float]]:
    """Where a line from one point to another crosses two heights, in the order of x."""
    found = [
        (float(x0 + (x1 - x0) * (edge - y0) / (y1 - y0)), edge)
        for edge in (low, high)
        if min(y0, y1) < edge < max(y0, y1)
    ]
    yield from sorted(found)


def mean_and_band(
    curves: Sequence[Sequence[float]], kind: BandKind, positive: bool = False
) -> tuple[list[float], tuple[list[float], list[float]]]:
    """The mean of several curves, seeds of one loss say, with a band around it.

    Args:
        curves: one value an epoch each, all from the same first epoch. Curves without a value are left out.
        kind: "range" is from the lowest to the highest value; "sd" is one sample standard deviation (n - 1) to either
            side, 0 for a single curve.
        positive: whether the lower edge stops at the lowest value where one standard deviation would go down to 0 and
            all values are above: on a logarithmic axis it would have no end.

    Returns:
        The mean at each epoch that all curves have reached, and the lower and the upper edge of the band. Where any
        value is not finite, so are mean and band (NaN): a mean that left out a diverged run would flatter.
    """
    started = [curve for curve in curves if len(curve)]
    if not started:
        return [], ([], [])
    length = min(len(curve) for curve in started)
    values = np.array([np.asarray(curve[:length], dtype=np.float64) for curve in started])
    values[:, ~np.isfinite(values).all(axis=0)] = np.nan
    # divided before they are added, so that sums of huge values stay finite
    mean = (values / len(started)).sum(axis=0)
    if kind == "range":
        low, high = values.min(axis=0), values.max(axis=0)
    else:
        scale = np.maximum(np.abs(values).max(axis=0), 1e-300)
        sd = scale * (values / scale).std(axis=0, ddof=1) if len(started) > 1 else np.zeros(length)
        low, high = mean - sd, mean + sd
        if positive:
            least = values.min(axis=0)
            low = np.where((low <= 0) & (least > 0), least, low)
    return mean.tolist(), (low.tolist(), high.tolist())
