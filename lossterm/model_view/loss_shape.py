"""The loss as a function: its value and its gradient over what the network can give, and below it where rows lie."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..catalog import Dataset, Loss, LossParameters, loss_as_typed, output_layer
from ..chart import Frame, LineStyle, Painter, Plot, Series, ViewState
from ..chart.frame import Canvas
from ..chart.glyphs import Glyphs, cell_text, glyphs, marker
from ..chart.layout import PlotArea
from ..chart.styles import NOTE, SOFT, TEXT, TITLE, series_style
from .density_strip import put_density_strip
from .loss_curve import Floats, LossCurve, loss_curve, x_range
from .panels import Panel

_POINTS = 601
_CLASSIFICATION_CAP = 4.0
_REGRESSION_CAP = 6.0
"""Beyond the cap, up or down, curves leave the picture: cross-entropy has no bound. A loss may have its own."""
_HEADER_FROM_HEIGHT = 6
_STRIP_FROM_HEIGHT = 9
_STRIPS_FROM_HEIGHT = 12
_MAX_STRIPS = 3
_ENTRY_GAP = 3


@dataclass(frozen=True)
class _ShownLoss:
    """A loss with its parameters, which is drawn once however many runs train it."""

    loss: Loss
    parameters: LossParameters
    own_curve: LossCurve | None = None

    @property
    def label(self) -> str:
        """What it is called."""
        return loss_as_typed(self.loss, self.parameters)


@dataclass(frozen=True)
class _Drawn:
    """What the curves look like, and where their plot is in the frame (None if it is too small for one)."""

    frame: Frame
    area: PlotArea | None


def loss_shape_frame(
    panels: Sequence[Panel],
    width: int,
    height: int,
    ascii: bool = False,  # noqa: A002
    curves_only: bool = False,
) -> Frame:
    """Draw the losses of some runs as functions, each once, and below how the training rows of each run lie on them.

    The curves do not depend on the weights, the strips of rows do, so that only the strips move while a run trains.

    Args:
        panels: the runs. Those on another dataset than the first are left out, which the picture says.
        width: of the picture in cells, at least 0.
        height: of the picture in cells, at least 0.
        ascii: whether to draw with nothing but ASCII.
        curves_only: whether to leave out the strips and the remarks below the curves.

    Returns:
        A frame of exactly that size.
    """
    canvas = Canvas(width, height)
    if not canvas.width or not canvas.height or not panels:
        return canvas.frame()
    dataset = panels[0].config.dataset_entry
    alike = [panel for panel in panels if panel.config.dataset_entry == dataset]
    own_curves = {panel.config.loss_entry: panel.own_curve for panel in reversed(alike) if panel.own_curve is not None}
    slots: dict[_ShownLoss, int] = {}
    for panel in alike:
        loss = panel.config.loss_entry
        slots.setdefault(_ShownLoss(loss, panel.config.loss_parameters, own_curves.get(loss)), panel.slot)
    losses = tuple(dict.fromkeys(shown.loss for shown in slots))
    own_range = len({x_range(panel.config.output_layer) for panel in alike}) == 1
    top = _put_header(canvas, slots, _title(losses, dataset, own_range), glyphs(ascii))
    most = _MAX_STRIPS if height >= _STRIPS_FROM_HEIGHT else 1
    strips = alike[:most] if height >= _STRIP_FROM_HEIGHT and not curves_only else []
    missing = len(panels) - len(alike)
    remarks = [] if curves_only else _remarks(losses, dataset, missing, width, height)
    room = height - top - len(strips) - len(remarks)
    drawn = _curves(tuple(slots.items()), dataset, own_range, canvas.width, room, ascii)
    _paint(canvas, drawn.frame, top)
    if drawn.area is not None:
        names = _names(strips)
        for number, panel in enumerate(strips):
            put_density_strip(canvas, drawn.area, top + room + number, panel, names[number], own_range, glyphs(ascii))
    for number, text in enumerate(remarks):
        canvas.put(0, top + room + len(strips) + number, cell_text(text, ascii), NOTE)
    return canvas.frame()


def _title(losses: Sequence[Loss], dataset: Dataset, own_range: bool) -> str:
    """What the curves are drawn over. own_range: x is what the networks give, and not their ranges brought to 0 … 1."""
    if not dataset.task.has_classes:
        return "loss by error, at target 1" if any(loss.depends_on_target for loss in losses) else "loss by error"
    if not own_range:
        return "loss by p of the true class; tanh as (m + 1) / 2"
    margin = output_layer(losses[0], dataset).activation == "tanh"
    return "loss by margin, target × output" if margin else "loss by p of the true class"


def _x_name(dataset: Dataset, low: float, own_range: bool) -> str:
    """The name of the x axis, short enough for its end. low: where the axis begins."""
    if not dataset.task.has_classes:
        return "error"
    return "margin" if own_range and low < 0 else "p"


def _names(strips: Sequence[Panel]) -> list[str]:
    """What to call the strips: their losses if that tells them apart, else the numbers of their runs."""
    losses = [panel.config.loss_entry.short for panel in strips]
    return losses if len(set(losses)) == len(losses) else [panel.title.split(" ")[0] for panel in strips]


def _remarks(losses: Sequence[Loss], dataset: Dataset, missing: int, width: int, height: int) -> list[str]:
    """What to see, a remark a loss, in rows of at most `width` cells; those that do not fit whole are left out."""
    if height < _STRIPS_FROM_HEIGHT:
        return []
    most = max((height - 6) // 4, 2)
    lines: list[str] = []
    runs = "1 run is" if missing == 1 else f"{missing} runs are"
    for text in ([f"{runs} on other data and not shown"] if missing else []) + [
        loss.curve_remarks[dataset.task.name] for loss in losses
    ]:
        more = textwrap.wrap(text, max(width, 10), subsequent_indent="  ")
        if len(lines) + len(more) > most:
            break
        lines += more
    return lines


def _put_header(canvas: Canvas, slots: dict[_ShownLoss, int], words: str, signs: Glyphs) -> int:
    """Say what x is and how each loss and its gradient are drawn; the number of rows that this takes."""
    if canvas.height < _HEADER_FROM_HEIGHT:
        return 0
    ascii, several = not signs.braille, len(set(slots.values())) > 1  # noqa: A001
    entries = [[(cell_text(words, ascii)[: canvas.width], TITLE)]]
    for loss, slot in slots.items():
        glyph = marker(slot, ascii)
        body = glyph if ascii else signs.line
        entries.append([(body + (glyph if several else body) + body, series_style(slot)), (f" {loss.label}", TEXT)])
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
        for text, style_id in entry:
            canvas.put(x, row, text, style_id)
            x += len(text)
        x += _ENTRY_GAP
    return row + 1


# -- the curves -----------------------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def _curves(
    losses: tuple[tuple[_ShownLoss, int], ...],
    dataset: Dataset,
    own_range: bool,
    width: int,
    height: int,
    ascii: bool,  # noqa: A002
) -> _Drawn:
    """The losses, each with the slot it is drawn in, and their gradients on one pair of axes.

    own_range: x is what the networks give; else their ranges are brought to 0 … 1. Gradients are by what they give.
    """
    low, high = x_range(output_layer(losses[0][0].loss, dataset)) if own_range else (0.0, 1.0)
    xs = np.linspace(low, high, _POINTS)
    series = []
    usual = _CLASSIFICATION_CAP if dataset.task.has_classes else _REGRESSION_CAP
    cap = max(shown.loss.curve_height or usual for shown, _ in losses)
    for shown, slot in losses:
        curve = loss_curve(shown.loss, dataset, _POINTS, shown.parameters, shown.own_curve)
        series.append(_series(f"{shown.label}'", xs, curve.slope, slot, cap, "dotted"))
        series.append(_series(shown.label, xs, curve.value, slot, cap, "solid"))
    plot = Plot(series, (low, high), _x_name(dataset, low, own_range), whole_x=False, last_values=False)
    painter = Painter()
    frame = painter.paint(plot, ViewState(ascii=ascii, legend=False), width, max(height, 0))
    return _Drawn(frame, painter.area)


def _series(name: str, xs: Floats, ys: Floats, slot: int, cap: float, line_style: LineStyle) -> Series:
    xs, ys = within(xs, ys, cap)
    return Series(name, xs.tolist(), ys.tolist(), slot=slot, line_style=line_style)


def within(xs: Floats, ys: Floats, cap: float) -> tuple[Floats, Floats]:
    """The longest piece of a curve between two bounds.

    Args:
        xs: (points,) increasing.
        ys: (points,).
        cap: the bounds are -cap and cap.

    Returns:
        The xs and ys of the piece, up to the points where it crosses the bounds.
    """
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
    if not 0 <= outer < len(xs) or np.isnan(ys[outer]):
        return xs[:0], ys[:0]
    limit = np.copysign(cap, ys[outer])
    part = (limit - ys[inner]) / (ys[outer] - ys[inner])
    return np.array([xs[inner] + part * (xs[outer] - xs[inner])]), np.array([limit])


def _paint(canvas: Canvas, frame: Frame, top: int) -> None:
    """Lay a finished picture on the canvas, from row `top` on."""
    for y, (row, style_ids) in enumerate(zip(frame.rows, frame.style_rows, strict=True), start=top):
        if y < canvas.height:
            canvas.chars[y, : frame.width] = np.frombuffer(row.encode("utf-32-le"), "<u4")
            canvas.style_ids[y, : frame.width] = style_ids
