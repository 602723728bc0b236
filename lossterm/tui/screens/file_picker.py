"""The picker of a data file: a path to type with what completes it, read in a process of its own once it is picked."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static

from ...formatting import size
from ...text import printable
from ..messages import (
    CancelReading,
    DataDescribed,
    DataPreviewed,
    FolderEntry,
    FolderListed,
    ListFolder,
    PreviewData,
    ReadingProgress,
    Request,
)
from ..widgets.choice_list import LIST_KEYS, Choice, ChoiceList
from .data_preview import DataPreviewScreen
from .dialogs import Modal

_MOST_ROWS = 16
_FRAME_ROWS = 11
"""What the dialog takes beside its list: frame, title, field, what is said, keys; and its margin."""
_NAME_CELLS = 52
_UP = FolderEntry("..", True, 0)


class FilePicker(Modal[DataDescribed | None]):
    """Asks for a data file and then for its columns; dismissed with it as a dataset, or None."""

    BINDINGS = [
        Binding("escape", "leave", "cancel"),
        *LIST_KEYS,
        Binding("tab", "complete", "complete", priority=True),
        Binding("enter", "pick", "pick", priority=True),
    ]

    def __init__(self, taken: Mapping[str, str], send: Callable[[Request], object]) -> None:
        """Ask.

        Args:
            taken: The paths of the person's own datasets by their names.
            send: Asks the store's worker; `take` is called with each answer.
        """
        super().__init__()
        self._taken, self._send = taken, send
        self._folders: dict[str, FolderListed | None] = {}
        """What folders hold, by their paths; None while that is read."""
        self._found: Sequence[FolderEntry] = ()
        self._at = 0
        self._asked: PreviewData | None = None
        self._doing, self._since = "", 0.0
        self._problem = ""

    def compose(self) -> ComposeResult:
        """The field, what completes it, what is said of it, the keys."""
        with Vertical(classes="dialog picker"):
            yield Static("A data file: CSV (also .gz), Parquet or .npz", classes="dialog-title", markup=False)
            yield Input(placeholder="its path", compact=True, id="path")
            yield ChoiceList(id="file-list")
            yield Static("", id="file-words", markup=False)
            yield Static("[b]tab[/b] complete   [b]↑ ↓[/b] choose   [b]enter[/b] open   [b]esc[/b] cancel")

    def on_mount(self) -> None:
        """Begin in the present folder."""
        self.query_one("#path", Input).focus()
        self.set_interval(0.5, self._show_words)
        self._follow_typed()

    def on_resize(self) -> None:
        """Let the list be as high as there is room for."""
        self.query_one(ChoiceList).limit_rows(_MOST_ROWS, _FRAME_ROWS)

    # -- what is typed ----------------------------------------------------------------------------------------

    @property
    def _typed(self) -> str:
        return self.query_one("#path", Input).value

    @property
    def _folder(self) -> str:
        """The folder that the typed path is in, absolute."""
        return _absolute(self._typed.rpartition("/")[0] + "/" if "/" in self._typed else ".")

    def on_input_changed(self) -> None:
        """Show what completes it; what was being read of another file is given up."""
        self._give_up()
        self._problem = ""
        self._follow_typed()

    def _follow_typed(self) -> None:
        folder = self._folder
        if folder not in self._folders:
            self._folders[folder] = None
            self._send(ListFolder(folder))
        self._list()

    def _list(self) -> None:
        """Show what is known to be in the folder and begins with what is typed."""
        listed = self._folders.get(self._folder)
        start = self._typed.rpartition("/")[2].lower()
        entries = [] if listed is None else [one for one in listed.entries if _begins(one.name, start)]
        files = [place for place, one in enumerate(entries, 1) if not one.is_folder]
        self._found = entries if start else [_UP, *entries]
        self._at = 0 if start else (files or [min(1, len(entries))])[0]
        if start:
            exact = [place for place, one in enumerate(entries) if one.name.lower() == start]
            self._at = (exact or [0])[0]
        self._show()

    def action_move(self, step: int) -> None:
        """Highlight another entry."""
        self._at = min(max(self._at + step, 0), max(len(self._found) - 1, 0))
        self._show()

    def action_complete(self) -> None:
        """Type what all entries have in common that begin so; where that is no more, the highlighted one."""
        names = [one.name for one in self._found if one is not _UP]
        common = os.path.commonprefix(names)  # noqa: RUF071  # of names, a character at a time
        if len(names) > 1 and len(common) > len(self._typed.rpartition("/")[2]):
            self._type(self._typed.rpartition("/")[0], common)
        elif self._found:
            self._type_entry(self._found[self._at])

    def _type_entry(self, entry: FolderEntry) -> None:
        """Type a whole name; of the folder above, the path that it has."""
        if entry is _UP:
            self._set(f"{os.path.dirname(self._folder).rstrip('/')}/")
        else:
            self._type(self._typed.rpartition("/")[0], entry.name + ("/" if entry.is_folder else ""))

    def _type(self, folder: str, name: str) -> None:
        self._set(f"{folder}/{name}" if "/" in self._typed else name)

    def _set(self, text: str) -> None:
        field = self.query_one("#path", Input)
        field.value = text
        field.cursor_position = len(text)

    @on(ChoiceList.Clicked)
    def _clicked(self, event: ChoiceList.Clicked) -> None:
        """Highlight what was clicked on; a second click opens it."""
        if event.at == self._at:
            self.action_pick()
            return
        self._at = event.at
        self._show()

    # -- picking ----------------------------------------------------------------------------------------------

    def action_pick(self) -> None:
        """Go into the highlighted folder, or read the highlighted file; where nothing is, read what is typed."""
        if self._asked is not None:
            return
        if not self._found:
            if self._typed.strip():
                self._read(_absolute(self._typed.strip()))
            return
        entry = self._found[self._at]
        if entry.is_folder:
            self._type_entry(entry)
        else:
            self._read(os.path.join(self._folder, entry.name))

    def action_leave(self) -> None:
        """Give up what is being read, or leave."""
        if self._asked is not None:
            self._give_up()
            self._show_words()
        else:
            self.dismiss(None)

    def _read(self, path: str) -> None:
        self._asked, self._problem = PreviewData(path), ""
        self._doing, self._since = "reading it", time.monotonic()
        self._send(self._asked)
        self._show_words()

    def _give_up(self) -> None:
        if self._asked is not None:
            self._asked = None
            self._send(CancelReading())

    # -- answers ----------------------------------------------------------------------------------------------

    def take(self, answer: Message) -> None:
        """Take what the worker answers, if it is still wanted."""
        if isinstance(answer, FolderListed):
            self._folders[answer.folder] = answer
            if answer.folder == self._folder:
                self._list()
        elif isinstance(answer, ReadingProgress) and answer.request is self._asked:
            self._doing = answer.words
            self._show_words()
        elif isinstance(answer, DataPreviewed) and answer.request is self._asked:
            self._asked = None
            self._problem = answer.error.removeprefix("data: ")
            self._show_words()
            if answer.found is not None:
                path = Path(answer.request.path)
                self.app.push_screen(DataPreviewScreen(path, answer.found, self._taken, self._send), self._described)

    def _described(self, dataset: DataDescribed | None) -> None:
        if dataset is not None:
            self.dismiss(dataset)

    # -- showing ----------------------------------------------------------------------------------------------

    def _show(self) -> None:
        self.query_one(ChoiceList).show_choices([Choice(_line(entry)) for entry in self._found], self._at)
        self._show_words()

    def _show_words(self) -> None:
        """Say what is done, what went wrong, or where one is."""
        listed = self._folders.get(self._folder)
        words, bad = self._problem, bool(self._problem)
        if self._asked is not None:
            seconds = time.monotonic() - self._since
            words = f"{os.path.basename(self._asked.path)}: {self._doing} … {seconds:.0f} s, esc gives up"
        elif not words and listed is None:
            words = f"reading the folder {self._folder} …"
        elif not words and listed is not None and listed.error:
            words, bad = f"{self._folder}: {listed.error}", True
        elif not words:
            words = self._folder if self._found else f"no folder or data file begins so in {self._folder}"
        below = self.query_one("#file-words", Static)
        below.set_class(bad, "bad")
        below.update(printable(words))


def _absolute(path: str) -> str:
    try:
        return os.path.abspath(os.path.expanduser(path))
    except OSError:  # the present folder was deleted
        return path if path.startswith("/") else "/"


def _begins(name: str, start: str) -> bool:
    """Whether a name begins so; hidden ones show once a dot is typed."""
    return name.lower().startswith(start) and (start.startswith(".") or not name.startswith("."))


def _line(entry: FolderEntry) -> str:
    if entry.is_folder:
        return f"{entry.name}/"
    return f"{printable(entry.name):<{_NAME_CELLS}} {size(entry.size):>10}"
