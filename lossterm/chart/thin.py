"""From many points to few without losing an extreme: the part in view, cut at its edges, two points a column."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def in_view(xs: Floats, ys: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    """The points with low <= x <= high, and where a line crosses an edge of the view a point on that edge.

    xs: increasing; ys: as long, NaN for a gap.
    """
    first, last = int(np.searchsorted(xs, low, "left")), int(np.searchsorted(xs, high, "right"))
    inside_x, inside_y = xs[first:last], ys[first:last]
    before = _crossing(xs, ys, first, low) if first < len(xs) else None
    after = _crossing(xs, ys, last, high) if last < len(xs) else None
    if before is not None:
        inside_x, inside_y = np.insert(inside_x, 0, low), np.insert(inside_y, 0, before)
    if after is not None and first <= last:
        inside_x, inside_y = np.append(inside_x, high), np.append(inside_y, after)
    return inside_x, inside_y


def _crossing(xs: Floats, ys: Floats, right: int, edge: float) -> float | None:
    """The height at `edge` of the line between points right-1 and right, if there is one."""
    if right == 0 or not xs[right - 1] < edge < xs[right]:
        return None
    part = (edge - xs[right - 1]) / (xs[right] - xs[right - 1])
    height = ys[right - 1] * (1 - part) + ys[right] * part
    return float(height) if np.isfinite(height) else None


def thin(xs: Floats, ys: Floats, low: float, high: float, columns: int) -> tuple[Floats, Floats]:
    """At most two points a column: the lowest and the highest, in the order in which they come.

    xs: increasing, within low..high, which `columns` columns divide evenly; ys: NaN for a gap.
    A column without a finite value keeps one NaN, so that the gap is kept. Few points are returned as they are.
    """
    if len(xs) <= 2 * columns or not high > low:
        return xs, ys
    edges = np.searchsorted(xs, np.linspace(low, high, columns + 1)[1:-1], "left")
    bounds = np.concatenate(([0], edges, [len(xs)]))
    finite = np.isfinite(ys)
    for_low, for_high = np.where(finite, ys, np.inf), np.where(finite, ys, -np.inf)
    kept: list[int] = []
    for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        if start < end:
            pair = start + int(for_low[start:end].argmin()), start + int(for_high[start:end].argmax())
            kept.extend(sorted(set(pair)))
    return xs[kept], ys[kept]
