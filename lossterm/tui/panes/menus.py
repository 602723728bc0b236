"""The menus of losses and of datasets: what is chosen, what fits, and why the rest does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from textual.binding import Binding
from textual.events import Click
from textual.message import Message

from ...catalog import Dataset, brief_refusal
from ..draft import Draft
from ..keymap import DIGITS
from ..widgets.lines import Line, Lines, Piece, fit

_MOST_OF_SCREEN = 0.45
"""So much of the terminal's height the losses take at most; the entries around the chosen one are shown then."""
_DATASET_ROWS = ((36, 7), (28, 5), (0, 3))
"""From so many rows of the terminal on, the menu of datasets shows so many entries."""
_LONGEST_NAME = 14
"""Cells for the name of a dataset; a longer one is cut."""
_SHAPE_CELLS = 14
"""Cells that are left beside it for the mark and the dataset's shape."""


Way = Literal["more", "file"]
WAYS: tuple[tuple[Way, str], ...] = (("more", "+ more …"), ("file", "+ from a file …"))
"""The ways to datasets that the menu has not, and what it says of each."""


class Menu(Lines, can_focus=True):
    """A list with one entry chosen; up and down choose the next one, a click the one under it."""

    BINDINGS = [
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("home,pageup,g", "end(0)", "first", show=False),
        Binding("end,pagedown,G", "end(-1)", "last", show=False),
    ]

    names: Sequence[str] = ()

    class Picked(Message):
        """An entry was chosen."""

        def __init__(self, menu: Menu, name: str) -> None:
            super().__init__()
            self.menu = menu
            self.name = name

        @property
        def control(self) -> Menu:
            """The menu it was chosen in."""
            return self.menu

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._draft = Draft()

    @property
    def more(self) -> int:
        """How many lines follow the entries."""
        return 0

    def on_mount(self) -> None:
        """Take a line an entry, and one for the title."""
        self._fit()

    def on_resize(self) -> None:
        """Take to the terminal's height too."""
        self._fit()
        super().on_resize()

    def _fit(self) -> None:
        height = min(self.count + self.more, self.most_rows) + 1
        if self.styles.height is None or self.styles.height.value != height:
            self.styles.height = height

    @property
    def most_rows(self) -> int:
        """How many lines it takes at most."""
        return max(int(self.app.size.height * _MOST_OF_SCREEN), 9)

    @property
    def count(self) -> int:
        """How many lines there are to scroll through."""
        return len(self.names)

    @property
    def at(self) -> int:
        """The number of the line that has to be in view."""
        return list(self.names).index(self.chosen) if self.chosen in self.names else 0

    @property
    def first(self) -> int:
        """The number of the first line in view."""
        room = max(self.size.height - self.more, 1)
        return min(max(self.at - room // 2, 0), max(self.count - room, 0))

    def show_draft(self, draft: Draft) -> None:
        """Show what is chosen."""
        self._draft = draft
        if self.is_attached:
            self._fit()
        self.relayout()

    @property
    def chosen(self) -> str:
        """The name of the chosen entry."""
        raise NotImplementedError

    def action_move(self, step: int) -> None:
        """Choose the entry `step` further."""
        at = list(self.names).index(self.chosen) + step if self.chosen in self.names else 0
        if 0 <= at < len(self.names):
            self.post_message(self.Picked(self, self.names[at]))

    def action_end(self, at: int) -> None:
        """Choose the first entry (0) or the last one (-1)."""
        self.post_message(self.Picked(self, self.names[at]))

    def on_click(self, event: Click) -> None:
        """Choose the entry under the pointer."""
        place = event.get_content_offset(self)
        if place is None:
            self.click_title()
            return
        at = self.first + place.y
        if place.y < self.size.height - self.more and at < len(self.names):
            self.post_message(self.Picked(self, self.names[at]))
        else:
            self.click_title()

    def click_title(self) -> None:
        """The title was clicked on, or the line below the entries."""

    def watch_has_focus(self, _focus: bool) -> None:
        """Show where the arrows go."""
        self.relayout()

    def _entry(self, name: str, head: str, words: str, refused: bool, width: int) -> Line:
        if name == self.chosen:
            role = "selected" if self.has_focus else "active"
            return [(role, fit(f"▸{head}{words}", width))]
        if refused:
            return [("muted", fit(f" {head}{words}", width))]
        return [("key", f" {head}"), ("muted", fit(words, width - len(head) - 1))]


class LossMenu(Menu):
    """The losses with their digits; those that do not fit the dataset are dimmed, with the reason."""

    class MoreWanted(Message):
        """A loss that is not in the menu is wanted."""

    @property
    def more(self) -> int:
        """A line for the chosen loss where the menu has it not."""
        return int(self._draft.loss not in self._draft.menu)

    @property
    def names(self) -> Sequence[str]:  # type: ignore[override]
        """The losses of the menu."""
        return [loss.name for loss in self._draft.menu]

    def click_title(self) -> None:
        """The title leads to the other losses."""
        self.post_message(self.MoreWanted())

    @property
    def chosen(self) -> str:
        """The name of the chosen loss."""
        return self._draft.loss.name

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """One line a loss, and one for a loss that the menu has not."""
        lines: list[Line] = []
        shown = list(enumerate(self._draft.menu, start=1))[self.first :][: max(height - self.more, 1)]
        names = max(len(loss.short) for loss in self._draft.menu) + 1
        for digit, loss in shown:
            reason = brief_refusal(loss, self._draft.dataset)
            if reason is not None and len(reason) + names + 3 > width:
                reason = f"not on {self._draft.dataset.name}"
            head = f"{digit if digit <= DIGITS else ' '} {loss.short:<{names}}"
            lines.append(self._entry(loss.name, head, reason or loss.title, reason is not None, width))
        if self.more:
            role = "selected" if self.has_focus else "active"
            lines.append([(role, fit(f"▸+ {f'{self._draft.loss.short} ':<{names}}{self._draft.loss.title}", width))])
        return lines


class DatasetMenu(Menu):
    """The datasets, and below them the ways to others; those that the loss does not fit are dimmed."""

    BINDINGS = [
        Binding("enter", "open", "open", show=False),
        Binding("delete,D", "remove", "remove", show=False),
    ]

    class Opened(Message):
        """One of the ways to other datasets was taken."""

        def __init__(self, way: Way) -> None:
            super().__init__()
            self.way = way

    class RemoveWanted(Message):
        """The chosen dataset is to be removed."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._way: int | None = None

    @property
    def more(self) -> int:
        """A line for the chosen dataset where the menu has it not."""
        return int(self._draft.dataset not in self._draft.dataset_menu)

    @property
    def names(self) -> Sequence[str]:  # type: ignore[override]
        """The datasets of the menu."""
        return [dataset.name for dataset in self._draft.dataset_menu]

    @property
    def chosen(self) -> str:
        """The name of the chosen dataset."""
        return self._draft.dataset.name

    @property
    def most_rows(self) -> int:
        """How many lines it takes at most."""
        return next(rows for height, rows in _DATASET_ROWS if self.app.size.height >= height)

    @property
    def count(self) -> int:
        """A line a dataset, and one for the ways to others."""
        return len(self.names) + 1

    @property
    def at(self) -> int:
        """The line of the chosen dataset, or that of the ways to others where the arrows went there."""
        return super().at if self._way is None else len(self.names)

    def show_draft(self, draft: Draft) -> None:
        """Show what is chosen; a choice leads back from the ways to other datasets."""
        if draft.dataset is not self._draft.dataset:
            self._way = None
        super().show_draft(draft)

    def watch_has_focus(self, focus: bool) -> None:
        """Come back to what is chosen."""
        self._way = self._way if focus else None
        super().watch_has_focus(focus)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter trains, but on a way to other datasets; there is nothing to remove but the person's own."""
        if action == "open":
            return self._way is not None
        if action == "remove":
            return self._way is None and self._draft.dataset.file is not None
        return True

    def action_open(self) -> None:
        """Take the way that the arrows went to."""
        if self._way is not None:
            self.post_message(self.Opened(WAYS[self._way][0]))

    def action_remove(self) -> None:
        """Remove the chosen dataset."""
        self.post_message(self.RemoveWanted())

    def action_move(self, step: int) -> None:
        """Choose the dataset `step` further, or go to a way to others."""
        self._go(self.at + (self._way or 0) + step)

    def action_end(self, at: int) -> None:
        """Choose the first dataset (0), or go to the last way to others (-1)."""
        self._go(at % (len(self.names) + len(WAYS)))

    def _go(self, place: int) -> None:
        """Choose a dataset by its place, or go to a way; those come after the datasets."""
        if not 0 <= place < len(self.names) + len(WAYS):
            return
        self._way = place - len(self.names) if place >= len(self.names) else None
        self.relayout()
        if self._way is None:
            self.post_message(self.Picked(self, self.names[place]))

    def on_click(self, event: Click) -> None:
        """Choose the dataset under the pointer, or take the way."""
        place = event.get_content_offset(self)
        at = self.count if place is None else self.first + place.y
        if place is None or place.y >= self.size.height - self.more or at >= self.count:
            self.click_title()
        elif at == len(self.names):
            self.post_message(self.Opened(_way_at(place.x)))
        else:
            self._go(at)

    def click_title(self) -> None:
        """The title leads to the other datasets."""
        self.post_message(self.Opened("more"))

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """One line a dataset, one a way to others, and one for a dataset that the menu has not."""
        menu = self._draft.dataset_menu
        room = max(height - self.more, 1)
        longest = max(len(dataset.name) for dataset in (*menu, self._draft.dataset))
        names = min(longest, _LONGEST_NAME, width - _SHAPE_CELLS) + 1
        lines: list[Line] = [self._dataset_line(dataset, names, width) for dataset in menu]
        lines = [*lines, self._ways_line(width)][self.first :][:room]
        if self.more:
            lines.append(self._dataset_line(self._draft.dataset, names, width))
        return lines

    def _dataset_line(self, dataset: Dataset, names: int, width: int) -> Line:
        refused = brief_refusal(self._draft.loss, dataset) is not None
        words = f"not for {self._draft.loss.short}" if refused else shape_words(dataset)
        head = fit(dataset.name, names - 1) + " "
        if self._way is not None and dataset is self._draft.dataset:
            return [("active", fit(f"▸{head}{words}", width))]
        return self._entry(dataset.name, head, words, refused, width)

    def _ways_line(self, width: int) -> Line:
        line: list[Piece] = []
        for number, (_, words) in enumerate(WAYS):
            there = number == self._way
            line.append(("selected" if there else "muted", f"{'▸' if there else ' '}{words}"))
            line.append(("muted", " "))
        return [*line, ("muted", " " * width)]


def _way_at(x: int) -> Way:
    """The way whose words stand at a column of the line."""
    return WAYS[int(x > len(WAYS[0][1]) + 1)][0]


def shape_words(dataset: Dataset) -> str:
    """What tells a dataset from others where there is little room: its classes, or else its features."""
    return f"{dataset.classes:,} classes" if dataset.classes else f"{dataset.features:,} features"
