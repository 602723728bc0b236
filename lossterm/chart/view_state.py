"""How a person sees a chart, and how that changes when they zoom, pan, smooth or move the crosshair."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .series import Plot

SMOOTHING_STEPS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)
"""The steps of smoothing; each weight is of the past."""

_ZOOM_FACTOR = 0.6
_PAN_SHARE = 0.2
_NARROWEST_WINDOW = 4.0


@dataclass(frozen=True)
class ViewState:
    """What a person chose with the keyboard or the mouse.

    Attributes:
        log: whether the y axis is logarithmic; None leaves that to the plot.
        fit: whether the y axis is fitted to the end of the curves; None leaves that to the plot.
        smoothing: weight of the past in the exponential smoothing, 0 (off) to below 1.
        window: first and last epoch of a zoomed view; None shows all.
        crosshair: the epoch whose values are read out; None hides the crosshair.
        legend: whether the legend is shown.
        ascii: whether to draw with nothing but ASCII, for terminals and fonts without braille or boxes.
    """

    log: bool | None = None
    fit: bool | None = None
    smoothing: float = 0.0
    window: tuple[float, float] | None = None
    crosshair: float | None = None
    legend: bool = True
    ascii: bool = False


def last_epoch(plot: Plot, view: ViewState) -> float:
    """The last epoch that any series has and the view shows."""
    low, high = view.window or plot.full_range
    ends = [float(each.xs[-1]) for each in plot.series if len(each.xs)]
    return clamped(max(ends, default=high), (low, high))


def smoothed(view: ViewState, steps: int) -> ViewState:
    """The view with another smoothing.

    Args:
        view: the view before.
        steps: how many of SMOOTHING_STEPS stronger (positive) or weaker (negative).
    """
    at = min(range(len(SMOOTHING_STEPS)), key=lambda index: abs(SMOOTHING_STEPS[index] - view.smoothing))
    return replace(view, smoothing=SMOOTHING_STEPS[min(max(at + steps, 0), len(SMOOTHING_STEPS) - 1)])


def zoomed(view: ViewState, full: tuple[float, float], steps: int, around: float | None = None) -> ViewState:
    """The view with a narrower or a wider window.

    Args:
        view: the view before.
        full: first and last epoch of the plot. A window as wide as that becomes None.
        steps: zoom in (positive) or out (negative). No window is narrower than four epochs.
        around: the epoch that stays in its place; the middle if None.
    """
    low, high = view.window or full
    centre = (low + high) / 2 if around is None else clamped(around, (low, high))
    width = (high - low) * _ZOOM_FACTOR**steps
    if width >= full[1] - full[0]:
        return replace(view, window=None)
    width = max(width, min(_NARROWEST_WINDOW, full[1] - full[0]))
    part = (centre - low) / (high - low) if high > low else 0.5
    return replace(view, window=_window_within(centre - part * width, width, full))


def panned(view: ViewState, full: tuple[float, float], steps: int) -> ViewState:
    """The view with its window moved; a view that is not zoomed stays as it is.

    Args:
        view: the view before.
        full: first and last epoch of the plot; the window stays within them.
        steps: by how many fifths of its width, to later epochs (positive) or earlier ones (negative).
    """
    if view.window is None:
        return view
    low, high = view.window
    return replace(view, window=_window_within(low + steps * _PAN_SHARE * (high - low), high - low, full))


def crosshair_moved(view: ViewState, full: tuple[float, float], epochs: float) -> ViewState:
    """The view with its crosshair moved; a zoomed window follows it.

    Args:
        view: the view before; without a crosshair it stays as it is.
        full: first and last epoch of the plot; the crosshair stays within them.
        epochs: by how many epochs, to later (positive) or earlier ones (negative).
    """
    if view.crosshair is None:
        return view
    at = clamped(round(view.crosshair + epochs), full)
    window = view.window
    if window is not None and not window[0] <= at <= window[1]:
        low = at if at < window[0] else at - (window[1] - window[0])
        window = _window_within(low, window[1] - window[0], full)
    return replace(view, crosshair=at, window=window)


def within_plot(view: ViewState, plot: Plot) -> ViewState:
    """The view without its window, if that belongs to a longer plot and shows nothing of this one."""
    low, high = plot.full_range
    if view.window is not None and (view.window[0] >= high or view.window[1] <= low):
        return replace(view, window=None)
    return view


def clamped(value: float, bounds: tuple[float, float]) -> float:
    """The nearest value within bounds (low, high)."""
    return min(max(value, bounds[0]), bounds[1])


def _window_within(low: float, width: float, full: tuple[float, float]) -> tuple[float, float]:
    low = clamped(low, (full[0], max(full[1] - width, full[0])))
    return low, low + width
