"""From a plot and a view to a frame, keeping between frames whatever need not be computed again."""

from __future__ import annotations

from collections.abc import Sequence

from .autoscale import YAutoscale
from .axes import draw_gaps, draw_note, draw_x_axis, draw_y_axis, remarks
from .curve import PlottedCurve, plotted_curve
from .frame import Canvas, Frame
from .glyphs import Glyphs, cell_text, glyphs
from .labels import draw_end_labels, end_labels, header, needs_markers
from .layers import Layers, draw_best, draw_crosshair, draw_curves, draw_markers
from .layout import PlotArea, chart_rows, left_columns, max_header_rows, max_y_steps, right_columns
from .series import Plot, Series
from .series_cache import SeriesCache
from .styles import TEXT
from .ticks import x_scale, y_scale
from .view_state import ViewState, within_plot

_X_STEP_COLUMNS = 12
_NO_VALUE = "no value to show here"


class Painter:
    """Draws one chart again and again.

    It keeps the axes still between frames, and remembers the values and dots of each series. A series is recognised by
    its slot, line style and label.

    Attributes:
        area: where the plot was in the last frame, with its ranges; None if that frame had no room for one.
    """

    def __init__(self) -> None:
        self._caches: dict[object, SeriesCache] = {}
        self._autoscale = YAutoscale()
        self._last: tuple[object, Frame] | None = None
        self.area: PlotArea | None = None

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
            if canvas.width and canvas.height:
                self._draw(canvas, plot, view, [plotted_curve(series, cache, view) for series, cache in cached])
            self._last = key, canvas.frame()
        return self._last[1]

    def _with_caches(self, plot: Plot) -> list[tuple[Series, SeriesCache]]:
        """Each series with its cache."""
        caches: dict[object, SeriesCache] = {}
        found = []
        for series in plot.series:
            key: tuple[object, ...] = (series.slot, series.line_style, series.label)
            while key in caches:
                key = (*key, "again")
            caches[key] = self._caches.get(key) or SeriesCache()
            found.append((series, caches[key]))
        self._caches = caches
        return found

    def _draw(self, canvas: Canvas, plot: Plot, view: ViewState, curves: Sequence[PlottedCurve]) -> None:
        chars = glyphs(view.ascii)
        texts, used = header(plot, view, curves, chars, canvas.width, max_header_rows(canvas.height))
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
    layers = Layers(area, chars)
    draw_curves(layers, curves)
    if needs_markers(curves):
        draw_markers(layers, curves)
    draw_best(layers, curves)
    canvas.paint(area.left, area.top, layers.chars, layers.style_ids)
    draw_end_labels(canvas, area, curves, end_labels(curves, chars, canvas.width, area.x_max, plot.last_values))
    if view.crosshair is not None:
        draw_crosshair(canvas, area, curves, chars, view.crosshair)


def x_range(plot: Plot, view: ViewState) -> tuple[float, float]:
    """The first and the last epoch shown, low < high: the window, else the whole plot."""
    low, high = view.window or plot.full_range
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def _plot_key(plot: Plot) -> object:
    labels = plot.x_label, plot.y_label, plot.note, plot.empty
    return plot.x_range, plot.floor, plot.ceiling, plot.whole_x, plot.last_values, labels


def _series_key(series: Series, cache: SeriesCache) -> object:
    names = series.slot, series.line_style, series.label, series.end_label
    return *names, series.dim, series.best, cache.stamp(series)


def paint(plot: Plot, view: ViewState, width: int, height: int) -> Frame:
    """Draw a single frame, for callers that need no second one; see `Painter.paint`."""
    return Painter().paint(plot, view, width, height)
