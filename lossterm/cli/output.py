"""Plain output: consoles and tables that are readable on 80 columns, in a pipe, and without colour."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

_PIPED_WIDTH = 1000


@dataclass(frozen=True)
class Column:
    """One column of a table.

    keep: where the terminal is narrow, columns of a lower number go first. styles: rich's style for a cell's text.
    """

    title: str
    justify: Literal["left", "right"] = "right"
    keep: int = 9
    styles: Mapping[str, str] = field(default_factory=dict)


def one_line(text: str) -> str:
    """Any text as one printable line."""
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))


def console(stderr: bool = False) -> Console:
    """A console that colours nothing by guess and never wraps what goes into a pipe."""
    stream = sys.stderr if stderr else sys.stdout
    plain = not stream.isatty()
    return Console(file=stream, markup=False, highlight=False, emoji=False, width=_PIPED_WIDTH if plain else None)


def say(text: str) -> None:
    """Print one line as it is, at once."""
    print(one_line(text), flush=True)


def print_json(value: Any) -> None:
    """Print a value as one line of JSON, at once."""
    print(json.dumps(value, allow_nan=False), flush=True)


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
    """Print a table with as many columns as fit; in a pipe all of them, aligned by spaces alone."""
    out = console()
    cells = [[one_line(cell) for cell in row] for row in rows]
    gap = 3 if out.is_terminal else 2
    shown = _fitting(columns, cells, out.width, gap)
    if not out.is_terminal:
        _print_plain([[columns[i].title for i in shown], *([row[i] for i in shown] for row in cells)], columns, shown)
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1))
    for index in shown:
        table.add_column(columns[index].title, justify=columns[index].justify, no_wrap=True)
    for row in cells:
        table.add_row(*(Text(row[index], columns[index].styles.get(row[index], "")) for index in shown))
    out.print(table)


def _fitting(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int, gap: int) -> list[int]:
    """The columns that fit the width, in their order; the least worth keeping are left out first."""
    widths = [max([len(column.title), *(len(row[i]) for row in rows)]) for i, column in enumerate(columns)]
    shown = list(range(len(columns)))
    while len(shown) > 1 and sum(widths[i] for i in shown) + gap * (len(shown) - 1) > width:
        shown.remove(min(shown, key=lambda i: (columns[i].keep, -i)))
    return shown


def _print_plain(lines: Sequence[Sequence[str]], columns: Sequence[Column], shown: Sequence[int]) -> None:
    widths = [max(len(line[k]) for line in lines) for k in range(len(shown))]
    for line in lines:
        cells = [
            cell.ljust(size) if columns[index].justify == "left" else cell.rjust(size)
            for cell, size, index in zip(line, widths, shown, strict=True)
        ]
        print("  ".join(cells).rstrip())


def number(value: float | None) -> str:
    """A score as people compare it: three decimals where they say something, else an exponent."""
    if value is None:
        return "-"
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    return f"{value:.3f}" if value == 0 or 0.0005 <= abs(value) < 10_000 else f"{value:.1e}"


def duration(seconds: float | None) -> str:
    """A time as people say it: 15 ms, 1.8 s, 3:20, 2:03:20."""
    if seconds is None or not math.isfinite(seconds):
        return "-"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, whole = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{whole:02}" if hours else f"{minutes}:{whole:02}"
