"""What a comparison shows, as lines: in the room that there is beside the runs, or whole on its own page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from ..chart.glyphs import glyphs
from ..experiments.progress import ComparisonProgress
from ..experiments.statistics import Pair
from ..experiments.verdict import LossResult, Verdict
from ..formatting import interval, number
from ..text import wrap
from .forest_plot import Difference, axis_of, row_of, scale_of
from .widgets.lines import Line, Piece, bar, fit

_WIDE = 92
"""From so many cells on the table has the intervals of the means."""
_MOST_FOREST, _LEAST_FOREST = 48, 12
_BAR = 20
_WORDS = {"a": "worse", "b": "better", "equivalent": "equivalent", "undecided": "undecided"}
_SIGNS = {"a": "+", "b": "−", "equivalent": "=", "undecided": "?"}
_ROLES = {"a": "bad", "b": "good", "equivalent": "text", "undecided": "muted"}
MORE = "enter: all of it"


def overview(
    progress: ComparisonProgress, slots: Mapping[str, int], width: int, most: int, ascii_only: bool
) -> list[Line]:
    """The verdict in a few lines: the sentence, the table with its forest plot, then groups and advice as they fit.

    Args:
        progress: Where the comparison stands.
        slots: The colour and glyph of each loss.
        width: In cells.
        most: How many lines there may be.
        ascii_only: Whether glyphs are those of plain terminals.
    """
    inner = max(width - 2, 20)
    lines = _standing(progress, inner)
    if not progress.verdict.pairs:
        return [*lines, *tuning_table(progress, slots, ascii_only)][:most]
    lines += [[("title", f" {line}")] for line in wrap(f"{progress.sentence}.", inner)]
    table = loss_table(progress.verdict, slots, width, ascii_only)
    lines += table[: max(most - len(lines), 0)]
    rest: list[Line] = [[("text", f" {line}")] for line in wrap(groups_words(progress.verdict), inner)]
    rest += [[("note", f" {line}")] for advice in progress.verdict.advice for line in wrap(advice, inner)]
    room = most - len(lines)
    if len(rest) > room:
        rest = [*rest[: max(room - 1, 0)], [("muted", f" … {MORE}")]][:room]
    return [*lines, *rest]


def whole(progress: ComparisonProgress, slots: Mapping[str, int], width: int, ascii_only: bool) -> list[Line]:
    """Everything but the tuning's curves, which are a chart."""
    verdict = progress.verdict
    inner = max(width - 2, 20)
    lines = _standing(progress, inner)
    lines += [[("title", f" {line}")] for line in wrap(f"{progress.sentence}.", inner)]
    lines += [[], *loss_table(verdict, slots, width, ascii_only)]
    if verdict.pairs:
        lines += [[], _heading("Every pair"), *pair_matrix(verdict, inner)]
        lines += [[], _heading("Not told apart")]
        lines += [[("text", f" {', '.join(group)}")] for group in verdict.groups if len(group) > 1]
        lines += [] if any(len(group) > 1 for group in verdict.groups) else [[("text", " none: every pair differs")]]
    if verdict.advice:
        lines += [[], _heading("What to know")]
        for advice in verdict.advice:
            first, *others = wrap(advice, inner - 2)
            lines += [[("note", f" · {first}")], *([("note", f"   {line}")] for line in others)]
    return lines


def tuning_table(progress: ComparisonProgress, slots: Mapping[str, int], ascii_only: bool) -> list[Line]:
    """A row a loss: the best learning rate so far, and its mean validation metric."""
    names = max(map(len, progress.tunings), default=0)
    lines: list[Line] = []
    for label, tuning in progress.tunings.items():
        mean = next(mean for rate, mean, _ in tuning.rates if rate == tuning.best)
        words = "no run has ended" if mean is None else f"best so far {tuning.best:g}, {number(mean)}"
        slot = slots.get(label, 0)
        mark: Piece = (f"slot {slot}", f" {glyphs(ascii_only).marker(slot)}")
        lines.append([mark, ("value", fit(f" {label}", names + 1)), ("text", f"  {words}")])
    return lines


def groups_words(verdict: Verdict) -> str:
    """Which losses the data does not tell apart, in a line."""
    alike = [" ~ ".join(group) for group in verdict.groups if len(group) > 1]
    return f"not told apart: {'; '.join(alike)}" if alike else "every pair differs"


def loss_table(verdict: Verdict, slots: Mapping[str, int], width: int, ascii_only: bool) -> list[Line]:
    """A row a loss: tuned learning rate, mean, its difference to the reference as a forest plot, and the verdict."""
    signs = glyphs(ascii_only)
    pairs = {pair.b: pair for pair in verdict.pairs_with(verdict.reference)} if verdict.pairs else {}
    differences = {name: _difference(pair) for name, pair in pairs.items()}
    axis = axis_of(list(differences.values()))
    names = max(len(one.loss) for one in verdict.losses)
    columns = [_Column("loss", names + 2), _Column("rate", 8, True), _Column("mean", 8, True)]
    if width >= _WIDE:
        columns += [_Column("95 % interval", 17, True)]
    columns += [_Column("diverged", 8, True)] if any(one.diverged for one in verdict.losses) else []
    taken = sum(column.width + 1 for column in columns) + len(" undecided") + 1
    forest = min(max(width - taken - 1, 0), _MOST_FOREST)
    shown = bool(pairs) and forest >= _LEAST_FOREST
    head = " " + " ".join(fit(column.title, column.width, column.right) for column in columns)
    lines: list[Line] = [[("muted", head), ("muted", f" to {verdict.reference}" if pairs else "")]]
    for one in verdict.losses:
        mark = signs.marker(slots.get(one.loss, 0))
        pieces: list[Piece] = [("text", " "), (f"slot {slots.get(one.loss, 0)}", mark)]
        pieces.append(("value", fit(f" {one.loss}", columns[0].width - 1)))
        cells = _cells(one, [column.title for column in columns[1:]])
        pieces += [
            ("text", " " + fit(cell, column.width, True)) for cell, column in zip(cells, columns[1:], strict=True)
        ]
        pair = pairs.get(one.loss)
        role = "text" if pair is None else _ROLES[pair.verdict]
        if shown:
            pieces.append((role, " " + row_of(differences.get(one.loss), axis, forest)))
        words = ("baseline" if verdict.plan.baseline else "best") if pair is None else _WORDS[pair.verdict]
        pieces.append((role, f" {words}" if pairs and (pair is not None or one.loss == verdict.reference) else ""))
        lines.append(pieces)
    if shown:
        lines.append([("muted", " " * (sum(c.width + 1 for c in columns) + 1) + scale_of(axis, forest))])
    return lines


def pair_matrix(verdict: Verdict, width: int) -> list[Line]:
    """Every pair: what the loss of the row is to that of the column, with Holm's p where there is room for it."""
    names = [one.loss for one in verdict.losses if any(one.loss in (pair.a, pair.b) for pair in verdict.pairs)]
    found = {(pair.a, pair.b): pair for pair in verdict.pairs}
    label = max(map(len, names))
    cell = max(7, label + 1)
    with_p = label + 4 + cell * len(names) <= width
    cell = cell if with_p else 4
    heads = names if with_p else [str(at) for at in range(1, len(names) + 1)]
    numbers = [""] * len(names) if with_p else [f"{at} " for at in range(1, len(names) + 1)]
    edge = label + max(map(len, numbers))
    lines: list[Line] = [[("muted", " " + " " * edge + "".join(fit(head, cell, True) for head in heads))]]
    for row, number_words in zip(names, numbers, strict=True):
        pieces: list[Piece] = [("text", " " + fit(f"{number_words}{row}", edge))]
        for column in names:
            pair = found.get((row, column)) or found.get((column, row))
            if pair is None:
                pieces.append(("muted", fit("·", cell, True)))
                continue
            seen = pair.seen_from(row)
            words = _SIGNS[seen.verdict] + (f" {seen.p_holm:.3f}".replace(" 0.", " .") if with_p else "")
            pieces.append(({"a": "good", "b": "bad"}.get(seen.verdict, "text"), fit(words, cell, True)))
        lines.append(pieces)
    legend = "+ the row is better, − worse, = equivalent, ? undecided" + (
        "; p after Holm's correction" if with_p else ""
    )
    return [*lines, *([("muted", f" {line}")] for line in wrap(legend, width))]


class _Column:
    """A column of the table of losses."""

    def __init__(self, title: str, width: int, right: bool = False) -> None:
        self.title, self.width, self.right = title, width, right


def _cells(one: LossResult, titles: Sequence[str]) -> list[str]:
    cells = {
        "rate": f"{one.learning_rate:g}",
        "mean": number(one.mean) if math.isfinite(one.mean) else "–",
        "95 % interval": interval(one.interval) if all(map(math.isfinite, one.interval)) else "–",
        "diverged": f"{len(one.diverged)}" if one.diverged else "",
    }
    return [cells[title] for title in titles]


def _difference(pair: Pair) -> Difference:
    """How far b is from a, which is the reference."""
    low, high = pair.interval
    return Difference(-pair.difference, -high, -low)


def _standing(progress: ComparisonProgress, width: int) -> list[Line]:
    """Where it stands, unless it is done."""
    if progress.stage == "done":
        return []
    lines: list[Line] = [[("active", f" {line}")] for line in wrap(progress.words, width)]
    share = progress.done / progress.total if progress.total else 0.0
    return [*lines, [("active", f" {bar(share, min(_BAR, width))}")]]


def _heading(words: str) -> Line:
    return [("key", f" {words}")]
