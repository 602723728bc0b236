"""What a chart shows, as plain frozen data: series, and the plot that they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

LineStyle = Literal["solid", "dotted"]


@dataclass(frozen=True, eq=False)
class Series:
    """One curve. Compared by identity, since its sequences may still be growing.

    A list may grow by appending while it is shown; values already there must stay as they are, or come in a new list.

    Attributes:
        label: its name in the legend ("bce test").
        xs: epochs, increasing, usually from 1.
        ys: one value an epoch. NaN and infinities are allowed; they leave a gap and are marked.
        slot: its lasting identity, from 0; it decides on colour and marker, taken modulo SLOTS.
        line_style: by custom the test curve is solid and the train curve dotted.
        band: lower and upper values, each as long as ys: the spread around a mean.
        best: index into ys of the best epoch, which gets a star.
        end_label: a shorter name for the end of the curve; the label when empty.
        dim: draw it subdued, behind the others.
    """

    label: str
    xs: Sequence[float]
    ys: Sequence[float]
    slot: int = 0
    line_style: LineStyle = "solid"
    band: tuple[Sequence[float], Sequence[float]] | None = None
    best: int | None = None
    end_label: str = ""
    dim: bool = False


@dataclass(frozen=True, eq=False)
class Plot:
    """Everything that the caller wants shown.

    Attributes:
        series: the curves. Later ones lie over earlier ones, solid ones over dotted ones.
        x_range: first and last planned epoch; None lets the axis follow the data.
        x_label: what the x axis measures.
        y_label: what the y axis measures.
        note: one line below the chart, after the chart's own remarks.
        empty: what to say when no series has a point.
        floor: the lowest value that the quantity can have, so that no room is wasted below it; None if there is none.
        ceiling: the highest value that it can have; None if there is none.
        whole_x: whether x counts something, as epochs do, and gets ticks at whole numbers only.
        last_values: whether a wide chart writes the last value of each curve beside its end label.
    """

    series: Sequence[Series] = ()
    x_range: tuple[float, float] | None = None
    x_label: str = "epoch"
    y_label: str = ""
    note: str = ""
    empty: str = "no epochs yet"
    floor: float | None = None
    ceiling: float | None = None
    whole_x: bool = True
    last_values: bool = True

    @property
    def full_range(self) -> tuple[float, float]:
        """The first and the last epoch: the planned ones, else those that there are, else 1 and 1."""
        if self.x_range is not None:
            return self.x_range
        ends = [(float(each.xs[0]), float(each.xs[-1])) for each in self.series if len(each.xs)]
        return (min(end[0] for end in ends), max(end[1] for end in ends)) if ends else (1.0, 1.0)
