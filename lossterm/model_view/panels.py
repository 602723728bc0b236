"""What a view is drawn from, a panel for each run; how several panels share a picture; the title above each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..chart.frame import Canvas
from ..chart.glyphs import cell_text, glyphs
from ..chart.styles import TEXT, series_style
from ..config import RunConfig
from ..runs.file_columns import FileColumn
from ..runs.snapshots import Sample, Weights
from ..text import one_line, wrap
from .loss_curve import LossCurve

MIN_WIDTH = 12
MIN_HEIGHT = 6
_GAP = 1


@dataclass(frozen=True, eq=False)
class Panel:
    """One run at one of its epochs.

    Attributes:
        title: names the run ("#12 bce").
        config: the settings of the run.
        slot: decides on its colour, as in the chart.
        epoch: after which the weights are; 0 is before the first, None if there are none.
        weights: None while they are not there yet.
        sample: some rows of its data; None while they are not there yet.
        file_columns: of a person's own file the columns that the features come from, as far as they are known.
        own_curve: of a person's own loss the loss as a function; None where it is not known.
        message: why there is nothing to draw yet, in a few words.
    """

    title: str
    config: RunConfig
    slot: int = 0
    epoch: int | None = None
    weights: Weights | None = None
    sample: Sample | None = None
    message: str = ""
    own_curve: LossCurve | None = None
    file_columns: tuple[FileColumn, ...] = ()


def class_names(config: RunConfig) -> tuple[str, ...]:
    """The names of the classes of a config's dataset by their numbers: a person's own, or `class 0` and so on."""
    entry = config.dataset_entry
    if entry.file is not None and entry.file.classes:
        return tuple(map(one_line, entry.file.classes))
    return tuple(f"class {number}" for number in range(max(entry.classes, 2)))


def in_own_unit(config: RunConfig, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Targets or predictions of a regression in the unit that a person's own file has them in; others as they are."""
    file = config.data_file
    return values if file is None else values * file.target_scale + file.target_mean


@dataclass(frozen=True)
class Box:
    """A rectangle of cells for a panel or a part of it.

    Attributes:
        x: the column of its upper left corner.
        y: the row of that corner.
        width: in cells.
        height: in cells; that of a whole panel includes the row of its title.
    """

    x: int
    y: int
    width: int
    height: int


def arrange(count: int, width: int, height: int) -> list[Box]:
    """Divide a picture among panels, in the rows and columns that make the panels largest.

    Args:
        count: how many panels there are.
        width: of the picture in cells.
        height: of the picture in cells.

    Returns:
        A box for each panel, or for as many as there is room for. Each is at least MIN_WIDTH × MIN_HEIGHT, but for a
        single one, which takes what there is.
    """
    for shown in range(count, 1, -1):
        best = max((_grid(shown, columns, width, height) for columns in range(1, shown + 1)), key=_size)
        if best[0].width >= MIN_WIDTH and best[0].height >= MIN_HEIGHT:
            return best
    return [Box(0, 0, max(width, 0), max(height, 0))] if count else []


def _grid(count: int, columns: int, width: int, height: int) -> list[Box]:
    rows = -(-count // columns)
    wide, high = (width - (columns - 1) * _GAP) // columns, height // rows
    return [Box(i % columns * (wide + _GAP), i // columns * high, wide, high) for i in range(count)]


def _size(boxes: list[Box]) -> int:
    """The side of the square that fits into each, in half cells: a cell is twice as high as wide."""
    return min(boxes[0].width, 2 * (boxes[0].height - 1))


def put_title(canvas: Canvas, box: Box, panel: Panel, ascii: bool, more: str = "") -> None:  # noqa: A002
    """Name the run and its epoch in the first row of its box.

    Args:
        canvas: to draw on.
        box: of the panel.
        panel: the run.
        ascii: whether to draw with nothing but ASCII.
        more: what else to say where there is room.
    """
    signs = glyphs(ascii)
    name = cell_text(panel.title, ascii)
    canvas.put(box.x, box.y, name[: box.width], series_style(panel.slot))
    if panel.epoch is None:
        return
    epoch = f" {signs.separator} epoch {panel.epoch}"
    forms = [f"{epoch} {signs.separator} {more}"] if more else []
    forms += [epoch, f" {panel.epoch}", ""]  # none is cut: of epoch 30000 that would leave 3000
    rest = next(words for words in forms if len(name) + len(words) <= max(box.width, len(name)))
    canvas.put(box.x + len(name), box.y, cell_text(rest, ascii), TEXT)


def put_message(canvas: Canvas, box: Box, message: str, ascii: bool) -> None:  # noqa: A002
    """Write a message in the middle of a box, in as many rows as it takes."""
    lines = wrap(cell_text(message, ascii), box.width)
    top = box.y + max((box.height - len(lines)) // 2, 1)
    for number, text in enumerate(lines[: max(box.height - 1, 0)]):
        canvas.put(box.x + max((box.width - len(text)) // 2, 0), top + number, text[: box.width], TEXT)


def put_left_out(canvas: Canvas, panels: int, shown: int, ascii: bool) -> int:  # noqa: A002
    """Say in the lower right corner how many panels there was no room for.

    Returns:
        How many columns of that row are left for other words.
    """
    if panels <= shown:
        return canvas.width
    words = cell_text(f"{panels - shown} more: z shows all", ascii)
    canvas.put(canvas.width - len(words), canvas.height - 1, words, TEXT)
    return max(canvas.width - len(words) - 3, 0)
