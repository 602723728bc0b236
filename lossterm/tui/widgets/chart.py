"""The live chart: paints only the cells that changed, at most ten times a second, and nothing when nothing changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import monotonic
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from lossterm.chart import Frame, Painter, Plot, Series, View, changed_spans
from lossterm.chart import ink as inks
from lossterm.chart import view as views
from lossterm.chart.raster import load
from lossterm.tui.widgets.palette import ink_styles

_PARTS = {
    inks.AXIS: "loss-chart--axis",
    inks.TICK: "loss-chart--tick",
    inks.GRID: "loss-chart--grid",
    inks.TITLE: "loss-chart--title",
    inks.TEXT: "loss-chart--text",
    inks.NOTE: "loss-chart--note",
    inks.CROSS: "loss-chart--cross",
}
_TILES = int(__import__('os').environ.get('T','10'))
_LEAST_SECONDS = 0.1
_LOAD_SECONDS = 0.3


class Tile(Widget):
    """A column of the chart, from top to bottom.

    The chart is cut into columns because a partial update sends each changed row from its widget's left edge on
    (textual.ChopsUpdate crops strips at their right end only); the narrower the widget, the fewer cells go out again.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = "Tile { width: 1fr; height: 1fr; }"

    def __init__(self, chart: LossChart) -> None:
        super().__init__()
        self._chart = chart

    def render_line(self, y: int) -> Strip:
        """The tile's part of a row of the chart."""
        return self._chart.strip(y, self.first_column, self.size.width)

    @property
    def first_column(self) -> int:
        """Where in the chart the tile begins."""
        return self.region.x - self._chart.content_region.x


class LossChart(Widget):
    """A chart of curves over epochs.

    `show` says what; the other methods change how it is seen and are meant to be bound to keys. What it draws depends on
    nothing else.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = set(_PARTS.values())
    DEFAULT_CSS = """
    LossChart { layout: horizontal; width: 1fr; height: 1fr; overflow: hidden; }
    LossChart .loss-chart--axis { color: $foreground 40%; }
    LossChart .loss-chart--tick { color: $foreground 65%; }
    LossChart .loss-chart--grid { color: $foreground 22%; }
    LossChart .loss-chart--title { color: $foreground; text-style: bold; }
    LossChart .loss-chart--text { color: $foreground 75%; }
    LossChart .loss-chart--note { color: $text-warning; }
    LossChart .loss-chart--cross { color: $foreground 55%; }
    """

    class CrosshairMoved(Message):
        """The crosshair is at another epoch, or gone (None)."""

        def __init__(self, chart: LossChart, epoch: float | None) -> None:
            super().__init__()
            self.chart, self.epoch = chart, epoch

        @property
        def control(self) -> LossChart:
            """The chart that it happened in."""
            return self.chart

    class ViewChanged(Message):
        """A person changed how the chart is seen."""

        def __init__(self, chart: LossChart, view: View) -> None:
            super().__init__()
            self.chart, self.view = chart, view

        @property
        def control(self) -> LossChart:
            """The chart that it happened in."""
            return self.chart

    def __init__(
        self,
        *,
        ascii: bool = False,  # noqa: A002
        name: str | None = None,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        """ascii: draw with nothing but ASCII."""
        super().__init__(name=name, id=id, classes=classes)
        self._plot = Plot()
        self._view = View(ascii=ascii)
        self._painter = Painter()
        self._frame = Frame(0, 0, (), ())
        self._styles: list[Style] | None = None
        self._timer: Timer | None = None
        self._painted_at = -_LEAST_SECONDS

    def compose(self) -> ComposeResult:
        """Cut the chart into tiles."""
        yield from (Tile(self) for _ in range(_TILES))

    def on_mount(self) -> None:
        """Load the rasteriser beside the event loop, once the first screen stands: importing it holds the GIL."""
        self.set_timer(_LOAD_SECONDS, lambda: self.run_worker(load, thread=True, exit_on_error=False))

    # --- what is shown

    @property
    def plot(self) -> Plot:
        """What is shown."""
        return self._plot

    @property
    def view(self) -> View:
        """How it is seen."""
        return self._view

    @property
    def frame(self) -> Frame:
        """The picture as last drawn."""
        return self._frame

    def show(self, series: Sequence[Series], **about: Any) -> None:
        """Show these series from now on; `about` are the other fields of `lossterm.chart.Plot`.

        Cheap when called often: pictures are drawn at most ten times a second, and only changed cells are sent.
        """
        self.show_plot(Plot(tuple(series), **about))

    def show_plot(self, plot: Plot) -> None:
        """Show a plot from now on."""
        self._plot = plot
        if self._timer is None:
            wait = self._painted_at + _LEAST_SECONDS - monotonic()
            if wait > 0:
                self._timer = self.set_timer(wait, self._repaint)
            else:
                self._repaint()

    # --- how it is seen

    def set_view(self, view: View) -> None:
        """See the plot in another way, at once."""
        if view == self._view:
            return
        before, self._view = self._view, view
        self._repaint()
        self.post_message(self.ViewChanged(self, view))
        if before.crosshair != view.crosshair:
            self.post_message(self.CrosshairMoved(self, view.crosshair))

    def toggle_log(self) -> None:
        """Switch between a linear and a logarithmic y axis."""
        self.set_view(replace(self._view, log=not self._view.log))

    def smooth(self, steps: int) -> None:
        """Smooth more (positive) or less (negative)."""
        self.set_view(views.smoothed(self._view, steps))

    def toggle_legend(self) -> None:
        """Show or hide the legend."""
        self.set_view(replace(self._view, legend=not self._view.legend))

    def set_ascii(self, ascii: bool) -> None:  # noqa: A002
        """Draw with ASCII only, or with everything."""
        self.set_view(replace(self._view, ascii=ascii))

    def zoom(self, steps: int) -> None:
        """Zoom in (positive) or out (negative) around the crosshair, or the middle without one."""
        self.set_view(views.zoomed(self._view, self._full(), steps, self._view.crosshair))

    def reset_zoom(self) -> None:
        """Show all epochs again."""
        self.set_view(replace(self._view, window=None))

    def pan(self, steps: int) -> None:
        """Move a zoomed view to later (positive) or earlier epochs."""
        self.set_view(views.panned(self._view, self._full(), steps))

    def toggle_crosshair(self) -> None:
        """Show the crosshair at the last epoch in view, or hide it."""
        at = None if self._view.crosshair is not None else views.last_epoch(self._plot, self._view)
        self.set_view(replace(self._view, crosshair=at))

    def move_crosshair(self, steps: int) -> None:
        """Move the crosshair by epochs, or by columns when several epochs share one; the view follows it."""
        area = self._painter.area
        step = max(1, round((area.high - area.low) / max(area.width, 1))) if area else 1
        self.set_view(views.crosshair_moved(self._view, self._full(), steps * step))

    def put_crosshair(self, epoch: float | None) -> None:
        """Put the crosshair at an epoch, or hide it (None)."""
        at = None if epoch is None else views.clamped(round(epoch), self._full())
        self.set_view(replace(self._view, crosshair=at))

    def left(self) -> None:
        """The left arrow: the crosshair if it is shown, else the view."""
        self._sideways(-1)

    def right(self) -> None:
        """The right arrow: the crosshair if it is shown, else the view."""
        self._sideways(1)

    def _sideways(self, steps: int) -> None:
        if self._view.crosshair is not None:
            self.move_crosshair(steps)
        else:
            self.pan(steps)

    def _full(self) -> tuple[float, float]:
        return views.full_range(self._plot)

    # --- the mouse

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Zoom in around the pointer."""
        self._wheel(event, 1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Zoom out around the pointer."""
        self._wheel(event, -1)

    def on_click(self, event: events.Click) -> None:
        """Put the crosshair under the pointer."""
        epoch = self._epoch_at(event)
        if epoch is not None:
            event.stop()
            self.put_crosshair(epoch)

    def _wheel(self, event: events.MouseEvent, steps: int) -> None:
        epoch = self._epoch_at(event)
        if epoch is not None:
            event.stop()
            self.set_view(views.zoomed(self._view, self._full(), steps, epoch))

    def _epoch_at(self, event: events.MouseEvent) -> float | None:
        area = self._painter.area
        if area is None:
            return None
        column = event.screen_x - self.content_region.x - area.left
        return area.epoch(int(column)) if 0 <= column < area.width else None

    # --- painting

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._repaint()

    def notify_style_update(self) -> None:
        """Take the colours of a changed theme."""
        super().notify_style_update()
        self._styles = None
        for tile in self.query(Tile):
            tile.refresh()

    def strip(self, y: int, x: int, width: int) -> Strip:
        """Part of a row of the picture, with as few changes of style as its characters allow."""
        styles = self._ink_styles()
        if not 0 <= y < self._frame.height:
            return Strip.blank(width, styles[inks.BLANK])
        text, row = self._frame.rows[y][x : x + width], self._frame.inks[y][x : x + width]
        segments: list[Segment] = []
        start, current = 0, inks.BLANK
        for at, number in enumerate(row):
            # a blank has no ink of its own: it goes with whatever is beside it
            if number in (current, inks.BLANK):
                continue
            if current != inks.BLANK:
                segments.append(Segment(text[start:at], styles[current]))
                start = at
            current = number
        segments.append(Segment(text[start:].ljust(width - start), styles[current]))
        return Strip(segments, width)

    def _ink_styles(self) -> list[Style]:
        if self._styles is None:
            ansi = self.app.native_ansi_color or self.app.console.color_system == "standard"
            parts = {number: self.get_component_rich_style(name) for number, name in _PARTS.items()}
            self._styles = ink_styles(parts, self.background_colors[1], ansi=ansi)
        return self._styles

    def _repaint(self) -> None:
        self._timer, timer = None, self._timer
        if timer is not None:
            timer.stop()
        self._painted_at = monotonic()
        if not self.is_mounted:
            return
        old = self._frame
        self._frame = self._painter.paint(self._plot, self._view, *self.content_size)
        for y, first, last in changed_spans(old, self._frame):
            self._refresh_span(y, first, last)

    def _refresh_span(self, y: int, first: int, last: int) -> None:
        for tile in self.query(Tile):
            start = max(first - tile.first_column, 0)
            end = min(last - tile.first_column, tile.size.width)
            if start < end:
                tile.refresh(Region(start, y, end - start, 1))
