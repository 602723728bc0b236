"""What a person chose in the app and finds again at the next start; kept in the store, so each store has its own.

Nothing that is read is believed: a value of another kind than is kept here is passed over. Of two apps on one store
the one that changed something last wins, at the next start; what the other one does moves nothing meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

from ..catalog import Dataset, UnknownNameError, dataset_named, loss_named
from ..catalog.menu import ADDED_DATASETS, ADDED_LOSSES, read_added, read_added_datasets
from ..config import SETTINGS, ConfigError, RunConfig
from .columns import COLUMNS
from .draft import Draft
from .messages import SetPreference
from .state import AppState

_MOST_MARKS = 1000
"""More marks than these are not kept."""


class KeptLayout(Protocol):
    """What is kept of how the screen is laid out."""

    def choices(self) -> dict[str, object]:
        """What a person chose, by name."""

    def restore(self, values: Mapping[str, object]) -> None:
        """Bring the layout to what was chosen."""


class Preferences:
    """What is kept of one app, by name; knows what was kept last, so that only what changes is written."""

    def __init__(self, state: AppState, layout: KeptLayout, send: Callable[[SetPreference], None]) -> None:
        """Keep `state` and `layout`; write with `send`."""
        self._state, self._layout, self._send = state, layout, send
        self._first_draft = state.draft
        self._read: Mapping[str, object] = {}
        self._kept: dict[str, object] | None = None

    @property
    def nothing_picked(self) -> bool:
        """Whether the draft is still the one of the start."""
        return self._state.draft is self._first_draft

    def draft_replaced(self, before: Draft) -> None:
        """The draft is another object than `before`, though nobody picked anything."""
        if self._first_draft is before:
            self._first_draft = self._state.draft

    def take(self, values: Mapping[str, object]) -> None:
        """Bring draft, order and layout to what was kept; a draft that was picked meanwhile stays.

        Once `begin` was called nothing is taken any more.
        """
        if self._kept is not None:
            return
        self._read = values
        if self.nothing_picked:
            restore(self._state, values)
            self._first_draft = self._state.draft
        self._layout.restore(values)

    def begin(self) -> None:
        """The runs are known: those are marked again that were marked, and from here on what changes is written."""
        if self._kept is None:
            restore_marks(self._state, self._read)
            self._kept = self._values()

    def keep(self) -> None:
        """Write what is another than what is kept."""
        if self._kept is None:
            return
        for name, value in self._values().items():
            if self._kept.get(name) != value:
                self._kept[name] = value
                self._send(SetPreference(name, value))

    def _values(self) -> dict[str, object]:
        return {**kept_of(self._state), **self._layout.choices()}


def kept_of(state: AppState) -> dict[str, object]:
    """What is kept of the app's state, by name, as JSON holds it."""
    draft, order = state.draft, state.order
    changes = {name: value for name, value in draft.changes.items() if name != "device"}
    return {
        "marks": _ids(state.selection.marked),
        "comparison": _ids(state.comparison),
        "sort": {"column": order.column, "descending": order.descending},
        "draft": {
            "loss": draft.loss.name,
            "dataset": draft.dataset.name,
            "changes": _plain(changes),
            "parameters": {loss: dict(values) for loss, values in draft.parameters.items() if values},
        },
    }


def restore(state: AppState, values: Mapping[str, object]) -> None:
    """Bring draft and order to what was kept, as far as it can be read."""
    start = state.draft.with_added(read_added(values.get(ADDED_LOSSES)))
    start = start.with_added_datasets(read_added_datasets(values.get(ADDED_DATASETS)))
    state.draft = _draft(values.get("draft"), start)
    sort = values.get("sort")
    if isinstance(sort, dict) and sort.get("column") in [column.name for column in COLUMNS]:
        state.order = replace(state.order, column=sort["column"], descending=sort.get("descending") is True)


def restore_marks(state: AppState, values: Mapping[str, object]) -> None:
    """Mark the runs again that were marked, those of them that are there still."""
    known = [run_id for run_id in _read_ids(values.get("marks")) if run_id in state.runs]
    state.selection = state.selection.mark(known)
    state.comparison = _read_ids(values.get("comparison"))


def _ids(run_ids: object) -> list[int] | None:
    """Run ids as they are kept; None, which forgets them, where there are too many."""
    ids = list(run_ids)  # type: ignore[call-overload]
    return ids if len(ids) <= _MOST_MARKS else None


def _read_ids(value: object) -> tuple[int, ...]:
    """Run ids as they are read; what is none is passed over."""
    if not isinstance(value, list):
        return ()
    return tuple(dict.fromkeys(one for one in value[:_MOST_MARKS] if type(one) is int))


def _draft(value: object, start: Draft) -> Draft:
    """The draft that was kept; `start` says what this start itself asks for, and is the draft where none was kept.

    A setting that is unknown or cannot be trained is left out.
    """
    if not isinstance(value, dict):
        return start
    try:
        draft = replace(start, loss=loss_named(str(value["loss"])), dataset=_dataset(str(value["dataset"]), start))
    except (KeyError, UnknownNameError):
        return start
    if draft.checked()[0] is None:
        return start
    changes = value.get("changes")
    for name, setting in changes.items() if isinstance(changes, dict) else ():
        if name in start.changes or not _is_setting(name, setting):
            continue
        wanted = tuple(setting) if isinstance(setting, list) else setting
        changed = draft.with_changes({**draft.changes, name: wanted})
        draft = changed if changed.checked()[0] is not None else draft
    parameters = value.get("parameters")
    for loss, values in parameters.items() if isinstance(parameters, dict) else ():
        changed = replace(draft, parameters={**draft.parameters, loss: values})
        draft = changed if _can_train(loss, values) else draft
    return draft


def _dataset(name: str, start: Draft) -> Dataset:
    """The dataset of a name: a person's own, or one of the catalogue. Raises UnknownNameError where there is none."""
    own = {dataset.name: dataset for dataset in start.own_datasets}
    return own[name] if name in own else dataset_named(name)


def _can_train(loss: str, parameters: object) -> bool:
    """Whether there is a loss of this name that takes these parameters."""
    try:
        RunConfig.of(loss_named(loss).name, loss_parameters=parameters)
    except (UnknownNameError, ConfigError, ValueError, TypeError):
        return False
    return isinstance(parameters, dict)


def _plain(values: Mapping[str, object]) -> dict[str, object]:
    """Values as JSON gives them back: a tuple is a list."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _is_setting(name: str, value: object) -> bool:
    """Whether there is a setting of this name that may have this value."""
    try:
        SETTINGS[name].kind.read(value)
    except (KeyError, ValueError, TypeError, OverflowError):
        return False
    return True
