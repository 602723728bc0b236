"""A forest plot in rows of characters: mean differences to one loss, with their intervals, on one axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

ZERO, MEAN, LINE, LEFT, RIGHT, BEYOND_LEFT, BEYOND_RIGHT = "│●─├┤◂▸"


@dataclass(frozen=True)
class Difference:
    """A loss's mean difference to the one that it is measured against.

    Attributes:
        mean: The mean over the seeds.
        low: Where the interval begins; may be infinite.
        high: Where it ends.
    """

    mean: float
    low: float
    high: float


def axis_of(differences: Sequence[Difference]) -> tuple[float, float]:
    """The ends of an axis that has zero and every finite end of an interval on it, and a little room."""
    ends = [end for one in differences for end in (one.low, one.mean, one.high) if math.isfinite(end)]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    room = (high - low) * 0.05 or 1e-9
    return low - room, high + room


def row_of(one: Difference | None, axis: tuple[float, float], width: int) -> str:
    """One row: the interval as a line, the mean as a point, zero as a bar; the bar alone without a difference."""
    cells = [" "] * width
    cells[_place(0.0, axis, width)] = ZERO
    if one is not None:
        first, last = _place(one.low, axis, width), _place(one.high, axis, width)
        cells[first : last + 1] = LINE * (last - first + 1)
        cells[first] = LEFT if math.isfinite(one.low) else BEYOND_LEFT
        cells[last] = RIGHT if math.isfinite(one.high) else BEYOND_RIGHT
        cells[_place(one.mean, axis, width)] = MEAN
    return "".join(cells)


def scale_of(axis: tuple[float, float], width: int) -> str:
    """The line below the rows: the ends of the axis, and 0 where there is room for it between them."""
    low, high = (f"{value:+.3g}".replace("-", "−") for value in axis)
    zero = _place(0.0, axis, width)
    if len(low) + len(high) >= width:
        return " " * zero + "0" + " " * (width - zero - 1)
    cells = list(f"{low}{'':<{width - len(low) - len(high)}}{high}")
    if len(low) < zero < width - len(high) - 1:
        cells[zero] = "0"
    return "".join(cells)


def _place(value: float, axis: tuple[float, float], width: int) -> int:
    low, high = axis
    if not math.isfinite(value):
        return 0 if value < 0 else width - 1
    return min(max(round((value - low) / (high - low) * (width - 1)), 0), width - 1)
