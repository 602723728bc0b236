"""From many points to few without losing an extreme: the part in view, cut at its edges, two points a column."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def in_view(xs: Floats, ys: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    """The points with low <= x <= high, and where a line crosses an edge of the view a point on that edge.

    xs: increasing; ys: as long, NaN for a gap.
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


class Thinner:
    """Thins one growing line, looking again only at the columns that grew.

    The points given must be those of the call before with more behind, as long as `key` is the same.
    """

    def __init__(self) -> None:
        self._key: object = None
        self._kept: list[int] = []
        self._done = 0

    def thin(
        self, xs: Floats, ys: Floats, low: float, high: float, columns: int, key: object = None
    ) -> tuple[Floats, Floats]:
        """At most two points a column: the lowest and the highest, in the order in which they come.

        xs: increasing, within low..high, which `columns` columns divide evenly; ys: NaN for a gap.
        A column without a finite value keeps one NaN, so that the gap is kept. Up to two points a column on average are
        returned as they are.
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
