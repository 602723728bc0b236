"""The rectangle that the curves are drawn in: from axis coordinates to dots and cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .raster import Dots, dots_per_cell

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Area:
    """width x height cells with its upper left corner at (left, top), showing low <= x <= high, bottom <= y <= ceiling.

    The first epoch falls on the first column of dots and the last on the last; likewise up and down.
    """

    left: int
    top: int
    width: int
    height: int
    low: float
    high: float
    bottom: float
    ceiling: float
    braille: bool

    def columns(self, xs: Floats) -> Floats:
        """Columns of dots (not yet whole) for epochs."""
        across, _ = dots_per_cell(self.braille)
        return (xs - self.low) / (self.high - self.low) * (self.width * across - 1)

    def rows(self, ys: Floats) -> Floats:
        """Rows of dots (not yet whole), from the top, for axis coordinates; what lies beyond is at the edge."""
        _, down = dots_per_cell(self.braille)
        part = (self.ceiling - np.clip(ys, self.bottom, self.ceiling)) / (self.ceiling - self.bottom)
        return np.asarray(part * (self.height * down - 1), dtype=np.float64)

    def dots(self, xs: Floats, ys: Floats) -> Dots:
        """Whole dots for points in view, (n, 2)."""
        points = np.stack([self.columns(xs), self.rows(ys)], axis=1)
        return np.floor(points + 0.5).astype(np.int64)

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """Column and row, within the area, of the cell that shows a point in view."""
        across, down = dots_per_cell(self.braille)
        dot = self.dots(np.array([x]), np.array([y]))[0]
        return int(dot[0]) // across, int(dot[1]) // down

    def column(self, x: float) -> int:
        """Column, within the area, of the cell that shows an epoch in view."""
        across, _ = dots_per_cell(self.braille)
        return int(np.floor(self.columns(np.array([x]))[0] + 0.5)) // across

    def row(self, y: float) -> int:
        """Row, within the area, of the cell that shows an axis coordinate."""
        _, down = dots_per_cell(self.braille)
        return int(np.floor(self.rows(np.array([y]))[0] + 0.5)) // down

    def epoch(self, column: int) -> float:
        """The epoch in the middle of a cell's column, within the range shown."""
        across, _ = dots_per_cell(self.braille)
        dots = max(self.width * across - 1, 1)
        part = min(max(((column + 0.5) * across - 0.5) / dots, 0.0), 1.0)
        return self.low + part * (self.high - self.low)

    def shows(self, x: float) -> bool:
        """Whether an epoch is in view."""
        return self.low <= x <= self.high
