"""Which runs a command line of `lossterm run` asks for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence

import click

from ..catalog import (
    LOSSES,
    MENU_LOSSES,
    Dataset,
    Loss,
    UnknownNameError,
    dataset_named,
    fitting_losses,
    parse_loss,
)
from ..catalog.own_loss import OWN_LOSS_SYNTAX, LossFile, is_own_loss, split_own_loss
from ..config import ConfigError, RunConfig
from ..experiments.presets import Preset, preset_named
from ..runs.loss_files import LossFileError, allow, check_name, find_losses, read_loss_file
from ..store import Store
from ..text import one_line

ALL = "all"
"""What stands for every loss of the menu that fits."""
CATALOGUE = "catalogue"
"""What stands for every loss that fits."""


def named_preset(name: str, losses: Sequence[str], typed: Mapping[str, object]) -> Preset:
    """Find a preset, and see that nothing was named beside it that it brings. Raises click.UsageError."""
    try:
        preset = preset_named(name)
    except UnknownNameError as error:
        raise click.UsageError(str(error)) from None
    beside = [f"--{option}" for option, given in (("loss", losses), ("dataset", typed["dataset"])) if given]
    if beside:
        brings = f"{', '.join(preset.losses)} on {preset.dataset}"
        raise click.UsageError(f"preset: {preset.name} is {brings}; leave out {' and '.join(beside)}")
    return preset


def plan(
    losses: Sequence[str], seeds: Sequence[object], typed: Mapping[str, object], added: Sequence[Loss] = ()
) -> list[RunConfig]:
    """Check everything that was typed, and plan a run for each seed and loss.

    Args:
        losses: Losses as they are typed, with parameters or without, "all" or "catalogue".
        seeds: A run is planned for each.
        typed: The dataset, by name or as an entry, and the other settings by name, as they were typed.
        added: The losses that the person added to the menu.

    Raises:
        ConfigError, click.UsageError: Something cannot be trained. Nothing has been written then.
    """
    if not losses:
        known = ", ".join(loss.short for loss in MENU_LOSSES)
        raise click.UsageError(f"loss: give at least one --loss ({known}, or {ALL})")
    try:
        dataset = typed.get("dataset")
        named = dataset if dataset is None or isinstance(dataset, Dataset) else dataset_named(str(dataset))
        names = expanded(losses, named, added)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    files = own_loss_files(names)
    problems: dict[str, str] = {}
    configs = []
    for seed in seeds:
        for loss in names:
            try:
                configs.append(RunConfig.of(loss, **{**typed, "seed": seed, "loss_file": files.get(loss)}))
            except ConfigError as error:
                problems.update(error.problems)
    if problems:
        raise ConfigError(problems)
    return configs


def own_loss_files(losses: Iterable[str]) -> dict[str, LossFile]:
    """Read the files of the own losses among some losses, and note that the person asked for their code.

    Nothing in them is run here; only what they name at their top level is looked at.

    Args:
        losses: As they were typed.

    Returns:
        The file of each own loss, by the loss.

    Raises:
        click.UsageError: A file cannot be read, is no Python, or has no such function.
    """
    files: dict[str, LossFile] = {}
    try:
        for loss in losses:
            if not is_own_loss(loss):
                continue
            path, function = split_own_loss(loss)
            source = read_loss_file(path)
            check_name(source, function)
            files[loss] = source.file
        for file in files.values():
            allow(file)
    except LossFileError as error:
        raise click.UsageError(one_line(str(error))) from None
    return files


def keep_loss_files(store: Store, configs: Iterable[RunConfig]) -> None:
    """Keep the texts of own losses' files in a store before runs are queued with them.

    A file that has changed since its config was made is left out: a trainer refuses such a run, with the reason.
    """
    files = dict.fromkeys(config.loss_file for config in configs if config.loss_file is not None)
    for file in files:
        with contextlib.suppress(LossFileError):
            source = read_loss_file(file.path)
            if source.file == file:
                store.keep_loss_file(source)


def expanded(losses: Sequence[str], dataset: Dataset | None, added: Sequence[Loss] = ()) -> list[str]:
    """Put the losses that fit in the place of ALL and CATALOGUE.

    Args:
        losses: Losses as they are typed, ALL or CATALOGUE.
        dataset: The one that they must fit; None for any.
        added: The losses that the person added to the menu.

    Returns:
        Losses as they were typed, and the names of those that fit and are not typed beside them.

    Raises:
        ValueError: A loss is not known.
    """
    named = [_name(loss) for loss in losses if _group(loss) is None]
    fits = LOSSES if dataset is None else fitting_losses(dataset)
    names: list[str] = []
    for loss in losses:
        group = _group(loss, added)
        if group is None:
            names.append(loss)
        else:
            names += [e.name for e in group if e in fits and e.name not in named and e.name not in names]
    return names


def _name(loss: str) -> str:
    """The name of a loss: the catalogue's, or an own one as it was typed.

    Raises:
        ValueError: There is none.
    """
    if is_own_loss(loss):
        return loss
    if loss.partition(":")[0].endswith(".py"):
        raise ValueError(f"loss: {loss[:200]!r} must be written as {OWN_LOSS_SYNTAX}{_there(loss)}")
    return parse_loss(loss)[0].name


def _there(loss: str) -> str:
    """The end of a message: what a file has, where it can be read."""
    try:
        found = find_losses(read_loss_file(loss.partition(":")[0]))
    except LossFileError as error:
        return f" ({str(error).removeprefix('loss: ')})"
    return f"; it has {', '.join(one.name for one in found)}" if found else "; it has no loss"


def _group(word: str, added: Sequence[Loss] = ()) -> Sequence[Loss] | None:
    """The losses that a word stands for; None for the name of one."""
    return {ALL: (*MENU_LOSSES, *added), CATALOGUE: LOSSES}.get(word.strip().lower())
