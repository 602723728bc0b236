"""Style ids of the model view: those of the chart, and after them those of a decision boundary.

A half cell of the boundary has a shade: a class at a level of confidence. A cell shows two shades, one above the other,
or a row of the data on the shade behind it. A class has the colour of the slot of its number.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

from ..chart.styles import SLOTS, StyleId
from ..chart.styles import STYLE_COUNT as CHART_STYLE_COUNT

Number = TypeVar("Number", int, Any)
"""A number, or an array of them."""

CLASSES: Final = SLOTS
"""How many classes can be told apart; one more looks like the first."""
LEVELS: Final = 4
"""Levels of confidence that are told apart, from 0 (as good as undecided) to LEVELS - 1 (certain)."""

SHADES: Final = CLASSES * LEVELS
_FIRST_HALVES: Final = CHART_STYLE_COUNT
_FIRST_POINT: Final = _FIRST_HALVES + SHADES * SHADES
STYLE_COUNT: Final = _FIRST_POINT + CLASSES * SHADES
"""How many style ids the model view uses: they are 0 to STYLE_COUNT - 1, which two bytes can hold."""


def shade(number: Number, level: Number) -> Number:
    """The shade of a class at a level of confidence.

    Args:
        number: the class, from 0; taken modulo CLASSES.
        level: 0 to LEVELS - 1.

    Returns:
        0 to SHADES - 1.
    """
    return number % CLASSES * LEVELS + level


def class_and_level(number: int) -> tuple[int, int]:
    """The class and the level of confidence of a shade."""
    return divmod(number, LEVELS)


def halves_style(upper: Number, lower: Number) -> Number:
    """The style id of a cell whose upper half has one shade and its lower half another."""
    return _FIRST_HALVES + upper * SHADES + lower


def point_style(number: int, behind: int) -> StyleId:
    """The style id of a row of the data.

    Args:
        number: its class, from 0; taken modulo CLASSES.
        behind: the shade behind it.
    """
    return _FIRST_POINT + number % CLASSES * SHADES + behind


def halves_of(style_id: StyleId) -> tuple[int, int] | None:
    """The upper and the lower shade that a style id stands for; None for ids of other things."""
    return divmod(style_id - _FIRST_HALVES, SHADES) if _FIRST_HALVES <= style_id < _FIRST_POINT else None


def point_of(style_id: StyleId) -> tuple[int, int] | None:
    """The class of a row of the data and the shade behind it; None for ids of other things."""
    return divmod(style_id - _FIRST_POINT, SHADES) if _FIRST_POINT <= style_id < STYLE_COUNT else None
