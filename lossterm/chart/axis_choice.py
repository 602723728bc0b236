"""What a chart chooses by itself where nobody said otherwise: a logarithmic axis, and an axis fitted to the ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .series import Plot, Series, SeriesCache
from .transforms import Floats
from .view_state import ViewState

DECADES = 2.0
"""Positive values that span so many decades are shown on a logarithmic axis."""

PAST_START = 0.2
"""The part of the planned epochs after which a curve is past its start."""

LAST_PART = 0.25
"""The ends of the curves are this part of their epochs, the last ones."""

_FEWEST_EPOCHS = 8
_WORTH_CUTTING = 0.6
_KEEP = 1.25
"""By this factor the figures may go back before a choice is taken back: each change sends the whole picture."""


class AxisChoice:
    """The choice for one chart, kept between frames for as long as it suits the data.

    Attributes:
        log: whether the chart would have a logarithmic axis by itself.
        fit: whether it would have one that is fitted to the ends.
    """

    def __init__(self) -> None:
        self._kind: object = None
        self.log = self.fit = False

    def view(self, plot: Plot, view: ViewState, cached: Sequence[tuple[Series, SeriesCache]]) -> ViewState:
        """The view with a choice for whatever it leaves to the plot.

        Args:
            plot: what is shown.
            view: how it is seen.
            cached: the series of the plot with what is kept of each.

        Returns:
            The view with `log` and `fit` as true or false.
        """
        kind = (plot.y_label, frozenset((each.slot, each.variant, each.label) for each, _ in cached))
        if kind != self._kind:
            self._kind, self.log, self.fit = kind, False, False
        values = [cache.values(series) for series, cache in cached]
        self.log = plot.choose_log and _spans(values, DECADES / (_KEEP if self.log else 1))
        self.fit = plot.fit and _is_past_start(plot, values) and _is_worth(values, view, self.fit)
        log, fit = (self.log if view.log is None else view.log), (self.fit if view.fit is None else view.fit)
        return replace(view, log=log, fit=fit)


def _spans(values: Sequence[tuple[Floats, Floats]], decades: float) -> bool:
    """Whether all finite values are positive and span so many decades."""
    finite = [ys[np.isfinite(ys)] for _, ys in values]
    lows, highs = [float(ys.min()) for ys in finite if len(ys)], [float(ys.max()) for ys in finite if len(ys)]
    return bool(lows) and min(lows) > 0 and bool(np.log10(max(highs)) - np.log10(min(lows)) >= decades)


def _is_past_start(plot: Plot, values: Sequence[tuple[Floats, Floats]]) -> bool:
    """Whether every curve has gone through enough of its epochs."""
    first, last = plot.full_range
    enough = max(_FEWEST_EPOCHS, PAST_START * (last - first))
    return len(values) > 1 and all(len(xs) > 0 and xs[-1] - first >= min(enough, last - first) for xs, _ in values)


def _is_worth(values: Sequence[tuple[Floats, Floats]], view: ViewState, chosen: bool) -> bool:
    """Whether the ends take so little of the whole height that there is much to gain."""
    whole, ends = [], []
    for xs, ys in values:
        shown = np.isfinite(ys) if view.window is None else np.isfinite(ys) & (xs >= view.window[0])
        whole.append(ys[shown])
        ends.append(ys[shown & (xs >= end_from(xs, view))])
    every, last = (np.concatenate(parts) for parts in (whole, ends))
    if not len(last):
        return False
    return bool(np.ptp(last) <= _WORTH_CUTTING * (_KEEP if chosen else 1) * np.ptp(every))


def end_from(xs: Floats, view: ViewState) -> float:
    """The epoch from which on the end of a curve counts, within what the view shows of it."""
    if not len(xs):
        return 0.0
    low, high = float(xs[0]), float(xs[-1])
    if view.window is not None:
        low, high = max(low, view.window[0]), min(high, view.window[1])
    return high - LAST_PART * (high - low)
