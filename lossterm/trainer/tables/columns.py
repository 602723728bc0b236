"""What each column of a table is for: a number, a category, the target, or left out with the reason."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any, Literal

import polars as pl

Role = Literal["number", "category", "boolean", "target", "group", "split", "left out"]

MISSING = ["", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "?"]
"""Words that stand for a gap."""
MOST_CATEGORIES = 50
"""Features that one column of categories becomes at most: the most frequent values, and one for all others."""
_TEXT_SHARE = 0.5
"""A column of words is text, and no categories, where more than this share of its values are different."""
_FEW = 20
"""So few different values are categories whatever their share."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        name: as in the file.
        role: what it is for.
        type: what its values are, in a word.
        missing: how many rows have no value in it.
        distinct: how many different values it has.
        reason: why it is left out, or what is done to it; empty if there is nothing to say.
        low, high: the range of its numbers; None where it has none.
    """

    name: str
    role: Role
    type: str
    missing: int
    distinct: int
    reason: str = ""
    low: float | None = None
    high: float | None = None

    def as_json(self) -> dict[str, Any]:
        """The column as JSON."""
        return asdict(self)


def as_read(table: pl.DataFrame) -> pl.DataFrame:
    """The table with its words stripped of blanks, words that are numbers as numbers, and nothing infinite."""
    changed = []
    for series in table.get_columns():
        found = series
        if series.dtype == pl.String:
            found = _numbers_in(series.str.strip_chars())
        elif series.dtype in (pl.Categorical, pl.Enum):
            found = series.cast(pl.String)
        elif isinstance(series.dtype, pl.Decimal) or series.dtype == pl.Int128:
            found = series.cast(pl.Float64)
        if found.dtype.is_float():
            found = found.set(~found.is_finite(), None)  # neither NaN nor infinity is a value
        changed.append(found.alias(series.name))
    return pl.DataFrame(changed)


def _numbers_in(words: pl.Series) -> pl.Series:
    """Words as numbers, where every one of them is a number; else as they are, without those that stand for a gap."""
    words = words.set(words.is_in(MISSING), None)
    if words.null_count() == len(words):
        return words
    some = words.drop_nulls().head(100).cast(pl.Float64, strict=False)
    if some.null_count():
        return words
    numbers = words.cast(pl.Float64, strict=False)
    return numbers if numbers.null_count() == words.null_count() else words


def inspect(
    table: pl.DataFrame, target: str, group: str = "", split: str = "", ignored: Collection[str] = ()
) -> list[Column]:
    """Say of each column what it is for.

    Args:
        table: as `as_read` gives it, without the rows that have no target.
        target: the column that is predicted.
        group: the column with this role; "" for none.
        split: the column with this role; "" for none.
        ignored: columns that the person leaves out.
    """
    given: dict[str, Role] = {target: "target", group: "group", split: "split"}
    found = []
    for series in table.get_columns():
        name = series.name
        if name in given:
            role, reason = given[name], ""
        elif name in ignored:
            role, reason = "left out", "as you asked"
        else:
            role, reason = _role(series)
        found.append(_column(series, role, reason))
    return found


def _column(series: pl.Series, role: Role, reason: str) -> Column:
    kind = _type(series.dtype)
    missing = series.null_count()
    low = high = None
    if kind in ("whole number", "number") and missing < len(series):
        low, high = float(series.min()), float(series.max())  # type: ignore[arg-type]
    return Column(series.name, role, kind, missing, _distinct(series), reason, low, high)


def _type(dtype: pl.DataType) -> str:
    if dtype.is_integer():
        return "whole number"
    if dtype.is_float():
        return "number"
    if dtype == pl.Boolean:
        return "true or false"
    if dtype == pl.String:
        return "words"
    return "date or time" if dtype.is_temporal() else str(dtype).partition("(")[0].lower()


def _distinct(series: pl.Series) -> int:
    try:
        return int(series.n_unique()) - bool(series.null_count())
    except pl.exceptions.PolarsError:  # lists and objects
        return 0


def _role(series: pl.Series) -> tuple[Role, str]:
    """The role of a column that the person says nothing of, and the reason."""
    kind, rows = _type(series.dtype), len(series)
    if series.null_count() == rows:
        return "left out", "it is empty"
    if kind not in ("whole number", "number", "true or false", "words"):
        return "left out", f"{kind}: only numbers, words and true or false are read"
    distinct = _distinct(series)
    if distinct <= 1:
        return "left out", "it is constant"
    if kind == "true or false":
        return "boolean", ""
    if kind == "whole number" and distinct == rows and rows > _FEW and _consecutive(series):
        return "left out", "it numbers the rows"
    if kind != "words":
        return "number", ""
    if distinct > max(_TEXT_SHARE * (rows - series.null_count()), _FEW):
        return "left out", f"text or an identifier: {distinct:,} different values"
    return "category", f"{distinct:,} values, rare ones together" if distinct > MOST_CATEGORIES else ""


def _consecutive(series: pl.Series) -> bool:
    """Whether different whole numbers have no gap between them."""
    low, high = series.min(), series.max()
    return isinstance(low, int) and isinstance(high, int) and high - low + 1 == len(series)
