"""The rows above the plot: what is measured, which curve is which, and the values under the crosshair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .curve import Curve
from .glyphs import Glyphs, plain
from .ink import FULL, SLOTS, TEXT, TITLE, ink
from .series import Plot, View
from .ticks import epoch_label, value_text

_VALUE_WIDTH = 9
_BETWEEN = 3


@dataclass(frozen=True)
class Piece:
    """A text at a place of the header, in one ink."""

    x: int
    row: int
    text: str
    ink: int


def header(
    plot: Plot, view: View, curves: Sequence[Curve], glyphs: Glyphs, width: int, most: int
) -> tuple[list[Piece], int]:
    """Lay out the header in at most `most` rows of `width` cells.

    Returns the pieces and the number of rows used. The same series in the same view take the same places, whatever
    their values.
    """
    if most < 1 or width < 1:
        return [], 0
    flow = _Flow(width, most)
    badges = _badges(view, glyphs)
    if len(badges) <= width // 2:
        flow.reserve(badges)
    title = plain(plot.y_label, view.ascii)
    if title:
        flow.add([(title[: max(width - 1, 0)], TITLE)])
    reading = view.crosshair is not None
    if reading:
        flow.add([(f"{plain(plot.x_label, view.ascii)} {epoch_label(view.crosshair or 0)}".ljust(10), TITLE)])
    if view.legend or reading:
        entries = [_entry(each, view, glyphs, mark=several(curves)) for each in curves]
        flow.add_all(entries, glyphs.ellipsis)
    return flow.pieces, flow.rows


def several(curves: Sequence[Curve]) -> bool:
    """Whether the curves belong to more than one slot, and so need their markers."""
    return len({each.series.slot for each in curves}) > 1


def _badges(view: View, glyphs: Glyphs) -> str:
    parts = []
    if view.log:
        parts.append("log")
    if view.smoothing > 0:
        parts.append(f"smooth {view.smoothing:.2f}")
    if view.window is not None:
        parts.append(f"zoom {epoch_label(round(view.window[0]))}-{epoch_label(round(view.window[1]))}")
    return f" {glyphs.separator} ".join(parts)


def _entry(curve: Curve, view: View, glyphs: Glyphs, mark: bool) -> list[tuple[str, int]]:
    series = curve.series
    body = glyphs.dots if series.style == "dotted" else glyphs.line
    glyph = glyphs.markers[series.slot % SLOTS]
    if not glyphs.braille and series.style == "solid":
        body = glyph
    sample = body + (glyph if mark else body) + body
    pieces = [(sample, curve.ink), (" " + plain(series.label, view.ascii), TEXT)]
    if view.crosshair is not None:
        pieces.append((" " + _value_at(curve, view.crosshair).ljust(_VALUE_WIDTH), ink(series.slot, FULL)))
    return pieces


def _value_at(curve: Curve, epoch: float) -> str:
    """The series' own value, not smoothed, at the epoch nearest to the one asked for; a dash where it has none."""
    xs, ys = curve.track.values(curve.series)
    if not len(xs):
        return "-"
    at = int(np.argmin(np.abs(xs - epoch))) if len(xs) < 1000 else _nearest(xs, epoch)
    return value_text(float(ys[at])) if abs(float(xs[at]) - epoch) <= 0.5 else "-"


def _nearest(xs: np.ndarray[tuple[int], np.dtype[np.float64]], epoch: float) -> int:
    right = min(int(np.searchsorted(xs, epoch)), len(xs) - 1)
    left = max(right - 1, 0)
    return left if abs(xs[left] - epoch) <= abs(xs[right] - epoch) else right


class _Flow:
    """Puts entries beside and below one another, like words in a paragraph."""

    def __init__(self, width: int, most: int) -> None:
        self._width, self._most = width, most
        self._x, self._row = 0, 0
        self._reserved = 0
        self.pieces: list[Piece] = []

    @property
    def rows(self) -> int:
        """How many rows are used."""
        return self._row + 1 if self.pieces else 0

    def reserve(self, text: str) -> None:
        """Put a text at the right end of the first row."""
        if text:
            self._reserved = len(text) + 2
            self.pieces.append(Piece(self._width - len(text), 0, text, TEXT))

    def add(self, parts: Sequence[tuple[str, int]]) -> bool:
        """Put an entry in the next place that is wide enough; say whether there was one."""
        length = sum(len(text) for text, _ in parts)
        row, x = self._row, self._x
        if x > 0 and x + length > self._room(row):
            row, x = row + 1, 0
        if row >= self._most:
            return False
        for text, number in parts:
            self.pieces.append(Piece(x, row, text, number))
            x += len(text)
        self._row, self._x = row, x + _BETWEEN
        return True

    def add_all(self, entries: Sequence[Sequence[tuple[str, int]]], ellipsis: str) -> None:
        """Put all entries, or as many as fit and how many more there are."""
        for number, entry in enumerate(entries):
            if not self.add(entry):
                rest = f"{ellipsis}+{len(entries) - number}"
                self.pieces.append(Piece(max(self._width - len(rest), 0), self._most - 1, rest, TEXT))
                return

    def _room(self, row: int) -> int:
        return self._width - (self._reserved if row == 0 else 0)
