"""The optimizers: their Keras class, which settings they take, and what they remember between steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .registry import Registry


@dataclass(frozen=True)
class Optimizer:
    """One optimizer.

    Attributes:
        name: as on the command line.
        keras_class: the class in `keras.optimizers`.
        settings: the run's settings that its constructor takes, under Keras's names.
        slots: the variables that it keeps for each weight, named as the attributes of Keras's optimizer that list them.
    """

    name: str
    keras_class: str
    settings: tuple[str, ...]
    slots: tuple[str, ...]

    @property
    def names(self) -> Sequence[str]:
        """The names that it is found by."""
        return (self.name,)


SGD = Optimizer("sgd", "SGD", ("learning_rate", "momentum"), ("momentums",))
OPTIMIZERS: Registry[Optimizer] = Registry("optimizer", (SGD,))
