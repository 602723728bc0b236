"""Inks: what a cell is, as a small number; which colour that gets is for whoever shows the frame.

Numbers below 16 are the chart's own parts. From 16 on, four tones are for the series, each of one ink a slot.
"""

from __future__ import annotations

from typing import Final

BLANK: Final = 0
AXIS: Final = 1
TICK: Final = 2
GRID: Final = 3
TITLE: Final = 4
TEXT: Final = 5
NOTE: Final = 6
CROSS: Final = 7

SLOTS: Final = 14
"""How many series are told apart; a fifteenth looks like the first."""

FULL: Final = 0
SOFT: Final = 1
FAINT: Final = 2
ON_BAND: Final = 3
TONES: Final = 4

_FIRST: Final = 16
INKS: Final = _FIRST + TONES * SLOTS
"""One more than the largest ink."""


def ink(slot: int, tone: int = FULL) -> int:
    """The ink of a slot in a tone.

    FULL for a curve and its labels, SOFT for what is subdued, FAINT for what lies behind, ON_BAND for a curve inside
    its own band.
    """
    return _FIRST + tone * SLOTS + slot % SLOTS


def slot_and_tone(number: int) -> tuple[int, int] | None:
    """The slot and the tone of a series' ink, or None for the chart's own parts."""
    if number < _FIRST:
        return None
    tone, slot = divmod(number - _FIRST, SLOTS)
    return slot, tone
