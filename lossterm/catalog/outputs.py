"""The output layer of a network: its activation, how targets are coded for it, and how its outputs are decided on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Activation = Literal["linear", "softplus", "sigmoid", "tanh", "softmax"]
Targets = Literal["real", "zero_one", "plus_minus_one", "one_hot", "one_vs_rest"]
Decision = Literal["value", "above_half", "above_zero", "argmax"]

_TARGETS: dict[Targets, str] = {
    "real": "real numbers",
    "zero_one": "0 or 1",
    "plus_minus_one": "-1 or +1",
    "one_hot": "one-hot",
    "one_vs_rest": "+1 for the true class, -1 for the rest",
}
_DECISIONS: dict[Decision, str] = {
    "value": "the output is the answer",
    "above_half": "above 0.5 is class 1",
    "above_zero": "above 0 is class 1",
    "argmax": "the greatest output decides",
}


@dataclass(frozen=True)
class OutputCoding:
    """How a loss meets a task: activation, coding of the targets, decision; the number of units follows from the data.

    Attributes:
        activation: of the output layer.
        targets: real (n, 1) float; zero_one (n, 1) in {0, 1}; plus_minus_one (n, 1) in {-1, +1};
            one_hot (n, k) in {0, 1}; one_vs_rest (n, k) in {-1, +1}.
        decision: value (regression), above_half (output > 0.5), above_zero (output > 0), argmax.
    """

    activation: Activation
    targets: Targets
    decision: Decision

    def layer(self, classes: int) -> OutputLayer:
        """Return the output layer for a number of classes (0 for regression)."""
        units = classes if self.targets in ("one_hot", "one_vs_rest") else 1
        return OutputLayer(units, self.activation, self.targets, self.decision)


LINEAR = OutputCoding("linear", "real", "value")
POSITIVE = OutputCoding("softplus", "real", "value")
SIGMOID = OutputCoding("sigmoid", "zero_one", "above_half")
SIGMOID_PER_CLASS = OutputCoding("sigmoid", "one_hot", "argmax")
TANH = OutputCoding("tanh", "plus_minus_one", "above_zero")
TANH_PER_CLASS = OutputCoding("tanh", "one_vs_rest", "argmax")
SOFTMAX = OutputCoding("softmax", "one_hot", "argmax")


@dataclass(frozen=True)
class OutputLayer:
    """The output layer `Dense(units, activation)`, the coding of its targets, and its decision; see `OutputCoding`."""

    units: int
    activation: Activation
    targets: Targets
    decision: Decision

    @property
    def words(self) -> str:
        """The layer, its targets and its decision in words (ASCII)."""
        layer = f'Dense({self.units}, "{self.activation}")'
        return f"{layer}; targets {_TARGETS[self.targets]}; {_DECISIONS[self.decision]}"

    def encode(self, y: NDArray[Any]) -> NDArray[np.float32]:
        """Code targets for this layer.

        Args:
            y: (rows,) real values, or class numbers from 0.

        Returns:
            (rows, units) float32, coded as `targets` says.
        """
        import numpy as np

        if self.targets in ("real", "zero_one"):
            return y.astype(np.float32).reshape(-1, 1)
        if self.targets == "plus_minus_one":
            return (y.astype(np.float32) * 2 - 1).reshape(-1, 1)
        one_hot: NDArray[np.float32] = np.equal(y.reshape(-1, 1), np.arange(self.units)).astype(np.float32)
        return one_hot if self.targets == "one_hot" else one_hot * 2 - 1

    def classes_of(self, targets: NDArray[Any]) -> NDArray[np.int64]:
        """Return the class numbers, (rows,), that coded targets, (rows, units), stand for."""
        import numpy as np

        if targets.shape[1] > 1:
            return np.asarray(targets.argmax(axis=1), np.int64)
        return np.asarray(targets[:, 0] > (0 if self.targets == "plus_minus_one" else 0.5), np.int64)

    def decide(self, outputs: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the classes that outputs mean, and how sure the network is of them.

        Args:
            outputs: (rows, units) of this layer.

        Returns:
            The classes, (rows,), -1 where the outputs are not finite, and the confidence, (rows,), from 0 (undecided)
            to 1 (certain): |2p - 1| of a probability, |t| of a tanh, and for several units the winner's lead over the
            next, as a share of the greatest lead that they can have.

        Raises:
            ValueError: for a regression, which decides on no class.
        """
        import numpy as np

        values = outputs.astype(np.float64)
        if self.decision == "above_half":
            classes, confidence = values[:, 0] > 0.5, np.abs(2 * values[:, 0] - 1)
        elif self.decision == "above_zero":
            classes, confidence = values[:, 0] > 0, np.abs(values[:, 0])
        elif self.decision == "argmax":
            ordered = np.sort(values, axis=1)
            greatest = 2.0 if self.activation == "tanh" else 1.0
            classes, confidence = values.argmax(axis=1), (ordered[:, -1] - ordered[:, -2]) / greatest
        else:
            raise ValueError("regression: there is no class to decide on")
        finite = np.isfinite(values).all(axis=1)
        return np.where(finite, classes, -1).astype(np.int64), np.where(finite, np.clip(confidence, 0, 1), 0.0)
