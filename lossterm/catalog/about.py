"""What each loss and each dataset is, in words to read in half a minute; what they mean together is in `pairing`.

All of it is ASCII, so that it reads alike in every terminal.
"""

from __future__ import annotations

from dataclasses import dataclass

from .datasets import Dataset
from .losses import Loss
from .pairing import Head


@dataclass(frozen=True)
class AboutLoss:
    """One loss in words.

    formula: the loss of one row, with y a target and p an output; over several outputs, "mean" and "sum" are over them.
    paragraph: what it does. use, avoid: when it is the right one, and when not; both complete "Use it …", "Not …".
    keras: the class that Keras documents it under.
    """

    formula: str
    paragraph: str
    use: str
    avoid: str
    keras: str


@dataclass(frozen=True)
class AboutDataset:
    """One dataset in words; its numbers are in the catalogue's entry.

    paragraph: what the generator makes. good: which score to hope for, with the default settings.
    spoiled: what its setting for spoilt targets does.
    """

    paragraph: str
    good: str
    spoiled: str


_LOSSES: dict[str, AboutLoss] = {
    "mean_squared_error": AboutLoss(
        formula="mean((p - y)^2)",
        paragraph="Squares each error: twice as wrong costs four times as much, and the gradient, 2 (p - y), grows "
        "with the error. The best constant answer is the mean of the targets.",
        use="for regression where errors are roughly normal and large ones matter most.",
        avoid="with outliers, since one row that is 100 off pulls like 100 rows that are 1 off. On a sigmoid or "
        "softmax it learns slowly from rows that are confidently wrong: the head is flat there.",
        keras="keras.losses.MeanSquaredError",
    ),
    "mean_squared_logarithmic_error": AboutLoss(
        formula="mean((log(1 + p) - log(1 + y))^2)",
        paragraph="The squared error of log(1 + value): large values count by their ratio, so 200 for 100 costs about "
        "as much as 2000 for 1000. Too low costs more than too high by the same amount.",
        use="for targets that are never negative and span several magnitudes: counts, prices, sizes.",
        avoid="where targets or outputs can be negative. Keras takes everything below 1e-7 for 1e-7: the loss is flat "
        "there, and a negative output gets no gradient to leave by.",
        keras="keras.losses.MeanSquaredLogarithmicError",
    ),
    "mean_absolute_error": AboutLoss(
        formula="mean(|p - y|)",
        paragraph="Each error counts as it is. The slope is -1 or +1 whatever the error's size, so a far-off row pulls "
        "no harder than any other. The best constant answer is the median of the targets.",
        use="for regression with outliers, or when the typical error is what you report.",
        avoid="where the last decimals count: the slope does not fade near the answer, so steps overshoot it unless "
        "the learning rate falls. On a softmax it shrugs off wrong labels, but learns slowly and can underfit.",
        keras="keras.losses.MeanAbsoluteError",
    ),
    "binary_crossentropy": AboutLoss(
        formula="mean(-y log(p) - (1 - y) log(1 - p))",
        paragraph="Minus the logarithm of the probability given to the truth: near 0 when sure and right, without "
        "bound when sure and wrong. Behind a sigmoid the gradient by its input is just p - y, which never fades while "
        "the answer is wrong.",
        use="for yes or no, and for labels that may hold together, a sigmoid each. Its outputs are probabilities.",
        avoid="for real-valued targets. For classes that exclude one another categorical cross-entropy is the better "
        "fit. A few wrong labels can cost more than all the right ones.",
        keras="keras.losses.BinaryCrossentropy",
    ),
    "hinge": AboutLoss(
        formula="mean(max(0, 1 - y p)), y = -1 or +1",
        paragraph="Asks for the right side of 0 with a margin of 1. The slope is constant up to there, and beyond it "
        "the loss is exactly 0: rows that are safely right are left alone. A tanh output only nears -1 and +1, so here "
        "no row is ever quite done.",
        use="where only the decision counts, as in a support vector machine, which uses this loss.",
        avoid="when you need probabilities: its outputs are not. Several classes become one against the rest each, and "
        "with the settings here that trails the cross-entropies.",
        keras="keras.losses.Hinge",
    ),
    "categorical_crossentropy": AboutLoss(
        formula="-sum(y log(p))",
        paragraph="Minus the logarithm of the probability given to the true class; the others count only through the "
        "softmax, which makes them share what is left. Behind a softmax the gradient by its inputs is p - y.",
        use="for classes that exclude one another: it is the usual choice, and its outputs are probabilities.",
        avoid="for labels that may hold together (binary cross-entropy, a sigmoid each). Wrong labels weigh much: the "
        "loss has no bound where the model is sure.",
        keras="keras.losses.CategoricalCrossentropy",
    ),
    "kl_divergence": AboutLoss(
        formula="sum(y log(y / p))",
        paragraph="How far the outputs, as a distribution, are from the targets' distribution: categorical "
        "cross-entropy less the entropy of the targets, so that 0 means a perfect match. The gradients are the same.",
        use="when targets are distributions themselves: soft labels, another model's outputs.",
        avoid="for one-hot targets in hope of something new: their entropy is 0, so it is categorical cross-entropy "
        "again. Nor for anything but probabilities. Mind the order, too: swapping y and p gives another value.",
        keras="keras.losses.KLDivergence",
    ),
}

_LABEL_NOISE = (
    "label noise gives that share of the training rows {wrong}, picked at random; the test set stays clean, so the "
    "score says what was learned in spite of it."
)

_DATASETS: dict[str, AboutDataset] = {
    "regression": AboutDataset(
        paragraph="The target is a weighted sum of some of the features, plus a little normal noise: a straight line "
        "in many dimensions.",
        good="a test MSE below 0.001; always answering the mean scores about 1.",
        spoiled="the outlier fraction adds 10 standard deviations to that share of the training targets; the test set "
        "stays clean, so the score says what was learned in spite of them.",
    ),
    "circles": AboutDataset(
        paragraph="Two classes on two circles about one centre, the inner with 0.8 of the outer's radius, blurred by "
        "normal noise: no straight line parts them.",
        good="an accuracy of 0.84. The circles overlap, and no model can do better in the long run; guessing scores "
        "0.5.",
        spoiled=_LABEL_NOISE.format(wrong="the other class"),
    ),
    "blobs": AboutDataset(
        paragraph="One round normal cloud of points a class, in the plane; the clouds overlap.",
        good="an accuracy of 0.81. About 0.82 is the best that any model can do; guessing scores 0.33.",
        spoiled=_LABEL_NOISE.format(wrong="one of the other classes"),
    ),
}


def about_loss(loss: Loss) -> AboutLoss:
    """A loss in words."""
    return _LOSSES[loss.name]


def about_dataset(dataset: Dataset) -> AboutDataset:
    """A dataset in words."""
    return _DATASETS[dataset.name]


def generator_call(dataset: Dataset) -> str:
    """The scikit-learn call that makes a dataset with its default settings, as one would type it."""
    settings: dict[str, object] = {"n_samples": dataset.samples}
    if dataset.task == "multiclass":
        settings["centers"] = dataset.classes
    if dataset.task != "binary":  # make_circles takes no number of features
        settings["n_features"] = dataset.features
    settings["cluster_std" if dataset.task == "multiclass" else "noise"] = f"{dataset.noise:g}"
    settings["random_state"] = dataset.random_state
    return f"{dataset.generator}({', '.join(f'{name}={value}' for name, value in settings.items())})"


def split_words(dataset: Dataset) -> str:
    """How many of the default rows are trained on, and how many tested on."""
    train = dataset.train_rows(dataset.samples, dataset.train_fraction)
    return f"the first {train} rows train, the last {dataset.samples - train} test"


_TARGETS = {
    "real": "real numbers",
    "zero_one": "0 or 1",
    "plus_minus_one": "-1 or +1",
    "one_hot": "one-hot",
    "one_vs_rest": "+1 for the true class, -1 for the rest",
}
_DECISIONS = {
    "value": "the output is the answer",
    "above_half": "above 0.5 is class 1",
    "above_zero": "above 0 is class 1",
    "argmax": "the greatest output decides",
}


def head_words(given: Head) -> str:
    """The output layer that a loss gets, its targets, and how it decides."""
    units = f'Dense({given.units}, "{given.activation}")'
    return f"{units}; targets {_TARGETS[given.targets]}; {_DECISIONS[given.decision]}"
