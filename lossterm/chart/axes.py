"""Draws what stands around the curves: the axes with their ticks, the grid, and the remarks below."""

from __future__ import annotations

from collections.abc import Sequence

from .curve import PlottedCurve
from .frame import Canvas
from .glyphs import Glyphs, cell_text
from .layout import ChartRows, PlotArea
from .styles import AXIS, GRID, NOTE, TEXT, TICK_LABEL, series_style
from .ticks import AxisScale, epoch_label


def draw_y_axis(canvas: Canvas, area: PlotArea, y: AxisScale, x: AxisScale, glyphs: Glyphs) -> None:
    """Draw the y axis with its tick labels, and a dot of the grid wherever its ticks meet those of the x axis."""
    for row in range(area.top, area.top + area.height):
        canvas.put(area.left - 1, row, glyphs.vertical, AXIS)
    taken: set[int] = set()
    columns = [column for tick in x.ticks if (column := area.column(tick.at)) > 0]
    for tick in y.ticks:
        row = area.top + area.row(tick.at)
        if row in taken:
            continue
        taken.add(row)
        for column in columns:
            canvas.put(area.left + column, row, glyphs.grid, GRID)
        if area.left:
            canvas.put(area.left - 1, row, glyphs.y_tick, AXIS)
            canvas.put(area.left - 2 - len(tick.label), row, tick.label, TICK_LABEL)


def draw_x_axis(canvas: Canvas, area: PlotArea, rows: ChartRows, x: AxisScale, glyphs: Glyphs, name: str) -> None:
    """Draw the x axis with its tick labels, the first and the last kept whole, and its name where there is room."""
    if rows.axis is None:
        return
    canvas.put(area.left - 1, rows.axis, glyphs.corner + glyphs.horizontal * area.width, AXIS)
    free_from = 0
    for tick in x.ticks:
        column = area.left + area.column(tick.at)
        start = min(max(column - (len(tick.label) - 1) // 2, 0), canvas.width - len(tick.label))
        if start < free_from:
            continue
        canvas.put(column, rows.axis, glyphs.x_tick, AXIS)
        if rows.tick_labels is not None:
            canvas.put(start, rows.tick_labels, tick.label, TICK_LABEL)
        free_from = start + len(tick.label) + 1
    if rows.tick_labels is not None and free_from + len(name) <= canvas.width:
        canvas.put(
            max(free_from, min(area.left + area.width + 1, canvas.width - len(name))), rows.tick_labels, name, TEXT
        )


def draw_gaps(canvas: Canvas, area: PlotArea, rows: ChartRows, curves: Sequence[PlottedCurve], glyphs: Glyphs) -> None:
    """Mark on the x axis, where that hides nothing, the epochs whose value is not finite or too low for a log axis."""
    if rows.axis is None:
        return
    for each in curves:
        for epochs, char, style_id in (
            (each.points.below, glyphs.below, series_style(each.series.slot)),
            (each.points.broken, glyphs.broken, NOTE),
        ):
            seen = epochs[(epochs >= area.x_min) & (epochs <= area.x_max)]
            for column in {area.column(float(epoch)) for epoch in _some(seen.tolist(), 4 * area.width)}:
                canvas.put(area.left + column, rows.axis, char, style_id)


def _some(epochs: list[float], most: int) -> list[float]:
    """Evenly chosen ones of too many."""
    return epochs[:: max(len(epochs) // most, 1)]


def remarks(curves: Sequence[PlottedCurve], note: str, glyphs: Glyphs) -> str:
    """The line below the chart: what cannot be drawn, and after it the caller's own note."""
    parts = []
    for each in curves:
        label, broken, below = each.series.label, each.points.broken, each.points.below
        if len(broken):
            more = f" and {len(broken) - 1} more" if len(broken) > 1 else ""
            parts.append(f"{glyphs.broken} {label}: not finite at epoch {epoch_label(float(broken[0]))}{more}")
        if len(below):
            values = "1 value" if len(below) == 1 else f"{len(below)} values"
            parts.append(f"{glyphs.below} {label}: {values} ≤ 0, not on a log axis")
    return cell_text(f" {glyphs.separator} ".join([*parts, *([note] if note else [])]), not glyphs.braille)


def draw_note(canvas: Canvas, row: int | None, text: str, glyphs: Glyphs) -> None:
    """Write the remarks in the last row, cut with an ellipsis where they are too long."""
    if row is not None and text:
        whole = len(text) <= canvas.width
        canvas.put(0, row, text if whole else text[: canvas.width - 1] + glyphs.ellipsis, NOTE)
