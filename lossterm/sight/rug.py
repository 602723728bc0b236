"""Where a run's rows stand on the x axis of its loss: one row of characters, the darker the more rows."""

from __future__ import annotations

import numpy as np

from ..chart.frame import Canvas
from ..chart.glyphs import Glyphs, cell_text
from ..chart.layout import PlotArea
from ..chart.styles import TEXT, series_style
from .formulas import Floats, places, span
from .network import outputs
from .panel import Panel

_DENSITY = " ▁▂▃▄▅▆▇█"
_ASCII_DENSITY = " .:-=+*#@"
_WHAT = "train rows"


def put_rug(canvas: Canvas, area: PlotArea, row: int, panel: Panel, name: str, own: bool, signs: Glyphs) -> None:
    """Draw how densely a run's training rows lie along x, below `area`; those outside it are counted at its ends.

    name: stands left of it, cut to the room there. own: x is what the head gives; else 0 to 1 for its whole range.
    A panel that has no weights yet says why.
    """
    ascii = not signs.braille  # noqa: A001
    canvas.put(
        max(area.left - 1 - len(name), 0),
        row,
        cell_text(name, ascii)[: max(area.left - 1, 0)],
        series_style(panel.slot),
    )
    if panel.weights is None or panel.sample is None:
        _put_words(canvas, area, row, cell_text(panel.words, ascii))
        return
    given = panel.experiment.head
    at = places(given, panel.sample.train_y, outputs(panel.weights, panel.sample.train_x, given))
    known = at[~np.isnan(at)]
    if not len(known):
        _put_words(canvas, area, row, "the outputs are not finite")
        return
    low, high = span(given)
    if not own:
        known, low, high = (known - low) / (high - low), 0.0, 1.0
    levels = density(known, low, high, area.width, len(_DENSITY))
    chars = _ASCII_DENSITY if ascii else _DENSITY
    canvas.put(area.left, row, "".join(chars[level] for level in levels), series_style(panel.slot))
    _put_counts(canvas, area, row, int((known < low).sum()), int((known > high).sum()), ascii)
    beside = area.left + area.width + 1
    if beside + len(_WHAT) <= canvas.width:
        canvas.put(beside, row, _WHAT, TEXT)


def density(at: Floats, low: float, high: float, columns: int, levels: int) -> list[int]:
    """How many of the places lie in each column between low and high, as 0 (none) to levels - 1 (the most).

    at: (rows,), those outside do not count. The steps are of the square root, so that a few rows beside many show.
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


def _put_words(canvas: Canvas, area: PlotArea, row: int, words: str) -> None:
    canvas.put(area.left + max((area.width - len(words)) // 2, 0), row, words[: area.width], TEXT)
