"""Which rows of the table a person chose: the marked runs, and the run or the group of runs under the cursor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple


class Group(NamedTuple):
    """A row that stands for several runs: an experiment, or the runs of one loss in it.

    Attributes:
        experiment: The experiment's number.
        settings: What the runs of one loss share, everything but seed and device; None for the whole experiment.
    """

    experiment: int
    settings: tuple[object, ...] | None = None

    @property
    def whole(self) -> Group:
        """The experiment that it belongs to."""
        return Group(self.experiment)


Row = int | Group
"""A row of the table: a run by its id, or a group."""


@dataclass(frozen=True)
class Selection:
    """The runs that a person chose.

    Attributes:
        marked: The ids of the runs that are compared, in the order in which they were marked.
        highlighted: The id of the run under the cursor, if there is a run.
        group: The group under the cursor, if there is one.
    """

    marked: tuple[int, ...] = ()
    highlighted: int | None = None
    group: Group | None = None

    @cached_property
    def marked_set(self) -> frozenset[int]:
        """The ids of the marked runs."""
        return frozenset(self.marked)

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.highlighted if self.group is None else self.group

    def highlight(self, row: Row | None) -> Selection:
        """Put the cursor on a row."""
        if isinstance(row, Group):
            return replace(self, highlighted=None, group=row)
        return replace(self, highlighted=row, group=None)

    def mark(self, run_ids: Iterable[int]) -> Selection:
        """Mark these runs and no others."""
        return replace(self, marked=tuple(run_ids))

    def toggle(self, run_ids: Iterable[int]) -> Selection:
        """Mark runs beside those that are marked; unmark them where all of them are."""
        ids = dict.fromkeys(run_ids)
        if self.marked_set.issuperset(ids):
            return self.mark(other for other in self.marked if other not in ids)
        return self.mark(dict.fromkeys((*self.marked, *ids)))

    def without(self, run_ids: frozenset[int]) -> Selection:
        """Let go of runs that are gone."""
        highlighted = None if self.highlighted in run_ids else self.highlighted
        if run_ids.isdisjoint(self.marked_set):
            return self if highlighted == self.highlighted else replace(self, highlighted=highlighted)
        return Selection(tuple(i for i in self.marked if i not in run_ids), highlighted, self.group)
