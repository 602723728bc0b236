"""What the loss view says: what x is, and what to see in each loss."""

from __future__ import annotations

from collections.abc import Sequence

from ..catalog import Dataset, Loss, output_layer


def remark(loss: Loss, dataset: Dataset) -> str:
    """What to see in a loss's curve on a dataset, in one sentence."""
    return loss.curve_remarks[dataset.task_entry.name]


def title(losses: Sequence[Loss], dataset: Dataset, own: bool) -> str:
    """What the curves are drawn over. own: x is what the heads give, and not their ranges brought to 0 … 1."""
    if dataset.task == "regression":
        return "loss by error, at target 1" if any(loss.depends_on_target for loss in losses) else "loss by error"
    if not own:
        return "loss by p of the true class; tanh as (m + 1) / 2"
    margin = output_layer(losses[0], dataset).activation == "tanh"
    return "loss by margin, target × output" if margin else "loss by p of the true class"


def x_name(dataset: Dataset, low: float, own: bool) -> str:
    """The x axis's name, short enough for its end. low: where it begins."""
    if dataset.task == "regression":
        return "error"
    return "margin" if own and low < 0 else "p"
