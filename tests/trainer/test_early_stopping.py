"""Early stopping ends a run where Keras's callback would, with the same weights, and goes on after a resume."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from lossterm.config import RunConfig
from lossterm.runs.checkpoints import pack_arrays, unpack_arrays, weight_names
from lossterm.runs.snapshots import unpack_weights
from lossterm.trainer.fit import fit

pytestmark = pytest.mark.keras

Small = Callable[..., RunConfig]
BUMPY: dict[str, Any] = {"learning_rate": 0.5, "epochs": 40}
"""Settings with which the test loss goes up and down."""


class Watched:
    """What Keras's callback needs of a model, and what it does to it."""

    def __init__(self) -> None:
        self.weights: list[Any] = []
        self.stop_training = False

    def get_weights(self) -> list[Any]:
        return self.weights

    def set_weights(self, weights: list[Any]) -> None:
        self.weights = weights


@pytest.fixture(scope="module")
def whole(small: Small, models: Any) -> tuple[RunConfig, Any]:
    """A run without early stopping: its config and all that was heard of it."""
    from .conftest import Recording

    config, recording = small("bce", **BUMPY), Recording()
    fit(config, recording, cache=models)
    return config, recording


def keras_stops(config: RunConfig, recording: Any, patience: int) -> tuple[int, list[Any]]:
    """After which epoch Keras's callback stops that run, and the weights that it restores."""
    callback = keras.callbacks.EarlyStopping(
        monitor="val_loss", mode="min", patience=patience, restore_best_weights=True
    )
    model = Watched()
    callback.set_model(model)
    callback.on_train_begin()
    for epoch in recording.epochs:
        model.weights = unpack_weights(recording.snapshots[epoch.epoch], config).arrays
        callback.on_epoch_end(epoch.epoch - 1, {"val_loss": epoch.test_loss})
        if model.stop_training:
            break
    callback.on_train_end()
    return epoch.epoch, model.weights


@pytest.mark.parametrize("patience", [1, 2, 4, 39])
def test_a_run_ends_where_kerass_callback_ends_it_with_the_same_weights(
    patience: int, whole: Any, models: Any, record: Any
) -> None:
    config, curve = whole
    recording = record()
    outcome = fit(config.changed(early_stopping=patience), recording, cache=models)
    stopped, weights = keras_stops(config, curve, patience)
    assert outcome.status == "finished"
    assert patience > 4 or stopped < config.epochs, "the curve goes up now and then"
    assert len(recording.epochs) == outcome.final.epoch == stopped
    assert recording.numbers == curve.numbers[:stopped]
    arrays = unpack_arrays(outcome.final, config)
    for name, expected in zip(weight_names(config), weights, strict=True):
        np.testing.assert_array_equal(arrays[name], expected)
    best = min(recording.epochs, key=lambda epoch: epoch.test_loss)
    assert outcome.scores is not None
    assert (outcome.scores.test_loss, outcome.scores.test_metric) == (best.test_loss, best.test_metric)
    assert unpack_weights(recording.snapshots[stopped], config).arrays[0].tolist() == weights[0].tolist()
    if stopped < config.epochs:
        assert outcome.message == (
            f"stopped early after epoch {stopped} of 40: the validation loss was lowest after epoch {best.epoch}, "
            "whose weights are restored"
        )


@pytest.mark.parametrize("after", [1, 3])
def test_a_resumed_run_stops_at_the_same_epoch_with_the_same_bits(
    after: int, small: Small, models: Any, record: Any
) -> None:
    config = small("bce", early_stopping=4, **BUMPY)
    straight = fit(config, record(), cache=models)
    broken = fit(config, record("interrupt", after), cache=models)
    resumed = fit(config, record(), resume=broken.final, cache=models)
    assert (resumed.final, resumed.scores, resumed.message) == (straight.final, straight.scores, straight.message)


def test_a_run_that_was_interrupted_once_it_was_over_trains_no_further(small: Small, models: Any, record: Any) -> None:
    config = small("bce", early_stopping=2, **BUMPY)
    recording, again = record(), record()
    straight = fit(config, recording, cache=models)
    resumed = fit(config, again, resume=recording.checkpoints[-1], cache=models)
    assert again.epochs == []
    assert (resumed.final, resumed.scores) == (straight.final, straight.scores)


def test_a_checkpoint_with_some_of_the_best_weights_alone_is_refused(small: Small, models: Any, record: Any) -> None:
    config = small("bce", early_stopping=4, **BUMPY)
    broken = fit(config, record("interrupt", 2), cache=models).final
    arrays = unpack_arrays(broken, config)
    del arrays["best_kernel_0"]
    with pytest.raises(ValueError, match="of another network"):
        unpack_arrays(pack_arrays(2, arrays), config)
