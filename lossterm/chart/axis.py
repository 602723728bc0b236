"""Axes that hold still: a range moves only when data leave it or fill little of it, and then to round ends."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .glyphs import Glyphs
from .ticks import (
    epoch_label,
    linear_ticks,
    log_tick_labels,
    log_ticks,
    nice_step,
    tick_labels,
)

SHRINK = 0.4
"""A range is kept while the data fill at least this part of it."""

HEADROOM = 0.2
"""How much of the data's height a range that has to grow adds beyond them, so that it won't grow at each epoch."""

_ROUNDED_TO = 10
"""The ends of a range are multiples of a round step that cuts it into at most that many pieces; few are marked."""

_LOG_ROOM = 0.15
"""That room at least, in decades, on a logarithmic axis."""

_SLACK = 1e-6
"""The part of a range by which data may lie outside it: rounding must not make it grow."""

_NARROW = 0.7
"""Decades below which a logarithmic axis is marked in even steps, since powers of ten would be too coarse."""


@dataclass(frozen=True)
class Tick:
    """A mark: where it is in axis coordinates (a logarithm on a logarithmic axis) and what it says."""

    at: float
    label: str


@dataclass(frozen=True)
class Scale:
    """A range in axis coordinates, low < high, with its marks from low to high."""

    low: float
    high: float
    ticks: tuple[Tick, ...]


@dataclass(frozen=True)
class Limits:
    """What the quantity cannot cross, in axis coordinates."""

    floor: float = -math.inf
    ceiling: float = math.inf


class YAxis:
    """Remembers its range between pictures, and gives it up only for a reason."""

    def __init__(self) -> None:
        self._held: tuple[float, float] | None = None
        self._kind: object = None

    def fit(
        self, low: float, high: float, *, kind: object, log: bool, limits: Limits, ahead: int = 0
    ) -> tuple[float, float]:
        """The range for data from low to high.

        low, high: finite axis coordinates (exponents of ten when `log`), low <= high.
        kind: what the range is for; with another kind the held range is forgotten.
        ahead: the way in which more data are expected: down (< 0), up (> 0) or neither; a new range has room there.
        """
        if kind != self._kind:
            self._kind, self._held = kind, None
        held, down, up = self._held, ahead < 0, ahead > 0
        if held is not None:
            slack = _SLACK * (held[1] - held[0])
            down, up = low < held[0] - slack, high > held[1] + slack
            if not down and not up and high - low >= SHRINK * (held[1] - held[0]):
                return held
        room = max(HEADROOM * (high - low), _LOG_ROOM if log else 0.0)
        low, high = max(low - room * down, min(low, limits.floor)), min(high + room * up, max(high, limits.ceiling))
        self._held = _log_range(low, high) if log else _linear_range(low, high, limits)
        return self._held


def _linear_range(low: float, high: float, limits: Limits) -> tuple[float, float]:
    """The closest range between two round values that keeps to the limits, where the data do."""
    wide_low, wide_high = _apart(low, high)
    step = nice_step(wide_high - wide_low, _ROUNDED_TO)
    below, above = math.floor(wide_low / step + 1e-9) * step, math.ceil(wide_high / step - 1e-9) * step
    below = max(below, limits.floor) if low >= limits.floor else below
    above = min(above, limits.ceiling) if high <= limits.ceiling else above
    return (below, above) if below < above else (wide_low, wide_high)


def _log_range(low: float, high: float) -> tuple[float, float]:
    """A range between two of 1, 2, 3, 4, 5, 6, 8 × 10^k, or a narrow one between round values."""
    if high - low >= _NARROW:
        return _round_exponent(low), _round_exponent(high, up=True)
    low, high = _apart(low, high, 1.0)
    step = nice_step(10**high - 10**low, _ROUNDED_TO)
    below = math.floor(10**low / step + 1e-9) * step
    above = math.ceil(10**high / step - 1e-9) * step
    return math.log10(below) if below > 0 else _round_exponent(low), math.log10(above)


def _apart(low: float, high: float, size: float | None = None) -> tuple[float, float]:
    """Widen a range that is a single value, or nearly one, until its ends can be told apart.

    size: what counts as large; the larger end if not given.
    """
    size = max(abs(low), abs(high)) if size is None else size
    if high - low > max(size * 1e-9, 1e-290):
        return low, high
    room = max(size * 0.1, 1e-280) if size else 1.0
    return low - room, high + room


def _round_exponent(exponent: float, up: bool = False) -> float:
    """The exponent of the next 1, 2, 3, 4, 5, 6 or 8 × 10^k below, or with `up` above; itself if it's one."""
    whole = math.floor(exponent + 1e-9)
    ends = [whole + math.log10(digit) for digit in (1, 2, 3, 4, 5, 6, 8, 10)]
    return next(end for end in ends if end >= exponent - 1e-9) if up else max(e for e in ends if e <= exponent + 1e-9)


def y_scale(low: float, high: float, log: bool, steps: int, glyphs: Glyphs) -> Scale:
    """Mark a range that `YAxis.fit` gave, in at most `steps` steps or as many as two marks take."""
    decades = log and high - low >= _NARROW
    for most in range(max(steps, 1), max(steps, 1) + _ROUNDED_TO):
        values = log_ticks(low, high, most) if decades else _even_ticks(low, high, log, most)
        if len(values) > 1:
            break
    labels = log_tick_labels(values, glyphs) if decades else tick_labels(values, glyphs)
    return Scale(low, high, _ticks([math.log10(value) for value in values] if log else values, labels))


def _even_ticks(low: float, high: float, log: bool, most: int) -> list[float]:
    """Marks in even steps of the value."""
    first, last = (10**low, 10**high) if log else (low, high)
    return [value for value in linear_ticks(first, last, nice_step(last - first, most)) if value > 0 or not log]


def x_scale(low: float, high: float, most: int) -> Scale:
    """Mark a range of epochs in at most `most` steps; whole epochs only, its ends too where there is room."""
    step = max(nice_step(high - low, most), 1.0)
    values = linear_ticks(low, high, step)
    if not values or values[0] - low >= 0.5 * step:
        values.insert(0, math.ceil(low))
    if high - values[-1] >= 0.5 * step:
        values.append(math.floor(high))
    return Scale(low, high, _ticks(values, [epoch_label(value) for value in values]))


def _ticks(values: list[float], labels: list[str]) -> tuple[Tick, ...]:
    return tuple(Tick(value, label) for value, label in zip(values, labels, strict=True))
