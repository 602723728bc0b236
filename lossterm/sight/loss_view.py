"""The loss as a function: its value and its gradient over what the head can give, and where the rows stand below."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..catalog import Dataset, Loss, head
from ..chart import Frame, LineStyle, Painter, Plot, Series, ViewState
from ..chart.frame import Canvas
from ..chart.glyphs import Glyphs, cell_text, glyphs, marker
from ..chart.layout import PlotArea
from ..chart.styles import NOTE, SOFT, TEXT, TITLE, series_style
from .formulas import Floats, loss_curve, span
from .loss_words import remark, title, x_name
from .panel import Panel
from .rug import put_rug

_POINTS = 601
_CAP = {"regression": 6.0, "binary": 4.0, "multiclass": 4.0}
"""Beyond this, up or down, curves leave the picture: cross-entropy has no bound."""
_HEADER_FROM = 6
_RUG_FROM = 9
_RUGS_FROM = 12
_RUGS = 3
_BETWEEN = 3


@dataclass(frozen=True)
class _Drawn:
    """What the curves look like, and where their plot stands in the picture (None: it is too small for one)."""

    frame: Frame
    area: PlotArea | None


def loss_frame(panels: Sequence[Panel], width: int, height: int, ascii: bool = False) -> Frame:  # noqa: A002
    """Draw the losses of the panels, each once, and below them how each run's training rows are spread over them.

    Panels on another dataset than the first are left out. The curves do not depend on the weights, the spread does, so
    that only the spread moves while a run trains.
    """
    canvas = Canvas(width, height)
    if not canvas.width or not canvas.height or not panels:
        return canvas.frame()
    dataset = panels[0].experiment.dataset_entry
    alike = [panel for panel in panels if panel.experiment.dataset_entry == dataset]
    slots: dict[Loss, int] = {}
    for panel in alike:
        slots.setdefault(panel.experiment.loss_entry, panel.slot)
    own = len({span(panel.experiment.head) for panel in alike}) == 1
    top = _put_header(canvas, slots, title(tuple(slots), dataset, own), glyphs(ascii))
    rugs = alike[: _RUGS if height >= _RUGS_FROM else 1] if height >= _RUG_FROM else []
    remarks = _remarks(tuple(slots), dataset, len(panels) - len(alike), width, height)
    room = height - top - len(rugs) - len(remarks)
    drawn = _curves(tuple(slots.items()), dataset, own, canvas.width, room, ascii)
    _paint(canvas, drawn.frame, top)
    if drawn.area is not None:
        names = _names(rugs)
        for number, panel in enumerate(rugs):
            put_rug(canvas, drawn.area, top + room + number, panel, names[number], own, glyphs(ascii))
    for number, text in enumerate(remarks):
        canvas.put(0, top + room + len(rugs) + number, cell_text(text, ascii), NOTE)
    return canvas.frame()


def _names(rugs: Sequence[Panel]) -> list[str]:
    """What the rugs are called: their losses if that tells them apart, else their runs' numbers."""
    losses = [panel.experiment.loss_entry.short for panel in rugs]
    return losses if len(set(losses)) == len(losses) else [panel.title.split(" ")[0] for panel in rugs]


def _remarks(losses: Sequence[Loss], dataset: Dataset, missing: int, width: int, height: int) -> list[str]:
    """What to see, a remark a loss, in rows of at most `width` cells; those that do not fit whole are left out."""
    if height < _RUGS_FROM:
        return []
    most = max((height - 6) // 4, 2)
    lines: list[str] = []
    runs = "1 run is" if missing == 1 else f"{missing} runs are"
    for text in ([f"{runs} on other data and not shown"] if missing else []) + [
        remark(loss, dataset) for loss in losses
    ]:
        more = textwrap.wrap(text, max(width, 10), subsequent_indent="  ")
        if len(lines) + len(more) > most:
            break
        lines += more
    return lines


def _put_header(canvas: Canvas, slots: dict[Loss, int], words: str, signs: Glyphs) -> int:
    """What x is, and how each loss and its gradient are drawn, in as many rows as there is room for; how many."""
    if canvas.height < _HEADER_FROM:
        return 0
    ascii, several = not signs.braille, len(set(slots.values())) > 1  # noqa: A001
    entries = [[(cell_text(words, ascii)[: canvas.width], TITLE)]]
    for loss, slot in slots.items():
        glyph = marker(slot, ascii)
        body = glyph if ascii else signs.line
        entries.append([(body + (glyph if several else body) + body, series_style(slot)), (f" {loss.short}", TEXT)])
    what = " gradients" if len(slots) > 1 else " gradient"
    entries.append(
        [(signs.dots * 3, TEXT if several else series_style(next(iter(slots.values())), SOFT)), (what, TEXT)]
    )
    x, row, most = 0, 0, max(canvas.height // 6, 1)
    for entry in entries:
        length = sum(len(text) for text, _ in entry)
        if x and x + length > canvas.width:
            x, row = 0, row + 1
        if row >= most:
            return most
        for text, number in entry:
            canvas.put(x, row, text, number)
            x += len(text)
        x += _BETWEEN
    return row + 1


# -- the curves -----------------------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def _curves(
    losses: tuple[tuple[Loss, int], ...],
    dataset: Dataset,
    own: bool,
    width: int,
    height: int,
    ascii: bool,  # noqa: A002
) -> _Drawn:
    """The losses, each with the slot it is drawn in, and their gradients on one pair of axes.

    own: x is what the heads give; else each head's range is brought to 0 … 1. Gradients are by what a head gives.
    """
    low, high = span(head(losses[0][0], dataset)) if own else (0.0, 1.0)
    xs = np.linspace(low, high, _POINTS)
    series = []
    for loss, slot in losses:
        curve = loss_curve(loss, dataset, _POINTS)
        series.append(_series(f"{loss.short}'", xs, curve.slope, slot, dataset, "dotted"))
        series.append(_series(loss.short, xs, curve.value, slot, dataset, "solid"))
    plot = Plot(series, (low, high), x_name(dataset, low, own), whole_x=False, last_values=False)
    painter = Painter()
    frame = painter.paint(plot, ViewState(ascii=ascii, legend=False), width, max(height, 0))
    return _Drawn(frame, painter.area)


def _series(name: str, xs: Floats, ys: Floats, slot: int, dataset: Dataset, line_style: LineStyle) -> Series:
    xs, ys = within(xs, ys, _CAP[dataset.task])
    return Series(name, xs.tolist(), ys.tolist(), slot=slot, line_style=line_style)


def within(xs: Floats, ys: Floats, cap: float) -> tuple[Floats, Floats]:
    """The longest piece of a curve between -cap and cap, up to where it crosses them. xs, ys: (points,)."""
    padded = np.concatenate(([False], np.abs(ys) <= cap, [False]))
    edges = np.flatnonzero(padded[1:] != padded[:-1]).reshape(-1, 2)
    if not len(edges):
        return xs[:0], ys[:0]
    first, end = edges[np.argmax(edges[:, 1] - edges[:, 0])]
    ends = [_crossing(xs, ys, cap, inner, outer) for inner, outer in ((first, first - 1), (end - 1, end))]
    pieces = [ends[0], (xs[first:end], ys[first:end]), ends[1]]
    return np.concatenate([piece[0] for piece in pieces]), np.concatenate([piece[1] for piece in pieces])


def _crossing(xs: Floats, ys: Floats, cap: float, inner: int, outer: int) -> tuple[Floats, Floats]:
    """The point between two neighbours where a curve crosses -cap or cap; none where `outer` is beyond its end."""
    if not 0 <= outer < len(xs):
        return xs[:0], ys[:0]
    limit = np.copysign(cap, ys[outer])
    part = (limit - ys[inner]) / (ys[outer] - ys[inner])
    return np.array([xs[inner] + part * (xs[outer] - xs[inner])]), np.array([limit])


def _paint(canvas: Canvas, frame: Frame, top: int) -> None:
    """Lay a finished picture on the canvas, from row `top` on."""
    for y, (row, inks) in enumerate(zip(frame.rows, frame.style_rows, strict=True), start=top):
        if y < canvas.height:
            canvas.chars[y, : frame.width] = np.frombuffer(row.encode("utf-32-le"), "<u4")
            canvas.style_ids[y, : frame.width] = inks
