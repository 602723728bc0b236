"""What the chart shows: one run's train and test curves, or several runs on the metric they share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from ..catalog import NOT_COMPARABLE, Metric, shared_notes
from ..chart import Plot, Series, mean_and_band
from ..experiments.baseline import baseline_name, baseline_of, baseline_words, is_no_better
from ..experiments.convergence import convergence
from ..experiments.presets import finding, preset_of
from ..experiments.ranking import Entry, verdict
from ..runs.records import ENDED, Run
from .comparison import Comparison, comparison_rows, reach_words, variants_of
from .draft import Draft
from .run_data import RunCurve, ShownRuns, one_a_seed

Quantity = Literal["usual", "other"]
"""Usually one run shows its loss and several show their metric; `other` is the other one."""
Band = Literal["range", "sd", "each"]
"""How runs that differ in nothing but the seed are drawn: mean ± sd, mean and range, or each on its own."""
BANDS: tuple[Band, ...] = ("sd", "range", "each")
MOST_CURVES = 24
"""So many curves are drawn at once; of more the newest."""

_SPREAD_WORDS: dict[Band, str] = {"range": ", mean and range over seeds", "sd": ", mean ± sd over seeds", "each": ""}
_NOTHING = RunCurve()


@dataclass(frozen=True, eq=False)
class ChartContent:
    """What there is to draw.

    Attributes:
        shown: The runs in the chart.
        current: The highlighted run.
        curves: The epochs that were read, by run id.
        slot: The colour and glyph of a run.
        draft: What would be trained next, named where nothing is shown.
        version: Another number where curves or colours may have changed.
    """

    shown: ShownRuns
    current: Run | None
    curves: Mapping[int, RunCurve]
    slot: Callable[[Run], int]
    draft: Draft
    version: int

    @property
    def first(self) -> Run:
        """The run that decides on the metric: the highlighted one where it is shown, else the first one shown."""
        return self.current if self.current is not None and self.current.id in self.shown.ids else self.shown[0]

    def curve(self, run: Run) -> RunCurve:
        """The epochs of a run, as far as they were read."""
        return self.curves.get(run.id, _NOTHING)


@dataclass(frozen=True)
class Caption:
    """What is said beside a plot.

    Attributes:
        title: What it shows.
        note: What a person should know about one run, or about what comes next; empty where there is nothing to say.
        comparison: What is said of several runs; without rows where there is one.
    """

    title: str
    note: str = ""
    comparison: Comparison = field(default_factory=Comparison)


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


def emphasised(plot: Plot, caption: Caption, highlighted: str, isolated: str) -> tuple[Plot, Caption]:
    """Put one curve of a comparison in front, and make all but an isolated one faint; their rows of the table alike.

    Args:
        plot: What `plot_of` gave.
        caption: What it gave beside it.
        highlighted: The label of the curve of the highlighted run; empty where it has none.
        isolated: The label of the isolated curve; empty where none is.
    """
    if not caption.comparison.rows:
        return plot, caption
    names = [each.end_label or each.label for each in plot.series]
    isolated = isolated if isolated in names else ""
    series = tuple(
        replace(each, front=name == highlighted, dim=isolated not in ("", name))
        for name, each in zip(names, plot.series, strict=True)
    )
    comparison = caption.comparison.with_emphasis(highlighted, isolated)
    return replace(plot, series=series), replace(caption, comparison=comparison)


def _one(content: ChartContent, run: Run, metric: bool) -> tuple[Plot, Caption]:
    config = run.config
    curve = content.curve(run)
    slot = content.slot(run)
    train, test = (curve.train_metric, curve.test_metric) if metric else (curve.train_loss, curve.test_loss)
    name = config.metric.title if metric else config.loss_entry.title
    series = (
        Series("train", curve.epochs, train, slot=slot, line_style="dotted"),
        Series(config.measured_set, curve.epochs, test, slot=slot, best=_best_index(run, curve) if metric else None),
    )
    title = f"#{run.id} {config.loss_entry.title} on {config.dataset} · seed {config.seed}"
    changes = ", ".join(
        f"{config.rows[name].label} {config.rows[name].written(value)}"
        for name, value in config.default_changes().items()
    )
    notes = [*_learned_nothing(run), *(note.short for note in config.notes[:1])]
    caption = Caption(f"{title} · {changes}" if changes else title, " · ".join(notes))
    plot = _plot(series, [run], name, config.metric if metric else None, _why_empty(run))
    return replace(plot, baseline=_baseline([run]) if metric else None), caption


def _learned_nothing(run: Run) -> list[str]:
    """That a run did no better than the best constant answer, if so."""
    baseline = baseline_of([run])
    if baseline is None or run.scores is None or not is_no_better(run, run.scores.test_metric, baseline):
        return []
    return [f"no better than {baseline_name(run.config.metric, baseline)}: nothing was learned"]


def _several(content: ChartContent, metric: bool, band: Band) -> tuple[Plot, Caption]:
    kind = content.first.config.metric
    alike = content.shown.on_metric(kind)
    if band == "each":
        groups, labels, entries = [[run] for run in alike], alike.labels_of_each, alike.entries_of_each
    else:
        groups, labels, entries = alike.groups, alike.labels, alike.entries
    drawn = groups[-MOST_CURVES:]
    variants = variants_of(drawn, content.slot)
    series = [_curve_of(content, group, labels[group[0].id], variants[group[0].id], metric, band) for group in drawn]
    several_losses = len({group[0].config.loss for group in groups}) > 1
    name = kind.title if metric else "loss" + (" (not comparable)" if several_losses else "")
    datasets = " and ".join(sorted({group[0].config.dataset for group in groups}))
    spread = _SPREAD_WORDS[band] if len(groups) < len(alike) else ""
    runs = [group[0] for group in groups]
    measured = _measured(run.config.measured_set for run in alike)
    plot = _plot(series, runs, f"{measured} {name}", kind if metric else None, "waiting for first epochs")
    comparison = _comparison(content, alike, drawn, labels, entries, metric, len(groups) - len(drawn))
    title = f"{len(alike)} runs on {datasets} · {measured} {name}{spread}"
    plot = replace(plot, legend=False, last_values=False, fit=metric, baseline=_baseline(alike) if metric else None)
    return plot, Caption(title, comparison=comparison)


def _measured(sets: Iterable[str]) -> str:
    """The sets that several runs' curves are of, as "test", "validation" or "test and validation"."""
    return " and ".join(sorted(set(sets)))


def _baseline(runs: Sequence[Run]) -> tuple[float, str] | None:
    """The score of the best constant answer and its name, where it is known and the same for all."""
    value = baseline_of(runs)
    return None if value is None else (value, baseline_name(runs[0].config.metric, value))


def _comparison(
    content: ChartContent,
    alike: ShownRuns,
    drawn: Sequence[Sequence[Run]],
    labels: Mapping[int, str],
    entries: Sequence[Entry],
    metric: bool,
    undrawn: int,
) -> Comparison:
    kind = alike[0].config.metric
    reached = convergence(entries, lambda run: content.curve(run).test_metric)
    conclusion = [baseline_words(entries), verdict(entries)] if len(entries) > 1 and _have_ended(drawn) else []
    preset = preset_of(group[0].config for group in alike.groups)
    if preset is not None and conclusion:
        conclusion.append(finding(preset, alike.runs))
    losses = {group[0].config.loss for group in alike.groups}
    notes = [reached.sentence, preset.watch if preset is not None else ""]
    if undrawn:
        notes.append(f"only the last {MOST_CURVES} curves are drawn; {undrawn} more are marked")
    if len(alike) < len(content.shown):
        left_out = len(content.shown) - len(alike)
        notes.append(f"{left_out} marked on another metric than {kind.title}: not shown")
    notes.append(NOT_COMPARABLE.short if not metric and len(losses) > 1 else "")
    notes.append("★ a run's best epoch" if any(len(group) == 1 for group in drawn) else "")
    notes.append(_note_of(alike))
    return Comparison(
        " · ".join(words.rstrip(".") for words in conclusion if words),
        comparison_rows(drawn, labels, entries, reached, content.slot),
        f"test {kind.brief if len(kind.title) > 9 else kind.title}",
        reach_words(reached, kind.higher_is_better),
        " · ".join(filter(None, notes)),
        curves={run.id: labels[group[0].id] for group in drawn for run in group},
    )


def _have_ended(groups: Sequence[Sequence[Run]]) -> bool:
    return all(run.status in ENDED for group in groups for run in group)


def _curve_of(
    content: ChartContent, group: Sequence[Run], label: str, variant: int, metric: bool, band: Band
) -> Series:
    """One run's curve, or the mean of several with its band."""
    runs = one_a_seed(group)
    curves = [content.curve(run) for run in runs]
    values = [curve.test_metric if metric else curve.test_loss for curve in curves]
    slot = content.slot(group[0])
    if len(runs) == 1:
        best = _best_index(runs[0], curves[0]) if metric else None
        return Series(label, curves[0].epochs, values[0], slot=slot, variant=variant, best=best)
    mean, edges = mean_and_band(values, "sd" if band == "sd" else "range", positive=True)
    xs = max(curves, key=lambda curve: len(curve.epochs)).epochs[: len(mean)]
    return Series(f"{label} ×{len(runs)}", xs, mean, slot=slot, variant=variant, band=edges, end_label=label)


def _plot(series: Sequence[Series], runs: Sequence[Run], name: str, metric: Metric | None, empty: str) -> Plot:
    planned = max(run.config.epochs for run in runs)
    return Plot(
        series=tuple(series),
        x_range=(1, max(planned, 2)),
        y_label=name,
        empty=empty,
        floor=0.0 if metric is None else metric.low,
        ceiling=None if metric is None else metric.high,
        choose_log=metric is None or metric.high is None,
    )


def _note_of(runs: ShownRuns) -> str:
    """The first note that concerns these runs together."""
    configs = [group[0].config for group in runs.groups]
    notes = shared_notes((config.loss_entry, config.notes) for config in configs)
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
