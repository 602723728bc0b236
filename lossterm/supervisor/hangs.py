"""What keeps a run from moving: a step that never returns, and trouble that lasts."""

from __future__ import annotations

from collections.abc import Iterable

from ..runs.records import Run

HANG_SECONDS = 60.0
"""After so long without a step a run that should move is said to hang."""

CALM_SECONDS = 3.0
"""So long a trouble must be gone to be over."""


class HangDetector:
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


class LastingText:
    """A text about a trouble, shown steadily while what causes it comes and goes.

    The first word of a trouble is shown at once. Another text, and that all is well (an empty one), counts only once
    nothing else was said for CALM_SECONDS.
    """

    def __init__(self) -> None:
        self._shown = self._latest = ""
        self._since = 0.0

    def update(self, text: str, now: float) -> str:
        """Take in what is to be said at `now`, in seconds of a clock that never goes back; what to show."""
        if text != self._latest:
            self._latest, self._since = text, now
        if not self._shown or now - self._since >= CALM_SECONDS:
            self._shown = self._latest
        return self._shown
