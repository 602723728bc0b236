"""The characters that charts are made of: one set for terminals that show Unicode, one for those that show ASCII."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rich.cells import cell_len

from ..text import STAND_IN, printable, to_ascii


@dataclass(frozen=True)
class Glyphs:
    """One set of characters, each one cell wide.

    Attributes:
        markers: one a slot; they tell series apart without colour, and there are more of them than colours.
        line: what a solid curve is made of in the legend.
        dots: what a dotted curve is made of in the legend.
        raw: without braille, what the values behind a smoothed curve are made of.
        braille: whether curves are drawn with eight dots a cell; otherwise they are drawn with the slot's marker.
        horizontal: the x axis.
        vertical: the y axis.
        corner: where the axes meet.
        x_tick: a tick of the x axis.
        y_tick: a tick of the y axis.
        grid: where a tick of the x axis and a tick of the y axis cross.
        crosshair: the vertical line of the crosshair.
        best: the best epoch of a curve.
        broken: an epoch whose value is NaN or infinite.
        below: an epoch whose value is too low for a logarithmic axis.
        shade: without braille, what a band is made of.
        minus: the sign of negative numbers.
        baseline: the line of a value that every curve should beat.
        ellipsis: the end of a text that is cut.
        separator: stands between two remarks.
    """

    markers: str
    line: str
    dots: str
    raw: str
    braille: bool
    horizontal: str
    vertical: str
    corner: str
    x_tick: str
    y_tick: str
    grid: str
    crosshair: str
    best: str
    broken: str
    below: str
    shade: str
    minus: str
    baseline: str
    ellipsis: str
    separator: str

    def marker(self, slot: int) -> str:
        """The character of a slot, from 0; the first one again after the last."""
        return self.markers[slot % len(self.markers)]

    def mark(self, slot: int, variant: int) -> str:
        """The character of a slot and, for one of several variants, its digit; see `Series.variant`."""
        return self.marker(slot) + variant_digit(variant)


_DIGITS = "123456789abcdefghijklmnopqrstuvwxyz"


def variant_digit(variant: int) -> str:
    """The character that tells a variant from the others of its slot; empty for 0, the only one."""
    return _DIGITS[(variant - 1) % len(_DIGITS)] if variant else ""


UNICODE = Glyphs(
    markers="●▲■◆▼✚◉○△□◇▽+×◐◧◩◭◢◣◤◥♦♣♠◈▣◍",
    line="━",
    dots="┅",
    raw="┈",
    braille=True,
    horizontal="─",
    vertical="│",
    corner="└",
    x_tick="┬",
    y_tick="┤",
    grid="·",
    crosshair="│",
    best="★",
    broken="✗",
    below="▾",
    shade="⡪",
    minus="−",
    baseline="╌",
    ellipsis="…",
    separator="·",
)
ASCII = Glyphs(
    markers="ox+#@%&$=ABCDEFGHJKLMNPQRSTU",
    line="-",
    dots=".",
    raw=",",
    braille=False,
    horizontal="-",
    vertical="|",
    corner="+",
    x_tick="+",
    y_tick="+",
    grid=".",
    crosshair="|",
    best="*",
    broken="!",
    below="v",
    shade=":",
    minus="-",
    baseline="-",
    ellipsis="~",
    separator="/",
)


def glyphs(ascii: bool) -> Glyphs:  # noqa: A002
    """The set to draw with.

    Args:
        ascii: whether the terminal shows nothing but ASCII.
    """
    return ASCII if ascii else UNICODE


def marker(slot: int, ascii: bool = False) -> str:  # noqa: A002
    """The character that marks a slot wherever its series is named.

    Args:
        slot: the slot, from 0.
        ascii: whether the terminal shows nothing but ASCII.
    """
    return glyphs(ascii).marker(slot)


@lru_cache(maxsize=512)
def cell_text(text: str, ascii: bool = False) -> str:  # noqa: A002
    """Write a text in characters of one cell each.

    Args:
        text: any text, whoever wrote it.
        ascii: whether the terminal shows nothing but ASCII; other characters become look-alikes.

    Returns:
        The text with a question mark for each character that is wide, invisible or cannot be shown.
    """
    if ascii:
        return to_ascii(text, keep_width=False)
    return "".join(char if cell_len(char) == 1 else STAND_IN for char in printable(text))
