"""The confusion matrix: which class is taken for which, as shades, or as the worst pairs of many classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..chart.frame import Canvas
from ..chart.glyphs import cell_text
from ..chart.styles import AXIS, TEXT, TICK_LABEL, TITLE
from .panels import Box
from .styles import LEVELS, halves_style, shade

MOST_CLASSES = 20
"""More are not drawn as shades: no terminal has the room, and no eye finds the cell."""
_LONGEST_NAME = 12
_SHORTEST_NAME = 3
_MOST_PAIRS = 12


@dataclass(frozen=True, eq=False)
class Confusion:
    """How often rows of each class were taken for each.

    Attributes:
        counts: (classes, classes) rows of the data by their class, and by the class that the network decides on.
        names: of the classes.
        undecided: rows whose outputs are not finite.
    """

    counts: NDArray[np.int64]
    names: Sequence[str]
    undecided: int = 0

    @classmethod
    def of(cls, true: NDArray[np.int64], decided: NDArray[np.int64], names: Sequence[str]) -> Confusion:
        """Count the rows.

        Args:
            true: (rows,) the numbers of their classes.
            decided: (rows,) those that the network decides on; -1 for none.
            names: of the classes.
        """
        known = decided >= 0
        size = len(names)
        counts = np.bincount(true[known] * size + decided[known], minlength=size * size).reshape(size, size)
        return cls(counts.astype(np.int64), names, int((~known).sum()))

    @property
    def worst_pairs(self) -> list[tuple[int, int, int]]:
        """Each pair of a class and another that it was taken for, with how often, the most frequent first."""
        off = self.counts.copy()
        np.fill_diagonal(off, 0)
        order = np.argsort(-off, axis=None, kind="stable")
        pairs = ((int(place) // len(self.names), int(place) % len(self.names)) for place in order)
        return [(true, decided, int(off[true, decided])) for true, decided in pairs if off[true, decided]]


def put_confusion(canvas: Canvas, box: Box, confusion: Confusion, ascii: bool) -> int:  # noqa: A002
    """Draw a confusion matrix, or its worst pairs where it has more than MOST_CLASSES or no room.

    Args:
        canvas: to draw on.
        box: what there is to draw in.
        confusion: what to draw.
        ascii: whether to draw with nothing but ASCII.

    Returns:
        How many rows it took.
    """
    size = len(confusion.names)
    cell = max(len(str(int(confusion.counts.max(initial=0)))), _SHORTEST_NAME) + 1
    longest = max(map(len, confusion.names))
    room = box.width - size * cell - 1
    fits = size <= MOST_CLASSES and box.height >= size + 2 and room >= min(longest, _SHORTEST_NAME)
    rows = _put_matrix(canvas, box, confusion, cell, min(longest, room, _LONGEST_NAME), ascii) if fits else 0
    rows = rows or _put_pairs(canvas, box, confusion, ascii)
    if confusion.undecided and rows < box.height:
        canvas.put(box.x, box.y + rows, f"{confusion.undecided} rows: not finite"[: box.width], TEXT)
        rows += 1
    return rows


def _put_matrix(canvas: Canvas, box: Box, confusion: Confusion, cell: int, name: int, ascii: bool) -> int:  # noqa: A002
    size = len(confusion.names)
    heading = f"{'true'[:name].rjust(name)} taken for"
    canvas.put(box.x, box.y, heading[: box.width], TITLE)
    alike = _alike(confusion.names)
    for column, words in enumerate(confusion.names):
        short = cell_text(words[alike:] or words, ascii)[: cell - 1].rjust(cell - 1)
        canvas.put(box.x + name + 2 + column * cell, box.y + 1, short, TICK_LABEL)
    totals = np.maximum(confusion.counts.sum(axis=1), 1)
    for row, words in enumerate(confusion.names):
        y = box.y + 2 + row
        canvas.put(box.x, y, cell_text(words, ascii)[:name].rjust(name), TICK_LABEL)
        for column in range(size):
            count = int(confusion.counts[row, column])
            x = box.x + name + 1 + column * cell
            if not count:
                canvas.put(x, y, ("." if ascii else "·").rjust(cell), AXIS)
                continue
            of_class = shade(column, min(int(count / totals[row] * LEVELS), LEVELS - 1))
            canvas.put(x, y, str(count).rjust(cell), halves_style(of_class, of_class))
    return size + 2


def _alike(names: Sequence[str]) -> int:
    """How many characters at the start of all names say nothing, for they are the same."""
    first, last = min(names), max(names)
    return next((place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), 0)


def _put_pairs(canvas: Canvas, box: Box, confusion: Confusion, ascii: bool) -> int:  # noqa: A002
    pairs = confusion.worst_pairs
    totals = np.maximum(confusion.counts.sum(axis=1), 1)
    lines = [f"{len(confusion.names)} classes; most often wrong:" if pairs else "every row is right"]
    for true, decided, count in pairs[:_MOST_PAIRS]:
        names = (cell_text(confusion.names[number], ascii)[:_LONGEST_NAME] for number in (true, decided))
        lines.append(f"{count:4} {' taken for '.join(names)} ({count / totals[true]:.0%} of its rows)")
    lines = lines[: max(box.height, 0)]
    for row, line in enumerate(lines):
        canvas.put(box.x, box.y + row, line[: box.width], TEXT if row else TITLE)
    return len(lines)
