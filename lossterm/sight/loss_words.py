"""What the loss view says: what x is, and what to see in each loss."""

from __future__ import annotations

from collections.abc import Sequence

from ..catalog import Dataset, Loss

_ON_REGRESSION = {
    "mean_squared_error": "mse: the gradient grows with the error: one outlier pulls like many rows",
    "mean_absolute_error": "mae: the gradient is −1 or +1: a far-off row pulls no harder than any other",
    "mean_squared_logarithmic_error": "msle: flat where the output is negative: those rows teach nothing",
}
_ON_CLASSES = {
    "mean_squared_error": "mse: the gradient is bounded: sure and wrong pulls little harder than unsure",
    "mean_absolute_error": "mae: one slope everywhere: wrong rows pull no harder than those almost right",
    "mean_squared_logarithmic_error": "msle: bounded like mse, and flatter",
    "binary_crossentropy": "bce: the surer and wrong, the steeper: like 1/p, without bound",
    "hinge": "hinge: one slope up to a margin of 1, flat beyond: a tanh head never quite gets there",
    "categorical_crossentropy": "cce: steep where the true class has little probability: like 1/p, without bound",
    "kl_divergence": "kld: on one-hot targets the same curve as cce",
}


def remark(loss: Loss, dataset: Dataset) -> str:
    """What to see in a loss's curve on a dataset, in one sentence."""
    return (_ON_REGRESSION if dataset.task == "regression" else _ON_CLASSES)[loss.name]


def title(losses: Sequence[Loss], dataset: Dataset, own: bool) -> str:
    """What the curves are drawn over. own: x is what the heads give, and not their ranges brought to 0 … 1."""
    if dataset.task == "regression":
        logarithmic = any(loss.name == "mean_squared_logarithmic_error" for loss in losses)
        return "loss by error, at target 1" if logarithmic else "loss by error"
    if not own:
        return "loss by p of the true class; tanh as (m + 1) / 2"
    return "loss by margin, target × output" if losses[0].name == "hinge" else "loss by p of the true class"


def x_name(dataset: Dataset, low: float, own: bool) -> str:
    """The x axis's name, short enough for its end. low: where it begins."""
    if dataset.task == "regression":
        return "error"
    return "margin" if own and low < 0 else "p"
