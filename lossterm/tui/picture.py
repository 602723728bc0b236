"""What the chart shows for a board: one run's train and test curves, or several runs on the metric they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..catalog import NOT_COMPARABLE
from ..chart import Plot, Series, mean_and_band
from ..chart.styles import SLOTS
from ..presets import preset_of
from ..ranking import ranked, same_but_seed, verdict
from ..records import Run
from .board import Board, Curve

Quantity = Literal["usual", "other"]
Band = Literal["range", "sd", "each"]
BANDS: tuple[Band, ...] = ("range", "sd", "each")

METRIC_TITLES = {"mse": "MSE", "accuracy": "accuracy"}


@dataclass(frozen=True)
class Picture:
    """A plot with its title, what a person should know about it, and, of several runs, their ranking."""

    plot: Plot
    title: str
    note: str
    headline: str = ""


def picture(board: Board, quantity: Quantity, band: Band = "range") -> Picture:
    """Choose the picture: of one run usually its loss, of several usually the metric; `other` is the other one.

    band: how runs that differ in nothing but the seed are drawn: mean and range, mean ± sd, or each on its own.
    """
    shown = board.shown
    if len(shown) > 1:
        return _several(board, shown, quantity == "usual", band)
    if shown:
        return _one(board, shown[0], metric=quantity == "other")
    draft = board.draft
    empty = f"{draft.loss.title} on {draft.dataset.name}: press enter to train"
    return Picture(Plot(empty=empty, x_range=(1, 50)), "chart", _problem_or_note(board))


def _one(board: Board, run: Run, metric: bool) -> Picture:
    experiment = run.experiment
    curve = board.curves.get(run.id, Curve())
    slot = board.slot(run)
    train, test = (curve.train_metric, curve.test_metric) if metric else (curve.train_loss, curve.test_loss)
    best = _best_index(run, curve) if metric else None
    name = METRIC_TITLES[experiment.dataset_entry.metric] if metric else experiment.loss_entry.title
    series = (
        Series("train", curve.epochs, train, slot=slot, line_style="dotted"),
        Series("test", curve.epochs, test, slot=slot, best=best),
    )
    title = f"#{run.id} {experiment.loss_entry.title} on {experiment.dataset} · seed {experiment.seed}"
    changes = ", ".join(f"{field} {value}" for field, value in experiment.default_changes().items())
    return Picture(
        _plot(series, [run], name, accuracy=metric and name == "accuracy", empty=_empty(run)),
        f"{title} · {changes}" if changes else title,
        experiment.notes[0].short if experiment.notes else "",
    )


def _several(board: Board, shown: Sequence[Run], metric: bool, band: Band) -> Picture:
    reference = board.current or shown[0]
    kind = reference.experiment.dataset_entry.metric
    alike = [run for run in shown if run.experiment.dataset_entry.metric == kind]
    left_out = len(shown) - len(alike)
    labels = _labels(alike, with_seed=band == "each")
    every = [[run] for run in alike] if band == "each" else same_but_seed(alike)
    groups, undrawn = every[-SLOTS:], len(every[:-SLOTS])
    series = [_curve_of(board, group, labels[group[0].id], metric, band) for group in groups]
    losses = {run.experiment.loss for run in alike}
    entries = ranked(alike, labels)
    notes = [verdict(entries) if metric and len(entries) == len(groups) > 1 else "", _notes_of(alike)]
    if not metric and len(losses) > 1:
        notes = [NOT_COMPARABLE.short]
    preset = preset_of(run.experiment for run in alike)
    if preset is not None:
        notes.insert(0, preset.watch)
    if left_out:
        notes.insert(0, f"{left_out} marked on another metric than {METRIC_TITLES[kind]}: not shown")
    if undrawn:
        notes.insert(0, f"only the last {SLOTS} curves are drawn; {undrawn} more are marked")
    name = METRIC_TITLES[kind] if metric else "loss" + (" (not comparable)" if len(losses) > 1 else "")
    datasets = " and ".join(sorted({run.experiment.dataset for run in alike}))
    spread = {"range": ", mean and range over seeds", "sd": ", mean ± sd over seeds", "each": ""}[band]
    headline = "  ".join(f"{place} {entry.words}" for place, entry in enumerate(entries, start=1))
    return Picture(
        _plot(series, alike, f"test {name}", accuracy=metric and kind == "accuracy", empty="waiting for first epochs"),
        f"{len(alike)} runs on {datasets} · test {name}{spread if len(groups) < len(alike) else ''}",
        " · ".join(filter(None, notes)),
        headline if metric and len(entries) > 1 else "",
    )


def _curve_of(board: Board, group: Sequence[Run], label: str, metric: bool, band: Band) -> Series:
    """One run's curve, or the mean of several with its band."""
    curves = [board.curves.get(run.id, Curve()) for run in group]
    values = [curve.test_metric if metric else curve.test_loss for curve in curves]
    slot = board.slot(group[0])
    if len(group) == 1:
        best = _best_index(group[0], curves[0]) if metric else None
        return Series(label, curves[0].epochs, values[0], slot=slot, best=best)
    mean, edges = mean_and_band(values, "sd" if band == "sd" else "range")
    longest = max(curves, key=lambda curve: len(curve.epochs)).epochs
    return Series(f"{label} ×{len(group)}", longest[: len(mean)], mean, slot=slot, band=edges, end_label=label)


def _plot(series: Sequence[Series], runs: Sequence[Run], name: str, accuracy: bool, empty: str) -> Plot:
    planned = max(run.experiment.epochs for run in runs)
    return Plot(
        series=tuple(series),
        x_range=(1, max(planned, 2)),
        y_label=name,
        empty=empty,
        floor=0.0,
        ceiling=1.0 if accuracy else None,
    )


def _labels(runs: Sequence[Run], with_seed: bool) -> dict[int, str]:
    """The shortest labels that tell runs apart: the loss, and whatever else differs; without seeds, groups of them."""
    parts = {run.id: [run.experiment.loss_entry.short] for run in runs}
    if len({run.experiment.dataset for run in runs}) > 1:
        for run in runs:
            parts[run.id].append(run.experiment.dataset)
    if with_seed and len({run.experiment.seed for run in runs}) > 1:
        for run in runs:
            parts[run.id].append(f"s{run.experiment.seed}")
    labels = {run_id: " ".join(words) for run_id, words in parts.items()}
    groups = [[run] for run in runs] if with_seed else same_but_seed(runs)
    heads = [group[0].id for group in groups]
    names = [labels[run_id] for run_id in heads]
    return {i: labels[i] if names.count(labels[i]) == 1 else f"{labels[i]} #{i}" for i in heads}


def _notes_of(runs: Sequence[Run]) -> str:
    """The first note that concerns these runs together."""
    short = {run.experiment.loss_entry.short for run in runs}
    for run in runs:
        for note in run.experiment.notes:
            if run.experiment.loss_entry.short not in ("cce", "kld") or {"cce", "kld"} <= short:
                return note.short
    return ""


def _best_index(run: Run, curve: Curve) -> int | None:
    if run.best is None or run.best.epoch > len(curve.epochs):
        return None
    return run.best.epoch - 1


def _empty(run: Run) -> str:
    if run.status == "queued":
        return "queued: waits for a trainer"
    if run.status == "starting":
        return f"{run.phase} …" if run.phase else "starting …"
    return "no epochs recorded" if run.epochs_done == 0 else "reading its epochs …"


def _problem_or_note(board: Board) -> str:
    experiment, problem = board.draft.checked()
    if experiment is None:
        return problem
    return experiment.notes[0].short if experiment.notes else ""
