"""Prepares very many runs in a thread before they are shown, so that the screen answers keys meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual.screen import Screen

from .run_data import ShownRuns
from .showing import Showing, work_out


class Preparation:
    """Prepares runs for one screen."""

    def __init__(self, screen: Screen[None], showing: Showing, show: Callable[[], None]) -> None:
        """Prepare for `screen`; hand what is ready to `showing`, then call `show`."""
        self._screen, self._showing, self._show = screen, showing, show

    def __call__(self, shown: ShownRuns) -> None:
        """Prepare these runs; returns at once."""
        self._screen.run_worker(partial(self._prepare, shown), thread=True, exclusive=True, group="preparation")

    def _prepare(self, shown: ShownRuns) -> None:
        work_out(shown)
        self._screen.app.call_from_thread(self._ready, shown)

    def _ready(self, shown: ShownRuns) -> None:
        self._showing.take_prepared(shown)
        self._show()
