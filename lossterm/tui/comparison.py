"""What is said of several runs that are compared: the conclusion, and a table that is legend and ranking at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..chart import Series
from ..experiments.convergence import Convergence
from ..experiments.ranking import Entry, difference_words
from ..formatting import mean_and_sd, number, status_words
from ..runs.records import ENDED, Run


@dataclass(frozen=True)
class ComparisonRow:
    """One curve of a comparison.

    Attributes:
        label: Its name.
        slot: Its colour and glyph.
        variant: Which of several of its slot it is, from 1; 0 for the only one.
        figures: Its final metric, mean ± sd over seeds; or where it stands.
        difference: How far it is from the best; empty where that is not known.
        reached: The epoch at which it came within reach of the best; empty where that is not known.
        value: The value under the crosshair; empty without one.
        highlighted: Whether the run under the cursor is part of it.
        dim: Whether another curve is isolated.
    """

    label: str
    slot: int
    variant: int
    figures: str
    difference: str = ""
    reached: str = ""
    value: str = ""
    highlighted: bool = False
    dim: bool = False


@dataclass(frozen=True)
class Comparison:
    """What is said of several runs beside their chart.

    Attributes:
        conclusion: What follows from their final scores; empty while there are none.
        rows: A row a curve, the best first.
        metric: What the figures are.
        reach: What counts as within reach of the best; empty where that is not known.
        notes: What else should be known.
        crosshair: The epoch under the crosshair; None without one.
        curves: The label of the curve that each run is part of, by the run's id.
    """

    conclusion: str = ""
    rows: tuple[ComparisonRow, ...] = ()
    metric: str = ""
    reach: str = ""
    notes: str = ""
    crosshair: int | None = None
    curves: Mapping[int, str] = field(default_factory=dict, compare=False, repr=False)

    def with_emphasis(self, highlighted: str, isolated: str) -> Comparison:
        """The same with the row of the highlighted run and that of the isolated curve, if any, standing out."""
        rows = tuple(
            replace(row, highlighted=row.label == highlighted, dim=isolated not in ("", row.label)) for row in self.rows
        )
        return replace(self, rows=rows)

    def at(self, epoch: float | None, series: Sequence[Series]) -> Comparison:
        """The same with the values under the crosshair at an epoch, of the curves of the plot."""
        if epoch is None:
            return self
        found = {each.end_label or each.label: each for each in series}
        rows = tuple(replace(row, value=_value_at(found.get(row.label), int(epoch))) for row in self.rows)
        return replace(self, rows=rows, crosshair=int(epoch))


def comparison_rows(
    groups: Sequence[Sequence[Run]],
    labels: Mapping[int, str],
    entries: Sequence[Entry],
    reached: Convergence,
    slot: Callable[[Run], int],
) -> tuple[ComparisonRow, ...]:
    """The rows of the table.

    Args:
        groups: The runs of each curve.
        labels: What each group is called, by the id of its first run.
        entries: The groups that have final scores, the best first.
        reached: How soon they came within reach of the best.
        slot: The colour and glyph of a run.

    Returns:
        A row a group, those with final scores first.
    """
    by_label = {labels[group[0].id]: group for group in groups}
    ranked = [entry for entry in entries if entry.label in by_label]
    names = [*(entry.label for entry in ranked), *by_label]
    known = {entry.label: entry for entry in ranked}
    variants = variants_of(groups, slot)
    rows = []
    for label in dict.fromkeys(names):
        group = by_label[label]
        entry = known.get(label)
        rows.append(
            ComparisonRow(
                label,
                slot(group[0]),
                variants[group[0].id],
                _figures(entry) if entry is not None else _standing(group),
                difference_words(entry, ranked[0]) if entry is not None else "",
                reached.words(label),
            )
        )
    return tuple(rows)


def variants_of(groups: Sequence[Sequence[Run]], slot: Callable[[Run], int]) -> dict[int, int]:
    """Number the groups that share a colour and glyph, by the id of each group's first run; 0 for one on its own."""
    alike: dict[int, list[int]] = {}
    for group in groups:
        alike.setdefault(slot(group[0]), []).append(group[0].id)
    return {run_id: place if len(ids) > 1 else 0 for ids in alike.values() for place, run_id in enumerate(ids, 1)}


def reach_words(reached: Convergence, higher_is_better: bool) -> str:
    """What counts as within reach of the best, as the heading of its column."""
    return f"{'≥' if higher_is_better else '≤'}{number(reached.target)}" if reached.known else ""


def _figures(entry: Entry) -> str:
    if not entry.values:
        return "diverged"
    words = mean_and_sd(entry.mean, entry.sd if len(entry.values) > 1 else None)
    return f"{words}, {len(entry.diverged)} diverged" if entry.diverged else words


def _standing(group: Sequence[Run]) -> str:
    """Where runs without final scores stand: what is under way before what waits and what has ended."""
    run = min(group, key=lambda one: (one.status in ENDED, one.status == "queued"))
    return status_words(run)


def _value_at(series: Series | None, epoch: int) -> str:
    if series is None or not 1 <= epoch <= len(series.ys):
        return "-"
    return f"{series.ys[epoch - 1]:.5g}"
