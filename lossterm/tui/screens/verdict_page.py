"""The page of a comparison: its verdict whole, and how the learning rates were tuned."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Static

from ...chart import Plot, Series
from ...experiments.comparison import MOST_SEEDS
from ...experiments.planning import PlanError, power_words, read_seeds
from ...experiments.progress import ComparisonProgress
from ...text import printable
from ..widgets.loss_chart import LossChart
from ..widgets.verdict_view import VerdictContent, VerdictView
from .dialogs import AskScreen, Modal, PageScroll

_KEYS = "[b]↑ ↓[/b] scroll   [b]+[/b] more seeds   [b]o[/b] its runs   [b]E[/b] report   [b]esc[/b] close"


class PageRequest(NamedTuple):
    """What a person wants of a comparison: its runs, more seeds, or a report.

    Attributes:
        kind: Which of these.
        seeds: How many seeds there are to be.
        path: Where the report is to be written.
    """

    kind: Literal["runs", "seeds", "report"]
    seeds: int = 0
    path: str = ""


class VerdictPage(Modal[PageRequest | None]):
    """What there is to know of a comparison; dismissed with what a person wants next, or None."""

    BINDINGS = [
        Binding("escape,q,enter", "close", "close"),
        Binding("o", "runs", "its runs"),
        Binding("plus", "more_seeds", "more seeds"),
        Binding("E", "report", "report"),
    ]

    def __init__(self, number: int, content: VerdictContent, ascii_only: bool) -> None:
        """Show the comparison of this number."""
        super().__init__()
        self.number, self._content = number, content
        self._view = VerdictView(ascii_only, is_whole=True, id="whole-verdict")
        self._chart = LossChart(ascii=ascii_only, id="tuning")

    def compose(self) -> ComposeResult:
        """The verdict in a scroller, the tuning's chart below it."""
        with Vertical(classes="reader"):
            title = f"comparison {self.number} · {printable(self._content.title)}"
            yield Static(title, classes="dialog-title", markup=False)
            with PageScroll(id="text"):
                yield self._view
                yield Static("Tuning: validation metric by learning rate", id="tuning-title", markup=False)
                yield self._chart
            yield Static(_KEYS, id="page-keys")

    def on_mount(self) -> None:
        """Give the keys to the scroller."""
        self.query_one("#text", PageScroll).focus()
        self.show_verdict(self._content)

    def show_verdict(self, content: VerdictContent) -> None:
        """Show where it stands now."""
        self._content = content
        self._view.show_verdict(content)
        progress = content.progress
        tuned = progress is not None and bool(progress.tunings)
        self._chart.display = self.query_one("#tuning-title").display = tuned
        if progress is not None and tuned:
            self._chart.show_plot(tuning_plot(progress, dict(content.slots)))

    def action_close(self) -> None:
        """Back to the main screen."""
        self.dismiss(None)

    def action_runs(self) -> None:
        """Show its runs in the table."""
        self.dismiss(PageRequest("runs"))

    def action_more_seeds(self) -> None:
        """Ask how many seeds there are to be, and what they can show."""
        progress = self._content.progress
        if progress is None:
            return
        plan = progress.verdict.plan

        def problem(text: str) -> str | None:
            try:
                count = read_seeds(text)
            except PlanError as error:
                return str(error)
            return None if count > plan.seeds else f"seeds: must be from {plan.seeds + 1} to {MOST_SEEDS:,}"

        def words(text: str) -> str:
            more = (int(text) - plan.seeds) * len(plan.losses)
            looked = "" if progress.stage != "done" else " The verdict will say that seeds were added after a look."
            return (
                f"{more:,} more runs. {power_words(len(plan.losses), int(text), plan.test_share is not None)}.{looked}"
            )

        def chosen(answer: str | None) -> None:
            if answer is not None:
                self.dismiss(PageRequest("seeds", int(answer)))

        self.app.push_screen(AskScreen("How many seeds in all?", str(2 * plan.seeds), words, problem), chosen)

    def action_report(self) -> None:
        """Ask where a report is to be written."""

        def chosen(answer: str | None) -> None:
            if answer is not None and answer.strip():
                self.dismiss(PageRequest("report", path=answer.strip()))

        ends = (".html", ".md", ".tex", ".csv")

        def problem(text: str) -> str | None:
            return None if text.strip().lower().endswith(ends) else f"must end in {', '.join(ends)}"

        title = "Write a report to"
        self.app.push_screen(
            AskScreen(title, f"comparison-{self.number}.html", "by the end of its name", problem), chosen
        )


def tuning_plot(progress: ComparisonProgress, slots: dict[str, int]) -> Plot:
    """The validation metric against the learning rate, a curve a loss, its chosen rate starred."""
    series = []
    for label, tuning in progress.tunings.items():
        known = [(rate, mean) for rate, mean, _ in tuning.rates if mean is not None]
        best = next((at for at, (rate, _) in enumerate(known) if rate == tuning.best), None)
        xs, ys = [math.log10(rate) for rate, _ in known], [mean for _, mean in known]
        series.append(Series(label, xs, ys, slot=slots.get(label, 0), best=best))
    return Plot(
        tuple(series),
        x_label="learning rate, as a power of 10",
        y_label=f"validation {progress.verdict.plan.metric}",
        empty="no tuning run has ended",
        whole_x=False,
        last_values=False,
        choose_log=not progress.verdict.higher_is_better,
    )
