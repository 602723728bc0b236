"""What `lossterm compare` prints and writes at the end: the verdict, that over several datasets, and reports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from ..experiments.across_datasets import AcrossDatasets, across_datasets
from ..experiments.comparison import ComparisonPlan
from ..experiments.planning import run_words
from ..experiments.report import FORMATS, Report, across_report, report_of, write_report
from ..experiments.verdict import Verdict, verdict_of
from ..store import Store
from ..supervisor.comparisons import runs_of
from .output import TableColumn, print_json, print_table, say, say_error, say_sentence
from .verdict import print_verdict

Begun = Sequence[tuple[int, ComparisonPlan]]
"""Comparisons, by their experiments' numbers."""


def report_path(text: str) -> Path:
    """Where a report is to be written. Raises click.UsageError."""
    path = Path(text)
    if path.suffix.lower() not in FORMATS:
        raise click.UsageError(f"report: the file's name must end in {', '.join(FORMATS)}, not {text[:60]!r}")
    if not path.absolute().parent.is_dir():
        raise click.UsageError(f"report: there is no folder {path.parent}")
    return path


def print_begun(begun: Begun, as_json: bool) -> None:
    """Say what was queued, and how its verdict is read."""
    for number_of, plan in begun:
        if as_json:
            print_json({"id": number_of, "dataset": plan.dataset, "metric": plan.metric, "seeds": plan.seeds})
        else:
            say(f"comparison {number_of}: {run_words(plan)}; its verdict: lossterm compare --extend {number_of}")


def finish(store: Store, begun: Begun, reports: Sequence[Path], as_json: bool) -> int:
    """Print what was found and write the reports; the exit code."""
    runs = [runs_of(store, number_of, plan) for number_of, plan in begun]
    verdicts = [verdict_of(one) for one in runs]
    across = across_datasets(verdicts) if len(verdicts) > 1 else None
    if as_json:
        found = [verdict.as_json(number_of) for (number_of, _), verdict in zip(begun, verdicts, strict=True)]
        print_json(found[0] if across is None else across.as_json(found))
    else:
        for (number_of, _), verdict in zip(begun, verdicts, strict=True):
            print_verdict(number_of, verdict)
        if across is not None:
            _print_matrix(across, verdicts)
    singles = [report_of(one, verdict) for one, verdict in zip(runs, verdicts, strict=True)] if reports else []
    report = None if not singles else singles[0] if across is None else across_report(across, verdicts, singles)
    if not all(_written(report, path, as_json) for path in reports if report is not None):
        return 1
    return 0 if all(len(verdict.seeds) == verdict.plan.seeds for verdict in verdicts) else 1


def _written(report: Report, path: Path, as_json: bool) -> bool:
    try:
        write_report(report, path)
    except OSError as error:
        say_error(f"report: {path} cannot be written: {error.strerror or error}")
        return False
    if not as_json:
        say(f"report: {path}")
    return True


def _print_matrix(across: AcrossDatasets, verdicts: Sequence[Verdict]) -> None:
    """The means of each loss on each dataset with their ranks, and what the datasets show together."""
    say("")
    say(f"{len(across.datasets)} datasets: mean, and rank in brackets")
    columns = [TableColumn("dataset", "left"), TableColumn("metric", "left", keep=2)]
    columns += [TableColumn(loss) for loss in across.losses]
    rows = [
        [verdict.plan.dataset, verdict.plan.metric, *cells]
        for verdict, cells in zip(verdicts, across.cells, strict=True)
    ]
    rows.append(["mean rank", "", *across.mean_rank_cells])
    print_table(columns, rows)
    if across.friedman is not None:
        statistic, p = across.friedman
        say(f"Friedman's test: chi-squared {statistic:.2f}, p {p:.3g}")
    for pair in across.pairs:
        say(f"{pair.a} and {pair.b}: Wilcoxon p {pair.p:.3g}, after Holm's correction {pair.p_holm:.3g}")
    say_sentence(across.sentence)
    if across.left_out:
        say_sentence(f"left out, for they have no value on some dataset: {', '.join(across.left_out)}")
