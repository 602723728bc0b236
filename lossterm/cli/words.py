"""What is said of one run in words: where it stands, how it ended, and what to do next."""

from __future__ import annotations

from ..formatting import duration, number
from ..records import Run


def where(run: Run) -> str:
    """Where a run stands, in words."""
    if run.status == "starting":
        return run.phase or "starting"
    epoch = f"epoch {run.epochs_done}/{run.experiment.epochs}"
    if run.status == "paused" or run.last is None:
        return f"{run.status}, {epoch}"
    return f"{epoch}, loss {number(run.last.train_loss)}, test {number(run.last.test_loss)}"


def end_words(run: Run) -> str:
    """How a run ended: the tutorial's last line with the metric beside it, or why there is none."""
    words = [] if run.status == "finished" else [run.message or run.status]
    if run.scores:
        metric = run.experiment.dataset_entry.metric
        scores = f"{number(run.scores.train_metric)}, {number(run.scores.test_metric)}"
        words.append(f"{run.scores.line} ({metric} {scores}; {duration(run.seconds)})")
    if run.status != "finished" and run.status not in words[0]:
        words.insert(0, run.status)
    return "; ".join(words) or run.status


def after_words(run: Run) -> list[str]:
    """What to know after a run that did not finish: its log, and how it goes on."""
    lines = []
    if run.ended_badly and run.log:
        lines.append(f"log: {run.log}")
    if run.can_resume:
        lines.append(f"to go on: lossterm resume {run.id}")
    return lines
