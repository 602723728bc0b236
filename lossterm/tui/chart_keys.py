"""The main screen's actions on the chart: what it shows, its axis, its window, its crosshair."""

from __future__ import annotations

from .board_screen import BoardScreen
from .picture import BANDS
from .widgets.chart import LossChart

_PANES = ("", "-full-chart", "-full-view", "-full-runs")


class ChartKeys(BoardScreen):
    """The actions of the group "chart"."""

    @property
    def _chart(self) -> LossChart:
        return self.query_one(LossChart)

    def action_quantity(self) -> None:
        """Switch between loss and metric."""
        self.quantity = "other" if self.quantity == "usual" else "usual"
        self.show_all()

    def action_band(self) -> None:
        """Draw seeds as mean and range, as mean ± sd, or each on its own."""
        self.band = BANDS[(BANDS.index(self.band) + 1) % len(BANDS)]
        self.board.grouped = self.band != "each"
        self.board.slots.clear()
        self.show_all()

    def action_log_axis(self) -> None:
        """Switch the y axis between linear and logarithmic."""
        self._chart.toggle_log()

    def action_smooth_more(self) -> None:
        """Smooth more."""
        self._chart.smooth(1)

    def action_smooth_less(self) -> None:
        """Smooth less."""
        self._chart.smooth(-1)

    def action_zoom_in(self) -> None:
        """Show fewer epochs."""
        self._chart.zoom(1)

    def action_zoom_out(self) -> None:
        """Show more epochs."""
        self._chart.zoom(-1)

    def action_zoom_reset(self) -> None:
        """Show all epochs."""
        self._chart.reset_zoom()

    def action_pan_left(self) -> None:
        """Earlier epochs, or the crosshair to the left."""
        self._chart.left()

    def action_pan_right(self) -> None:
        """Later epochs, or the crosshair to the right."""
        self._chart.right()

    def action_crosshair(self) -> None:
        """Show the crosshair, or hide it."""
        self._chart.toggle_crosshair()

    def action_zoom_pane(self) -> None:
        """Chart on the whole screen, model view, runs, all of them."""
        panes = [name for name in _PANES if name != "-full-view" or self.has_class("-view")]
        at = next((i for i, name in enumerate(panes) if name and self.has_class(name)), 0)
        for name in filter(None, _PANES):
            self.remove_class(name)
        if panes[(at + 1) % len(panes)]:
            self.add_class(panes[(at + 1) % len(panes)])
