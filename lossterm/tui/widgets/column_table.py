"""The columns of a data file as a table: a line each, with its role and its values in the first rows."""

from __future__ import annotations

from textual.binding import Binding
from textual.events import Click
from textual.message import Message

from ...formatting import MISSING
from ..data_columns import ColumnRoles, FoundColumn
from .lines import Line, Lines, fit

_MARKS = {"target": "●", "left out": "×", "split": "s", "group": "g"}
_TYPE, _ROLE, _VALUE = 13, 9, 10
_WIDE = 92
"""From so many cells on the names are longer, and how many different values a column has stands beside its gaps."""


class ColumnTable(Lines, can_focus=True):
    """A heading and a line a column, one of them highlighted; left and right go through the first rows."""

    BINDINGS = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "move(-10)", show=False),
        Binding("pagedown", "move(10)", show=False),
        Binding("home", "move(-100000)", show=False),
        Binding("end", "move(100000)", show=False),
        Binding("left", "move_rows(-1)", show=False),
        Binding("right", "move_rows(1)", show=False),
    ]

    class Moved(Message):
        """Another column is highlighted."""

    def __init__(self, roles: ColumnRoles) -> None:
        super().__init__(id="columns")
        self._roles = roles
        names = [column.name for column in roles.columns]
        self._at = names.index(roles.target) if roles.target in names else 0
        self._row = 0

    @property
    def highlighted(self) -> FoundColumn:
        """The column that keys are about."""
        return self._roles.columns[self._at]

    def show_roles(self, roles: ColumnRoles) -> None:
        """Show what is chosen now."""
        self._roles = roles
        self.relayout()

    def action_move(self, step: int) -> None:
        """Highlight another column."""
        self._at = min(max(self._at + step, 0), len(self._roles.columns) - 1)
        self.relayout()
        self.post_message(self.Moved())

    def action_move_rows(self, step: int) -> None:
        """Show other rows."""
        most = max((len(column.first) for column in self._roles.columns), default=1) - 1
        self._row = min(max(self._row + step, 0), most)
        self.relayout()

    def on_click(self, event: Click) -> None:
        """Highlight the column under the pointer."""
        place = event.get_content_offset(self)
        if place is not None and place.y > 0:
            self.action_move(self._first(self.size.height - 1) + place.y - 1 - self._at)

    def watch_has_focus(self, _focus: bool) -> None:
        """Show where the arrows go."""
        self.relayout()

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """The heading, and the columns around the highlighted one."""
        rows = height - 1
        first = self._first(rows)
        shown = range(first, min(first + rows, len(self._roles.columns)))
        return [[("muted", self._heading(width))], *(self._line(number, width) for number in shown)]

    def _first(self, rows: int) -> int:
        return min(max(self._at - rows // 2, 0), max(len(self._roles.columns) - rows, 0))

    def _heading(self, width: int) -> str:
        values = [f"row {self._row + number + 1}" for number in range(self._values(width))]
        return fit(self._cells(width, " ", "column", "type", "gaps", "values", "role", values), width)

    def _line(self, number: int, width: int) -> Line:
        column = self._roles.columns[number]
        role = self._roles.role(column)
        first = column.first[self._row :][: self._values(width)]
        values = [MISSING if value is None else value for value in first]
        gaps = f"{column.missing:,}" if column.missing else MISSING
        text = self._cells(
            width, _MARKS.get(role, " "), column.name, column.type, gaps, f"{column.distinct:,}", role, values
        )
        if number == self._at:
            return [("selected" if self.has_focus else "active", fit(text, width))]
        return [("muted" if role == "left out" else "value" if role == "target" else "text", fit(text, width))]

    def _cells(
        self, width: int, mark: str, name: str, kind: str, gaps: str, distinct: str, role: str, values: list[str]
    ) -> str:
        names, counts = _widths(width)
        counted = fit(distinct, counts, right=True) if width >= _WIDE else ""
        head = (
            f"{mark} {fit(name, names)} {fit(kind, _TYPE)}{fit(gaps, counts, right=True)}{counted}  {fit(role, _ROLE)}"
        )
        return head + "".join(f" {fit(value, _VALUE - 1)}" for value in values)

    def _values(self, width: int) -> int:
        """How many of the first rows fit."""
        names, counts = _widths(width)
        taken = 2 + names + 1 + _TYPE + counts + (counts if width >= _WIDE else 0) + 2 + _ROLE
        return max((width - taken) // _VALUE, 0)


def _widths(width: int) -> tuple[int, int]:
    """The cells of a name and of a count."""
    return (22, 10) if width >= _WIDE else (15, 8)
