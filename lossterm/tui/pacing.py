"""When what is new of live runs is shown: not so often that no key comes between."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.timer import Timer

TABLE_SECONDS = 0.25
"""How often the table and the lines of text follow a live run."""
_REST = 3.0
"""How long what is new waits after a show, in the time that the show took: keys come between."""


class Pacing:
    """Shows what is new at once where a person asked for it, else within a while."""

    def __init__(
        self,
        plots: Callable[[bool], None],
        texts: Callable[[], None],
        set_timer: Callable[[float, Callable[[], None]], Timer],
    ) -> None:
        """Pace two functions that show the state.

        Args:
            plots: Shows the plots; takes whether that must be at once.
            texts: Shows the table and the lines of text.
            set_timer: Calls a function after some seconds.
        """
        self._plots, self._texts, self._set_timer = plots, texts, set_timer
        self._texts_shown = self._rest_until = 0.0
        self._later: Timer | None = None

    def show(self, at_once: bool = True) -> None:
        """Show the state, or unless `at_once` within a while: what takes long is done less often."""
        began = time.monotonic()
        if not at_once and began < self._rest_until:
            self._show_later(self._rest_until - began)
            return
        self._plots(at_once)
        wait = self._texts_shown + TABLE_SECONDS - began
        if at_once or wait <= 0:
            self._texts_shown = time.monotonic()
            self._texts()
        else:
            self._show_later(wait)
        self._rest_until = time.monotonic() + _REST * (time.monotonic() - began)

    def _show_later(self, wait: float) -> None:
        """Show what is new after `wait` seconds, or sooner if that was said before."""

        def show() -> None:
            self._later = None
            self.show(at_once=False)

        if self._later is None:
            self._later = self._set_timer(wait, show)
