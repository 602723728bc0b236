"""A list of which one line is highlighted, for dialogs that search: the keys belong to the field beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.binding import Binding
from textual.events import Click
from textual.message import Message

from .lines import Line, Lines, fit

LIST_KEYS = (
    Binding("up", "move(-1)", "previous", priority=True, show=False),
    Binding("down", "move(1)", "next", priority=True, show=False),
    Binding("pageup", "move(-10)", "earlier", priority=True, show=False),
    Binding("pagedown", "move(10)", "later", priority=True, show=False),
)
"""The keys of a dialog with such a list; its `action_move` highlights another line."""
_FEWEST_ROWS = 4


@dataclass(frozen=True)
class Choice:
    """One line of the list. dimmed: whether it is there to be seen, but leads nowhere at present."""

    text: str
    dimmed: bool = False


class ChoiceList(Lines):
    """The lines around the highlighted one."""

    class Clicked(Message):
        """A line was clicked on."""

        def __init__(self, at: int) -> None:
            super().__init__()
            self.at = at

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._choices: Sequence[Choice] = ()
        self._at = 0

    def show_choices(self, choices: Sequence[Choice], at: int) -> None:
        """Show these lines, one of them highlighted."""
        self._choices, self._at = choices, at
        self.relayout()

    def limit_rows(self, most: int, others: int) -> None:
        """Be as high as the screen allows.

        Args:
            most: rows of the list, at most.
            others: rows of the screen that the list leaves to what is beside it.
        """
        self.styles.height = min(most, max(self.app.size.height - others, _FEWEST_ROWS))

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """The lines that are in view."""
        first = self._first(height)
        return [self._line(number, width) for number in range(first, min(first + height, len(self._choices)))]

    def on_click(self, event: Click) -> None:
        """Say which line is under the pointer."""
        place = event.get_content_offset(self)
        if place is not None and (at := self._first(self.size.height) + place.y) < len(self._choices):
            self.post_message(self.Clicked(at))

    def _first(self, height: int) -> int:
        return min(max(self._at - height // 2, 0), max(len(self._choices) - height, 0))

    def _line(self, number: int, width: int) -> Line:
        choice = self._choices[number]
        if number == self._at:
            return [("selected", fit(f"▸{choice.text}", width))]
        return [("muted" if choice.dimmed else "text", fit(f" {choice.text}", width))]
