"""`lossterm losses`: the losses that there are, the tasks that they fit, and the parameters that they take."""

from __future__ import annotations

from typing import Any

import click

from ..catalog import LOSSES, Loss, Parameter
from ..formatting import MISSING
from .options import json_option, store_option
from .output import TableColumn, print_json, print_table

_COLUMNS = (
    TableColumn("loss", "left"),
    TableColumn("title", "left", keep=3),
    TableColumn("tasks", "left", keep=2),
    TableColumn("parameters", "left", keep=4),
    TableColumn("Keras name", "left", keep=1),
)


@click.command()
@json_option
@store_option
def losses(as_json: bool) -> None:
    """List the losses, the tasks that they fit, and their parameters.

    Those of the menu come first. A parameter is given behind the name: --loss huber:delta=2.

    Keras's CTC and Circle are left out: CTC aligns sequences and Circle compares embeddings, and rows of a table
    are neither. Sparse categorical cross-entropy is a name for cce: it is the same loss on class numbers.
    """
    if as_json:
        print_json([_loss_json(loss) for loss in LOSSES])
        return
    rows = [
        [loss.short, loss.title, ", ".join(loss.outputs), ", ".join(map(_words, loss.parameters)) or MISSING, loss.name]
        for loss in LOSSES
    ]
    print_table(_COLUMNS, rows)


def _words(parameter: Parameter) -> str:
    """A parameter with its default and its range."""
    return f"{parameter.name}={parameter.default:g} ({parameter.low:g} to {parameter.high:g})"


def _loss_json(loss: Loss) -> dict[str, Any]:
    return {
        "name": loss.name,
        "short": loss.short,
        "title": loss.title,
        "tasks": list(loss.outputs),
        "parameters": {
            parameter.name: {"default": parameter.default, "low": parameter.low, "high": parameter.high}
            for parameter in loss.parameters
        },
    }
