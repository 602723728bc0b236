"""What the commands print: lines, JSON and tables that read well on 80 columns, in a pipe, and without colour.

Every string passes through `lossterm.text` here, whoever wrote it. Output that cannot be written stops no work; only
what does nothing but print (`print_json_array`) is left off then.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from ..text import one_line, printable, to_ascii, wrap
from .streams import OutputError

if TYPE_CHECKING:
    from rich.console import Console

    from ..formatting import Role

_PIPED_WIDTH = 1000
_ENCODER = json.JSONEncoder(allow_nan=False)
ROLE_STYLES: dict[Role, str] = {
    "muted": "dim",
    "active": "cyan",
    "good": "green",
    "warning": "yellow",
    "bad": "red",
}
"""The colour of what a state means, as rich names it."""


@dataclass(frozen=True)
class TableColumn:
    """One column of a table.

    Attributes:
        title: Its heading.
        justify: Where its cells stand.
        keep: Where the terminal is narrow, columns of a lower number are left out first.
        styles: rich's style for a cell's text; plain for any other.
        narrow: Where the terminal is narrow, the most cells that its texts are cut to; 0 for no limit.
    """

    title: str
    justify: Literal["left", "right"] = "right"
    keep: int = 9
    styles: Mapping[str, str] = field(default_factory=dict)
    narrow: int = 0


def say(text: str) -> None:
    """Print one line, at once."""
    _print(_shown(text))


def say_code(text: str) -> None:
    """Print a text of several lines, such as a program, each harmless to a terminal and otherwise as it is."""
    for line in text.splitlines():
        line = printable(line.expandtabs(4))
        _print(to_ascii(line, keep_width=False) if sys.stdout.encoding == "ascii" else line)


def say_sentence(text: str) -> None:
    """Print one line, at once; on a terminal broken between words where it is too long."""
    if sys.stdout.isatty():
        _print("\n".join(wrap(_shown(text), console().width)))
    else:
        say(text)


def say_error(text: str) -> None:
    """Print one line on standard error, with the program's name in front."""
    print(f"lossterm: {one_line(text)}", file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """Print a value as one line of JSON, at once."""
    _print(_ENCODER.encode(value))


def print_json_array(values: Iterable[Any]) -> None:
    """Print values as one line of JSON, an array, each as soon as it is there.

    Raises:
        OutputError: Standard output takes nothing any more.
    """
    write = sys.stdout.write
    write("[")
    for place, value in enumerate(values):
        write((", " if place else "") + _ENCODER.encode(value))
    write("]\n")
    sys.stdout.flush()


def console() -> Console:
    """Make a console that colours nothing by guess and never wraps what goes into a pipe."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else _PIPED_WIDTH
    return Console(file=sys.stdout, markup=False, highlight=False, emoji=False, width=width)


def print_table(columns: Sequence[TableColumn], rows: Iterable[Sequence[str]]) -> None:
    """Print a table with as many columns as fit; in a pipe all of them, aligned by spaces alone."""
    columns = [replace(column, title=_shown(column.title)) for column in columns]
    cells = [[_shown(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _print_ruled(columns, cells)
    else:
        _print_aligned(columns, cells)


def _shown(text: str) -> str:
    """A text on one line, with look-alikes where standard output takes nothing but ASCII."""
    text = one_line(text)
    return to_ascii(text, keep_width=False) if sys.stdout.encoding == "ascii" else text


def _print(text: str) -> None:
    with contextlib.suppress(OutputError):
        print(text, flush=True)


def _print_ruled(columns: Sequence[TableColumn], rows: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    out = console()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1), collapse_padding=True)
    rows = _narrowed(columns, rows, out.width)
    shown = _fitting(columns, rows, out.width)
    for index in shown:
        table.add_column(columns[index].title, justify=columns[index].justify, no_wrap=True)
    for row in rows:
        table.add_row(*(Text(row[index], columns[index].styles.get(row[index], "")) for index in shown))
    with contextlib.suppress(OutputError):
        out.print(table)


def _print_aligned(columns: Sequence[TableColumn], rows: Sequence[Sequence[str]]) -> None:
    widths = _widths(columns, rows)
    lines = [[column.title for column in columns], *rows]
    _print("\n".join("  ".join(map(_aligned, row, columns, widths)).rstrip() for row in lines))


def _aligned(cell: str, column: TableColumn, width: int) -> str:
    from rich.cells import cell_len

    padding = " " * (width - cell_len(cell))
    return cell + padding if column.justify == "left" else padding + cell


def _narrowed(columns: Sequence[TableColumn], rows: Sequence[Sequence[str]], width: int) -> Sequence[Sequence[str]]:
    """The rows, with long texts cut where not all columns fit the width."""
    if len(_fitting(columns, rows, width)) == len(columns):
        return rows
    return [[_cut(cell, column.narrow) for cell, column in zip(row, columns, strict=True)] for row in rows]


def _cut(text: str, cells: int) -> str:
    return text if not cells or len(text) <= cells else text[: cells - 1] + _shown("…")


def _fitting(columns: Sequence[TableColumn], rows: Sequence[Sequence[str]], width: int, gap: int = 2) -> list[int]:
    """The columns that fit the width, in their order; the least worth keeping are left out first."""
    widths = _widths(columns, rows)
    shown = list(range(len(columns)))
    while len(shown) > 1 and sum(widths[i] for i in shown) + gap * (len(shown) - 1) > width:
        shown.remove(min(shown, key=lambda i: (columns[i].keep, -i)))
    return shown


def _widths(columns: Sequence[TableColumn], rows: Sequence[Sequence[str]]) -> list[int]:
    from rich.cells import cell_len

    return [max(cell_len(column.title), *(cell_len(row[i]) for row in rows), 0) for i, column in enumerate(columns)]
