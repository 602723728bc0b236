"""The page of one run: its scores, settings, note, experiment and log, on a screen of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.markup import escape
from textual.widgets import Static

from ...formatting import MISSING, duration, number, run_name, status_words
from ...runs.records import Run, Scores
from ...text import printable
from .dialogs import Modal

_WIDTH = 18


class RunPage(Modal[None]):
    """What there is to know of a run; Escape leads back."""

    BINDINGS = [
        Binding("escape,q,enter", "close", "close"),
        Binding("j", "scroll('down')", show=False),
        Binding("k", "scroll('up')", show=False),
        Binding("g", "scroll('home')", show=False),
        Binding("G", "scroll('end')", show=False),
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
            with VerticalScroll(id="text"):
                yield Static(page_text(self._run, self._experiment), id="page")
                yield Static("reading the log …", id="log", markup=False)

    def on_mount(self) -> None:
        """Give the keys to the scroller."""
        self.query_one("#text", VerticalScroll).focus()

    def show_log(self, text: str) -> None:
        """Show the end of the log."""
        self.query_one("#log", Static).update("\n".join(printable(line) for line in text.splitlines()))

    def action_scroll(self, way: str) -> None:
        """Scroll by a line, or to an end."""
        scroller = self.query_one("#text", VerticalScroll)
        getattr(scroller, f"action_scroll_{way}")()

    def action_close(self) -> None:
        """Back to the main screen."""
        self.dismiss(None)


def page_text(run: Run, experiment: str) -> str:
    """Everything but the log, as Textual markup."""
    return "\n".join(_lines(run, experiment))


def _lines(run: Run, experiment: str) -> Iterator[str]:
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


def _scores(name: str, train: float | None, test: float | None) -> str:
    return f"[b]{escape(name):<{_WIDTH}}[/b]{number(train):>12}{number(test):>12}"


def _row(name: str, value: str) -> str:
    return f"[$text-muted]{escape(name):<{_WIDTH}}[/]  {escape(printable(value))}"


def _heading(text: str) -> str:
    return f"[b $accent]{escape(printable(text))}[/]"


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M:%S")
