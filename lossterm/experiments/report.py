"""The report of a comparison: its protocol, tables and raw values as Markdown, HTML, LaTeX or CSV."""

from __future__ import annotations

import csv
import html
import io
import platform
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from ..config import SETTINGS
from ..formatting import interval, number
from ..text import one_line
from .across_datasets import AcrossDatasets
from .comparison import ComparisonRuns
from .statistics import CONFIDENCE, LEVEL, RESAMPLES, Pair, verdict_words
from .verdict import Verdict, sentence

_PACKAGES = ("lossterm", "keras", "tensorflow", "numpy", "scipy", "scikit-learn")
Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Report:
    """What a report says, before it is written in a format.

    Attributes:
        title: What was compared.
        sentence: The verdict.
        protocol: How it was done, as a paragraph that can stand in a paper.
        advice: What to know before believing it.
        losses, pairs: The two tables, their heads first.
        values: Loss, learning rate, seed and value of each final run, the head first.
        command: What does it again.
        versions: Of the program, its libraries and the machine.
        figure: The mean differences with their intervals, as SVG; empty where there are none.
    """

    title: str
    sentence: str
    protocol: str
    advice: Sequence[str]
    losses: Rows
    pairs: Rows
    values: Rows
    command: str
    versions: str
    figure: str


def report_of(runs: ComparisonRuns, verdict: Verdict) -> Report:
    """Make the report of a comparison."""
    from .figures import difference_plot

    plan = verdict.plan
    devices = sorted(
        {run.device_name or run.device for loss in plan.losses for run in runs.final_runs(loss) if run is not None}
    )
    return Report(
        title=f"{len(plan.losses)} losses on {plan.dataset}: test {plan.metric} over {len(verdict.seeds)} seeds",
        sentence=sentence(verdict),
        protocol=protocol(verdict),
        advice=verdict.advice,
        losses=[_LOSS_HEAD, *(_loss_row(verdict, place) for place in range(len(verdict.losses)))],
        pairs=[_PAIR_HEAD, *(_pair_row(pair) for pair in verdict.pairs)],
        values=[_VALUE_HEAD, *_value_rows(verdict)],
        command=command_line(verdict),
        versions=_versions(devices),
        figure=difference_plot(verdict) if verdict.pairs else "",
    )


def across_report(across: AcrossDatasets, verdicts: Sequence[Verdict], singles: Sequence[Report]) -> Report:
    """Make the report of losses on several datasets: the matrix, and the protocol and values of each dataset."""
    rows = [(name, *cells) for name, cells in zip(across.datasets, across.cells, strict=True)]
    rows.append(("mean rank", *across.mean_rank_cells))
    pairs = [
        (
            pair.a,
            pair.b,
            f"{pair.p:.4f}",
            f"{pair.p_holm:.4f}",
            f"{pair.share_a_better:.0%}",
            verdict_words(pair.a, pair.b, pair.verdict),
        )
        for pair in across.pairs
    ]
    tests = (
        "" if across.friedman is None else " Friedman's test: chi-squared {:.2f}, p {:.3g}.".format(*across.friedman)
    )
    values = [(v.plan.dataset, *row) for v in verdicts for row in _value_rows(v)]
    return Report(
        title=f"{len(across.losses)} losses on {len(across.datasets)} datasets",
        sentence=across.sentence,
        protocol=f"{singles[0].protocol} The other datasets were treated alike; the losses were then compared over the "
        f"means of {len(across.datasets)} datasets by Wilcoxon's signed-rank test, with Holm's correction.{tests}"
        if across.pairs
        else singles[0].protocol,
        advice=[f"{v.plan.dataset}: {line}" for v in verdicts for line in v.advice],
        losses=[("dataset", *across.losses), *rows],
        pairs=[("a", "b", "p", "p (Holm)", "a better on", "verdict"), *pairs],
        values=[("dataset", *_VALUE_HEAD), *values],
        command=command_line(*verdicts),
        versions=singles[0].versions,
        figure="",
    )


def write_report(report: Report, path: Path) -> None:
    """Write a report in the format that the end of the file's name says.

    Raises:
        OSError: The file cannot be written.
    """
    path.write_text(FORMATS[path.suffix.lower()](report), encoding="utf-8")


def protocol(verdict: Verdict) -> str:
    """How the comparison was done, as a paragraph that can stand in a paper."""
    plan = verdict.plan
    config = plan.config(plan.losses[0], plan.learning_rates[0], 1)
    data = "the same rows" if plan.same_data else "rows drawn anew"
    if plan.test_share is not None:
        data = "a new split of the same rows into training and test rows"
    widths = ", ".join(str(width) for width in config.hidden_layers) or "none"
    tuned = (
        f"Each loss had the same budget for its learning rate: {len(plan.learning_rates)} values from "
        f"{min(plan.learning_rates):g} to {max(plan.learning_rates):g}, {plan.tuning_seeds} seeds each, chosen by the "
        f"mean validation {plan.metric}; where the best was at the edge, two values beyond it were tried once. "
        "These seeds were not used again. "
        if plan.tuned
        else f"The learning rate was {plan.learning_rates[0]:g} for every loss, not tuned. "
    )
    rope = f" (±{plan.rope:g})" if plan.rope is not None else ""
    return (
        f"We compared {len(plan.losses)} losses on {plan.dataset} by their test {plan.metric}. Networks had hidden "
        f"layers of {widths} units and were trained for {config.epochs} epochs with "
        f"{config.optimizer_entry.keras_class} and batches of {config.batch_size}; {config.train_rows:,} rows were "
        f"trained on, {config.validation_rows:,} validated on, {config.test_rows:,} tested on. Seed by seed every loss "
        f"got {data}, the same split, the same initial hidden weights and the same order of batches, so differences "
        f"are paired. {tuned}Each loss was then trained with {plan.seeds} seeds and measured on the test rows once, "
        f"after the last epoch. {_tests(verdict)} Two losses are called "
        f"equivalent where the interval lies inside the range of practical equivalence{rope}."
    )


def _tests(verdict: Verdict) -> str:
    """How pairs were tested, in words."""
    corrected = f"with Holm's correction over {len(verdict.pairs)} pairs at {LEVEL:.0%}"
    share = verdict.plan.test_share
    if share is not None:
        return (
            f"Every pair of losses was tested by the corrected resampled t-test (Nadeau and Bengio 2003) on the mean "
            f"paired difference, {share:.3g} test rows a training row, {corrected}; {CONFIDENCE:.0%} intervals are "
            "from the same variance."
        )
    return (
        "Every pair of losses was tested by a sign-flip permutation test on the mean paired difference, "
        f"{corrected}; intervals are {CONFIDENCE:.0%} BCa bootstrap intervals ({RESAMPLES:,} resamples) with "
        "Hesterberg's correction for few seeds."
    )


def command_line(*verdicts: Verdict) -> str:
    """The command that does the comparison again, on each of its datasets."""
    plan = verdicts[0].plan
    words = ["lossterm", "compare"]
    for verdict in verdicts:
        words += ["--dataset", verdict.plan.dataset]
    for loss in plan.losses:
        words += ["--loss", loss]
    words += ["--seeds", str(plan.seeds), "--learning-rates", ",".join(f"{rate:g}" for rate in plan.learning_rates)]
    words += ["--metric", plan.metric]
    words += ["--baseline", plan.baseline] if plan.baseline else []
    words += ["--rope", f"{plan.rope:g}"] if plan.rope is not None else []
    words += ["--same-data"] if plan.same_data else []
    for name, value in plan.settings.items():
        if name in SETTINGS:
            words += [SETTINGS[name].flag, SETTINGS[name].written(value)]
    return shlex.join(words)


def markdown(report: Report) -> str:
    """A report as Markdown."""
    parts = [f"# {report.title}", report.sentence, "## Losses", _markdown_table(report.losses)]
    parts += ["## Pairs", _markdown_table(report.pairs)]
    parts += ["## What to know", "\n".join(f"- {line}" for line in report.advice)] if report.advice else []
    parts += ["## Protocol", report.protocol, "## Again", f"```sh\n{report.command}\n```", report.versions]
    parts += ["## Values", _markdown_table(report.values)]
    return "\n\n".join(parts) + "\n"


def comma_separated(report: Report) -> str:
    """The value of every final run as CSV."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(report.values)
    return out.getvalue()


def latex(report: Report) -> str:
    """The table of losses as LaTeX (booktabs), the verdict and the protocol as comments above it."""
    notes = [report.title, report.sentence, *report.advice, report.protocol, report.command, report.versions]
    head, *rows = report.losses
    lines = [f"% {one_line(note)}" for note in notes]
    lines += ["% needs \\usepackage{booktabs}", "\\begin{tabular}{l" + "r" * (len(head) - 1) + "}", "\\toprule"]
    lines += [" & ".join(map(_latex, head)) + " \\\\", "\\midrule"]
    lines += [" & ".join(map(_latex, row)) + " \\\\" for row in rows]
    return "\n".join([*lines, "\\bottomrule", "\\end{tabular}"]) + "\n"


def web_page(report: Report) -> str:
    """A report as one HTML file that needs nothing else, light or dark as the reader's system is."""
    sections = [
        f"<h1>{html.escape(report.title)}</h1>",
        f"<p class=verdict>{html.escape(report.sentence)}</p>",
        f"<figure>{report.figure}</figure>" if report.figure else "",
        "<h2>Losses</h2>" + _html_table(report.losses),
        "<h2>Pairs</h2>" + _html_table(report.pairs),
        "<h2>What to know</h2><ul>" + "".join(f"<li>{html.escape(line)}" for line in report.advice) + "</ul>"
        if report.advice
        else "",
        f"<h2>Protocol</h2><p>{html.escape(report.protocol)}</p>",
        f"<h2>Again</h2><pre>{html.escape(report.command)}</pre><p>{html.escape(report.versions)}</p>",
        f"<details><summary>Values</summary>{_html_table(report.values)}</details>",
    ]
    head = f"<meta charset=utf-8><title>{html.escape(report.title)}</title><style>{_STYLE}</style>"
    return f"<!doctype html><html lang=en><head>{head}</head><body>{''.join(sections)}</body></html>\n"


FORMATS: Mapping[str, Callable[[Report], str]] = {
    ".html": web_page,
    ".md": markdown,
    ".csv": comma_separated,
    ".tex": latex,
}
"""What writes a report, by the end of the file's name."""

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
.verdict { font-size: 1.25rem; font-weight: 600; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; display: block; overflow-x: auto; }
th, td { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid #8884; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
pre { overflow-x: auto; padding: .6rem; border: 1px solid #8884; }
figure { margin: 1rem 0; color: inherit; } figure svg { max-width: 100%; height: auto; }
"""

_LOSS_HEAD = ("loss", "learning rate", "mean", "95 % interval", "diverged")
_PAIR_HEAD = ("a", "b", "a - b", "95 % interval", "p", "p (Holm)", "a better", "verdict")
_VALUE_HEAD = ("loss", "learning_rate", "seed", "value")


def _loss_row(verdict: Verdict, place: int) -> tuple[str, ...]:
    one = verdict.losses[place]
    return (one.loss, f"{one.learning_rate:g}", number(one.mean), interval(one.interval), str(len(one.diverged)))


def _pair_row(pair: Pair) -> tuple[str, ...]:
    figures = (number(pair.difference), interval(pair.interval), f"{pair.p:.4f}", f"{pair.p_holm:.4f}")
    return (pair.a, pair.b, *figures, f"{pair.share_a_better:.0%}", pair.verdict_words)


def _value_rows(verdict: Verdict) -> list[tuple[str, ...]]:
    return [
        (one.loss, f"{one.learning_rate:g}", str(seed), "" if value is None else repr(value))
        for one in verdict.losses
        for seed, value in enumerate(one.values, 1)
    ]


def _versions(devices: Sequence[str]) -> str:
    found = [f"Python {platform.python_version()}"]
    for package in _PACKAGES:
        try:
            found.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            continue
    return ", ".join([*found, *devices])


def _markdown_table(rows: Rows) -> str:
    head, *body = [[one_line(cell).replace("|", "\\|") for cell in row] for row in rows]
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _html_table(rows: Rows) -> str:
    head, *body = [[html.escape(one_line(cell)) for cell in row] for row in rows]
    lines = ["<tr>" + "".join(f"<th>{cell}" for cell in head)]
    lines += ["<tr>" + "".join(f"<td>{cell}" for cell in row) for row in body]
    return f"<table>{''.join(lines)}</table>"


_LATEX = {"\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}"} | {
    c: f"\\{c}" for c in "%&_#${}"
}


def _latex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in one_line(text))
