"""Where things are: which rows and columns of a chart are for what, and which cell shows a point of the plot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .raster import Dots, dots_per_cell
from .transforms import HEIGHT_SLACK, Floats

_GUTTER_SHARE = 4


@dataclass(frozen=True)
class PlotArea:
    """The rectangle that the curves are drawn in, with the ranges of the axes.

    The first epoch falls on the first column of dots and the last on the last; likewise up and down.

    Attributes:
        left: the column of its upper left corner, in cells.
        top: the row of that corner, in cells.
        width: in cells.
        height: in cells.
        x_min: the epoch at the left edge.
        x_max: the epoch at the right edge.
        y_min: the axis coordinate at the lower edge (an exponent of ten on a logarithmic axis).
        y_max: the axis coordinate at the upper edge.
        braille: whether a cell has eight dots, or one.
    """

    left: int
    top: int
    width: int
    height: int
    x_min: float
    x_max: float
    y_min: float
    y_max: float
    braille: bool

    def columns(self, xs: Floats) -> Floats:
        """Columns of dots (not yet whole) for epochs."""
        across, _ = dots_per_cell(self.braille)
        return (xs - self.x_min) / (self.x_max - self.x_min) * (self.width * across - 1)

    def rows(self, ys: Floats) -> Floats:
        """Rows of dots (not yet whole), from the top, for axis coordinates; what lies beyond is at the edge."""
        return self.free_rows(np.clip(ys, self.y_min, self.y_max))

    def free_rows(self, ys: Floats) -> Floats:
        """Rows of dots (not yet whole), from the top, for axis coordinates; beyond the plot for what lies there."""
        _, down = dots_per_cell(self.braille)
        part = (self.y_max - ys) / (self.y_max - self.y_min)
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
        """The epoch in the middle of a column of cells, within the range shown."""
        across, _ = dots_per_cell(self.braille)
        dots = max(self.width * across - 1, 1)
        part = min(max(((column + 0.5) * across - 0.5) / dots, 0.0), 1.0)
        return self.x_min + part * (self.x_max - self.x_min)

    def shows(self, x: float) -> bool:
        """Whether an epoch is in view."""
        return self.x_min <= x <= self.x_max

    def shows_height(self, y: float) -> bool:
        """Whether an axis coordinate is in view; NaN is not."""
        slack = HEIGHT_SLACK * (self.y_max - self.y_min)
        return self.y_min - slack <= y <= self.y_max + slack


@dataclass(frozen=True)
class ChartRows:
    """Which rows of a chart are for what, from the top.

    Attributes:
        header: how many rows the header has; they are the first ones.
        plot: how many rows the plot has; they follow.
        axis: the row of the x axis, or None where there is no room for it.
        tick_labels: the row of its labels, or None.
        note: the row of the note, or None.
    """

    header: int
    plot: int
    axis: int | None
    tick_labels: int | None
    note: int | None


def max_header_rows(height: int) -> int:
    """How many rows the header may take of a chart of `height` rows."""
    return max(height // 4, 1) if height >= 4 else 0


def chart_rows(height: int, header: int, note: bool) -> ChartRows:
    """Divide the rows of a chart; a low chart goes without the note, the labels and then the axis.

    Args:
        height: of the chart in cells, at least 1.
        header: how many rows the header takes.
        note: whether there is something to say below the chart.
    """
    has_note = note and height >= 7
    has_axis, has_labels = height >= 5, height >= 6
    plot = max(height - header - has_note - has_axis - has_labels, 1)
    axis = header + plot if has_axis else None
    labels = header + plot + 1 if has_labels else None
    return ChartRows(header, plot, axis, labels, height - 1 if has_note else None)


def left_columns(width: int, longest_label: int) -> int:
    """How many columns stand left of the plot: the longest tick label, a space and the axis.

    Args:
        width: of the chart in cells.
        longest_label: in cells.

    Returns:
        In cells; 0 in a chart that is too narrow for labels.
    """
    wanted = longest_label + 2
    return wanted if width >= wanted + 8 else 0


def right_columns(width: int, left: int, longest_label: int) -> int:
    """How many columns stand right of the plot, for the end labels of curves that reach its end.

    Args:
        width: of the chart in cells.
        left: how many columns stand left of the plot.
        longest_label: in cells; 0 if there are no end labels.

    Returns:
        In cells; 0 where the labels would take too much of the plot.
    """
    wanted = longest_label + 1
    return wanted if longest_label and wanted * _GUTTER_SHARE <= width - left else 0


def max_y_steps(plot_rows: int) -> int:
    """Into how many steps the y axis of a plot of so many rows is divided at most."""
    return min(max(plot_rows // 4, 1), 8)
