"""Where the rows of a run lie on the x axis of its loss: one row of characters, darker where there are more."""

from __future__ import annotations

import numpy as np

from ..chart.frame import Canvas
from ..chart.glyphs import Glyphs, cell_text
from ..chart.layout import PlotArea
from ..chart.styles import TEXT, series_style
from .loss_curve import Floats, places, x_range
from .network import predict
from .panels import Panel

_DENSITY = " ▁▂▃▄▅▆▇█"
_ASCII_DENSITY = " .:-=+*#@"
_CAPTION = "train rows"


def put_density_strip(
    canvas: Canvas, area: PlotArea, row: int, panel: Panel, name: str, own_range: bool, signs: Glyphs
) -> None:
    """Draw how densely the training rows of a run lie along x, below a plot; those outside are counted at its ends.

    Args:
        canvas: to draw on.
        area: where the plot is.
        row: of the canvas, to draw the strip in.
        panel: the run; without weights the strip says why there are none.
        name: stands left of the strip, cut to the room there.
        own_range: whether x has the range of what the output layer gives; else that range is brought to 0 … 1.
        signs: the characters to draw with.
    """
    ascii = not signs.braille  # noqa: A001
    canvas.put(
        max(area.left - 1 - len(name), 0),
        row,
        cell_text(name, ascii)[: max(area.left - 1, 0)],
        series_style(panel.slot),
    )
    if panel.weights is None or panel.sample is None:
        _put_message(canvas, area, row, cell_text(panel.message, ascii))
        return
    layer = panel.config.output_layer
    outputs = predict(panel.weights.layers, panel.sample.train_x, layer, panel.config.activation)
    at = places(layer, panel.sample.train_y, outputs)
    known = at[~np.isnan(at)]
    if not len(known):
        _put_message(canvas, area, row, "the outputs are not finite")
        return
    low, high = x_range(layer)
    if not own_range:
        known, low, high = (known - low) / (high - low), 0.0, 1.0
    levels = density(known, low, high, area.width, len(_DENSITY))
    chars = _ASCII_DENSITY if ascii else _DENSITY
    canvas.put(area.left, row, "".join(chars[level] for level in levels), series_style(panel.slot))
    _put_counts(canvas, area, row, int((known < low).sum()), int((known > high).sum()), ascii)
    beside = area.left + area.width + 1
    if beside + len(_CAPTION) <= canvas.width:
        canvas.put(beside, row, _CAPTION, TEXT)


def density(at: Floats, low: float, high: float, columns: int, levels: int) -> list[int]:
    """How many places lie in each column of a range.

    Args:
        at: (rows,) the places; those outside the range do not count.
        low: where the first column begins.
        high: where the last column ends.
        columns: how many columns there are.
        levels: how many levels of density are told apart.

    Returns:
        A level for each column, from 0 (none) to levels - 1 (the most). The steps are of the square root, so that a few
        rows beside many show.
    """
    inside = at[(at >= low) & (at <= high)]
    if not len(inside) or columns < 1:
        return [0] * columns
    column = np.minimum(np.floor((inside - low) / (high - low) * columns), columns - 1).astype(np.int64)
    counts = np.bincount(column, minlength=columns)
    found: list[int] = np.ceil(np.sqrt(counts / counts.max()) * (levels - 1)).astype(np.int64).tolist()
    return found


def _put_counts(canvas: Canvas, area: PlotArea, row: int, below: int, above: int, ascii: bool) -> None:  # noqa: A002
    less, more = ("<", ">") if ascii else ("‹", "›")
    if below:
        canvas.put(area.left, row, f"{less} {below} ", TEXT)
    if above:
        words = f" {above} {more}"
        canvas.put(area.left + area.width - len(words), row, words, TEXT)


def _put_message(canvas: Canvas, area: PlotArea, row: int, message: str) -> None:
    canvas.put(area.left + max((area.width - len(message)) // 2, 0), row, message[: area.width], TEXT)
