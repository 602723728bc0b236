"""What the main screen's groups of actions share: the board, the feed, and a way to show what changed."""

from __future__ import annotations

from collections.abc import Callable

from textual.screen import Screen

from ..experiment import Experiment, ExperimentError
from ..records import Run
from .board import Board
from .feed import Feed
from .picture import Band, Quantity


class BoardScreen(Screen[None]):
    """A screen over a board, fed by a feed."""

    def __init__(self, feed: Feed):
        """Show what `feed` tells, and ask it for what the person wants done."""
        super().__init__()
        self.feed = feed
        self.board = Board()
        self.quantity: Quantity = "usual"
        self.band: Band = "range"
        self.on_a_run = False  # whether the last thing that was chosen is a run, not what to train next

    def show_all(self, at_once: bool = True) -> None:
        """Bring every widget up to the board; what is slow may wait a little unless `at_once`."""
        raise NotImplementedError

    def current_run(self) -> Run | None:
        """The highlighted run; says so if there is none."""
        if self.board.current is None:
            self.notify("no run is highlighted", severity="warning")
        return self.board.current

    def queue_runs(self, make: Callable[[], list[Experiment]], mark: bool) -> None:
        """Queue what `make` gives, or say what is wrong with it; `mark` them to be compared."""
        try:
            experiments = make()
        except ExperimentError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.quantity = "usual"
        self.feed.queue(experiments, mark)
