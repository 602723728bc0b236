"""The range of the y axis: which values to show, given what is in view and what may still come.

Each change of the range, or of the width of its labels, moves all curves and so sends the whole picture again. Hence
ranges hold still: they move only when data leave them or fill little of them, and then to round ends.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .axis_choice import end_from
from .curve import PlottedCurve
from .glyphs import Glyphs
from .series import LARGEST, Plot
from .ticks import NARROW_DECADES, AxisScale, nice_step, y_scale
from .view_state import ViewState

SHRINK = 0.4
"""A range is kept while the data fill at least this part of it."""

HEADROOM = 0.2
"""How much of the data's height a range that has to grow adds beyond them, so that it won't grow at each epoch."""

_ROUND_STEPS = 10
"""The ends of a range are multiples of a round step that cuts it into at most that many pieces; few have ticks."""

_LOG_HEADROOM = 0.15
"""The least headroom on a logarithmic axis, in decades."""

_SLACK = 1e-6
"""The part of a range by which data may lie outside it: rounding must not make it move."""

EARLY = 0.2
"""Until this part of the planned epochs is there, the range is a guess at what will come; then it follows the data."""

_NARROWEST_LABEL = 4


@dataclass(frozen=True)
class AxisLimits:
    """What the quantity cannot go beyond, in axis coordinates.

    Attributes:
        floor: the lowest coordinate, or minus infinity.
        ceiling: the highest coordinate, or infinity.
    """

    floor: float = -math.inf
    ceiling: float = math.inf


_LOG_LIMITS = AxisLimits(-math.log10(LARGEST), math.log10(LARGEST))


class StableRange:
    """The range of an axis, kept between frames for as long as it suits the data."""

    def __init__(self) -> None:
        self._held: tuple[float, float] | None = None
        self._kind: object = None

    def fit(
        self, low: float, high: float, *, kind: object, log: bool, limits: AxisLimits, ahead: int = 0
    ) -> tuple[float, float]:
        """The range for the data of the next frame.

        Args:
            low: the lowest value in view, a finite axis coordinate (an exponent of ten when `log`).
            high: the highest value in view, likewise; low <= high.
            kind: what the range is for; with another kind the range kept is forgotten.
            log: whether the axis is logarithmic.
            limits: the range goes beyond them only where the data do.
            ahead: the way in which more data are expected: down (< 0), up (> 0) or neither (0). A new range has
                headroom there.

        Returns:
            The low and the high end, low < high.
        """
        if kind != self._kind:
            self._kind, self._held = kind, None
        held, down, up = self._held, ahead < 0, ahead > 0
        if held is not None:
            slack = _SLACK * (held[1] - held[0])
            down, up = low < held[0] - slack, high > held[1] + slack
            if not down and not up and high - low >= SHRINK * (held[1] - held[0]):
                return held
        room = max(HEADROOM * (high - low), _LOG_HEADROOM if log else 0.0)
        low, high = max(low - room * down, min(low, limits.floor)), min(high + room * up, max(high, limits.ceiling))
        self._held = _log_range(low, high) if log else _linear_range(low, high, limits)
        return self._held


def _linear_range(low: float, high: float, limits: AxisLimits) -> tuple[float, float]:
    """The closest range between two round values that keeps to the limits, where the data do."""
    wide_low, wide_high = _apart(low, high)
    step = nice_step(wide_high - wide_low, _ROUND_STEPS)
    below, above = math.floor(wide_low / step + 1e-9) * step, math.ceil(wide_high / step - 1e-9) * step
    below = max(below, limits.floor) if low >= limits.floor else below
    above = min(above, limits.ceiling) if high <= limits.ceiling else above
    return (below, above) if below < above else (wide_low, wide_high)


def _log_range(low: float, high: float) -> tuple[float, float]:
    """A range between two of 1, 2, 3, 4, 5, 6, 8 × 10^k, or a narrow one between round values."""
    if high - low >= NARROW_DECADES:
        return _round_exponent(low), _round_exponent(high, up=True)
    low, high = _apart(low, high, 1.0)
    step = nice_step(10**high - 10**low, _ROUND_STEPS)
    below = math.floor(10**low / step + 1e-9) * step
    above = math.ceil(10**high / step - 1e-9) * step
    return math.log10(below) if below > 0 else _round_exponent(low), math.log10(above)


def _apart(low: float, high: float, size: float | None = None) -> tuple[float, float]:
    """Widen a range that is a single value, or nearly one, until its ends can be told apart.

    size: what counts as large; the larger end if not given.
    """
    size = max(abs(low), abs(high)) if size is None else size
    if high - low > max(size * 1e-9, 1e-290):
        return low, high
    room = max(size * 0.1, 1e-280) if size else 1.0
    return low - room, high + room


def _round_exponent(exponent: float, up: bool = False) -> float:
    """The exponent of the next 1, 2, 3, 4, 5, 6 or 8 × 10^k below, or with `up` above; itself if it's one."""
    whole = math.floor(exponent + 1e-9)
    ends = [whole + math.log10(digit) for digit in (1, 2, 3, 4, 5, 6, 8, 10)]
    return next(end for end in ends if end >= exponent - 1e-9) if up else max(e for e in ends if e <= exponent + 1e-9)


class YAutoscale:
    """The y axis of a chart that is drawn again and again.

    While a run has only begun, the range is a guess at what will come; and room for labels never gets narrower.
    """

    def __init__(self) -> None:
        self._range = StableRange()
        self._kind: object = None
        self._rising: bool | None = None
        self._label_kind: object = None
        self._label_width = 0

    def scale(
        self,
        plot: Plot,
        view: ViewState,
        curves: Sequence[PlottedCurve],
        window: tuple[float, float],
        steps: int,
        glyphs: Glyphs,
    ) -> AxisScale | None:
        """The scale of the y axis for the next frame.

        Args:
            plot: what is shown.
            view: how it is seen.
            curves: the curves of the plot.
            window: first and last epoch shown.
            steps: the number of steps between ticks, at most.
            glyphs: the characters for the labels.

        Returns:
            The range with its ticks, or None when no value is in view.
        """
        shown = [each for each in curves if not each.series.dim] or curves
        extents = [extent for each in shown if (extent := each.y_extent(*_in_question(each, view, window)))]
        if not extents:
            return None
        low, high = min(extent[0] for extent in extents), max(extent[1] for extent in extents)
        early = view.window is None and not view.fit and _progress(plot, curves) < EARLY
        kind = (view.log, view.fit, view.window, plot.y_label, early, frozenset(_identity(each) for each in shown))
        if kind != self._kind:
            self._kind, self._rising = kind, None
        if self._rising is None:
            self._rising = _is_rising(curves)
        if early and self._rising is not None:
            low, high = _with_expected(low, high, plot, view, self._rising)
        ahead = 0 if self._rising is None or _progress(plot, curves) >= 1 else 2 * self._rising - 1
        log = bool(view.log)
        limits = _LOG_LIMITS if log else _plot_limits(plot)
        low, high = self._range.fit(low, high, kind=kind, log=log, limits=limits, ahead=ahead)
        return y_scale(low, high, log, steps, glyphs)

    def label_width(self, scale: AxisScale, plot: Plot, view: ViewState) -> int:
        """The width of the widest tick label so far.

        Args:
            scale: the scale of the next frame.
            plot: what is shown.
            view: how it is seen; with another kind of axis the widest label so far is forgotten.

        Returns:
            In cells.
        """
        kind = (view.log, plot.y_label)
        if kind != self._label_kind:
            self._label_kind, self._label_width = kind, _NARROWEST_LABEL
        self._label_width = max([self._label_width, *(len(tick.label) for tick in scale.ticks)])
        return self._label_width


def _with_expected(low: float, high: float, plot: Plot, view: ViewState, rising: bool) -> tuple[float, float]:
    """The range as far as the limit that the curves move towards; a logarithmic one, a decade further."""
    if view.log:
        return (low, high + 1) if rising else (low - 1, high)
    if rising:
        return low, high if plot.ceiling is None else max(high, plot.ceiling)
    return low if plot.floor is None else min(low, plot.floor), high


def _in_question(curve: PlottedCurve, view: ViewState, window: tuple[float, float]) -> tuple[float, float]:
    """The epochs of a curve that the y axis must show whole: all, or the last ones."""
    xs = curve.points.xs
    return (end_from(xs, view), window[1]) if view.fit and len(xs) else window


def _identity(curve: PlottedCurve) -> tuple[object, ...]:
    series = curve.series
    return series.slot, series.variant, series.line_style, series.label


def _plot_limits(plot: Plot) -> AxisLimits:
    return AxisLimits(
        -math.inf if plot.floor is None else plot.floor,
        math.inf if plot.ceiling is None else plot.ceiling,
    )


def _progress(plot: Plot, curves: Sequence[PlottedCurve]) -> float:
    """The part of the planned epochs that is there, 0 to 1; 1 when nothing is planned."""
    ends = [float(each.points.xs[-1]) for each in curves if len(each.points.xs)]
    if plot.x_range is None or not ends:
        return 1.0
    first, last = plot.x_range
    return (max(ends) - first) / (last - first) if last > first else 1.0


def _is_rising(curves: Sequence[PlottedCurve]) -> bool | None:
    """Whether most curves have risen since their first epoch; None while that cannot be said."""
    risen = 0
    for each in curves:
        finite = each.line[np.isfinite(each.line)]
        if len(finite) > 1:
            risen += int(finite[-1] > finite[0]) - int(finite[-1] < finite[0])
    return risen > 0 if risen else None
