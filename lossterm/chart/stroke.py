"""The dots of one line, redrawn only from where it changed."""

from __future__ import annotations

import numpy as np

from .raster import Bits, Dots, rasterise

_TAIL = 24
"""A tail of more points than this is settled, but for its last quarter, which may still change."""


class Stroke:
    """Remembers a line's dots: a live line is the one before with a little more at its end."""

    def __init__(self) -> None:
        self._key: object = None
        self._settled: Dots = np.empty((0, 2), dtype=np.int64)
        self._bits: Bits = np.zeros((0, 0), dtype=np.uint8)
        self._last: tuple[Dots, Bits] | None = None

    def draw(self, points: Dots, width: int, height: int, *, connect: bool, braille: bool) -> Bits:
        """As `rasterise`, for the same arguments. The result must not be written to."""
        key = (width, height, connect, braille)
        if key != self._key or not _begins(points, self._settled):
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


def _begins(points: Dots, known: Dots) -> bool:
    return len(points) >= len(known) and np.array_equal(points[: len(known)], known)
