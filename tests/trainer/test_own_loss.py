"""A person's own loss in the trainer: plain Keras's numbers, state, time limits, and what is put back afterwards."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from lossterm.catalog.loss_path import path, places_on_path
from lossterm.config import RunConfig
from lossterm.runs.checkpoints import unpack_arrays, weight_names
from lossterm.runs.loss_files import OwnLossError, read_loss_file
from lossterm.trainer import loss_trial, own_code, own_loss, time_limit
from lossterm.trainer.data import load
from lossterm.trainer.fit import fit
from lossterm.trainer.model import epoch_order

pytestmark = pytest.mark.keras

TEXT = '''\
import keras
import tensorflow as tf
ops = keras.ops


def squared(t, p):
    return ops.mean(ops.square(t - p), axis=-1)


def one_number(t, p):
    return tf.reduce_mean(tf.square(t - p))


def over_batch(t, p):
    """One minus the correlation in the batch: no mean over its rows."""
    t, p = t - ops.mean(t), p - ops.mean(p)
    return 1 - ops.sum(t * p) / (ops.sqrt(ops.sum(t * t) * ops.sum(p * p)) + 1e-6)


class Summed(keras.losses.Loss):
    def __init__(self):
        super().__init__(reduction="sum")

    def call(self, t, p):
        return 0.01 * ops.mean(ops.abs(t - p), axis=-1)


class Fading(keras.losses.Loss):
    """Has a state of its own: each call counts less than the one before."""

    def __init__(self):
        super().__init__()
        self.calls = tf.Variable(0, trainable=False, dtype=tf.int64)

    def call(self, t, p):
        calls = tf.cast(self.calls.assign_add(1), tf.float32)
        return ops.mean(ops.square(t - p), axis=-1) / (1 + 0.1 * calls)


def in_python(t, p):
    """XLA cannot compile it."""
    weight = tf.ensure_shape(tf.numpy_function(lambda value: value * 0 + 1, [ops.mean(t)], tf.float32), [])
    return ops.mean(ops.square(t - p), axis=-1) * weight
'''


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("own") / "losses.py"
    path.write_text(TEXT)
    return path


@pytest.fixture(scope="module")
def own(file: Path, small: Callable[..., RunConfig]) -> Callable[..., RunConfig]:
    """The config of a loss of the file."""

    def build(function: str, dataset: str = "regression", **settings: Any) -> RunConfig:
        return small(f"losses.py:{function}", dataset, loss_file=read_loss_file(file).file, **settings)

    return build


def plain_numbers(config: RunConfig, loss: Any) -> list[tuple[float, float]]:
    """What plain `model.fit` gives on lossterm's order of batches: the training and the test loss of each epoch."""
    data = load(config)
    keras.utils.set_random_seed(config.seed)
    layer = config.output_layer
    model = keras.Sequential(
        [
            keras.layers.Input((data.train_x.shape[1],)),
            *(keras.layers.Dense(units, "relu", kernel_initializer="he_uniform") for units in config.hidden_layers),
            keras.layers.Dense(layer.units, layer.activation),
        ]
    )
    model.compile(keras.optimizers.SGD(config.learning_rate, momentum=config.momentum), loss=loss)
    numbers = []
    for epoch in range(config.epochs):
        order = epoch_order(config.seed, epoch, len(data.train_x)).numpy()
        history = model.fit(
            data.train_x[order],
            data.train_y[order],
            validation_data=(data.test_x, data.test_y),
            batch_size=config.batch_size,
            validation_batch_size=config.batch_size,
            shuffle=False,
            verbose=0,
        ).history
        numbers.append((history["loss"][0], history["val_loss"][0]))
    return numbers


@pytest.mark.parametrize(
    ("function", "dataset"),
    [
        ("squared", "blobs"),
        ("one_number", "circles"),
        ("over_batch", "regression"),
        ("Summed", "regression"),
        ("Fading", "circles"),
        ("in_python", "regression"),
    ],
)
def test_an_own_loss_trains_as_plain_keras_does(
    function: str, dataset: str, own: Callable[..., RunConfig], models: Any, record: Any
) -> None:
    config = own(function, dataset)
    recording = record()
    outcome = fit(config, recording, cache=models)
    assert outcome.status == "finished"
    assert config.loss_file is not None
    plain = plain_numbers(config, own_loss.load(config.loss, config.loss_file).function)
    ours = [(epoch.train_loss, epoch.test_loss) for epoch in recording.epochs]
    np.testing.assert_allclose(ours, plain, rtol=2e-4, atol=1e-6)


@pytest.mark.parametrize("dataset", ["regression", "circles", "blobs"])
def test_an_own_mse_gives_the_weights_of_mse(
    dataset: str, own: Callable[..., RunConfig], small: Callable[..., RunConfig], models: Any, record: Any
) -> None:
    """To rounding: the last, smaller batch of an own loss is a step of its own, and of MSE filled up."""
    outcomes = [fit(config, record(), cache=models) for config in (own("squared", dataset), small("mse", dataset))]
    weights = [unpack_arrays(outcome.final, small("mse", dataset)) for outcome in outcomes]
    for name in weight_names(small("mse", dataset)):
        np.testing.assert_allclose(weights[0][name], weights[1][name], rtol=1e-4, atol=1e-6)


def test_a_run_begins_with_the_state_that_its_loss_is_made_with(
    own: Callable[..., RunConfig], models: Any, record: Any
) -> None:
    config = own("Fading", "circles", seed=3)
    first, second = record(), record()
    whole = fit(config, first, cache=models)
    fit(config, second, cache=models)
    assert first.numbers == second.numbers
    part = record()
    part.verdict, part.after = "stop", 1
    stopped = fit(config, part, cache=models)
    rest = record()
    resumed = fit(config, rest, resume=stopped.final, cache=models)
    assert first.numbers == part.numbers + rest.numbers
    assert resumed.final == whole.final


def test_xla_compiles_what_it_can(own: Callable[..., RunConfig], models: Any, record: Any) -> None:
    for function, compiled in (("squared", True), ("in_python", False)):
        config = own(function)
        fit(config, record(), cache=models)
        assert config.loss_file is not None
        assert loss_trial.uses_xla(config.loss, config.loss_file, config.output_layer) is compiled


@pytest.mark.parametrize("dataset", ["regression", "circles", "blobs"])
def test_the_curve_of_an_own_loss_is_its_value_and_its_slope(dataset: str, own: Callable[..., RunConfig]) -> None:
    config = own("squared", dataset)
    layer = config.output_layer
    assert config.loss_file is not None
    curve = json.loads(loss_trial.tabulate(config.loss, config.loss_file, layer))
    x = places_on_path(layer, len(curve["x"]))
    targets, outputs, direction = path(layer, x)
    np.testing.assert_allclose(curve["x"], x, rtol=1e-6)
    np.testing.assert_allclose(curve["value"], np.mean((targets - outputs) ** 2, axis=-1), rtol=1e-5, atol=1e-6)
    slope = np.sum(2 * (outputs - targets) / layer.units * direction, axis=-1)
    np.testing.assert_allclose(curve["slope"], slope, rtol=1e-5, atol=1e-6)


def try_text(text: str, tmp_path: Path) -> None:
    (tmp_path / "tried.py").write_text(text)
    config = RunConfig.of("tried.py:f", loss_file=read_loss_file(tmp_path / "tried.py").file)
    assert config.loss_file is not None
    targets = np.random.default_rng(1).normal(size=(64, 1)).astype(np.float32)
    loss_trial.try_loss(config.loss, config.loss_file, config.output_layer, targets, 32)


SQUARED = "import keras\ndef f(t, p): return keras.ops.mean(keras.ops.square(t - p), axis=-1)\n"


def test_what_a_file_changes_in_the_process_is_put_back(tmp_path: Path) -> None:
    before = (os.getcwd(), signal.getsignal(signal.SIGTERM), os.environ.get("CUDA_VISIBLE_DEVICES"))
    try_text(
        "import os, signal, sys, tensorflow as tf\nos.chdir('/')\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "os.environ['CUDA_VISIBLE_DEVICES'] = '7'\nsys.path.append('/nowhere')\nprint('hello')\n"
        f"{SQUARED}keras.config.set_floatx('float64')\ntf.config.run_functions_eagerly(True)\n",
        tmp_path,
    )
    assert before == (os.getcwd(), signal.getsignal(signal.SIGTERM), os.environ.get("CUDA_VISIBLE_DEVICES"))
    assert keras.config.floatx() == "float32"
    assert not tf.config.functions_run_eagerly()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("while True:\n    pass\ndef f(t, p): return 1\n", 1),
        ("def f(t, p):\n    import time\n    time.sleep(1000)\n", 3),
        ("import re\nre.match('(a+)+b', 'a' * 60)\ndef f(t, p): return 1\n", 2),
    ],
    ids=["at import", "in the function", "in the library"],
)
def test_code_without_an_end_is_ended(text: str, line: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_code.own_code.__wrapped__, "__defaults__", (0.3,))  # type: ignore[attr-defined]
    began = time.monotonic()
    with pytest.raises(OwnLossError, match=rf"tried\.py, line [12]?{line}: did not end within 0\.3 s"):
        try_text(text, tmp_path)
    assert time.monotonic() - began < 10


def test_code_that_no_exception_ends_is_reported_from_another_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[float] = []
    monkeypatch.setattr(time_limit, "_GRACE_SECONDS", 0.2)
    monkeypatch.setattr(time_limit, "when_stuck", [lambda: calls.append(time.monotonic())])
    began = time.monotonic()
    with time_limit.time_limit(0.2):
        while not calls and time.monotonic() - began < 20:
            try:
                for _ in range(10**6):
                    pass
            except BaseException:
                pass
    assert 0.3 < calls[0] - began < 20
