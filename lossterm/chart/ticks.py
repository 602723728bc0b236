"""Ticks at round numbers: where an axis has them, and how they and other values are written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .glyphs import Glyphs

NARROW_DECADES = 0.7
"""A logarithmic axis of fewer decades has ticks in even steps, since powers of ten would be too coarse."""

_MOST_STEPS = 200
_MORE_STEPS = 10
"""How many more steps than asked for an axis may have, so that it has two ticks at least."""


@dataclass(frozen=True)
class AxisTick:
    """A tick of an axis.

    Attributes:
        at: its axis coordinate (an exponent of ten on a logarithmic axis).
        label: what it says.
    """

    at: float
    label: str


@dataclass(frozen=True)
class AxisScale:
    """The range of an axis with its ticks.

    Attributes:
        low: the axis coordinate at its lower or left end.
        high: the axis coordinate at its other end; low < high.
        ticks: from low to high.
    """

    low: float
    high: float
    ticks: tuple[AxisTick, ...]


def x_scale(low: float, high: float, most: int) -> AxisScale:
    """Put ticks on a range of epochs: on whole epochs only, and on its ends too where there is room.

    Args:
        low: the first epoch.
        high: the last epoch, above low.
        most: the number of steps between ticks, at most.
    """
    step = max(nice_step(high - low, most), 1.0)
    values = linear_ticks(low, high, step)
    if not values or values[0] - low >= 0.5 * step:
        values.insert(0, math.ceil(low))
    if high - values[-1] >= 0.5 * step:
        values.append(math.floor(high))
    return AxisScale(low, high, _ticks(values, [epoch_label(value) for value in values]))


def y_scale(low: float, high: float, log: bool, steps: int, glyphs: Glyphs) -> AxisScale:
    """Put ticks on a range of values.

    Args:
        low: an axis coordinate (an exponent of ten when `log`).
        high: an axis coordinate above low.
        log: whether the axis is logarithmic.
        steps: the number of steps between ticks, at most, unless two ticks take more.
        glyphs: the characters for the labels.
    """
    decades = log and high - low >= NARROW_DECADES
    for most in range(max(steps, 1), max(steps, 1) + _MORE_STEPS):
        values = log_ticks(low, high, most) if decades else _even_ticks(low, high, log, most)
        if len(values) > 1:
            break
    labels = log_tick_labels(values, glyphs) if decades else tick_labels(values, glyphs)
    return AxisScale(low, high, _ticks([math.log10(value) for value in values] if log else values, labels))


def _even_ticks(low: float, high: float, log: bool, most: int) -> list[float]:
    """Ticks in even steps of the value."""
    first, last = (10**low, 10**high) if log else (low, high)
    return [value for value in linear_ticks(first, last, nice_step(last - first, most)) if value > 0 or not log]


def _ticks(values: list[float], labels: list[str]) -> tuple[AxisTick, ...]:
    return tuple(AxisTick(value, label) for value, label in zip(values, labels, strict=True))


# -- where ticks are -----------------------------------------------------------------------------------------


def nice_step(span: float, most: int) -> float:
    """A round step for a span.

    Args:
        span: its length, positive.
        most: into how many pieces the step may cut it, at most.

    Returns:
        The smallest of …, 1, 2, 5, 10, … × 10^k that will do; 1 for a span that is not finite and positive.
    """
    rough = span / max(most, 1)
    if not (math.isfinite(rough) and rough > 0):
        return 1.0
    power = 10.0 ** max(math.floor(math.log10(rough)), -300)
    for factor in (1.0, 2.0, 5.0):
        if rough <= factor * power * (1 + 1e-9):
            return factor * power
    return 10.0 * power


def linear_ticks(low: float, high: float, step: float) -> list[float]:
    """The multiples of a step in a range.

    Args:
        low: where the range begins.
        high: where it ends.
        step: positive.

    Returns:
        From low to high, both included when they are multiples (to within rounding); empty where a double
        cannot tell them apart.
    """
    if not (math.isfinite(low / step) and math.isfinite(high / step)):
        return []
    first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
    if last - first > _MOST_STEPS:
        return []
    return [_without_dust(k * step, step) for k in range(first, last + 1)]


def _without_dust(value: float, step: float) -> float:
    """Take the binary dust off a multiple of step: 0.30000000000000004 is 0.3."""
    digits = -math.floor(math.log10(step)) + 1
    return round(value, digits) if digits < 300 else value


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Ticks of a logarithmic axis: 1, 2, 5 × 10^k where there is room, else every n-th power of ten.

    Args:
        low: where the axis begins, as an exponent of ten.
        high: where it ends, as an exponent of ten.
        most: how many ticks there may be, about.

    Returns:
        Values, not exponents.
    """
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    exponents = list(range(first, last + 1))
    fine = [m * 10.0**k for k in range(first - 1, last + 1) for m in (1.0, 2.0, 5.0)]
    fine = [value for value in fine if low - 1e-9 <= math.log10(value) <= high + 1e-9]
    if len(fine) <= most or len(exponents) < 2:
        return fine
    stride = math.ceil(len(exponents) / max(most, 1))
    return [10.0**k for k in exponents if k % stride == 0]


# -- how numbers are written ---------------------------------------------------------------------------------


def tick_labels(values: Sequence[float], glyphs: Glyphs) -> list[str]:
    """Write the ticks of one axis alike: with as many decimals as their distance needs, or far from 1 with exponents.

    Args:
        values: the values at the ticks, increasing.
        glyphs: the characters to write with.
    """
    if not values:
        return []
    largest = max(abs(value) for value in values)
    steps = [b - a for a, b in pairwise(values) if b > a]
    step = min(steps, default=largest) or 1.0
    if largest >= 1e6 or step < 1e-4:
        return [_sign(_scientific(value, step), glyphs) for value in values]
    decimals = _decimals(step)
    return [_sign(f"{value:.{decimals}f}", glyphs) for value in values]


def _decimals(step: float) -> int:
    """How many decimals show a step whole: 0.15 has two, 0.2 has one."""
    least = max(0, -math.floor(math.log10(step) + 1e-9))
    return least if abs(round(step, least) - step) < 1e-6 * step else least + 1


def log_tick_labels(values: Sequence[float], glyphs: Glyphs) -> list[str]:
    """Write the ticks of a logarithmic axis, each in its shortest form: 1e-5, 0.001, 0.2, 5, 1000, 1e6.

    Args:
        values: the values at the ticks.
        glyphs: the characters to write with.
    """
    return [_sign(_scientific(v, v) if not 1e-3 <= v < 1e5 else f"{v:g}", glyphs) for v in values]


def epoch_label(value: float) -> str:
    """Write an epoch: 1, 50, 2500, 100k, 1.5M; 2.5 between two."""
    for least, size, suffix in ((1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e5, 1e3, "k")):
        if abs(value) >= least:
            return f"{value / size:g}{suffix}"
    return f"{value:g}"


def value_text(value: float) -> str:
    """Write a measured value in full under the crosshair: six significant digits; NaN and infinities by name."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return f"{value:.6g}"


def short_text(value: float) -> str:
    """Write a measured value for a label: three decimals, or three significant digits and an exponent."""
    if not math.isfinite(value):
        return value_text(value)
    if value == 0 or 1e-3 <= abs(value) < 1e4:
        return f"{value:.3f}"
    return f"{value:.2e}"


def _scientific(value: float, step: float) -> str:
    if value == 0:
        return "0"
    digits = math.floor(math.log10(abs(value)) + 1e-9) - math.floor(math.log10(abs(step)) + 1e-9)
    mantissa, exponent = f"{value:.{min(max(digits, 0), 15)}e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def _sign(text: str, glyphs: Glyphs) -> str:
    if text.startswith("-") and float(text) == 0:
        return text[1:]
    return text.replace("-", glyphs.minus, 1) if text.startswith("-") else text
