"""From style ids to colours: a palette for dark and one for light backgrounds, and one of sixteen colours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.color import Color as RichColor
from rich.style import Style
from textual.app import App
from textual.color import Color

from ...chart.styles import FAINT, FULL, ON_BAND, SLOTS, SOFT, STYLE_COUNT, slot_and_tone

DARK = (
    "#56b4e9", "#f0a030", "#2bc79a", "#e77fb3", "#f0e442", "#ff6f4f", "#8095ff",
    "#c8ccd4", "#35d6e0", "#b2dd4c", "#bf8cff", "#cfa27a", "#ff9dc6", "#7fa6c0",
)  # fmt: skip
LIGHT = (
    "#0072b2", "#b56a00", "#00795a", "#b0407c", "#857500", "#c43c00", "#4747c4",
    "#555b63", "#007f8c", "#558400", "#7a3cc0", "#875829", "#c2185b", "#43667c",
)  # fmt: skip
"""A colour a slot; the first seven follow Okabe and Ito's, which most colour-blind people can tell apart."""

_ANSI_DARK = (
    "bright_cyan", "yellow", "bright_green", "bright_magenta", "bright_yellow", "bright_red", "bright_blue",
    "white", "cyan", "green", "magenta", "red", "bright_white", "blue",
)  # fmt: skip
_ANSI_LIGHT = (
    "blue", "red", "green", "magenta", "cyan", "yellow", "black",
    "bright_blue", "bright_red", "bright_green", "bright_magenta", "bright_cyan", "bright_yellow", "bright_black",
)  # fmt: skip

_TOWARDS_BACKGROUND = {FULL: 0.0, SOFT: 0.25, FAINT: 0.6, ON_BAND: 0.0}
_BAND_TOWARDS_BACKGROUND = 0.82


def slot_color(slot: int, background: Color, tone: int = FULL) -> Color:
    """The colour of a slot on a background, mixed with it for the subdued tones."""
    colors = DARK if background.brightness < 0.5 else LIGHT
    return Color.parse(colors[slot % SLOTS]).blend(background, _TOWARDS_BACKGROUND[tone])


def slot_style(slot: int, background: Color, tone: int = FULL, *, ansi: bool = False) -> Style:
    """The style of a slot on a background; with `ansi` one of the terminal's sixteen colours, faint ones grey."""
    if not ansi:
        color = slot_color(slot, background, tone)
        behind = color.blend(background, _BAND_TOWARDS_BACKGROUND) if tone == ON_BAND else background
        return Style(color=color.rich_color, bgcolor=behind.rich_color)
    dark = background.brightness < 0.5
    name = "bright_black" if tone == FAINT else (_ANSI_DARK if dark else _ANSI_LIGHT)[slot % SLOTS]
    return Style(color=RichColor.parse(name), bgcolor=background.rich_color)


def sixteen_colors(app: App[Any]) -> bool:
    """Whether an app's terminal, or its theme, shows the terminal's own sixteen colours and no others."""
    return app.native_ansi_color or app.console.color_system == "standard"


def cell_styles(parts: Mapping[int, Style], background: Color, *, ansi: bool = False) -> list[Style]:
    """A style for each style id of the chart.

    parts: styles of the ids that belong to no series, on the background already.
    """
    blank = Style(bgcolor=background.rich_color)
    styles = []
    for number in range(STYLE_COUNT):
        series = slot_and_tone(number)
        styles.append(
            parts.get(number, blank) if series is None else slot_style(series[0], background, series[1], ansi=ansi)
        )
    return styles
