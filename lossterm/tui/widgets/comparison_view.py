"""The conclusion of a comparison and its table, in as many rows as there are: columns go before scores do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len
from rich.style import Style
from textual.binding import Binding
from textual.events import Click, MouseScrollDown
from textual.message import Message

from ...chart.glyphs import glyphs
from ...text import wrap
from ..comparison import Comparison, ComparisonRow
from .lines import Line, Lines, Piece, fit
from .palette import sixteen_colors, slot_style

_GAP = 2
_FIRST_LINES = 2
"""So much of the conclusion is there before the chart has the room that it should have."""
_MOST_NOTES = 2
_ROOMY = 12
"""From so many lines on notes may take _MOST_NOTES of them, else one."""
_MOST_SIDES = 4
_WITH_SPREAD = 3
"""So many of the forms of the table, the richest, say the spread over seeds as well as when the best was reached."""
_DEEP = 5
"""A table of more rows than this has some beside the others, where there is room."""
_MORE = "w: all of it"


@dataclass(frozen=True)
class _Field:
    """A column of the table: its heading, its cells, and whether they stand to the right."""

    heading: str
    cells: tuple[str, ...]
    right: bool = False

    @property
    def width(self) -> int:
        """In cells."""
        return max(cell_len(text) for text in (self.heading, *self.cells))


@dataclass(frozen=True)
class Room:
    """What there is for a comparison.

    Attributes:
        width: In cells.
        most: How many lines it may take, for every score to be there.
        moderate: How many lines it may take for a long conclusion or for notes.
    """

    width: int
    most: int
    moderate: int


class ComparisonView(Lines):
    """Shows a comparison; what cannot be shown is said to be there, and a click, the wheel or Enter shows it whole.

    It takes the focus only where there is more to show.
    """

    BINDINGS = [Binding("enter,down,pagedown,j", "read_all", "read all of it", show=False)]

    class WholeRequested(Message):
        """A person wants to read all of it."""

    class RowClicked(Message):
        """A row of the table was clicked."""

        def __init__(self, label: str) -> None:
            super().__init__()
            self.label = label

    def __init__(self, ascii_only: bool) -> None:
        super().__init__(id="comparison", classes="-empty")
        self._comparison = Comparison()
        self._ascii = ascii_only
        self._height = 0
        self._room = Room(0, 0, 0)
        self._laid_out = PlacedLines(())
        self._laid_out_at = 0

    def show_comparison(self, comparison: Comparison, room: Room) -> None:
        """Show this from now on; without rows the view takes no room."""
        self._comparison, self._room = comparison, room
        self._laid_out_at = 0
        shown = self._layout(room.width) if comparison.rows and room.width else PlacedLines(())
        self.can_focus = not shown.is_whole
        height = len(shown.lines)
        if height != self._height:  # setting the same one would lay the screen out again
            self._height = height
            self.set_class(not height, "-empty")
            self.styles.height = height
        self.relayout()

    def compose_lines(self, width: int, height: int) -> Sequence[Line]:
        """The lines at this size."""
        return self._layout(width).lines

    def _layout(self, width: int) -> PlacedLines:
        """The layout at a width: worked out once, for it is asked for more than once an update."""
        if width != self._laid_out_at:
            self._laid_out_at = width
            self._laid_out = layout(self._comparison, replace(self._room, width=width), self._ascii)
        return self._laid_out

    def watch_has_focus(self, _focus: bool) -> None:
        """Show where the keys go."""
        self.relayout()

    def action_read_all(self) -> None:
        """Show all of it."""
        self.post_message(self.WholeRequested())

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Show all of it, where there is more."""
        if self.can_focus:
            event.stop()
            self.action_read_all()

    def role_style(self, role: str) -> Style:
        """The style of a role; "slot 3" is that of a curve."""
        kind, _, number = role.partition(" ")
        if kind != "slot":
            return super().role_style("selected" if role == "title" and self.has_focus else role)
        background = self.background_colors[1]
        return slot_style(int(number), background, ansi=sixteen_colors(self.app))

    def on_click(self, event: Click) -> None:
        """Isolate the curve whose row is under the pointer; elsewhere show all of it."""
        event.stop()
        place = event.get_content_offset(self)
        label = self._layout(self.size.width).label_at(place.x, place.y) if place is not None else None
        self.post_message(self.WholeRequested() if label is None else self.RowClicked(label))


@dataclass(frozen=True)
class PlacedLines:
    """A comparison as lines.

    Attributes:
        lines: The lines.
        places: Where each row of the table stands: line, first column, column after the last, label.
        is_whole: Whether nothing is left out.
    """

    lines: tuple[Line, ...]
    places: tuple[tuple[int, int, int, str], ...] = ()
    is_whole: bool = True

    def label_at(self, x: int, y: int) -> str | None:
        """The label of the row in a cell, or None."""
        return next((label for line, first, end, label in self.places if line == y and first <= x < end), None)

    def moved(self, columns: int, lines: int) -> PlacedLines:
        """The same further right, with other lines above it."""
        placed = tuple((y + lines, first + columns, end + columns, label) for y, first, end, label in self.places)
        return PlacedLines(tuple([("text", " " * columns), *line] for line in self.lines), placed, self.is_whole)


def layout(comparison: Comparison, room: Room, ascii_only: bool = False) -> PlacedLines:
    """Lay a comparison out: the conclusion, the table, then the notes.

    The table has as many columns as fit, in as few lines as leave no row out; every curve keeps its score. Where there
    is no room notes go first, then the end of the conclusion, with a word on where to read it.

    Args:
        comparison: What is said.
        room: What there is for it.
        ascii_only: Whether glyphs are those of plain terminals.
    """
    most, inner = room.most, max(room.width - 1, 1)
    conclusion = wrap(comparison.conclusion, inner) if comparison.conclusion else []
    first = min(len(conclusion), _FIRST_LINES, max(most // 2, 1))
    heights = [room.moderate - kept for kept in range(len(conclusion), first, -1)]
    for height in (*heights, room.moderate - first, most - first):
        table = _table(comparison, inner, max(height, 1), ascii_only)
        if table.is_whole:
            break
    shown = _cut(conclusion, max(room.moderate - len(table.lines), min(first, most - len(table.lines))), inner)
    table = table.moved(1, len(shown))
    lines: list[Line] = [*([("title", f" {line}")] for line in shown), *table.lines]
    notes = wrap(comparison.notes, inner) if comparison.notes else []
    left = min(room.moderate - len(lines), _MOST_NOTES if most >= _ROOMY else 1)
    shown_notes = _cut(notes, left, inner)
    lines += [[("note", f" {line}")] for line in shown_notes]
    is_whole = table.is_whole and (shown, shown_notes) == (conclusion, notes)
    return PlacedLines(tuple(lines[:most]), table.places, is_whole)


def whole_text(comparison: Comparison, ascii_only: bool) -> str:
    """All of a comparison as plain text, to read and scroll."""
    table = _table(comparison, 1000, len(comparison.rows) + 1, ascii_only)
    rows = ["".join(words for _, words in line).rstrip() for line in table.lines]
    return "\n".join(filter(None, [comparison.conclusion, "", *rows, "", *comparison.notes.split(" · ")]))


def _cut(lines: Sequence[str], most: int, width: int) -> list[str]:
    """The first lines; where some are left out the last one says how to read them."""
    if len(lines) <= most:
        return list(lines)
    if most < 1:
        return []
    last = lines[most - 1][: max(width - len(_MORE) - 2, 0)].rstrip()
    return [*lines[: most - 1], f"{last}… {_MORE}"]


# -- the table ------------------------------------------------------------------------------------------------


def _table(comparison: Comparison, width: int, most: int, ascii_only: bool) -> PlacedLines:
    """The rows of the table side by side, in the richest form that leaves no row out."""
    count = len(comparison.rows)
    fields, sides = _form(list(_choices(comparison, ascii_only)), count, width, most)
    deep, one = _deep(count, sides), _wide(fields, 1)
    lines: list[Line] = [_headings(fields, _deep(count, deep))] if _has_headings(fields) else []
    first = len(lines)
    lines += [[]] * deep
    places = []
    for at, row in enumerate(comparison.rows):
        side, line = divmod(at, deep)
        gap: list[Piece] = [("text", " " * _GAP)] if side else []
        lines[first + line] = [*lines[first + line], *gap, *_cells(row, fields, at, ascii_only)]
        places.append((first + line, side * (one + _GAP), side * (one + _GAP) + one, row.label))
    if len(lines) > most > 0:
        left_out = sum(place[0] >= most - 1 for place in places)
        lines = [*lines[: most - 1], [("muted", f"… {left_out} more, {_MORE}")]]
        places = [place for place in places if place[0] < most - 1]
        return PlacedLines(tuple(lines), tuple(places), is_whole=False)
    return PlacedLines(tuple(lines), tuple(places))


def _form(choices: Sequence[Sequence[_Field]], count: int, width: int, most: int) -> tuple[Sequence[_Field], int]:
    """The columns, and how many rows stand side by side: the richest that leave no row out, at a moderate depth."""
    wanted = min(max(_deep(count, _DEEP), 1), _MOST_SIDES)
    forms = [
        (fields, max((n for n in range(1, _MOST_SIDES + 1) if _wide(fields, n) <= width), default=1))
        for fields in choices
    ]
    whole = [form for form in forms if _has_headings(form[0]) + _deep(count, form[1]) <= most]
    if not whole:
        return min(forms, key=lambda form: _deep(count, form[1]))
    moderate = [form for form in whole if form in forms[:_WITH_SPREAD] and _deep(count, form[1]) <= _DEEP]
    fields, sides = (moderate or whole)[0]
    fewest = _deep(count, max(most - _has_headings(fields), 1))
    return fields, min(max(wanted, fewest), sides)


def _has_headings(fields: Sequence[_Field]) -> bool:
    return any(each.heading for each in fields)


def _deep(count: int, sides: int) -> int:
    """How many lines so many rows take side by side."""
    return -(-count // sides)


def _choices(comparison: Comparison, ascii_only: bool) -> Iterator[list[_Field]]:
    """The columns of the table, from all of them to the least."""
    rows = comparison.rows
    signs = glyphs(ascii_only)
    names = _Field("", tuple(f"{signs.mark(row.slot, row.variant)} {row.label}" for row in rows))
    figures = _Field(comparison.metric, tuple(row.figures for row in rows), right=True)
    brief = _Field("", tuple(_brief(row.figures) for row in rows), right=True)
    means = _Field("", tuple(row.figures.split(" ± ")[0] for row in rows), right=True)
    differences = _Field("to best", tuple(row.difference for row in rows), right=True)
    reached = _Field(comparison.reach, tuple(row.reached for row in rows), right=True)
    value = _Field(f"ep {comparison.crosshair}", tuple(row.value for row in rows), right=True)
    if comparison.crosshair is not None:
        choices = [[figures, differences, reached, value], [figures, value], [brief, value], [means, value], [value]]
    else:
        choices = [[figures, differences, reached], [brief, differences, reached], [brief, reached], [means, reached]]
        choices += [[brief], [means]]
    for fields in choices:
        yield [names, *(one for one in fields if any(one.cells))]


def _brief(figures: str) -> str:
    """Figures in fewer cells: as "0.837±.003"."""
    mean, sign, sd = figures.partition(" ± ")
    return f"{mean}±{sd.removeprefix('0') if sd.startswith('0.') else sd}" if sign else mean


def _wide(fields: Sequence[_Field], sides: int) -> int:
    one = sum(each.width for each in fields) + len(fields) - 1
    return one * sides + _GAP * (sides - 1)


def _headings(fields: Sequence[_Field], sides: int) -> Line:
    one = " ".join(fit(each.heading, each.width, each.right) for each in fields)
    return [("muted", (" " * _GAP).join([one] * sides))]


def _cells(row: ComparisonRow, fields: Sequence[_Field], at: int, ascii_only: bool) -> list[Piece]:
    """A row of the table: its name in the colour of its curve, then its figures."""
    name, *others = fields
    role = "muted" if row.dim else "value" if row.highlighted else "text"
    mark = glyphs(ascii_only).mark(row.slot, row.variant)
    label = fit(f" {row.label}", name.width - len(mark))
    pieces: list[Piece] = [("muted" if row.dim else f"slot {row.slot}", mark), (role, label)]
    return [*pieces, *((role, " " + fit(each.cells[at], each.width, each.right)) for each in others)]
