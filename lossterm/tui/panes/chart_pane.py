"""The pane of the chart: which quantity it shows and how, and the keys that change that."""

from __future__ import annotations

from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from ...chart import Plot
from ..plots import BANDS, Band, Caption, ChartContent, Quantity, emphasised, plot_of
from ..screens.dialogs import TextScreen
from ..widgets.comparison_view import whole_text
from ..widgets.loss_chart import LossChart


class ChartPane(Vertical):
    """Draws the shown runs, and says what it draws."""

    class CaptionChanged(Message):
        """The chart shows something else, or there is something else to say of it."""

        def __init__(self, caption: Caption) -> None:
            super().__init__()
            self.caption = caption

    def __init__(self, ascii_only: bool) -> None:
        super().__init__(id="chart")
        self._chart = LossChart(ascii=ascii_only)
        self._content: ChartContent | None = None
        self._quantity: Quantity = "usual"
        self._band: Band = BANDS[0]
        self._isolated = ""
        self._caption = Caption("")
        self._drawn: tuple[Plot, Caption] | None = None
        self._drawn_of: object = None

    def compose(self) -> ComposeResult:
        """The chart alone."""
        yield self._chart

    def show_content(self, content: ChartContent) -> None:
        """Draw this from now on. Cheap to call often: it is drawn at most ten times a second."""
        self._content = content
        self._show()

    def show_usual(self) -> None:
        """Go back to the quantity that is usually shown."""
        self._quantity = "usual"

    def put_crosshair(self, epoch: float | None) -> None:
        """Put the crosshair at an epoch, or hide it (None), without a message: nobody moved it by hand."""
        with self.prevent(LossChart.CrosshairMoved):
            self._chart.put_crosshair(epoch)

    def set_legend(self, shown: bool) -> None:
        """Show the legend, or leave it to the labels at the curves' ends."""
        self._chart.set_legend(shown)

    def _show(self) -> None:
        if self._content is None:
            return
        plot, caption = self._plot_of(self._content)
        comparison = caption.comparison.at(self._chart.view.crosshair, plot.series)
        caption = replace(caption, comparison=comparison)
        self._chart.show_plot(plot)
        if caption != self._caption:
            self._caption = caption
            self.post_message(self.CaptionChanged(caption))

    def _plot_of(self, content: ChartContent) -> tuple[Plot, Caption]:
        """The plot of the content; of many runs the one before, where nothing in it can have changed."""
        current = content.current.id if content.current is not None else 0
        metric = content.first.config.metric if content.shown else None
        asked = (content.shown, content.version, metric, self._quantity, self._band)
        if self._drawn is None or len(content.shown) < 2 or asked != self._drawn_of:
            self._drawn_of = asked
            self._drawn = plot_of(content, self._quantity, self._band)
        plot, caption = self._drawn
        return emphasised(plot, caption, caption.comparison.curves.get(current, ""), self._isolated)

    @on(LossChart.CrosshairMoved)
    def _crosshair_moved(self) -> None:
        """The values under it stand in the table of the comparison."""
        self._show()

    def isolate(self, label: str) -> None:
        """Draw all curves but one faint, or where that is the isolated one already, none."""
        self._isolated = "" if label == self._isolated else label
        self._show()

    # -- keys -----------------------------------------------------------------------------------------------

    def action_quantity(self) -> None:
        """Switch between loss and metric."""
        self._quantity = "other" if self._quantity == "usual" else "usual"
        self._show()

    def action_band(self) -> None:
        """Draw seeds as mean ± sd, as mean and range, or each on its own."""
        self._band = BANDS[(BANDS.index(self._band) + 1) % len(BANDS)]
        self._show()

    def action_fit(self) -> None:
        """Fit the y axis to the ends of the curves, or to all of them."""
        self._chart.toggle_fit()

    def action_isolate(self) -> None:
        """Isolate the best curve, then the next in the ranking, and after the last none."""
        labels = ["", *(row.label for row in self._caption.comparison.rows)]
        if len(labels) < 2:
            self.notify("there is one curve: mark several runs to compare them", severity="warning")
            return
        at = labels.index(self._isolated) if self._isolated in labels else 0
        self._isolated = labels[(at + 1) % len(labels)]
        self._show()

    def action_conclusion(self) -> None:
        """Show all that is said of the comparison, to read and scroll."""
        comparison = self._caption.comparison
        if comparison.rows:
            self.app.push_screen(TextScreen(self._caption.title, whole_text(comparison, self._chart.view.ascii)))
        else:
            self.notify("nothing is compared: mark several runs", severity="warning")

    def action_log_axis(self) -> None:
        """Switch the y axis between linear and logarithmic."""
        self._chart.toggle_log()

    def action_smooth(self, steps: int) -> None:
        """Smooth more (positive) or less (negative)."""
        self._chart.smooth(steps)

    def action_zoom(self, steps: int) -> None:
        """Show fewer (positive) or more (negative) epochs."""
        self._chart.zoom(steps)

    def action_zoom_reset(self) -> None:
        """Show all epochs."""
        self._chart.reset_zoom()

    def action_sideways(self, steps: int) -> None:
        """Go to later (positive) or earlier epochs, or move the crosshair there."""
        self._chart.sideways(steps)

    def action_crosshair(self) -> None:
        """Show the crosshair, or hide it."""
        self._chart.toggle_crosshair()
