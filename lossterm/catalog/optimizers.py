"""The optimizers: their Keras class, which settings they take, and what they remember between steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .registry import Registry


@dataclass(frozen=True, eq=False)
class Optimizer:
    """One optimizer.

    Attributes:
        name: as on the command line.
        keras_class: the class in `keras.optimizers`.
        settings: the run's settings that its constructor takes; Keras gives them the same names.
        slots: the variables that it keeps for each weight: their name in a checkpoint, and the attribute of Keras's
            optimizer that lists them.
    """

    name: str
    keras_class: str
    settings: tuple[str, ...]
    slots: Mapping[str, str]

    @property
    def names(self) -> Sequence[str]:
        """The names that it is found by."""
        return (self.name,)


SGD = Optimizer("sgd", "SGD", ("learning_rate", "momentum"), {"momentum": "momentums"})
OPTIMIZERS: Registry[Optimizer] = Registry("optimizer", (SGD,))
