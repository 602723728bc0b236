"""The tutorial's own figure of runs: the loss by epoch, the metric below it, train and test, by matplotlib."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..catalog import Metric
from ..runs.records import Epoch, Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Curve = tuple[Run, Sequence[Epoch]]
"""A run and its epochs, or some of them that lie evenly."""

MOST_POINTS = 4000
"""Of one curve: more than that no figure shows."""
_WIDTH, _HEIGHT = 7.0, 3.4
_DOTS_AN_INCH = 150
_LEGEND_BELOW = 8


def write_figure(curves: Sequence[Curve], target: Path, form: str) -> None:
    """Draw runs in one figure: a panel for the loss, and one for each metric that is not the loss itself.

    Args:
        curves: the runs, each with at least one epoch.
        target: the file.
        form: png, svg or pdf.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    metrics = _metrics([run for run, _ in curves])
    with rc_context({"svg.hashsalt": "lossterm", "text.parse_math": False}):
        figure = Figure(figsize=(_WIDTH, _HEIGHT * (1 + len(metrics))), layout="constrained")
        FigureCanvasAgg(figure)
        panels = figure.subplots(1 + len(metrics), squeeze=False)[:, 0]
        if len(curves) == 1:
            run = curves[0][0]
            figure.suptitle(f"{run.config.loss_as_typed} on {run.config.dataset}, seed {run.config.seed}")
        else:
            figure.suptitle(_common_words([run for run, _ in curves]))
        _draw_loss(panels[0], curves)
        for axes, metric in zip(panels[1:], metrics, strict=True):
            _draw_metric(axes, curves, metric)
        panels[-1].set_xlabel("epoch")
        no_date: dict[str, Any] = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[form]
        figure.savefig(target, format=form, dpi=_DOTS_AN_INCH, metadata=no_date)


def thinned(epochs: Sequence[Epoch]) -> Sequence[Epoch]:
    """At most MOST_POINTS epochs that lie evenly, the last among them."""
    step = -(-len(epochs) // MOST_POINTS)
    return epochs if step <= 1 else [*epochs[:-1:step], epochs[-1]]


def _metrics(runs: Sequence[Run]) -> list[Metric]:
    """The metrics that need a panel: those of runs whose loss is something else."""
    return list({run.config.metric.name: run.config.metric for run in runs if not _loss_is_metric(run)}.values())


def _loss_is_metric(run: Run) -> bool:
    config = run.config
    return config.metric.name == "mse" and config.loss == "mean_squared_error" and not config.l2


def _common_words(runs: Sequence[Run]) -> str:
    """What the runs have in common."""
    datasets = list(dict.fromkeys(run.config.dataset for run in runs))
    losses = list(dict.fromkeys(run.config.loss_as_typed for run in runs))
    what = losses[0] if len(losses) == 1 else f"{len(losses)} losses"
    where = datasets[0] if len(datasets) == 1 else f"{len(datasets)} datasets"
    return f"{what} on {where}, {len(runs)} runs"


def _draw_loss(axes: Axes, curves: Sequence[Curve]) -> None:
    losses = {run.config.loss_as_typed: run.config.loss_entry.title for run, _ in curves}
    if len(losses) == 1:
        axes.set_title(f"Loss: {next(iter(losses.values()))}")
    else:
        axes.set_title("Loss, each its own: their values are not comparable")
    axes.set_ylabel("loss")
    _draw(axes, curves, lambda epoch: (epoch.train_loss, epoch.test_loss))


def _draw_metric(axes: Axes, curves: Sequence[Curve], metric: Metric) -> None:
    axes.set_title(metric.title[0].upper() + metric.title[1:])
    axes.set_ylabel(metric.title)
    of_it = [(run, epochs) for run, epochs in curves if run.config.metric.name == metric.name]
    _draw(axes, of_it, lambda epoch: (epoch.train_metric, epoch.test_metric), first=[run for run, _ in curves])


def _draw(
    axes: Axes,
    curves: Sequence[Curve],
    values: Callable[[Epoch], tuple[float, float]],
    first: Sequence[Run] | None = None,
) -> None:
    """Draw two curves a run: of one run each with its colour, of several a colour a run and the train curve dashed.

    Args:
        axes: to draw on.
        curves: the runs.
        values: the train and the test value of an epoch.
        first: the runs in the order of the colours; those of `curves` where left out.
    """
    places = {run.id: place for place, run in enumerate(first or [run for run, _ in curves])}
    alone = len(places) == 1
    for run, epochs in curves:
        x = [epoch.epoch for epoch in epochs]
        colour = f"C{places[run.id] % 10}"
        point: dict[str, Any] = {"marker": "o"} if len(epochs) == 1 else {}
        name = "" if alone else f"#{run.id} {run.config.loss_as_typed} "
        for part, label in enumerate(("train", run.config.measured_set)):
            y = [values(epoch)[part] for epoch in epochs]
            if alone:
                style: dict[str, Any] = {"color": f"C{part}"}
            else:
                style = {"color": colour, "linestyle": "--" if label == "train" else "-", "linewidth": 1.2}
            axes.plot(x, y, label=f"{name}{label}", **style, **point)
    _add_legend(axes, 2 * len(curves))
    axes.grid(alpha=0.3)


def _add_legend(axes: Axes, lines: int) -> None:
    """A legend within the axes, or beside them where it has many lines."""
    if lines <= _LEGEND_BELOW:
        axes.legend()
    else:
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), fontsize="x-small", ncols=-(-lines // 24))
