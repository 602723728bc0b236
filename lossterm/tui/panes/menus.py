"""The menus of losses and of datasets: what is chosen, what fits, and why the rest does not."""

from __future__ import annotations

from collections.abc import Sequence

from textual.binding import Binding
from textual.events import Click
from textual.message import Message

from ...catalog import MENU_DATASETS, Dataset, brief_refusal, dataset_named
from ..draft import Draft
from ..keymap import DIGITS
from ..widgets.lines import Line, Lines, fit

_MOST_OF_SCREEN = 0.45
"""So much of the terminal's height a menu takes at most; the entries around the chosen one are shown then."""
_DATASET_WIDTH = max(len(dataset.name) for dataset in MENU_DATASETS) + 1


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
        height = min(len(self.names) + self.more, max(int(self.app.size.height * _MOST_OF_SCREEN), 9)) + 1
        if self.styles.height is None or self.styles.height.value != height:
            self.styles.height = height

    @property
    def first(self) -> int:
        """The number of the first entry in view."""
        room = max(self.size.height - self.more, 1)
        at = list(self.names).index(self.chosen) if self.chosen in self.names else 0
        return min(max(at - room // 2, 0), max(len(self.names) - room, 0))

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
            lines.append([(role, fit(f"▸+ {self._draft.loss.short:<{names}}{self._draft.loss.title}", width))])
        return lines


class DatasetMenu(Menu):
    """The datasets; those that the loss does not fit are dimmed."""

    names = tuple(dataset.name for dataset in MENU_DATASETS)

    @property
    def chosen(self) -> str:
        """The name of the chosen dataset."""
        return self._draft.dataset.name

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """One line a dataset."""
        lines = []
        for dataset in map(dataset_named, self.names):
            refused = brief_refusal(self._draft.loss, dataset) is not None
            words = f"not for {self._draft.loss.short}" if refused else _task(dataset)
            lines.append(self._entry(dataset.name, f"{dataset.name:<{_DATASET_WIDTH}}", words, refused, width))
        return lines


def _task(dataset: Dataset) -> str:
    return f"{dataset.classes} classes" if dataset.classes else f"{dataset.features} features"
