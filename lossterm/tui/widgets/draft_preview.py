"""What would be trained, shown while there is no run: its loss as a function, its data, and what to press."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical

from ...catalog import LOSSES
from ...chart import Frame
from ...chart.frame import Canvas
from ...chart.glyphs import glyphs
from ...chart.styles import AXIS
from ...config import RunConfig
from ...model_view import Panel, data_frame, loss_shape_frame
from ...runs.snapshots import Sample
from ...text import wrap
from .frame_view import FrameView
from .lines import Line, Lines
from .palette import sixteen_colors

_LEAST_PICTURE = 5
_GAP = 3
_MENU_WIDTH = 34
"""What stands beside it at most."""
_ROOMY = 28
"""From so many rows of the terminal on there is room for what a loss does, and for a second note."""


@dataclass(frozen=True)
class Step:
    """Something to do next: the key, what it does, and what that costs."""

    key: str
    words: str
    cost: str = ""


@dataclass(frozen=True)
class Preview:
    """What the widget shows.

    Attributes:
        config: What Enter would train; None where that cannot be trained.
        notes: What is wrong with it, why something else changed with the last choice, what to know of the pairing.
        summary: What the loss does, in a sentence; left out on low terminals.
        sample: Rows of its dataset; None while they are not known.
        steps: What to do next.
    """

    config: RunConfig | None = None
    notes: tuple[str, ...] = ()
    summary: str = ""
    sample: Sample | None = None
    steps: tuple[Step, ...] = ()


class DraftPreview(Vertical):
    """The pictures above, then the notes, then the steps."""

    def __init__(self, ascii_only: bool) -> None:
        super().__init__(id="preview")
        self._pictures = PreviewPictures(ascii_only)
        self._lines = PreviewLines()

    def compose(self) -> ComposeResult:
        """The pictures take what the lines leave."""
        yield self._pictures
        yield self._lines

    def show(self, preview: Preview) -> None:
        """Show this from now on."""
        self._pictures.show(preview)
        self._lines.show_preview(preview)

    def title(self, preview: Preview) -> str:
        """What stands above it, at its present width."""
        if preview.config is None:
            return "these settings cannot be trained"
        loss = preview.config.loss_entry
        words = f"{{}} on {preview.config.dataset}: what enter trains"
        long = words.format(loss.title)
        return long if len(long) + 4 <= self.app.size.width - _MENU_WIDTH else words.format(loss.short)


class PreviewPictures(FrameView):
    """The loss by what the network gives, and the rows that it is to learn."""

    def __init__(self, ascii_only: bool) -> None:
        super().__init__(id="preview-pictures")
        self._ascii = ascii_only
        self._preview = Preview()

    def show(self, preview: Preview) -> None:
        """Show this from now on."""
        if preview != self._preview:
            self._preview = preview
            self.draw()

    def paint_frame(self) -> Frame:
        """Both pictures side by side."""
        width, height = self.content_size
        canvas = Canvas(width, height)
        config = self._preview.config
        if config is None or height < _LEAST_PICTURE:
            return canvas.frame()
        slot = LOSSES.index(config.loss_entry) if config.loss_entry in LOSSES else len(LOSSES)
        left = max((width - _GAP) // 2, 0)
        panel = Panel(config.loss_as_typed, config, slot)
        plain = bool(self.app.no_color) or sixteen_colors(self.app)
        right = max(width - left - _GAP, 0)
        canvas.put_frame(0, 0, loss_shape_frame([panel], left, height, self._ascii, curves_only=True))
        canvas.put_frame(
            left + _GAP, 0, data_frame(config, self._preview.sample, slot, right, height, self._ascii, plain)
        )
        for row in range(height):
            canvas.put(left + 1, row, glyphs(self._ascii).vertical, AXIS)
        return canvas.frame()


class PreviewLines(Lines):
    """The notes, and a line a step: its key, what it does, what it costs."""

    def __init__(self) -> None:
        super().__init__(id="preview-lines")
        self._preview = Preview()

    def show_preview(self, preview: Preview) -> None:
        """Show this from now on."""
        self._preview = preview
        self._fit()
        self.relayout()

    def on_resize(self) -> None:
        """Wrap the notes anew."""
        self._fit()
        super().on_resize()

    def _fit(self) -> None:
        height = len(self.compose_lines(self.size.width, 0))
        if height != self.size.height:  # setting the same one would lay the screen out again
            self.styles.height = height

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """The notes in at most two rows each, then the steps with their costs in a column."""
        if not width:
            return []
        roomy = self.screen.size.height >= _ROOMY
        told = [("muted", self._preview.summary)] if self._preview.summary and roomy else []
        told += [("note", note) for note in self._preview.notes[: 2 if roomy else 1]]
        above: list[Line] = [[(role, f" {row}")] for role, text in told for row in wrap(text, width - 1)[:2]]
        return [*above, *self._steps(self._preview.steps, width)]

    def _steps(self, steps: Sequence[Step], width: int) -> list[Line]:
        keys = max((len(step.key) for step in steps), default=0) + 1
        words = max((len(step.words) for step in steps), default=0) + 2
        lines: list[Line] = []
        for step in steps:
            gap = words if keys + 1 + words + len(step.cost) <= width else len(step.words) + 1
            lines.append(
                [("key", f" {step.key:<{keys}}"), ("text", f"{step.words:<{gap}}"), ("muted", step.cost)],
            )
        return lines
