"""Lines of text that repaint only the cells which changed: the base of every small widget here."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from ...text import printable

Piece = tuple[str, str]
Line = Sequence[Piece]
ROLES = (
    "text",
    "title",
    "key",
    "value",
    "changed",
    "selected",
    "cursor",
    "note",
    "muted",
    "active",
    "good",
    "warning",
    "bad",
)
"""What a piece of text is; the last five are `lossterm.formatting`'s."""


class Lines(Widget):
    """Shows lines, each a sequence of (role, text) pieces; a role is a component class styled in the .tcss file.

    A line longer than the widget is cut; lines beyond its height are not shown.
    """

    COMPONENT_CLASSES = {f"lines--{role}" for role in ROLES}

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._lines: list[Line] = []
        self._strips: list[Strip] = []

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines; only what differs from the ones before is repainted."""
        if list(lines) == self._lines:
            return
        self._lines = list(lines)
        if self.is_attached and self.size.width:
            self._repaint()

    def compose_lines(self, width: int, height: int) -> Sequence[Line] | None:
        """The lines at this size, for widgets whose words depend on it; None to show what `show` was given."""
        return None

    def relayout(self) -> None:
        """Compose again, after the state behind `compose_lines` changed."""
        if self.is_attached and self.size.width:
            self._repaint()

    def on_resize(self) -> None:
        """Compose for the new size."""
        self._strips = []
        self._repaint()

    def notify_style_update(self) -> None:
        """Compose again in the new theme's colours."""
        super().notify_style_update()
        self._strips = []

    def render_line(self, y: int) -> Strip:
        """One painted line."""
        if not self._strips:
            self._strips = self._paint()
        blank = Strip.blank(self.size.width, self.rich_style)
        return self._strips[y] if y < len(self._strips) else blank

    def role_style(self, role: str) -> Style:
        """The style of a role in the present theme."""
        return self.get_component_rich_style(f"lines--{role}")

    def _paint(self) -> list[Strip]:
        width, height = self.size
        lines = self.compose_lines(width, height)
        shown = self._lines if lines is None else lines
        return [self._strip(line, width) for line in list(shown)[:height]]

    def _strip(self, line: Line, width: int) -> Strip:
        segments = [Segment(printable(text), self.role_style(role)) for role, text in line if text]
        return Strip(segments).adjust_cell_length(width, self.rich_style).simplify()

    def _repaint(self) -> None:
        before, self._strips = self._strips, self._paint()
        blank = Strip.blank(self.size.width, self.rich_style)
        for y in range(self.size.height):
            old = before[y] if y < len(before) else blank
            new = self._strips[y] if y < len(self._strips) else blank
            span = changed_span(old, new) if before else (0, self.size.width)
            if span is not None:
                self.refresh(Region(span[0], y, span[1] - span[0], 1))


def changed_span(old: Strip, new: Strip) -> tuple[int, int] | None:
    """The first and one past the last cell in which two strips of one width differ; None where they are equal."""
    if old == new:
        return None
    if old.cell_length != new.cell_length:
        return 0, new.cell_length
    before, after = _cells(old), _cells(new)
    if len(before) != len(after):
        return 0, new.cell_length
    changed = [x for x, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
    return (changed[0], changed[-1] + 1) if changed else None


def _cells(strip: Strip) -> list[tuple[str, Style | None]]:
    cells: list[tuple[str, Style | None]] = []
    for segment in strip:
        for character in segment.text:
            cells.append((character, segment.style))
            cells.extend([("", segment.style)] * (cell_len(character) - 1))
    return cells


def set_title(widget: Widget, title: str) -> None:
    """Give a widget a title, as plain text whoever wrote it; setting the same one would repaint the widget."""
    content = Content(printable(title))
    if widget.border_title != content.markup:
        widget.border_title = content


def fit(text: str, width: int, right: bool = False) -> str:
    """Text in exactly `width` cells, harmless to a terminal: padded, or cut with an ellipsis."""
    text = printable(text)
    cells = len(text) if text.isascii() else cell_len(text)
    if cells > width:
        return set_cell_size(text, max(width - 1, 0)) + "…" if width > 0 else ""
    return " " * (width - cells) + text if right else text + " " * (width - cells)


def bar(share: float, width: int) -> str:
    """A progress bar of `width` cells in eighths of a cell; `share` is from 0 to 1."""
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    full, part = divmod(eighths, 8)
    return ("█" * full + (" ▏▎▍▌▋▊▉"[part] if part else "")).ljust(width, "·")
