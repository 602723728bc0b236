"""Text that can be read in every theme: no letter has less contrast to its ground than WCAG 2.2 asks for (AA)."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color as RichColor
from rich.color import ColorType
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

LEAST_CONTRAST = 4.5
_STEPS = 20
_WHITE, _BLACK = Color(255, 255, 255), Color(0, 0, 0)


def contrast(one: Color, other: Color) -> float:
    """The contrast ratio of two opaque colours, 1 to 21, as WCAG 2.2 defines it."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def legible(color: Color, ground: Color) -> Color:
    """A colour that can be read on a ground: the same one, or as much lighter or darker as it takes.

    Args:
        color: opaque, as the theme has it.
        ground: opaque.

    Returns:
        The nearest blend of `color` with white, or with black on a light ground, whose contrast to the ground is at
        least LEAST_CONTRAST.
    """
    end = max((_WHITE, _BLACK), key=lambda each: contrast(each, ground))
    blends = (color.blend(end, step / _STEPS) for step in range(_STEPS + 1))
    return next((blend for blend in blends if contrast(blend, ground) >= LEAST_CONTRAST), end)


class ContrastFilter(LineFilter):
    """Makes each piece of text legible on its own ground; pictures, and a terminal's own colours, pass as they are."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Change the colour of the segments of a line that hold letters or digits too faint to read."""
        return [_legible_segment(segment) for segment in segments]


def _legible_segment(segment: Segment) -> Segment:
    text, style, control = segment
    if control or style is None or style.color is None or style.bgcolor is None:
        return segment
    if not any(character.isalnum() for character in text):
        return segment
    changed = _legible_style(style)
    return segment if changed is style else Segment(text, changed)


@lru_cache(maxsize=2048)
def _legible_style(style: Style) -> Style:
    color, ground = style.color, style.bgcolor
    if color is None or ground is None or style.reverse or {color.type, ground.type} != {ColorType.TRUECOLOR}:
        return style
    before = Color.from_rich_color(color)
    after = legible(before, Color.from_rich_color(ground))
    return style if after == before else style + Style(color=RichColor.from_rgb(*after.rgb))


def _luminance(color: Color) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
