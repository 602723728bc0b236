"""A finished picture as rows of characters with an ink a cell, the canvas that it is drawn on, and what changed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .ink import BLANK, GRID

_SPACE = ord(" ")


@dataclass(frozen=True)
class Frame:
    """What to show: `rows` of exactly `width` single-cell characters, and one ink number a cell in `inks`."""

    width: int
    height: int
    rows: tuple[str, ...]
    inks: tuple[bytes, ...]

    @property
    def text(self) -> str:
        """The picture without its colours, a line a row."""
        return "\n".join(self.rows)


class Canvas:
    """A grid of cells to draw on. Positions outside it are ignored, so that small sizes need no special care."""

    def __init__(self, width: int, height: int) -> None:
        self.width = max(width, 0)
        self.height = max(height, 0)
        self.chars: NDArray[np.uint32] = np.full((self.height, self.width), _SPACE, dtype=np.uint32)
        self.inks: NDArray[np.uint8] = np.full((self.height, self.width), BLANK, dtype=np.uint8)

    def put(self, x: int, y: int, text: str, ink: int) -> None:
        """Write text from column x of row y, cut at the edges."""
        if not 0 <= y < self.height:
            return
        start = max(x, 0)
        text = text[start - x : max(self.width - x, 0)]
        if text:
            self.chars[y, start : start + len(text)] = [ord(char) for char in text]
            self.inks[y, start : start + len(text)] = ink

    def paint(self, x: int, y: int, chars: NDArray[np.uint32], inks: NDArray[np.uint8]) -> None:
        """Lay a block of cells with its upper left corner at (x, y), except where its characters are 0."""
        height, width = chars.shape
        mask = chars != 0
        self.chars[y : y + height, x : x + width][mask] = chars[mask]
        self.inks[y : y + height, x : x + width][mask] = inks[mask]

    def frame(self) -> Frame:
        """The finished picture."""
        inks = np.where(self.chars == _SPACE, np.uint8(BLANK), self.inks)
        return Frame(
            self.width,
            self.height,
            tuple(row.tobytes().decode("utf-32-le") for row in self.chars.astype("<u4")),
            tuple(row.tobytes() for row in inks),
        )


def is_free(canvas: Canvas, x: int, y: int, length: int) -> bool:
    """Whether a stretch of cells lies on the canvas and holds nothing, or only the grid."""
    if not (x >= 0 and x + length <= canvas.width and 0 <= y < canvas.height):
        return False
    cells = canvas.inks[y, x : x + length]
    return bool(((cells == BLANK) | (cells == GRID)).all())


def changed_spans(old: Frame, new: Frame, gap: int = 4) -> list[tuple[int, int, int]]:
    """The cells in which two frames of one size differ, as (row, first column, column after the last).

    Spans with at most `gap` unchanged cells between them are joined: moving the cursor costs more than repeating those.
    Frames of different sizes differ everywhere.
    """
    if (old.width, old.height) != (new.width, new.height):
        return [(y, 0, new.width) for y in range(new.height) if new.width]
    spans: list[tuple[int, int, int]] = []
    for y in range(new.height):
        if old.rows[y] == new.rows[y] and old.inks[y] == new.inks[y]:
            continue
        columns = _changed_columns(old, new, y)
        breaks = np.flatnonzero(np.diff(columns) > gap + 1)
        firsts = columns[np.concatenate(([0], breaks + 1))]
        lasts = columns[np.concatenate((breaks, [len(columns) - 1]))]
        spans.extend((y, int(first), int(last) + 1) for first, last in zip(firsts, lasts, strict=True))
    return spans


def _changed_columns(old: Frame, new: Frame, y: int) -> NDArray[np.intp]:
    chars = [np.frombuffer(frame.rows[y].encode("utf-32-le"), dtype="<u4") for frame in (old, new)]
    inks = [np.frombuffer(frame.inks[y], dtype=np.uint8) for frame in (old, new)]
    return np.flatnonzero((chars[0] != chars[1]) | (inks[0] != inks[1]))
