"""From series and a view to a frame, remembering between frames whatever need not be worked out again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lossterm.chart.area import Area
from lossterm.chart.axis import Limits, Scale, YAxis, x_scale, y_scale
from lossterm.chart.curve import Curve, curve
from lossterm.chart.frame import Canvas, Frame
from lossterm.chart.furniture import draw_marks, draw_note, draw_x_axis, draw_y_axis, remarks
from lossterm.chart.glyphs import Glyphs, glyphs, plain
from lossterm.chart.ink import TEXT
from lossterm.chart.layers import Layers, draw_best, draw_crosshair, draw_curves, draw_markers
from lossterm.chart.layout import gutter, left_columns, most_header_rows, rows, steps
from lossterm.chart.legend import header, several
from lossterm.chart.series import Plot, View
from lossterm.chart.tags import draw_tags, texts
from lossterm.chart.track import Track, on_axis

_LABEL_EVERY = 12
_EARLY = 0.2
_LEAST_LABEL = 4


class Painter:
    """Draws one chart again and again.

    It keeps the y axis still between frames and remembers each series' dots. A series is recognised by its slot, style
    and label.
    """

    def __init__(self) -> None:
        self._tracks: dict[object, Track] = {}
        self._y_axis = YAxis()
        self._labels_kind: object = None
        self._labels_width = 0
        self.area: Area | None = None

    def paint(self, plot: Plot, view: View, width: int, height: int) -> Frame:
        """Draw the plot as seen in a view. Never raises for any values; the frame is exactly width x height cells."""
        self.area = None
        canvas = Canvas(width, height)
        if canvas.width and canvas.height:
            curves = [curve(series, track, view) for series, track in self._tracked(plot)]
            self._draw(canvas, plot, view, curves)
        return canvas.frame()

    def _tracked(self, plot: Plot) -> list[tuple[object, Track]]:
        tracks: dict[object, Track] = {}
        found = []
        for series in plot.series:
            key: tuple[object, ...] = (series.slot, series.style, series.label)
            while key in tracks:
                key = (*key, "again")
            tracks[key] = self._tracks.get(key) or Track()
            found.append((series, tracks[key]))
        self._tracks = tracks
        return found

    def _draw(self, canvas: Canvas, plot: Plot, view: View, curves: Sequence[Curve]) -> None:
        signs = glyphs(view.ascii)
        pieces, used = header(plot, view, curves, signs, canvas.width, most_header_rows(canvas.height))
        for piece in pieces:
            canvas.put(piece.x, piece.row, piece.text, piece.ink)
        note = remarks(curves, plot.note, signs)
        share = rows(canvas.height, used, bool(note))
        draw_note(canvas, share.note, note, signs)
        low, high = x_range(plot, view, curves)
        y = self._y(plot, view, curves, (low, high), steps(share.plot), signs)
        left = left_columns(canvas.width, self._label_width(y, (view.log, plot.y_label))) if y else 0
        longest = max(map(len, texts(curves, signs, canvas.width, low)), default=0)
        right = gutter(canvas.width, left, longest) if y else 0
        bottom, ceiling = (y.low, y.high) if y else (0.0, 1.0)
        area = Area(
            left, share.header, canvas.width - left - right, share.plot, low, high, bottom, ceiling, signs.braille
        )
        if y is None:
            words = plain(plot.empty, view.ascii)[: canvas.width]
            canvas.put((canvas.width - len(words)) // 2, share.header + share.plot // 2, words, TEXT)
            return
        self.area = area
        draw_y_axis(canvas, area, y, signs)
        x = x_scale(low, high, max(area.width // _LABEL_EVERY, 1))
        draw_x_axis(canvas, area, share, x, signs, plain(plot.x_label, view.ascii))
        draw_marks(canvas, area, share, curves, signs)
        draw_data(canvas, area, curves, texts(curves, signs, canvas.width, high), view, signs)

    def _label_width(self, y: Scale, kind: object) -> int:
        """The width of the widest label so far: a plot that moved sideways would be sent whole."""
        if kind != self._labels_kind:
            self._labels_kind, self._labels_width = kind, _LEAST_LABEL
        self._labels_width = max(self._labels_width, *(len(tick.label) for tick in y.ticks))
        return self._labels_width

    def _y(
        self, plot: Plot, view: View, curves: Sequence[Curve], window: tuple[float, float], most: int, signs: Glyphs
    ) -> Scale | None:
        """The y axis for what is in view, or None when nothing is."""
        extents = [extent for each in curves if (extent := each.extent(*window))]
        if not extents:
            return None
        low, high = min(extent[0] for extent in extents), max(extent[1] for extent in extents)
        early = _is_early(plot, curves) and view.window is None
        if early:
            low, high = _with_limits(low, high, plot, view.log)
        kind = (view.log, view.window, tuple(self._tracks), plot.y_label, early, most)
        low, high = self._y_axis.fit(low, high, kind=kind, log=view.log, steps=most, limits=_limits(plot, view.log))
        return y_scale(low, high, view.log, most, signs)


def draw_data(
    canvas: Canvas, area: Area, curves: Sequence[Curve], names: Sequence[str], view: View, signs: Glyphs
) -> None:
    """Everything inside the axes."""
    layers = Layers(area, signs)
    draw_curves(layers, curves)
    if several(curves):
        draw_markers(layers, curves)
    draw_best(layers, curves)
    canvas.paint(area.left, area.top, layers.chars, layers.inks)
    draw_tags(canvas, area, curves, names)
    if view.crosshair is not None:
        draw_crosshair(canvas, area, curves, signs, view.crosshair)


def x_range(plot: Plot, view: View, curves: Sequence[Curve]) -> tuple[float, float]:
    """The first and the last epoch shown, low < high: the window, else the planned epochs, else those there are."""
    low, high = view.window or full_range(plot, [each.points.xs for each in curves])
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def full_range(plot: Plot, epochs: Sequence[np.ndarray[tuple[int], np.dtype[np.float64]]]) -> tuple[float, float]:
    """The first and the last epoch of the whole plot, whatever the view."""
    if plot.x_range is not None:
        return plot.x_range
    ends = [(float(xs[0]), float(xs[-1])) for xs in epochs if len(xs)]
    return (min(end[0] for end in ends), max(end[1] for end in ends)) if ends else (1.0, 1.0)


def _is_early(plot: Plot, curves: Sequence[Curve]) -> bool:
    """Whether so few of the planned epochs are there that the range of what will come is anyone's guess."""
    ends = [float(each.points.xs[-1]) for each in curves if len(each.points.xs)]
    if plot.x_range is None or not ends:
        return False
    first, last = plot.x_range
    return max(ends) < first + _EARLY * (last - first)


def _with_limits(low: float, high: float, plot: Plot, log: bool) -> tuple[float, float]:
    """The range with the limits that the quantity may come to; on a logarithmic axis, which has none, a decade less."""
    if plot.floor is not None:
        low = low - 1 if log else min(low, plot.floor)
    if plot.ceiling is not None and not log:
        high = max(high, plot.ceiling)
    return low, high


def _limits(plot: Plot, log: bool) -> Limits:
    floor, ceiling = (
        Limits.floor if plot.floor is None else plot.floor,
        Limits.ceiling if plot.ceiling is None else plot.ceiling,
    )
    if not log:
        return Limits(floor, ceiling)
    return Limits(ceiling=float(on_axis(np.array([ceiling]), True)[0]) if 0 < ceiling < np.inf else np.inf)


def paint(plot: Plot, view: View, width: int, height: int) -> Frame:
    """Draw a single frame, for those who need no second one."""
    return Painter().paint(plot, view, width, height)
