"""Early stopping on the validation loss, as Keras's callback does it with `restore_best_weights=True`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..runs.checkpoints import BEST, BEST_EPOCH, BEST_LOSS, names_of_weights
from .network import Floats


class EarlyStopping:
    """The best epoch of a run so far, and the weights after it.

    Attributes:
        best_epoch: The epoch with the lowest validation loss, the first of several; 0 before the first.
        best_weights: The weights after it, in Keras's order; empty where it watches nothing, or before the first.
    """

    def __init__(self, layers: int, patience: int):
        """Watch a run.

        Args:
            layers: of its network, the output layer counted.
            patience: after so many epochs without a lower validation loss it is over; 0 for never.
        """
        self.best_epoch = 0
        self.best_weights: list[Floats] = []
        self._best_loss = math.inf
        self._names = names_of_weights(layers)
        self._patience = patience

    def see(self, epoch: int, test_loss: float, weights: Callable[[], list[Floats]]) -> None:
        """Take an epoch in, and keep the weights after it where its loss is the lowest so far."""
        if self._patience and (not self.best_weights or test_loss < self._best_loss):
            self.best_epoch, self._best_loss = epoch, test_loss
            self.best_weights = weights()

    def is_over(self, epoch: int) -> bool:
        """Whether no epoch should follow `epoch`."""
        return self._patience > 0 and epoch - self.best_epoch >= self._patience

    def words(self, epoch: int, planned: int) -> str:
        """What it did to a run that ended after `epoch` of the `planned` epochs; empty where it did nothing."""
        if not self._patience or epoch == self.best_epoch:
            return ""
        best = f"the validation loss was lowest after epoch {self.best_epoch}, whose weights are restored"
        return f"stopped early after epoch {epoch} of {planned}: {best}" if epoch < planned else best

    def arrays(self) -> dict[str, Any]:
        """What a checkpoint needs of it."""
        if not self.best_weights:
            return {}
        best = {BEST_EPOCH: np.asarray(self.best_epoch), BEST_LOSS: np.asarray(self._best_loss)}
        return best | {f"{BEST}{name}": array for name, array in zip(self._names, self.best_weights, strict=True)}

    def load(self, arrays: Mapping[str, Any]) -> None:
        """Go on from what `arrays` gave."""
        if BEST_EPOCH in arrays:
            self.best_epoch, self._best_loss = int(arrays[BEST_EPOCH]), float(arrays[BEST_LOSS])
            self.best_weights = [arrays[f"{BEST}{name}"] for name in self._names]
