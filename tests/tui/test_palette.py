"""Colours of series: distinct, and visible on dark and light."""

from __future__ import annotations

import pytest
from textual.color import Color

from lossterm.chart.styles import FAINT, FULL, ON_BAND, SLOTS, SOFT, STYLE_COUNT, series_style
from lossterm.tui.widgets.palette import ink_styles, slot_color, slot_style

BACKGROUNDS = [Color.parse(name) for name in ("#121212", "#1e1e1e", "#e0e0e0", "#ffffff")]


def contrast(one: Color, other: Color) -> float:
    """Contrast ratio, 1 to 21, as in WCAG 2.2."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(color: Color) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize("ansi", [False, True])
def test_each_slot_has_its_own_colour(background: Color, ansi: bool) -> None:
    assert len({slot_style(slot, background, ansi=ansi).color for slot in range(SLOTS)}) == SLOTS


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_curves_stand_out_and_what_lies_behind_them_less(background: Color) -> None:
    for slot in range(SLOTS):
        full, soft, faint = (contrast(slot_color(slot, background, tone), background) for tone in (FULL, SOFT, FAINT))
        assert full >= 3
        assert full > soft > faint > 1.2


@pytest.mark.parametrize("ansi", [False, True])
def test_every_ink_has_a_style_on_the_background(ansi: bool) -> None:
    styles = ink_styles({}, BACKGROUNDS[0], ansi=ansi)
    assert len(styles) == STYLE_COUNT
    tinted = {number for number, style in enumerate(styles) if style.bgcolor != BACKGROUNDS[0].rich_color}
    assert tinted == (set() if ansi else {series_style(slot, ON_BAND) for slot in range(SLOTS)})
