"""`lossterm losses`: the losses that there are, the tasks that they fit, and the parameters that they take."""

from __future__ import annotations

from typing import Any

import click

from ..catalog import LOSSES, Dataset, Loss, Parameter, brief_refusal, notes, refusal
from ..formatting import MISSING
from .completion import complete_dataset
from .data_files import named_dataset
from .options import global_options, json_option, store_option
from .output import TableColumn, print_json, print_table

_COLUMNS = (
    TableColumn("loss", "left"),
    TableColumn("title", "left", keep=3),
    TableColumn("tasks", "left", keep=2),
    TableColumn("parameters", "left", keep=4),
    TableColumn("Keras name", "left", keep=1),
)
_ON_DATASET = (TableColumn("loss", "left"), TableColumn("title", "left", keep=2), TableColumn("here", "left"))


@click.command()
@click.option(
    "--dataset",
    "name",
    metavar="NAME",
    help="Say of each loss whether it trains on this dataset, or why not, and what to know of it there.",
    shell_complete=complete_dataset,
)
@json_option
@store_option
@click.pass_context
def losses(context: click.Context, name: str | None, as_json: bool) -> None:
    """List the losses, the tasks that they fit, and their parameters.

    Those of the menu come first. A parameter is given behind the name: --loss huber:delta=2.

    Keras's CTC and Circle are left out: CTC aligns sequences and Circle compares embeddings, and rows of a table
    are neither. Sparse categorical cross-entropy is a name for cce: it is the same loss on class numbers.
    """
    dataset = None if name is None else named_dataset(global_options(context), name)
    if as_json:
        print_json([_loss_json(loss, dataset) for loss in LOSSES])
        return
    if dataset is not None:
        print_table(_ON_DATASET, [[loss.short, loss.title, _on_dataset(loss, dataset)] for loss in LOSSES])
        return
    rows = [
        [loss.short, loss.title, ", ".join(loss.outputs), ", ".join(map(_words, loss.parameters)) or MISSING, loss.name]
        for loss in LOSSES
    ]
    print_table(_COLUMNS, rows)


def _words(parameter: Parameter) -> str:
    """A parameter with its default and its range."""
    return f"{parameter.name}={parameter.default:g} ({parameter.low:g} to {parameter.high:g})"


def _on_dataset(loss: Loss, dataset: Dataset) -> str:
    """What a loss means on a dataset: why it is refused, or that it trains and what to know of that."""
    reason = brief_refusal(loss, dataset)
    if reason is not None:
        return f"refused: {reason}"
    return "; ".join(["trains", *(note.short for note in notes(loss, dataset) if not note.beside)])


def _loss_json(loss: Loss, dataset: Dataset | None) -> dict[str, Any]:
    here = (
        {}
        if dataset is None
        else {
            "refusal": refusal(loss, dataset),
            "notes": [note.short for note in notes(loss, dataset) if refusal(loss, dataset) is None],
        }
    )
    return {
        "name": loss.name,
        "short": loss.short,
        "title": loss.title,
        "tasks": list(loss.outputs),
        "parameters": {
            parameter.name: {"default": parameter.default, "low": parameter.low, "high": parameter.high}
            for parameter in loss.parameters
        },
        **here,
    }
