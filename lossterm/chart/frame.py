"""A finished picture as rows of characters with a style id a cell, the canvas it is drawn on, and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .styles import BLANK, GRID, StyleId

Chars = NDArray[np.uint32]
"""Code points of characters, one a cell."""
StyleIds = NDArray[np.uint16]
"""Style ids, one a cell."""

_SPACE = ord(" ")


@dataclass(frozen=True)
class Frame:
    """A finished picture.

    Attributes:
        width: in cells.
        height: in cells.
        rows: the text of each row, exactly `width` characters, each one cell wide.
        packed_style_ids: the style ids of each row as bytes, two a cell; see `style_ids`. Bytes are quick to compare,
            and many tuples of numbers would keep the garbage collector busy.
    """

    width: int
    height: int
    rows: tuple[str, ...]
    packed_style_ids: tuple[bytes, ...]

    @property
    def text(self) -> str:
        """The picture without its styles, a line a row."""
        return "\n".join(self.rows)

    @property
    def style_rows(self) -> list[list[StyleId]]:
        """The style ids of each row, one id a cell."""
        return [list(self.style_ids(row)) for row in range(self.height)]

    def style_ids(self, row: int, first: int = 0, end: int | None = None) -> Sequence[StyleId]:
        """The style ids of some cells of a row.

        Args:
            row: 0 to height - 1.
            first: the first column.
            end: the column after the last; the frame's width if None.

        Returns:
            One id a cell; BLANK for cells right of the frame.
        """
        end = self.width if end is None else end
        packed = self.packed_style_ids[row][2 * first : 2 * end]
        return memoryview(packed.ljust(2 * (end - first), b"\0")).cast("H")


class Canvas:
    """A grid of cells to draw on. What lies outside it is ignored, so that small sizes need no special care."""

    def __init__(self, width: int, height: int) -> None:
        """Make an empty canvas.

        Args:
            width: in cells; a negative width is taken as 0.
            height: in cells; a negative height is taken as 0.
        """
        self.width = max(width, 0)
        self.height = max(height, 0)
        self.chars: Chars = np.full((self.height, self.width), _SPACE, dtype=np.uint32)
        self.style_ids: StyleIds = np.full((self.height, self.width), BLANK, dtype=np.uint16)

    def put(self, x: int, y: int, text: str, style_id: StyleId) -> None:
        """Write text, cut at the edges of the canvas.

        Args:
            x: the column of the first character; may lie outside.
            y: the row; may lie outside.
            text: characters of one cell each.
            style_id: the style of all of them.
        """
        if not 0 <= y < self.height:
            return
        start = max(x, 0)
        text = text[start - x : max(self.width - x, 0)]
        if text:
            self.chars[y, start : start + len(text)] = [ord(char) for char in text]
            self.style_ids[y, start : start + len(text)] = style_id

    def paint(self, x: int, y: int, chars: Chars, style_ids: StyleIds) -> None:
        """Lay a block of cells on the canvas, except where its characters are 0.

        Args:
            x: the column of the block's upper left corner, at least 0.
            y: the row of that corner, at least 0.
            chars: (rows, columns) code points.
            style_ids: (rows, columns).
        """
        height, width = chars.shape
        mask = chars != 0
        self.chars[y : y + height, x : x + width][mask] = chars[mask]
        self.style_ids[y : y + height, x : x + width][mask] = style_ids[mask]

    def put_frame(self, x: int, y: int, frame: Frame) -> None:
        """Lay a finished picture on the canvas, blanks included, cut at its right and lower edge.

        Args:
            x: the column of the picture's upper left corner, at least 0.
            y: the row of that corner, at least 0.
            frame: the picture.
        """
        width = max(min(frame.width, self.width - x), 0)
        for row in range(max(min(frame.height, self.height - y), 0)):
            self.chars[y + row, x : x + width] = [ord(char) for char in frame.rows[row][:width]]
            self.style_ids[y + row, x : x + width] = frame.style_ids(row, 0, width)

    def is_free(self, x: int, y: int, length: int) -> bool:
        """Whether a stretch of a row lies on the canvas and is empty or holds only the grid.

        Args:
            x: the first column.
            y: the row.
            length: how many cells.
        """
        if not (x >= 0 and x + length <= self.width and 0 <= y < self.height):
            return False
        cells = self.style_ids[y, x : x + length]
        return bool(((cells == BLANK) | (cells == GRID)).all())

    def frame(self) -> Frame:
        """The finished picture."""
        style_ids = np.where(self.chars == _SPACE, np.uint16(BLANK), self.style_ids)
        return Frame(
            self.width,
            self.height,
            tuple(row.tobytes().decode("utf-32-le") for row in self.chars.astype("<u4")),
            tuple(row.tobytes() for row in style_ids),
        )


def changed_spans(old: Frame, new: Frame, gap: int = 4) -> list[tuple[int, int, int]]:
    """The cells in which two frames differ.

    Args:
        old: what is shown now.
        new: what is to be shown. If it has another size, it differs everywhere.
        gap: spans with at most this many unchanged cells between them are joined, since moving the cursor costs more
            bytes than repeating those cells.

    Returns:
        Spans of cells as (row, first column, column after the last).
    """
    if (old.width, old.height) != (new.width, new.height):
        return [(y, 0, new.width) for y in range(new.height) if new.width]
    spans: list[tuple[int, int, int]] = []
    for y in range(new.height):
        if old.rows[y] == new.rows[y] and old.packed_style_ids[y] == new.packed_style_ids[y]:
            continue
        columns = _changed_columns(old, new, y)
        breaks = np.flatnonzero(np.diff(columns) > gap + 1)
        firsts = columns[np.concatenate(([0], breaks + 1))]
        lasts = columns[np.concatenate((breaks, [len(columns) - 1]))]
        spans.extend((y, int(first), int(last) + 1) for first, last in zip(firsts, lasts, strict=True))
    return spans


def _changed_columns(old: Frame, new: Frame, y: int) -> NDArray[np.intp]:
    chars = [np.frombuffer(frame.rows[y].encode("utf-32-le"), dtype="<u4") for frame in (old, new)]
    style_ids = [np.frombuffer(frame.packed_style_ids[y], dtype=np.uint16) for frame in (old, new)]
    return np.flatnonzero((chars[0] != chars[1]) | (style_ids[0] != style_ids[1]))
