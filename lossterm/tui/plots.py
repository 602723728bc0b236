"""What the chart shows: one run's train and test curves, or several runs on the metric they share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..catalog import NOT_COMPARABLE, Metric, shared_notes
from ..chart import Plot, Series, mean_and_band
from ..chart.styles import SLOTS
from ..experiments.presets import preset_of
from ..experiments.ranking import verdict
from ..runs.records import Run
from .draft import Draft
from .run_data import RunCurve, ShownRuns

Quantity = Literal["usual", "other"]
"""Usually one run shows its loss and several show their metric; `other` is the other one."""
Band = Literal["range", "sd", "each"]
"""How runs that differ in nothing but the seed are drawn: mean and range, mean ± sd, or each on its own."""
BANDS: tuple[Band, ...] = ("range", "sd", "each")

_SPREAD_WORDS: dict[Band, str] = {"range": ", mean and range over seeds", "sd": ", mean ± sd over seeds", "each": ""}
_NOTHING = RunCurve()


@dataclass(frozen=True, eq=False)
class ChartContent:
    """What there is to draw.

    Attributes:
        shown: The runs in the chart.
        current: The highlighted run.
        curves: The epochs that were read, by run id.
        slot: The colour and glyph of a shown run.
        draft: What would be trained next, named where nothing is shown.
        version: Another number where curves or colours may have changed.
    """

    shown: ShownRuns
    current: Run | None
    curves: Mapping[int, RunCurve]
    slot: Callable[[Run], int]
    draft: Draft
    version: int

    def curve(self, run: Run) -> RunCurve:
        """The epochs of a run, as far as they were read."""
        return self.curves.get(run.id, _NOTHING)


@dataclass(frozen=True)
class Caption:
    """What is said beside a plot.

    Attributes:
        title: What it shows.
        note: What a person should know about it; empty where there is nothing to say.
        headline: The ranking of several runs; empty where there is none.
    """

    title: str
    note: str = ""
    headline: str = ""


def plot_of(content: ChartContent, quantity: Quantity, band: Band) -> tuple[Plot, Caption]:
    """Choose the plot for what is shown, and what is said beside it."""
    shown = content.shown
    if len(shown) > 1:
        return _several(content, quantity == "usual", band)
    if len(shown) == 1:
        return _one(content, shown[0], metric=quantity == "other")
    draft = content.draft
    empty = f"{draft.loss.title} on {draft.dataset.name}: press enter to train"
    return Plot(empty=empty, x_range=(1, 50)), Caption("chart", _problem_or_note(draft))


def _one(content: ChartContent, run: Run, metric: bool) -> tuple[Plot, Caption]:
    config = run.config
    curve = content.curve(run)
    slot = content.slot(run)
    train, test = (curve.train_metric, curve.test_metric) if metric else (curve.train_loss, curve.test_loss)
    name = config.metric.title if metric else config.loss_entry.title
    series = (
        Series("train", curve.epochs, train, slot=slot, line_style="dotted"),
        Series("test", curve.epochs, test, slot=slot, best=_best_index(run, curve) if metric else None),
    )
    title = f"#{run.id} {config.loss_entry.title} on {config.dataset} · seed {config.seed}"
    changes = ", ".join(f"{field} {value}" for field, value in config.default_changes().items())
    caption = Caption(f"{title} · {changes}" if changes else title, config.notes[0].short if config.notes else "")
    return _plot(series, [run], name, config.metric if metric else None, _why_empty(run)), caption


def _several(content: ChartContent, metric: bool, band: Band) -> tuple[Plot, Caption]:
    shown = content.shown
    kind = (content.current or shown[0]).config.metric
    alike = shown.on_metric(kind)
    if band == "each":
        groups, labels, entries = [[run] for run in alike], alike.labels_of_each, alike.entries_of_each
    else:
        groups, labels, entries = alike.groups, alike.labels, alike.entries
    drawn = groups[-SLOTS:]
    series = [_curve_of(content, group, labels[group[0].id], metric, band) for group in drawn]
    several_losses = len({group[0].config.loss for group in groups}) > 1
    notes = _notes(content, alike, metric, len(drawn), len(groups) - len(drawn))
    name = kind.title if metric else "loss" + (" (not comparable)" if several_losses else "")
    datasets = " and ".join(sorted({group[0].config.dataset for group in groups}))
    spread = _SPREAD_WORDS[band] if len(drawn) < len(alike) else ""
    headline = "  ".join(f"{place} {entry.words}" for place, entry in enumerate(entries, start=1))
    caption = Caption(
        f"{len(alike)} runs on {datasets} · test {name}{spread}",
        " · ".join(filter(None, notes)),
        headline if metric and len(entries) > 1 else "",
    )
    runs = [group[0] for group in groups]
    return _plot(series, runs, f"test {name}", kind if metric else None, "waiting for first epochs"), caption


def _notes(content: ChartContent, alike: ShownRuns, metric: bool, drawn: int, undrawn: int) -> list[str]:
    """What should be known about several runs, the most important first."""
    notes = []
    if undrawn:
        notes.append(f"only the last {SLOTS} curves are drawn; {undrawn} more are marked")
    left_out = len(content.shown) - len(alike)
    if left_out:
        notes.append(f"{left_out} marked on another metric than {alike[0].config.metric.title}: not shown")
    preset = preset_of(group[0].config for group in alike.groups)
    if preset is not None:
        notes.append(preset.watch)
    losses = {group[0].config.loss for group in alike.groups}
    if not metric and len(losses) > 1:
        return [*notes, NOT_COMPARABLE.short]
    entries = alike.entries
    return [*notes, verdict(entries) if metric and len(entries) == drawn > 1 else "", _note_of(alike)]


def _curve_of(content: ChartContent, group: Sequence[Run], label: str, metric: bool, band: Band) -> Series:
    """One run's curve, or the mean of several with its band."""
    curves = [content.curve(run) for run in group]
    values = [curve.test_metric if metric else curve.test_loss for curve in curves]
    slot = content.slot(group[0])
    if len(group) == 1:
        best = _best_index(group[0], curves[0]) if metric else None
        return Series(label, curves[0].epochs, values[0], slot=slot, best=best)
    mean, edges = mean_and_band(values, "sd" if band == "sd" else "range")
    longest = max(curves, key=lambda curve: len(curve.epochs)).epochs
    return Series(f"{label} ×{len(group)}", longest[: len(mean)], mean, slot=slot, band=edges, end_label=label)


def _plot(series: Sequence[Series], runs: Sequence[Run], name: str, metric: Metric | None, empty: str) -> Plot:
    planned = max(run.config.epochs for run in runs)
    return Plot(
        series=tuple(series),
        x_range=(1, max(planned, 2)),
        y_label=name,
        empty=empty,
        floor=0.0 if metric is None else metric.low,
        ceiling=None if metric is None else metric.high,
    )


def _note_of(runs: ShownRuns) -> str:
    """The first note that concerns these runs together."""
    configs = [group[0].config for group in runs.groups]
    notes = shared_notes((config.loss_entry, config.dataset_entry) for config in configs)
    return notes[0].short if notes else ""


def _best_index(run: Run, curve: RunCurve) -> int | None:
    if run.best is None or run.best.epoch > len(curve.epochs):
        return None
    return run.best.epoch - 1


def _why_empty(run: Run) -> str:
    if run.status == "queued":
        return "queued: waits for a trainer"
    if run.status == "starting":
        return f"{run.phase} …" if run.phase else "starting …"
    return "no epochs recorded" if run.epochs_done == 0 else "reading its epochs …"


def _problem_or_note(draft: Draft) -> str:
    config, problem = draft.checked()
    if config is None:
        return problem
    return config.notes[0].short if config.notes else ""
