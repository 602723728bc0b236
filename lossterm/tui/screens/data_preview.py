"""The columns of a data file before it is added: which one is predicted, which are left out, how rows are split."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Label, Static

from ...catalog.data_names import free_name, name_problem
from ...formatting import number
from ...text import one_line, printable
from ..data_columns import ColumnRoles, FoundColumn
from ..messages import CancelReading, DataDescribed, DescribeData, ReadingProgress, Request
from ..widgets.column_table import ColumnTable
from .dialogs import Modal

_FRAME_ROWS = 14
"""What the dialog takes beside its table: frame, title, what is said of a column, choices, name, problem, keys."""
_MOST_ROWS = 24
_LEAST_ROWS = 5
_KEYS = (
    "[b]t[/b] target  [b]T[/b] task  [b]space[/b] leave out  [b]s[/b] split  [b]g[/b] group  "
    "[b]← →[/b] rows\n[b]tab[/b] name  [b]enter[/b] add  [b]esc[/b] back"
)
_SPLITS = {"random": "at random", "ordered": "in the file's order"}


class DataPreviewScreen(Modal[DataDescribed | None]):
    """Asks what the columns of a file are for; dismissed with the dataset, or None."""

    BINDINGS = [
        Binding("escape", "leave", "back"),
        Binding("enter", "add", "add", priority=True),
        Binding("t", "target", "target"),
        Binding("T", "task", "task"),
        Binding("space", "ignore", "leave out"),
        Binding("s", "split", "split"),
        Binding("g", "group", "group"),
    ]

    def __init__(
        self, path: Path, found: Mapping[str, Any], taken: Mapping[str, str], send: Callable[[Request], object]
    ) -> None:
        """Show a file.

        Args:
            path: Its path, absolute.
            found: What is in it, as `trainer.tables.preview` gives it.
            taken: The paths of the person's own datasets by their names.
            send: Asks the store's worker; `take` is called with each answer.
        """
        super().__init__()
        self._path, self._taken, self._send = path, taken, send
        self._rows = int(found["rows"])
        self._roles = ColumnRoles.of(found["columns"])
        self._asked: DescribeData | None = None
        self._doing, self._since = "", 0.0
        self._problem = ""

    def compose(self) -> ComposeResult:
        """The table, what is chosen, the name, the keys."""
        count = len(self._roles.columns)
        title = f"{self._path.name} · {self._rows:,} rows · {count:,} column{'s' if count != 1 else ''}"
        with Vertical(classes="dialog columns"):
            yield Static(one_line(title), classes="dialog-title", markup=False)
            yield ColumnTable(self._roles)
            yield Static("", id="column-words", markup=False)
            yield Static("", id="choices", markup=False)
            with Horizontal(classes="field"):
                yield Label("name", classes="field-name")
                yield Input(free_name(self._path, self._taken), id="name", compact=True)
                yield Label("", id="name-reason", classes="field-reason", markup=False)
            yield Static("", id="problem", markup=False)
            yield Static(_KEYS)

    def on_mount(self) -> None:
        """Begin in the table."""
        self.query_one(ColumnTable).focus()
        self.set_interval(0.5, self._show_problem)
        self._show()

    def on_resize(self) -> None:
        """Let the table be as high as there is room for."""
        room = max(self.app.size.height - _FRAME_ROWS, _LEAST_ROWS)
        self.query_one(ColumnTable).styles.height = min(len(self._roles.columns) + 1, room, _MOST_ROWS)

    # -- choosing ---------------------------------------------------------------------------------------------

    @property
    def _highlighted(self) -> FoundColumn:
        return self.query_one(ColumnTable).highlighted

    def _choose(self, roles: ColumnRoles, problem: str = "") -> None:
        self._give_up()
        self._roles, self._problem = roles, problem
        self._show()

    def action_target(self) -> None:
        """Predict the highlighted column."""
        column = self._highlighted
        if column.task:
            self._choose(self._roles.with_target(column))
        else:
            self._choose(self._roles, f"target: {column.problem}")

    def action_task(self) -> None:
        """Take the target for the next thing that it can be."""
        self._choose(self._roles.with_next_task())

    def action_ignore(self) -> None:
        """Leave the highlighted column out, or take it in again."""
        self._choose(self._roles.with_ignored(self._highlighted))

    def action_split(self) -> None:
        """Split otherwise."""
        self._choose(self._roles.with_next_split(self._highlighted))

    def action_group(self) -> None:
        """Keep rows that are alike in the highlighted column in one set, or no more."""
        self._choose(self._roles.with_group(self._highlighted))

    @on(ColumnTable.Moved)
    def _moved(self) -> None:
        self._show()

    def on_input_changed(self) -> None:
        """Say what is wrong with the name."""
        self._give_up()
        self._problem = ""
        self._show()

    # -- adding -----------------------------------------------------------------------------------------------

    def action_add(self) -> None:
        """Read the file as what was chosen."""
        if self._asked is not None:
            return
        if not self._roles.target:
            self._choose(self._roles, "target: choose the column to predict with t")
            return
        if self._name_problem():
            self.query_one("#name", Input).focus()
            return
        self._asked, self._problem = DescribeData(self._dataset_name, str(self._path), self._roles.choices), ""
        self._doing, self._since = "reading it", time.monotonic()
        self._send(self._asked)
        self._show_problem()

    def action_leave(self) -> None:
        """Give up what is being read, or go back."""
        if self._asked is not None:
            self._give_up()
            self._show_problem()
        else:
            self.dismiss(None)

    def _give_up(self) -> None:
        if self._asked is not None:
            self._asked = None
            self._send(CancelReading())

    def take(self, answer: Message) -> None:
        """Take what the worker answers, if it is still wanted."""
        if isinstance(answer, ReadingProgress) and answer.request is self._asked:
            self._doing = answer.words
            self._show_problem()
        elif isinstance(answer, DataDescribed) and answer.request is self._asked:
            self._asked = None
            if answer.file is not None:
                self.dismiss(answer)
                return
            self._problem = answer.error.removeprefix("data: ")
            self._show_problem()

    # -- showing ----------------------------------------------------------------------------------------------

    @property
    def _dataset_name(self) -> str:
        return self.query_one("#name", Input).value.strip()

    def _name_problem(self) -> str:
        return name_problem(self._dataset_name, self._path, self._taken)

    def _show(self) -> None:
        self.query_one(ColumnTable).show_roles(self._roles)
        self.query_one("#column-words", Static).update(one_line(self._column_words()))
        self.query_one("#choices", Static).update(one_line(self._choice_words()))
        label = self.query_one("#name-reason", Label)
        problem = self._name_problem()
        label.set_class(bool(problem), "bad")
        anew = "replaces the one that was added before" if self._dataset_name in self._taken else ""
        label.update(one_line(problem or anew))
        self._show_problem()

    def _show_problem(self) -> None:
        line = self.query_one("#problem", Static)
        words = self._problem
        if self._asked is not None:
            words = f"{self._doing} … {time.monotonic() - self._since:.0f} s, esc gives up"
        line.set_class(self._asked is None and bool(words), "bad")
        line.update(printable(words))

    def _column_words(self) -> str:
        """What there is to know of the highlighted column beside its line."""
        column, roles = self._highlighted, self._roles
        words = [f"{column.name[:40]}: {column.distinct:,} values"]
        if column.low is not None and column.high is not None:
            words.append(f"from {number(column.low)} to {number(column.high)}")
        if column.counts:
            counts = ", ".join(f"{value[:20]} {count:,}" for value, count in column.counts)
            words.append(counts + (", …" if column.distinct > len(column.counts) else ""))
        if roles.role(column) == column.role and column.reason:
            words.append(f"{'left out, for ' if column.role == 'left out' else ''}{column.reason}")
        return "; ".join(words)

    def _choice_words(self) -> str:
        """What is chosen."""
        roles, target = self._roles, self._roles.target_column
        if target is None:
            return "no column can be the target: press t on one to see why"
        others = f" (or {', '.join(task for task in target.tasks if task != roles.task)})" if target.tasks[1:] else ""
        split = _SPLITS.get(roles.split, f"as {roles.split_column[:20]} says")
        group = f", a {roles.group[:20]} in one set" if roles.group else ""
        without = f"; {target.missing:,} rows without a target are left out" if target.missing else ""
        return f"predict {target.name[:30]}: {roles.task}{others}; 60/20/20 {split}{group}{without}"
