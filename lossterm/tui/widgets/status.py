"""Lines that say where things stand: the head line, the settings of what comes next, the keys at the foot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...config import RunConfig
from ...formatting import (
    trainer_role,
    trainer_words,
)
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
        rows, values = self._config.rows, _values(self._config)
        changed = self._config.default_changes()
        names = list(rows)
        if height >= len(names):
            return [_long(rows[name].label, values[name], name in changed, width) for name in names]
        lines = _flow([(rows[name].short, values[name], name in changed) for name in names], width)
        if len(lines) > height:
            names.sort(key=lambda name: name not in changed)
            lines = _flow([(rows[name].short, values[name], name in changed) for name in names], width)
        return lines


def _values(config: RunConfig) -> dict[str, str]:
    """The values of a config as they are typed, by name."""
    return {name: row.written(config.setting(name)) for name, row in config.rows.items()}


def _long(label: str, value: str, changed: bool, width: int) -> Line:
    """One setting on a line of its own."""
    words, value = f" {label}", value + ("*" if changed else "")
    return [("muted", words), ("changed" if changed else "value", fit(value, width - len(words) - 1, right=True))]


def _flow(entries: Iterable[tuple[str, str, bool]], width: int) -> list[Line]:
    """Settings one after another: the abbreviation of each, its value, and whether it is changed."""
    lines: list[list[Piece]] = [[]]
    used = 0
    for short, value, is_changed in entries:
        value += "*" if is_changed else ""
        cells = len(short) + len(value) + 3
        if used + cells > width + 1:
            lines.append([])
            used = 0
        lines[-1] += [("muted", f" {short} "), ("changed" if is_changed else "value", f"{value} ")]
        used += cells
    return list(lines)


class FooterBar(Lines):
    """The keys at the foot, as many as fit, from the table of keys."""

    def __init__(self) -> None:
        super().__init__(id="keys")

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """One line of keys."""
        line: list[Piece] = []
        for key, label in footer_keys(width):
            line += [("key", f" {key}"), ("muted", f" {label}")]
        return [line]
