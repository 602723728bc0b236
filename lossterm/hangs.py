"""Which run hangs: a step that never returns leaves one that should move and does not."""

from __future__ import annotations

from collections.abc import Iterable

from .records import Run

HANG_SECONDS = 60.0
"""After so long without a step a run that should move is said to hang."""


class HangWatch:
    """Remembers when each run last moved. Times are in seconds, of any clock that never goes back."""

    def __init__(self) -> None:
        self._moved: dict[int, float] = {}

    def moved(self, run_id: int, now: float) -> None:
        """A run changed, or was seen for the first time."""
        self._moved[run_id] = now

    def hanging(self, runs: Iterable[Run], now: float, after: float) -> Run | None:
        """The first of `runs` that a trainer works on but that has not moved for `after` seconds."""
        worked_on = (run for run in runs if run.status in ("starting", "running") and run.trainer is not None)
        return next((run for run in worked_on if now - self._moved.get(run.id, now) > after), None)
