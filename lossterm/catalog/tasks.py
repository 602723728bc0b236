"""The tasks: regression, binary and multiclass classification. Metrics, corruption of targets and view of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

TaskName = Literal["regression", "binary", "multiclass"]
ModelPicture = Literal["predicted_vs_true", "decision_boundary"]

OUTLIER = 10.0
"""What an outlier adds to its target, in standard deviations: a gross error to one side, which pulls a mean along."""


@dataclass(frozen=True)
class Metric:
    """A number that every loss of a task is compared on.

    Attributes:
        name: as in JSON, exports and the store.
        title: as on axes and in sentences; brief: where there is little room.
        higher_is_better: the direction of improvement.
        low, high: the bounds of its values; None where it has none.
    """

    name: str
    title: str
    brief: str
    higher_is_better: bool
    low: float | None = None
    high: float | None = None

    def is_better(self, value: float, than: float) -> bool:
        """Whether one value beats another; NaN beats nothing."""
        return value > than if self.higher_is_better else value < than


MSE = Metric("mse", "MSE", "MSE", higher_is_better=False, low=0.0)
ACCURACY = Metric("accuracy", "accuracy", "acc", higher_is_better=True, low=0.0, high=1.0)
_OF_CLASSES = (
    ACCURACY,
    Metric("balanced_accuracy", "balanced accuracy", "bal acc", higher_is_better=True, low=0.0, high=1.0),
    Metric("f1", "F1", "F1", higher_is_better=True, low=0.0, high=1.0),
    Metric("roc_auc", "ROC AUC", "AUC", higher_is_better=True, low=0.0, high=1.0),
    Metric("log_loss", "log loss", "logl", higher_is_better=False, low=0.0),
    Metric("brier", "Brier score", "Brier", higher_is_better=False, low=0.0),
)
_OF_NUMBERS = (
    MSE,
    Metric("rmse", "RMSE", "RMSE", higher_is_better=False, low=0.0),
    Metric("mae", "MAE", "MAE", higher_is_better=False, low=0.0),
    Metric("r2", "R²", "R²", higher_is_better=True, high=1.0),
    Metric("median_absolute_error", "median absolute error", "medAE", higher_is_better=False, low=0.0),
)


@dataclass(frozen=True)
class Task:
    """What is predicted, and what follows from it for every dataset and loss.

    Attributes:
        name: as in JSON and on the command line.
        metric: the one that losses are compared on.
        corruption: the setting with the share of the training targets that is corrupted.
        picture: what the model view draws.
        has_classes: whether targets are class numbers.
        metrics: every one that a comparison can be made on, `metric` first; scikit-learn's, by its names.
    """

    name: TaskName
    metric: Metric
    corruption: str
    picture: ModelPicture
    has_classes: bool
    metrics: tuple[Metric, ...]

    def corrupt(self, y: NDArray[Any], fraction: float, classes: int, random: Generator) -> None:
        """Corrupt a share of targets in place, rounded to a whole number of rows.

        Outliers get OUTLIER added; a wrong label is one of the other classes, each as likely. A larger share
        corrupts the rows of a smaller one too.

        Args:
            y: (rows,) standardised real values, or class numbers from 0.
            fraction: the share of the rows, 0 to 1.
            classes: how many there are; 0 for regression.
            random: where the rows and the wrong labels are drawn from.
        """
        count = round(fraction * len(y))
        if not count:
            return
        rows = random.permutation(len(y))[:count]
        if self.has_classes:
            y[rows] = (y[rows] + random.integers(1, classes, size=count)) % classes
        else:
            y[rows] += OUTLIER


REGRESSION = Task("regression", MSE, "outlier_fraction", "predicted_vs_true", has_classes=False, metrics=_OF_NUMBERS)
BINARY = Task("binary", ACCURACY, "label_noise", "decision_boundary", has_classes=True, metrics=_OF_CLASSES)
MULTICLASS = Task("multiclass", ACCURACY, "label_noise", "decision_boundary", has_classes=True, metrics=_OF_CLASSES)
TASKS: tuple[Task, ...] = (REGRESSION, BINARY, MULTICLASS)
