"""The page of one run: its scores, settings, note, experiment and log, on a screen of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.markup import escape
from textual.widgets import Static

from ...formatting import MISSING, duration, number, run_name, status_words
from ...runs.records import Run, Scores
from ...text import one_line, printable
from .dialogs import Modal, PageScroll

_WIDTH = 22
_OWN_UNITS = "own_units"
"""Among the scores of a regression on one's own data, the errors in the target's unit."""

ScoresBySet = Mapping[str, Mapping[str, object]]


class RunPage(Modal[None]):
    """What there is to know of a run; Escape leads back."""

    BINDINGS = [
        Binding("escape,q,enter", "close", "close"),
    ]

    def __init__(self, run: Run, experiment: str) -> None:
        """Show a run.

        Args:
            run: The run.
            experiment: What its experiment is called; empty where it has none.
        """
        super().__init__()
        self.run_id = run.id
        self._run, self._experiment = run, experiment

    def compose(self) -> ComposeResult:
        """The text in a scroller, the log last."""
        with Vertical(classes="reader"):
            yield Static(f"run {self.run_id}  (esc closes)", classes="dialog-title", markup=False)
            with PageScroll(id="text"):
                yield Static(page_text(self._run, self._experiment, {}), id="page")
                yield Static("reading the log …", id="log", markup=False)

    def on_mount(self) -> None:
        """Give the keys to the scroller."""
        self.query_one("#text", PageScroll).focus()

    def show_read(self, log: str, scores: ScoresBySet) -> None:
        """Show the end of the log, and every final score."""
        self.query_one("#page", Static).update(page_text(self._run, self._experiment, scores))
        self.query_one("#log", Static).update("\n".join(printable(line) for line in log.splitlines()))

    def action_close(self) -> None:
        """Back to the main screen."""
        self.dismiss(None)


def page_text(run: Run, experiment: str, scores: ScoresBySet) -> str:
    """Everything but the log, as Textual markup."""
    return "\n".join(_lines(run, experiment, scores))


def _lines(run: Run, experiment: str, scores: ScoresBySet) -> Iterator[str]:
    yield _heading(run_name(run))
    if run.unreadable:
        yield _row("cannot be read", run.unreadable)
        yield _row("your note", run.note or MISSING)
        return
    config = run.config
    yield _row("state", f"{status_words(run)}, epoch {run.epochs_done} of {config.epochs}")
    if run.message:
        yield _row("", run.message)
    yield _row("your note", run.note or MISSING)
    yield _row("experiment", experiment or MISSING)
    yield _row("queued", _moment(run.created))
    yield _row("trained on", f"{run.device} {run.device_name}".strip())
    yield _row("trained for", duration(run.seconds))
    yield ""
    yield _heading("Scores")
    yield from _score_rows(run)
    yield from _more_score_rows(run, scores)
    yield ""
    yield _heading("Settings")
    changed = config.default_changes()
    for name, setting in config.rows.items():
        value = setting.written(config.setting(name))
        yield _row(setting.label, f"{value}  (changed)" if name in changed else value)
    if config.notes:
        yield ""
        yield _heading("What to know of it")
        for note in config.notes:
            yield f"[b]{escape(note.short)}[/b]"
            yield escape(note.more)
    yield ""
    yield _heading("The end of its trainer's log")
    if run.log:
        yield escape(printable(run.log))


def _score_rows(run: Run) -> Iterator[str]:
    metric = run.config.metric
    scores = run.scores
    measured = run.config.measured_set
    yield f"{'':<{_WIDTH}}{'train':>12}{'test' if scores is not None else measured:>12}"
    if scores is None:
        last = run.last
        if last is not None:
            yield _scores("loss so far", last.train_loss, last.test_loss)
            yield _scores(f"{metric.title} so far", last.train_metric, last.test_metric)
    else:
        yield from _final_rows(scores, run.config.loss_as_typed, metric.title)
    if run.best is not None:
        yield _row(f"best {measured}", f"{metric.title} {number(run.best.test_metric)} at epoch {run.best.epoch}")
    if scores is not None:
        yield _row("the tutorial's line", scores.line)


def _final_rows(scores: Scores, loss: str, metric: str) -> Iterator[str]:
    yield _scores(f"loss ({loss})", scores.train_loss, scores.test_loss)
    yield _scores(metric, scores.train_metric, scores.test_metric)
    if scores.test_mae is not None:
        yield _scores("MAE", scores.train_mae, scores.test_mae)
        yield _scores("R²", scores.train_r2, scores.test_r2)


def _more_score_rows(run: Run, scores: ScoresBySet) -> Iterator[str]:
    """Every final score of each set that was measured, and of one's own data the errors in the target's unit."""
    sets = [name for name in ("validation", "test") if name in scores]
    if not sets:
        return
    yield ""
    yield f"{'by scikit-learn':<{_WIDTH}}" + "".join(f"{name:>12}" for name in sets)
    file, units = run.config.data_file, {name: scores[name].get(_OWN_UNITS) for name in sets}
    for metric in run.config.task.metrics:
        yield _cells(metric.title, [scores[name].get(metric.name) for name in sets])
    if file is None or not all(isinstance(values, Mapping) for values in units.values()):
        return
    yield f"in the unit of {escape(one_line(file.target)[:40])}"
    for metric in run.config.task.metrics:
        values = [its.get(metric.name) for its in units.values() if isinstance(its, Mapping)]
        if any(value is not None for value in values):
            yield _cells(metric.title, values)


def _cells(name: str, values: Sequence[object]) -> str:
    words = [number(value) if isinstance(value, float) else MISSING for value in values]
    return f"[b]{escape(name):<{max(_WIDTH, len(name) + 1)}}[/b]" + "".join(f"{word:>12}" for word in words)


def _scores(name: str, train: float | None, test: float | None) -> str:
    return f"[b]{escape(name):<{_WIDTH}}[/b]{number(train):>12}{number(test):>12}"


def _row(name: str, value: str) -> str:
    return f"[$text-muted]{escape(name):<{_WIDTH}}[/]  {escape(printable(value))}"


def _heading(text: str) -> str:
    return f"[b $accent]{escape(printable(text))}[/]"


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M:%S")
