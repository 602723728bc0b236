"""Which rows and columns of the chart are for what; small charts do without the less needful."""

from __future__ import annotations

from dataclasses import dataclass

_GUTTER_SHARE = 4


@dataclass(frozen=True)
class Rows:
    """header rows first, then the plot, then (None where there is no room) the axis, its labels and the note."""

    header: int
    plot: int
    axis: int | None
    labels: int | None
    note: int | None


def most_header_rows(height: int) -> int:
    """How many rows the header may take of a chart's height."""
    return max(height // 4, 1) if height >= 4 else 0


def rows(height: int, header: int, note: bool) -> Rows:
    """Divide a chart's height, at least 1, of which the header takes `header` rows."""
    has_note = note and height >= 7
    has_axis, has_labels = height >= 5, height >= 6
    plot = max(height - header - has_note - has_axis - has_labels, 1)
    axis = header + plot if has_axis else None
    labels = header + plot + 1 if has_labels else None
    return Rows(header, plot, axis, labels, height - 1 if has_note else None)


def left_columns(width: int, longest_label: int) -> int:
    """Columns left of the plot: the longest label, a space and the axis; none in a chart too narrow for them."""
    wanted = longest_label + 2
    return wanted if width >= wanted + 8 else 0


def gutter(width: int, left: int, longest_tag: int) -> int:
    """Columns right of the plot, where the labels of curves that reach the end stand."""
    wanted = longest_tag + 1
    return wanted if longest_tag and wanted * _GUTTER_SHARE <= width - left else 0


def steps(plot_rows: int) -> int:
    """Into how many steps a y axis of that many rows is divided at most."""
    return min(max(plot_rows // 4, 1), 8)
