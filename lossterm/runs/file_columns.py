"""The columns of a person's own file behind a network's inputs: their names, and values as the file has them.

A trainer's sample holds prepared features. What was found in the file when it was added says which column each comes
from, and how to go back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..text import one_line

MOST_COLUMNS = 40
"""Columns that are described: no view shows more."""
_LONGEST = 200


@dataclass(frozen=True)
class FileColumn:
    """A column, and the features that it became.

    Attributes:
        name: as in the file.
        first: the place of its first feature.
        mean, scale: of a column of numbers, which are standardised by them; None for others.
        values: of a column of categories what each of its features stands for; None for others.
    """

    name: str
    first: int
    mean: float | None = None
    scale: float | None = None
    values: tuple[str, ...] | None = None

    def word(self, features: Sequence[float]) -> str:
        """What a row has in this column, as far as its prepared features say: gaps were filled."""
        if self.values is not None:
            own = features[self.first : self.first + len(self.values)]
            return next((value for value, part in zip(self.values, own, strict=False) if part > 0.5), "")
        if self.mean is None or self.scale is None:
            return "true" if features[self.first] > 0.5 else "false"
        return f"{features[self.first] * self.scale + self.mean:.4g}"

    def as_json(self) -> dict[str, Any]:
        """The column as `file_columns_of` reads it."""
        found: dict[str, Any] = {"name": self.name, "first": self.first}
        if self.values is not None:
            return {**found, "values": list(self.values)}
        return found if self.mean is None else {**found, "mean": self.mean, "scale": self.scale}


def file_columns_of(report: Mapping[str, Any], features: int) -> tuple[FileColumn, ...]:
    """The columns in what was found in a file.

    Args:
        report: as the store keeps it, whoever wrote it.
        features: how many the network takes.

    Returns:
        At most MOST_COLUMNS; none where the report says nothing of them, or is damaged.
    """
    entries = report.get("file_columns")
    if not isinstance(entries, list) or len(entries) > MOST_COLUMNS:
        return ()
    found = tuple(column for entry in entries if (column := _column(entry, features)) is not None)
    return found if len(found) == len(entries) else ()


def _column(entry: object, features: int) -> FileColumn | None:
    if not isinstance(entry, dict):
        return None
    name, first, values = entry.get("name"), entry.get("first"), entry.get("values")
    mean, scale = entry.get("mean"), entry.get("scale")
    if not isinstance(name, str) or type(first) is not int or not 0 <= first < features:
        return None
    name = one_line(name[:_LONGEST])
    if isinstance(values, list):
        words = tuple(one_line(value[:_LONGEST]) for value in values if isinstance(value, str))
        return FileColumn(name, first, values=words) if 0 < len(words) <= features - first else None
    if not (isinstance(mean, (int, float)) and isinstance(scale, (int, float))):
        return FileColumn(name, first)
    return FileColumn(name, first, float(mean), float(scale)) if math.isfinite(mean) and math.isfinite(scale) else None
