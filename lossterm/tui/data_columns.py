"""What a person says of the columns of a data file before it is added: pure data for the dialog that asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..catalog import DataChoices

_TARGET_NAMES = ("target", "label", "class", "y", "outcome")
_NUMBERS = ("number", "whole number")
_MOST_CLASSES = 100
_MOST_SETS = 3
"""So many values a column has at most that says which row is in which set."""


@dataclass(frozen=True)
class FoundColumn:
    """A column as `trainer.tables.preview` found it.

    Attributes:
        name: As in the file.
        role: What it is used for where it is not the target.
        type: What its values are, in a word or two.
        missing: How many rows have no value in it.
        distinct: How many different values it has.
        reason: Why it is left out, or what is done to it.
        low, high: The range of its numbers.
        task: What it would be as the target; empty where it cannot be one.
        problem: Why it cannot be one.
        counts: Its most frequent values, where they could be classes.
        first: Its values in the first rows.
    """

    name: str
    role: str
    type: str
    missing: int
    distinct: int
    reason: str
    low: float | None
    high: float | None
    task: str
    problem: str
    counts: tuple[tuple[str, int], ...]
    first: tuple[str | None, ...]

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> FoundColumn:
        """Read what the tool printed."""
        counts = tuple((str(value), int(count)) for value, count in found["counts"])
        return cls(**{**found, "counts": counts, "first": tuple(found["first"])})

    @property
    def tasks(self) -> tuple[str, ...]:
        """What it can be as the target, what it looks like first."""
        if not self.task:
            return ()
        numeric = self.type in _NUMBERS
        fits = {
            "regression": numeric,
            "binary": self.distinct == 2,
            "multiclass": self.distinct <= _MOST_CLASSES,
        }
        return (self.task, *(task for task, can in fits.items() if can and task != self.task))


@dataclass(frozen=True)
class ColumnRoles:
    """The columns of a file, and what is chosen for them.

    Attributes:
        columns: All of them.
        target: The name of the one that is predicted.
        task: What is predicted.
        ignored: Those that the person leaves out.
        split: "random", "ordered", or "column", and then split_column is the one that says the sets.
        group: The one whose equal values stay in one set; "" for none.
    """

    columns: tuple[FoundColumn, ...]
    target: str = ""
    task: str = ""
    ignored: frozenset[str] = frozenset()
    split: str = "random"
    split_column: str = ""
    group: str = ""

    @classmethod
    def of(cls, found: Sequence[Mapping[str, Any]]) -> ColumnRoles:
        """The columns, with the target that is most likely meant: one of a usual name, or the last that can be one."""
        columns = tuple(FoundColumn.of(column) for column in found)
        can = [column for column in columns if column.task]
        usual = [column for column in can if column.name.lower() in _TARGET_NAMES]
        likely = (usual or can)[-1:]
        return cls(columns, *((likely[0].name, likely[0].task) if likely else ()))

    @property
    def target_column(self) -> FoundColumn | None:
        """The column that is predicted."""
        return next((column for column in self.columns if column.name == self.target), None)

    @property
    def choices(self) -> DataChoices:
        """What describes the file."""
        ignored = tuple(column.name for column in self.columns if column.name in self.ignored)
        return DataChoices(self.target, self.task or "auto", ignored, self.split, self.split_column, self.group)

    def role(self, column: FoundColumn) -> str:
        """What a column is used for."""
        chosen = {self.target: "target", self.split_column: "split", self.group: "group"}
        if column.name in chosen:
            return chosen[column.name]
        return "left out" if column.name in self.ignored else column.role

    def with_target(self, column: FoundColumn) -> ColumnRoles:
        """Predict a column that can be predicted, as what it looks like."""
        return replace(self._without(column), target=column.name, task=column.task)

    def with_next_task(self) -> ColumnRoles:
        """Take the target for the next thing that it can be."""
        tasks = self.target_column.tasks if self.target_column is not None else ()
        return replace(self, task=tasks[(tasks.index(self.task) + 1) % len(tasks)]) if tasks else self

    def with_ignored(self, column: FoundColumn) -> ColumnRoles:
        """Leave a column out, or take it in again; the target stays."""
        if column.name == self.target:
            return self
        if column.name in self.ignored:
            return replace(self, ignored=self.ignored - {column.name})
        kept = self._without(column)
        return replace(kept, ignored=kept.ignored | {column.name})

    def with_group(self, column: FoundColumn) -> ColumnRoles:
        """Keep rows that are alike in a column in one set, or no more; the target is no group."""
        if column.name == self.target:
            return self
        return self._without(column) if column.name == self.group else replace(self._without(column), group=column.name)

    def with_next_split(self, column: FoundColumn) -> ColumnRoles:
        """Split at random, in the file's order, or as a column says that has few values."""
        if self.split == "random":
            return replace(self, split="ordered")
        fits = 2 <= column.distinct <= _MOST_SETS and column.name != self.target
        if self.split == "ordered" and fits:
            return replace(self._without(column), split="column", split_column=column.name)
        return replace(self, split="random", split_column="")

    def _without(self, column: FoundColumn) -> ColumnRoles:
        """Take back what was chosen for a column."""
        roles = replace(self, ignored=self.ignored - {column.name})
        if roles.group == column.name:
            roles = replace(roles, group="")
        if roles.split_column == column.name:
            roles = replace(roles, split="random", split_column="")
        return roles
