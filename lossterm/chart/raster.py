"""Lines to dots. The only module that calls plotext, which gets points and gives dots, without colour, axes or limits.

plotext ends the whole process (std::bad_alloc in its kernel) on NaN, on infinities and on far-away coordinates, so what
comes here is checked first; callers clip to the plot before they call. Where a line runs midway between two dots, the
size of the plot decides which of them plotext takes, so parts of one line must be drawn in plots of one size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Final

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint8]
"""(height, width) of a plot in cells: the braille dots set in each cell as bits (0 to 255); 0 or 1 without braille."""
Dots = NDArray[np.int64]
"""(n, 2) whole coordinates of dots: x from the left, y from the top."""

BRAILLE: Final = 0x2800
"""The code point of the empty braille pattern; adding the bits of a cell gives its character."""
PEN_UP: Final = -1
"""Both coordinates of the row that ends a line."""

_PEN_UP_ROW: Final = np.array([[PEN_UP, PEN_UP]], dtype=np.int64)
_PLAIN_MARKER: Final = "#"
_TAIL = 24
"""A line's last points that may still change are at most this many; more make the earlier ones settled."""

_plotext: ModuleType | None = None


def load() -> ModuleType:
    """Import plotext, once. It takes about a tenth of a second, so an app may do it beforehand, in a thread.

    Returns:
        The module, ready to draw at any size.
    """
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
    """Draw points or the lines through them.

    Args:
        points: (n, 2) dots, all inside the plot; a row of PEN_UP ends a line.
        width: of the plot in cells, at least 1.
        height: of the plot in cells, at least 1.
        connect: whether points are joined by lines.
        braille: whether a cell has eight dots, or one.

    Returns:
        (height, width): the dots that are set in each cell.

    Raises:
        ValueError: a point lies outside the plot.
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


class LineRaster:
    """The dots of one line that is drawn again and again, redrawn only from where it changed.

    A live line is the one before with a few more points at its end.
    """

    def __init__(self) -> None:
        self._key: object = None
        self._settled: Dots = np.empty((0, 2), dtype=np.int64)
        self._bits: Bits = np.zeros((0, 0), dtype=np.uint8)
        self._last: tuple[Dots, Bits] | None = None

    def draw(self, points: Dots, width: int, height: int, *, connect: bool, braille: bool) -> Bits:
        """Draw the line: the same result as `rasterise` gives for the same arguments.

        Args:
            points: (n, 2) dots, all inside the plot; a row of PEN_UP ends a line.
            width: of the plot in cells, at least 1.
            height: of the plot in cells, at least 1.
            connect: whether points are joined by lines.
            braille: whether a cell has eight dots, or one.

        Returns:
            (height, width): the dots that are set in each cell. It must not be written to.

        Raises:
            ValueError: a point lies outside the plot.
        """
        key = (width, height, connect, braille)
        if key != self._key or not _begins_with(points, self._settled):
            self._key, self._last = key, None
            self._settled, self._bits = points[:0], np.zeros((height, width), dtype=np.uint8)
        if self._last is not None and np.array_equal(self._last[0], points):
            return self._last[1]
        if len(points) - len(self._settled) > _TAIL:
            self._settle(points[: len(points) - _TAIL // 4], connect, braille)
        bits = self._bits | rasterise(self._after_settled(points), width, height, connect=connect, braille=braille)
        self._last = points, bits
        return bits

    def _settle(self, points: Dots, connect: bool, braille: bool) -> None:
        height, width = self._bits.shape
        fresh = self._after_settled(points)
        self._bits = self._bits | rasterise(fresh, width, height, connect=connect, braille=braille)
        self._settled = points

    def _after_settled(self, points: Dots) -> Dots:
        """The points from the last settled one on, so that the lines join."""
        return points[max(len(self._settled) - 1, 0) :]


def _begins_with(points: Dots, known: Dots) -> bool:
    return len(points) >= len(known) and np.array_equal(points[: len(known)], known)
