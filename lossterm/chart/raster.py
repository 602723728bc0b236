"""The one door to plotext: points in, dots out, without colour, axes or limits of its own.

plotext ends the whole process (std::bad_alloc in its kernel) on NaN, on infinities and on far-away coordinates, so what
comes here is checked first; callers clip to the plot before they come. Where a line runs midway between two dots, the
plot's size decides which one plotext takes, so that parts of a line must be drawn in plots of one size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Final

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint8]
Dots = NDArray[np.int64]

BRAILLE: Final = 0x2800
PEN_UP: Final = -1
_PEN_UP_ROW: Final = np.array([[PEN_UP, PEN_UP]], dtype=np.int64)
_PLAIN_MARKER: Final = "#"

_plotext: ModuleType | None = None


def load() -> ModuleType:
    """Import plotext, once. It takes about a tenth of a second, so an app may want to do it beforehand, in a thread."""
    global _plotext
    if _plotext is None:
        import plotext

        plotext.terminal.limit(False, False)
        _plotext = plotext
    return _plotext


def dots_per_cell(braille: bool) -> tuple[int, int]:
    """Columns and rows of dots in one cell."""
    return (2, 4) if braille else (1, 1)


def joined(lines: Sequence[Dots]) -> Dots:
    """Several lines as one array, with a row of PEN_UP between one and the next."""
    pieces: list[Dots] = []
    for line in lines:
        pieces.extend(([_PEN_UP_ROW] if pieces else []) + [line])
    return np.concatenate(pieces) if pieces else np.empty((0, 2), dtype=np.int64)


def rasterise(points: Dots, width: int, height: int, *, connect: bool, braille: bool) -> Bits:
    """Draw points, joined by lines if `connect`, and give the dots set in each cell.

    points: (n, 2) whole dot coordinates, x from the left and y from the top, all inside the plot; a row of PEN_UP
        ends a line.
    width, height: the plot's size in cells, at least 1.
    Returns (height, width): braille dot bits (0..255), or 0 and 1 without braille.
    Raises ValueError for a point outside the plot.
    """
    lines = list(_lines(points))
    if not lines:
        return np.zeros((height, width), dtype=np.uint8)
    across, down = dots_per_cell(braille)
    for line in lines:
        if line.min() < 0 or line[:, 0].max() >= width * across or line[:, 1].max() >= height * down:
            raise ValueError("a point lies outside the plot")
    # a border of one cell keeps plotext's limits apart, which in a plot of one cell they would not be
    full_width, full_height = width + 2, height + 2
    figure = load().figure
    figure.clear()
    figure.plot_size(full_width, full_height)
    figure.axes(False)
    figure.canvas("default")
    figure.legend(False)
    for side, cells in ((0, full_width), (1, full_height)):
        figure.ruler(side, 0).lim(0.5, cells - 0.5)
        figure.ruler(side, 0).frequency(0)
    marker = "braille" if braille else _PLAIN_MARKER
    for line in lines:
        xs = 1 + (line[:, 0] + 0.5) / across
        ys = full_height - 1 - (line[:, 1] + 0.5) / down
        figure.draw(figure.signal(xs.tolist(), ys.tolist(), marker=marker).lines(connect))
    text: str = figure.build().string(True)
    return _bits(text, full_width, full_height, braille)[1:-1, 1:-1]


def _lines(points: Dots) -> Iterator[Dots]:
    for line in np.split(points, np.flatnonzero(points[:, 0] == PEN_UP)):
        line = line[line[:, 0] != PEN_UP]
        if len(line):
            yield line


def _bits(text: str, width: int, height: int, braille: bool) -> Bits:
    rows = [row.ljust(width)[:width] for row in text.split("\n")[:height]]
    codes = np.frombuffer("".join(rows).encode("utf-32-le"), dtype="<u4").reshape(height, width)
    bits = np.where(codes >= BRAILLE, codes - BRAILLE, 0) if braille else codes != ord(" ")
    return np.asarray(bits, dtype=np.uint8)
