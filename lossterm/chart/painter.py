"""From series and a view to a frame, remembering between frames whatever need not be worked out again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .area import Area
from .axis import x_scale, y_scale
from .curve import Curve, curve
from .frame import Canvas, Frame
from .furniture import draw_marks, draw_note, draw_x_axis, draw_y_axis, remarks
from .glyphs import Glyphs, glyphs, plain
from .ink import TEXT
from .layers import Layers, draw_best, draw_crosshair, draw_curves, draw_markers
from .layout import gutter, left_columns, most_header_rows, rows, steps
from .legend import header, several
from .series import Plot, Series, View
from .tags import draw_tags, texts
from .track import Track
from .vertical import Vertical
from .view import full_range

_LABEL_EVERY = 12
_NOTHING = "no value to show here"


class Painter:
    """Draws one chart again and again.

    It keeps the axes still between frames, and remembers each series' values and dots. A series is recognised by its
    slot, style and label.
    """

    def __init__(self) -> None:
        self._tracks: dict[object, Track] = {}
        self._vertical = Vertical()
        self._last: tuple[object, Frame] | None = None
        self.area: Area | None = None

    def paint(self, plot: Plot, view: View, width: int, height: int) -> Frame:
        """Draw the plot as seen in a view.

        width, height: in cells; the frame has exactly as many. Whatever the values, it raises nothing.
        Returns the same frame as before when nothing has changed since.
        """
        tracked = self._tracked(plot)
        view = _with_window_in_range(view, plot)
        seen = (view, width, height, _about(plot), tuple(_stamp(*pair) for pair in tracked))
        if self._last is None or self._last[0] != seen:
            self.area = None
            canvas = Canvas(width, height)
            if canvas.width and canvas.height:
                self._draw(canvas, plot, view, [curve(series, track, view) for series, track in tracked])
            self._last = seen, canvas.frame()
        return self._last[1]

    def _tracked(self, plot: Plot) -> list[tuple[Series, Track]]:
        """Each series with what is remembered of it."""
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
        low, high = x_range(plot, view)
        y = self._vertical.scale(plot, view, curves, (low, high), steps(share.plot), signs)
        if y is None:
            words = _NOTHING if any(len(each.points.xs) for each in curves) else plot.empty
            words = plain(words, view.ascii)[: canvas.width]
            canvas.put((canvas.width - len(words)) // 2, share.header + share.plot // 2, words, TEXT)
            return
        left = left_columns(canvas.width, self._vertical.label_width(y, plot, view))
        longest = max(map(len, texts(curves, signs, canvas.width, low, plot.last_values)), default=0)
        columns = canvas.width - left - gutter(canvas.width, left, longest)
        area = Area(left, share.header, columns, share.plot, low, high, y.low, y.high, signs.braille)
        self.area = area
        most = max(area.width // _LABEL_EVERY, 1)
        x = x_scale(low, high, most) if plot.whole else y_scale(low, high, False, most, signs)
        draw_y_axis(canvas, area, y, x, signs)
        draw_x_axis(canvas, area, share, x, signs, plain(plot.x_label, view.ascii))
        draw_marks(canvas, area, share, curves, signs)
        _draw_data(canvas, area, plot, curves, view, signs)


def _draw_data(canvas: Canvas, area: Area, plot: Plot, curves: Sequence[Curve], view: View, signs: Glyphs) -> None:
    """Everything inside the axes."""
    layers = Layers(area, signs)
    draw_curves(layers, curves)
    if several(curves):
        draw_markers(layers, curves)
    draw_best(layers, curves)
    canvas.paint(area.left, area.top, layers.chars, layers.inks)
    draw_tags(canvas, area, curves, texts(curves, signs, canvas.width, area.high, plot.last_values))
    if view.crosshair is not None:
        draw_crosshair(canvas, area, curves, signs, view.crosshair)


def x_range(plot: Plot, view: View) -> tuple[float, float]:
    """The first and the last epoch shown, low < high: the window, else the whole plot."""
    low, high = view.window or full_range(plot)
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def _with_window_in_range(view: View, plot: Plot) -> View:
    """The view without its window when that belongs to a longer plot and shows nothing of this one."""
    low, high = full_range(plot)
    if view.window is not None and (view.window[0] >= high or view.window[1] <= low):
        return replace(view, window=None)
    return view


def _about(plot: Plot) -> object:
    labels = plot.x_label, plot.y_label, plot.note, plot.empty
    return plot.x_range, plot.floor, plot.ceiling, plot.whole, plot.last_values, labels


def _stamp(series: Series, track: Track) -> object:
    return series.slot, series.style, series.label, series.tag, series.dim, series.best, track.stamp(series)


def paint(plot: Plot, view: View, width: int, height: int) -> Frame:
    """Draw a single frame, for those who need no second one."""
    return Painter().paint(plot, view, width, height)
