"""What is put on top of one another to train runs together: the state of each, and the rows of their datasets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .data import Data
from .network import Floats


@dataclass(frozen=True)
class StateLayout:
    """Where each variable of a run lies in its state, a vector of float32: weights, slots, and what is kept once.

    Attributes:
        shapes: of each variable in one run, by its name in a checkpoint; the number of steps aside.
        initial: the value of each but the weights before the first step.
    """

    shapes: Mapping[str, tuple[int, ...]]
    initial: Mapping[str, float]

    @property
    def size(self) -> int:
        """Numbers in a state."""
        return sum(math.prod(shape) for shape in self.shapes.values())

    def start(self, weights: Sequence[Floats]) -> Floats:
        """The state of a run before its first step."""
        parts = [np.ravel(array) for array in weights]
        parts += [np.full(math.prod(self.shapes[name]), value, np.float32) for name, value in self.initial.items()]
        return np.concatenate(parts)

    def arrays(self, state: Floats) -> dict[str, Floats]:
        """The variables of a state by name."""
        named = zip(self.split(state), self.shapes.items(), strict=True)
        return {name: part.reshape(shape) for part, (name, shape) in named}

    def split(self, states: Floats) -> list[Floats]:
        """Cut states, (…, size), into their variables, each (…, numbers of it)."""
        ends = np.cumsum([math.prod(shape) for shape in self.shapes.values()])[:-1]
        return np.split(states, ends, axis=-1)

    def weights(self, state: Floats) -> list[Floats]:
        """The weights of a state in Keras's order."""
        count = len(self.shapes) - len(self.initial)
        return list(self.arrays(state).values())[:count]

    def state(self, arrays: Mapping[str, npt.NDArray[Any]]) -> Floats:
        """The state that `arrays` gave.

        Raises:
            ValueError: there are others than the state's.
        """
        if arrays.keys() != self.shapes.keys():
            raise ValueError("checkpoint: it is of another network")
        return np.concatenate([np.ravel(arrays[name]) for name in self.shapes]).astype(np.float32)


class StackedRows:
    """The rows of the datasets of several runs in one array a part, the sets of a dataset one after the other.

    Attributes:
        x, y, weight: (rows, features), (rows, units), (rows,); weight None where all rows weigh 1.
        size: rows of one dataset, and of what follows it so that a chunk never ends beyond it.
        sets: of each set its first row and the row after its last, within a dataset.
    """

    def __init__(self, datasets: Sequence[Data], chunk: int):
        """Put datasets of the same sizes together; `chunk` rows are measured at a time."""
        first = datasets[0]
        held_out = first.validation_x is not first.test_x
        names = ("train", "validation", "test") if held_out else ("train", "validation")
        ends = np.cumsum([len(getattr(first, f"{name}_x")) for name in names]).tolist()
        self.sets = dict(zip(names, zip([0, *ends], ends, strict=False), strict=True))
        self.sets.setdefault("test", self.sets["validation"])
        self.size = ends[-1] + chunk
        self.x, self.y = (self._joined(datasets, names, part, chunk) for part in "xy")
        self.weight: Any = None
        if first.train_weight is not None:
            rest = np.ones(self.size - ends[0], np.float32)
            self.weight = np.concatenate([part for data in datasets for part in (data.train_weight, rest)])

    @staticmethod
    def _joined(datasets: Sequence[Data], names: Sequence[str], part: str, chunk: int) -> Floats:
        width = getattr(datasets[0], f"train_{part}").shape[1]
        rest = np.zeros((chunk, width), np.float32)
        return np.concatenate(
            [array for data in datasets for array in (*(getattr(data, f"{name}_{part}") for name in names), rest)]
        )
