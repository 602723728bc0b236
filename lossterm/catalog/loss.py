"""What a loss of the catalogue is made of; each loss is one file in `losses/`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from .outputs import OutputCoding
from .settings import Number, Setting
from .tasks import TaskName

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .own_loss import LossFile

    Floats = NDArray[np.float64]

EPSILON = 1e-7
"""Keras's `backend.epsilon()`."""


_DECADES, _FACTOR, _STEPS = 100, 1.25, 20


class Formula(Protocol):
    """A loss, or its gradient, as NumPy computes it row by row.

    Args:
        y_true: (rows, units) targets, float64.
        y_pred: (rows, units) outputs of the output layer, float64.
        parameters: the loss's own parameters by name.

    Returns:
        The value a row, (rows,); of a gradient the derivative by each output, (rows, units). A loss over the whole
        batch takes batches as well, (batches, rows, units), and takes a row for a batch of its own.
    """

    def __call__(self, y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
        """Compute it."""


@dataclass(frozen=True)
class Parameter:
    """A number that a loss takes, such as Huber's delta.

    Attributes:
        name: as Keras spells it.
        default: Keras's default.
        low, high: the allowed range, ends included.
        help: one sentence on what it does.
        brief: an abbreviation of at most 7 cells for narrow places; the name where left out.
        whole: whether it is a whole number, such as a switch that is 0 or 1.
    """

    name: str
    default: float
    low: float
    high: float
    help: str
    brief: str = ""
    whole: bool = False

    @property
    def setting(self) -> Setting:
        """The row that forms, columns and titles read, as for a setting of the run."""
        brief = self.brief or self.name
        return Setting(
            self.name,
            Number(self.low, self.high, self.whole),
            self.name.replace("_", " "),
            brief,
            brief,
            self.help,
            compiled=True,
        )

    def stepped(self, value: float, steps: int) -> float:
        """A value some steps further, within the range: a quarter more or less where it spans decades, else a 20th."""
        if self.low > 0 and self.high / self.low >= _DECADES:
            moved = value * _FACTOR**steps
        else:
            moved = value + steps * (self.high - self.low) / _STEPS
        return min(max(float(f"{moved:.3g}"), self.low), self.high)


LABEL_SMOOTHING = Parameter(
    "label_smoothing",
    default=0.0,
    low=0.0,
    high=1.0,
    help="The share of each target that is taken from the true class and divided evenly among all.",
    brief="smooth",
)


@dataclass(frozen=True)
class Note:
    """What a person should be told about a loss on a task.

    Attributes:
        short: one line.
        more: the longer story for the help.
        beside: the Keras identifier of a loss; in a comparison the note is shown only if that loss takes part too,
            with a note about this one.
        at_default: a parameter of the loss; the note is shown only where it has its default. Empty for always.
    """

    short: str
    more: str
    beside: str = ""
    at_default: str = ""


NOT_COMPARABLE = Note(
    "values of different losses are not comparable: compare the metric",
    "A loss of 0.3 in one unit says nothing about 0.3 in another. Runs are ranked on the metric they share "
    "(accuracy, or MSE on regression); losses laid over one another are labelled as not comparable.",
)


@dataclass(frozen=True)
class LossDescription:
    """A loss in words (ASCII), to read in half a minute.

    Attributes:
        formula: the loss of one row, with y a target and p an output; over several outputs, "mean" and "sum" are
            over them.
        paragraph: what it does.
        use, avoid: when it is the right one, and when not; both complete "Use it …", "Not …".
    """

    formula: str
    paragraph: str
    use: str
    avoid: str


@dataclass(frozen=True, eq=False)
class Loss:
    """One loss.

    Attributes:
        name: as in the store, JSON and exports: Keras's name for its function, where it is that.
        keras_class: the class in `keras.losses` that computes and documents it.
        short: the abbreviation used in tables and on the command line.
        title: the name in words.
        default_dataset: the dataset to move to when the loss is picked and the present one does not fit.
        outputs: the output layer and coding of targets for each task that the loss fits.
        needs: why the other tasks are refused; completes "<title> …".
        value, gradient: the loss and its derivative by the outputs, row by row, as Keras 3 computes them on what the
            output layer gives. At a kink, and where Keras clips, the gradient is TensorFlow's.
        description: what it is, in words.
        curve_remarks: what to see in its curve, in one sentence, by task.
        notes: what to tell a person who trains it, by task.
        parameters: the numbers that it takes; a key of the app steps the first, which moves its curve by itself.
        aliases: further names that it is found by.
        depends_on_target: on regression, whether its curve depends on the target and not on the error alone.
        over_batch: whether it depends on a batch as a whole, or may do so, and is not the mean over the rows of one:
            no batch is filled up with other rows then, and sets are measured batch by batch.
        takes_class_numbers: whether Keras's own takes class numbers for targets, where `outputs` says one-hot.
        sgd_learning_rate: one with which SGD trains it, where the default of 0.01 is too large; None elsewhere.
        curve_height: its value and its gradient are drawn up to this size; None for what suits most losses.
        menu_place: its place in the menu that the app opens with, from 1, which is the digit that picks it; None for
            one that is a step behind.
        file: where a person's own loss comes from; None for the catalogue's.
    """

    name: str
    keras_class: str
    short: str
    title: str
    default_dataset: str
    outputs: Mapping[TaskName, OutputCoding]
    value: Formula
    gradient: Formula
    description: LossDescription
    curve_remarks: Mapping[TaskName, str]
    needs: str = ""
    notes: Mapping[TaskName, Sequence[Note]] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    aliases: tuple[str, ...] = ()
    depends_on_target: bool = False
    over_batch: bool = False
    takes_class_numbers: bool = False
    sgd_learning_rate: float | None = None
    curve_height: float | None = None
    menu_place: int | None = None
    file: LossFile | None = None

    @property
    def names(self) -> Sequence[str]:
        """The names that it is found by, the short one first."""
        return (self.short, self.name, *self.aliases)

    def __repr__(self) -> str:
        return f"<Loss {self.name}>"
