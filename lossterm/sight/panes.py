"""How several panels share one picture, and the title above each."""

from __future__ import annotations

from dataclasses import dataclass

from ..chart.frame import Canvas
from ..chart.glyphs import cell_text, glyphs
from ..chart.styles import TEXT, series_style
from .panel import Panel

LEAST_WIDTH = 12
LEAST_HEIGHT = 6
_APART = 1


@dataclass(frozen=True)
class Pane:
    """A panel's place: its upper left corner and its size in cells, the title's row included."""

    x: int
    y: int
    width: int
    height: int


def arrange(count: int, width: int, height: int) -> list[Pane]:
    """Places for `count` panels in the rows and columns that make them largest, or for as many as can be seen.

    Each is at least LEAST_WIDTH × LEAST_HEIGHT, but for a single one, which takes what there is.
    """
    for shown in range(count, 1, -1):
        best = max((_grid(shown, columns, width, height) for columns in range(1, shown + 1)), key=_size)
        if best[0].width >= LEAST_WIDTH and best[0].height >= LEAST_HEIGHT:
            return best
    return [Pane(0, 0, max(width, 0), max(height, 0))] if count else []


def _grid(count: int, columns: int, width: int, height: int) -> list[Pane]:
    rows = -(-count // columns)
    wide, high = (width - (columns - 1) * _APART) // columns, height // rows
    return [Pane(i % columns * (wide + _APART), i // columns * high, wide, high) for i in range(count)]


def _size(panes: list[Pane]) -> int:
    """The side of the square that fits into each, in half cells: a cell is twice as high as wide."""
    return min(panes[0].width, 2 * (panes[0].height - 1))


def put_title(canvas: Canvas, pane: Pane, panel: Panel, ascii: bool, more: str = "") -> None:  # noqa: A002
    """Name the run, its epoch and whatever more there is room for, in the first row of its pane."""
    signs = glyphs(ascii)
    name = cell_text(panel.title, ascii)
    canvas.put(pane.x, pane.y, name[: pane.width], series_style(panel.slot))
    if panel.epoch is None:
        return
    rest = f" {signs.separator} epoch {panel.epoch}"
    if len(name) + len(rest) > pane.width:
        rest = f" {panel.epoch}"
    if more and len(name) + len(rest) + len(more) + 3 <= pane.width:
        rest += f" {signs.separator} {more}"
    canvas.put(pane.x + len(name), pane.y, cell_text(rest, ascii)[: max(pane.width - len(name), 0)], TEXT)


def put_words(canvas: Canvas, pane: Pane, words: str, ascii: bool) -> None:  # noqa: A002
    """Words in the middle of a pane, in as many rows as they take."""
    lines, line = [], ""
    for word in cell_text(words, ascii).split():
        if line and len(line) + 1 + len(word) > pane.width:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    lines.append(line)
    top = pane.y + max((pane.height - len(lines)) // 2, 1)
    for number, text in enumerate(lines[: max(pane.height - 1, 0)]):
        canvas.put(pane.x + max((pane.width - len(text)) // 2, 0), top + number, text[: pane.width], TEXT)


def left_out(canvas: Canvas, panels: int, shown: int, ascii: bool) -> None:  # noqa: A002
    """Say in the lower right corner how many panels there was no room for."""
    if panels > shown:
        words = cell_text(f"{panels - shown} more: z shows all", ascii)
        canvas.put(canvas.width - len(words), canvas.height - 1, words, TEXT)
