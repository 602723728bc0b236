"""Keras's object for a loss of the catalogue."""

from __future__ import annotations

from typing import Any

import keras

from ..catalog import LossParameters, loss_named


def make_loss(name: str, parameters: LossParameters) -> Any:
    """Make the `keras.losses.Loss` of a loss with its parameters, as a plain Keras program makes it."""
    return getattr(keras.losses, loss_named(name).keras_class)(**dict(parameters))


def make_training_loss(name: str, parameters: LossParameters) -> Any:
    """Make the loss that lossterm trains with: `make_loss`, given class numbers where Keras's own takes these."""
    loss = make_loss(name, parameters)
    return OnClassNumbers(loss) if loss_named(name).takes_class_numbers else loss


class OnClassNumbers(keras.losses.Loss):  # type: ignore[misc]
    """A loss of Keras that takes class numbers, (rows,), on the one-hot targets, (rows, classes), that metrics take.

    Args:
        loss: Keras's.
    """

    def __init__(self, loss: Any):
        super().__init__(name=loss.name, reduction=loss.reduction)
        self._loss = loss

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each row."""
        return self._loss.call(keras.ops.argmax(y_true, axis=-1), y_pred)
