"""The small panes: the head line, the settings, the state of the highlighted run, the keys at the foot."""

from __future__ import annotations

from collections.abc import Sequence

from ...experiment import RANGES, Experiment
from ...records import Run, Trainer
from ..actions import footer_actions
from ..columns import duration, number, status_words
from .lines import Line, Lines, Piece, bar, fit

SETTING_WORDS = {
    "epochs": "epochs",
    "batch_size": "batch size",
    "learning_rate": "learning rate",
    "momentum": "momentum",
    "hidden_units": "hidden units",
    "seed": "seed",
    "device": "device",
    "samples": "samples",
    "noise": "noise",
    "train_fraction": "train fraction",
    "outlier_fraction": "outlier fraction",
    "label_noise": "label noise",
}
_BRIEF = {
    "epochs": "ep",
    "batch_size": "bs",
    "learning_rate": "lr",
    "momentum": "mom",
    "hidden_units": "hid",
    "seed": "seed",
    "device": "dev",
    "samples": "n",
    "noise": "noise",
    "train_fraction": "train",
    "outlier_fraction": "outl",
    "label_noise": "lnoise",
}
_STATE_WORDS = {
    "loading": "loading TensorFlow …",
    "ready": "ready",
    "compiling": "compiling …",
    "training": "training",
    "paused": "paused",
}
_STATUS_ROLE = {
    "finished": "good",
    "running": "accent",
    "starting": "accent",
    "paused": "warn",
    "stopped": "warn",
    "diverged": "bad",
    "failed": "bad",
    "interrupted": "bad",
}


class Head(Lines):
    """The head line: the program, trouble if there is any, the device, TensorFlow, and the trainers' state."""

    def __init__(self) -> None:
        super().__init__(id="head")
        self._trainers: Sequence[Trainer] = ()
        self._trouble = ""
        self._queued = 0

    def tell(self, trainers: Sequence[Trainer], trouble: str, queued: int) -> None:
        """Show the state of the trainers; `queued` runs wait."""
        self._trainers, self._trouble, self._queued = trainers, trouble, queued
        self.relayout()

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """One line: left the name, right the state."""
        right = self._state(width)
        room = width - len(" lossterm ") - sum(len(text) for _, text in right) - 1
        middle = fit(f" {self._trouble}" if self._trouble else "", max(room, 0))
        return [[("title", " lossterm "), ("bad" if self._trouble else "dim", middle), *right, ("dim", " ")]]

    def _state(self, width: int) -> list[Piece]:
        if not self._trainers:
            return [("warn", "starting a trainer …")]
        first = self._trainers[0]
        pieces: list[Piece] = []
        device = "" if self._trouble else _device_words(first, short=width < 100)  # the trouble needs the room
        if device:
            pieces.append(("text", f"{device} · "))
        states = [trainer.state for trainer in self._trainers]
        state = next((s for s in ("training", "compiling", "paused", "loading") if s in states), "ready")
        words = _STATE_WORDS[state]
        if len(self._trainers) > 1:
            words += f" · {len(self._trainers)} trainers"
        if self._queued:
            words += f" · {self._queued} queued"
        role = {"ready": "good", "training": "accent"}.get(state, "warn")
        return [*pieces, (role, words)]


def _device_words(trainer: Trainer, short: bool) -> str:
    if not trainer.resolved:
        return ""
    device = trainer.resolved.upper()
    name = "" if short else f" {trainer.device_name}"
    version = ".".join(trainer.tensorflow.split(".")[:2])
    return f"{device}{name} · TensorFlow {version}" if not short else f"{device} · TF {version}"


class Settings(Lines):
    """The settings of the next run; those that differ from the tutorial's are marked."""

    def __init__(self) -> None:
        super().__init__(id="settings")
        self._experiment: Experiment | None = None
        self._problem = ""

    def tell(self, experiment: Experiment | None, problem: str) -> None:
        """Show an experiment's settings, or why there is none."""
        self._experiment, self._problem = experiment, problem
        self.relayout()

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """One line a setting where there is room, else a flowing list; the changed ones first where it is cut."""
        if self._experiment is None:
            return [[("bad", part)] for part in _wrapped(self._problem, width)]
        changed = self._experiment.default_changes()
        names = [name for name in SETTING_WORDS if self._experiment.dataset_entry.takes(name)]
        if height >= len(names):
            return [self._long(name, name in changed, width) for name in names]
        lines = self._flow(names, changed, width)
        if len(lines) > height:
            lines = self._flow(sorted(names, key=lambda name: name not in changed), changed, width)
        return lines

    def _long(self, name: str, changed: bool, width: int) -> Line:
        value = _value(self._experiment, name) + ("*" if changed else "")
        words = f" {SETTING_WORDS[name]}"
        return [("dim", words), ("changed" if changed else "value", fit(value, width - len(words) - 1, right=True))]

    def _flow(self, names: Sequence[str], changed: object, width: int) -> list[Line]:
        lines: list[list[Piece]] = [[]]
        used = 0
        for name in names:
            is_changed = name in changed  # type: ignore[operator]
            value = _value(self._experiment, name) + ("*" if is_changed else "")
            cells = len(_BRIEF[name]) + len(value) + 3
            if used + cells > width + 1:
                lines.append([])
                used = 0
            lines[-1] += [("dim", f" {_BRIEF[name]} "), ("changed" if is_changed else "value", f"{value} ")]
            used += cells
        return list(lines)


def _value(experiment: Experiment | None, name: str) -> str:
    value = getattr(experiment, name)
    return f"{value:g}" if isinstance(value, float) and name in RANGES else str(value)


def _wrapped(text: str, width: int, apart: str = " ") -> list[str]:
    """Lines of at most `width` cells where the pieces, which `apart` separates, allow it."""
    lines, line = [], ""
    for piece in text.split(apart):
        if line and len(line) + len(apart) + len(piece) > width:
            lines.append(line)
            line = ""
        line += f"{apart if line else ' '}{piece}"
    return [*lines, line]


class RunState(Lines):
    """The highlighted run: its state and progress or its scores in one line, and below what to know of it."""

    def __init__(self) -> None:
        super().__init__(id="run-state")
        self._run: Run | None = None
        self._epoch_seconds = 0.0
        self._note = self._headline = ""

    def tell(self, run: Run | None, epoch_seconds: float, note: str, headline: str) -> None:
        """Show a run, or once it has ended the headline of a comparison, if there is one.

        note: what a person should know about what is shown, wrapped to at most two lines.
        """
        self._run, self._epoch_seconds, self._note, self._headline = run, epoch_seconds, note, headline
        width = self.size.width
        height = max(len(self._head_lines(width)), 1) + len(self._note_lines(width))
        if height != self.size.height:  # setting the same one would lay the screen out again
            self.styles.height = height
        self.relayout()

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """State line and note lines."""
        notes = [[("note", line)] for line in self._note_lines(width)]
        if self._run is None:
            return [[("dim", " nothing trained yet: pick a loss, press enter")], *notes]
        if self._head_lines(width):
            return [*[[("title", line)] for line in self._head_lines(width)], *notes]
        if self._run.scores is not None:
            return [self._scores(self._run, width), *notes]
        return [self._progress(self._run, width), *notes]

    def _head_lines(self, width: int) -> list[str]:
        if not self._headline or self._run is None or self._run.status in ("starting", "running", "paused"):
            return []
        return _wrapped(self._headline, width, apart="  ")[:2] if width else []

    def _note_lines(self, width: int) -> list[str]:
        most = 1 if self._head_lines(width) and width < 70 else 2
        return _wrapped(self._note, width)[:most] if self._note and width else []

    def _progress(self, run: Run, width: int) -> Line:
        words = status_words(run)
        role = _STATUS_ROLE.get(run.status, "text")
        done, planned = run.epochs_done, run.experiment.epochs
        pieces: list[Piece] = [(role, f" {words} ")]
        if run.status in ("failed", "interrupted", "diverged", "stopped"):
            return [*pieces, ("text", run.message)]
        if run.status == "queued":
            return [*pieces, ("dim", "waits for a trainer")]
        if run.phase:
            pieces.append(("warn", f"{run.phase} … "))
        pieces.append(("value", f"epoch {done}/{planned} "))
        share = (done + run.progress) / planned
        times = self._times(run)
        room = width - sum(len(text) for _, text in pieces) - len(times) - 1
        if room >= 6:
            pieces.append(("accent", bar(share, min(room - 1, 30)) + " "))
        return [*pieces, ("dim", times)]

    def _times(self, run: Run) -> str:
        if not run.epochs_done or not run.seconds:
            return ""
        each = run.seconds / run.epochs_done
        left = (run.experiment.epochs - run.epochs_done - run.progress) * each
        milliseconds = self._epoch_seconds * 1000
        epoch = f"{milliseconds:.0f} ms" if milliseconds < 10_000 else f"{duration(self._epoch_seconds)} s"
        return f"{epoch}/epoch · {duration(max(left, 0.0))} s left"

    def _scores(self, run: Run, width: int) -> Line:
        assert run.scores is not None
        narrow = width < 70
        metric = {"mse": "MSE", "accuracy": "acc" if narrow else "accuracy"}[run.experiment.dataset_entry.metric]
        pieces: list[Piece] = [(_STATUS_ROLE.get(run.status, "text"), f" {status_words(run)} ")]
        if run.status == "stopped":
            pieces.append(("dim", f"at {run.epochs_done}/{run.experiment.epochs} "))
        between = "/" if narrow else " / "
        pieces += [
            ("title", f" {run.scores.line} "),
            ("dim", f" {metric} "),
            ("value", f"{number(run.scores.train_metric)}{between}{number(run.scores.test_metric)}"),
        ]
        extra = f"  in {duration(run.seconds)} s"
        if run.best is not None and width >= 100:
            extra = f"  best {number(run.best.test_metric)} at epoch {run.best.epoch}{extra}"
        if run.scores.test_r2 is not None and width >= 100:
            extra = f"  R² {number(run.scores.test_r2)}{extra}"
        return [*pieces, ("dim", extra)]


class Keys(Lines):
    """The keys at the foot, as many as fit, from the table of actions."""

    def __init__(self) -> None:
        super().__init__(id="keys")

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """One line of keys."""
        line: list[Piece] = []
        for key, label in footer_actions(width):
            line += [("key", f" {key}"), ("dim", f" {label}")]
        return [line]
