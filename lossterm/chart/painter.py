"""From a plot and a view to a frame, keeping between frames whatever need not be computed again."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .autoscale import YAutoscale
from .axis_choice import AxisChoice
from .curve import PlottedCurve, plotted_curve
from .frame import Canvas, Frame
from .glyphs import Glyphs, cell_text, glyphs
from .labels import draw_end_labels, end_labels, header, needs_markers
from .layers import Layers, draw_baseline, draw_baseline_name, draw_best, draw_crosshair, draw_curves, draw_markers
from .layout import ChartRows, PlotArea, chart_rows, left_columns, max_header_rows, max_y_steps, right_columns
from .series import Plot, Series, SeriesCache, axis_coordinates
from .styles import AXIS, GRID, NOTE, TEXT, TICK_LABEL, series_style
from .ticks import AxisScale, epoch_label, x_scale, y_scale
from .view_state import ViewState, within_plot


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


_X_STEP_COLUMNS = 12
_NO_VALUE = "no value to show here"


class Painter:
    """Draws one chart again and again.

    It keeps the axes still between frames, and remembers the values and dots of each series. A series is recognised by
    its slot, variant, line style and label.

    Attributes:
        area: where the plot was in the last frame, with its ranges; None if that frame had no room for one.
        seen: the view of the last frame, with what the chart chose by itself where the view left that to it.
        choice: what the chart would choose.
    """

    def __init__(self) -> None:
        self._caches: dict[object, SeriesCache] = {}
        self._autoscale = YAutoscale()
        self._last: tuple[object, Frame] | None = None
        self.choice = AxisChoice()
        self.area: PlotArea | None = None
        self.seen = ViewState()

    def paint(self, plot: Plot, view: ViewState, width: int, height: int) -> Frame:
        """Draw a plot. Whatever its values, this raises nothing.

        Args:
            plot: what to show.
            view: how it is seen.
            width: of the chart in cells, at least 0.
            height: of the chart in cells, at least 0.

        Returns:
            A frame of exactly that size; the same object as before when nothing has changed since.
        """
        cached = self._with_caches(plot)
        view = within_plot(view, plot)
        key = (view, width, height, _plot_key(plot), tuple(_series_key(*pair) for pair in cached))
        if self._last is None or self._last[0] != key:
            self.area = None
            canvas = Canvas(width, height)
            self.seen = self.choice.view(plot, view, cached)
            if canvas.width and canvas.height:
                curves = [plotted_curve(series, cache, self.seen) for series, cache in cached]
                self._draw(canvas, plot, view, curves)
            self._last = key, canvas.frame()
        return self._last[1]

    def _with_caches(self, plot: Plot) -> list[tuple[Series, SeriesCache]]:
        """Each series with its cache."""
        caches: dict[object, SeriesCache] = {}
        found = []
        for series in plot.series:
            key: tuple[object, ...] = (series.slot, series.variant, series.line_style, series.label)
            while key in caches:
                key = (*key, "again")
            caches[key] = self._caches.get(key) or SeriesCache()
            found.append((series, caches[key]))
        self._caches = caches
        return found

    def _draw(self, canvas: Canvas, plot: Plot, asked: ViewState, curves: Sequence[PlottedCurve]) -> None:
        view, chars = self.seen, glyphs(asked.ascii)
        chosen = [name for name in ("fit", "log") if getattr(asked, name) is None]
        texts, used = header(plot, view, curves, chars, canvas.width, max_header_rows(canvas.height), chosen)
        for text in texts:
            canvas.put(text.x, text.row, text.text, text.style_id)
        note = remarks(curves, plot.note, chars)
        rows = chart_rows(canvas.height, used, bool(note))
        draw_note(canvas, rows.note, note, chars)
        window = x_range(plot, view)
        y = self._autoscale.scale(plot, view, curves, window, max_y_steps(rows.plot), chars)
        if y is None:
            words = _NO_VALUE if any(len(each.points.xs) for each in curves) else plot.empty
            words = cell_text(words, view.ascii)[: canvas.width]
            canvas.put((canvas.width - len(words)) // 2, rows.header + rows.plot // 2, words, TEXT)
            return
        left = left_columns(canvas.width, self._autoscale.label_width(y, plot, view))
        longest = max(map(len, end_labels(curves, chars, canvas.width, window[0], plot.last_values)), default=0)
        columns = canvas.width - left - right_columns(canvas.width, left, longest)
        area = PlotArea(left, rows.header, columns, rows.plot, *window, y.low, y.high, chars.braille)
        self.area = area
        steps = max(area.width // _X_STEP_COLUMNS, 1)
        x = x_scale(*window, steps) if plot.whole_x else y_scale(*window, False, steps, chars)
        draw_y_axis(canvas, area, y, x, chars)
        draw_x_axis(canvas, area, rows, x, chars, cell_text(plot.x_label, view.ascii))
        draw_gaps(canvas, area, rows, curves, chars)
        _draw_data(canvas, area, plot, curves, view, chars)


def _draw_data(
    canvas: Canvas, area: PlotArea, plot: Plot, curves: Sequence[PlottedCurve], view: ViewState, chars: Glyphs
) -> None:
    """Everything inside the axes."""
    height, name = plot.baseline or (math.nan, "")
    baseline = float(axis_coordinates(np.array([height]), bool(view.log))[0])
    draw_baseline(canvas, area, baseline, chars)
    layers = Layers(area, chars)
    draw_curves(layers, curves)
    if needs_markers(curves):
        draw_markers(layers, curves)
    draw_best(layers, curves)
    canvas.paint(area.left, area.top, layers.chars, layers.style_ids)
    draw_end_labels(canvas, area, curves, end_labels(curves, chars, canvas.width, area.x_max, plot.last_values))
    draw_baseline_name(canvas, area, baseline, cell_text(name, view.ascii))
    if view.crosshair is not None:
        draw_crosshair(canvas, area, curves, chars, view.crosshair)


def x_range(plot: Plot, view: ViewState) -> tuple[float, float]:
    """The first and the last epoch shown, low < high: the window, else the whole plot."""
    low, high = view.window or plot.full_range
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def _plot_key(plot: Plot) -> object:
    labels = plot.x_label, plot.y_label, plot.note, plot.empty
    choices = plot.legend, plot.choose_log, plot.fit, plot.baseline
    return plot.x_range, plot.floor, plot.ceiling, plot.whole_x, plot.last_values, labels, choices


def _series_key(series: Series, cache: SeriesCache) -> object:
    names = series.slot, series.variant, series.line_style, series.label, series.end_label
    return *names, series.dim, series.front, series.best, series.band is None, cache.stamp(series)


def paint(plot: Plot, view: ViewState, width: int, height: int) -> Frame:
    """Draw a single frame, for callers that need no second one; see `Painter.paint`."""
    return Painter().paint(plot, view, width, height)
