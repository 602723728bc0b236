"""The live chart: drawn at most ten times a second, and not at all when nothing changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual import events
from textual.message import Message

from ...chart import Frame, Painter, Plot, Series, ViewState
from ...chart import view_state as views
from ...chart.raster import load
from .frame_view import FrameView


class LossChart(FrameView):
    """A chart of curves over epochs.

    `show` says what; the other methods change how it is seen and are meant to be bound to keys. The mouse wheel zooms
    around the pointer, a click puts the crosshair there.
    """

    class ViewChanged(Message):
        """A person sees the chart in another way."""

        def __init__(self, chart: LossChart, view: ViewState) -> None:
            super().__init__()
            self.chart, self.view = chart, view

        @property
        def control(self) -> LossChart:
            """The chart that it happened in."""
            return self.chart

    class CrosshairMoved(Message):
        """The crosshair is at another epoch, or gone (None)."""

        def __init__(self, chart: LossChart, epoch: float | None) -> None:
            super().__init__()
            self.chart, self.epoch = chart, epoch

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
        self._view = ViewState(ascii=ascii)
        self._painter = Painter()

    def on_mount(self) -> None:
        """Load the rasteriser beside the event loop, so that the first curve needn't wait for it."""
        self.run_worker(load, thread=True, exit_on_error=False)

    # --- what is shown

    @property
    def plot(self) -> Plot:
        """What is shown."""
        return self._plot

    @property
    def view(self) -> ViewState:
        """How it is seen."""
        return self._view

    def show(
        self,
        series: Sequence[Series],
        *,
        x_range: tuple[float, float] | None = None,
        x_label: str = "epoch",
        y_label: str = "",
        note: str = "",
        empty: str = "no epochs yet",
        floor: float | None = None,
        ceiling: float | None = None,
    ) -> None:
        """Show these series from now on; the other parameters are those of `lossterm.chart.Plot`."""
        self.show_plot(Plot(tuple(series), x_range, x_label, y_label, note, empty, floor, ceiling))

    def show_plot(self, plot: Plot) -> None:
        """Show a plot from now on. Cheap to call often: it is drawn at most ten times a second."""
        self._plot = plot
        self.draw_soon()

    def paint_frame(self) -> Frame:
        """The plot as it is seen at present."""
        return self._painter.paint(self._plot, self._view, *self.content_size)

    # --- how it is seen

    def set_view(self, view: ViewState) -> None:
        """See the plot in another way, at once."""
        if view == self._view:
            return
        before, self._view = self._view, view
        self.draw()
        self.post_message(self.ViewChanged(self, view))
        if before.crosshair != view.crosshair:
            self.post_message(self.CrosshairMoved(self, view.crosshair))

    def toggle_log(self) -> None:
        """Switch between a linear and a logarithmic y axis, from the one that is seen."""
        log = not self._painter.seen.log
        self.set_view(replace(self._view, log=None if log == self._painter.choice.log else log))

    def toggle_fit(self) -> None:
        """Fit the y axis to the ends of the curves, or to all of them."""
        fit = not self._painter.seen.fit
        self.set_view(replace(self._view, fit=None if fit == self._painter.choice.fit else fit))

    def smooth(self, steps: int) -> None:
        """Smooth more (positive) or less (negative)."""
        self.set_view(views.smoothed(self._view, steps))

    def toggle_legend(self) -> None:
        """Show or hide the legend."""
        self.set_view(replace(self._view, legend=not self._view.legend))

    def set_legend(self, shown: bool) -> None:
        """Show the legend, or leave it to the labels at the curves' ends."""
        self.set_view(replace(self._view, legend=shown))

    def set_ascii(self, ascii: bool) -> None:  # noqa: A002
        """Draw with ASCII only, or with everything."""
        self.set_view(replace(self._view, ascii=ascii))

    def zoom(self, steps: int) -> None:
        """Zoom in (positive) or out (negative) around the crosshair, or around the middle without one."""
        self.set_view(views.zoomed(self._view, self._full, steps, self._view.crosshair))

    def reset_zoom(self) -> None:
        """Show all epochs again."""
        self.set_view(replace(self._view, window=None))

    def pan(self, steps: int) -> None:
        """Move a zoomed view to later (positive) or earlier epochs."""
        self.set_view(views.panned(self._view, self._full, steps))

    def toggle_crosshair(self) -> None:
        """Show the crosshair at the last epoch in view, or hide it."""
        at = None if self._view.crosshair is not None else views.last_epoch(self._plot, self._view)
        self.set_view(replace(self._view, crosshair=at))

    def move_crosshair(self, steps: int) -> None:
        """Move the crosshair by epochs, or by columns where several epochs share one; a zoomed view follows it."""
        area = self._painter.area
        step = max(1, round((area.x_max - area.x_min) / area.width)) if area else 1
        self.set_view(views.crosshair_moved(self._view, self._full, steps * step))

    def put_crosshair(self, epoch: float | None) -> None:
        """Put the crosshair at the whole epoch nearest to `epoch`, or hide it (None)."""
        at = None if epoch is None else views.clamped(round(epoch), self._full)
        self.set_view(replace(self._view, crosshair=at))

    def sideways(self, steps: int) -> None:
        """What the arrows do: go to later (positive) or earlier epochs, with the crosshair if it is shown."""
        if self._view.crosshair is not None:
            self.move_crosshair(steps)
        else:
            self.pan(steps)

    @property
    def _full(self) -> tuple[float, float]:
        return self._plot.full_range

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
            self.set_view(views.zoomed(self._view, self._full, steps, epoch))

    def _epoch_at(self, event: events.MouseEvent) -> float | None:
        """The epoch under the pointer, or None outside the plot."""
        area = self._painter.area
        if area is None:
            return None
        column = int(event.screen_x) - self.content_region.x - area.left
        return area.epoch(column) if 0 <= column < area.width else None
