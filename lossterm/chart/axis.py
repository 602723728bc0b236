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
    without_dust,
)

SHRINK = 0.4
"""A range is kept while the data fill at least this part of it."""

_ROUND = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
"""Steps of a y axis. More of them than 1, 2, 5, so that a fixed number of steps fits the data closely."""

_LOG_HEADROOM = 0.25
"""How much of the data's height a logarithmic range that has to grow adds, so that it won't grow at each epoch."""

_NARROW = 0.5
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
        self, low: float, high: float, *, kind: object, log: bool, steps: int, limits: Limits
    ) -> tuple[float, float]:
        """The range for data from low to high.

        low, high: finite axis coordinates (exponents of ten when `log`), low <= high.
        kind: what the range is for; with another kind the held range is forgotten.
        steps: at least 2; how many steps a linear range has, always, so that its marks and grid keep their rows; the most that a
            logarithmic one has.
        """
        if kind != self._kind:
            self._kind, self._held = kind, None
        held, room = self._held, 0
        if held is not None:
            inside = held[0] <= low and high <= held[1]
            if inside and high - low >= SHRINK * (held[1] - held[0]):
                return held
            # a range that has to grow leaves its spare room on the side on which the data left it
            room = (high > held[1]) - (low < held[0])
        self._held = _log_range(low, high, steps, room) if log else _linear_range(low, high, steps, room, limits)
        return self._held


def _linear_range(low: float, high: float, steps: int, room: int, limits: Limits) -> tuple[float, float]:
    """The closest range of exactly `steps` round steps; its spare steps lie below (room < 0), above (> 0) or both."""
    low, high = _apart(low, high)
    inside = limits.floor <= low and high <= limits.ceiling
    step = _round_step((high - low) / steps)
    while True:
        first, last = math.ceil(high / step - 1e-9) - steps, math.floor(low / step + 1e-9)
        if inside and limits.floor > -math.inf:
            first = max(first, min(last, math.ceil(limits.floor / step)))
        if inside and limits.ceiling < math.inf:
            last = min(last, max(first, math.floor(limits.ceiling / step) - steps))
        if first <= last:
            at = {-1: first, 0: (first + last) // 2, 1: last}[room]
            return at * step, (at + steps) * step
        step = _round_step(step * 1.01)


def _log_range(low: float, high: float, steps: int, room: int) -> tuple[float, float]:
    """A range between 1, 2 or 5 × 10^k, or a narrow one between round values; with some room on the side that grows."""
    spare = max(_LOG_HEADROOM * (high - low), _NARROW / 2)
    low, high = low - spare * (room < 0), high + spare * (room > 0)
    if high - low >= _NARROW:
        return _round_down_125(low), -_round_down_125(-high, up=True)
    low, high = _apart(low, high, 1.0)
    step = nice_step(10**high - 10**low, steps)
    below = math.floor(10**low / step + 1e-9) * step
    above = math.ceil(10**high / step - 1e-9) * step
    return (math.log10(below) if below > 0 else low), math.log10(above)


def _round_step(least: float) -> float:
    """The smallest round step that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next((factor * power for factor in _ROUND if least <= factor * power * (1 + 1e-9)), 10.0 * power)


def _apart(low: float, high: float, size: float | None = None) -> tuple[float, float]:
    """Widen a range that is a single value, or nearly one, until its ends can be told apart.

    size: what counts as large; the larger end if not given.
    """
    size = max(abs(low), abs(high)) if size is None else size
    if high - low > max(size * 1e-9, 1e-290):
        return low, high
    room = max(size * 0.1, 1e-280) if size else 1.0
    return low - room, high + room


def _round_down_125(exponent: float, up: bool = False) -> float:
    """The next 1, 2 or 5 × 10^k at or below 10^exponent, as an exponent; with `up`, of the mirrored axis."""
    whole = math.floor(exponent + 1e-9)
    steps = (0.0, 1 - math.log10(5), 1 - math.log10(2)) if up else (0.0, math.log10(2), math.log10(5))
    return whole + max(step for step in steps if step <= exponent - whole + 1e-9)


def y_scale(low: float, high: float, log: bool, steps: int, glyphs: Glyphs) -> Scale:
    """Mark a range that `YAxis.fit` gave for as many steps."""
    if not log:
        step = (high - low) / steps
        values = [without_dust(low + number * step, step) for number in range(steps + 1)]
        return Scale(low, high, _ticks(values, tick_labels(values, glyphs)))
    if high - low >= _NARROW:
        values = log_ticks(low, high, steps)
        labels = log_tick_labels(values, glyphs)
    else:
        values = [v for v in linear_ticks(10**low, 10**high, nice_step(10**high - 10**low, steps)) if v > 0]
        labels = tick_labels(values, glyphs)
    return Scale(low, high, _ticks([math.log10(value) for value in values], labels))


def x_scale(low: float, high: float, most: int) -> Scale:
    """Mark a range of epochs in at most `most` steps; whole epochs only, and the first one too where it fits."""
    step = max(nice_step(high - low, most), 1.0)
    values = linear_ticks(low, high, step)
    if not values or values[0] - low >= 0.5 * step:
        values.insert(0, math.ceil(low))
    return Scale(low, high, _ticks(values, [epoch_label(value) for value in values]))


def _ticks(values: list[float], labels: list[str]) -> tuple[Tick, ...]:
    return tuple(Tick(value, label) for value, label in zip(values, labels, strict=True))
