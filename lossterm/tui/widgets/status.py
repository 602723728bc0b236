"""Lines that say where things stand: the head line, the settings of what comes next, the keys at the foot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ...config import RunConfig
from ...formatting import network_words, optimizer_words, trainer_role, trainer_words
from ...runs.records import Trainer, TrainerState
from ...text import wrap
from ..keymap import footer_keys
from .lines import Line, Lines, Piece, fit

_TRAINER_STATES: tuple[TrainerState, ...] = ("training", "compiling", "paused", "loading", "ready")
"""Which of several trainers' states is said, the first that any of them is in."""


class HeaderBar(Lines):
    """The head line: the program, trouble if there is any, the device, TensorFlow, and the trainers' state."""

    def __init__(self) -> None:
        super().__init__(id="head")
        self._trainers: Sequence[Trainer] = ()
        self._trouble = ""
        self._queued = 0

    def show_state(self, trainers: Sequence[Trainer], trouble: str, queued: int) -> None:
        """Show the state of the trainers, what is wrong if anything is, and how many runs wait."""
        self._trainers, self._trouble, self._queued = trainers, trouble, queued
        self.relayout()

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """One line: left the name, right the state."""
        right = self._state(width)
        room = width - len(" lossterm ") - sum(len(text) for _, text in right) - 1
        middle = fit(f" {self._trouble}" if self._trouble else "", max(room, 0))
        return [[("title", " lossterm "), ("bad" if self._trouble else "muted", middle), *right, ("muted", " ")]]

    def _state(self, width: int) -> list[Piece]:
        if not self._trainers:
            return [("warning", "starting a trainer …")]
        pieces: list[Piece] = []
        # Trouble needs the room of the device.
        device = "" if self._trouble else _device_words(self._trainers[0], short=width < 100)
        if device:
            pieces.append(("text", f"{device} · "))
        states = {trainer.state for trainer in self._trainers}
        state: TrainerState = next((state for state in _TRAINER_STATES if state in states), "ready")
        words = trainer_words(state) + (" …" if state in ("loading", "compiling") else "")
        if len(self._trainers) > 1:
            words += f" · {len(self._trainers)} trainers"
        if self._queued:
            words += f" · {self._queued} queued"
        return [*pieces, (trainer_role(state), words)]


def _device_words(trainer: Trainer, short: bool) -> str:
    if not trainer.resolved:
        return ""
    device = trainer.resolved.upper()
    name = "" if short else f" {trainer.device_name}"
    version = ".".join(trainer.tensorflow.split(".")[:2])
    return f"{device}{name} · TensorFlow {version}" if not short else f"{device} · TF {version}"


class SettingsSummary(Lines):
    """The settings of the next run and its loss's parameters; those that differ from the tutorial's are marked."""

    def __init__(self) -> None:
        super().__init__(id="settings")
        self._config: RunConfig | None = None
        self._problem = ""

    def show_settings(self, config: RunConfig | None, problem: str) -> None:
        """Show the settings of a run, or why they cannot be trained."""
        self._config, self._problem = config, problem
        self.relayout()

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """One line a setting where there is room, else a flowing list; the changed ones first where it is cut."""
        if self._config is None:
            return [[("bad", f" {part}")] for part in wrap(self._problem, width - 1)]
        entries = _entries(self._config)
        if height >= len(entries):
            return [_long(entry, width) for entry in entries]
        lines = _flow(entries, width)
        if len(lines) > height:
            lines = _flow(sorted(entries, key=lambda entry: not entry.changed), width)
        return lines


class _Entry(NamedTuple):
    """A setting, or some that are read together: its label, its label in a flowing list, and its value."""

    label: str
    short: str
    value: str
    changed: bool


_TOGETHER: tuple[tuple[str, tuple[str, ...], Callable[[RunConfig], str]], ...] = (
    ("network", ("hidden_layers", "activation", "dropout", "l2"), network_words),
    ("optimizer", ("optimizer", "learning_rate", "momentum", "weight_decay"), optimizer_words),
)
"""The settings that are read together, and what writes them."""


def _entries(config: RunConfig) -> list[_Entry]:
    """What there is to show of a config, in order."""
    changes = config.default_changes()
    entries = [
        _Entry(label, "", words(config), not changes.keys().isdisjoint(names)) for label, names, words in _TOGETHER
    ]
    shown = {name for _, names, _ in _TOGETHER for name in names}
    for name, row in config.rows.items():
        if name not in shown and (name in changes or not row.panel_if_changed):
            entries.append(_Entry(row.label, row.short, row.written(config.setting(name)), name in changes))
    return entries


def _long(entry: _Entry, width: int) -> Line:
    value, words = entry.value + ("*" if entry.changed else ""), f" {entry.label}"
    room = width - len(words) - 1
    return [("muted", words), ("changed" if entry.changed else "value", fit(value, room, right=True))]


def _flow(entries: Sequence[_Entry], width: int) -> list[Line]:
    lines: list[list[Piece]] = [[]]
    used = 0
    for entry in entries:
        value, words = entry.value + ("*" if entry.changed else ""), f" {entry.short} " if entry.short else " "
        cells = len(words) + len(value) + 1
        if used + cells > width + 1 and lines[-1]:
            lines.append([])
            used = 0
        lines[-1] += [("muted", words), ("changed" if entry.changed else "value", f"{value} ")]
        used += cells
    return list(lines)


class FooterBar(Lines):
    """The keys at the foot, as many as fit, from the table of keys."""

    def __init__(self) -> None:
        super().__init__(id="keys")
        self._in_runs = False
        self._enter = ""

    def show_keys(self, in_runs: bool, enter: str) -> None:
        """Show the keys that mean something where they go, to the table of runs or elsewhere, and what Enter does."""
        if (in_runs, enter) != (self._in_runs, self._enter):
            self._in_runs, self._enter = in_runs, enter
            self.relayout()

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """One line of keys."""
        line: list[Piece] = []
        for key, label in footer_keys(width, self._in_runs, self._enter):
            line += [("key", f" {key}"), ("muted", f" {label}")]
        return [line]
