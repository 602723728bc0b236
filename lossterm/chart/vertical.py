"""Which stretch of the y axis to show, given what is in view and what may still come."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .axis import Limits, Scale, YAxis, y_scale
from .curve import Curve
from .glyphs import Glyphs
from .series import Plot, View
from .track import HUGE

EARLY = 0.2
"""Until this part of the planned epochs is there, the range is a guess at what will come; then it follows the data."""

_LEAST_LABEL = 4
_LOG_LIMITS = Limits(-math.log10(HUGE), math.log10(HUGE))


class Vertical:
    """The y axis of a chart that is drawn again and again.

    Each change of its range or of its labels' width moves all curves and so sends the whole picture. Hence the guess in
    the beginning, and labels that never get narrower.
    """

    def __init__(self) -> None:
        self._axis = YAxis()
        self._kind: object = None
        self._rising: bool | None = None
        self._label_kind: object = None
        self._label_width = 0

    def scale(
        self, plot: Plot, view: View, curves: Sequence[Curve], window: tuple[float, float], steps: int, glyphs: Glyphs
    ) -> Scale | None:
        """The range with its marks for what is between the window's epochs, or None when nothing is."""
        extents = [extent for each in curves if (extent := each.extent(*window))]
        if not extents:
            return None
        low, high = min(extent[0] for extent in extents), max(extent[1] for extent in extents)
        early = view.window is None and _progress(plot, curves) < EARLY
        kind = (view.log, view.window, plot.y_label, early, tuple(_identity(each) for each in curves))
        if kind != self._kind:
            self._kind, self._rising = kind, None
        if self._rising is None:
            self._rising = _is_rising(curves)
        if early and self._rising is not None:
            low, high = _with_what_may_come(low, high, plot, view, self._rising)
        ahead = 0 if self._rising is None or _progress(plot, curves) >= 1 else 2 * self._rising - 1
        limits = _LOG_LIMITS if view.log else _limits(plot)
        low, high = self._axis.fit(low, high, kind=kind, log=view.log, limits=limits, ahead=ahead)
        return y_scale(low, high, view.log, steps, glyphs)

    def label_width(self, scale: Scale, plot: Plot, view: View) -> int:
        """The width of the widest label so far, in cells."""
        kind = (view.log, plot.y_label)
        if kind != self._label_kind:
            self._label_kind, self._label_width = kind, _LEAST_LABEL
        self._label_width = max([self._label_width, *(len(tick.label) for tick in scale.ticks)])
        return self._label_width


def _with_what_may_come(low: float, high: float, plot: Plot, view: View, rising: bool) -> tuple[float, float]:
    """The range as far as the limit that the curves move towards; a logarithmic one, a decade further."""
    if view.log:
        return (low, high + 1) if rising else (low - 1, high)
    if rising:
        return low, high if plot.ceiling is None else max(high, plot.ceiling)
    return low if plot.floor is None else min(low, plot.floor), high


def _identity(curve: Curve) -> tuple[object, ...]:
    return curve.series.slot, curve.series.style, curve.series.label


def _limits(plot: Plot) -> Limits:
    return Limits(
        -math.inf if plot.floor is None else plot.floor,
        math.inf if plot.ceiling is None else plot.ceiling,
    )


def _progress(plot: Plot, curves: Sequence[Curve]) -> float:
    """The part of the planned epochs that is there, 0 to 1; 1 when nothing is planned."""
    ends = [float(each.points.xs[-1]) for each in curves if len(each.points.xs)]
    if plot.x_range is None or not ends:
        return 1.0
    first, last = plot.x_range
    return (max(ends) - first) / (last - first) if last > first else 1.0


def _is_rising(curves: Sequence[Curve]) -> bool | None:
    """Whether most curves have risen since their first epoch; None while that cannot be said."""
    risen = 0
    for each in curves:
        finite = each.line[np.isfinite(each.line)]
        if len(finite) > 1:
            risen += int(finite[-1] > finite[0]) - int(finite[-1] < finite[0])
    return risen > 0 if risen else None
