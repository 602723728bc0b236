"""Which runs the chart shows, worked out again only where that may differ; very many of them are prepared before."""

from __future__ import annotations

from collections.abc import Callable

from ..runs.records import Run
from .run_data import ShownRuns

MANY = 1000
"""More runs than these are prepared before they are shown."""


class Showing:
    """What is shown now, and what is to come.

    Attributes:
        prepare: What prepares very many runs, and answers with `take_prepared`; None to show them at once.
    """

    def __init__(self) -> None:
        self.prepare: Callable[[ShownRuns], None] | None = None
        self._shown = self._to_come = ShownRuns()
        self._asked: object = None

    def shown(self, asked: object, runs: Callable[[], tuple[Run, ...]]) -> ShownRuns:
        """The runs that are shown.

        Args:
            asked: What they turn on; they are the same as long as it is equal.
            runs: Gives those that are to be shown.
        """
        if asked != self._asked:
            self._asked = asked
            found = runs()
            if found != self._to_come.runs:
                self._show(ShownRuns(found))
        return self._shown

    def take_prepared(self, shown: ShownRuns) -> None:
        """Show runs that are prepared, if it is still they that are to be shown."""
        if shown is self._to_come:
            self._shown = shown

    def _show(self, shown: ShownRuns) -> None:
        self._to_come = shown
        if self.prepare is not None and len(shown) > MANY:
            self.prepare(shown)
        else:
            self._shown = shown


def work_out(shown: ShownRuns) -> None:
    """Work out what the table and the chart ask of runs; they keep it."""
    _ = shown.spread
    for metric in {run.config.metric.name: run.config.metric for run in shown}.values():
        alike = shown.on_metric(metric)
        _ = (alike.entries, alike.curve_groups)
