"""The options of `lossterm run` that follow from the settings, and the end of its help from the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from ..catalog import DATASETS, LOSSES, Loss
from ..config import SETTINGS
from ..experiments.presets import PRESETS

_Command = TypeVar("_Command", bound=Callable[..., Any])


class RunCommand(click.Command):
    """`run`, with the losses, datasets and presets at the end of its help."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """A line a loss and a dataset, a sentence a preset."""
        with formatter.section("Losses"):
            formatter.write_dl([(loss.short, _loss_words(loss)) for loss in LOSSES])
        with formatter.section("Datasets"):
            formatter.write_dl([(d.name, f"{d.task.name}: {d.generator}, {d.split_words}") for d in DATASETS])
        with formatter.section("Presets"):
            formatter.write_dl([(preset.name, preset.watch) for preset in PRESETS])


def setting_options(command: _Command) -> _Command:
    """Add an option for each setting of a run; the device's is one that every command shares."""
    for setting in reversed(SETTINGS.values()):
        if setting.name == "device":
            continue
        takers = [dataset.name for dataset in DATASETS if setting.applies_to(dataset)]
        for_some = "" if len(takers) == len(DATASETS) else f" For {', '.join(takers)}."
        command = click.option(
            setting.flag,
            setting.name,
            metavar=setting.metavar,
            multiple=setting.name == "seed",
            help=setting.help + for_some,
        )(command)
    return command


def _loss_words(loss: Loss) -> str:
    """The title of a loss, the tasks that it fits, and whether only CATALOGUE brings it."""
    beyond = " (not in the menu)" if loss.menu_place is None else ""
    return f"{loss.title}: {', '.join(loss.outputs)}{beyond}"
