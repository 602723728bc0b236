"""Text that any terminal can show: made harmless, put on one line, wrapped, or written in ASCII where it must be."""

from __future__ import annotations

import os
import unicodedata
from functools import lru_cache
from pathlib import Path

STAND_IN = "?"
"""What is shown in place of a character that must not, or cannot, be shown."""

_LOOK_ALIKES = {
    "-": "─━┄┅┈┉═╌╍–—−‐‑▔▁▂·•",
    "|": "│┃┆┇┊┋║",
    "+": "┌┐└┘├┤┬┴┼┏┓┗┛╭╮╰╯✚",
    "#": "█▇▆▅▄▃▀▊▉▋▌▐░▒▓■□▪",
    ".": "▍▎▏…",
    "*": "●★☆◆◇",
    "o": "○◉◎",
    ">": "▸▶→›»≥",
    "<": "◂◀←‹«≤",
    "^": "▴▲△↑",
    "v": "▾▼▽↓",
    "x": "×✗✕",
    "~": "±≈",
    '"': "“”„",
    "'": "‘’‚",
    "u": "µμ",
}
_EXPANSIONS = {"…": "...", "±": "+-", "≤": "<=", "≥": ">=", "∞": "inf", "→": "->", "←": "<-"}

_COERCED = ("C.UTF-8", "C.utf8", "UTF-8")
_ONE_CELL = {character: plain for plain, alike in _LOOK_ALIKES.items() for character in alike}
_ANY_WIDTH = {**_ONE_CELL, **_EXPANSIONS}


def printable(text: str) -> str:
    """Make any text harmless to a terminal.

    Control characters (C0 and C1, so escape sequences too), marks that reverse or hide text, line breaks, tabs,
    unassigned code points and half surrogates are replaced one by one, so that the length stays.

    Args:
        text: Any string, whoever wrote it: from a store, a file, a log, an exception.

    Returns:
        The text with `STAND_IN` in place of each such character; spaces of every kind are plain ones.
    """
    if text.isprintable():
        return text
    return "".join(_harmless(character) for character in text)


def one_line(text: str) -> str:
    """Put any text on one line, harmless to a terminal.

    Args:
        text: Any string, whoever wrote it.

    Returns:
        The text with every run of white space as one space, none at either end, and the rest `printable`.
    """
    return printable(" ".join(text.split()))


def wrap(text: str, width: int, separator: str = " ") -> list[str]:
    """Break a text into lines of at most `width` cells.

    Args:
        text: Any string; it is made `printable`.
        width: Cells of a line, at least 1.
        separator: Where lines may break; it stays between the pieces that share a line.

    Returns:
        The lines, at least one. A piece that is wider than a line is broken between its words, and a word that
        is wider than a line between its characters.
    """
    from rich.cells import cell_len  # here, for the commands start without it

    width = max(width, 1)
    lines: list[str] = []
    line = ""
    for piece in printable(text).split(separator):
        joined = f"{line}{separator}{piece}" if line else piece
        if cell_len(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        *full, line = _broken(piece, width, separator)
        lines += full
    return [*lines, line]


def to_ascii(text: str, keep_width: bool = True) -> str:
    """Write a text in ASCII characters that look alike.

    Args:
        text: Any string.
        keep_width: Whether the result must have as many cells as `text`. Where it need not, some characters are
            written with several ("<=").

    Returns:
        ASCII alone. A letter with marks loses them; what has no look-alike is `STAND_IN` in each of its cells.
        A plus-minus sign is written "+-", at the cost of the space beside it where the width is kept, or "~" where
        there is none.
    """
    if text.isascii():
        return printable(text)
    if keep_width:
        text = text.replace("± ", "+-").replace(" ±", "+-")
    return "".join(_ascii(character, keep_width) for character in text)


def locale_is_ascii() -> bool:
    """Say whether the locale means that the terminal shows no UTF-8; one that is not set says nothing."""
    kinds = os.environ.get("LC_ALL"), _given_ctype(), os.environ.get("LANG")
    said = next((name for name in kinds if name), "")
    return bool(said) and "utf" not in said.lower()


def in_browser() -> bool:
    """Say whether textual-serve started this process: the app then speaks packets over pipes to a browser."""
    return os.environ.get("TEXTUAL_DRIVER") == "textual.drivers.web_driver:WebDriver"


def _broken(piece: str, width: int, separator: str) -> list[str]:
    """A piece as lines of their own, broken where it is too wide for one."""
    from rich.cells import cell_len, chop_cells

    if cell_len(piece) <= width:
        return [piece]
    return wrap(piece, width) if separator != " " else chop_cells(piece, width)


def _harmless(character: str) -> str:
    if character.isprintable():
        return character
    return " " if unicodedata.category(character) == "Zs" else STAND_IN


@lru_cache(maxsize=4096)
def _ascii(character: str, keep_width: bool) -> str:
    from rich.cells import cell_len

    found = (_ONE_CELL if keep_width else _ANY_WIDTH).get(character)
    if found is not None:
        return found
    cells = cell_len(character)
    base = unicodedata.normalize("NFKD", character)[:1]
    if base.isascii() and base.isprintable():
        return base.ljust(cells)[:cells]
    return STAND_IN * (cells if character.isprintable() else max(cells, 1))


def _given_ctype() -> str | None:
    """LC_CTYPE as this process was given it: Python itself sets it to C.UTF-8 where the locale is C (PEP 538)."""
    present = os.environ.get("LC_CTYPE")
    if present not in _COERCED or os.environ.get("LC_ALL"):
        return present
    try:
        given = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        return None if os.environ.get("LANG") in ("C", "POSIX") else present
    return next((word[9:].decode(errors="replace") for word in given if word.startswith(b"LC_CTYPE=")), None)
