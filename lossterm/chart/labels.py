"""The texts that name the curves: the legend above the plot, and the labels at their ends."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .curve import PlottedCurve
from .frame import Canvas
from .glyphs import Glyphs, cell_text
from .layout import PlotArea
from .series import Plot
from .styles import FULL, TEXT, TITLE, StyleId, series_style
from .ticks import epoch_label, short_text, value_text
from .transforms import Floats
from .view_state import ViewState

_VALUE_WIDTH = 9
_ENTRY_GAP = 3

_END_LABELS_FROM_WIDTH = 50
_END_VALUES_FROM_WIDTH = 80
_MAX_ROWS_AWAY = 6
_FEW_CURVES = 3


@dataclass(frozen=True)
class HeaderText:
    """A text at a place of the header, in one style.

    Attributes:
        x: its first column in cells.
        row: its row, from 0.
        text: one cell a character.
        style_id: its style.
    """

    x: int
    row: int
    text: str
    style_id: StyleId


def header(
    plot: Plot,
    view: ViewState,
    curves: Sequence[PlottedCurve],
    glyphs: Glyphs,
    width: int,
    most: int,
    chosen: Collection[str] = (),
) -> tuple[list[HeaderText], int]:
    """Lay out the rows above the plot: what is measured, the legend, and how the chart is seen.

    The same series in the same view take the same places, whatever their values.

    Args:
        plot: what is shown.
        view: how it is seen.
        curves: the curves of the plot.
        glyphs: the characters to draw with.
        width: of the chart in cells.
        most: how many rows the header may take.
        chosen: which of "log" and "fit" the chart chose by itself.

    Returns:
        The texts with their places, and the number of rows used.
    """
    if most < 1 or width < 1:
        return [], 0
    flow = _Flow(width, most)
    badges = [_badges(view, glyphs, explained) for explained in (chosen, ())]
    flow.reserve(next((words for words in badges if len(words) <= width // 2), ""))
    title = cell_text(plot.y_label, view.ascii)
    if title:
        flow.add([(title[: max(width - 1, 0)], TITLE)])
    with_values = view.crosshair is not None
    if with_values and plot.legend:
        flow.add([(f"{cell_text(plot.x_label, view.ascii)} {epoch_label(view.crosshair or 0)}".ljust(10), TITLE)])
    if plot.legend and (view.legend or with_values):
        entries = [_entry(each, view, glyphs, mark=needs_markers(curves)) for each in curves]
        flow.add_all(entries, glyphs.ellipsis)
    return flow.texts, flow.rows


def needs_markers(curves: Sequence[PlottedCurve]) -> bool:
    """Whether curves need their markers: there are several slots or variants."""
    return len({(each.series.slot, each.series.variant) for each in curves}) > 1


def _badges(view: ViewState, glyphs: Glyphs, explained: Collection[str]) -> str:
    """How the chart is seen, and why for what is to be explained."""
    parts = []
    if view.fit:
        parts.append("y fits the ends (f: whole)" if "fit" in explained else "y fits the ends")
    if view.log:
        parts.append("log: spans decades (l: linear)" if "log" in explained else "log")
    if view.smoothing > 0:
        parts.append(f"smooth {view.smoothing:.2f}")
    if view.window is not None:
        parts.append(f"zoom {epoch_label(round(view.window[0]))}-{epoch_label(round(view.window[1]))}")
    return f" {glyphs.separator} ".join(parts)


def _entry(curve: PlottedCurve, view: ViewState, glyphs: Glyphs, mark: bool) -> list[tuple[str, StyleId]]:
    series = curve.series
    body = glyphs.dots if series.line_style == "dotted" else glyphs.line
    marker = glyphs.marker(series.slot)
    if not glyphs.braille and series.line_style == "solid":
        body = marker
    sample = body + (glyphs.mark(series.slot, series.variant) if mark else body) + body
    parts = [(sample, curve.style_id), (" " + cell_text(series.label, view.ascii), TEXT)]
    if view.crosshair is not None:
        parts.append((" " + _value_at(curve, view.crosshair).ljust(_VALUE_WIDTH), series_style(series.slot, FULL)))
    return parts


def _value_at(curve: PlottedCurve, epoch: float) -> str:
    """The series' own value, not smoothed, at the epoch nearest to the one asked for; a dash where it has none."""
    xs, ys = curve.cache.values(curve.series)
    if not len(xs):
        return "-"
    at = int(np.argmin(np.abs(xs - epoch))) if len(xs) < 1000 else _nearest(xs, epoch)
    return value_text(float(ys[at])) if abs(float(xs[at]) - epoch) <= 0.5 else "-"


def _nearest(xs: Floats, epoch: float) -> int:
    right = min(int(np.searchsorted(xs, epoch)), len(xs) - 1)
    left = max(right - 1, 0)
    return left if abs(xs[left] - epoch) <= abs(xs[right] - epoch) else right


class _Flow:
    """Puts entries beside and below one another, like words in a paragraph."""

    def __init__(self, width: int, most: int) -> None:
        self._width, self._most = width, most
        self._x, self._row = 0, 0
        self._reserved = 0
        self.texts: list[HeaderText] = []

    @property
    def rows(self) -> int:
        """How many rows are used."""
        return self._row + 1 if self.texts else 0

    def reserve(self, text: str) -> None:
        """Put a text at the right end of the first row."""
        if text:
            self._reserved = len(text) + 2
            self.texts.append(HeaderText(self._width - len(text), 0, text, TEXT))

    def add(self, parts: Sequence[tuple[str, StyleId]]) -> bool:
        """Put an entry in the next place that is wide enough; say whether there was one."""
        length = sum(len(text) for text, _ in parts)
        row, x = self._row, self._x
        if x > 0 and x + length > self._room(row):
            row, x = row + 1, 0
        if row >= self._most:
            return False
        for text, style_id in parts:
            self.texts.append(HeaderText(x, row, text, style_id))
            x += len(text)
        self._row, self._x = row, x + _ENTRY_GAP
        return True

    def add_all(self, entries: Sequence[Sequence[tuple[str, StyleId]]], ellipsis: str) -> None:
        """Put all entries, or as many as fit and how many more there are."""
        for number, entry in enumerate(entries):
            if not self.add(entry):
                rest = f"{ellipsis}+{len(entries) - number}"
                self.texts.append(HeaderText(max(self._width - len(rest), 0), self._most - 1, rest, TEXT))
                return

    def _room(self, row: int) -> int:
        return self._width - (self._reserved if row == 0 else 0)


# -- labels at the ends of the curves -------------------------------------------------------------------------


@dataclass(frozen=True)
class _EndLabel:
    """A text for the end of a curve, which is in cell (column, row), `dot_row` rows of dots from the top."""

    column: int
    row: int
    dot_row: float
    text: str
    style_id: StyleId


def end_labels(
    curves: Sequence[PlottedCurve], glyphs: Glyphs, width: int, end: float, values: bool = True
) -> list[str]:
    """What to write at the end of each curve: its marker, its name and, in a wide chart, its last value.

    Among many curves, those that have not reached the end go without their value, which would be sent anew at each
    epoch.

    Args:
        curves: the curves of the plot.
        glyphs: the characters to draw with.
        width: of the chart in cells.
        end: the last epoch shown.
        values: whether last values are wanted at all.

    Returns:
        A text for each curve; empty texts where there is no room for any.
    """
    if width < _END_LABELS_FROM_WIDTH:
        return ["" for _ in curves]
    mark, valued = needs_markers(curves), values and width >= _END_VALUES_FROM_WIDTH
    few = len(curves) <= _FEW_CURVES
    return [
        ""
        if each.series.dim
        else _end_label_text(each, glyphs, mark=mark, value=valued and (few or _reaches(each, end)))
        for each in curves
    ]


def _reaches(curve: PlottedCurve, end: float) -> bool:
    return len(curve.points.xs) > 0 and float(curve.points.xs[-1]) >= end


def _end_label_text(curve: PlottedCurve, glyphs: Glyphs, *, mark: bool, value: bool) -> str:
    series = curve.series
    parts = [cell_text(series.end_label or series.label, not glyphs.braille)]
    if mark:
        parts.insert(0, glyphs.mark(series.slot, series.variant))
    _, ys = curve.cache.values(series)
    if value and len(ys):
        parts.append(short_text(float(ys[-1])))
    return " ".join(parts)


def draw_end_labels(canvas: Canvas, area: PlotArea, curves: Sequence[PlottedCurve], texts: Sequence[str]) -> None:
    """Write a text right of the end of each curve, on the nearest row where it covers nothing; else leave it out.

    Args:
        canvas: with the curves on it already.
        area: where the plot is, with its ranges.
        curves: the curves of the plot.
        texts: one for each curve; an empty one is left out.
    """
    labels = [
        label for each, text in zip(curves, texts, strict=True) if text and (label := _end_label(each, text, area))
    ]
    for label in _spread(labels):
        for row in sorted(range(-_MAX_ROWS_AWAY, _MAX_ROWS_AWAY + 1), key=abs):
            x, y = area.left + label.column + 2, area.top + label.row + row
            if area.top <= y < area.top + area.height and canvas.is_free(x - 1, y, len(label.text) + 1):
                canvas.put(x - 1, y, " " + label.text, label.style_id)
                break


def _end_label(curve: PlottedCurve, text: str, area: PlotArea) -> _EndLabel | None:
    xs, ys = curve.visible_points("line", area)
    shown = np.flatnonzero(np.isfinite(ys))
    if not len(shown) or not len(curve.points.xs) or curve.points.xs[-1] > area.x_max:
        return None
    x, y = float(xs[shown[-1]]), float(ys[shown[-1]])
    column, row = area.cell(x, y)
    return _EndLabel(column, row, float(area.rows(np.array([y]))[0]), text, curve.style_id)


def _spread(labels: Sequence[_EndLabel]) -> list[_EndLabel]:
    """Rows of their own for labels that end in the same column, as near to their curves as their order allows."""
    spread: list[_EndLabel] = []
    for column in {label.column for label in labels}:
        group = sorted((label for label in labels if label.column == column), key=lambda label: label.dot_row)
        rows = _apart([label.row for label in group])
        spread.extend(replace(label, row=row) for label, row in zip(group, rows, strict=True))
    return sorted(spread, key=lambda label: (label.column, label.row))


def _apart(rows: Sequence[int]) -> list[int]:
    """Distinct rows in the same order, moved as little as possible: pools of neighbours, each centred on its mean."""
    pools: list[tuple[float, int]] = []
    for row in rows:
        pools.append((float(row), 1))
        while len(pools) > 1 and _end(pools[-2]) > pools[-1][0] - (pools[-1][1] - 1) / 2:
            (centre, size), (last_centre, last_size) = pools[-2:]
            pools[-2:] = [((centre * size + last_centre * last_size) / (size + last_size), size + last_size)]
    return [round(centre - (size - 1) / 2 + 1e-6) + number for centre, size in pools for number in range(size)]


def _end(pool: tuple[float, int]) -> float:
    return pool[0] + (pool[1] + 1) / 2
