"""What a shell offers after TAB: names from the catalogue, and numbers of runs from the store.

Nothing heavy is imported here, and what cannot be read is not offered: a shell shows no errors.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from .options import complete_path, global_options, starting_with

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ..runs.records import OwnDataset, Run

Completer = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]
_MOST_RUNS = 200


def complete_loss(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the losses by their short names, or by Keras's where one is being typed, and the words for several.

    Behind a loss and its colon: the parameters, with their defaults; behind a Python file and its colon: its losses.
    """
    from ..catalog import LOSSES
    from .plan import ALL, CATALOGUE

    if ".py:" in incomplete:
        return _complete_own(incomplete)
    if ":" in incomplete:
        return _complete_parameters(incomplete)
    names = [(loss.short, loss.title) for loss in LOSSES]
    names += [(ALL, "every loss of the menu that fits"), (CATALOGUE, "every loss that fits")]
    names_of_keras = [(loss.name, loss.title) for loss in LOSSES]
    known = starting_with(incomplete, names) or starting_with(incomplete, names_of_keras)
    return known or complete_path(context, parameter, incomplete)


def _complete_own(incomplete: str) -> list[CompletionItem]:
    """The losses that a person's file seems to define, which is not run."""
    from click.shell_completion import CompletionItem

    from ..runs.loss_files import LossFileError, find_losses, read_loss_file

    file, _, start = incomplete.rpartition(":")
    try:
        found = find_losses(read_loss_file(file))
    except LossFileError:
        return []
    return [CompletionItem(f"{file}:{o.name}", help=o.summary or None) for o in found if o.name.startswith(start)]


def _complete_parameters(incomplete: str) -> list[CompletionItem]:
    from ..catalog import UnknownNameError, loss_named

    begin = max(incomplete.rfind(":"), incomplete.rfind(",")) + 1
    try:
        loss = loss_named(incomplete.partition(":")[0])
    except UnknownNameError:
        return []
    given = {piece.partition("=")[0] for piece in incomplete[:begin].partition(":")[2].split(",")}
    offered = [
        (f"{incomplete[:begin].lower()}{one.name}={one.default:g}", one.help)
        for one in loss.parameters
        if one.name not in given
    ]
    return starting_with(incomplete, offered)


def complete_dataset(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the datasets."""
    from ..catalog import DATASETS

    own = [(dataset.name, dataset.file.path) for dataset in _own_datasets(context)]
    return starting_with(incomplete, [*((dataset.name, dataset.generator) for dataset in DATASETS), *own])


def complete_own_dataset(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the person's own datasets."""
    return starting_with(incomplete, [(dataset.name, dataset.file.path) for dataset in _own_datasets(context)])


def _own_datasets(context: click.Context) -> list[OwnDataset]:
    from ..store import StoreError

    with contextlib.suppress(StoreError, click.ClickException, OSError), global_options(context).open_store() as store:
        return store.own_datasets()
    return []


def complete_preset(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the presets."""
    from ..experiments.presets import PRESETS

    return starting_with(incomplete, [(preset.name, preset.title) for preset in PRESETS])


def complete_words(*words: str) -> Completer:
    """Make a completer that offers fixed words."""
    return lambda context, parameter, incomplete: starting_with(incomplete, [(word, "") for word in words])


def _complete_runs(wanted: Callable[[Run], bool], deleted: bool = False, word: str = "") -> Completer:
    """Make a completer that offers the newest runs that are wanted, and perhaps a word beside them."""

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from ..formatting import run_name

        typed = context.params.get(parameter.name or "") or ()
        given = set(typed) if isinstance(typed, tuple) else set()
        offered = [(word, "")] if word else []
        found = (run for run in _runs(context, deleted) if wanted(run) and str(run.id) not in given)
        offered += [(str(run.id), f"{run_name(run)}: {run.status}") for run in found]
        return starting_with(incomplete, offered)[:_MOST_RUNS]

    return complete


def _runs(context: click.Context, deleted: bool) -> list[Run]:
    """The runs of the store, newest first; none where it cannot be read."""
    from ..store import StoreError
    from ..store.prune import is_tombstone

    with contextlib.suppress(StoreError, click.ClickException, OSError), global_options(context).open_store() as store:
        if not deleted:
            return store.runs()
        hidden = [run for run in store.runs(since=0) if run.deleted and not is_tombstone(run)]
        return sorted(hidden, key=lambda run: -run.revision)
    return []


def _has_ended(run: Run) -> bool:
    from ..runs.records import ENDED

    return run.status in ENDED


complete_run = _complete_runs(lambda run: True)
complete_stoppable = _complete_runs(lambda run: not _has_ended(run), word="all")
complete_resumable = _complete_runs(lambda run: run.can_resume)
complete_deletable = _complete_runs(_has_ended)
complete_deleted = _complete_runs(lambda run: True, deleted=True)
