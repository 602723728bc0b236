"""The optimizers: their Keras class, the settings that they take, and what they remember between steps.

Each updates every weight by that weight's own history alone, so that runs can be trained side by side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .registry import Registry


@dataclass(frozen=True, eq=False)
class Optimizer:
    """One optimizer.

    Attributes:
        name: as on the command line.
        title: as people write it.
        keras_class: the class in `keras.optimizers`.
        defaults: the run's settings that its constructor takes, and their defaults; Keras gives them the same names.
            All are Keras's own, but for the momentum of SGD, which is the tutorial's.
        slots: the variables that it keeps for each weight, by the last part of the name that Keras gives them, and
            their first value.
        momentum_slot: whether it keeps one more, `momentum`, where its momentum is not 0.
        scalars: the variables that it keeps once, in Keras's order, and their first value; the step's number aside.
    """

    name: str
    title: str
    keras_class: str
    defaults: Mapping[str, float]
    slots: Mapping[str, float] = field(default_factory=dict)
    momentum_slot: bool = False
    scalars: Mapping[str, float] = field(default_factory=dict)

    @property
    def names(self) -> Sequence[str]:
        """The names that it is found by."""
        return (self.name,)

    @property
    def all_slots(self) -> Mapping[str, float]:
        """The variables that it may keep for each weight, whatever its settings."""
        return {**self.slots, "momentum": 0.0} if self.momentum_slot else self.slots


_COMMON = {"learning_rate": 0.001, "weight_decay": 0.0}

SGD = Optimizer("sgd", "SGD", "SGD", {"learning_rate": 0.01, "momentum": 0.9, "weight_decay": 0.0}, momentum_slot=True)

_SIDE_BY_SIDE = "and runs train side by side, weight by weight"
_LEFT_OUT: Mapping[str, str] = {
    "adafactor": f"its step depends on the rows and columns of a whole layer, {_SIDE_BY_SIDE}",
    "lamb": f"its step depends on the norm of a whole layer, {_SIDE_BY_SIDE}",
    "muon": f"its step depends on a whole layer, which it makes orthogonal, {_SIDE_BY_SIDE}",
}
OPTIMIZERS: Registry[Optimizer] = Registry(
    "optimizer",
    (
        SGD,
        Optimizer("adam", "Adam", "Adam", _COMMON, {"momentum": 0.0, "velocity": 0.0}),
        Optimizer("adamw", "AdamW", "AdamW", {**_COMMON, "weight_decay": 0.004}, {"momentum": 0.0, "velocity": 0.0}),
        Optimizer("rmsprop", "RMSprop", "RMSprop", {**_COMMON, "momentum": 0.0}, {"velocity": 0.0}, True),
        Optimizer(
            "nadam", "Nadam", "Nadam", _COMMON, {"momentum": 0.0, "velocity": 0.0}, scalars={"momentum_product": 1.0}
        ),
        Optimizer("adagrad", "Adagrad", "Adagrad", _COMMON, {"accumulator": 0.1}),
        Optimizer("adadelta", "Adadelta", "Adadelta", _COMMON, {"accumulated_grad": 0.0, "accumulated_delta_var": 0.0}),
        Optimizer("adamax", "Adamax", "Adamax", _COMMON, {"momentum": 0.0, "norm": 0.0}),
        Optimizer("lion", "Lion", "Lion", _COMMON, {"momentum": 0.0}),
        Optimizer("ftrl", "FTRL", "Ftrl", _COMMON, {"accumulator": 0.1, "linear": 0.0}),
    ),
    _LEFT_OUT,
)
