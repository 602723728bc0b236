"""A list of which one line is highlighted, for dialogs that search: the keys belong to the field beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.events import Click
from textual.message import Message

from .lines import Line, Lines, fit


@dataclass(frozen=True)
class Entry:
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
        self._entries: Sequence[Entry] = ()
        self._at = 0

    def show_entries(self, entries: Sequence[Entry], at: int) -> None:
        """Show these lines, one of them highlighted."""
        self._entries, self._at = entries, at
        self.relayout()

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """The lines that are in view."""
        first = self._first(height)
        return [self._line(number, width) for number in range(first, min(first + height, len(self._entries)))]

    def on_click(self, event: Click) -> None:
        """Say which line is under the pointer."""
        place = event.get_content_offset(self)
        if place is not None and (at := self._first(self.size.height) + place.y) < len(self._entries):
            self.post_message(self.Clicked(at))

    def _first(self, height: int) -> int:
        return min(max(self._at - height // 2, 0), max(len(self._entries) - height, 0))

    def _line(self, number: int, width: int) -> Line:
        entry = self._entries[number]
        if number == self._at:
            return [("selected", fit(f"▸{entry.text}", width))]
        return [("muted" if entry.dimmed else "text", fit(f" {entry.text}", width))]
