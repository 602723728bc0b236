"""The pane of the highlighted run: how it stands, and the keys that act on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.message import Message
from textual.widget import Widget

from ...formatting import duration, number, scores_words, status_role, status_words
from ...runs.records import ACTIVE, ENDED, Run, Trainer
from ...text import wrap
from ..messages import (
    AnnotateRun,
    KillTrainer,
    PauseRun,
    PinRun,
    ReadLog,
    RenameExperiment,
    Request,
    Requested,
    ResumeRun,
    StopRun,
)
from ..plots import Caption
from ..screens.dialogs import AskScreen, ConfirmScreen
from ..widgets.group_line import GroupLine, progress_pieces
from ..widgets.lines import Line, Lines, Piece, bar, fit

_SHORTEST_TITLE = 8


@dataclass(frozen=True)
class RunContent:
    """What the pane shows and acts on.

    Attributes:
        run: The highlighted run, if there is one.
        group: The highlighted experiment, or loss in one, if there is one.
        group_runs: Its runs.
        epoch_seconds: How long its last epoch took.
        remark: Why something else changed with the last choice; stands in place of the plot's note.
        busy: The runs that are queued or active.
        trainers: The trainers that live.
    """

    run: Run | None = None
    group: GroupLine | None = None
    group_runs: Sequence[Run] = ()
    epoch_seconds: float = 0.0
    remark: str = ""
    busy: Sequence[Run] = ()
    trainers: Sequence[Trainer] = ()


class RunPane(Lines):
    """The run's state and progress, its scores, or a comparison's ranking; and below what to know of it."""

    class ReuseRequested(Message):
        """What comes next should be like this run."""

        def __init__(self, run: Run) -> None:
            super().__init__()
            self.run = run

    def __init__(self) -> None:
        super().__init__(id="run")
        self._content = RunContent()
        self._caption = Caption("")

    def show_content(self, content: RunContent) -> None:
        """Show this from now on."""
        self._content = content
        self._show()

    def show_caption(self, caption: Caption) -> None:
        """Say this of the plot: its note takes at most two lines; a comparison the place of a run that has ended."""
        self._caption = caption
        self._show()

    def _show(self) -> None:
        width = self.parent.size.width if isinstance(self.parent, Widget) else 0  # its own is 0 while it says nothing
        height = len(self.compose_lines(width, self.size.height))
        self.set_class(not height, "-empty")
        if height != self.size.height:  # setting the same one would lay the screen out again
            self.styles.height = height
        self.relayout()

    # -- keys -----------------------------------------------------------------------------------------------

    def action_pause(self) -> None:
        """Pause the run, or let it go on; of a group all that train, or else all that pause."""
        runs = self._meant()
        paused = [run for run in runs if run.status == "paused" or run.request == "pause"]
        training = [run for run in runs if run.status in ("starting", "running") and run not in paused]
        if training:
            self._request(*(PauseRun(run.id) for run in training))
        elif paused:
            self._request(*(ResumeRun(run.id) for run in paused))
        elif runs:
            self._warn(f"{_state_words(runs)}: nothing to pause")

    def action_stop(self) -> None:
        """Stop the run; of a group all that wait or train."""
        runs = self._meant()
        busy = [run for run in runs if run.status == "queued" or run.status in ACTIVE]
        if busy:
            # The newest first: no trainer takes the next one up meanwhile.
            self._request(*(StopRun(run.id) for run in sorted(busy, key=lambda run: -run.id)))
        elif runs:
            self._warn(f"{_state_words(runs)}: nothing to stop")

    def action_resume(self) -> None:
        """Let the run go on; of a group all that can."""
        runs = self._content.group_runs or [run for run in (self._current(),) if run is not None]
        ready = [run for run in runs if run.can_resume]
        if ready:
            self._request(*(ResumeRun(run.id) for run in ready))
        elif runs:
            self._warn(f"{_state_words(runs)}: nothing to resume")

    def action_kill_trainer(self) -> None:
        """Ask, and kill the trainer of the run, or of the only one that trains; the run can be resumed."""
        runs = self._meant()
        active = [run for run in runs if run.status in ACTIVE]
        trainer = next((one for one in self._content.trainers if active and one.id == active[0].trainer), None)
        if trainer is None:
            if runs:
                self._warn(f"{_state_words(runs)}: no trainer works on it")
            return
        question = f"Kill the trainer of run {active[0].id}?"
        words = "For a trainer that hangs: the run is interrupted, and r resumes it. x stops a run that is well."
        screen = ConfirmScreen(question, words, "kill it")
        self.app.push_screen(screen, lambda wanted: self._request(KillTrainer(trainer)) if wanted else None)

    def action_pin(self) -> None:
        """Pin the run to the top of the table, or let it go; of a group all of them."""
        runs = self._content.group_runs or [run for run in (self._current(),) if run is not None]
        pinned = all(run.pinned for run in runs)
        self._request(*(PinRun(run.id, not pinned) for run in runs))

    def action_annotate(self) -> None:
        """Write a note on the run, or give the experiment another name."""
        group = self._content.group
        if group is not None:
            self._rename(group)
            return
        run = self._current()
        if run is None:
            return

        def written(note: str | None) -> None:
            if note is not None:
                self._request(AnnotateRun(run.id, note.strip()))

        screen = AskScreen(f"Note on run {run.id}", run.note, "found by the filter", lambda _text: None)
        self.app.push_screen(screen, written)

    def _rename(self, group: GroupLine) -> None:
        if group.inner:
            self._warn("n names the experiment, from its own row, or writes a note on a run")
            return

        def written(name: str | None) -> None:
            if name is not None:
                self._request(RenameExperiment(group.number, name.strip()))

        title = f"Name of experiment {group.number}"
        self.app.push_screen(AskScreen(title, group.title, "found by the filter", lambda _text: None), written)

    def action_log(self) -> None:
        """Show the log of the trainer that ran the run last, or of the one that lives."""
        logged = [run.id for run in self._content.group_runs if run.log]
        if self._content.run is not None:
            logged.append(self._content.run.id)
        self._request(ReadLog(logged[-1] if logged else None))

    def action_reuse(self) -> None:
        """Fill the settings of what comes next from the run, and show them."""
        run = next(iter(self._content.group_runs), self._content.run)
        if run is not None and run.unreadable:
            self._warn(f"run {run.id} cannot be read")
        elif run is not None:
            self.post_message(self.ReuseRequested(run))

    def _meant(self) -> Sequence[Run]:
        """The runs of the highlighted group, the highlighted run, or the one that trains if that one has ended."""
        if self._content.group_runs:
            return self._content.group_runs
        run = self._current_or_training()
        return () if run is None else (run,)

    def _current(self) -> Run | None:
        """The highlighted run; says so if there is none."""
        if self._content.run is None:
            self._warn("no run is highlighted")
        return self._content.run

    def _current_or_training(self) -> Run | None:
        """The highlighted run; or the one that trains, if the highlighted one has ended."""
        run = self._content.run
        active = [other for other in self._content.busy if other.status in ACTIVE]
        if run is not None and run.status != "queued" and run.status not in ACTIVE and len(active) == 1:
            return active[0]
        return self._current()

    def _request(self, *requests: Request) -> None:
        for request in requests:
            self.post_message(Requested(request))

    def _warn(self, words: str) -> None:
        self.notify(words, severity="warning", markup=False)

    # -- what it says ---------------------------------------------------------------------------------------

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """State lines and note lines; of a comparison only what is under way, and why something changed."""
        run, group = self._content.run, self._content.group
        notes: list[Line] = [[("note", line)] for line in self._note_lines(width)]
        if group is not None and (group.done < group.total or not self._caption.comparison.rows):
            return [self._group(group, width), *notes]
        if self._caption.comparison.rows and (run is None or run.status not in ACTIVE):
            return notes
        if run is None:
            return [[("muted", " nothing trained yet: pick a loss, press enter")], *notes]
        if run.scores is not None and run.status != "diverged":
            return [*self._scores(run, width), *notes]
        if run.status in ENDED:
            return [*self._end(run, width), *notes]
        return [self._progress(run, width), *notes]

    def _note_lines(self, width: int) -> list[str]:
        note = self._content.remark or self._caption.note
        if not note or not width:
            return []
        return [f" {line}" for line in wrap(note, width - 1)[:2]]

    def _end(self, run: Run, width: int) -> list[Line]:
        """How a run without scores that mean anything ended, and why: the reason is never cut."""
        role, words = status_role(run.status), f" {status_words(run)} "
        rest = run.message.removeprefix(status_words(run)).lstrip(": ")
        if run.unreadable:
            role, words, rest = "bad", f" run {run.id} is unreadable ", run.unreadable
        first, *more = wrap(rest, max(width - len(words), 1)) or [""]
        return [[(role, words), ("text", first)], *([("text", " " * len(words) + line)] for line in more)]

    def _progress(self, run: Run, width: int) -> Line:
        role, words = status_role(run.status), status_words(run)
        pieces: list[Piece] = [(role, f" {words} ")]
        if run.status == "queued":
            return [*pieces, ("muted", "waits for a trainer")]
        if run.phase:
            pieces.append(("warning", f"{run.phase} … "))
        planned = run.config.epochs
        pieces.append(("value", f"epoch {run.epochs_done}/{planned} "))
        share = (run.epochs_done + run.progress) / planned
        times = self._times(run)
        room = width - sum(len(text) for _, text in pieces) - len(times) - 1
        if room >= 6:
            pieces.append(("active", bar(share, min(room - 1, 30)) + " "))
        return [*pieces, ("muted", times)]

    def _times(self, run: Run) -> str:
        if not run.epochs_done or not run.seconds:
            return ""
        each = run.seconds / run.epochs_done
        left = (run.config.epochs - run.epochs_done - run.progress) * each
        return f"{duration(self._content.epoch_seconds)}/epoch · {duration(left)} left"

    def _scores(self, run: Run, width: int) -> list[Line]:
        """The tutorial's line and what it does not say, in as many lines as they take, at most two."""
        assert run.scores is not None
        state: list[Piece] = [(status_role(run.status), f" {status_words(run)} ")]
        if run.status == "stopped":
            state.append(("muted", f"at {run.epochs_done}/{run.config.epochs} "))
        elif run.status == "finished" and run.epochs_done < run.config.epochs:
            state.append(("muted", f"early, at {run.epochs_done}/{run.config.epochs} "))
        line, _, rest = scores_words(run.scores, run.config.metric.title, duration(run.seconds)).partition(" (")
        more = rest.removesuffix(")").split("; ")
        if run.scores.test_r2 is not None:
            more.insert(-1, f"R² {number(run.scores.test_r2)}")
        if run.best is not None:
            more.insert(-1, f"best{_set_words(run)} {number(run.best.test_metric)} at epoch {run.best.epoch}")
        taken = sum(len(words) for _, words in state) + len(line) + 4
        first, *others = _packed(more, width - taken, width - 2)
        lines: list[Line] = [[*state, ("title", f" {line} "), ("value", f" {first}")]]
        return [*lines, *([("value", f"  {words}")] for words in others[:1])]

    def _group(self, group: GroupLine, width: int) -> Line:
        """How far it is, and where there is room for all of it the best loss so far."""
        best: list[Piece] = []
        if group.figures and not group.inner:
            best = [("muted", " best"), ("value", f" {group.figures}")]
        facts = progress_pieces(group, room=width - cell_len(group.title) - 3)
        room = width - sum(cell_len(words) for _, words in facts) - 3
        title = fit(group.title, min(cell_len(group.title), max(room, _SHORTEST_TITLE)))
        line: list[Piece] = [("title", f" {title}  "), *facts]
        fits = sum(cell_len(words) for _, words in [*line, *best]) < width
        return [*line, *best] if fits else line


def _packed(parts: Sequence[str], first: int, width: int) -> list[str]:
    """Parts on as few lines as they fit, the first line narrower than the others."""
    lines = [""]
    for part in parts:
        joined = f"{lines[-1]}; {part}" if lines[-1] else part
        if len(joined) <= (first if len(lines) == 1 else width):
            lines[-1] = joined
        else:
            lines.append(part)
    return lines


def _state_words(runs: Sequence[Run]) -> str:
    """How runs stand that nothing can be done with."""
    return f"run {runs[0].id} is {runs[0].status}" if len(runs) == 1 else "its runs have ended"


def _set_words(run: Run) -> str:
    """The set that a run's best epoch was measured on, where it is not the one of its final scores."""
    return "" if run.config.measured_set == "test" else f" {run.config.measured_set}"
