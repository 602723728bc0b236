"""A row of the table of runs that stands for several: an experiment, or the runs of one loss in it."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from ...experiments.timing import rough
from ...runs.records import Run
from .lines import Piece, bar, fit

_BAR = 10
_SHORTEST_TITLE = 8


@dataclass(frozen=True)
class GroupLine:
    """What the row says.

    Attributes:
        title: The experiment's name, or the loss.
        opened: Whether the rows of its runs are shown below it.
        inner: Whether it is a loss in an experiment.
        marked: Whether all of its runs are marked.
        run: Its first run, by whose colour its curve is known; None where it is no curve.
        total: How many runs it has.
        done: How many of them have ended.
        bad: How many of them ended badly.
        progress: The share of all epochs that is trained, 0 to 1.
        left: Estimated seconds until all have ended; None where that is not known.
        figures: The best loss and its score, or the loss's own; empty where there is none.
        number: The experiment's.
        note: Where a comparison stands, or what it shows; empty for any other group.
    """

    title: str
    opened: bool
    inner: bool
    marked: bool
    run: Run | None
    total: int
    done: int
    bad: int
    progress: float
    left: float | None
    figures: str
    number: int
    note: str = ""


def progress_pieces(line: GroupLine, room: int = sys.maxsize) -> list[Piece]:
    """How far the runs are: how many have ended, and while some have not the time that is left and a bar, with room."""
    pieces: list[Piece] = [("value" if line.done < line.total else "text", f"{line.done}/{line.total}")]
    if line.done < line.total and line.left is not None:
        pieces.append(("muted", f" about {rough(line.left)} left"))
    if line.bad:
        pieces.append(("bad", f" {line.bad} ended badly"))
    if line.done < line.total and sum(len(words) for _, words in pieces) + 1 + _BAR <= room:
        pieces.insert(1, ("active", f" {bar(line.progress, _BAR)}"))
    return pieces


def group_pieces(line: GroupLine, width: int) -> list[Piece]:
    """The row, without the cells of its marks, in exactly `width` cells."""
    indent, role = ("  ", "curve") if line.inner else ("", "title")
    sign = f"{indent}{'▾' if line.opened else '▸'} "
    facts = progress_pieces(line, room=width - len(sign) - len(line.title) - len(line.figures) - len("    best "))
    if line.figures:
        facts += [("muted", "" if line.inner else "  best"), ("value", f" {line.figures}")]
    number = f" experiment {line.number}"
    room = width - len(sign) - sum(len(text) for _, text in facts) - 2
    title = fit(line.title, max(min(room, len(line.title)), _SHORTEST_TITLE))
    pieces: list[Piece] = [(role, f"{sign}{title}"), ("muted", "  "), *facts]
    left = width - sum(len(text) for _, text in pieces)
    if line.note and left > _SHORTEST_TITLE:
        return [*pieces, ("value", "  " + fit(line.note, left - 2))]
    if not line.inner and left > len(number):
        return [*pieces, ("muted", fit(number, left, right=True))]
    return [*pieces, ("muted", " " * left)] if left > 0 else pieces
