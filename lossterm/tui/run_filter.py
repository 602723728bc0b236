"""The filter of the table of runs: words that a run must have, anywhere or in a named column."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ..config import SETTINGS
from ..runs.records import Run

_NAMED = re.compile(r"([\w-]+)[:=](.*)", re.DOTALL)

Words = Callable[[Run], tuple[str, ...]]

_COLUMNS: Mapping[str, Words] = {
    "id": lambda run: (str(run.id),),
    "loss": lambda run: (run.config.loss_as_typed, run.config.loss),
    "dataset": lambda run: (run.config.dataset,),
    "status": lambda run: (run.status,),
    "device": lambda run: (run.device,),
    "experiment": lambda run: (str(run.experiment_id or ""),),
}
"""What a word in a named column is held against: one of these words must begin with it."""
_ALSO_UNREADABLE = ("id", "status", "experiment")


class RunFilter:
    """Says which runs have the words that were typed.

    A plain word is looked for anywhere in loss, dataset, status, device, note and the experiment's name; a number is
    also the number of a run, whole. `column:word` looks in one column: numbers must be equal, words may go on, a note
    may have the word anywhere.
    """

    def __init__(self, text: str) -> None:
        """Take the words as they were typed."""
        self._tests = [_test(word) for word in text.lower().split()]

    def __bool__(self) -> bool:
        return bool(self._tests)

    def matches(self, run: Run, text: str) -> bool:
        """Whether a run has all the words; `text` is what `text_of` gave for it."""
        return all(test(run, text) for test in self._tests)


def text_of(run: Run, experiment: str = "") -> str:
    """What plain words are looked for in; `experiment` is the name of the run's experiment."""
    if run.unreadable:
        return f"{run.status} {run.unreadable} {run.note} {experiment}".lower()
    config = run.config
    words = (config.loss, config.loss_as_typed, config.dataset, run.status, run.device, run.note, experiment)
    return "\n".join(words).lower()


def _test(word: str) -> Callable[[Run, str], bool]:
    named = _NAMED.fullmatch(word)
    if named is not None:
        column, value = named.group(1).replace("-", "_"), named.group(2)
        if column == "note":
            return lambda run, _: value in run.note.lower()
        if column in _COLUMNS:
            return lambda run, _: _begins(column, run, value)
        if column in SETTINGS:
            return lambda run, _: not run.unreadable and _equals(column, run, value)
    number = word.removeprefix("#")
    return lambda run, text: word in text or number == str(run.id)


def _begins(column: str, run: Run, value: str) -> bool:
    if run.unreadable and column not in _ALSO_UNREADABLE:
        return False
    words = _COLUMNS[column](run)
    if column in ("id", "experiment"):
        return not value or value in words
    return any(word.lower().startswith(value) for word in words)


def _equals(name: str, run: Run, value: str) -> bool:
    """Whether a setting is what was typed; while nothing is typed yet, it is."""
    setting = run.config.setting(name)
    if not value or SETTINGS[name].written(setting).lower() == value:
        return True
    try:
        return float(setting) == float(value)
    except (TypeError, ValueError):
        return False
