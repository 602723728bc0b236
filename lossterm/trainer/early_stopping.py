"""Early stopping on the validation loss, as Keras's callback does it with `restore_best_weights=True`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..runs.checkpoints import BEST, BEST_EPOCH, BEST_LOSS, names_of_weights
from . import state
from .model import FusedModel
from .network import Floats


class EarlyStopping:
    """The best epoch of a run so far, and the weights after it.

    Attributes:
        best_epoch: The epoch with the lowest validation loss, the first of several; 0 before the first.
    """

    def __init__(self, model: FusedModel, patience: int):
        """Watch a run of `model`.

        Args:
            model: what is trained.
            patience: after so many epochs without a lower validation loss it is over; 0 for never.
        """
        self.best_epoch = 0
        self._best_loss = math.inf
        self._weights: list[Floats] = []
        self._model = model
        self._patience = patience

    def see(self, epoch: int, test_loss: float) -> None:
        """Take an epoch in, and keep the weights after it where its loss is the lowest so far."""
        if self._patience and (not self._weights or test_loss < self._best_loss):
            self.best_epoch, self._best_loss = epoch, test_loss
            self._weights = state.weight_arrays(self._model)

    def is_over(self, epoch: int) -> bool:
        """Whether no epoch should follow `epoch`."""
        return self._patience > 0 and epoch - self.best_epoch >= self._patience

    def restore_best(self) -> None:
        """Give the model the weights after the best epoch, where there is one."""
        for variable, value in zip(self._model.trainable_variables, self._weights, strict=False):
            variable.assign(value)

    def words(self, epoch: int, planned: int) -> str:
        """What it did to a run that ended after `epoch` of the `planned` epochs; empty where it did nothing."""
        if not self._patience or epoch == self.best_epoch:
            return ""
        best = f"the validation loss was lowest after epoch {self.best_epoch}, whose weights are restored"
        return f"stopped early after epoch {epoch} of {planned}: {best}" if epoch < planned else best

    def arrays(self) -> dict[str, Any]:
        """What a checkpoint needs of it."""
        if not self._weights:
            return {}
        best = {BEST_EPOCH: np.asarray(self.best_epoch), BEST_LOSS: np.asarray(self._best_loss)}
        return best | {f"{BEST}{name}": array for name, array in zip(self._names, self._weights, strict=True)}

    def load(self, arrays: Mapping[str, Any]) -> None:
        """Go on from what `arrays` gave."""
        if BEST_EPOCH in arrays:
            self.best_epoch, self._best_loss = int(arrays[BEST_EPOCH]), float(arrays[BEST_LOSS])
            self._weights = [arrays[f"{BEST}{name}"] for name in self._names]

    @property
    def _names(self) -> list[str]:
        return names_of_weights(len(self._model.spec.network.hidden_layers) + 1)
