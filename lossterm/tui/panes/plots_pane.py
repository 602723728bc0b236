"""The pane of the plots: the highlighted run in words, and the chart and the model view beside one another."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from ..plots import Caption, ChartContent
from ..widgets.comparison_view import ComparisonView, Room
from ..widgets.draft_preview import DraftPreview, Preview
from ..widgets.lines import set_title
from ..widgets.loss_chart import LossChart
from ..widgets.verdict_view import VerdictContent, VerdictView
from .chart_pane import ChartPane
from .model_view_pane import ModelViewContent, ModelViewPane
from .run_pane import RunPane

_CHART_SHARE = 45
_ROOMY = 20
"""The chart keeps this share of the rows, in percent, where there are so many."""
_CHART_ROWS = 5
_GOOD_CHART_ROWS = 7
"""With fewer it keeps so many, and some more before a conclusion is whole that is long."""


class PlotsPane(Vertical):
    """Keeps the crosshair of the chart and the epoch of the model view together, and says what is plotted."""

    def __init__(self, ascii_only: bool) -> None:
        super().__init__(id="plots")
        self._run = RunPane()
        self._comparison = ComparisonView(ascii_only)
        self._caption = Caption("")
        self._chart = ChartPane(ascii_only)
        self._model_view = ModelViewPane(ascii_only)
        self._preview = DraftPreview(ascii_only)
        self._verdict = VerdictView(ascii_only)
        self._title = ""

    def compose(self) -> ComposeResult:
        """The run's lines or the comparison above, the plots below."""
        yield self._run
        yield self._comparison
        with Horizontal(id="pictures"):
            yield self._chart
            yield self._model_view
        yield self._preview
        yield self._verdict

    def fit(self, legend: bool, model_view: bool) -> None:
        """Take to a new size: whether there is room for the legend, and for the model view beside the chart."""
        self._chart.set_legend(legend)
        self._model_view.prefer_open(model_view)
        self._toggled()

    def show_content(self, chart: ChartContent, model_view: ModelViewContent, at_once: bool) -> None:
        """Show this from now on; what is live may wait a little, what a person asked for is drawn `at_once`."""
        self._chart.show_content(chart)
        self._model_view.show_content(model_view, at_once)

    def show_verdict(self, content: VerdictContent | None) -> None:
        """Show the verdict of a comparison in place of the plots; None for the plots."""
        self.set_class(content is not None, "-verdict")
        if content is not None:
            self._verdict.show_verdict(content)
            set_title(self, content.title)
        elif not self.has_class("-preview"):
            set_title(self, self._title)

    def show_preview(self, preview: Preview | None) -> None:
        """Show what would be trained in place of the plots; None for the plots."""
        self.set_class(preview is not None, "-preview")
        if preview is not None:
            self._preview.show(preview)
        set_title(self, self._title if preview is None else self._preview.title(preview))

    @on(ChartPane.CaptionChanged)
    def _caption_changed(self, event: ChartPane.CaptionChanged) -> None:
        event.stop()
        self._caption = event.caption
        self._title = event.caption.title
        if not (self.has_class("-preview") or self.has_class("-verdict")):
            set_title(self, self._title)
        self._run.show_caption(event.caption)
        self._show_comparison()

    def on_resize(self) -> None:
        """Lay the comparison out for the new size."""
        self._show_comparison()

    def _show_comparison(self) -> None:
        rows = self.size.height
        chart, good = _CHART_ROWS, _GOOD_CHART_ROWS
        if rows >= _ROOMY:
            chart = good = rows * _CHART_SHARE // 100
        room = Room(self.size.width, max(rows - chart, 1), max(rows - good, 1))
        self._comparison.show_comparison(self._caption.comparison, room)

    @on(ComparisonView.WholeRequested)
    def _whole_requested(self, event: ComparisonView.WholeRequested) -> None:
        event.stop()
        self._chart.action_conclusion()

    @on(ComparisonView.RowClicked)
    def _row_clicked(self, event: ComparisonView.RowClicked) -> None:
        event.stop()
        self._chart.isolate(event.label)

    @on(LossChart.CrosshairMoved)
    def _crosshair_moved(self, event: LossChart.CrosshairMoved) -> None:
        event.stop()
        self._model_view.show_epoch(None if event.epoch is None else int(event.epoch))

    @on(ModelViewPane.EpochShown)
    def _epoch_shown(self, event: ModelViewPane.EpochShown) -> None:
        event.stop()
        self._chart.put_crosshair(None if event.epoch is None else max(event.epoch, 1))

    @on(ModelViewPane.Toggled)
    def _toggled(self) -> None:
        self.set_class(self._model_view.is_open, "-model-view")
