"""How a view changes when a person zooms, pans, smooths or moves the crosshair."""

from __future__ import annotations

from dataclasses import replace

from .series import Plot, View

SMOOTHING = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)
"""The steps of smoothing; each weight is of the past."""

_FACTOR = 0.6
_PAN = 0.2
_LEAST = 4.0


def full_range(plot: Plot) -> tuple[float, float]:
    """The first and the last epoch of the whole plot: the planned ones, else those there are, else 1 and 1."""
    if plot.x_range is not None:
        return plot.x_range
    ends = [(float(each.xs[0]), float(each.xs[-1])) for each in plot.series if len(each.xs)]
    return (min(end[0] for end in ends), max(end[1] for end in ends)) if ends else (1.0, 1.0)


def last_epoch(plot: Plot, view: View) -> float:
    """The last epoch that any series has and the view shows."""
    low, high = view.window or full_range(plot)
    ends = [float(each.xs[-1]) for each in plot.series if len(each.xs)]
    return clamped(max(ends, default=high), (low, high))


def smoothed(view: View, steps: int) -> View:
    """The view with its smoothing some steps stronger (positive) or weaker."""
    at = min(range(len(SMOOTHING)), key=lambda index: abs(SMOOTHING[index] - view.smoothing))
    return replace(view, smoothing=SMOOTHING[min(max(at + steps, 0), len(SMOOTHING) - 1)])


def zoomed(view: View, full: tuple[float, float], steps: int, around: float | None = None) -> View:
    """The view with fewer epochs (positive) or more, where `around` (else the middle) stays in its place.

    full: the whole range; a window as wide as that becomes None. No window is narrower than four epochs.
    """
    low, high = view.window or full
    centre = (low + high) / 2 if around is None else clamped(around, (low, high))
    width = (high - low) * _FACTOR**steps
    if width >= full[1] - full[0]:
        return replace(view, window=None)
    width = max(width, min(_LEAST, full[1] - full[0]))
    part = (centre - low) / (high - low) if high > low else 0.5
    return replace(view, window=_inside(centre - part * width, width, full))


def panned(view: View, full: tuple[float, float], steps: int) -> View:
    """A zoomed view moved by fifths of its width, to later epochs if positive; it stays within the whole range."""
    if view.window is None:
        return view
    low, high = view.window
    return replace(view, window=_inside(low + steps * _PAN * (high - low), high - low, full))


def crosshair_moved(view: View, full: tuple[float, float], epochs: float) -> View:
    """The view with the crosshair moved by whole epochs; a zoomed window follows it."""
    if view.crosshair is None:
        return view
    at = clamped(round(view.crosshair + epochs), full)
    window = view.window
    if window is not None and not window[0] <= at <= window[1]:
        low = at if at < window[0] else at - (window[1] - window[0])
        window = _inside(low, window[1] - window[0], full)
    return replace(view, crosshair=at, window=window)


def clamped(value: float, bounds: tuple[float, float]) -> float:
    """The nearest value within bounds."""
    return min(max(value, bounds[0]), bounds[1])


def _inside(low: float, width: float, full: tuple[float, float]) -> tuple[float, float]:
    low = clamped(low, (full[0], max(full[1] - width, full[0])))
    return low, low + width
