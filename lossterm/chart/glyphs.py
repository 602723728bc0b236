"""The characters that charts are made of, once for terminals that show Unicode and once for those that show ASCII."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rich.cells import cell_len

from .ink import SLOTS


@dataclass(frozen=True)
class Glyphs:
    """One set of characters, each a single cell wide.

    markers: one a slot, to tell series apart without colour.
    line, dots: what a solid and a dotted curve are made of in the legend.
    raw, shade: without braille, what the values behind a smoothed curve and a band are made of.
    braille: whether curves are drawn with eight dots a cell; else with the slot's marker.
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
    cross: str
    best: str
    broken: str
    below: str
    shade: str
    minus: str
    ellipsis: str
    separator: str


UNICODE = Glyphs(
    markers="●▲■◆▼✚◉○△□◇▽+×",
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
    cross="│",
    best="★",
    broken="✗",
    below="▾",
    shade="⡪",
    minus="−",
    ellipsis="…",
    separator="·",
)
ASCII = Glyphs(
    markers="ox+#@%&$=ABCDE",
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
    cross="|",
    best="*",
    broken="!",
    below="v",
    shade=":",
    minus="-",
    ellipsis="~",
    separator="/",
)

_TO_ASCII = str.maketrans(
    {"…": "...", "·": "-", "–": "-", "—": "-", "−": "-", "±": "+-", "≤": "<=", "≥": ">=", "×": "x", "²": "2"}
)


def glyphs(ascii: bool) -> Glyphs:  # noqa: A002
    """The set to draw with."""
    return ASCII if ascii else UNICODE


def marker(slot: int, ascii: bool = False) -> str:  # noqa: A002
    """The glyph that a slot keeps wherever its series is named."""
    return glyphs(ascii).markers[slot % SLOTS]


@lru_cache(maxsize=512)
def plain(text: str, ascii: bool = False) -> str:  # noqa: A002
    """A text of single-cell characters only: wide, invisible and (in ASCII) foreign ones become question marks."""
    if ascii:
        text = text.translate(_TO_ASCII)
        return "".join(char if " " <= char <= "~" else "?" for char in text)
    return "".join(char if cell_len(char) == 1 and char.isprintable() else "?" for char in text)
