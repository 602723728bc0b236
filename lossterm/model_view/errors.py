"""Where a network is wrong: the confusion matrix of a classification, and the rows that it is most wrong on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..chart.frame import Canvas, Frame
from ..chart.glyphs import cell_text
from ..chart.styles import TEXT, TICK_LABEL, TITLE, series_style
from ..chart.ticks import short_text
from ..config import RunConfig
from ..runs.snapshots import Sample, Weights
from .confusion import Confusion, put_confusion
from .network import predict
from .panels import Box, Panel, arrange, class_names, in_own_unit, put_left_out, put_message, put_title

Floats = NDArray[np.float64]

MOST_ROWS = 12
"""Rows that are listed."""
_FEWEST = 3
"""Rows that a list needs room for, its heading counted."""
_VALUE = 7
_LONGEST_NAME = 12


def errors_frame(
    panels: Sequence[Panel],
    width: int,
    height: int,
    ascii: bool = False,  # noqa: A002
) -> Frame:
    """Draw where the network of each run is wrong, on the rows of its sample that are not trained on.

    Args:
        panels: the runs.
        width: of the picture in cells, at least 0.
        height: of the picture in cells, at least 0.
        ascii: whether to draw with nothing but ASCII.

    Returns:
        A frame of exactly that size, with style ids of `model_view.styles`.
    """
    canvas = Canvas(width, height)
    boxes = arrange(len(panels), width, height)
    for panel, box in zip(panels, boxes, strict=False):
        put_title(canvas, box, panel, ascii, _rows_words(panel))
        if panel.weights is None or panel.sample is None:
            put_message(canvas, box, panel.message, ascii)
            continue
        body = Box(box.x, box.y + 1, box.width, box.height - 1)
        _draw(canvas, body, panel, _Measured.of(panel.config, panel.weights, panel.sample), ascii)
    put_left_out(canvas, len(panels), len(boxes), ascii)
    return canvas.frame()


def _rows_words(panel: Panel) -> str:
    """Which rows are looked at."""
    if panel.sample is None:
        return ""
    rows, all_rows = len(panel.sample.test_x), panel.config.validation_rows
    some = f"{rows:,}" if rows == all_rows else f"{rows:,} of {all_rows:,}"
    return f"{some} {panel.config.measured_set} rows"


@dataclass(frozen=True, eq=False)
class _Measured:
    """A network on the rows of a sample that are not trained on.

    Attributes:
        x: (rows, features) as the network takes them.
        true, given: (rows,) the class numbers, or the targets and predictions in their own unit; a class is -1 where
            the outputs are not finite.
        wrong: (rows,) how wrong each row is.
    """

    x: Floats
    true: Floats
    given: Floats
    wrong: Floats

    @classmethod
    def of(cls, config: RunConfig, weights: Weights, sample: Sample) -> _Measured:
        layer = config.output_layer
        outputs = predict(weights.layers, sample.test_x, layer, config.activation).astype(np.float64)
        x, targets = sample.test_x.astype(np.float64), sample.test_y.astype(np.float64)
        if not config.task.has_classes:
            true, given = in_own_unit(config, targets[:, 0]), in_own_unit(config, outputs[:, 0])
            with np.errstate(invalid="ignore"):
                return cls(x, true, given, np.abs(given - true))
        numbers, decided = layer.classes_of(targets), layer.decide(outputs)[0]
        with np.errstate(invalid="ignore"):
            if layer.units == 1:
                wrong = np.abs(outputs - targets)[:, 0]
            else:
                own = np.equal(numbers[:, None], np.arange(layer.units))
                wrong = np.where(own, -np.inf, outputs).max(axis=1) - outputs[own]
        return cls(x, numbers.astype(np.float64), decided.astype(np.float64), wrong)

    @property
    def most_wrong(self) -> NDArray[np.int64]:
        """All rows, the most wrong first."""
        order = np.argsort(-np.where(np.isfinite(self.wrong), self.wrong, np.inf), kind="stable")
        return np.asarray(order, np.int64)


def _draw(canvas: Canvas, body: Box, panel: Panel, found: _Measured, ascii: bool) -> None:  # noqa: A002
    rows = found.most_wrong
    top = body.y
    if panel.config.task.has_classes:
        rows = rows[found.true[rows] != found.given[rows]]
        names = class_names(panel.config)
        confusion = Confusion.of(found.true.astype(np.int64), found.given.astype(np.int64), names)
        top += put_confusion(canvas, body, confusion, ascii) + 1
    left = body.y + body.height - top
    if left < _FEWEST:
        return
    _put_rows(canvas, Box(body.x, top, body.width, left), panel, found, rows[: min(MOST_ROWS, left - 1)], ascii)


def _put_rows(
    canvas: Canvas,
    box: Box,
    panel: Panel,
    found: _Measured,
    rows: NDArray[np.int64],
    ascii: bool,  # noqa: A002
) -> None:
    """List rows: what is true, what the network says, and their values."""
    if not len(rows):
        canvas.put(box.x, box.y, "no row is wrong"[: box.width], TEXT)
        return
    config = panel.config
    names = class_names(config) if config.task.has_classes else ()
    cells = [(_answer(found.true[row], names), _answer(found.given[row], names)) for row in rows]
    wide = max(len("network"), *(len(word) for pair in cells for word in pair))
    shown = max((box.width - 2 * (wide + 1)) // (_VALUE + 1), 0)
    heads = _heads(panel, found.x.shape[1])[:shown]
    titles = " ".join(cell_text(head, ascii)[:_VALUE].rjust(_VALUE) for head in heads)
    canvas.put(box.x, box.y, f"{'true'.rjust(wide)} {'network'.rjust(wide)} {titles}"[: box.width], TITLE)
    for place, (row, (true, given)) in enumerate(zip(rows, cells, strict=True), 1):
        answers = f"{cell_text(true, ascii).rjust(wide)} {cell_text(given, ascii).rjust(wide)}"
        canvas.put(box.x, box.y + place, answers[: box.width], series_style(panel.slot))
        words = _words(panel, found.x[row])[: len(heads)]
        values = " ".join(cell_text(word, ascii)[:_VALUE].rjust(_VALUE) for word in words)
        canvas.put(box.x + len(answers) + 1, box.y + place, values[: max(box.width - len(answers) - 1, 0)], TICK_LABEL)


def _heads(panel: Panel, features: int) -> list[str]:
    """The names of a row's columns; of its features where the columns are not known."""
    return [column.name for column in panel.file_columns] or [f"x{number + 1}" for number in range(features)]


def _words(panel: Panel, x: Floats) -> list[str]:
    """What a row has in each of its columns, as the file has it; else its features, as they are trained on."""
    return [column.word(x.tolist()) for column in panel.file_columns] or [_short(value) for value in x]


def _answer(value: float, names: Sequence[str]) -> str:
    if not names:
        return short_text(value)
    return names[int(value)][:_LONGEST_NAME] if value >= 0 else "none"


def _short(value: float) -> str:
    """A feature in at most _VALUE cells."""
    return f"{value:.3f}" if abs(value) < 100 else f"{value:.3g}"
