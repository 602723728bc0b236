"""The picker of losses: every loss of the catalogue, and those of a person's own file, found by typing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input, Static

from ...catalog import LOSSES, MENU_LOSSES, Loss, brief_refusal, parameter_settings
from ...catalog.own_loss import own_loss
from ...runs.loss_files import LossSource
from ..draft import Draft
from ..messages import LossesFound
from ..widgets.choice_list import LIST_KEYS, Choice, ChoiceList
from .dialogs import Modal

_MOST_ROWS = 14
_FRAME_ROWS = 11
"""What the dialog takes beside its list: frame, title, field, description, keys."""
_NAME_CELLS = max((len(loss.short) for loss in LOSSES), default=0)
_OWN_HINT = "your own: type a file, as losses.py, to see its losses"
_FROM_FILE = "from a Python file …"


@dataclass(frozen=True)
class LossChoice:
    """What the picker was left with.

    Attributes:
        loss: What Enter picked; None where it was left with Escape.
        added: The losses that are in the menu beside the tutorial's now.
        source: What the file of an own loss holds; None for one of the catalogue.
    """

    loss: Loss | None
    added: tuple[Loss, ...]
    source: LossSource | None = None


class LossPicker(Modal[LossChoice]):
    """A field to search in, the losses that match it, and what the highlighted one is for."""

    BINDINGS = [
        Binding("escape", "leave", "cancel"),
        *LIST_KEYS,
        Binding("plus", "keep", "in the menu", priority=True),
        Binding("enter", "pick", "pick", priority=True),
    ]

    def __init__(self, draft: Draft, find_losses: Callable[[str], object]) -> None:
        """Offer every loss, the draft's highlighted.

        Args:
            draft: What would be trained now.
            find_losses: Has a file looked through in a process of its own; `show_found` is called with the answer.
        """
        super().__init__()
        self._draft = draft
        self._find_losses = find_losses
        self._asked = ""
        """The file that is typed: it is being read, or its answer is there."""
        self._answer: LossesFound | None = None
        self._pick_once_read = False
        self._added = draft.added
        self._found: Sequence[Loss] = LOSSES
        self._at = LOSSES.index(draft.loss) if draft.loss in LOSSES else 0
        self._problem = ""

    def compose(self) -> ComposeResult:
        """The field, the list, the description, the keys."""
        with Vertical(classes="dialog picker"):
            yield Static(f"Losses · on {self._draft.dataset.name}", classes="dialog-title", markup=False)
            yield Input(placeholder="search, or a Python file of your own", compact=True, id="search")
            yield ChoiceList(id="loss-list")
            yield Static("", id="picked", markup=False)
            yield Static("[b]↑ ↓[/b] choose   [b]enter[/b] pick   [b]+[/b] into the menu or out   [b]esc[/b] cancel")

    def on_mount(self) -> None:
        """Begin with every loss."""
        self.query_one("#search", Input).focus()
        self._show()

    def on_resize(self) -> None:
        """Let the list be as high as there is room for."""
        self.query_one(ChoiceList).limit_rows(min(len(LOSSES), _MOST_ROWS), _FRAME_ROWS)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what matches: the words of a loss, or the losses of the file that is named."""
        typed = event.value.strip()
        path = typed.partition(":")[0]
        self._problem = ""
        self._pick_once_read = False
        if path.endswith(".py"):
            if path != self._asked:
                self._asked, self._answer = path, None
                self._find_losses(path)
            self._show_file()
            return
        self._asked, self._answer = "", None
        self._found = [loss for loss in LOSSES if _matches(loss, typed)]
        self._problem = "" if self._found else f"no loss matches; {_OWN_HINT}"
        self._at = 0
        self._show()

    def show_found(self, answer: LossesFound) -> None:
        """Show the losses of a file, unless another one was typed meanwhile."""
        if answer.path != self._asked:
            return
        self._answer = answer
        self._show_file()
        if self._pick_once_read and len(self._found) == 1:
            self.action_pick()
        self._pick_once_read = False

    @on(ChoiceList.Clicked)
    def _clicked(self, event: ChoiceList.Clicked) -> None:
        """Highlight what was clicked on; a second click picks it."""
        if event.at == self._at:
            self.action_pick()
        self._at = event.at
        self._show()

    def action_move(self, step: int) -> None:
        """Highlight another loss."""
        last = len(self._found) - bool(self._asked)  # a file's losses have no row below that leads to a file
        self._at = min(max(self._at + step, 0), max(last, 0))
        self._show()

    def action_keep(self) -> None:
        """Add the highlighted loss to the menu, or take it out; the tutorial's stay."""
        loss = self._highlighted
        if loss is None or loss in MENU_LOSSES or loss not in LOSSES:
            self.notify("the seven of the tutorial stay, and a loss of your own is not kept in the menu")
            return
        kept = [one for one in self._added if one != loss] if loss in self._added else [*self._added, loss]
        self._added = tuple(kept)
        self._show()

    def action_pick(self) -> None:
        """Leave with the highlighted loss."""
        loss = self._highlighted
        if loss is None:
            self._pick_once_read = bool(self._asked) and self._answer is None
            if not self._asked and self._found:
                self._ask_for_file()
            return
        source = self._answer.source if self._answer is not None and loss.file is not None else None
        self.dismiss(LossChoice(loss, self._added, source))

    def _ask_for_file(self) -> None:
        """Make room for the path of a file."""
        search = self.query_one("#search", Input)
        search.placeholder = "the path of a Python file, as losses.py"
        search.clear()
        search.focus()

    def action_leave(self) -> None:
        """Pick nothing; what was added to the menu stays."""
        self.dismiss(LossChoice(None, self._added))

    @property
    def _highlighted(self) -> Loss | None:
        return self._found[self._at] if self._at < len(self._found) else None

    def _show_file(self) -> None:
        """Show the losses of the file that is typed, those whose names begin as what follows a colon."""
        path, _, start = self.query_one("#search", Input).value.strip().partition(":")
        answer, self._found, self._at = self._answer, [], 0
        if answer is None:
            self._problem = f"reading {path} …"
        elif answer.source is None:
            self._problem = answer.error.removeprefix("loss: ")
        else:
            file = answer.source.file
            names = [one.name for one in answer.losses if one.name.startswith(start)]
            self._found = [own_loss(f"{file.path}:{name}", file) for name in names]
            self._problem = "" if names else _nothing_in(answer, start)
        self._show()

    def _show(self) -> None:
        choices = [self._choice(loss) for loss in self._found]
        if self._found and not self._asked:
            choices.append(Choice(f"+ {_FROM_FILE}"))
        self.query_one(ChoiceList).show_choices(choices, self._at)
        below = self.query_one("#picked", Static)
        below.set_class(bool(self._problem), "bad")
        below.update(self._problem or self._words())

    def _choice(self, loss: Loss) -> Choice:
        """Whether a loss is in the menu, its names, and why it is refused on the dataset."""
        reason = brief_refusal(loss, self._draft.dataset)
        mark = "•" if loss in MENU_LOSSES or loss in self._added else " "
        words = loss.title if reason is None else f"{loss.title}: {reason}"
        return Choice(f"{mark} {loss.short:<{_NAME_CELLS}} {words}", reason is not None)

    def _words(self) -> str:
        loss = self._highlighted
        if loss is None:
            return _OWN_HINT
        rows = parameter_settings(loss)
        takes = f" Takes {', '.join(f'{name}, {row.kind.words}' for name, row in rows.items())}." if rows else ""
        return f"Use it {loss.description.use}{takes}"


def _nothing_in(answer: LossesFound, start: str) -> str:
    """Why no loss of a file is listed."""
    if not answer.losses:
        return f"{answer.path} has no function and no Loss that could be one"
    return (
        f"{answer.path} has no loss that begins with {start!r}; it has {', '.join(one.name for one in answer.losses)}"
    )


def _matches(loss: Loss, typed: str) -> bool:
    """Whether every word that is typed stands in the names of a loss."""
    names = f"{loss.short} {loss.name.replace('_', ' ')} {loss.name} {loss.title} {loss.keras_class}".lower()
    return all(word in names for word in typed.lower().split())
