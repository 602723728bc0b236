"""The inks of the model view: the chart's own, and after them those of a decision boundary."""

from __future__ import annotations

from typing import Any, Final, TypeVar

from ..chart.styles import STYLE_COUNT as CHART_STYLES

Number = TypeVar("Number", int, Any)
"""A number, or an array of them."""

CLASSES: Final = 3
LEVELS: Final = 4
"""Steps of confidence that are told apart, from 0 (as good as undecided) to LEVELS - 1 (certain)."""

SHADES: Final = CLASSES * LEVELS
_PAIRS: Final = CHART_STYLES
_POINTS: Final = _PAIRS + SHADES * SHADES
INKS: Final = _POINTS + CLASSES * SHADES
"""One more than the largest ink; all fit in a byte."""


def shade(number: Number, level: Number) -> Number:
    """The shade of a class at a level of confidence: 0 to SHADES - 1."""
    return number * LEVELS + level


def pair(upper: Number, lower: Number) -> Number:
    """The ink of a half block: its upper half in one shade, its lower half in another."""
    return _PAIRS + upper * SHADES + lower


def point(number: int, behind: int) -> int:
    """The ink of a row of class `number` that lies on a shade."""
    return _POINTS + number * SHADES + behind


def shades_of(ink: int) -> tuple[int, int] | None:
    """The upper and the lower shade of a half block's ink; None for other inks."""
    return divmod(ink - _PAIRS, SHADES) if _PAIRS <= ink < _POINTS else None


def class_and_shade(ink: int) -> tuple[int, int] | None:
    """The class of a point's ink and the shade that it lies on; None for other inks."""
    return divmod(ink - _POINTS, SHADES) if _POINTS <= ink < INKS else None
