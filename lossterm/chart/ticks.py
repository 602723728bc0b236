"""Round numbers: where an axis is marked, and how its marks and other values are written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from .glyphs import Glyphs

_MOST_STEPS = 200


def nice_step(span: float, most: int) -> float:
    """The smallest of …, 1, 2, 5, 10, … × 10^k that cuts a span of positive length into at most `most` pieces."""
    rough = span / max(most, 1)
    if not (math.isfinite(rough) and rough > 0):
        return 1.0
    power = 10.0 ** max(math.floor(math.log10(rough)), -300)
    for factor in (1.0, 2.0, 5.0):
        if rough <= factor * power * (1 + 1e-9):
            return factor * power
    return 10.0 * power


def linear_ticks(low: float, high: float, step: float) -> list[float]:
    """The multiples of `step` from low to high, both included when they are multiples (to within rounding)."""
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
    """Marks between two powers of ten given as exponents: 1, 2, 5 × 10^k where there is room, else every n-th power.

    Returns values, not exponents; at most about `most` of them.
    """
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    exponents = list(range(first, last + 1))
    fine = [m * 10.0**k for k in range(first - 1, last + 1) for m in (1.0, 2.0, 5.0)]
    fine = [value for value in fine if low - 1e-9 <= math.log10(value) <= high + 1e-9]
    if len(fine) <= most or len(exponents) < 2:
        return fine
    stride = math.ceil(len(exponents) / max(most, 1))
    return [10.0**k for k in exponents if k % stride == 0]


def tick_labels(values: Sequence[float], glyphs: Glyphs) -> list[str]:
    """Write marks alike: with the decimals that their distance needs, or with exponents when they are far from 1."""
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
    """Write the marks of a logarithmic axis, each in its shortest form: 1e-05, 0.001, 0.2, 5, 1000, 1e+06."""
    return [_sign(_scientific(v, v) if not 1e-3 <= v < 1e5 else f"{v:g}", glyphs) for v in values]


def epoch_label(value: float) -> str:
    """Write an epoch: 1, 50, 2500, 100k, 1.5M; 2.5 between two."""
    for least, size, suffix in ((1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e5, 1e3, "k")):
        if abs(value) >= least:
            return f"{value / size:g}{suffix}"
    return f"{value:g}"


def value_text(value: float) -> str:
    """Write a measured value in full for reading out: six significant digits; NaN and infinities by name."""
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
