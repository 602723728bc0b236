"""Style ids: what a cell of a frame shows, as a small number. Whoever shows the frame decides on the colours.

Ids below 16 are the parts of a chart that belong to no series. From 16 on follow four tones, each with one id a slot.
A slot is the lasting identity of a series, from 0; it decides on the colour and the marker.
"""

from __future__ import annotations

from typing import Final, TypeAlias

StyleId: TypeAlias = int

BLANK: Final = 0
AXIS: Final = 1
TICK_LABEL: Final = 2
GRID: Final = 3
TITLE: Final = 4
TEXT: Final = 5
NOTE: Final = 6
CROSSHAIR: Final = 7

SLOTS: Final = 14
"""How many series can be told apart; a fifteenth looks like the first."""

FULL: Final = 0
"""The tone of a curve and of its labels."""
SOFT: Final = 1
"""The tone of a subdued curve."""
FAINT: Final = 2
"""The tone of what lies behind a curve: its band, its raw values."""
ON_BAND: Final = 3
"""The tone of a curve inside its own band."""
TONES: Final = 4

_FIRST_SERIES_STYLE: Final = 16
STYLE_COUNT: Final = _FIRST_SERIES_STYLE + TONES * SLOTS
"""How many style ids the chart uses: they are 0 to STYLE_COUNT - 1."""


def series_style(slot: int, tone: int = FULL) -> StyleId:
    """The style id of a series.

    Args:
        slot: the slot of the series, from 0; taken modulo SLOTS.
        tone: FULL, SOFT, FAINT or ON_BAND.

    Returns:
        The id, 16 to STYLE_COUNT - 1.
    """
    return _FIRST_SERIES_STYLE + tone * SLOTS + slot % SLOTS


def slot_and_tone(style_id: StyleId) -> tuple[int, int] | None:
    """The slot and the tone that a style id stands for.

    Args:
        style_id: an id below STYLE_COUNT.

    Returns:
        The slot (0 to SLOTS - 1) and the tone, or None for a part of the chart that belongs to no series.
    """
    if style_id < _FIRST_SERIES_STYLE:
        return None
    tone, slot = divmod(style_id - _FIRST_SERIES_STYLE, SLOTS)
    return slot, tone
