"""The fused epoch gives plain Keras's own numbers: plain `model.fit` is the oracle, on the same order of rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf

from lossterm.catalog import ACTIVATIONS, pairings
from lossterm.config import RunConfig
from lossterm.runs.checkpoints import unpack_arrays, weight_names
from lossterm.trainer.data import Data, load
from lossterm.trainer.fit import fit
from lossterm.trainer.model import epoch_order
from lossterm.trainer.network import dropout_masks

pytestmark = pytest.mark.keras

OPTIMIZER_SETTINGS: dict[str, dict[str, float]] = {
    "sgd": {"l2": 0.01, "weight_decay": 0.1},
    "adam": {"learning_rate": 0.01},
    "adamw": {"l2": 0.01},
    "rmsprop": {"momentum": 0.5, "weight_decay": 0.01},
    "nadam": {"l2": 0.02},
    "adagrad": {"learning_rate": 0.1},
    "adadelta": {"learning_rate": 1.0},
    "adamax": {"weight_decay": 0.01},
    "lion": {},
    "ftrl": {"learning_rate": 0.05},
}
"""Every optimizer of the catalogue, with settings that it is tried with."""

PAIRS = [
    pytest.param(
        loss.short,
        data.name,
        id=f"{loss.short}-{data.name}",
        marks=() if data.name == loss.default_dataset else pytest.mark.slow,
    )
    for loss, data in pairings()
]
"""Every loss on its own dataset; the whole matrix: pytest -m slow tests/trainer"""

NETWORKS = [
    pytest.param(
        "bce",
        "circles",
        {
            "hidden_layers": (12, 7),
            "samples": 128,
            "epochs": 3,
            "optimizer": optimizer,
            "activation": activation,
            "dropout": 0.3,
            **more,
        },
        id=f"{optimizer}-{activation}",
        marks=() if diagonal else pytest.mark.slow,
    )
    for place, optimizer in enumerate(OPTIMIZER_SETTINGS)
    for number, activation in enumerate(ACTIVATIONS)
    for more in [OPTIMIZER_SETTINGS[optimizer]]
    for diagonal in [place % len(ACTIVATIONS) == number]
]
"""Every optimizer, each on another activation; the whole matrix: pytest -m slow tests/trainer"""

# Plain Keras itself is up to 6e-5 away from the same training in float64 (categorical cross-entropy on blobs,
# whose features reach 10): float32 rounding, amplified over 8 steps.
LOSS: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-6}
WEIGHT: dict[str, Any] = {"rtol": 1e-4, "atol": 5e-6}

Weights = list[npt.NDArray[np.float32]]


def sign_accuracy(y_true: Any, y_pred: Any) -> Any:
    return tf.reduce_mean(tf.cast(tf.equal(y_true > 0, y_pred > 0), tf.float32), axis=-1)


def plain_model(config: RunConfig) -> Any:
    """The tutorial's network in plain Keras, compiled as the tutorial compiles it."""
    keras.utils.set_random_seed(config.seed)
    head = config.output_layer
    metric = {
        "value": "mean_squared_error",
        "above_half": "accuracy",
        "above_zero": sign_accuracy,
        "argmax": "accuracy",
    }[head.decision]
    if config.loss_entry.takes_class_numbers:
        metric = "sparse_categorical_accuracy"
    layers = [keras.layers.Input((config.dataset_entry.features,))]
    for units in config.hidden_layers:
        penalty = keras.regularizers.L2(config.l2) if config.l2 else None
        layers.append(
            keras.layers.Dense(
                units, activation=config.activation, kernel_initializer="he_uniform", kernel_regularizer=penalty
            )
        )
        if config.dropout:
            layers.append(GivenMasks(config, layer=len(layers) // 2 - 1))
    layers.append(keras.layers.Dense(head.units, activation=head.activation))
    model = keras.Sequential(layers)
    model.compile(
        optimizer=plain_optimizer(config),
        loss=getattr(keras.losses, config.loss_entry.keras_class)(**dict(config.loss_parameters)),
        metrics=[metric],
        run_eagerly=config.train_rows < 1000,  # cheaper than tracing for a few steps
    )
    return model


class GivenMasks(keras.layers.Dropout):
    """Keras's dropout with the masks that lossterm draws, for its own are drawn step by step."""

    def __init__(self, config: RunConfig, layer: int):
        super().__init__(config.dropout)
        self._config, self._layer, self._step = config, layer, 0

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training:
            return inputs
        steps = -(-self._config.train_rows // self._config.batch_size)
        shape = (steps, self._config.batch_size, inputs.shape[-1])
        epoch, step = divmod(self._step, steps)
        self._step += 1
        masks = dropout_masks(self._config.seed, self._layer, epoch * steps, shape, self.rate)
        return inputs * tf.cast(masks[step, : len(inputs)], tf.float32) / (1 - self.rate)


def balanced(config: RunConfig, data: Data) -> dict[int, float] | None:
    """Keras's class_weight for a config: rows / (classes * rows of the class)."""
    if config.class_weight == "none":
        return None
    counts = np.bincount(config.output_layer.classes_of(data.train_y))
    return {number: len(data.train_y) / (len(counts) * count) for number, count in enumerate(counts)}


def plain_optimizer(config: RunConfig) -> Any:
    """Keras's own optimizer of a config, made as a person would."""
    more: dict[str, float] = {"learning_rate": config.learning_rate}
    if config.momentum:
        more["momentum"] = config.momentum
    if config.weight_decay:
        more["weight_decay"] = config.weight_decay
    classes = {type_.__name__.lower(): type_ for type_ in vars(keras.optimizers).values() if isinstance(type_, type)}
    return classes[config.optimizer](**more)


def plain_fit(config: RunConfig, data: Data) -> tuple[list[tuple[float, ...]], list[Weights], list[float]]:
    """Train plainly on the orders that lossterm draws: what each epoch gave, its weights, and the final scores."""
    model = plain_model(config)
    train_y, validation_y, test_y = (
        targets.argmax(axis=1) if config.loss_entry.takes_class_numbers else targets
        for targets in (data.train_y, data.validation_y, data.test_y)
    )
    numbers, weights = [], [model.get_weights()]
    for epoch in range(config.epochs):
        order = epoch_order(config.seed, epoch, len(data.train_x)).numpy()
        history = model.fit(
            data.train_x[order],
            train_y[order],
            class_weight=balanced(config, data),
            validation_data=(data.validation_x, validation_y),
            batch_size=config.batch_size,
            shuffle=False,
            epochs=1,
            verbose=0,
        ).history
        metric = next(name for name in history if name not in ("loss", "val_loss") and not name.startswith("val_"))
        numbers.append(tuple(history[name][0] for name in ("loss", metric, "val_loss", f"val_{metric}")))
        weights.append(model.get_weights())
    scores = [
        *model.evaluate(data.train_x, train_y, batch_size=config.batch_size, verbose=0),
        *model.evaluate(data.test_x, test_y, batch_size=config.batch_size, verbose=0),
    ]
    return numbers, weights, scores


@pytest.mark.parametrize(
    ("loss", "dataset", "settings"),
    [
        *(pytest.param(*pair.values, {}, id=pair.id, marks=pair.marks) for pair in PAIRS),
        pytest.param("bce:label_smoothing=0.2", "circles", {}, id="smoothed labels"),
        pytest.param("huber:delta=0.3", "regression", {}, id="another delta"),
        pytest.param("tversky:alpha=2,beta=0.1", "blobs", {"samples": 150, "batch_size": 20}, id="over whole batches"),
        pytest.param("mse", "circles", {}, id="a loss for numbers on two classes"),
        pytest.param("cce", "blobs", {"class_weight": "balanced", "label_noise": 0.3}, id="balanced classes"),
        pytest.param("bce", "classification", {"class_weight": "balanced", "imbalance": 0.6}, id="a rare class"),
        pytest.param("mae", "blobs", {}, id="a loss for numbers on three classes"),
        pytest.param("bce", "circles", {"hidden_layers": (12, 7)}, id="two hidden layers"),
        pytest.param("mse", "regression", {"hidden_layers": ()}, id="no hidden layer"),
        *NETWORKS,
        pytest.param("bce", "circles", {"validation_fraction": 0.25}, id="validation rows"),
    ],
)
def test_every_pairing_trains_as_plain_keras_does(
    loss: str, dataset: str, settings: Any, small: Callable[..., RunConfig], models: Any, record: Any
) -> None:
    config = small(loss, dataset, seed=7, **{"epochs": 3, **settings})
    recording = record()
    outcome = fit(config, recording, cache=models)
    numbers, weights, scores = plain_fit(config, load(config))

    assert outcome.status == "finished"
    assert outcome.scores is not None
    for (_, *fused), plain in zip(recording.numbers, numbers, strict=True):
        np.testing.assert_allclose(fused, plain, **LOSS)
    for checkpoint, plain_weights in zip(recording.checkpoints, weights[1:], strict=True):
        arrays = unpack_arrays(checkpoint, config)
        for name, values in zip(weight_names(config), plain_weights, strict=True):
            np.testing.assert_allclose(arrays[name], values, **WEIGHT, err_msg=name)
    final = outcome.scores
    np.testing.assert_allclose(
        [final.train_loss, final.train_metric, final.test_loss, final.test_metric], scores, **LOSS
    )


@pytest.mark.parametrize(("loss", "dataset", "settings"), NETWORKS)
def test_every_optimizer_goes_on_from_a_checkpoint_with_the_same_bits(
    loss: str, dataset: str, settings: Any, small: Callable[..., RunConfig], models: Any, record: Any
) -> None:
    """With dropout and early stopping."""
    config = small(loss, dataset, seed=7, early_stopping=2, **settings)
    whole = fit(config, record(), cache=models)
    broken = fit(config, record("interrupt", after=1), cache=models)
    resumed = fit(config, record(), resume=broken.final, cache=models)
    assert (resumed.final, resumed.scores) == (whole.final, whole.scores)
    assert broken.final != whole.final


def test_the_tutorials_own_size_trains_as_plain_keras_does(models: Any, record: Any) -> None:
    config = RunConfig.of("bce", epochs=1, device="cpu")
    recording = record()
    fit(config, recording, cache=models)
    numbers, weights, _ = plain_fit(config, load(config))
    np.testing.assert_allclose(recording.numbers[0][1:], numbers[0], **LOSS)
    arrays = unpack_arrays(recording.checkpoints[0], config)
    for name, values in zip(weight_names(config), weights[1], strict=True):
        np.testing.assert_allclose(arrays[name], values, **WEIGHT, err_msg=name)
