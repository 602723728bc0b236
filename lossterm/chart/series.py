"""What is drawn and how a person chose to see it, as plain frozen data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Style = Literal["solid", "dotted"]


@dataclass(frozen=True, eq=False)
class Series:
    """One curve. Compared by identity, since its sequences may still be growing.

    label: its name in the legend ("bce test").
    xs: epochs, increasing, usually from 1.
    ys: one value an epoch; NaN and infinities are allowed, leave a gap and are marked.
    slot: its lasting identity, from 0; it gives colour and glyph, taken modulo SLOTS.
    style: solid or dotted; by custom the test curve is solid and the train curve dotted.
    band: lower and upper values, as long as ys: the spread around a mean.
    best: index into ys of the best epoch, marked with a star.
    tag: a shorter name for the curve's end; the label when empty.
    dim: draw it subdued, behind the others.

    A list may grow by appending while it is shown; values already there must stay as they are, or come in a new list.
    """

    label: str
    xs: Sequence[float]
    ys: Sequence[float]
    slot: int = 0
    style: Style = "solid"
    band: tuple[Sequence[float], Sequence[float]] | None = None
    best: int | None = None
    tag: str = ""
    dim: bool = False


@dataclass(frozen=True, eq=False)
class Plot:
    """Everything that the caller wants shown.

    series: the curves; later ones lie over earlier ones, solid ones over dotted ones.
    x_range: first and last planned epoch; None lets the axis follow the data.
    x_label, y_label: what the axes measure.
    note: one line below the chart, joined to the chart's own remarks.
    empty: what to say when no series has a point.
    floor, ceiling: limits that the quantity cannot cross, so that no room is wasted beyond them (in y units).
    whole: whether x counts something, as epochs do, and is marked at whole numbers only.
    last_values: whether a wide chart writes each curve's last value beside its name at the curve's end.
    """

    series: Sequence[Series] = ()
    x_range: tuple[float, float] | None = None
    x_label: str = "epoch"
    y_label: str = ""
    note: str = ""
    empty: str = "no epochs yet"
    floor: float | None = None
    ceiling: float | None = None
    whole: bool = True
    last_values: bool = True


@dataclass(frozen=True)
class View:
    """What a person chose with the keyboard or the mouse.

    log: a logarithmic y axis.
    smoothing: weight of the past in the exponential smoothing, 0 (off) to below 1.
    window: first and last epoch of a zoomed view; None shows all.
    crosshair: the epoch whose values are read out; None hides it.
    legend: whether the legend's rows are shown.
    ascii: nothing but ASCII, for terminals and fonts without braille or boxes.
    """

    log: bool = False
    smoothing: float = 0.0
    window: tuple[float, float] | None = None
    crosshair: float | None = None
    legend: bool = True
    ascii: bool = False
