"""The picker of datasets: real and generated ones, the person's own, and the way to a file; found by typing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input, Static

from ...catalog import DATASETS, MENU_DATASETS, Dataset, brief_refusal
from ...formatting import MISSING
from ..draft import Draft
from ..widgets.choice_list import LIST_KEYS, Choice, ChoiceList
from .dialogs import Modal

_MOST_ROWS = 16
_FRAME_ROWS = 13
"""What the dialog takes beside its list: frame, title, field, heading, description, keys."""
_NAME_CELLS = 16
_FILE_WORDS = "from a file …"


@dataclass(frozen=True)
class DatasetChoice:
    """What the picker was left with.

    Attributes:
        dataset: What Enter picked; None where it was left with Escape.
        added: The datasets of the catalogue that are in the menu beside the tutorial's now.
        file: Whether the way to a file was picked.
    """

    dataset: Dataset | None
    added: tuple[Dataset, ...]
    file: bool = False


class DatasetPicker(Modal[DatasetChoice]):
    """A field to search in, the datasets that match it with their shape, and what the highlighted one is."""

    BINDINGS = [
        Binding("escape", "leave", "cancel"),
        *LIST_KEYS,
        Binding("plus", "keep", "in the menu", priority=True),
        Binding("enter", "pick", "pick", priority=True),
    ]

    def __init__(self, draft: Draft) -> None:
        """Offer every dataset, the draft's highlighted."""
        super().__init__()
        self._draft = draft
        self._added = draft.added_datasets
        self._all = (*DATASETS, *draft.own_datasets)
        self._found: Sequence[Dataset] = self._all
        self._at = self._all.index(draft.dataset) if draft.dataset in self._all else 0

    def compose(self) -> ComposeResult:
        """The field, the list, the description, the keys."""
        with Vertical(classes="dialog picker"):
            yield Static(f"Datasets · for {self._draft.loss.short}", classes="dialog-title", markup=False)
            yield Input(placeholder="search: a name, a task, what it is of", compact=True, id="search")
            yield Static(_heading(), id="dataset-heading", markup=False)
            yield ChoiceList(id="dataset-list")
            yield Static("", id="picked", markup=False)
            yield Static("[b]↑ ↓[/b] choose   [b]enter[/b] pick   [b]+[/b] into the menu or out   [b]esc[/b] cancel")

    def on_mount(self) -> None:
        """Begin with every dataset."""
        self.query_one("#search", Input).focus()
        self._show()

    def on_resize(self) -> None:
        """Let the list be as high as there is room for."""
        self.query_one(ChoiceList).limit_rows(min(len(self._all) + 1, _MOST_ROWS), _FRAME_ROWS)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what matches."""
        self._found = [dataset for dataset in self._all if _matches(dataset, event.value)]
        self._at = 0
        self._show()

    @on(ChoiceList.Clicked)
    def _clicked(self, event: ChoiceList.Clicked) -> None:
        """Highlight what was clicked on; a second click picks it."""
        if event.at == self._at:
            self.action_pick()
        self._at = event.at
        self._show()

    def action_move(self, step: int) -> None:
        """Highlight another dataset, or the way to a file, which follows them."""
        self._at = min(max(self._at + step, 0), len(self._found))
        self._show()

    def action_keep(self) -> None:
        """Add the highlighted dataset to the menu, or take it out; the tutorial's and the person's own stay."""
        dataset = self._highlighted
        if dataset is None:
            return
        if dataset in MENU_DATASETS or dataset.file is not None:
            self.notify("the three of the tutorial and your own stay in the menu")
            return
        kept = [one for one in self._added if one != dataset] if dataset in self._added else [*self._added, dataset]
        self._added = tuple(kept)
        self._show()

    def action_pick(self) -> None:
        """Leave with the highlighted dataset, or for a file."""
        self.dismiss(DatasetChoice(self._highlighted, self._added, file=self._highlighted is None))

    def action_leave(self) -> None:
        """Pick nothing; what was added to the menu stays."""
        self.dismiss(DatasetChoice(None, self._added))

    @property
    def _highlighted(self) -> Dataset | None:
        return self._found[self._at] if self._at < len(self._found) else None

    def _show(self) -> None:
        in_menu = (*MENU_DATASETS, *self._draft.own_datasets, *self._added)
        choices = [
            Choice(_line("•" if one in in_menu else " ", one), brief_refusal(self._draft.loss, one) is not None)
            for one in self._found
        ]
        self.query_one(ChoiceList).show_choices([*choices, Choice(f"+ {_FILE_WORDS}")], self._at)
        self.query_one("#picked", Static).update(self._words())

    def _words(self) -> str:
        dataset = self._highlighted
        if dataset is None:
            nothing = "" if self._found else "no dataset matches. "
            return f"{nothing}Your own data: a CSV, Parquet or .npz file."
        reason = brief_refusal(self._draft.loss, dataset)
        refused = f"{self._draft.loss.short} {reason}; another loss is chosen with it. " if reason else ""
        return f"{refused}{dataset.description.paragraph}"


def _heading() -> str:
    return f"   {'name':<{_NAME_CELLS}} {'task':<11}{'rows':>10}{'features':>10}{'classes':>9}"


def _line(mark: str, dataset: Dataset) -> str:
    name = dataset.name if len(dataset.name) <= _NAME_CELLS else f"{dataset.name[: _NAME_CELLS - 1]}…"
    classes = f"{dataset.classes:,}" if dataset.classes else MISSING
    return f"{mark} {name:<{_NAME_CELLS}} {dataset.task.name:<11}{dataset.rows:>10,}{dataset.features:>10,}{classes:>9}"


def _matches(dataset: Dataset, typed: str) -> bool:
    """Whether every word that is typed stands in what is known of a dataset."""
    of = dataset.file.path if dataset.file is not None else dataset.generator.replace("_", " ")
    known = f"{dataset.name} {dataset.name.replace('_', ' ')} {dataset.task.name} {of} {dataset.description.paragraph}"
    return all(word in known.lower() for word in typed.lower().split())
