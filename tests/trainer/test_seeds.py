"""Over seeds, lossterm's scores are distributed as those of the tutorial's own programs in plain Keras."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from sklearn.datasets import make_blobs, make_circles, make_regression
from sklearn.preprocessing import StandardScaler

from lossterm.config import RunConfig
from lossterm.trainer.fit import fit

pytestmark = pytest.mark.keras

SAMPLES, EPOCHS, SEEDS = 300, 8, range(1, 9)

# Two-sided points for 8 seeds: Student's t at the 0.1% level (7 degrees of freedom), and Fisher's F (7, 7).
T_POINT, F_POINT = 5.41, 20.0


def mse_program() -> tuple[Any, Any, Any]:
    x, y = make_regression(n_samples=SAMPLES, n_features=20, noise=0.1, random_state=1)
    x = StandardScaler().fit_transform(x)
    y = StandardScaler().fit_transform(y.reshape(len(y), 1))[:, 0]
    model = keras.models.Sequential()
    model.add(keras.layers.Input((20,)))
    model.add(keras.layers.Dense(25, activation="relu", kernel_initializer="he_uniform"))
    model.add(keras.layers.Dense(1, activation="linear"))
    return model, x, y


def bce_program() -> tuple[Any, Any, Any]:
    x, y = make_circles(n_samples=SAMPLES, noise=0.1, random_state=1)
    model = keras.models.Sequential()
    model.add(keras.layers.Input((2,)))
    model.add(keras.layers.Dense(50, activation="relu", kernel_initializer="he_uniform"))
    model.add(keras.layers.Dense(1, activation="sigmoid"))
    return model, x, y


def cce_program() -> tuple[Any, Any, Any]:
    x, y = make_blobs(n_samples=SAMPLES, centers=3, n_features=2, cluster_std=2, random_state=2)
    model = keras.models.Sequential()
    model.add(keras.layers.Input((2,)))
    model.add(keras.layers.Dense(50, activation="relu", kernel_initializer="he_uniform"))
    model.add(keras.layers.Dense(3, activation="softmax"))
    return model, x, keras.utils.to_categorical(y)


PROGRAMS = {
    "mse": (mse_program, "mean_squared_error", "mse"),
    "bce": (bce_program, "binary_crossentropy", "accuracy"),
    "cce": (cce_program, "categorical_crossentropy", "accuracy"),
}


def plain_scores(name: str) -> np.ndarray:
    """(seeds, 4): train and test loss and metric. One compiled model, set to each seed's fresh weights."""
    program, loss, metric = PROGRAMS[name]
    compiled, x, y = program()
    optimizer = keras.optimizers.SGD(learning_rate=0.01, momentum=0.9)
    compiled.compile(loss=loss, optimizer=optimizer, metrics=[metric])
    optimizer.build(compiled.trainable_variables)
    half = SAMPLES // 2
    starts, scores = [], []
    for seed in SEEDS:
        keras.utils.set_random_seed(seed)
        starts.append(program()[0].get_weights())
    for start in starts:
        compiled.set_weights(start)
        for momentum in optimizer.momentums:
            momentum.assign(np.zeros(momentum.shape))
        compiled.fit(x[:half], y[:half], epochs=EPOCHS, verbose=0)
        scores.append([*compiled.test_on_batch(x[:half], y[:half]), *compiled.test_on_batch(x[half:], y[half:])])
    return np.array(scores)


def our_scores(name: str, models: Any, record: Any, learning_rate: float = 0.01) -> np.ndarray:
    scores = []
    for seed in SEEDS:
        config = RunConfig.of(
            name,
            samples=SAMPLES,
            train_fraction=0.5,
            epochs=EPOCHS,
            seed=seed,
            learning_rate=learning_rate,
            device="cpu",
        )
        final = fit(config, record(), cache=models).scores
        assert final is not None
        scores.append([final.train_loss, final.train_metric, final.test_loss, final.test_metric])
    return np.array(scores)


def paired_t(ours: np.ndarray, plain: np.ndarray) -> np.ndarray:
    """Seed by seed the weights begin alike, so that only the order of the rows differs."""
    difference = ours - plain
    return np.abs(difference.mean(axis=0)) / (difference.std(axis=0, ddof=1) / np.sqrt(len(SEEDS)))


@pytest.mark.parametrize("name", ["mse", "bce", "cce"])
def test_scores_over_seeds_are_those_of_the_plain_program(name: str, models: Any, record: Any) -> None:
    ours, plain = our_scores(name, models, record), plain_scores(name)
    assert np.all(paired_t(ours, plain) < T_POINT)
    spread = ours.var(axis=0, ddof=1) / plain.var(axis=0, ddof=1)
    assert np.all((spread > 1 / F_POINT) & (spread < F_POINT))
    if name == "mse":  # the test can tell: half the learning rate fails it
        assert paired_t(our_scores(name, models, record, learning_rate=0.005), plain)[0] > T_POINT
