"""What "the numbers of plain model.fit" means: those of an unseeded program, which is what the tutorial's are."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lossterm.config import RunConfig
from lossterm.trainer.data import load
from lossterm.trainer.fit import fit
from lossterm.trainer.model import epoch_order

pytestmark = pytest.mark.keras

SEEDS = 16
ROWS, EPOCHS = 30, 3

# A process of its own: once anything has seeded Keras in a process, nothing takes that back.
PLAIN = f"""
import json, sys
import keras, numpy as np

def orders():
    seen = []
    class Watched(keras.Model):
        def train_step(self, data):
            seen.extend(int(value) for value in data[0].numpy().ravel())
            return {{"loss": 0.0}}
    model = Watched()
    model.compile(run_eagerly=True)
    rows = np.arange({ROWS}.0).reshape(-1, 1)
    model.fit(rows, rows, batch_size=8, epochs={EPOCHS}, verbose=0)
    return np.reshape(seen, ({EPOCHS}, {ROWS})).tolist()

data = np.load(sys.argv[1])
model = keras.Sequential([
    keras.layers.Input((data["x"].shape[1],)),
    keras.layers.Dense(int(sys.argv[2]), activation="relu", kernel_initializer="he_uniform"),
    keras.layers.Dense(data["y"].shape[1], activation=sys.argv[4]),
])
model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.SGD(learning_rate=0.01, momentum=0.9))
losses = []
for _ in range({SEEDS}):
    kernels = [keras.initializers.HeUniform()(model.layers[0].kernel.shape),
               keras.initializers.GlorotUniform()(model.layers[1].kernel.shape)]
    for layer, kernel in zip(model.layers, kernels):
        layer.kernel.assign(kernel)
        layer.bias.assign(np.zeros(layer.bias.shape))
    for variable in model.optimizer.variables[2:]:
        variable.assign(np.zeros(variable.shape))
    history = model.fit(data["x"], data["y"], batch_size=32, epochs=int(sys.argv[3]), verbose=0).history
    losses.append(history["loss"][-1])
unseeded = orders()
keras.utils.set_random_seed(1)
print(json.dumps({{"losses": losses, "unseeded": unseeded, "seeded": orders()}}))
"""


@pytest.fixture(scope="module")
def config(small: Callable[..., RunConfig]) -> RunConfig:
    return small("bce", "blobs", samples=400, epochs=6)


@pytest.fixture(scope="module")
def plain(config: RunConfig, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What plain Keras gives: the orders of its epochs, seeded and not, and final training losses."""
    data = load(config)
    file: Path = tmp_path_factory.mktemp("plain") / "data.npz"
    np.savez(file, x=data.train_x, y=data.train_y)
    words = [sys.executable, "-c", PLAIN, str(file), str(config.hidden_layers[0]), str(config.epochs)]
    words.append(config.output_layer.activation)
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(found, dict)
    return found


def test_every_epoch_has_every_row_once_in_an_order_of_its_own_unless_keras_is_seeded(plain: dict[str, Any]) -> None:
    ours = [epoch_order(1, epoch, ROWS).numpy().tolist() for epoch in range(EPOCHS)]
    for orders in (ours, plain["unseeded"], plain["seeded"]):
        assert [sorted(order) for order in orders] == [list(range(ROWS))] * EPOCHS
    assert len(set(map(tuple, ours))) == EPOCHS
    assert len(set(map(tuple, plain["unseeded"]))) == EPOCHS
    assert len(set(map(tuple, plain["seeded"]))) == 1, "README says that seeded Keras shuffles every epoch alike"


def test_training_losses_are_distributed_as_those_of_unseeded_keras(
    plain: dict[str, Any], config: RunConfig, models: Any, record: Any
) -> None:
    ours = []
    for seed in range(1, SEEDS + 1):
        recording = record()
        fit(config.changed(seed=seed), recording, cache=models)
        ours.append(recording.epochs[-1].train_loss)
    theirs = plain["losses"]
    error = np.sqrt((np.var(ours, ddof=1) + np.var(theirs, ddof=1)) / SEEDS)
    assert abs(np.mean(ours) - np.mean(theirs)) < 4 * error, f"{np.mean(ours)} against {np.mean(theirs)} ± {error}"
    assert 0.4 < np.std(ours) / np.std(theirs) < 2.5
