"""Colours of series: distinct, and visible on dark and light."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.color import Color

from lossterm.chart.styles import FAINT, FULL, ON_BAND, SLOTS, SOFT, STYLE_COUNT, series_style
from lossterm.model_view.styles import CLASSES, LEVELS, halves_style, point_style, shade
from lossterm.model_view.styles import STYLE_COUNT as MODEL_VIEW_STYLE_COUNT
from lossterm.tui.widgets.model_view import ModelView
from lossterm.tui.widgets.palette import cell_styles, slot_color, slot_style

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
def test_every_style_id_has_a_style_on_the_background(ansi: bool) -> None:
    styles = cell_styles({}, BACKGROUNDS[0], ansi=ansi)
    assert len(styles) == STYLE_COUNT
    tinted = {number for number, style in enumerate(styles) if style.bgcolor != BACKGROUNDS[0].rich_color}
    assert tinted == (set() if ansi else {series_style(slot, ON_BAND) for slot in range(SLOTS)})


async def test_each_class_of_a_decision_boundary_has_its_own_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")

    class ModelViewApp(App[None]):
        def compose(self) -> ComposeResult:
            yield ModelView()

    app = ModelViewApp()
    async with app.run_test(size=(20, 5)):
        styles = app.query_one(ModelView).cell_styles()
        assert all(styles[style_id].bgcolor for style_id in range(MODEL_VIEW_STYLE_COUNT))
        sure = [shade(number, LEVELS - 1) for number in range(CLASSES)]
        assert len({styles[halves_style(each, each)].bgcolor for each in sure}) == CLASSES
        assert len({styles[point_style(number, sure[0])].color for number in range(CLASSES)}) == CLASSES
        beside = styles[halves_style(sure[0], sure[1])]
        assert (beside.color, beside.bgcolor) == tuple(styles[halves_style(each, each)].bgcolor for each in sure[:2])
